// BluePyOpt's simple cell in C++: a soma with hh, two free conductances, two steps of current, two spike counts.
#include <cstdio>

#include "cellwright/ephys/evaluators.hpp"
#include "cellwright/optimise/deap_optimisation.hpp"

using namespace cellwright::ephys;
using cellwright::optimise::Bounds;

namespace {

const auto somatic = [] { return NrnSeclistLocation::make("somatic", {.seclist_name = "somatic"}); };

std::shared_ptr<CellModel> make_cell(const char* morphology_file) {
  const auto conductance = [](const char* name, Bounds bounds) {
    return NrnSectionParameter::make(name, {.bounds = bounds, .param_name = name, .locations = {somatic()}});
  };
  const auto cm =
      NrnSectionParameter::make("cm", {.value = 1.0, .frozen = true, .param_name = "cm", .locations = {somatic()}});
  return CellModel::make(
      "simple_cell", {.morph = NrnFileMorphology::make({.morphology_path = morphology_file}),
                      .mechs = {NrnMODMechanism::make("hh", {.suffix = "hh", .locations = {somatic()}})},
                      .params = {cm, conductance("gnabar_hh", {0.05, 0.125}), conductance("gkbar_hh", {0.01, 0.075})}});
}

std::shared_ptr<Protocol> make_step(const std::string& name, double amplitude) {
  const auto soma = NrnSeclistCompLocation::make("soma", {.seclist_name = "somatic", .sec_index = 0, .comp_x = 0.5});
  const auto pulse = NrnSquarePulse::make(
      {.step_amplitude = amplitude, .step_delay = 100, .step_duration = 50, .total_duration = 200, .location = soma});
  return SweepProtocol::make(
      name, {.stimuli = {pulse}, .recordings = {CompRecording::make(name + ".soma.v", {.location = soma})}});
}

std::shared_ptr<EFeatureObjective> make_objective(const std::string& step, double spikes) {
  const auto count = eFELFeature::make(step + ".Spikecount", {.efel_feature_name = "Spikecount",
                                                              .recording_names = {{"", step + ".soma.v"}},
                                                              .stim_start = 100,
                                                              .stim_end = 150,
                                                              .exp_mean = spikes,
                                                              .exp_std = 0.05 * spikes});
  return SingletonObjective::make(count->name, {.feature = count});
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return std::fprintf(stderr, "usage: ephys_api MORPHOLOGY.swc\n"), 2;
  const auto calculator =
      ObjectivesCalculator::make({.objectives = {make_objective("step1", 1), make_objective("step2", 5)}});
  const auto evaluator = CellEvaluator::make(
      {.cell_model = make_cell(arguments[1]),
       .param_names = {"gnabar_hh", "gkbar_hh"},
       .fitness_protocols = {{"step1", make_step("step1", 0.01)}, {"step2", make_step("step2", 0.05)}},
       .fitness_calculator = calculator,
       .sim = NrnSimulator::make()});
  std::printf("spikes at gnabar 0.1, gkbar 0.03:");
  for (const auto& [name, value] : evaluator->evaluate_with_dicts({{"gnabar_hh", 0.1}, {"gkbar_hh", 0.03}}, "values"))
    std::printf(" %s %g", name.c_str(), value);

  cellwright::optimise::DEAPOptimisation optimisation(evaluator, {.seed = 1, .offspring_size = 10});
  const auto best = optimisation.run({.max_ngen = 5}).hall_of_fame[0];
  std::printf("\nbest: gnabar_hh %.4f, gkbar_hh %.4f, sum of scores %g\n", best.values[0], best.values[1],
              best.fitness.sum());
  return best.fitness.sum() < 0.01 ? 0 : 1;
}
