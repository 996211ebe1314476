#pragma once
/// BluePyOpt's simple cell: a soma of 10 um with hh, two free conductances, one step.

#include <memory>
#include <string>

#include "cellwright/ephys/evaluators.hpp"
#include "support/temporary_folder.hpp"

namespace cellwright::ephys {

struct SimpleCell {
  test::TemporaryFolder folder;
  std::shared_ptr<Location> somatic = NrnSeclistLocation::make("somatic", {.seclist_name = "somatic"});
  std::shared_ptr<Location> soma =
      NrnSeclistCompLocation::make("soma", {.seclist_name = "somatic", .sec_index = 0, .comp_x = 0.5});
  std::shared_ptr<NrnFileMorphology> morph = NrnFileMorphology::make(
      {.morphology_path = folder.write("simple.swc", "1 1 -5 0 0 5 -1\n2 1 0 0 0 5 1\n3 1 5 0 0 5 2\n")});
  std::shared_ptr<NrnMODMechanism> hh = NrnMODMechanism::make("hh", {.suffix = "hh", .locations = {somatic}});
  std::shared_ptr<NrnSectionParameter> gnabar = conductance("gnabar_hh", 0.05, 0.125);
  std::shared_ptr<NrnSectionParameter> gkbar = conductance("gkbar_hh", 0.01, 0.075);
  std::shared_ptr<CellModel> cell = CellModel::make(
      "simple_cell", {.morph = morph,
                      .mechs = {hh},
                      .params = {NrnSectionParameter::make(
                                     "cm", {.value = 1, .frozen = true, .param_name = "cm", .locations = {somatic}}),
                                 gnabar, gkbar}});
  std::shared_ptr<NrnSimulator> sim = NrnSimulator::make({.cvode_active = false});
  std::shared_ptr<SweepProtocol> step1 = step("Step1", 0.01);
  std::shared_ptr<SweepProtocol> step2 = step("Step2", 0.05);

  std::shared_ptr<NrnSectionParameter> conductance(const std::string& name, double lower, double upper) const {
    return NrnSectionParameter::make(
        name, {.bounds = optimise::Bounds{lower, upper}, .param_name = name, .locations = {somatic}});
  }
  std::shared_ptr<SweepProtocol> step(const std::string& name, double amplitude) const {
    return SweepProtocol::make(name, {.stimuli = {NrnSquarePulse::make({.step_amplitude = amplitude,
                                                                        .step_delay = 100,
                                                                        .step_duration = 50,
                                                                        .total_duration = 200,
                                                                        .location = soma})},
                                      .recordings = {CompRecording::make(name + ".soma.v", {.location = soma})}});
  }
  std::shared_ptr<eFELFeature> spikecount(const std::string& protocol, double mean) const {
    return eFELFeature::make(protocol + ".Spikecount", {.efel_feature_name = "Spikecount",
                                                        .recording_names = {{"", protocol + ".soma.v"}},
                                                        .stim_start = 100,
                                                        .stim_end = 150,
                                                        .exp_mean = mean,
                                                        .exp_std = 0.05});
  }
  CellEvaluatorArguments evaluator_arguments() const {
    return {.cell_model = cell,
            .param_names = {"gnabar_hh", "gkbar_hh"},
            .fitness_protocols = {{"Step1", step1}, {"Step2", step2}},
            .fitness_calculator = ObjectivesCalculator::make(
                {.objectives = {SingletonObjective::make("Step1.Spikecount", {.feature = spikecount("Step1", 1)}),
                                SingletonObjective::make("Step2.Spikecount", {.feature = spikecount("Step2", 5)})}}),
            .sim = sim,
            .threads = 1};
  }
};

}  // namespace cellwright::ephys
