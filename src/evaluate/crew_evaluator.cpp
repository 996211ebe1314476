#include "cellwright/evaluate/crew_evaluator.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "cellwright/evaluate/chunk_size.hpp"

namespace cellwright::evaluate {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

/// One batch on its way.
class CrewEvaluator::Deal {
 public:
  Deal(CrewEvaluator& evaluator, TableView<const double> parameters, const optimise::BatchHooks& hooks)
      : evaluator_(evaluator),
        crew_(*evaluator.crew_),
        parameters_(parameters),
        hooks_(hooks),
        order_(optimise::costliest_first(parameters.rows(), hooks.expected_costs)),
        scores_(parameters.rows(), evaluator.objectives().size()),
        out_(crew_.places().size()) {}

  optimise::ObjectiveTable run() {
    const Clock::time_point start = Clock::now();
    while (finished_ < order_.size()) {
      stopped_ = stopped_ || (hooks_.stop && hooks_.stop());
      if (stopped_ && chunks_.empty()) throw optimise::EvaluationStopped();
      if (!stopped_) deal();
      if (std::optional<FinishedChunk> chunk = crew_.wait(look_every_s)) take(std::move(*chunk));
    }
    const double wall = std::chrono::duration<double>(Clock::now() - start).count();
    const double available = wall * static_cast<double>(out_.size());
    evaluator_.statistics_.idle_share = available > 0 ? std::clamp(1 - busy_seconds() / available, 0.0, 1.0) : 0;
    return std::move(scores_);
  }

 private:
  /// What is out at a place.
  struct Outstanding {
    std::size_t chunks = 0, rows = 0;
    double busy_seconds = 0;
    Clock::time_point busy_since{};
  };

  void deal() {
    while (next_ < order_.size()) {
      const std::size_t place = next_place();
      if (place == out_.size()) return;
      const std::size_t rows =
          chunk_size(crew_.places(), place,
                     {.remaining = order_.size() - next_, .seconds_per_row = evaluator_.seconds_per_row_[place]});
      start(place, rows);
    }
  }

  /// The place that has least to do. While there is enough for all, a place gets its next chunk before it has finished
  /// the one before; towards the end only idle ones get any. out_.size(): nobody.
  std::size_t next_place() const {
    const std::vector<Place>& places = crew_.places();
    std::size_t at_once = 0;
    for (const Place& place : places) at_once += place.rows_at_once;
    const bool plenty = order_.size() - next_ > at_once || places.size() == 1;
    const auto load = [&](std::size_t p) {
      return static_cast<double>(out_[p].rows) / static_cast<double>(places[p].rows_at_once);
    };
    std::size_t best = out_.size();
    for (std::size_t p = 0; p < out_.size(); ++p) {
      const std::size_t side_by_side = places[p].independent_chunks;
      if (out_[p].chunks >= (plenty ? std::min(places[p].chunks_at_once, side_by_side + 1) : side_by_side)) continue;
      if (best == out_.size() || load(p) < load(best)) best = p;
    }
    return best;
  }

  void start(std::size_t place, std::size_t count) {
    Chunk chunk{.number = ++last_number_, .parameters = Table<double>(count, parameters_.columns())};
    std::vector<std::size_t>& rows = chunks_[chunk.number];
    for (std::size_t i = 0; i < count; ++i) {
      rows.push_back(order_[next_++]);
      std::ranges::copy(parameters_.row(rows.back()), chunk.parameters.row(i).begin());
    }
    Outstanding& out = out_[place];
    if (out.chunks++ == 0) out.busy_since = Clock::now();
    out.rows += count;
    crew_.start(place, std::move(chunk));
  }

  void take(FinishedChunk chunk) {
    const auto found = chunks_.find(chunk.number);
    if (found == chunks_.end()) return;  // of a batch that was given up
    if (chunk.failure) std::rethrow_exception(chunk.failure);
    const std::vector<std::size_t> rows = std::move(found->second);
    chunks_.erase(found);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::ranges::copy(std::as_const(chunk.scores.values).row(i), scores_.values.row(rows[i]).begin());
      scores_.failed[rows[i]] = chunk.scores.failed[i];
      scores_.reasons[rows[i]] = std::move(chunk.scores.reasons[i]);
    }
    Outstanding& out = out_[chunk.place];
    out.rows -= rows.size();
    if (--out.chunks == 0) out.busy_seconds += std::chrono::duration<double>(Clock::now() - out.busy_since).count();
    finished_ += rows.size();
    const double each = chunk.seconds / static_cast<double>(rows.size());
    evaluator_.seconds_per_row_[chunk.place] = each;
    evaluator_.statistics_.slowest_seconds = std::max(evaluator_.statistics_.slowest_seconds, each);
    if (hooks_.arrived) hooks_.arrived(rows, scores_, each);
  }

  double busy_seconds() const {
    double seconds = 0;
    for (const Outstanding& out : out_) seconds += out.busy_seconds;
    return seconds;
  }

  CrewEvaluator& evaluator_;
  Crew& crew_;
  TableView<const double> parameters_;
  const optimise::BatchHooks& hooks_;
  std::vector<std::size_t> order_;  ///< rows, those first that are dealt first
  std::size_t next_ = 0;            ///< into order_
  std::size_t finished_ = 0;
  bool stopped_ = false;
  std::int64_t& last_number_ = evaluator_.last_number_;
  std::map<std::int64_t, std::vector<std::size_t>> chunks_;  ///< rows of the chunks that are out
  optimise::ObjectiveTable scores_;
  std::vector<Outstanding> out_;  ///< [n_places]
};

CrewEvaluator::CrewEvaluator(const optimise::Evaluator& problem, std::unique_ptr<Crew> crew)
    : Evaluator(problem.parameters(), problem.objectives()),
      crew_(std::move(crew)),
      seconds_per_row_(crew_->places().size(), 0.0),
      statistics_{.places = crew_->places().size()} {}

optimise::ObjectiveTable CrewEvaluator::evaluate(TableView<const double> parameters) {
  return evaluate_batch(parameters, {});
}

optimise::ObjectiveTable CrewEvaluator::evaluate_batch(TableView<const double> parameters,
                                                       const optimise::BatchHooks& hooks) {
  return Deal(*this, parameters, hooks).run();
}

}  // namespace cellwright::evaluate
