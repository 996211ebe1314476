#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>

#include <fmt/format.h>

#include "cellwright/optimise/individual.hpp"
#include "cellwright/report/report_data.hpp"
#include "cellwright/run/cell_evaluator.hpp"
#include "cellwright/run/evaluation_report.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"
#include "cli/problem_options.hpp"

namespace cellwright::cli {
namespace {

struct EvaluateOptions {
  std::string cell_file, params_file;
  std::int64_t threads = 0;
  bool profile = false, json = false, strict = false;
  SimulatorOptions simulator;
};

std::string optional_number(const std::optional<double>& value) { return value ? fmt::format("{:.6g}", *value) : "-"; }

/// The objectives, worst first; under a group the features that it is made of.
std::string describe_objectives(const evaluate::IndividualEvaluation& individual,
                                const evaluate::CellEvaluator& evaluator) {
  std::vector<std::vector<std::string>> rows = {{"objective", "value", "target", "std", "score"}};
  const auto add_feature = [&](std::size_t f, const std::string& name, double score) {
    const evaluate::eFELFeature& feature = evaluator.features()[f];
    rows.push_back({name, optional_number(individual.feature_values[f]), fmt::format("{:.6g}", feature.exp_mean),
                    fmt::format("{:.6g}", feature.exp_std), fmt::format("{:.6g}", score)});
  };
  for (const std::size_t i : report::worst_first(individual.scores)) {
    const evaluate::EFeatureObjective& objective = evaluator.objectives_calculator().objectives()[i];
    const std::vector<std::size_t> features = evaluate::features_of(objective);
    if (!evaluate::is_group(objective)) {
      add_feature(features.front(), evaluate::objective_name(objective), individual.scores[i]);
      continue;
    }
    rows.push_back({evaluate::objective_name(objective), "", "", "", fmt::format("{:.6g}", individual.scores[i])});
    for (const std::size_t f : features)
      add_feature(f, "  " + evaluator.features()[f].name, individual.feature_scores[f]);
  }
  rows.push_back({"sum", "", "", "", fmt::format("{:.6g}", optimise::sum_left_to_right(individual.scores))});
  return format_table(rows, {false, true, true, true, true});
}

/// One line for each recording: its spikes, or that there is no response.
std::string describe_recordings(const evaluate::IndividualEvaluation& individual,
                                const evaluate::CellEvaluator& evaluator) {
  std::vector<std::vector<std::string>> rows = {{"recording", "spikes"}};
  const std::vector<std::string> names = evaluator.recording_names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const evaluate::ResponseSummary& response = individual.responses[i];
    const std::string spikes = response.spikes ? fmt::format("{}", *response.spikes) : "";
    rows.push_back({names[i], response.failed ? "no response" : spikes});
  }
  return format_table(rows, {false, true});
}

std::string describe_individual(const evaluate::IndividualEvaluation& individual,
                                const evaluate::CellEvaluator& evaluator) {
  std::string text = describe_objectives(individual, evaluator) + "\n" + describe_recordings(individual, evaluator);
  for (std::size_t i = 0; i < evaluator.protocols().size(); ++i) {
    if (individual.protocol_errors[i].empty()) continue;
    text += fmt::format("  protocol {} failed: {}\n", evaluator.protocols()[i].name, individual.protocol_errors[i]);
  }
  return text;
}

bool any_failed(const run::EvaluationReport& report) {
  for (const evaluate::IndividualEvaluation& individual : report.individuals) {
    if (individual.failed()) return true;
  }
  return false;
}

std::string describe_external(const optimise::ObjectiveTable& table, std::size_t row,
                              const run::ExternalEvaluator& evaluator) {
  std::vector<std::vector<std::string>> rows = {{"objective", "score"}};
  const std::span<const double> scores = table.values.row(row);
  for (const std::size_t k : report::worst_first({scores.begin(), scores.end()}))
    rows.push_back({evaluator.objectives()[k].name, fmt::format("{:.6g}", table.values(row, k))});
  rows.push_back({"sum", fmt::format("{:.6g}", optimise::sum_left_to_right(table.values.row(row)))});
  std::string text = format_table(rows, {false, true});
  if (table.failed[row] != 0) text += fmt::format("  the evaluation failed: {}\n", table.reasons[row]);
  return text;
}

int evaluate_external(const EvaluateOptions& options, const Console& console) {
  run::ExternalProblem problem = load_external_for_command(options.cell_file, options.simulator);
  warn_about_threads(options.threads, console);
  const run::ParameterSets sets = run::load_params(options.params_file, problem.parameters);
  run::ExternalEvaluator evaluator(std::move(problem));
  const auto start = std::chrono::steady_clock::now();
  const optimise::ObjectiveTable table = evaluator.evaluate(sets.values.view());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (options.json) {
    console.print(run::format_external_evaluation(sets, table, evaluator, seconds));
  } else {
    for (std::size_t i = 0; i < table.values.rows(); ++i) {
      if (sets.is_list)
        console.print(fmt::format("{}{}\n", i == 0 ? "" : "\n", console.bold(fmt::format("individual {}", i))));
      console.print(describe_external(table, i, evaluator));
    }
  }
  if (options.profile) console.note(fmt::format("evaluate {:.4f} s", seconds));
  return options.strict && std::ranges::count(table.failed, 1) > 0 ? exit_status::failed : exit_status::success;
}

void note_steps(const simulate::StepProfile& profile, const Console& console) {
  const double total = std::accumulate(profile.seconds.begin(), profile.seconds.end(), 0.0);
  const double lanes = static_cast<double>(profile.steps + profile.rejected);
  std::string phases;
  for (std::size_t k = 0; k < profile.seconds.size(); ++k)
    phases += fmt::format("{}{} {:.1f} %", k == 0 ? "" : ", ", profile.names[k], 100 * profile.seconds[k] / total);
  console.note(fmt::format("variable step: {}", phases));
  console.note(fmt::format("{} steps + {} rejected in {:.0f} ms of model time; of order 1 {}, 2 {}, 3 {}, 4 {}",
                           profile.steps, profile.rejected, profile.model_ms, profile.order[1], profile.order[2],
                           profile.order[3], profile.order[4]));
  console.note(fmt::format(
      "{} steps of whole packs, {:.1f} us each; idle lanes {:.1f} %", profile.pack_steps,
      1e6 * (total - profile.seconds[simulate::StepProfile::scores]) / static_cast<double>(profile.pack_steps),
      100 * (1 - lanes / static_cast<double>(profile.places))));
}

int evaluate_command(const EvaluateOptions& options, const Program& program) {
  const Console& console = program.console;
  if (run::is_problem_file(options.cell_file)) return evaluate_external(options, console);
  const run::Problem problem = load_problem_for_command(options.cell_file, options.simulator, console);
  run::ParameterSets parameters = run::load_params(options.params_file, problem.cell);
  const auto evaluator = run::make_cell_evaluator(problem, static_cast<std::size_t>(options.threads));
  console.diagnostics(evaluator->prepared_model().warnings());
  const run::EvaluationReport report = run::evaluate_parameters(*evaluator, std::move(parameters), options.profile);
  if (options.json) {
    console.print(run::format_evaluation(report, *evaluator));
  } else {
    for (std::size_t i = 0; i < report.individuals.size(); ++i) {
      if (report.parameters.is_list)
        console.print(fmt::format("{}{}\n", i == 0 ? "" : "\n", console.bold(fmt::format("individual {}", i))));
      console.print(describe_individual(report.individuals[i], *evaluator));
    }
  }
  if (options.profile) {
    console.note(fmt::format("simulate {:.4f} s, features {:.4f} s, summed over threads", report.seconds.simulate,
                             report.seconds.features));
    if (report.seconds.steps && report.seconds.steps->steps > 0) note_steps(*report.seconds.steps, console);
  }
  const bool strict = options.strict || problem.evaluation.strict;
  return strict && any_failed(report) ? exit_status::failed : exit_status::success;
}

}  // namespace

void add_evaluate_command(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("evaluate", "Simulate and score given parameters");
  const auto options = std::make_shared<EvaluateOptions>();
  add_file(*command, "CELL.json", options->cell_file, "The cell file, or a problem file with an evaluator of its own");
  command
      ->add_option("--params", options->params_file,
                   "Values of the free parameters: {full name: value}, or a list of them")
      ->type_name("PARAMS.json")
      ->required();
  add_threads(*command, options->threads);
  command->add_flag("--profile", options->profile, "Print where the time went, on stderr");
  command->add_flag("--json", options->json, "Print one JSON document");
  command->add_flag("--strict", options->strict, "Exit with status 1 if a protocol or evaluation failed");
  options->simulator.add_to(*command);
  add_verbosity(*command, program.verbosity);
  command->callback(
      [options, &program] { program.command = [options, &program] { return evaluate_command(*options, program); }; });
}

}  // namespace cellwright::cli
