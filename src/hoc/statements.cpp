#include "hoc/statements.hpp"

#include <fmt/format.h>

namespace cellwright::hoc {

void SectionStatements::add(const std::string& list, std::optional<int> index, const std::string& statement) {
  if (!open_ || list != list_ || index != index_) {
    close();
    list_ = list;
    index_ = index;
    open_ = true;
    text_ += index ? fmt::format("i = 0\nforsec {} {{\n  if (i == {}) {{\n", list, *index)
                   : fmt::format("forsec {} {{\n", list);
  }
  text_ += fmt::format("{}{}\n", index ? "    " : "  ", statement);
}

void SectionStatements::add_alone(const std::string& statement) {
  close();
  text_ += statement + "\n";
}

void SectionStatements::close() {
  if (open_ && index_) {
    text_ +=
        fmt::format("  }}\n  i += 1\n}}\nif (i <= {0}) execerror(\"{1}\", \"has no section {0}\")\n", *index_, list_);
  } else if (open_) {
    text_ += "}\n";
  }
  open_ = false;
}

std::string SectionStatements::text() {
  close();
  return text_;
}

}  // namespace cellwright::hoc
