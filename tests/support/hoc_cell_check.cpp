/// The C++ API with NEURON: a cell as an object, its create_hoc() as a HocCellModel, both by NEURON and the first by
/// the native engine too. Traces of all three must agree within 1e-9 mV (fixed step, strict). Prints a line for each
/// comparison and ends with 1 if one is beyond it.
///
///     hoc_cell_check FOLDER        FOLDER gets a morphology and the hoc file; NEURON is that of $CELLWRIGHT_NEURON

#include <cmath>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "cellwright/ephys/evaluators.hpp"

namespace {

using namespace cellwright;
using namespace cellwright::ephys;

constexpr const char* swc =
    "1 1 0 0 0 9 -1\n2 1 9 0 0 9 1\n3 1 18 0 0 9 2\n4 4 18 0 0 1.2 3\n5 4 210 0 0 0.8 4\n"
    "6 2 0 -9 0 0.9 1\n7 2 0 -90 0 0.6 6\n8 2 10 -190 0 0.5 7\n";

struct Problem {
  std::shared_ptr<NrnFileMorphology> morphology;
  std::shared_ptr<CellModel> cell;
  std::shared_ptr<SweepProtocol> protocol;
};

Problem make_problem(const std::filesystem::path& folder) {
  write_file_atomically(folder / "cell.swc", swc);
  const auto list = [](const std::string& name) { return NrnSeclistLocation::make(name, {.seclist_name = name}); };
  const auto soma = NrnSeclistCompLocation::make("soma", {.seclist_name = "somatic", .sec_index = 0, .comp_x = 0.5});
  const auto far = NrnSomaDistanceCompLocation::make("far", {.soma_distance = 150, .seclist_name = "apical"});
  const auto falling = NrnSegmentSomaDistanceScaler::make("exp", {.distribution = "math.exp(-{distance}/100)*{value}"});
  Problem problem;
  problem.morphology =
      NrnFileMorphology::make({.morphology_path = folder / "cell.swc", .do_replace_axon = true, .nseg_frequency = 30});
  problem.cell = CellModel::make(
      "ball_and_stick",
      {.morph = problem.morphology,
       .mechs = {NrnMODMechanism::make("pas", {.suffix = "pas", .locations = {list("all")}}),
                 NrnMODMechanism::make("hh", {.suffix = "hh", .locations = {list("somatic"), list("apical")}})},
       .params = {NrnSectionParameter::make(
                      "e_pas", {.value = -65, .frozen = true, .param_name = "e_pas", .locations = {list("all")}}),
                  NrnRangeParameter::make("gna", {.bounds = optimise::Bounds{0, 1},
                                                  .param_name = "gnabar_hh",
                                                  .value_scaler = falling,
                                                  .locations = {list("somatic"), list("apical")}})}});
  problem.protocol = SweepProtocol::make(
      "step",
      {.stimuli = {NrnSquarePulse::make(
           {.step_amplitude = 0.5, .step_delay = 5, .step_duration = 40, .total_duration = 60, .location = soma})},
       .recordings = {CompRecording::make("soma.v", {.location = soma}),
                      CompRecording::make("far.v", {.location = far})}});
  return problem;
}

/// @returns whether the responses agree.
bool compare(const char* what, const Responses& ours, const Responses& theirs) {
  bool agree = true;
  for (const auto& [name, response] : theirs) {
    const std::vector<double>&mine = ours.at(name)->voltage, &other = response->voltage;
    double largest = mine.size() == other.size() ? 0 : INFINITY, highest = -INFINITY;
    for (std::size_t i = 0; i < std::min(mine.size(), other.size()); ++i) {
      largest = std::fmax(largest, std::abs(mine[i] - other[i]));
      highest = std::fmax(highest, other[i]);
    }
    const bool good = largest <= 1e-9 && highest > 0;
    fmt::print("{}: {}, {}: {} samples up to {:.1f} mV, {:.1e} mV apart\n", good ? "ok" : "FAILED", what, name,
               other.size(), highest, largest);
    agree = agree && good;
  }
  return agree;
}

int check(const std::filesystem::path& folder) {
  const Problem problem = make_problem(folder);
  const ParamValues params = {{"gna", 0.12}};
  const NrnSimulator native({.cvode_active = false, .numeric = "strict"});
  const NrnSimulator neuron({.cvode_active = false, .engine = "neuron"});
  write_file_atomically(folder / "cell.hoc", problem.cell->create_hoc(params));
  const auto hoc_cell =
      HocCellModel::make("from_hoc", {.morphology_path = folder / "cell.swc", .hoc_path = folder / "cell.hoc"});
  const Responses ours = problem.protocol->run(*problem.cell, params, native);
  bool agree = compare("the objects in NEURON", ours, problem.protocol->run(*problem.cell, params, neuron));
  agree &= compare("HocCellModel in NEURON", ours, problem.protocol->run(*hoc_cell, {}, neuron));
  const auto in_folder =
      HocCellModel::make("from_text", {.morphology_path = folder, .hoc_string = hoc_cell->hoc_string()});
  agree &= compare("HocCellModel of a folder", ours, problem.protocol->run(*in_folder, {}, neuron));
  return agree ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: hoc_cell_check FOLDER\n"), 2;
  try {
    std::filesystem::create_directories(argv[1]);
    return check(std::filesystem::absolute(argv[1]));
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "%s\n", error.what()), 1;
  }
}
