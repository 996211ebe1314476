#include "cellwright/ephys/parameters.hpp"

#include <gmock/gmock.h>

#include "cellwright/ephys/stimuli.hpp"
#include "error_text.hpp"

namespace cellwright::ephys {
namespace {

using optimise::Bounds;

std::shared_ptr<NrnSectionParameter> section_parameter(const std::string& list) {
  return NrnSectionParameter::make("cm." + list,
                                   {.bounds = Bounds{0, 1},
                                    .param_name = "cm",
                                    .locations = {NrnSeclistLocation::make(list, {.seclist_name = list})}});
}

TEST(NrnParameter, FreezesAndThaws) {
  const auto parameter = section_parameter("somatic");

  EXPECT_EQ(parameter->to_string(), "cm.somatic: ['somatic'] cm = [0.0, 1.0]");
  parameter->freeze(0.5);
  EXPECT_TRUE(parameter->frozen());
  EXPECT_EQ(parameter->to_string(), "cm.somatic: ['somatic'] cm = 0.5");
  EXPECT_THROW(parameter->freeze(0.6), ConfigError);
  parameter->unfreeze();
  EXPECT_EQ(parameter->value(), std::nullopt);
  EXPECT_EQ(parameter->lower_bound(), 0);
  EXPECT_EQ(parameter->upper_bound(), 1);
  EXPECT_THROW(parameter->set_value(1.5), ConfigError);
}

TEST(NrnParameter, AddsItselfWithItsValueOrItsBounds) {
  const auto parameter = section_parameter("somatic");
  model::CellModel cell;

  parameter->add_to(cell, true);
  EXPECT_EQ(error_of([&] { parameter->add_to(cell, false); }),
            "error: parameter 'cm.somatic' has no value [ephys-parameter]\n"
            "  fix: freeze it, or give a value for it to the protocol or the evaluator");
  parameter->freeze(0.5);
  parameter->add_to(cell, false);

  ASSERT_EQ(cell.parameters.size(), 2);
  EXPECT_EQ(cell.parameters[0].bounds, (std::array{0.0, 1.0}));
  EXPECT_EQ(cell.parameters[0].kind, model::ParameterKind::section);
  EXPECT_EQ(cell.parameters[0].param_name, "cm");
  EXPECT_EQ(cell.parameters[1].value, 0.5);
}

TEST(NrnGlobalParameter, HasNoPlace) {
  const auto parameter = NrnGlobalParameter::make("celsius", {.value = 34, .frozen = true, .param_name = "celsius"});
  model::CellModel cell;

  parameter->add_to(cell, false);

  EXPECT_EQ(cell.parameters[0].kind, model::ParameterKind::global);
  EXPECT_EQ(cell.parameters[0].value, 34);
  EXPECT_EQ(parameter->to_string(), "celsius: celsius = 34.0");
}

TEST(NrnSectionParameter, HasNoDistance) {
  auto parameter = section_parameter("somatic");
  parameter->value_scaler = NrnSegmentSomaDistanceScaler::make("exp", {.distribution = "{distance}"});
  model::CellModel cell;

  EXPECT_EQ(error_of([&] { parameter->add_to(cell, true); }),
            "error: parameter 'cm.somatic' sets whole sections, which have no distance for a "
            "NrnSegmentSomaDistanceScaler [ephys-parameter]\n  fix: make it a NrnRangeParameter");
}

TEST(NrnRangeParameter, TakesScalerAndDependencies) {
  const auto parameter = NrnRangeParameter::make(
      "g", {.bounds = Bounds{0, 1},
            .param_name = "gbar_K",
            .value_scaler = NrnSegmentSomaDistanceScaler::make("d", {.distribution = "{value}*{distance}*{decay}"}),
            .locations = {NrnSeclistLocation::make("apical", {.seclist_name = "apical"})},
            .param_dependencies = {"decay"}});
  model::CellModel cell;

  parameter->add_to(cell, true);

  EXPECT_EQ(cell.parameters[0].param_dependencies, (std::vector<std::string>{"decay"}));
  EXPECT_TRUE(std::holds_alternative<model::NrnSegmentSomaDistanceScaler>(*cell.parameters[0].value_scaler));
}

TEST(MetaParameter, WritesAnAttributeOfAnotherObject) {
  const auto pulse = NrnSquarePulse::make({.step_amplitude = 0.1});
  const auto parameter =
      MetaParameter::make("amplitude", {.obj = pulse, .attr_name = "step_amplitude", .bounds = Bounds{0, 1}});

  EXPECT_EQ(pulse->step_amplitude, 0.1) << "without a value nothing is written";
  parameter->freeze(0.75);
  EXPECT_EQ(pulse->step_amplitude, 0.75);
  EXPECT_EQ(parameter->to_string(), "amplitude: NrnSquarePulse.step_amplitude = 0.75");
  parameter->unfreeze();
  EXPECT_EQ(pulse->step_amplitude, 0.75);
  EXPECT_EQ(error_of([&] { MetaParameter::make("a", {.obj = pulse, .attr_name = "colour", .value = 1}); }),
            "error: a NrnSquarePulse has no number called 'colour' [ephys-attribute]");
}

TEST(NrnMetaListEqualParameter, StandsForSeveral) {
  const auto soma = section_parameter("somatic"), axon = section_parameter("axonal");
  const auto both = NrnMetaListEqualParameter::make("cm", {.bounds = Bounds{0, 2}, .sub_parameters = {soma, axon}});
  model::CellModel cell;

  EXPECT_EQ(both->to_string(),
            "cm (sub_params: cm.somatic: ['somatic'] cm = [0.0, 1.0],cm.axonal: ['axonal'] cm = [0.0, 1.0]): "
            "value = [0.0, 2.0]");
  EXPECT_THROW(both->freeze(1.5), ConfigError) << "within its own bounds, but not within theirs";
  EXPECT_EQ(soma->value(), std::nullopt) << "a value that is refused changes nothing";
  both->freeze(0.5);
  EXPECT_EQ(soma->value(), 0.5);
  EXPECT_TRUE(axon->frozen());
  both->unfreeze();
  EXPECT_EQ(axon->value(), std::nullopt);
  EXPECT_FALSE(axon->frozen());
  EXPECT_THROW(NrnMetaListEqualParameter::make("none", {}), ConfigError);
}

}  // namespace
}  // namespace cellwright::ephys
