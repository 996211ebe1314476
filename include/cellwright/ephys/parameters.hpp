#pragma once
/// Parameters of a cell model, as `bluepyopt.ephys.parameters`: live objects that can be frozen and freed.
///
/// As with optimise::Parameter, and other than in BluePyOpt, a value that is refused changes nothing.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/ephys/locations.hpp"
#include "cellwright/ephys/parameterscalers.hpp"
#include "cellwright/model/cell_model.hpp"
#include "cellwright/optimise/parameter.hpp"

namespace cellwright::ephys {

/// Base of all parameters of cell models.
class NrnParameter : public DictMixin {
 public:
  /// @throws ConfigError as optimise::Parameter.
  NrnParameter(std::string name, const optimise::ParameterSettings& settings,
               std::vector<std::string> param_dependencies = {});

  const std::string& name() const { return own_.name(); }
  const std::optional<double>& value() const { return own_.value(); }
  bool frozen() const { return own_.frozen(); }
  const std::optional<optimise::Bounds>& bounds() const { return own_.bounds(); }
  std::optional<double> lower_bound() const { return own_.lower_bound(); }
  std::optional<double> upper_bound() const { return own_.upper_bound(); }
  /// Names of the parameters whose values the scaler reads.
  const std::vector<std::string>& param_dependencies() const { return param_dependencies_; }
  /// The parameter without what it does to a cell.
  const optimise::Parameter& parameter() const { return own_; }

  /// @throws ConfigError "parameter-frozen", "parameter-bounds".
  virtual void set_value(double value);
  /// Sets the value, then freezes. @throws ConfigError as set_value(): a frozen parameter cannot be frozen again.
  virtual void freeze(double value);
  /// The parameter is free again and has no value.
  virtual void unfreeze();
  /// @throws ConfigError "parameter-bounds" if there are bounds and a value that does not lie within them.
  virtual void check_bounds() const { own_.check_bounds(); }
  /// Some value that set_value() takes: the lower bound, or 0 without bounds.
  virtual double probe_value() const { return lower_bound().value_or(0.0); }
  /// Whether set_value() would take it. @throws ConfigError as set_value().
  virtual void check_value(double value) const;

  /// Adds the parameter to a model: free (with its bounds, or without limits), or with its present value.
  /// @throws ConfigError "ephys-parameter" if it is not free and has no value; "ephys-argument", "ephys-location".
  virtual void add_to(model::CellModel& cell, bool free) const = 0;
  virtual std::string to_string() const;

 protected:
  /// Sets the value and freezes, no more.
  void freeze_own(double value) { own_.freeze(value); }
  /// The name, and the value or the bounds.
  model::CellParameter snapshot_value(bool free) const;
  /// The value when frozen, else the bounds: "0.1", "[0.0, 1.0]", "None".
  std::string value_text() const;

 private:
  optimise::Parameter own_;
  std::vector<std::string> param_dependencies_;
};

struct NrnGlobalParameterArguments {
  std::optional<double> value;
  bool frozen = false;
  std::optional<optimise::Bounds> bounds;
  std::optional<std::string> param_name;  ///< celsius, v_init, or a GLOBAL of a mechanism: "name_SUFFIX"
  std::vector<std::string> param_dependencies;
  static void fields(auto& self, auto&& visit) {
    visit("value", self.value);
    visit("frozen", self.frozen);
    visit("bounds", self.bounds);
    visit("param_name", self.param_name);
    visit("param_dependencies", self.param_dependencies);
  }
};
/// A variable that the whole simulation shares.
class NrnGlobalParameter : public Described<NrnGlobalParameter, NrnParameter, NrnGlobalParameterArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.parameters.NrnGlobalParameter";
  explicit NrnGlobalParameter(std::string name, NrnGlobalParameterArguments arguments = {});
  NrnGlobalParameterArguments arguments() const;
  void add_to(model::CellModel& cell, bool free) const override;
  std::string to_string() const override;

  std::optional<std::string> param_name;
};

/// The arguments of NrnSectionParameter and NrnRangeParameter.
struct NrnScaledParameterArguments {
  std::optional<double> value;
  bool frozen = false;
  std::optional<optimise::Bounds> bounds;
  std::optional<std::string> param_name;          ///< NEURON's variable: "gnabar_hh", "Ra"
  std::shared_ptr<ParameterScaler> value_scaler;  ///< none: the value itself (NrnSegmentLinearScaler)
  std::vector<std::shared_ptr<Location>> locations;
  std::vector<std::string> param_dependencies;
  static void fields(auto& self, auto&& visit) {
    visit("value", self.value);
    visit("frozen", self.frozen);
    visit("bounds", self.bounds);
    visit("param_name", self.param_name);
    visit("value_scaler", self.value_scaler);
    visit("locations", self.locations);
    visit("param_dependencies", self.param_dependencies);
  }
};
using NrnSectionParameterArguments = NrnScaledParameterArguments;
using NrnRangeParameterArguments = NrnScaledParameterArguments;

/// What NrnSectionParameter and NrnRangeParameter have in common.
class NrnScaledParameter : public NrnParameter {
 public:
  NrnScaledParameter(std::string name, NrnScaledParameterArguments arguments);
  NrnScaledParameterArguments arguments() const;
  std::string to_string() const override;

  std::optional<std::string> param_name;
  std::shared_ptr<ParameterScaler> value_scaler;
  std::vector<std::shared_ptr<Location>> locations;

 protected:
  model::CellParameter snapshot_as(model::ParameterKind kind, bool free) const;
};

