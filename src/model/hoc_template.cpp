#include "cellwright/model/hoc_template.hpp"

#include <sstream>

namespace cellwright::model {

std::string find_template_name(const std::string& text, const SourceSpan& span) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("begintemplate") == std::string::npos) continue;
    std::istringstream words(line);
    std::string first, name;
    words >> first >> name;
    if (first == "begintemplate" && !name.empty()) return name;
    throw ConfigError(
        Diagnostic{.code = "hoc-template-name",
                   .message = "the first line with 'begintemplate' does not begin with it: '" + line + "'",
                   .span = span,
                   .fix = "write 'begintemplate NAME' on a line of its own, or give 'template'"});
  }
  throw ConfigError(Diagnostic{.code = "hoc-template-name",
                               .message = "the hoc text has no 'begintemplate'",
                               .span = span,
                               .fix = "give the hoc text of a cell template"});
}

}  // namespace cellwright::model
