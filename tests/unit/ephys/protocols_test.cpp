#include "cellwright/ephys/protocols.hpp"

#include <gmock/gmock.h>

#include "error_text.hpp"
#include "simple_cell.hpp"

namespace cellwright::ephys {
namespace {

const ParamValues default_values = {{"gnabar_hh", 0.1}, {"gkbar_hh", 0.03}};

TEST(SweepProtocol, RunsAndLeavesTheParametersFree) {
  SimpleCell simple;

  const Responses responses = simple.step1->run(*simple.cell, default_values, *simple.sim);

  ASSERT_EQ(responses.size(), 1);
  const TimeVoltageResponse& response = *responses.at("Step1.soma.v");
  EXPECT_EQ(response.time.size(), 8001) << "200 ms in steps of 0.025 ms, and the beginning";
  EXPECT_EQ(response.voltage[0], -65);
  EXPECT_EQ(simple.spikecount("Step1", 1)->calculate_feature(responses), 1) << "BluePyOpt's value";
  EXPECT_FALSE(simple.gnabar->frozen());
  EXPECT_EQ(simple.gnabar->value(), std::nullopt);
}

TEST(SweepProtocol, ARecordingWithoutAPlaceHasNoResponse) {
  SimpleCell simple;
  simple.step1->recordings.push_back(CompRecording::make(
      "dend.v",
      {.location = NrnSomaDistanceCompLocation::make("dend", {.soma_distance = 660, .seclist_name = "apical"})}));

  const Responses responses = simple.step1->run(*simple.cell, default_values, *simple.sim);

  EXPECT_EQ(responses.at("dend.v"), nullptr);
  EXPECT_NE(responses.at("Step1.soma.v"), nullptr);
}

TEST(SweepProtocol, SaysWhatStopsItAndLeavesTheParametersFree) {
  SimpleCell simple;

  EXPECT_EQ(error_of([&] {
              simple.step1->run(*simple.cell, {{"gnabar_hh", 0.1}}, *simple.sim);
            }),
            "error: parameter 'gkbar_hh' has no value [ephys-parameter]\n"
            "  fix: freeze it, or give a value for it to the protocol or the evaluator");
  EXPECT_THROW(simple.step1->run(*simple.cell, {{"gnabar_hh", 1}}, *simple.sim), SweepProtocolException);
  EXPECT_THROW(simple.step1->run(*simple.cell, {{"gnabar", 0.1}}, *simple.sim), SweepProtocolException);
  EXPECT_FALSE(simple.gnabar->frozen());
  EXPECT_THROW(simple.step1->run(*simple.cell, default_values, *simple.sim, -1.0), ConfigError);
}

TEST(SweepProtocol, LastsAsLongAsItsLongestStimulus) {
  SimpleCell simple;

  simple.step1->stimuli.push_back(NrnRampPulse::make({.ramp_amplitude_start = 0,
                                                      .ramp_amplitude_end = 1,
                                                      .ramp_delay = 0,
                                                      .ramp_duration = 10,
                                                      .total_duration = 350,
                                                      .location = simple.soma}));

  EXPECT_EQ(simple.step1->total_duration(), 350);
  EXPECT_EQ(error_of([] { SweepProtocol::make("empty")->total_duration(); }),
            "error: protocol 'empty' has no stimuli: nobody knows how long it lasts [ephys-protocol]");
  EXPECT_EQ(
      simple.step2->to_string(),
      "Step2:\n  stimuli:\n    Square pulse amp 0.050000 delay 100.000000 duration 50.000000 totdur 200.000000 at "
      "somatic[0](0.5)\n  recordings:\n    Step2.soma.v: v at somatic[0](0.5)\n");
}

TEST(SweepProtocol, HandsItsWishesOn) {
  SimpleCell simple;
  simple.step1->deterministic = true;

  EXPECT_TRUE(simple.step1->snapshot().deterministic);
  EXPECT_EQ(simple.step1->snapshot(2.5).timeout_s, 2.5);
}

TEST(StepProtocol, KnowsItsStep) {
  SimpleCell simple;
  const auto step = NrnSquarePulse::make(
      {.step_amplitude = 0.5, .step_delay = 10, .step_duration = 20, .total_duration = 40, .location = simple.soma});
  const auto holding = NrnSquarePulse::make(
      {.step_amplitude = -0.1, .step_delay = 0, .step_duration = 50, .total_duration = 50, .location = simple.soma});
  const auto protocol = StepProtocol::make("step", {.step_stimulus = step, .holding_stimulus = holding});

  EXPECT_EQ(protocol->step_delay(), 10);
  EXPECT_EQ(protocol->step_duration(), 20);
  EXPECT_EQ(protocol->total_duration(), 50);
  EXPECT_EQ(protocol->snapshot().stimuli.size(), 2);
  EXPECT_THROW(StepProtocol::make("none"), ConfigError);
}

TEST(SequenceProtocol, RunsItsPartsAndTakesAllResponses) {
  SimpleCell simple;
  const auto sequence = SequenceProtocol::make("both", {.protocols = {simple.step1, simple.step2}});

  const Responses responses = sequence->run(*simple.cell, default_values, *simple.sim);
  const auto parts = sequence->subprotocols();

  EXPECT_EQ(responses.size(), 2);
  ASSERT_EQ(parts.size(), 3);
  EXPECT_EQ(parts[0].first, "both");
  EXPECT_EQ(parts[2].second, simple.step2.get());
  const auto twice = SequenceProtocol::make("twice", {.protocols = {simple.step1, simple.step1}});
  EXPECT_EQ(error_of([&] { twice->run(*simple.cell, default_values, *simple.sim); }),
            "error: protocol 'twice' has two recordings called 'Step1.soma.v' [ephys-protocol]");
}

TEST(NrnSimulator, RefusesWhatItCannotDo) {
  EXPECT_THROW(NrnSimulator::make({.dt = 0}), ConfigError);
  EXPECT_THROW(NrnSimulator::make({.numeric = "slow"}), ConfigError);
  EXPECT_THROW(NrnSimulator::make({.atol = 0}), ConfigError);
  EXPECT_EQ(error_of([] { NrnSimulator::make({.cvode_minstep = 0.1})->simulator(); }),
            "error: variable time steps cannot have a least length [ephys-cvode]\n  fix: leave out cvode_minstep");
}

TEST(NrnSimulator, TakesVariableStepsUnlessToldOtherwise) {
  SimpleCell simple;
  const auto variable = NrnSimulator::make();

  const Responses fixed = simple.step1->run(*simple.cell, default_values, *simple.sim);
  const Responses free = simple.step1->run(*simple.cell, default_values, *variable);
  simple.step1->cvode_active = false;
  const Responses told = simple.step1->run(*simple.cell, default_values, *variable);

  EXPECT_LT(free.at("Step1.soma.v")->time.size(), fixed.at("Step1.soma.v")->time.size());
  EXPECT_EQ(free.at("Step1.soma.v")->time.back(), 200);
  EXPECT_EQ(simple.spikecount("Step1", 1)->calculate_feature(free), 1);
  EXPECT_EQ(told.at("Step1.soma.v")->voltage, fixed.at("Step1.soma.v")->voltage);
}

TEST(Stimuli, TellTheirEnvelopes) {
  SimpleCell simple;
  const auto ramp = NrnRampPulse::make({.ramp_amplitude_start = 0.1,
                                        .ramp_amplitude_end = 0.3,
                                        .ramp_delay = 20,
                                        .ramp_duration = 30,
                                        .total_duration = 70,
                                        .location = simple.soma});
  const auto play =
      NrnCurrentPlayStimulus::make({.time_points = {0, 10}, .current_points = {1, 2}, .location = simple.soma});

  EXPECT_EQ(dynamic_cast<Stimulus&>(*simple.step1->stimuli[0]).envelope(),
            (Envelope{{0, 0}, {100, 0}, {100, 0.01}, {150, 0.01}, {150, 0}, {200, 0}}));
  EXPECT_EQ(ramp->envelope(), (Envelope{{0, 0}, {20, 0}, {20, 0.1}, {50, 0.3}, {50, 0}, {70, 0}}));
  EXPECT_EQ(play->envelope(), (Envelope{{0, 1}, {10, 2}}));
  EXPECT_EQ(play->total_duration(), 10);
  EXPECT_EQ(play->to_string(), "Current play at somatic[0](0.5)");
}

TEST(Stimuli, RefuseBadArguments) {
  EXPECT_THROW(NrnCurrentPlayStimulus::make({}), ConfigError);
  EXPECT_THROW(NrnCurrentPlayStimulus::make({.time_points = {0, 1}, .current_points = {1}}), ConfigError);
  EXPECT_EQ(error_of([] { NrnNetStimStimulus::make({.interval = 5}); }),
            "error: NrnNetStimStimulus has no total_duration [ephys-argument]\n"
            "  fix: give it to the constructor: {.total_duration = ...}");
  EXPECT_EQ(error_of([] { NrnSquarePulse::make({.step_amplitude = 1, .step_delay = 1})->snapshot(); }),
            "error: NrnSquarePulse has no step_duration [ephys-argument]\n"
            "  fix: give it to the constructor: {.step_duration = ...}");
}

TEST(NrnNetStimStimulus, SendsEventsThatArriveOneMillisecondLater) {
  SimpleCell simple;
  const auto synapse = NrnMODPointProcessMechanism::make("syn", {.suffix = "ExpSyn", .locations = {simple.soma}});
  const auto cell = CellModel::make("synaptic", {.morph = simple.morph, .mechs = {synapse}});
  const auto place = NrnPointProcessLocation::make("syn", {.pprocess_mech = synapse});
  const auto protocol = SweepProtocol::make(
      "events",
      {.stimuli = {NrnNetStimStimulus::make(
           {.locations = {place}, .total_duration = 20, .interval = 5, .number = 1, .start = 10, .weight = 0.001})},
       .recordings = {CompRecording::make("v", {.location = simple.soma})}});

  const Responses responses = protocol->run(*cell, {}, *simple.sim);

  const TimeVoltageResponse& response = *responses.at("v");
  EXPECT_EQ(response.voltage[440], response.voltage[0]) << "nothing until 11 ms";
  EXPECT_GT(response.voltage[445], response.voltage[0]);
  EXPECT_EQ(protocol->stimuli[0]->to_string(), "Netstim at syn");
}

}  // namespace
}  // namespace cellwright::ephys
