#pragma once
/// One number that an optimisation may vary.

#include <optional>
#include <string>

namespace cellwright::optimise {

/// The closed interval [lower, upper] in which a parameter may lie.
struct Bounds {
  double lower = 0.0;
  double upper = 0.0;
  bool operator==(const Bounds&) const = default;
};

/// What a Parameter is made of besides its name; every field may be left out.
struct ParameterSettings {
  std::optional<double> value;   ///< default: none
  bool frozen = false;           ///< a frozen parameter keeps its value
  std::optional<Bounds> bounds;  ///< default: any value is allowed
};

/// A named value with optional bounds, as BluePyOpt's `bluepyopt.parameters.Parameter`.
///
/// One deliberate difference: a value that is rejected is not stored (BluePyOpt stores it, then raises).
class Parameter {
 public:
  /// @throws ConfigError "parameter-bounds" if lower > upper, a bound is NaN, or the value lies outside.
  explicit Parameter(std::string name, ParameterSettings settings = {});
  /// Shorthand for a free parameter: `Parameter("gna", 0.05, 0.125)`.
  Parameter(std::string name, double lower, double upper);

  const std::string& name() const { return name_; }
  const std::optional<double>& value() const { return settings_.value; }
  bool frozen() const { return settings_.frozen; }
  const std::optional<Bounds>& bounds() const { return settings_.bounds; }
  std::optional<double> lower_bound() const;
  std::optional<double> upper_bound() const;

  /// @throws ConfigError "parameter-frozen" if frozen, "parameter-bounds" if `value` is NaN or outside of the bounds.
  void set_value(double value);
  /// Sets the value, then freezes. @throws ConfigError as set_value(): a frozen parameter cannot be frozen again.
  void freeze(double value);
  /// The parameter is free again and has no value; an initial value is not restored.
  void unfreeze();
  /// @throws ConfigError "parameter-bounds" if there are bounds and a value that does not lie within them.
  void check_bounds() const;
  /// "gna: value = 0.1" when frozen, otherwise the bounds: "gna: value = [0.05, 0.125]" ("any" without bounds).
  std::string to_string() const;

 private:
  std::string name_;
  ParameterSettings settings_;
};

}  // namespace cellwright::optimise
