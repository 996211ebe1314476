#include "run_writer.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/base/number_text.hpp"
#include "cellwright/optimise/asynchronous.hpp"

namespace cellwright::run {
namespace {

using optimise::EvaluatedBatch;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
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

std::string logbook_line(const optimise::LogbookRow& row) {
  return fmt::format("{},{},{},{},{},{},{}\n", row.gen, row.nevals, shortest_number(row.avg), shortest_number(row.std),
                     shortest_number(row.min), shortest_number(row.max), row.failed);
}

std::string timing_line(const optimise::LogbookRow& row, double seconds) {
  const double rate = seconds > 0 ? static_cast<double>(row.nevals) / seconds : 0;
  return fmt::format("{},{},{:.6f},{:.3f}\n", row.gen, row.nevals, seconds, rate);
}

}  // namespace

RunWriter::RunWriter(RunDirectory& directory, const RunRequest& request, const optimise::Evaluator& evaluator,
                     Journal& journal, int saved_generation)
    : directory_(directory),
      journal_(journal),
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

void RunWriter::individuals_evaluated(const EvaluatedBatch& batch) {
  append_history(batch);
  if (population_) append_population(batch);
}

void RunWriter::generation_finished(const optimise::OptimiserState& state, const optimise::LogbookRow& row,
                                    double seconds) {
  timings_.append(timing_line(row, seconds));
  if (state.generation == 0) return;  // starting points: a run that ends here begins anew
  logbook_.append(logbook_line(row));
  if (!schedule_.due(state.generation, seconds_since(start_))) return;
  const bool sync = seconds_since(last_sync_) >= sync_seconds_;
  save(state, sync ? Durability::machine : Durability::process);
}

void RunWriter::finish(const optimise::OptimiserState& state) {
  if (state.generation == 0) return;
  written_hall_of_fame_.clear();
  save(state, Durability::machine);
}

/// Rows first, results next, the checkpoint last: what a checkpoint speaks of is always there. The journal survives
/// what the checkpoint survives, and then says nothing new.
void RunWriter::save(const optimise::OptimiserState& state, Durability durability) {
  if (durability == Durability::machine) {
    logbook_.sync();
    history_.sync();
    if (population_) population_->sync();
    last_sync_ = Clock::now();
  }
  const std::string hall_of_fame = format_hall_of_fame(state.hall_of_fame, parameters_, objectives_);
  if (hall_of_fame != written_hall_of_fame_) {
    replace_file(directory_.path(files::hall_of_fame), hall_of_fame, durability);
    replace_file(directory_.path(files::best_params), format_best_params(state.hall_of_fame, parameters_), durability);
    written_hall_of_fame_ = hall_of_fame;
  }
  if (state.generation == saved_generation_ && saved_durability_ == Durability::machine) return;
  directory_.save_checkpoint(
      {.identity = identity_, .parameters = parameters_, .objectives = objectives_, .state = state}, durability);
  saved_generation_ = state.generation;
  saved_durability_ = durability;
  journal_.forget(settled_by(state));
}

/// Whose scores the state holds. An asynchronous run has individuals that were asked for earlier and still wait.
std::function<bool(std::int64_t)> RunWriter::settled_by(const optimise::OptimiserState& state) const {
  if (!identity_.asynchronous) return [last = state.evaluations](std::int64_t id) { return id <= last; };
  std::vector<std::int64_t> waiting = optimise::waiting_ids(state, parameters_.size());
  const std::int64_t last = state.evaluations + static_cast<std::int64_t>(waiting.size());
  return [waiting = std::move(waiting), last](std::int64_t id) {
    return id <= last && !std::ranges::binary_search(waiting, id);
  };
}

void RunWriter::append_history(const EvaluatedBatch& batch) {
  std::string rows;
  for (std::size_t i = 0; i < batch.parents.size(); ++i) {
    rows += fmt::format("{},{},{},{}\n", batch.generation, batch.first_id + static_cast<std::int64_t>(i),
                        batch.parents[i][0], batch.parents[i][1]);
  }
  history_.append(rows);
}

void RunWriter::append_population(const EvaluatedBatch& batch) {
  if (batch.generation != generation_of_index_) index_in_generation_ = 0;
  generation_of_index_ = batch.generation;
  std::string rows;
  for (std::size_t i = 0; i < batch.parameters.rows(); ++i) {
    rows += fmt::format("{},{}", batch.generation, index_in_generation_++);
    for (const double value : batch.parameters.row(i)) rows += "," + csv_number(value);
    for (const double value : batch.objectives.values.row(i)) rows += "," + csv_number(value);
    rows += '\n';
  }
  population_->append(rows);
}

}  // namespace cellwright::run