/// A variable of whole sections.
class NrnSectionParameter : public Described<NrnSectionParameter, NrnScaledParameter, NrnSectionParameterArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.parameters.NrnSectionParameter";
  explicit NrnSectionParameter(std::string name, NrnSectionParameterArguments arguments = {})
      : Described(std::move(name), std::move(arguments)) {}
  /// @throws ConfigError "ephys-parameter" too if its scaler needs a distance, which a section does not have.
  void add_to(model::CellModel& cell, bool free) const override;
};

/// A range variable in every segment.
class NrnRangeParameter : public Described<NrnRangeParameter, NrnScaledParameter, NrnRangeParameterArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.parameters.NrnRangeParameter";
  explicit NrnRangeParameter(std::string name, NrnRangeParameterArguments arguments = {})
      : Described(std::move(name), std::move(arguments)) {}
  void add_to(model::CellModel& cell, bool free) const override;
};

struct NrnPointProcessParameterArguments {
  std::optional<double> value;
  bool frozen = false;
  std::optional<optimise::Bounds> bounds;
  std::vector<std::shared_ptr<Location>> locations;  ///< NrnPointProcessLocation
  std::optional<std::string> param_name;
  std::vector<std::string> param_dependencies;
  static void fields(auto& self, auto&& visit) {
    visit("value", self.value);
    visit("frozen", self.frozen);
    visit("bounds", self.bounds);
    visit("locations", self.locations);
    visit("param_name", self.param_name);
    visit("param_dependencies", self.param_dependencies);
  }
};
/// A variable of point processes.
class NrnPointProcessParameter
    : public Described<NrnPointProcessParameter, NrnParameter, NrnPointProcessParameterArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.parameters.NrnPointProcessParameter";
  explicit NrnPointProcessParameter(std::string name, NrnPointProcessParameterArguments arguments = {});
  NrnPointProcessParameterArguments arguments() const;
  void add_to(model::CellModel& cell, bool free) const override;
  std::string to_string() const override;

  std::optional<std::string> param_name;
  std::vector<std::shared_ptr<Location>> locations;
};

struct MetaParameterArguments {
  std::shared_ptr<DictMixin> obj;  ///< a scaler, stimulus, feature or any other object of the API
  std::optional<std::string> attr_name;
  std::optional<double> value;
  bool frozen = false;
  std::optional<optimise::Bounds> bounds;
  std::vector<std::string> param_dependencies;
  static void fields(auto& self, auto&& visit) {
    visit("obj", self.obj);
    visit("attr_name", self.attr_name);
    visit("value", self.value);
    visit("frozen", self.frozen);
    visit("bounds", self.bounds);
    visit("param_dependencies", self.param_dependencies);
  }
};
/// A parameter whose value is that of an attribute of another object, which is set whenever the value is. Freeing the
/// parameter leaves the attribute as it is.
/// add_to() adds nothing: the other object has the value, or, while it varies, is not in the cell alone.
class MetaParameter : public Described<MetaParameter, NrnParameter, MetaParameterArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.parameters.MetaParameter";
  /// Sets the attribute at once if there is a value.
  /// @throws ConfigError "ephys-argument" without obj or attr_name, "ephys-attribute" if obj has no such number.
  MetaParameter(std::string name, MetaParameterArguments arguments);
  MetaParameterArguments arguments() const;
  void set_value(double value) override;
  void add_to(model::CellModel& cell, bool free) const override;
  /// The free parameter as a value. @param target what it writes to in the values of the problem.
  model::CellParameter snapshot(model::MetaTarget target) const;
  /// "name: object.attribute = value".
  std::string to_string() const override;

  const std::shared_ptr<DictMixin>& obj() const { return obj_; }
  const std::string& attr_name() const { return attr_name_; }

 private:
  std::shared_ptr<DictMixin> obj_;
  std::string attr_name_;
};

struct NrnMetaListEqualParameterArguments {
  std::optional<double> value;
  bool frozen = false;
  std::optional<optimise::Bounds> bounds;
  std::vector<std::shared_ptr<NrnParameter>> sub_parameters;
  static void fields(auto& self, auto&& visit) {
    visit("value", self.value);
    visit("frozen", self.frozen);
    visit("bounds", self.bounds);
    visit("sub_parameters", self.sub_parameters);
  }
};
/// One parameter that stands for several of equal value (bluepyopt.parameters.MetaListEqualParameter for parameters of
/// cell models).
class NrnMetaListEqualParameter
    : public Described<NrnMetaListEqualParameter, NrnParameter, NrnMetaListEqualParameterArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.parameters.NrnMetaListEqualParameter";
  /// A value is given to every sub-parameter.
  /// @throws ConfigError "parameter-sub-parameters" if there is none; else as NrnParameter, also for sub-parameters.
  NrnMetaListEqualParameter(std::string name, NrnMetaListEqualParameterArguments arguments);
  NrnMetaListEqualParameterArguments arguments() const;
  /// Sets every sub-parameter in order, then itself.
  void set_value(double value) override;
  void freeze(double value) override;
  void unfreeze() override;
  void check_bounds() const override;
  void check_value(double value) const override;
  double probe_value() const override;
  void add_to(model::CellModel& cell, bool free) const override;
  std::string to_string() const override;

  const std::vector<std::shared_ptr<NrnParameter>>& sub_parameters() const { return sub_parameters_; }

 private:
  std::vector<std::shared_ptr<NrnParameter>> sub_parameters_;
};

}  // namespace cellwright::ephys
