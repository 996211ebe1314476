#include "cellwright/run/optimisation_run.hpp"

#include <chrono>

#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "cellwright/base/number_text.hpp"
#include "cellwright/optimise/algorithm_registry.hpp"
#include "checkpoint_schedule.hpp"
#include "csv_file.hpp"

namespace cellwright::run {
namespace {

using Clock = std::chrono::steady_clock;
using optimise::EvaluatedBatch;
using optimise::GenerationReport;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& items) {
  std::vector<std::string> names;
  for (const Named& item : items) {
    if constexpr (requires { item.name(); }) {
      names.push_back(item.name());
    } else {
      names.push_back(item.name);
    }
  }
  return names;
}

std::string population_header(const std::vector<std::string>& parameters, const std::vector<std::string>& objectives) {
  std::string header = "generation,index";
  for (const auto* names : {&parameters, &objectives}) {
    for (const std::string& name : *names) header += "," + csv_cell(name);
  }
  return header;
}

/// The observer that keeps the run directory.
class RunWriter {
 public:
  RunWriter(RunDirectory& directory, const RunRequest& request, const optimise::Evaluator& evaluator,
            int saved_generation)
      : directory_(directory),
        schedule_(request.checkpoint_every, request.checkpoint_interval_s),
        sync_seconds_(request.sync_seconds),
        identity_(request.identity),
        parameters_(names_of(evaluator.parameters())),
        objectives_(names_of(evaluator.objectives())),
        logbook_(directory.path(files::logbook), "gen,nevals,avg,std,min,max,failed"),
        timings_(directory.path(files::timings), "gen,nevals,seconds,evaluations_per_second"),
        history_(directory.path(files::history), "generation,id,parent,partner"),
        saved_generation_(saved_generation) {
    if (identity_.save_population)
      population_.emplace(directory.path(files::population), population_header(parameters_, objectives_));
  }

  void generation_finished(const GenerationReport& report, double seconds) {
    append_timing(report.row, seconds);
    append_history(report.evaluated);
    if (population_) append_population(report.evaluated);
    if (report.state.generation == 0) return;  // starting points: a run that ends here begins anew
    append_logbook(report.row);
    if (!schedule_.due(report.state.generation, seconds_between(start_, Clock::now()))) return;
    const bool sync = seconds_between(last_sync_, Clock::now()) >= sync_seconds_;
    save(report.state, sync ? Durability::machine : Durability::process);
  }

  /// The last checkpoint of this process, and the result files in any case.
  void finish(const optimise::OptimiserState& state) {
    if (state.generation == 0) return;
    written_hall_of_fame_.clear();
    save(state, Durability::machine);
  }

 private:
  /// Rows first, results next, the checkpoint last: what a checkpoint speaks of is always there.
  void save(const optimise::OptimiserState& state, Durability durability) {
    if (durability == Durability::machine) {
      logbook_.sync();
      history_.sync();
      if (population_) population_->sync();
      last_sync_ = Clock::now();
    }
    const std::string hall_of_fame = format_hall_of_fame(state.hall_of_fame, parameters_, objectives_);
    if (hall_of_fame != written_hall_of_fame_) {
      replace_file(directory_.path(files::hall_of_fame), hall_of_fame, durability);
      replace_file(directory_.path(files::best_params), format_best_params(state.hall_of_fame, parameters_),
                   durability);
      written_hall_of_fame_ = hall_of_fame;
    }
    if (state.generation == saved_generation_ && saved_durability_ == Durability::machine) return;
    directory_.save_checkpoint(
        {.identity = identity_, .parameters = parameters_, .objectives = objectives_, .state = state}, durability);
    saved_generation_ = state.generation;
    saved_durability_ = durability;
  }

  void append_logbook(const optimise::LogbookRow& row) {
    logbook_.append(fmt::format("{},{},{},{},{},{},{}\n", row.gen, row.nevals, shortest_number(row.avg),
                                shortest_number(row.std), shortest_number(row.min), shortest_number(row.max),
                                row.failed));
  }

  void append_timing(const optimise::LogbookRow& row, double seconds) {
    const double rate = seconds > 0 ? static_cast<double>(row.nevals) / seconds : 0;
    timings_.append(fmt::format("{},{},{:.6f},{:.3f}\n", row.gen, row.nevals, seconds, rate));
  }

  void append_history(const EvaluatedBatch& batch) {
    std::string rows;
    for (std::size_t i = 0; i < batch.parents.size(); ++i) {
      rows += fmt::format("{},{},{},{}\n", batch.generation, batch.first_id + static_cast<std::int64_t>(i),
                          batch.parents[i][0], batch.parents[i][1]);
    }
    history_.append(rows);
  }

  void append_population(const EvaluatedBatch& batch) {
    std::string rows;
    for (std::size_t i = 0; i < batch.parameters.rows(); ++i) {
      rows += fmt::format("{},{}", batch.generation, i);
      for (const double value : batch.parameters.row(i)) rows += "," + csv_number(value);
      for (const double value : batch.objectives.values.row(i)) rows += "," + csv_number(value);
      rows += '\n';
    }
    population_->append(rows);
  }

  RunDirectory& directory_;
  CheckpointSchedule schedule_;
  Clock::time_point start_ = Clock::now();
  double sync_seconds_;
  Clock::time_point last_sync_{};
  RunIdentity identity_;
  std::vector<std::string> parameters_, objectives_;
  CsvFile logbook_, timings_, history_;
  std::optional<CsvFile> population_;
  int saved_generation_;
  Durability saved_durability_ = Durability::machine;
  std::string written_hall_of_fame_;
};

/// Times the generations of this process and tells the surroundings.
class ProgressTeller {
 public:
  ProgressTeller(int generations, const RunHooks& hooks) : generations_(generations), hooks_(hooks) {}

  /// @returns the seconds that the generation took.
  double generation_finished(const GenerationReport& report) {
    const Clock::time_point now = Clock::now();
    const double seconds = seconds_between(last_, now);
    last_ = now;
    session_evaluations_ += report.row.nevals;
    if (hooks_.progress && !report.state.hall_of_fame.empty()) {
      hooks_.progress({.generation = report.state.generation,
                       .generations = generations_,
                       .evaluations = report.state.evaluations,
                       .failed_evaluations = report.state.failed_evaluations,
                       .best_sum = report.state.hall_of_fame[0].fitness.sum(),
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
    directory_->clear();
  }
  replace_file(directory_->path(files::run),
               format_run_info(request_.origin, directory_->folder(), request_.generations, evaluator->parameters()),
               Durability::process);
  RunWriter writer(*directory_, request_, *evaluator, first_generation());
  ProgressTeller teller(request_.generations, hooks);
  optimise::RunOptions options{.max_ngen = request_.generations, .stop = hooks.stop};
  options.observers.push_back(
      [&](const GenerationReport& report) { writer.generation_finished(report, teller.generation_finished(report)); });
  const optimise::RunResult result = optimise::run_algorithm(*algorithm, *evaluator, options);
  const optimise::OptimiserState& state = algorithm->state();
  writer.finish(state);
  return {.hall_of_fame = state.hall_of_fame,
          .generation = state.generation,
          .evaluations = state.evaluations,
          .failed_evaluations = state.failed_evaluations,
          .stopped = result.stopped,
          .finished = result.finished};
}

}  // namespace cellwright::run
