#include "cellwright/run/optimisation_run.hpp"

#include <chrono>

#include <fmt/format.h>

#include "asynchronous_run.hpp"
#include "cellwright/evaluate/crew_slots.hpp"
#include "cellwright/optimise/algorithm_registry.hpp"
#include "journalled_evaluator.hpp"
#include "run_writer.hpp"

namespace cellwright::run {
namespace {

using Clock = std::chrono::steady_clock;
using optimise::GenerationReport;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// Times the generations of this process and tells the surroundings.
class ProgressTeller {
 public:
  ProgressTeller(int generations, const RunHooks& hooks) : generations_(generations), hooks_(hooks) {}

  /// @returns the seconds that the generation took.
  double generation_finished(const optimise::OptimiserState& state, const optimise::LogbookRow& row) {
    const Clock::time_point now = Clock::now();
    const double seconds = seconds_between(last_, now);
    last_ = now;
    session_evaluations_ += row.nevals;
    if (hooks_.progress && !state.hall_of_fame.empty()) {
      hooks_.progress({.generation = state.generation,
                       .generations = generations_,
                       .evaluations = state.evaluations,
                       .failed_evaluations = state.failed_evaluations,
                       .best_sum = state.hall_of_fame[0].fitness.sum(),
                       .session_evaluations = session_evaluations_,
                       .session_seconds = seconds_between(start_, now)});
    }
    return seconds;
  }

