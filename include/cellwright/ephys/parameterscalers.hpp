#pragma once
/// How a parameter's value depends on the place, as `bluepyopt.ephys.parameterscalers`.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/ephys/described.hpp"
#include "cellwright/model/scaler.hpp"
#include "cellwright/morphology/morphology.hpp"
#include "cellwright/morphology/path_distance.hpp"

namespace cellwright::ephys {

/// A number as text that reads back exactly: C's "%.17g" (0.1 gives "0.10000000000000001", 1.0 gives "1").
std::string format_float(double value);

/// Values by the names of their placeholders: "value" is the parameter's own, the others are those it depends on.
using ScaleValues = std::map<std::string, double>;

/// A segment of a cell.
struct Segment {
  const morphology::Morphology& cell;
  morphology::Place place;
};

/// Base of all scalers.
class ParameterScaler : public BaseEPhys {
 public:
  using BaseEPhys::BaseEPhys;
  /// The value at a segment.
  /// @throws ConfigError "ephys-scaler" if a placeholder has no value or the section that distances start at is not
  ///   there; the errors of text::PythonExpression.
  virtual double scale(const ScaleValues& values, const Segment& segment) const = 0;
  double scale(double value, const Segment& segment) const { return scale(ScaleValues{{"value", value}}, segment); }
  /// The scaler as a value of the model, with the present values of its own parameters.
  /// @param placeholders  further placeholders of the distribution: the param_dependencies of the parameter that it
  ///   belongs to, then those of its own parameters that vary, whose present values do not count.
  virtual model::ParameterScaler snapshot(const std::vector<std::string>& placeholders) const = 0;
  /// Whether a model can vary the number of that name.
  virtual bool can_vary(const std::string& attribute) const = 0;
};

struct NrnSegmentLinearScalerArguments {
  double multiplier = 1.0;
  double offset = 0.0;
  static void fields(auto& self, auto&& visit) {
    visit("multiplier", self.multiplier);
    visit("offset", self.offset);
  }
};
/// multiplier * value + offset, everywhere.
class NrnSegmentLinearScaler
    : public NamedRecord<NrnSegmentLinearScaler, ParameterScaler, NrnSegmentLinearScalerArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.parameterscalers.parameterscalers.NrnSegmentLinearScaler";
  using NamedRecord::NamedRecord;
  using ParameterScaler::scale;
  double scale(double value) const { return multiplier * value + offset; }
  double scale(const ScaleValues& values, const Segment& segment) const override;
  model::ParameterScaler snapshot(const std::vector<std::string>& placeholders) const override;
  bool can_vary(const std::string& attribute) const override {
    return attribute == "multiplier" || attribute == "offset";
  }
  /// "1.0 * value + 0.0".
  std::string to_string() const override;
};

/// Base of the scalers that know a distance: a Python expression with {distance}, {value} and further placeholders.
///
/// Each of `dist_param_names` is an attribute without a value at first; set_attribute() (a MetaParameter) gives it one.
class DistanceScaler : public ParameterScaler {
 public:
  using ParameterScaler::ParameterScaler;

  /// The distribution with the present values of its own parameters as Python's str() prints them.
  /// @throws ConfigError "ephys-scaler" if one of them has no value yet, "ephys-argument" without a distribution.
  /// @param varied those that stay placeholders.
  std::string inst_distribution(const std::vector<std::string>& varied = {}) const;
  /// The texts of all placeholders: format_float of the values and the distance.
  virtual std::map<std::string, std::string> scale_dict(const ScaleValues& values, double distance) const;
  /// The text that is evaluated: inst_distribution() with the values of scale_dict() in place of the placeholders.
  /// @throws ConfigError "ephys-scaler" for a placeholder that has no value.
  std::string eval_dist(const ScaleValues& values, double distance) const;
  using ParameterScaler::scale;
  double scale(const ScaleValues& values, const Segment& segment) const override;
  void set_attribute(const std::string& attribute, double value) override;
  /// One of `dist_param_names`.
  bool can_vary(const std::string& attribute) const override;
  /// The value of one of `dist_param_names`; none as long as it was not set.
  std::optional<double> attribute(const std::string& attribute) const;
  /// The distribution.
  std::string to_string() const override;

 protected:
  /// What the classes have in common but for their origins.
  struct Parts {
    const std::optional<std::string>& distribution;
    const std::vector<std::string>& dist_param_names;
    const OrderedMap<double>& dist_param_values;
    std::string ref_section;
    double ref_location;
  };
  virtual Parts parts() const = 0;
  virtual OrderedMap<double>& dist_param_values_to_set() = 0;
  /// @throws ConfigError "ephys-scaler" if the origin is not within 0 to 1 or a name of dist_param_names does not
  /// occur.
  void check() const;
  /// The distribution with the placeholders of the model's scalers, of which `varied` stay.
  text::PythonExpression expression(std::vector<std::string> placeholders,
                                    const std::vector<std::string>& varied) const;
};

