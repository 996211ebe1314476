#include "cellwright/ephys/parameters.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "ephys/text_of.hpp"

namespace cellwright::ephys {
namespace {

template <class Arguments>
optimise::ParameterSettings settings_of(const Arguments& arguments) {
  return {.value = arguments.value, .frozen = arguments.frozen, .bounds = arguments.bounds};
}

}  // namespace

NrnParameter::NrnParameter(std::string name, const optimise::ParameterSettings& settings,
                           std::vector<std::string> param_dependencies)
    : own_(std::move(name), settings), param_dependencies_(std::move(param_dependencies)) {}

void NrnParameter::check_value(double value) const { optimise::Parameter(own_).set_value(value); }

void NrnParameter::set_value(double value) { own_.set_value(value); }

void NrnParameter::freeze(double value) {
  set_value(value);
  freeze_own(value);
}

void NrnParameter::unfreeze() { own_.unfreeze(); }

model::CellParameter NrnParameter::snapshot_value(bool free) const {
  model::CellParameter result{.name = name(), .param_dependencies = param_dependencies_};
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (free) {
    const optimise::Bounds range = bounds().value_or(optimise::Bounds{-infinity, infinity});
    result.bounds = {range.lower, range.upper};
  } else if (value()) {
    result.value = value();
  } else {
    throw ConfigError(Diagnostic{.code = "ephys-parameter",
                                 .message = fmt::format("parameter '{}' has no value", name()),
                                 .fix = "freeze it, or give a value for it to the protocol or the evaluator"});
  }
  return result;
}

std::string NrnParameter::value_text() const { return frozen() ? text_of(value()) : text_of(bounds()); }

std::string NrnParameter::to_string() const { return own_.to_string(); }

NrnGlobalParameter::NrnGlobalParameter(std::string name, NrnGlobalParameterArguments given)
    : Described(std::move(name), settings_of(given), std::move(given.param_dependencies)),
      param_name(std::move(given.param_name)) {}

NrnGlobalParameterArguments NrnGlobalParameter::arguments() const {
  return {.value = value(),
          .frozen = frozen(),
          .bounds = bounds(),
          .param_name = param_name,
          .param_dependencies = param_dependencies()};
}

void NrnGlobalParameter::add_to(model::CellModel& cell, bool free) const {
  model::CellParameter result = snapshot_value(free);
  result.kind = model::ParameterKind::global;
  result.param_name = required(param_name, *this, name(), "param_name");
  cell.parameters.push_back(std::move(result));
}

std::string NrnGlobalParameter::to_string() const {
  return fmt::format("{}: {} = {}", name(), text_of(param_name), value_text());
}

NrnScaledParameter::NrnScaledParameter(std::string name, NrnScaledParameterArguments given)
    : NrnParameter(std::move(name), settings_of(given), std::move(given.param_dependencies)),
      param_name(std::move(given.param_name)),
      value_scaler(std::move(given.value_scaler)),
      locations(std::move(given.locations)) {}

NrnScaledParameterArguments NrnScaledParameter::arguments() const {
  return {.value = value(),
          .frozen = frozen(),
          .bounds = bounds(),
          .param_name = param_name,
          .value_scaler = value_scaler,
          .locations = locations,
          .param_dependencies = param_dependencies()};
}

model::CellParameter NrnScaledParameter::snapshot_as(model::ParameterKind kind, bool free) const {
  model::CellParameter result = snapshot_value(free);
  result.kind = kind;
  result.param_name = required(param_name, *this, name(), "param_name");
  for (const auto& location : locations)
    result.locations.push_back(location_as<model::ParameterLocation>(location, fmt::format("parameter '{}'", name())));
  if (value_scaler) result.value_scaler = value_scaler->snapshot(param_dependencies());
  return result;
}

std::string NrnScaledParameter::to_string() const {
  return fmt::format("{}: {} {} = {}", name(), list_text(locations), text_of(param_name), value_text());
}

void NrnSectionParameter::add_to(model::CellModel& cell, bool free) const {
  if (value_scaler && !std::dynamic_pointer_cast<NrnSegmentLinearScaler>(value_scaler)) {
    throw ConfigError(
        Diagnostic{.code = "ephys-parameter",
                   .message = fmt::format("parameter '{}' sets whole sections, which have no distance for "
                                          "a {}",
                                          name(), value_scaler->short_class_name()),
                   .fix = "make it a NrnRangeParameter"});
  }
  cell.parameters.push_back(snapshot_as(model::ParameterKind::section, free));
}

void NrnRangeParameter::add_to(model::CellModel& cell, bool free) const {
  cell.parameters.push_back(snapshot_as(model::ParameterKind::range, free));
}

NrnPointProcessParameter::NrnPointProcessParameter(std::string name, NrnPointProcessParameterArguments given)
    : Described(std::move(name), settings_of(given), std::move(given.param_dependencies)),
      param_name(std::move(given.param_name)),
      locations(std::move(given.locations)) {}

NrnPointProcessParameterArguments NrnPointProcessParameter::arguments() const {
  return {.value = value(),
          .frozen = frozen(),
          .bounds = bounds(),
          .locations = locations,
          .param_name = param_name,
          .param_dependencies = param_dependencies()};
}

void NrnPointProcessParameter::add_to(model::CellModel& cell, bool free) const {
  model::CellParameter result = snapshot_value(free);
  result.kind = model::ParameterKind::point_process;
  result.param_name = required(param_name, *this, name(), "param_name");
  for (const auto& location : locations)
    result.locations.push_back(location_as<model::ParameterLocation>(location, fmt::format("parameter '{}'", name())));
  cell.parameters.push_back(std::move(result));
}

std::string NrnPointProcessParameter::to_string() const {
  return fmt::format("{}: {} = {}", name(), text_of(param_name), value_text());
}

MetaParameter::MetaParameter(std::string name, MetaParameterArguments given)
    : Described(std::move(name), settings_of(given), std::move(given.param_dependencies)), obj_(std::move(given.obj)) {
  if (!obj_) throw_missing_argument(*this, this->name(), "obj");
  attr_name_ = required(given.attr_name, *this, this->name(), "attr_name");
  if (value()) obj_->set_attribute(attr_name_, *value());
}

MetaParameterArguments MetaParameter::arguments() const {
  return {.obj = obj_,
          .attr_name = attr_name_,
          .value = value(),
          .frozen = frozen(),
          .bounds = bounds(),
          .param_dependencies = param_dependencies()};
}

void MetaParameter::set_value(double value) {
  NrnParameter::set_value(value);
  obj_->set_attribute(attr_name_, value);
}

void MetaParameter::add_to(model::CellModel& /*cell*/, bool free) const {
  if (!free) snapshot_value(false);  // throws without a value
}
model::CellParameter MetaParameter::snapshot(model::MetaTarget target) const {
  model::CellParameter result = snapshot_value(true);
  result.kind = model::ParameterKind::meta;
  result.object = std::move(target);
  result.attr_name = attr_name_;
  return result;
}

std::string MetaParameter::to_string() const {
  const auto* named = dynamic_cast<const BaseEPhys*>(obj_.get());
  return fmt::format("{}: {}.{} = {}", name(), named == nullptr ? obj_->short_class_name() : named->name, attr_name_,
                     text_of(value()));
}

NrnMetaListEqualParameter::NrnMetaListEqualParameter(std::string name, NrnMetaListEqualParameterArguments given)
    : Described(std::move(name), settings_of(given)), sub_parameters_(std::move(given.sub_parameters)) {
  if (sub_parameters_.empty() || std::ranges::count(sub_parameters_, nullptr) > 0) {
    throw ConfigError(Diagnostic{.code = "parameter-sub-parameters",
                                 .message = fmt::format("parameter '{}' has no sub-parameters", this->name()),
                                 .fix = "name the parameters that shall have its value"});
  }
  if (!value()) return;
  std::vector<std::shared_ptr<NrnParameter>> others;  // those that are frozen at the same value stay as they are
  for (const auto& sub : sub_parameters_) {
    if (!sub->frozen() || sub->value() != value()) others.push_back(sub);
  }
  for (const auto& sub : others) sub->check_value(*value());
  for (const auto& sub : others) sub->set_value(*value());
}

NrnMetaListEqualParameterArguments NrnMetaListEqualParameter::arguments() const {
  return {.value = value(), .frozen = frozen(), .bounds = bounds(), .sub_parameters = sub_parameters_};
}

void NrnMetaListEqualParameter::check_value(double value) const {
  for (const auto& sub : sub_parameters_) sub->check_value(value);
  NrnParameter::check_value(value);
}

void NrnMetaListEqualParameter::set_value(double value) {
  NrnMetaListEqualParameter::check_value(value);
  for (const auto& sub : sub_parameters_) sub->set_value(value);
  NrnParameter::set_value(value);
}

void NrnMetaListEqualParameter::freeze(double value) {
  NrnMetaListEqualParameter::check_value(value);
  for (const auto& sub : sub_parameters_) sub->freeze(value);
  freeze_own(value);
}

void NrnMetaListEqualParameter::unfreeze() {
  for (const auto& sub : sub_parameters_) sub->unfreeze();
  NrnParameter::unfreeze();
}

void NrnMetaListEqualParameter::check_bounds() const {
  for (const auto& sub : sub_parameters_) sub->check_bounds();
  NrnParameter::check_bounds();
}

void NrnMetaListEqualParameter::add_to(model::CellModel& cell, bool free) const {
  if (!free) {
    snapshot_value(false);  // throws without a value
    for (const auto& sub : sub_parameters_) sub->add_to(cell, false);
    return;
  }
  model::CellParameter result = snapshot_value(true);
  result.kind = model::ParameterKind::meta_list_equal;
  model::CellModel subs;
  for (const auto& sub : sub_parameters_) sub->add_to(subs, true);
  result.sub_parameters = std::move(subs.parameters);
  cell.parameters.push_back(std::move(result));
}

double NrnMetaListEqualParameter::probe_value() const {
  double largest = NrnParameter::probe_value();
  for (const auto& sub : sub_parameters_) largest = std::max(largest, sub->probe_value());
  return largest;
}

std::string NrnMetaListEqualParameter::to_string() const {
  std::string subs;
  for (const auto& sub : sub_parameters_) subs += (subs.empty() ? "" : ",") + sub->to_string();
  return fmt::format("{} (sub_params: {}): value = {}", name(), subs, value_text());
}

}  // namespace cellwright::ephys
