#include "cellwright/optimise/meta_list_equal_parameter.hpp"

#include "cellwright/base/error.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace cellwright::optimise {

MetaListEqualParameter::MetaListEqualParameter(std::string name, std::vector<std::shared_ptr<Parameter>> sub_parameters,
                                               ParameterSettings settings)
    : sub_parameters_(std::move(sub_parameters)), own_(std::move(name), settings) {
  if (sub_parameters_.empty() || std::ranges::count(sub_parameters_, nullptr) > 0) {
    throw ConfigError(Diagnostic{.code = "parameter-sub-parameters",
                                 .message = fmt::format("parameter '{}' has no sub-parameters", own_.name()),
                                 .fix = "name the parameters that shall have its value"});
  }
  check_bounds();
  if (!settings.value) return;
  for (const std::shared_ptr<Parameter>& sub : sub_parameters_) Parameter(*sub).set_value(*settings.value);
  for (const std::shared_ptr<Parameter>& sub : sub_parameters_) sub->set_value(*settings.value);
}

void MetaListEqualParameter::check(double value) const {
  for (const std::shared_ptr<Parameter>& sub : sub_parameters_) Parameter(*sub).set_value(value);
  Parameter(own_).set_value(value);
}

void MetaListEqualParameter::set_value(double value) {
  check(value);
  for (const std::shared_ptr<Parameter>& sub : sub_parameters_) sub->set_value(value);
  own_.set_value(value);
}

void MetaListEqualParameter::freeze(double value) {
  check(value);
  for (const std::shared_ptr<Parameter>& sub : sub_parameters_) sub->freeze(value);
  own_.freeze(value);
}

void MetaListEqualParameter::unfreeze() {
  for (const std::shared_ptr<Parameter>& sub : sub_parameters_) sub->unfreeze();
  own_.unfreeze();
}

void MetaListEqualParameter::check_bounds() const {
  for (const std::shared_ptr<Parameter>& sub : sub_parameters_) sub->check_bounds();
  own_.check_bounds();
}

std::string MetaListEqualParameter::to_string() const {
  std::string subs;
  for (const std::shared_ptr<Parameter>& sub : sub_parameters_) subs += (subs.empty() ? "" : ",") + sub->to_string();
  const std::string own = own_.to_string();
  return fmt::format("{} (sub_params: {}){}", name(), subs, own.substr(name().size()));
}

}  // namespace cellwright::optimise
