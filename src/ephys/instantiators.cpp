#include "ephys/instantiators.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/ephys/evaluators.hpp"

namespace cellwright::ephys {
namespace {

template <class Class>
constexpr Instantiator row() {
  return {Class::python_name, &Class::from_fields};
}

constexpr std::array instantiators = {
    row<CellEvaluator>(),
    row<CellModel>(),
    row<CompRecording>(),
    row<HocCellModel>(),
    row<HocMorphology>(),
    row<MaxObjective>(),
    row<MetaParameter>(),
    row<NrnCurrentPlayStimulus>(),
    row<NrnFileMorphology>(),
    row<NrnGlobalParameter>(),
    row<NrnMODMechanism>(),
    row<NrnMODPointProcessMechanism>(),
    row<NrnMetaListEqualParameter>(),
    row<NrnNetStimStimulus>(),
    row<NrnPointProcessLocation>(),
    row<NrnPointProcessParameter>(),
    row<NrnRampPulse>(),
    row<NrnRangeParameter>(),
    row<NrnSecSomaDistanceCompLocation>(),
    row<NrnSeclistCompLocation>(),
    row<NrnSeclistLocation>(),
    row<NrnSeclistSecLocation>(),
    row<NrnSectionCompLocation>(),
    row<NrnSectionParameter>(),
    row<NrnSegmentLinearScaler>(),
    row<NrnSegmentSectionDistanceScaler>(),
    row<NrnSegmentSomaDistanceScaler>(),
    row<NrnSegmentSomaDistanceStepScaler>(),
    row<NrnSimulator>(),
    row<NrnSomaDistanceCompLocation>(),
    row<NrnSquarePulse>(),
    row<NrnTrunkSomaDistanceCompLocation>(),
    row<ObjectivesCalculator>(),
    row<SequenceProtocol>(),
    row<SingletonObjective>(),
    row<SingletonWeightObjective>(),
    row<StepProtocol>(),
    row<SweepProtocol>(),
    row<TimeVoltageResponse>(),
    row<WeightedSumObjective>(),
    row<eFELFeature>(),
};

}  // namespace

const Instantiator& find_instantiator(const std::string& class_name) {
  const auto found =
      std::ranges::find_if(instantiators, [&](const Instantiator& i) { return i.class_name == class_name; });
  if (found != instantiators.end()) return *found;
  const std::string near = nearest_name(class_name, serialised_classes());
  throw ConfigError(Diagnostic{.code = "serializer-class",
                               .message = fmt::format("there is no class '{}'", class_name),
                               .fix = near.empty() ? "" : fmt::format("did you mean '{}'?", near)});
}

std::vector<std::string> serialised_classes() {
  std::vector<std::string> names;
  for (const Instantiator& instantiator : instantiators) names.emplace_back(instantiator.class_name);
  return names;
}

bool is_location(const DictMixin& object) { return dynamic_cast<const Location*>(&object) != nullptr; }

}  // namespace cellwright::ephys
