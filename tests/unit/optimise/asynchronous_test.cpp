#include "cellwright/optimise/asynchronous.hpp"

#include "cellwright/base/error.hpp"

#include <chrono>
#include <deque>
#include <thread>

#include <gmock/gmock.h>

namespace cellwright::optimise {
namespace {

std::vector<Parameter> parameters() { return {Parameter("a", -1.0, 1.0), Parameter("b", 0.0, 2.0)}; }
std::vector<Objective> objectives() { return {Objective("f"), Objective("g")}; }
std::vector<double> bowls(std::span<const double> v) {
  return {v[0] * v[0] + v[1] * v[1], (v[0] - 0.1) * (v[0] - 0.1) + (v[1] - 0.2) * (v[1] - 0.2)};
}
/// Some evaluations take longer than others.
std::vector<double> uneven_bowls(std::span<const double> v) {
  std::this_thread::sleep_for(std::chrono::microseconds(v[0] > 0 ? 1500 : 200));
  return bowls(v);
}

/// Finishes the one that was started last.
class Stack : public EvaluationSlots {
 public:
  explicit Stack(std::size_t slots) : slots_(slots) {}
  std::size_t slots() const override { return slots_; }
  void start(const AsynchronousTask& task) override { open_.push_back(task); }
  AsynchronousResult wait() override {
    const AsynchronousTask task = open_.back();
    open_.pop_back();
    return {.id = task.id, .scores = bowls(task.values)};
  }

