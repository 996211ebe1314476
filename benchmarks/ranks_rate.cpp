// What distributing costs beside the evaluations: generations of individuals whose evaluation is free, over the ranks
// that mpirun started (or in one process).
//
//   mpirun -n 2 ranks_rate PARAMETERS OBJECTIVES INDIVIDUALS...
//
// Rank 0 prints one line of JSON: microseconds a generation and an individual, bytes out and back, memory of rank 0.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

#include <fmt/format.h>

#include "cellwright/evaluate/crew_evaluator.hpp"
#include "cellwright/evaluate/rank_crew.hpp"
#include "process_usage.hpp"

namespace {

using namespace cellwright;

/// Counts what goes through.
class CountedRanks final : public parallel::Ranks {
 public:
  explicit CountedRanks(std::unique_ptr<parallel::Ranks> ranks) : ranks_(std::move(ranks)) {}
  int rank() const override { return ranks_->rank(); }
  int size() const override { return ranks_->size(); }
  int node_rank() const override { return ranks_->node_rank(); }
  std::string host() const override { return ranks_->host(); }
  std::string broadcast(const std::string& text) override { return ranks_->broadcast(text); }
  std::string node_broadcast(const std::string& text) override { return ranks_->node_broadcast(text); }
  void node_barrier() override { ranks_->node_barrier(); }
  std::size_t fair_threads() override { return ranks_->fair_threads(); }
  void send(int to, std::string_view bytes) override {
    sent += bytes.size();
    ranks_->send(to, bytes);
  }
  std::optional<parallel::RankMessage> receive() override {
    std::optional<parallel::RankMessage> message = ranks_->receive();
    if (message) received += message->bytes.size();
    return message;
  }
  [[noreturn]] void abort(int status) override {
    ranks_->abort(status);
    std::_Exit(status);  // GCC 12 does not believe that the line above never returns
  }

  std::size_t sent = 0, received = 0;

 private:
  std::unique_ptr<parallel::Ranks> ranks_;
};

/// An evaluation that only fills in scores.
class Free final : public optimise::Evaluator {
 public:
  Free(std::size_t parameters, std::size_t objectives) : Evaluator(make(parameters), name(objectives)) {}
  optimise::ObjectiveTable evaluate(TableView<const double> rows) override {
    return optimise::ObjectiveTable(rows.rows(), objectives().size());
  }

 private:
  static std::vector<optimise::Parameter> make(std::size_t count) {
    std::vector<optimise::Parameter> parameters;
    for (std::size_t i = 0; i < count; ++i) parameters.emplace_back(fmt::format("p{}", i), 0.0, 1.0);
    return parameters;
  }
  static std::vector<optimise::Objective> name(std::size_t count) {
    std::vector<optimise::Objective> objectives;
    for (std::size_t i = 0; i < count; ++i) objectives.emplace_back(fmt::format("o{}", i));
    return objectives;
  }
};

const evaluate::Place place{.rows_at_once = 8, .lanes = 8, .chunks_at_once = 2};

double best_seconds(evaluate::CrewEvaluator& evaluator, TableView<const double> rows) {
  double best = 1e300;
  for (int repetition = 0; repetition < 7; ++repetition) {
    const auto start = std::chrono::steady_clock::now();
    evaluator.evaluate(rows);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: ranks_rate PARAMETERS OBJECTIVES INDIVIDUALS...\n";
    return 2;
  }
  const auto number = [&](int i) { return static_cast<std::size_t>(std::atoll(argv[i])); };
  const auto problem = std::make_shared<Free>(number(1), number(2));
  std::unique_ptr<evaluate::Crew> crew = evaluate::make_local_crew({problem}, place);
  std::unique_ptr<parallel::Ranks> joined = parallel::join_ranks();
  if (joined && joined->rank() != 0) return evaluate::serve_rank(*joined, *crew);
  std::optional<CountedRanks> ranks;
  if (joined) {
    ranks.emplace(std::move(joined));
    crew = evaluate::make_rank_crew(*ranks, std::move(crew),
                                    std::vector<evaluate::Place>(static_cast<std::size_t>(ranks->size() - 1), place));
  }
  evaluate::CrewEvaluator evaluator(*problem, std::move(crew));
  std::string rows_of_json;
  for (int i = 3; i < argc; ++i) {
    const Table<double> rows(number(i), number(1), 0.5);
    const std::size_t sent = ranks ? ranks->sent : 0, received = ranks ? ranks->received : 0;
    const double seconds = best_seconds(evaluator, rows.view());
    const double each = 7.0 * static_cast<double>(rows.rows());
    rows_of_json += fmt::format(
        R"({}{{"individuals": {}, "us_per_generation": {:.1f}, "us_per_individual": {:.3f}, "bytes_out": {:.1f}, "bytes_back": {:.1f}}})",
        i > 3 ? ", " : "", rows.rows(), 1e6 * seconds, 1e6 * seconds / static_cast<double>(rows.rows()),
        ranks ? static_cast<double>(ranks->sent - sent) / each : 0.0,
        ranks ? static_cast<double>(ranks->received - received) / each : 0.0);
  }
  std::cout << fmt::format(
                   R"({{"ranks": {}, "parameters": {}, "objectives": {}, "peak_mib": {:.1f}, "generations": [{}]}})",
                   ranks ? ranks->size() : 1, number(1), number(2), peak_mib(), rows_of_json)
            << std::endl;
  if (ranks) evaluate::end_ranks(*ranks, 0);
  return 0;
}