struct NrnSegmentSectionDistanceScalerArguments {
  std::optional<std::string> distribution;
  std::vector<std::string> dist_param_names;
  std::string ref_section = "soma[0]";   ///< the first section of the cell whose name contains this
  double ref_location = 0.0;             ///< 0 to 1
  OrderedMap<double> dist_param_values;  ///< those of dist_param_names that have a value already
  static void fields(auto& self, auto&& visit) {
    visit("distribution", self.distribution);
    visit("dist_param_names", self.dist_param_names);
    visit("ref_section", self.ref_section);
    visit("ref_location", self.ref_location);
    visit("dist_param_values", self.dist_param_values);
  }
};
/// Distances from a place on a section.
class NrnSegmentSectionDistanceScaler
    : public NamedRecord<NrnSegmentSectionDistanceScaler, DistanceScaler, NrnSegmentSectionDistanceScalerArguments> {
 public:
  static constexpr const char* python_name =
      "bluepyopt.ephys.parameterscalers.parameterscalers.NrnSegmentSectionDistanceScaler";
  /// @throws ConfigError "ephys-scaler" if ref_location is not within 0 to 1 or a name of dist_param_names does not
  ///   occur in the distribution.
  NrnSegmentSectionDistanceScaler(std::string name, NrnSegmentSectionDistanceScalerArguments arguments,
                                  std::string comment = "");
  model::ParameterScaler snapshot(const std::vector<std::string>& placeholders) const override;

 protected:
  Parts parts() const override;
  OrderedMap<double>& dist_param_values_to_set() override { return dist_param_values; }
};

struct NrnSegmentSomaDistanceScalerArguments {
  std::optional<std::string> distribution;
  std::vector<std::string> dist_param_names;
  double soma_ref_location = 0.5;  ///< place on soma[0], 0 to 1
  OrderedMap<double> dist_param_values;
  static void fields(auto& self, auto&& visit) {
    visit("distribution", self.distribution);
    visit("dist_param_names", self.dist_param_names);
    visit("soma_ref_location", self.soma_ref_location);
    visit("dist_param_values", self.dist_param_values);
  }
};
/// Distances from soma[0].
class NrnSegmentSomaDistanceScaler
    : public NamedRecord<NrnSegmentSomaDistanceScaler, DistanceScaler, NrnSegmentSomaDistanceScalerArguments> {
 public:
  static constexpr const char* python_name =
      "bluepyopt.ephys.parameterscalers.parameterscalers.NrnSegmentSomaDistanceScaler";
  /// @throws ConfigError as NrnSegmentSectionDistanceScaler.
  NrnSegmentSomaDistanceScaler(std::string name, NrnSegmentSomaDistanceScalerArguments arguments,
                               std::string comment = "");
  model::ParameterScaler snapshot(const std::vector<std::string>& placeholders) const override;

 protected:
  Parts parts() const override;
  OrderedMap<double>& dist_param_values_to_set() override { return dist_param_values; }
};

struct NrnSegmentSomaDistanceStepScalerArguments {
  std::optional<std::string> distribution;
  std::vector<std::string> dist_param_names;
  double soma_ref_location = 0.5;
  std::optional<double> step_begin;  ///< um
  std::optional<double> step_end;    ///< um
  OrderedMap<double> dist_param_values;
  static void fields(auto& self, auto&& visit) {
    visit("distribution", self.distribution);
    visit("dist_param_names", self.dist_param_names);
    visit("soma_ref_location", self.soma_ref_location);
    visit("step_begin", self.step_begin);
    visit("step_end", self.step_end);
    visit("dist_param_values", self.dist_param_values);
  }
};
/// The same with the placeholders {step_begin} and {step_end}.
class NrnSegmentSomaDistanceStepScaler
    : public NamedRecord<NrnSegmentSomaDistanceStepScaler, DistanceScaler, NrnSegmentSomaDistanceStepScalerArguments> {
 public:
  static constexpr const char* python_name =
      "bluepyopt.ephys.parameterscalers.parameterscalers.NrnSegmentSomaDistanceStepScaler";
  /// @throws ConfigError as NrnSegmentSectionDistanceScaler.
  NrnSegmentSomaDistanceStepScaler(std::string name, NrnSegmentSomaDistanceStepScalerArguments arguments,
                                   std::string comment = "");
  std::map<std::string, std::string> scale_dict(const ScaleValues& values, double distance) const override;
  /// step_begin and step_end too.
  bool can_vary(const std::string& attribute) const override;
  model::ParameterScaler snapshot(const std::vector<std::string>& placeholders) const override;

 protected:
  Parts parts() const override;
  OrderedMap<double>& dist_param_values_to_set() override { return dist_param_values; }
};

}  // namespace cellwright::ephys
