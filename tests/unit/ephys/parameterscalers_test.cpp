#include "cellwright/ephys/parameterscalers.hpp"

#include <gmock/gmock.h>

#include "error_text.hpp"

namespace cellwright::ephys {
namespace {

/// A soma 20 um long and a dendrite of 100 um on its end, in one segment each.
morphology::Morphology ball_and_stick() {
  morphology::Morphology cell;
  cell.sections = {{.name = "soma[0]", .type = 1, .length_um = 20, .stylised_diam_um = 20},
                   {.name = "dend[0]", .type = 3, .parent = 0, .parent_x = 1, .length_um = 100, .stylised_diam_um = 2}};
  cell.lists = {{"all", {0, 1}}, {"somatic", {0}}, {"basal", {1}}};
  return cell;
}

TEST(FormatFloat, WritesSeventeenDigits) {
  EXPECT_EQ(format_float(0.1), "0.10000000000000001");
  EXPECT_EQ(format_float(1.0), "1");
}

TEST(NrnSegmentLinearScaler, IsALine) {
  const auto scaler = NrnSegmentLinearScaler::make("line", {.multiplier = 2, .offset = 3});

  EXPECT_EQ(scaler->scale(5.0), 13);
  EXPECT_EQ(scaler->to_string(), "2.0 * value + 3.0");
  EXPECT_EQ(NrnSegmentLinearScaler::make("identity")->scale(0.25), 0.25);
}

TEST(NrnSegmentSomaDistanceScaler, GivesTheValueOfTheL5pcExample) {
  const auto scaler = NrnSegmentSomaDistanceScaler::make(
      "exp", {.distribution = "(-0.8696 + 2.087*math.exp(({distance})*0.0031))*{value}"});

  const std::string text = scaler->eval_dist({{"value", 8e-5}}, 909.2833450667896);

  EXPECT_EQ(text, "(-0.8696 + 2.087*math.exp((909.28334506678959)*0.0031))*8.0000000000000007e-05");
  EXPECT_EQ(text::PythonExpression(text, {}).evaluate({}), 0.002728075214096729);
}

TEST(NrnSegmentSomaDistanceScaler, SubstitutesTextSoThatNegativeValuesBindLoosely) {
  const morphology::Morphology cell = ball_and_stick();
  const auto scaler = NrnSegmentSomaDistanceScaler::make("square", {.distribution = "{value}**2"});

  EXPECT_EQ(scaler->scale(-5.0, Segment{cell, {0, 0.5}}), -25);
}

TEST(DistanceScalers, MeasureFromTheirOrigins) {
  const morphology::Morphology cell = ball_and_stick();
  const Segment dendrite{cell, {1, 0.5}};
  const std::string text = "{distance}*{value}";

  EXPECT_EQ(NrnSegmentSomaDistanceScaler::make("a", {.distribution = text})->scale(1.0, dendrite), 60);
  EXPECT_EQ(
      NrnSegmentSomaDistanceScaler::make("a", {.distribution = text, .soma_ref_location = 1})->scale(1.0, dendrite),
      50);
  EXPECT_EQ(NrnSegmentSectionDistanceScaler::make("a", {.distribution = text})->scale(1.0, dendrite), 70);
  EXPECT_EQ(
      NrnSegmentSectionDistanceScaler::make("a", {.distribution = text, .ref_section = "dend"})->scale(2.0, dendrite),
      100);
}

TEST(DistanceScalers, TheirOwnParametersAreSetByName) {
  const morphology::Morphology cell = ball_and_stick();
  const auto scaler = NrnSegmentSomaDistanceScaler::make(
      "exp", {.distribution = "math.exp({distance}*{constant})*{value}", .dist_param_names = {"constant"}});

  EXPECT_EQ(error_of([&] { scaler->inst_distribution(); }),
            "error: NrnSegmentSomaDistanceScaler 'exp': 'constant' has no value yet [ephys-scaler]");
  scaler->set_attribute("constant", -0.1);
  EXPECT_EQ(scaler->inst_distribution(), "math.exp({distance}*-0.1)*{value}");
  EXPECT_EQ(scaler->attribute("constant"), -0.1);
  EXPECT_DOUBLE_EQ(scaler->scale(2.0, Segment{cell, {1, 0.5}}), 2 * std::exp(-6.0));
  EXPECT_EQ(error_of([&] { scaler->set_attribute("konstant", 1); }),
            "error: a NrnSegmentSomaDistanceScaler has no number called 'konstant' [ephys-attribute]");
}

TEST(NrnSegmentSomaDistanceStepScaler, HasTwoMorePlaceholders) {
  const morphology::Morphology cell = ball_and_stick();
  const auto scaler = NrnSegmentSomaDistanceStepScaler::make(
      "step", {.distribution = "0.1 + 0.9*int(({distance} > {step_begin}) & ({distance} < {step_end}))",
               .step_begin = 50.0,
               .step_end = 70.0});

  EXPECT_EQ(scaler->scale(1.0, Segment{cell, {1, 0.5}}), 1.0);
  EXPECT_EQ(scaler->scale(1.0, Segment{cell, {0, 0.5}}), 0.1);
}

TEST(DistanceScalers, RefuseBadArguments) {
  EXPECT_EQ(
      error_of([] { NrnSegmentSomaDistanceScaler::make("a", {.distribution = "{value}", .soma_ref_location = 1.5}); }),
      "error: NrnSegmentSomaDistanceScaler 'a': the origin 1.5 is not within 0 to 1 [ephys-scaler]");
  EXPECT_EQ(error_of([] {
              NrnSegmentSomaDistanceScaler::make("a", {.distribution = "{value}", .dist_param_names = {"slope"}});
            }),
            "error: NrnSegmentSomaDistanceScaler 'a': 'slope' does not occur in the distribution \"{value}\" "
            "[ephys-scaler]");
  EXPECT_EQ(error_of([] { NrnSegmentSomaDistanceScaler::make("a", {.distribution = "{other}"})->eval_dist({}, 1); }),
            "error: NrnSegmentSomaDistanceScaler 'a': there is no value for {other} [ephys-scaler]");
}

}  // namespace
}  // namespace cellwright::ephys