 private:
  std::size_t slots_;
  std::vector<AsynchronousTask> open_;
};

class EachAsynchronous : public ::testing::TestWithParam<const char*> {
 protected:
  DEAPSettings settings{.seed = 4, .offspring_size = 12, .hof_size = 3, .selector_name = GetParam()};
  AsynchronousAlgorithm make() const { return {parameters(), objectives(), settings}; }
};
INSTANTIATE_TEST_SUITE_P(Selectors, EachAsynchronous, ::testing::Values("IBEA", "NSGA2"),
                         [](const auto& selector) { return std::string(selector.param); });

TEST_P(EachAsynchronous, ImprovesAndCountsGenerations) {
  AsynchronousAlgorithm algorithm = make();
  Stack slots(5);

  const std::vector<std::int64_t> told = run_asynchronously(algorithm, slots, {.max_evaluations = 240});

  const OptimiserState& state = algorithm.state();
  EXPECT_EQ(told.size(), 240U);
  EXPECT_EQ(state.evaluations, 240);
  EXPECT_EQ(state.logbook.size(), 20U);
  EXPECT_EQ(state.pool.size(), 12U);
  EXPECT_LT(state.logbook[19].avg, state.logbook[0].avg / 2);
  EXPECT_LT(state.hall_of_fame[0].fitness.sum(), 0.1);
  EXPECT_THAT(algorithm.history().parents_of(200)[0], ::testing::Gt(0));
}

TEST_P(EachAsynchronous, RepeatsARunOfThreadsByItsSchedule) {
  AsynchronousAlgorithm first = make();
  AsynchronousAlgorithm second = make();
  const auto four = make_thread_slots(uneven_bowls, 4);
  const auto again = make_thread_slots(bowls, 4);

  const std::vector<std::int64_t> order = run_asynchronously(first, *four, {.max_evaluations = 100});
  const std::vector<std::int64_t> repeated =
      run_asynchronously(second, *again, {.max_evaluations = 100, .schedule = order});

  EXPECT_EQ(repeated, order);
  EXPECT_EQ(second.state(), first.state());
}

TEST_P(EachAsynchronous, GoesOnFromASavedState) {
  AsynchronousAlgorithm undisturbed = make();
  AsynchronousAlgorithm resumed = make();
  Stack slots(1);
  std::optional<OptimiserState> saved;
  run_asynchronously(undisturbed, slots, {.max_evaluations = 100, .observer = [&](const OptimiserState& state) {
                                            if (state.evaluations == 41) saved = state;
                                          }});

  resumed.restore(*saved);
  run_asynchronously(resumed, slots, {.max_evaluations = 100});

  EXPECT_EQ(resumed.state(), undisturbed.state());
}

TEST_P(EachAsynchronous, LargePopulationsTakeNewcomersTogether) {
  settings.offspring_size = 200;  // 4 at a time
  AsynchronousAlgorithm undisturbed = make();
  Stack slots(1);
  std::optional<OptimiserState> saved;
  run_asynchronously(undisturbed, slots, {.max_evaluations = 600, .observer = [&](const OptimiserState& state) {
                                            if (state.evaluations == 403) saved = state;
                                            EXPECT_LT(state.pool.size(), 204U);
                                          }});

  EXPECT_EQ(saved->pool.size(), 203U);
  EXPECT_EQ(undisturbed.state().pool.size(), 200U);
  EXPECT_LT(undisturbed.state().logbook[2].avg, undisturbed.state().logbook[0].avg / 1.5);
  AsynchronousAlgorithm resumed = make();
  resumed.restore(*saved);
  run_asynchronously(resumed, slots, {.max_evaluations = 600});
  EXPECT_EQ(resumed.state(), undisturbed.state());
}

TEST_P(EachAsynchronous, GivesWaitingIndividualsAgainAfterRestore) {
  AsynchronousAlgorithm algorithm = make();
  AsynchronousAlgorithm resumed = make();
  const AsynchronousTask first = algorithm.ask();
  const AsynchronousTask second = algorithm.ask();
  algorithm.tell({.id = second.id, .scores = {1.0, 2.0}});

  resumed.restore(algorithm.state());

  ASSERT_EQ(resumed.waiting().size(), 1U);
  EXPECT_EQ(resumed.waiting()[0].values, first.values);
  EXPECT_EQ(resumed.ask().values, algorithm.ask().values);
}

TEST(Asynchronous, StopsWhenToldAndAwaitsWhatRuns) {
  AsynchronousAlgorithm algorithm(parameters(), objectives());
  Stack slots(4);
  int told = 0;

  const auto order =
      run_asynchronously(algorithm, slots, {.max_evaluations = 100, .stop = [&] { return ++told >= 10; }});

  EXPECT_EQ(order.size(), 13U);
  EXPECT_TRUE(algorithm.waiting().empty());
}

TEST(Asynchronous, CountsFailures) {
  AsynchronousAlgorithm algorithm(parameters(), objectives(), {.offspring_size = 2});
  const auto slots =
      make_thread_slots([](std::span<const double>) -> std::vector<double> { throw std::runtime_error("no"); }, 2);

  run_asynchronously(algorithm, *slots, {.max_evaluations = 4});

  EXPECT_EQ(algorithm.state().failed_evaluations, 4);
  EXPECT_EQ(algorithm.state().logbook[1].failed, 2);
  EXPECT_EQ(algorithm.state().hall_of_fame[0].fitness.sum(), 500.0);
}

TEST(Asynchronous, RefusesUnknownIndividualsAndSchedules) {
  AsynchronousAlgorithm algorithm(parameters(), objectives());
  Stack slots(2);
  const auto message = [](auto&& function) -> std::string {
    try {
      function();
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  };

  EXPECT_EQ(message([&] {
              algorithm.tell({.id = 3, .scores = {1, 2}});
            }),
            "error: individual 3 does not wait for scores [optimiser-order]\n"
            "  fix: tell each individual that ask() gave once");
  EXPECT_EQ(
      message([&] {
        run_asynchronously(algorithm, slots, {.schedule = {2, 7}});
      }),
      "error: place 2 of the schedule names individual 7, which is not being evaluated then [optimiser-schedule]\n"
      "  fix: use the schedule with the number of slots and the settings of the run that gave it");
}

}  // namespace
}  // namespace cellwright::optimise
