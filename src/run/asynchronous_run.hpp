#pragma once
/// What an asynchronous run needs besides that of a run by generations.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/optimise/asynchronous.hpp"
#include "cellwright/run/journal.hpp"
#include "run_writer.hpp"

namespace cellwright::run {

/// Slots that give what the journal holds, in its order, before what is evaluated now.
class ReplayedSlots final : public optimise::EvaluationSlots {
 public:
  /// @param asked called with every individual that is to be evaluated.
  ReplayedSlots(optimise::EvaluationSlots& inner, const Journal& journal,
                std::function<void(const optimise::AsynchronousTask&)> asked)
      : inner_(inner), journal_(journal), asked_(std::move(asked)) {}

  std::size_t slots() const override { return inner_.slots(); }
  void start(const optimise::AsynchronousTask& task) override;
  optimise::AsynchronousResult wait() override;

 private:
  optimise::EvaluationSlots& inner_;
  const Journal& journal_;
  std::function<void(const optimise::AsynchronousTask&)> asked_;
  std::map<std::size_t, optimise::AsynchronousResult> known_;  ///< by their place in the journal
};

/// Writes the rows of each individual that is told, and those of a generation when it is complete.
class AsynchronousWriter {
 public:
  /// @param generation_finished called with the state after each generation; returns the seconds that it took.
  AsynchronousWriter(RunWriter& writer, const optimise::AsynchronousAlgorithm& algorithm,
                     std::function<double(const optimise::OptimiserState&)> generation_finished)
      : writer_(writer),
        algorithm_(algorithm),
        per_generation_(static_cast<std::int64_t>(algorithm.state().settings.offspring_size)),
        generation_finished_(std::move(generation_finished)) {}

  /// An individual that is to be evaluated: its values and parents are needed when they are told.
  void asked(const optimise::AsynchronousTask& task) { tasks_.insert_or_assign(task.id, task); }
  void told(const optimise::AsynchronousResult& result);
  /// The state at the end of the last generation that was completed here.
  const std::optional<optimise::OptimiserState>& last_generation() const { return last_generation_; }

 private:
  RunWriter& writer_;
  const optimise::AsynchronousAlgorithm& algorithm_;
  std::int64_t per_generation_;
  std::function<double(const optimise::OptimiserState&)> generation_finished_;
  std::map<std::int64_t, optimise::AsynchronousTask> tasks_;
  std::optional<optimise::OptimiserState> last_generation_;
};

/// The ids in the order in which scores are told from the individual number `first` on (from 0), for the schedules
/// "arrival" (none) and "in-order", or as they are given. @param total individuals of the whole run.
std::vector<std::int64_t> remaining_schedule(const std::string& name, const std::vector<std::int64_t>& given,
                                             std::int64_t first, std::int64_t total);

}  // namespace cellwright::run
