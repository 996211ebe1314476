// Time that the optimiser itself takes per generation: breeding, selection, statistics; evaluations are not counted.
//
//   optimiser_rate SELECTOR OFFSPRING GENERATIONS [PARAMETERS OBJECTIVES [asynchronous]]
//
// Prints one line of JSON: milliseconds of processor time a generation, and the memory that the process took.
#include "cellwright/optimise/asynchronous.hpp"
#include "cellwright/optimise/deap_optimisation.hpp"
#include "process_usage.hpp"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <string>

#include <fmt/format.h>

namespace {

using namespace cellwright;
using namespace cellwright::optimise;

/// Objectives in conflict: the same as in optimiser_vs_deap.py.
ObjectiveTable evaluate(TableView<const double> rows, std::size_t objectives) {
  ObjectiveTable table(rows.rows(), objectives);
  const std::size_t n = rows.columns();
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    for (std::size_t k = 0; k < objectives; ++k) {
      const double a = rows(i, k % n) - static_cast<double>((3 * k) % 11) / 10.0;
      const double b = rows(i, (k + 7) % n) + static_cast<double>((5 * k) % 7) / 10.0;
      table.values(i, k) = a * a + b * b;
    }
  }
  return table;
}

struct Measured {
  double seconds = 0;  ///< of all generations
  double best_sum = 0;
};

Measured by_generations(const std::vector<Parameter>& parameters, const std::vector<Objective>& objectives,
                        const DEAPSettings& settings, int generations) {
  DEAPAlgorithm algorithm(parameters, objectives, settings);
  algorithm.tell(evaluate(algorithm.ask(), objectives.size()));
  Measured result;
  for (int generation = 0; generation < generations; ++generation) {
    const double start = processor_seconds();
    const TableView<const double> rows = algorithm.ask();
    const double asked = processor_seconds();
    ObjectiveTable scores = evaluate(rows, objectives.size());
    const double evaluated = processor_seconds();
    algorithm.tell(std::move(scores));
    result.seconds += (asked - start) + (processor_seconds() - evaluated);
  }
  result.best_sum = algorithm.state().hall_of_fame[0].fitness.sum();
  return result;
}

/// Evaluates at once what it gets; the time of that is counted, and is little.
class InstantSlots final : public EvaluationSlots {
 public:
  explicit InstantSlots(std::size_t objectives) : objectives_(objectives) {}
  std::size_t slots() const override { return 64; }
  void start(const AsynchronousTask& task) override { tasks_.push_back(task); }
  AsynchronousResult wait() override {
    const AsynchronousTask task = std::move(tasks_.front());
    tasks_.pop_front();
    Table<double> row(1, task.values.size());
    std::ranges::copy(task.values, row.row(0).begin());
    const ObjectiveTable scores = evaluate(std::as_const(row).view(), objectives_);
    return {.id = task.id, .scores = {scores.values.values().begin(), scores.values.values().end()}};
  }

 private:
  std::size_t objectives_;
  std::deque<AsynchronousTask> tasks_;
};

Measured asynchronously(const std::vector<Parameter>& parameters, const std::vector<Objective>& objectives,
                        const DEAPSettings& settings, int generations) {
  AsynchronousAlgorithm algorithm(parameters, objectives, settings);
  InstantSlots slots(objectives.size());
  const auto population = static_cast<std::int64_t>(settings.offspring_size);
  run_asynchronously(algorithm, slots, {.max_evaluations = population});
  const double start = processor_seconds();
  run_asynchronously(algorithm, slots, {.max_evaluations = population * (1 + generations)});
  return {.seconds = processor_seconds() - start, .best_sum = algorithm.state().hall_of_fame[0].fitness.sum()};
}

int run(int count, char** words) {
  if (count < 4) {
    std::cerr << "optimiser_rate SELECTOR OFFSPRING GENERATIONS [PARAMETERS OBJECTIVES [asynchronous]]\n";
    return 2;
  }
  const DEAPSettings settings{.seed = 1, .offspring_size = std::stoul(words[2]), .selector_name = words[1]};
  const int generations = std::stoi(words[3]);
  const std::size_t n_parameters = count > 4 ? std::stoul(words[4]) : 20;
  const std::size_t n_objectives = count > 5 ? std::stoul(words[5]) : 35;
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < n_parameters; ++i) parameters.emplace_back(fmt::format("p{}", i), -1.0, 1.0);
  std::vector<Objective> objectives;
  for (std::size_t k = 0; k < n_objectives; ++k) objectives.emplace_back(fmt::format("f{}", k));
  const bool steady = count > 6 && words[6] == std::string("asynchronous");
  const Measured measured = steady ? asynchronously(parameters, objectives, settings, generations)
                                   : by_generations(parameters, objectives, settings, generations);
  std::cout
      << fmt::format(
             R"({{"selector": "{}", "offspring": {}, "ms_per_generation": {:.4f}, "peak_mib": {:.1f}, "best_sum": {:.17g}}})",
             settings.selector_name, settings.offspring_size, measured.seconds / generations * 1000, peak_mib(),
             measured.best_sum)
      << '\n';
  return 0;
}

}  // namespace

int main(int count, char** words) {
  try {
    return run(count, words);
  } catch (const std::exception& error) {
    std::cerr << "optimiser_rate: " << error.what() << '\n';
    return 1;
  }
}
