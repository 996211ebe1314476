#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "cellwright/base/shell_text.hpp"
#include "cellwright/optimise/algorithm_registry.hpp"
#include "cellwright/report/make_report.hpp"
#include "cellwright/run/cell_evaluator.hpp"
#include "cellwright/run/optimisation_run.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "cli/problem_options.hpp"
#include "cli/progress.hpp"

namespace cellwright::cli {
namespace {

struct OptimiseOptions {
  std::string cell_file;
  std::string algorithm = "ibea";
  std::int64_t seed = 1, offspring = 10, generations = 10, hall_of_fame = 10, checkpoint_every = 1, threads = 0;
  double eta = 10, mutpb = 1, cxpb = 1, sync_every_s = 1;
  std::string out;
  std::optional<double> checkpoint_interval_s;
  bool resume = false, save_population = false, strict = false, no_report = false;
  SimulatorOptions simulator;
};

run::RunRequest make_request(const OptimiseOptions& options, const Program& program, const std::string& name,
                             const std::string& hash) {
  run::RunRequest request;
  request.origin.problem_file = options.cell_file;
  request.origin.command = program.arguments;
  request.origin.working_directory = std::filesystem::current_path();
  request.identity = {.problem_name = name,
                      .problem_hash = hash,
                      .algorithm = options.algorithm,
                      .seed = options.seed,
                      .offspring = static_cast<std::size_t>(options.offspring),
                      .eta = options.eta,
                      .mutpb = options.mutpb,
                      .cxpb = options.cxpb,
                      .hall_of_fame = static_cast<std::size_t>(options.hall_of_fame),
                      .save_population = options.save_population};
  request.directory = options.out.empty() ? fmt::format("./{}-run", name) : options.out;
  request.generations = static_cast<int>(options.generations);
  request.resume = options.resume;
  request.checkpoint_every = static_cast<int>(options.checkpoint_every);
  request.checkpoint_interval_s = options.checkpoint_interval_s;
  request.sync_seconds = options.sync_every_s;
  return request;
}

run::RunRequest make_request(const OptimiseOptions& options, const Program& program, const run::Problem& problem) {
  run::RunRequest request = make_request(options, program, problem.name, problem.hash);
  request.origin.threads =
      options.threads == 0 ? parallel::hardware_threads() : static_cast<std::size_t>(options.threads);
  request.identity.step = problem.simulator.step;
  request.identity.dt_ms = problem.simulator.dt_ms;
  request.identity.atol = problem.simulator.atol;
  request.identity.numeric = run::to_string(problem.simulator.numeric);
  request.identity.engine = problem.simulator.engine;
  return request;
}

std::string resume_command(const std::vector<std::string>& arguments) {
  const std::string line = shell_command(arguments);
  return std::ranges::count(arguments, "--resume") > 0 ? line : line + " --resume";
}

void print_best_parameters(const Console& console, const optimise::Evaluator& evaluator,
                           const optimise::Individual& best) {
  std::vector<std::vector<std::string>> rows = {{"parameter", "value", "lower", "upper"}};
  for (std::size_t i = 0; i < best.values.size(); ++i) {
    const optimise::Parameter& parameter = evaluator.parameters()[i];
    rows.push_back({parameter.name(), fmt::format("{:.6g}", best.values[i]),
                    fmt::format("{:g}", *parameter.lower_bound()), fmt::format("{:g}", *parameter.upper_bound())});
  }
  console.print(
      fmt::format("\n{}\n{}", console.bold("Best parameters"), format_table(rows, {false, true, true, true})));
}

void print_objectives(const Console& console, const optimise::Evaluator& evaluator, const optimise::Individual& best,
                      std::string_view unit) {
  const std::vector<double>& scores = best.fitness.values();
  std::vector<std::vector<std::string>> rows = {{"objective", "score"}};
  for (const std::size_t i : report::worst_first(scores))
    rows.push_back({evaluator.objectives()[i].name, fmt::format("{:.4g}", scores[i])});
  rows.push_back({"sum", fmt::format("{:.4g}", best.fitness.sum())});
  console.print(fmt::format("\n{}\n{}",
                            console.bold(fmt::format("Objectives of the best individual, worst first{}", unit)),
                            format_table(rows, {false, true})));
}

void print_result(const Console& console, const optimise::Evaluator& evaluator, const run::RunOutcome& outcome,
                  const run::RunRequest& request, const std::string& page, std::string_view unit = {}) {
  if (console.quiet()) return;
  const optimise::Individual& best = outcome.hall_of_fame[0];
  print_best_parameters(console, evaluator, best);
  print_objectives(console, evaluator, best, unit);
  console.print(fmt::format("\nFound in generation {} of {}, {} evaluations, {} of them failed.\nFiles: {}\n",
                            best.generation, outcome.generation, outcome.evaluations, outcome.failed_evaluations,
                            request.directory.string()));
  if (!page.empty()) console.print(fmt::format("Report: {}\n", page));
  if (!outcome.finished.empty()) console.print(fmt::format("Ended by the stopping criterion: {}.\n", outcome.finished));
}

int report_stop(const Console& console, const run::RunOutcome& outcome, const run::RunRequest& request,
                const Program& program) {
  if (outcome.generation == 0) {
    console.note("stopped before the first generation");
  } else {
    console.note(fmt::format("stopped after generation {} of {}; the checkpoint is in {}", outcome.generation,
                             request.generations, request.directory.string()));
  }
  console.note(fmt::format("go on with:  {}", resume_command(program.arguments)));
  if (outcome.generation > 0) {
    console.note(
        fmt::format("see it with: {}", shell_command({program.arguments[0], "report", request.directory.string()})));
  }
  return exit_status::interrupted;
}

/// The report's path. A run that ended well does not fail for its report: what hinders it is a warning.
std::string make_report(const Console& console, const std::function<report::ReportData()>& gather) {
  try {
    return report::write_report(gather()).string();
  } catch (const Error& error) {
    for (Diagnostic diagnostic : error.diagnostics()) {
      diagnostic.severity = Severity::warning;
      diagnostic.message = "no report: " + diagnostic.message;
      console.diagnostic(diagnostic);
    }
    return "";
  }
}

run::RunOutcome run_with_progress(run::OptimisationRun& run, std::shared_ptr<optimise::Evaluator> evaluator,
                                  int generations, const Console& console) {
  if (run.first_generation() > 0) console.note(fmt::format("going on after generation {}", run.first_generation()));
  ProgressDisplay display(console);
  display.begin(run.first_generation(), generations);
  return run.run(std::move(evaluator), {.progress = [&](const run::RunProgress& progress) { display.show(progress); },
                                        .stop = stop_requested});
}

int optimise_cell(const OptimiseOptions& options, const Program& program) {
  const Console& console = program.console;
  const run::Problem problem = load_problem_for_command(options.cell_file, options.simulator, console);
  const run::RunRequest request = make_request(options, program, problem);
  run::OptimisationRun run(request);
  console.diagnostics(run.warnings());
  const auto evaluator = run::make_cell_evaluator(problem, static_cast<std::size_t>(options.threads));
  console.diagnostics(evaluator->prepared_model().warnings());
  console.note(fmt::format("{}: {} free parameters, {} objectives, {} protocols, {} threads", problem.name,
                           evaluator->parameters().size(), evaluator->objectives().size(), problem.protocols.size(),
                           evaluator->executor().workers()));
  const run::RunOutcome outcome = run_with_progress(run, evaluator, request.generations, console);
  if (!evaluator->first_failure().empty())
    console.note(fmt::format("the first failed evaluation: {}", evaluator->first_failure()));
  if (outcome.stopped) return report_stop(console, outcome, request, program);
  const std::string page = options.no_report ? "" : make_report(console, [&] {
    console.note("simulating the best individuals for the report");
    return report::gather_report(run::read_run(request.directory), problem, *evaluator);
  });
  print_result(console, *evaluator, outcome, request, page, " (standard deviations from the target)");
  const bool strict = options.strict || problem.evaluation.strict;
  return strict && outcome.failed_evaluations > 0 ? exit_status::failed : exit_status::success;
}

/// A problem file: a program of the user's own evaluates.
int optimise_external(const OptimiseOptions& options, const Program& program) {
  const Console& console = program.console;
  const run::ExternalProblem problem = load_external_for_command(options.cell_file, options.simulator);
  warn_about_threads(options.threads, console);
  run::RunRequest request = make_request(options, program, problem.name, problem.hash);
  request.origin.external = true;
  request.origin.threads = problem.workers;
  run::OptimisationRun run(request);
  console.diagnostics(run.warnings());
  const auto evaluator =
      std::make_shared<run::ExternalEvaluator>(problem, run.directory().folder(), run.first_generation() > 0);
  console.note(fmt::format("{}: {} free parameters, {} objectives, {} workers", problem.name, problem.free_count(),
                           problem.objectives.size(), problem.workers));
  const run::RunOutcome outcome = run_with_progress(run, evaluator, request.generations, console);
  if (!evaluator->first_failure().empty())
    console.note(fmt::format("the first failed evaluation: {}", evaluator->first_failure()));
  if (outcome.stopped) return report_stop(console, outcome, request, program);
  const std::string page =
      options.no_report ? ""
                        : make_report(console, [&] { return report::gather_report(run::read_run(request.directory)); });
  print_result(console, *evaluator, outcome, request, page);
  return options.strict && outcome.failed_evaluations > 0 ? exit_status::failed : exit_status::success;
}

int optimise(const OptimiseOptions& options, const Program& program) {
  catch_interrupts();
  return run::is_problem_file(options.cell_file) ? optimise_external(options, program)
                                                 : optimise_cell(options, program);
}

void add_algorithm_options(CLI::App& command, OptimiseOptions& options) {
  std::vector<std::string> names;
  for (const optimise::AlgorithmDescription& algorithm : optimise::algorithm_descriptions())
    names.push_back(algorithm.name);
  add_choice(command, "--algorithm", options.algorithm, names, {}, "How to search; docs/optimisers.md compares them")
      ->default_str("ibea");
  add_integer(command, "--seed", options.seed, {}, "Seed of the random numbers, as Python's random.seed");
  add_integer(command, "--offspring", options.offspring, {1, 100'000'000}, "Individuals per generation");
  add_integer(command, "--generations", options.generations, {1, 2'000'000'000},
              "Generations in all, the initial one counted");
  add_number(command, "--eta", options.eta, not_negative, "NUMBER",
             "Distribution index of crossover and mutation; larger: smaller steps");
  add_number(command, "--mutpb", options.mutpb, probability, "NUMBER",
             "Probability that an individual is mutated, 0 to 1");
  add_number(command, "--cxpb", options.cxpb, probability, "NUMBER", "Probability that a pair is crossed, 0 to 1");
  add_integer(command, "--hall-of-fame", options.hall_of_fame, {1, 100'000'000}, "Size of the hall of fame");
}

void add_run_options(CLI::App& command, OptimiseOptions& options) {
  add_threads(command, options.threads);
  command.add_option("--out", options.out, "Run directory; default: ./NAME-run, NAME from the cell file")
      ->type_name("DIR");
  command.add_flag("--resume", options.resume, "Go on from the checkpoint in the run directory");
  add_integer(command, "--checkpoint-every", options.checkpoint_every, {1, 2'000'000'000},
              "Generations between checkpoints");
  add_number(command, "--checkpoint-interval", options.checkpoint_interval_s, above_zero, "S",
             "Also a checkpoint after so many seconds, at the end of the generation; default: none");
  add_number(command, "--sync-every", options.sync_every_s, not_negative, "S",
             "Seconds between checkpoints that wait for the disk, to survive the machine's death; 0: all do");
  command.add_flag("--save-population", options.save_population, "Write every evaluation to population.csv");
  command.add_flag("--no-report", options.no_report, "Do not make report.html and plots/ at the end");
  command.add_flag("--strict", options.strict, "Exit with status 1 if an evaluation failed");
}

}  // namespace

void add_optimise_command(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("optimise", "Search the parameters whose features fit the targets best")->alias("optimize");
  const auto options = std::make_shared<OptimiseOptions>();
  add_file(*command, "CELL.json", options->cell_file, "The cell file, or a problem file with an evaluator of its own");
  add_algorithm_options(*command, *options);
  add_run_options(*command, *options);
  options->simulator.add_to(*command);
  add_verbosity(*command, program.verbosity);
  command->callback(
      [options, &program] { program.command = [options, &program] { return optimise(*options, program); }; });
}

}  // namespace cellwright::cli
