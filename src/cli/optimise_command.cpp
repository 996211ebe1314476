#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "cellwright/base/shell_text.hpp"
#include "cellwright/evaluate/crew_evaluator.hpp"
#include "cellwright/optimise/algorithm_registry.hpp"
#include "cellwright/report/make_report.hpp"
#include "cellwright/run/cell_evaluator.hpp"
#include "cellwright/run/optimisation_run.hpp"
#include "cellwright/run/rank_startup.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "cli/problem_options.hpp"
#include "cli/progress.hpp"
#include "cli/rank_session.hpp"

namespace cellwright::cli {
namespace {

struct OptimiseOptions {
  std::string cell_file;
  std::string algorithm = "ibea";
  std::int64_t seed = 1, offspring = 10, generations = 10, hall_of_fame = 10, checkpoint_every = 1, threads = 0;
  double eta = 10, mutpb = 1, cxpb = 1, sync_every_s = 1, rank_timeout_s = 60;
  std::string out;
  std::optional<double> checkpoint_interval_s;
  bool resume = false, save_population = false, strict = false, no_report = false, asynchronous = false;
  std::int64_t in_flight = 0;
  std::string schedule;
  SimulatorOptions simulator;
};

ConfigError asynchronous_error(const std::string& message, const std::string& fix) {
  return ConfigError(Diagnostic{.code = "run-asynchronous", .message = message, .fix = fix});
}

/// --asynchronous and what belongs to it.
void apply_asynchronous(const OptimiseOptions& options, run::RunRequest& request) {
  if (!options.asynchronous) {
    if (options.schedule.empty() && options.in_flight == 0) return;
    throw asynchronous_error("--schedule and --in-flight are for asynchronous runs", "add --asynchronous");
  }
  if (options.algorithm != "ibea" && options.algorithm != "nsga2") {
    throw asynchronous_error(fmt::format("--algorithm {} works by generations only", options.algorithm),
                             "with --asynchronous: ibea or nsga2");
  }
  run::RunIdentity& identity = request.identity;
  identity.asynchronous = true;
  identity.in_flight = static_cast<std::size_t>(options.in_flight);
  identity.schedule = options.schedule.empty() ? run::arrival_schedule : options.schedule;
  if (identity.schedule == run::arrival_schedule) return;
  if (identity.schedule == run::in_order_schedule) {
    if (identity.in_flight == 0) identity.in_flight = identity.offspring;
    return;
  }
  if (identity.in_flight == 0) {
    throw asynchronous_error("a schedule repeats a run with the same number of individuals in flight only",
                             "give it with --in-flight; the checkpoint of that run tells it ('in_flight')");
  }
  request.schedule = run::load_schedule(options.schedule);
  identity.schedule = run::schedule_name(request.schedule);
}

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
  request.directory = run_folder(options.out, name);
  request.generations = static_cast<int>(options.generations);
  request.resume = options.resume;
  request.checkpoint_every = static_cast<int>(options.checkpoint_every);
  request.checkpoint_interval_s = options.checkpoint_interval_s;
  request.sync_seconds = options.sync_every_s;
  apply_asynchronous(options, request);
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
  if (outcome.journalled > 0) {
    console.note(
        fmt::format("{} individuals of the next generation are evaluated and in the journal", outcome.journalled));
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

/// Who evaluates: a crew, or an evaluator that needs none.
struct Workforce {
  std::unique_ptr<evaluate::Crew> crew{};
  std::shared_ptr<optimise::Evaluator> evaluator{};
};

run::RunOutcome run_with_progress(run::OptimisationRun& run, const optimise::Evaluator& problem, Workforce workforce,
                                  const run::RunRequest& request, const Console& console) {
  if (run.first_generation() > 0) console.note(fmt::format("going on after generation {}", run.first_generation()));
  evaluate::CrewStatistics statistics;
  ProgressDisplay display(console);
  display.begin(run.first_generation(), request.generations);
  run::RunHooks hooks{.progress = [&](const run::RunProgress& progress) { display.show(progress, statistics); },
                      .stop = stop_requested};
  if (request.identity.asynchronous) return run.run_asynchronously(problem, *workforce.crew, hooks, &statistics);
  if (!workforce.crew) return run.run(std::move(workforce.evaluator), hooks);
  const auto evaluator = std::make_shared<evaluate::CrewEvaluator>(problem, std::move(workforce.crew));
  hooks.progress = [&](const run::RunProgress& progress) { display.show(progress, evaluator->statistics()); };
  return run.run(evaluator, hooks);
}

/// Each reason once, with how many evaluations it cost.
void note_failures(const run::FailureTally& failures, const Console& console) {
  for (const auto& [reason, count] : failures.most_frequent())
    console.note(fmt::format("{} evaluation{} failed: {}", count, count == 1 ? "" : "s", reason));
}

int optimise_cell(const OptimiseOptions& options, RankSession& ranks, const Program& program) {
  const Console& console = program.console;
  const run::Problem problem = load_problem_for_command(options.cell_file, options.simulator, console);
  const run::RunRequest request = make_request(options, program, problem);
  run::OptimisationRun run(request);
  console.diagnostics(run.warnings());
  ranks.invite(problem, program);
  const std::shared_ptr<evaluate::CellEvaluator> evaluator = ranks.build(problem);
  console.diagnostics(evaluator->prepared_model().warnings());
  Workforce workforce{.crew = ranks.gather(run::make_cell_crew(evaluator, problem.simulator.numeric), problem.hash,
                                           ranks.has_ranks() ? run::engine_name(problem.simulator) : "", console)};
  console.note(fmt::format("{}: {} free parameters, {} objectives, {} protocols, {} threads{}", problem.name,
                           evaluator->parameters().size(), evaluator->objectives().size(), problem.protocols.size(),
                           evaluator->executor().workers(), ranks.description()));
  const run::RunOutcome outcome = run_with_progress(run, *evaluator, std::move(workforce), request, console);
  note_failures(outcome.failures, console);
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
int optimise_external(const OptimiseOptions& options, RankSession& ranks, const Program& program) {
  const Console& console = program.console;
  const run::ExternalProblem problem = load_external_for_command(options.cell_file, options.simulator);
  warn_about_threads(options.threads, console);
  run::RunRequest request = make_request(options, program, problem.name, problem.hash);
  request.origin.external = true;
  request.origin.threads = problem.workers;
  run::OptimisationRun run(request);
  console.diagnostics(run.warnings());
  const bool append_logs = run.first_generation() > 0;
  ranks.invite(problem, program);
  const auto evaluator = std::make_shared<run::ExternalEvaluator>(problem, run.directory().folder(), append_logs);
  Workforce workforce{.evaluator = evaluator};
  if (options.asynchronous || ranks.has_ranks()) {
    workforce.crew = ranks.gather(run::make_external_crew(problem, run.directory().folder(), append_logs), problem.hash,
                                  "", console);
  }
  console.note(fmt::format("{}: {} free parameters, {} objectives, {} workers{}", problem.name, problem.free_count(),
                           problem.objectives.size(), problem.workers, ranks.description()));
  const run::RunOutcome outcome = run_with_progress(run, *evaluator, std::move(workforce), request, console);
  note_failures(outcome.failures, console);
  if (outcome.stopped) return report_stop(console, outcome, request, program);
  const std::string page =
      options.no_report ? ""
                        : make_report(console, [&] { return report::gather_report(run::read_run(request.directory)); });
  print_result(console, *evaluator, outcome, request, page);
  return options.strict && outcome.failed_evaluations > 0 ? exit_status::failed : exit_status::success;
}

/// True for failures of machines and networks, which another start may not meet again.
bool is_lost(const DistributionError& error) { return error.code() == "rank-lost" || error.code() == "mpi"; }

int optimise(const OptimiseOptions& options, const Program& program) {
  catch_interrupts();
  std::unique_ptr<parallel::Ranks> joined = parallel::join_ranks();
  const RankOptions rank_options{.out = options.out,
                                 .threads = options.threads,
                                 .lost_after_s = options.rank_timeout_s,
                                 .simulator = options.simulator};
  if (joined && joined->rank() != 0) serve_as_rank(std::move(joined), rank_options, program);
  RankSession ranks(std::move(joined), rank_options);
  try {
    const int status = run::is_problem_file(options.cell_file) ? optimise_external(options, ranks, program)
                                                               : optimise_cell(options, ranks, program);
    ranks.set_status(status);
    return status;
  } catch (const DistributionError& error) {
    if (!ranks.has_ranks() || !is_lost(error)) throw;
    program.console.diagnostics(error.diagnostics());
    ranks.abort(exit_status::try_again);
  }
}

void add_algorithm_options(CLI::App& command, OptimiseOptions& options) {
  std::vector<std::string> names;
  for (const optimise::AlgorithmDescription& algorithm : optimise::algorithm_descriptions())
    names.push_back(algorithm.name);
  add_choice(command, "--algorithm", options.algorithm, names, "How to search; docs/optimisers.md compares them")
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
  add_number(command, "--rank-timeout", options.rank_timeout_s, above_zero, "S",
             "With several ranks (mpirun, srun): seconds without a sign of life after which one is lost");
  command.add_flag("--save-population", options.save_population, "Write every evaluation to population.csv");
  command.add_flag("--no-report", options.no_report, "Do not make report.html and plots/ at the end");
  command.add_flag("--asynchronous", options.asynchronous,
                   "Breed an individual whenever one was evaluated (steady state), for evaluations of uneven length");
  command
      .add_option("--schedule", options.schedule,
                  "Order in which an asynchronous run takes scores: arrival, in-order (the same on any machine), or "
                  "the history.csv of a run to repeat; default: arrival")
      ->type_name("arrival|in-order|FILE");
  add_integer(command, "--in-flight", options.in_flight, {0, 100'000'000},
              "Individuals that an asynchronous run evaluates at the same time; 0: what keeps all threads busy; "
              "in-order: --offspring");
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
