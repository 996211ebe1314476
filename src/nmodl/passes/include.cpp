/// INCLUDE "units.inc" -> the items of that file, which is looked for beside the including mod file.

#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "nmodl/passes/pass.hpp"
#include "nmodl/syntax/parser.hpp"

namespace cellwright::nmodl {
namespace {

constexpr int max_depth = 10;
constexpr std::size_t max_files = 100;

class Includer {
 public:
  explicit Includer(PassContext& context) : context_(context) {}

  void expand(std::vector<Item>& items, int depth) {
    std::vector<Item> result;
    for (Item& item : items) {
      const auto* include = std::get_if<Include>(&item.node);
      if (include == nullptr) {
        result.push_back(std::move(item));
        continue;
      }
      std::vector<Item> included = read(*include, item.place, depth);
      expand(included, depth + 1);
      for (Item& inner : included) result.push_back(std::move(inner));
    }
    items = std::move(result);
  }

 private:
  std::vector<Item> read(const Include& include, const Place& place, int depth) {
    if (depth >= max_depth || context_.module.files.size() >= max_files) {
      context_.reporter.error("nmodl-include", place, fmt::format("INCLUDEs are nested more than {} deep", max_depth),
                              "look for a file that includes itself");
      return {};
    }
    const std::filesystem::path path = context_.folder / include.path;
    std::string text;
    try {
      text = read_file(path);
    } catch (const Error&) {
      context_.reporter.error("nmodl-include", place, fmt::format("cannot read the file '{}'", path.string()),
                              "give its path relative to this file");
      return {};
    }
    const int file = static_cast<int>(context_.module.files.size());
    context_.module.files.push_back(path.string());
    context_.module.texts.push_back(text);
    // The tokens refer to the text while parsing only.
    return Parser(text, file, context_.reporter).parse_items();
  }

  PassContext& context_;
};

}  // namespace

void include_pass(PassContext& context) { Includer(context).expand(context.module.items, 0); }

}  // namespace cellwright::nmodl