 private:
  int generations_;
  const RunHooks& hooks_;
  Clock::time_point start_ = Clock::now(), last_ = start_;
  std::int64_t session_evaluations_ = 0;
};

void finish(const optimise::OptimiserState& state, RunWriter& writer, Journal& journal, RunOutcome& outcome) {
  writer.finish(state);
  outcome.journalled = static_cast<std::int64_t>(journal.size());
  journal.close();
  outcome.hall_of_fame = state.hall_of_fame;
  outcome.generation = state.generation;
  outcome.evaluations = state.evaluations;
  outcome.failed_evaluations = state.failed_evaluations;
}

void write_run_info(const RunDirectory& directory, const RunRequest& request, const optimise::Evaluator& problem) {
  replace_file(directory.path(files::run),
               format_run_info(request.origin, directory.folder(), request.generations, problem.parameters()),
               Durability::process);
}

/// What arrives goes to the journal.
auto journal_arrivals(Journal& journal) {
  return [&journal](std::span<const optimise::AsynchronousTask> tasks,
                    std::span<const optimise::AsynchronousResult> results) {
    for (std::size_t i = 0; i < tasks.size(); ++i)
      journal.add(tasks[i].id, tasks[i].values, results[i].scores, results[i].failed, results[i].reason);
    journal.flush();
  };
}

}  // namespace

OptimisationRun::OptimisationRun(RunRequest request)
    : request_(std::move(request)), directory_(std::make_unique<RunDirectory>(request_.directory)) {
  const std::string folder = request_.directory.string();
  if (!request_.resume) {
    if (!directory_->holds_run()) return;
    throw ConfigError(Diagnostic{.code = "run-directory-used",
                                 .message = fmt::format("'{}' holds a run already", folder),
                                 .fix = "go on with --resume, or give another folder with --out"});
  }
  checkpoint_ = directory_->load_checkpoint(warnings_);
  if (!checkpoint_) return;
  const std::string file = directory_->path(files::checkpoint).string();
  check_same_run(checkpoint_->identity, request_.identity, file);
  request_.identity.in_flight = checkpoint_->identity.in_flight;
  if (checkpoint_->state.generation > request_.generations) {
    throw ConfigError(
        Diagnostic{.code = "run-generations",
                   .message = fmt::format("{} generations are finished already, more than --generations {}",
                                          checkpoint_->state.generation, request_.generations),
                   .span = {.file = file},
                   .fix = "--generations may only grow"});
  }
  directory_->remove_temporary_files();
  checkpoint_->state.logbook = directory_->cut_back(*checkpoint_);
}

RunOutcome OptimisationRun::run(std::shared_ptr<optimise::Evaluator> evaluator, const RunHooks& hooks) {
  const std::unique_ptr<optimise::Algorithm> algorithm =
      optimise::make_algorithm(request_.identity.algorithm, evaluator->parameters(), evaluator->objectives(),
                               optimiser_settings(request_.identity));
  if (checkpoint_) {
    algorithm->restore(checkpoint_->state);
  } else {
    directory_->clear(!request_.resume);
  }
  write_run_info(*directory_, request_, *evaluator);
  Journal journal(directory_->path(files::journal), hash_identity(request_.identity), request_.sync_seconds);
  RunWriter writer(*directory_, request_, *evaluator, journal, first_generation());
  ProgressTeller teller(request_.generations, hooks);
  optimise::RunOptions options{.max_ngen = request_.generations, .stop = hooks.stop};
  options.observers.push_back([&](const GenerationReport& report) {
    const double seconds = teller.generation_finished(report.state, report.row);
    writer.individuals_evaluated(report.evaluated);
    writer.generation_finished(report.state, report.row, seconds);
  });
  JournalledEvaluator journalled(evaluator, journal, *algorithm, hooks.stop);
  RunOutcome outcome;
  try {
    const optimise::RunResult result = optimise::run_algorithm(*algorithm, journalled, options);
    outcome.stopped = result.stopped;
    outcome.finished = result.finished;
  } catch (const optimise::EvaluationStopped&) {
    outcome.stopped = true;
  }
  outcome.failures = journalled.failures();
  finish(algorithm->state(), writer, journal, outcome);
  return outcome;
}

RunOutcome OptimisationRun::run_asynchronously(const optimise::Evaluator& problem, evaluate::Crew& crew,
                                               const RunHooks& hooks, evaluate::CrewStatistics* statistics) {
  RunIdentity& identity = request_.identity;
  optimise::AsynchronousAlgorithm algorithm(problem.parameters(), problem.objectives(), optimiser_settings(identity));
  if (checkpoint_) {
    algorithm.restore(checkpoint_->state);
  } else {
    directory_->clear(!request_.resume);
  }
  if (identity.in_flight == 0) identity.in_flight = evaluate::crew_capacity(crew);
  write_run_info(*directory_, request_, problem);
  Journal journal(directory_->path(files::journal), hash_identity(identity), request_.sync_seconds);
  RunWriter writer(*directory_, request_, problem, journal, first_generation());
  ProgressTeller teller(request_.generations, hooks);
  AsynchronousWriter rows(writer, algorithm, [&](const optimise::OptimiserState& state) {
    return teller.generation_finished(state, state.logbook.rows().back());
  });
  evaluate::CrewSlots slots(crew, identity.in_flight, {.arrived = journal_arrivals(journal), .stop = hooks.stop});
  ReplayedSlots replayed(slots, journal, [&](const optimise::AsynchronousTask& task) { rows.asked(task); });
  RunOutcome outcome;
  const std::int64_t total = static_cast<std::int64_t>(identity.offspring) * request_.generations;
  const optimise::AsynchronousOptions options{
      .max_evaluations = total,
      .schedule = remaining_schedule(identity.schedule, request_.schedule, algorithm.state().evaluations, total),
      .told = [&](const optimise::AsynchronousResult& result) {
        if (statistics) *statistics = slots.statistics();
        outcome.failures.add(result.reason);
        rows.told(result);
      }};
  try {
    optimise::run_asynchronously(algorithm, replayed, options);
  } catch (const optimise::EvaluationStopped&) {
    outcome.stopped = true;
  }
  const optimise::OptimiserState saved = checkpoint_ ? checkpoint_->state : optimise::OptimiserState();
  finish(rows.last_generation().value_or(saved), writer, journal, outcome);
  return outcome;
}

}  // namespace cellwright::run
