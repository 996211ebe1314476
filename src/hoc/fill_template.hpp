#pragma once
/// Placeholders `{{name}}` in a text.

#include <map>
#include <string>
#include <string_view>

namespace cellwright::hoc {

/// Puts the values in place of the placeholders; blanks inside the braces do not matter. The lines of a value get the
/// indentation of the line in which it stands, and a line that holds nothing but a placeholder of an empty value goes.
/// @param file  where the text is from, for messages.
/// @throws ConfigError "hoc-template" with every unknown or unfinished placeholder.
std::string fill_template(std::string_view text, const std::map<std::string, std::string>& values,
                          const std::string& file);

}  // namespace cellwright::hoc
