#include "hoc/fill_template.hpp"

#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cellwright/base/error.hpp"

namespace cellwright::hoc {
namespace {

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

/// Text of several lines, each after the first with `indentation` in front.
std::string indented(std::string_view value, std::string_view indentation) {
  while (value.ends_with('\n')) value.remove_suffix(1);
  std::string result;
  for (std::size_t k = 0; k < value.size(); ++k) {
    result += value[k];
    const bool line_follows = value[k] == '\n' && value[k + 1] != '\n';
    if (line_follows) result += indentation;
  }
  return result;
}

class TemplateFiller {
 public:
  TemplateFiller(const std::map<std::string, std::string>& values, const std::string& file)
      : values_(values), file_(file) {}

  std::string fill(std::string_view text) {
    std::string result;
    for (int number = 1; !text.empty(); ++number) {
      const std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
      if (const auto line = fill_line(text.substr(0, length), number)) result += *line;
      text.remove_prefix(length);
    }
    problems_.throw_if_errors<ConfigError>();
    return result;
  }

 private:
  void problem(std::string message, std::string fix, int line, std::size_t column) {
    problems_.add({.code = "hoc-template",
                   .message = std::move(message),
                   .span = {.file = file_, .line = line, .column = static_cast<int>(column) + 1},
                   .fix = std::move(fix)});
  }

  /// The value of the placeholder, "" after a problem.
  std::string value_of(const std::string& name, int line, std::size_t column) {
    const auto found = values_.find(name);
    if (found != values_.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [known, value] : values_) names.push_back(known);
    const std::string nearest = nearest_name(name, names);
    problem(fmt::format("unknown placeholder '{{{{{}}}}}'", name),
            nearest.empty() ? fmt::format("the placeholders are: {}", fmt::join(names, ", "))
                            : fmt::format("did you mean '{{{{{}}}}}'?", nearest),
            line, column);
    return "";
  }

  /// Nothing if the line held nothing but empty placeholders.
  std::optional<std::string> fill_line(std::string_view line, int number) {
    const std::string_view indentation = line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
    std::string result;
    bool any = false;
    std::size_t at = 0;
    for (std::size_t open = line.find("{{"); open != std::string_view::npos; open = line.find("{{", at)) {
      const std::size_t close = line.find("}}", open);
      if (close == std::string_view::npos) {
        problem("'{{' without '}}' on the same line", "write {{name}}", number, open);
        break;
      }
      result += line.substr(at, open - at);
      result += indented(value_of(trimmed(line.substr(open + 2, close - open - 2)), number, open), indentation);
      at = close + 2;
      any = true;
    }
    result += line.substr(at);
    if (any && result.find_first_not_of(" \t\r\n") == std::string::npos) return std::nullopt;
    return result;
  }

  const std::map<std::string, std::string>& values_;
  const std::string& file_;
  DiagnosticList problems_;
};

}  // namespace

std::string fill_template(std::string_view text, const std::map<std::string, std::string>& values,
                          const std::string& file) {
  return TemplateFiller(values, file).fill(text);
}

}  // namespace cellwright::hoc
