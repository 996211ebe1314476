#include "cellwright/optimise/success_history_de.hpp"

#include "cellwright/base/error.hpp"
#include "cellwright/optimise/algorithm_registry.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

namespace cellwright::optimise {
namespace {

std::vector<Parameter> parameters() {
  return {Parameter("a", -1.0, 1.0), Parameter("b", 0.0, 2.0), Parameter("c", 10.0, 20.0)};
}

std::vector<double> bowls(std::span<const double> v) {
  return {v[0] * v[0] + (v[1] - 1.5) * (v[1] - 1.5), 0.01 * (v[2] - 12) * (v[2] - 12)};
}

std::shared_ptr<Evaluator> evaluator() { return make_evaluator(parameters(), {"f", "g"}, bowls); }
std::vector<Objective> objectives() { return {Objective("f"), Objective("g")}; }

template <class Function>
std::string message_of(Function&& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(SuccessHistoryDE, FindsTheOptimumWithinTheBounds) {
  SuccessHistoryDE algorithm(parameters(), objectives(), {.seed = 2, .offspring_size = 12});
  const auto problem = evaluator();
  double worst = 0;
  run_algorithm(algorithm, *problem,
                {.max_ngen = 60, .observers = {[&](const GenerationReport& report) {
                                   for (std::size_t i = 0; i < report.pool.size(); ++i) {
                                     worst = std::max(worst, std::abs(report.pool.parameters(i, 0)) - 1.0);
                                     worst = std::max(worst, std::abs(report.pool.parameters(i, 2) - 15) - 5.0);
                                   }
                                 }}});

  EXPECT_LE(worst, 0.0);
  EXPECT_LT(algorithm.state().hall_of_fame[0].fitness.sum(), 1e-4);
  EXPECT_EQ(algorithm.state().evaluations, 720);
}

TEST(SuccessHistoryDE, NeverLosesGround) {
  SuccessHistoryDE algorithm(parameters(), objectives(), {.seed = 5});
  const auto problem = evaluator();

  const RunResult result = run_algorithm(algorithm, *problem, {.max_ngen = 30});

  for (std::size_t g = 1; g < result.logbook.size(); ++g) {
    EXPECT_LE(result.logbook[g].min, result.logbook[g - 1].min);
    EXPECT_LE(result.logbook[g].max, result.logbook[g - 1].max);
  }
}

TEST(SuccessHistoryDE, GoesOnFromEveryGenerationAsIfItHadNotStopped) {
  const SHADESettings settings{.seed = 3, .offspring_size = 6, .memory_size = 2, .archive_size = 0.5};
  const auto problem = evaluator();
  SuccessHistoryDE undisturbed(parameters(), objectives(), settings);
  std::vector<OptimiserState> saved;
  run_algorithm(undisturbed, *problem,
                {.max_ngen = 12, .observers = {[&](const GenerationReport& r) { saved.push_back(r.state); }}});

  for (const OptimiserState& state : saved) {
    SuccessHistoryDE resumed(parameters(), objectives(), settings);
    resumed.restore(state);
    run_algorithm(resumed, *problem, {.max_ngen = 12});

    EXPECT_EQ(resumed.state(), undisturbed.state()) << state.generation;
  }
}

TEST(SuccessHistoryDE, CountsFailures) {
  const auto failing = make_evaluator(parameters(), {"f", "g"}, [](std::span<const double> v) {
    return std::vector<double>{v[0] > 0 ? std::numeric_limits<double>::quiet_NaN() : v[0] + 1, 0.0};
  });
  SuccessHistoryDE algorithm(parameters(), objectives(), {.offspring_size = 20});

  const RunResult result = run_algorithm(algorithm, *failing, {.max_ngen = 20});

  EXPECT_GT(result.logbook[0].failed, 0);
  EXPECT_LT(result.hall_of_fame[0].fitness.sum(), 0.01);
}

TEST(SuccessHistoryDE, NamesEveryImpossibleSetting) {
  const SHADESettings settings{
      .offspring_size = 3, .hof_size = 0, .best_share = 0, .memory_size = 0, .archive_size = -1};

  const std::string message = message_of([&] { SuccessHistoryDE(parameters(), objectives(), settings); });

  for (const char* part :
       {"offspring_size is 3", "hof_size is 0", "best_share is 0", "memory_size is 0", "archive_size is -1"})
    EXPECT_THAT(message, ::testing::HasSubstr(part));
}

TEST(SuccessHistoryDE, RefusesStatesThatContradictThemselves) {
  SuccessHistoryDE algorithm(parameters(), objectives());
  run_algorithm(algorithm, *evaluator(), {.max_ngen = 3});
  OptimiserState place = algorithm.state();
  place.memory["next"] = {6.0};
  OptimiserState archive = algorithm.state();
  archive.memory["archive"].assign(3 * 61, 0.5);

  EXPECT_EQ(message_of([&] { SuccessHistoryDE(parameters(), objectives()).restore(place); }),
            "error: the place in the memory is not in it [checkpoint-state]");
  EXPECT_EQ(message_of([&] { SuccessHistoryDE(parameters(), objectives()).restore(archive); }),
            "error: the archive is too large [checkpoint-state]");
}

TEST(AlgorithmRegistry, MakesEveryAlgorithm) {
  const auto problem = evaluator();
  for (const AlgorithmDescription& description : algorithm_descriptions()) {
    const auto algorithm = make_algorithm(description.name, parameters(), objectives(), {.offspring_size = 8});

    const RunResult result = run_algorithm(*algorithm, *problem, {.max_ngen = 2});

    EXPECT_EQ(result.logbook.size(), 2U) << description.name;
    EXPECT_EQ(algorithm->state().settings.selector_name, description.selector);
  }
}

TEST(AlgorithmRegistry, RefusesUnknownNames) {
  EXPECT_EQ(message_of([] { settings_of_algorithm("best", {}); }),
            "error: unknown algorithm 'best' [run-algorithm]\n"
            "  fix: one of 'ibea', 'nsga2', 'cmasop', 'ipop', 'cmamop', 'shade'");
}

}  // namespace
}  // namespace cellwright::optimise
