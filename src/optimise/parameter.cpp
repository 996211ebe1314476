#include "cellwright/optimise/parameter.hpp"

#include "cellwright/base/error.hpp"

#include <cmath>

#include <fmt/format.h>

namespace cellwright::optimise {
namespace {

std::string text_of(const Bounds& bounds) { return fmt::format("[{}, {}]", bounds.lower, bounds.upper); }

void check_interval(const std::string& name, const Bounds& bounds) {
  if (std::isnan(bounds.lower) || std::isnan(bounds.upper)) {
    throw ConfigError(Diagnostic{
        .code = "parameter-bounds",
        .message = fmt::format("parameter '{}' has bounds {}: a bound is not a number", name, text_of(bounds))});
  }
  if (bounds.lower > bounds.upper) {
    throw ConfigError(
        Diagnostic{.code = "parameter-bounds",
                   .message = fmt::format("parameter '{}' has the lower bound {} above the upper bound {}", name,
                                          bounds.lower, bounds.upper),
                   .fix = "write the smaller bound first"});
  }
}

void check_value(const std::string& name, double value, const std::optional<Bounds>& bounds) {
  if (!bounds || (bounds->lower <= value && value <= bounds->upper)) return;
  throw ConfigError(Diagnostic{
      .code = "parameter-bounds",
      .message = fmt::format("parameter '{}' has value {} outside of its bounds {}", name, value, text_of(*bounds))});
}

}  // namespace

Parameter::Parameter(std::string name, ParameterSettings settings) : name_(std::move(name)), settings_(settings) {
  if (settings_.bounds) check_interval(name_, *settings_.bounds);
  check_bounds();
}

Parameter::Parameter(std::string name, double lower, double upper)
    : Parameter(std::move(name), ParameterSettings{.bounds = Bounds{lower, upper}}) {}

std::optional<double> Parameter::lower_bound() const {
  return settings_.bounds ? std::optional(settings_.bounds->lower) : std::nullopt;
}

std::optional<double> Parameter::upper_bound() const {
  return settings_.bounds ? std::optional(settings_.bounds->upper) : std::nullopt;
}

void Parameter::set_value(double value) {
  if (frozen()) {
    throw ConfigError(
        Diagnostic{.code = "parameter-frozen",
                   .message = fmt::format("parameter '{}' is frozen at {}, its value cannot change", name_,
                                          settings_.value ? fmt::format("{}", *settings_.value) : "no value"),
                   .fix = "unfreeze it first"});
  }
  check_value(name_, value, settings_.bounds);
  settings_.value = value;
}

void Parameter::freeze(double value) {
  set_value(value);
  settings_.frozen = true;
}

void Parameter::unfreeze() {
  settings_.value.reset();
  settings_.frozen = false;
}

void Parameter::check_bounds() const {
  if (settings_.value) check_value(name_, *settings_.value, settings_.bounds);
}

std::string Parameter::to_string() const {
  if (frozen())
    return fmt::format("{}: value = {}", name_, settings_.value ? fmt::format("{}", *settings_.value) : "none");
  return fmt::format("{}: value = {}", name_, settings_.bounds ? text_of(*settings_.bounds) : "any");
}

}  // namespace cellwright::optimise
