#pragma once
/// One parameter that stands for several of equal value.

#include "cellwright/optimise/parameter.hpp"

#include <memory>
#include <string>
#include <vector>

namespace cellwright::optimise {

/// A parameter whose value is always that of all its sub-parameters, as BluePyOpt's
/// `bluepyopt.parameters.MetaListEqualParameter`. Give parameter() to an evaluator and hand its value to set_value().
///
/// As with Parameter, and other than in BluePyOpt, a value that is refused changes nothing anywhere.
class MetaListEqualParameter {
 public:
  /// A value among the settings is given to every sub-parameter.
  /// @throws ConfigError "parameter-sub-parameters" if there is none; else as Parameter, also for sub-parameters.
  MetaListEqualParameter(std::string name, std::vector<std::shared_ptr<Parameter>> sub_parameters,
                         ParameterSettings settings = {});

  const std::string& name() const { return own_.name(); }
  const std::optional<double>& value() const { return own_.value(); }
  bool frozen() const { return own_.frozen(); }
  const std::optional<Bounds>& bounds() const { return own_.bounds(); }
  const std::vector<std::shared_ptr<Parameter>>& sub_parameters() const { return sub_parameters_; }
  /// The parameter itself, without its sub-parameters.
  const Parameter& parameter() const { return own_; }

  /// Sets every sub-parameter in order, then itself.
  /// @throws ConfigError as Parameter::set_value, for itself or a sub-parameter.
  void set_value(double value);
  /// Sets the value, then freezes itself and every sub-parameter. @throws ConfigError as set_value().
  void freeze(double value);
  /// All are free again and have no value.
  void unfreeze();
  /// @throws ConfigError "parameter-bounds" if its value or that of a sub-parameter does not lie within their bounds.
  void check_bounds() const;
  /// "cm (sub_params: cm.soma: value = [0, 1],cm.axon: value = [0, 1]): value = [0, 1]".
  std::string to_string() const;

 private:
  void check(double value) const;

  std::vector<std::shared_ptr<Parameter>> sub_parameters_;
  Parameter own_;
};

}  // namespace cellwright::optimise
