#include <gmock/gmock.h>

#include "cellwright/base/error.hpp"
#include "simulate/neuron/model_description.hpp"
#include "simulate/neuron/parameter_plan.hpp"

namespace cellwright::simulate::neuron {
namespace {

using model::CellParameter;
using model::ParameterKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

CellParameter parameter(const std::string& name, ParameterKind kind, std::optional<double> value) {
  CellParameter result{.name = name, .param_name = name, .kind = kind, .value = value};
  if (kind != ParameterKind::global && kind != ParameterKind::meta)
    result.locations = {model::NrnSeclistLocation{"all", "all"}};
  if (!value) result.bounds = {0.0, 10.0};
  return result;
}

std::vector<double> numbers_of(const model::CellModel& cell, std::vector<std::vector<double>> distances,
                               std::vector<double> individual) {
  std::vector<double> numbers;
  ParameterPlan(cell, distances).append(individual, numbers);
  return numbers;
}

TEST(ParameterPlan, GivesOneNumberForEachLocation) {
  model::CellModel cell;
  cell.parameters = {parameter("celsius", ParameterKind::global, 34),
                     parameter("g", ParameterKind::range, std::nullopt)};
  cell.parameters[1].locations.push_back(model::NrnSeclistLocation{"apical", "apical"});
  cell.parameters[1].value_scaler = model::NrnSegmentLinearScaler{2, 1};
  EXPECT_THAT(numbers_of(cell, {}, {4}), ElementsAre(34, 9, 9));
}

TEST(ParameterPlan, GivesOneNumberForEachSegmentWhereTheDistanceCounts) {
  model::CellModel cell;
  cell.parameters = {parameter("a", ParameterKind::range, 3), parameter("g", ParameterKind::range, std::nullopt)};
  cell.parameters[1].param_dependencies = {"a"};
  cell.parameters[1].value_scaler = model::NrnSegmentSomaDistanceScaler{
      text::PythonExpression("{value} * {distance} + {a}", model::NrnSegmentSomaDistanceScaler::placeholders({"a"})),
      0.5};
  EXPECT_THAT(numbers_of(cell, {{0, 10, 20}}, {2}), ElementsAre(3, 3, 23, 43));
}

TEST(ParameterPlan, WritesMetaParametersIntoScalersAndListsOneByOne) {
  model::CellModel cell;
  CellParameter list = parameter("both", ParameterKind::meta_list_equal, std::nullopt);
  list.locations = {};
  list.sub_parameters = {parameter("cm", ParameterKind::section, std::nullopt),
                         parameter("Ra", ParameterKind::section, std::nullopt)};
  CellParameter meta = parameter("factor", ParameterKind::meta, std::nullopt);
  meta.object = model::ScalerTarget{"Ra"};
  meta.attr_name = "multiplier";
  cell.parameters = {list, meta};
  EXPECT_THAT(numbers_of(cell, {}, {1.5, 100}), ElementsAre(1.5, 150));
}

TEST(ParameterPlan, RefusesADependencyThatIsNoParameter) {
  model::CellModel cell;
  cell.parameters = {parameter("g", ParameterKind::range, 1)};
  cell.parameters[0].param_dependencies = {"absent"};
  cell.parameters[0].value_scaler = model::NrnSegmentSomaDistanceScaler{
      text::PythonExpression("{absent}", model::NrnSegmentSomaDistanceScaler::placeholders({"absent"})), 0.5};
  EXPECT_THROW(ParameterPlan(cell, {{0}}), ModelError);
}

TEST(DescribeProblem, NamesTheItemAndItsPlace) {
  model::CellModel cell;
  cell.mechanisms = {{.suffix = "Ih", .span = {.file = "cell.json", .line = 7}}};
  const Diagnostic problem = describe_problem(cell, {}, "mechanisms", 0, 0, "it is not there");
  EXPECT_EQ(problem.message, "NEURON: mechanism 'Ih': it is not there");
  EXPECT_EQ(problem.span.line, 7);
}

TEST(StimulusNumbers, AreThoseOfAllStimuliInOrder) {
  model::SweepProtocol protocol;
  protocol.stimuli = {model::NrnSquarePulse{.step_amplitude_na = 0.5, .step_delay_ms = 10, .step_duration_ms = 20},
                      model::NrnRampPulse{.ramp_amplitude_start_na = 1,
                                          .ramp_amplitude_end_na = 2,
                                          .ramp_delay_ms = 3,
                                          .ramp_duration_ms = 4,
                                          .total_duration_ms = 5}};
  EXPECT_THAT(stimulus_numbers(protocol.stimuli), ElementsAre(0.5, 10, 20, 1, 2, 3, 4, 5));
}

}  // namespace
}  // namespace cellwright::simulate::neuron
