#include "cellwright/model/scaler.hpp"

namespace cellwright::model {

std::vector<std::string> NrnSegmentSomaDistanceScaler::placeholders(
    const std::vector<std::string>& param_dependencies) {
  std::vector<std::string> names = {"distance", "value"};
  names.insert(names.end(), param_dependencies.begin(), param_dependencies.end());
  return names;
}

std::vector<std::string> NrnSegmentSomaDistanceStepScaler::placeholders(
    const std::vector<std::string>& param_dependencies) {
  std::vector<std::string> names = NrnSegmentSomaDistanceScaler::placeholders(param_dependencies);
  names.insert(names.end(), {"step_begin", "step_end"});
  return names;
}

}  // namespace cellwright::model
