#include "cellwright/ephys/described.hpp"

#include <fmt/format.h>

namespace cellwright::ephys {

void throw_missing_argument(const DictMixin& owner, const std::string& owner_name, const char* argument_name) {
  const std::string who = owner_name.empty() ? "" : fmt::format(" '{}'", owner_name);
  throw ConfigError(Diagnostic{.code = "ephys-argument",
                               .message = fmt::format("{}{} has no {}", owner.short_class_name(), who, argument_name),
                               .fix = fmt::format("give it to the constructor: {{.{} = ...}}", argument_name)});
}

}  // namespace cellwright::ephys
