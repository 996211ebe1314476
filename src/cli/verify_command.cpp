#include <memory>

#include <fmt/format.h>

#include "cellwright/run/params_file.hpp"
#include "cellwright/run/verify.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"
#include "cli/problem_options.hpp"

namespace cellwright::cli {
namespace {

struct VerifyOptions {
  std::string cell_file, params_file;
  std::optional<double> max_shift_ms, max_score;
  std::int64_t threads = 0;
  bool json = false;
  SimulatorOptions simulator;
};

/// The values of the file, or the middle of the bounds.
std::vector<double> parameter_values(const VerifyOptions& options, const run::Problem& problem) {
  std::vector<double> values;
  if (options.params_file.empty()) {
    for (const model::CellParameter* parameter : problem.cell.free_parameters())
      values.push_back(0.5 * ((*parameter->bounds)[0] + (*parameter->bounds)[1]));
    return values;
  }
  const run::ParameterSets sets = run::load_params(options.params_file, problem.cell);
  if (sets.values.rows() != 1) {
    throw ConfigError(
        Diagnostic{.code = "params-list",
                   .message = fmt::format("'verify' takes one set of parameters, not {}", sets.values.rows()),
                   .span = {.file = options.params_file},
                   .fix = "give {full name: value}"});
  }
  const auto row = sets.values.row(0);
  return {row.begin(), row.end()};
}

std::string present(const run::RecordingComparison& recording, bool native) {
  const bool there = native ? recording.present.first : recording.present.second;
  if (!there) return "none";
  if (!recording.is_voltage) return "";
  return fmt::format("{}", native ? recording.spikes.first : recording.spikes.second);
}

std::string judgement(const run::RecordingComparison& recording) {
  if (recording.pass) return "ok";
  return recording.present.first || recording.present.second ? "DIFFERS" : "NOT COMPARED";
}

std::string conclusion(const run::Verification& verification) {
  if (verification.pass) return "The engines agree";
  const std::size_t failed = verification.failures.size();
  if (failed == 0) return "The engines differ";
  return fmt::format("Not verified ({} {} failed)", failed, failed == 1 ? "protocol" : "protocols");
}

std::string describe_recordings(const run::Verification& verification) {
  std::vector<std::vector<std::string>> rows = {
      {"recording", "first deviation", "largest", "spikes", "NEURON", "worst shift", ""}};
  for (const run::RecordingComparison& recording : verification.recordings) {
    rows.push_back(
        {recording.name, recording.first_deviation_ms ? fmt::format("{:.6g} ms", *recording.first_deviation_ms) : "-",
         fmt::format("{:.2g}", recording.largest_deviation), present(recording, true), present(recording, false),
         fmt::format("{:.3g} ms", recording.worst_spike_shift_ms), judgement(recording)});
  }
  return format_table(rows, {false, true, true, true, true, true, false});
}

std::string describe_objectives(const run::Verification& verification) {
  std::vector<std::vector<std::string>> rows = {{"objective", "native", "NEURON", "difference", ""}};
  for (const run::ObjectiveComparison& objective : verification.objectives) {
    rows.push_back(
        {objective.name, fmt::format("{:.6g}", objective.scores.first), fmt::format("{:.6g}", objective.scores.second),
         fmt::format("{:.2g}", objective.scores.first - objective.scores.second), objective.pass ? "ok" : "DIFFERS"});
  }
  return format_table(rows, {false, true, true, true, false});
}

int verify_command(const VerifyOptions& options, const Console& console) {
  if (!options.simulator.engine.empty()) {
    throw ConfigError(Diagnostic{.code = "config-engine",
                                 .message = "verify runs both engines: --engine has no meaning here",
                                 .fix = "leave it out"});
  }
  const run::Problem problem = load_problem_for_command(options.cell_file, options.simulator, console);
  const std::vector<double> values = parameter_values(options, problem);
  const run::VerifyLimits usual = run::default_limits(problem.simulator);
  const run::VerifyLimits limits{options.max_shift_ms.value_or(usual.max_shift_ms),
                                 options.max_score.value_or(usual.max_score)};
  const run::Verification verification =
      run::verify(problem, values, limits, static_cast<std::size_t>(options.threads));
  if (options.json) {
    console.print(run::format_verification(verification));
  } else {
    console.print(describe_recordings(verification));
    if (!verification.objectives.empty()) console.print("\n" + describe_objectives(verification));
    console.print(fmt::format("\n{}: a spike may be shifted by {:.3g} ms, a score by {:.3g}\n",
                              conclusion(verification), limits.max_shift_ms, limits.max_score));
  }
  for (const auto& [protocol, said] : verification.failures) {
    console.diagnostic({.severity = Severity::warning,
                        .code = "protocol-failed",
                        .message = fmt::format("protocol '{}' failed; native: {}; NEURON: {}", protocol,
                                               said.first.empty() ? "it ran" : said.first,
                                               said.second.empty() ? "it ran" : said.second)});
  }
  return verification.pass ? exit_status::success : exit_status::failed;
}

}  // namespace

void add_verify_command(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("verify", "Compare the native engine with NEURON on one set of parameters");
  const auto options = std::make_shared<VerifyOptions>();
  add_file(*command, "CELL.json", options->cell_file, "The cell file");
  command
      ->add_option("--params", options->params_file,
                   "Values of the free parameters: {full name: value}; default: the middle of their bounds")
      ->type_name("PARAMS.json");
  add_number(*command, "--max-shift", options->max_shift_ms, not_negative, "MS",
             "What a spike may be shifted by in ms; default: one fixed step, or 2 with the variable step");
  add_number(*command, "--max-score", options->max_score, not_negative, "S",
             "What a score may differ by; default: 0.05, or 0.25 with the variable step");
  add_threads(*command, options->threads);
  command->add_flag("--json", options->json, "Print one JSON document");
  options->simulator.add_to(*command);
  add_verbosity(*command, program.verbosity);
  command->callback([options, &program] {
    program.command = [options, &program] { return verify_command(*options, program.console); };
  });
}

}  // namespace cellwright::cli
