#pragma once
/// A small report made by hand: two parameters, two individuals, one protocol.

#include "cellwright/report/report_data.hpp"

namespace cellwright::report {

inline const std::string nasty = "</script><script>alert(1)</script> & \"quoted\" 'too'";

inline run::RunRecord example_run() {
  run::RunRecord run;
  run.folder = "/tmp/some run";
  run.info = run::RunInfo{.program_version = "1.2.3",
                          .started = "2026-01-02T03:04:05Z",
                          .origin = {.problem_file = "/data/cell.json",
                                     .command = {"cellwright", "optimise", "my cell.json"},
                                     .working_directory = "/data",
                                     .threads = 2},
                          .problem_file_from_here = "../cell.json",
                          .generations = 5,
                          .parameters = {{"g.soma", 0, 2}, {nasty, -1, 1}}};
  run.checkpoint.identity.problem_name = "toy";
  run.checkpoint.identity.problem_hash = "00ff";
  run.checkpoint.parameters = {"g.soma", nasty};
  run.checkpoint.objectives = {"step.soma.AP_height", "step.soma.Spikecount"};
  optimise::OptimiserState& state = run.checkpoint.state;
  state.generation = 3;
  state.evaluations = 30;
  state.hall_of_fame = optimise::HallOfFame(
      2, {{.values = {0.5, 0}, .fitness = optimise::WeightedSumFitness({0.5, 2}), .id = 7, .generation = 2},
          {.values = {1.5, 1}, .fitness = optimise::WeightedSumFitness({250, 0}), .id = 9, .generation = 3}});
  run.logbook = optimise::Logbook({{.gen = 1, .nevals = 10, .avg = 90, .std = 20, .min = 50, .max = 100},
                                   {.gen = 2, .nevals = 10, .avg = 40, .std = 90, .min = 2.5, .max = 80},
                                   {.gen = 3, .nevals = 10, .avg = 30, .std = 5, .min = 10, .max = 60}});
  run.timings = {{1, 10, 2.0}, {2, 10, 1.0}, {3, 10, 3.0}};
  return run;
}

inline CellView example_cell() {
  CellView cell;
  cell.protocols = {{.name = "step",
                     .duration_ms = 100,
                     .recordings = {{"step.soma.v", "mV"}},
                     .stimuli = {{"soma", {{0, 10, 10, 60, 60, 100}, {0, 0, 0.5, 0.5, 0, 0}}}}}};
  cell.features = {{.name = "step.soma.AP_height",
                    .efel_name = "AP_height",
                    .unit = "mV",
                    .mean = 20,
                    .std = 4,
                    .stim_start_ms = 10,
                    .stim_end_ms = 60,
                    .mark = TargetMark::level},
                   {.name = "step.soma.Spikecount", .efel_name = "Spikecount", .mean = 3, .std = 1}};
  cell.individuals = {{.feature_values = {22.0, 5.0},
                       .feature_scores = {0.5, 2},
                       .errors = {""},
                       .traces = {{{{0, 50, 100}, {-70.00004, 22.123456789, -70}}}}},
                      {.feature_values = {std::nullopt, 3.0},
                       .feature_scores = {250, 0},
                       .errors = {"failed at 3 ms"},
                       .traces = {{Polyline{}}}}};
  cell.morphology.sections = {{"soma[0]", 1, {{0, 0}, {-5, 5}}, {10, 10}}, {"dend[0]", 3, {{0, 0}, {5, 205}}, {1, 1}}};
  cell.morphology.sites = {{"soma", 0, 0, false}};
  return cell;
}

inline ReportData example_data() {
  return {
      .run = example_run(), .version = "1.2.4", .made = "2026-01-03T00:00:00Z", .cell = example_cell(), .notices = {}};
}

}  // namespace cellwright::report
