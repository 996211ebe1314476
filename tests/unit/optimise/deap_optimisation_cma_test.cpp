#include "cellwright/optimise/deap_optimisation_cma.hpp"

#include "cellwright/base/error.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

namespace cellwright::optimise {
namespace {

std::vector<Parameter> parameters() {
  return {Parameter("a", -1.0, 1.0), Parameter("b", 0.0, 2.0), Parameter("c", 10.0, 20.0)};
}

std::vector<double> bowls(std::span<const double> v) {
  const double near = v[0] * v[0] + (v[1] - 1.5) * (v[1] - 1.5) + 0.01 * (v[2] - 12) * (v[2] - 12);
  const double far = (v[0] - 0.5) * (v[0] - 0.5) + (v[1] - 1.0) * (v[1] - 1.0) + 0.01 * (v[2] - 13) * (v[2] - 13);
  return {near, far};
}

std::shared_ptr<Evaluator> evaluator() { return make_evaluator(parameters(), {"f", "g"}, bowls); }

template <class Function>
std::string message_of(Function&& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

class EachCma : public ::testing::TestWithParam<const char*> {
 protected:
  CMASettings settings{.seed = 3, .offspring_size = 8, .hof_size = 4, .selector_name = GetParam(), .weight_hv = 0.0};
};
INSTANTIATE_TEST_SUITE_P(Selectors, EachCma, ::testing::Values("single_objective", "multi_objective", "single_objective_restarts"),
                         [](const auto& selector) { return std::string(selector.param); });

TEST_P(EachCma, ImprovesAndStaysWithinTheBounds) {
  DEAPOptimisationCMA optimisation(evaluator(), settings);

  const RunResult result = optimisation.run({.max_ngen = 19});

  EXPECT_EQ(result.logbook.size(), 20U);
  EXPECT_EQ(result.finished, "Max ngen");
  EXPECT_LT(result.hall_of_fame[0].fitness.sum(), 0.4);  // the least possible is 0.255
  for (std::size_t i = 0; i < result.population.size(); ++i) {
    EXPECT_THAT(result.population.parameters(i, 0), ::testing::AllOf(::testing::Ge(-1.0), ::testing::Le(1.0)));
    EXPECT_THAT(result.population.parameters(i, 2), ::testing::AllOf(::testing::Ge(10.0), ::testing::Le(20.0)));
  }
}

TEST_P(EachCma, GoesOnFromEveryGenerationAsIfItHadNotStopped) {
  DEAPOptimisationCMA undisturbed(evaluator(), settings);
  std::vector<OptimiserState> saved;
  undisturbed.run({.max_ngen = 5, .observers = {[&](const GenerationReport& r) { saved.push_back(r.state); }}});

  for (const OptimiserState& state : saved) {
    DEAPOptimisationCMA resumed(evaluator(), settings);
    resumed.restore(state);
    resumed.run({.max_ngen = 5, .continue_run = true});

    EXPECT_EQ(resumed.state(), undisturbed.state()) << state.generation;
  }
}

TEST_P(EachCma, AsksTheSameRowsUntilTold) {
  CMAAlgorithm algorithm(parameters(), {Objective("f"), Objective("g")}, settings);

  const TableView<const double> first = algorithm.ask();
  const std::vector<double> copy(first.data(), first.data() + first.rows() * first.columns());
  const TableView<const double> again = algorithm.ask();

  EXPECT_TRUE(std::equal(copy.begin(), copy.end(), again.data()));
}

TEST_P(EachCma, GivesFailedScoresWhereAnEvaluationFails) {
  const auto failing = make_evaluator(parameters(), {"f", "g"}, [](std::span<const double> v) {
    if (v[0] > 0) throw std::runtime_error("no");
    return std::vector<double>{250.0, std::numeric_limits<double>::quiet_NaN()};
  });
  DEAPOptimisationCMA optimisation(failing, settings);

  const RunResult result = optimisation.run({.max_ngen = 3});

  EXPECT_EQ(result.logbook[0].failed, 8);
  EXPECT_DOUBLE_EQ(result.logbook[0].max, 500.0);
}

TEST_P(EachCma, RefusesAStateOfOtherSettings) {
  DEAPOptimisationCMA optimisation(evaluator(), settings);
  optimisation.run({.max_ngen = 2});
  CMASettings other = settings;
  other.offspring_size = 9;
  CMASettings step = settings;
  step.sigma = 0.3;

  EXPECT_EQ(message_of([&] { DEAPOptimisationCMA(evaluator(), other).restore(optimisation.state()); }),
            "error: the state was made with another offspring_size [checkpoint-state]\n"
            "  fix: resume with the settings of the run that saved it");
  EXPECT_EQ(message_of([&] { DEAPOptimisationCMA(evaluator(), step).restore(optimisation.state()); }),
            "error: the state was made with another sigma, weight_hv or use_stagnation_criterion [checkpoint-state]\n"
            "  fix: resume with the settings of the run that saved it");
}

TEST_P(EachCma, RefusesAnIncompleteMemory) {
  DEAPOptimisationCMA optimisation(evaluator(), settings);
  optimisation.run({.max_ngen = 2});
  OptimiserState state = optimisation.state();
  state.memory.at("pc").pop_back();
  const std::size_t length = state.memory.at("pc").size();

  EXPECT_EQ(message_of([&] { DEAPOptimisationCMA(evaluator(), settings).restore(state); }),
            "error: the algorithm's memory has " + std::to_string(length) + " numbers 'pc' instead of " +
                std::to_string(length + 1) + " [checkpoint-state]");
}

/// Where all individuals are equal, EqualFunVals ends each search after a few generations.
std::shared_ptr<Evaluator> plateau() {
  return make_evaluator(parameters(), {"f", "g"}, [](std::span<const double>) { return std::vector<double>{1.0, 2.0}; });
}
const CMASettings restarting{.seed = 2, .offspring_size = 4, .selector_name = "single_objective_restarts"};

TEST(Cma, BeginsAgainWithTwiceTheOffspringWhereASearchEnds) {
  DEAPOptimisationCMA optimisation(plateau(), restarting);

  const RunResult result = optimisation.run({.max_ngen = 14});

  std::vector<std::int64_t> offspring;
  for (const LogbookRow& row : result.logbook.rows()) offspring.push_back(row.nevals);
  EXPECT_EQ(offspring, (std::vector<std::int64_t>{4, 4, 4, 4, 8, 8, 8, 8, 16, 16, 16, 16, 32, 32, 32}));
  EXPECT_EQ(result.finished, "Max ngen");
  EXPECT_EQ(optimisation.state().settings.offspring_size, 4U);
}

TEST(Cma, GoesOnAcrossRestartsAsIfItHadNotStopped) {
  DEAPOptimisationCMA undisturbed(plateau(), restarting);
  std::vector<OptimiserState> saved;
  undisturbed.run({.max_ngen = 14, .observers = {[&](const GenerationReport& r) { saved.push_back(r.state); }}});

  for (const OptimiserState& state : saved) {
    DEAPOptimisationCMA resumed(plateau(), restarting);
    resumed.restore(state);
    resumed.run({.max_ngen = 14, .continue_run = true});

    EXPECT_EQ(resumed.state(), undisturbed.state()) << state.generation;
  }
}

TEST(Cma, RefusesARestartWithImpossibleOffspring) {
  DEAPOptimisationCMA optimisation(plateau(), restarting);
  optimisation.run({.max_ngen = 6});
  OptimiserState state = optimisation.state();
  state.memory.at("restart")[0] = 12;

  EXPECT_EQ(message_of([&] { DEAPOptimisationCMA(plateau(), restarting).restore(state); }),
            "error: a search with restarts cannot come from 4 to 12 offspring [checkpoint-state]");
}

TEST(Cma, AnAddedCriterionEndsTheSearchInsteadOfARestart) {
  class Ninth : public StoppingCriteria {
   public:
    std::string name() const override { return "Ninth"; }
    void check(const StoppingParameters& parameters) override { criteria_met = parameters.gen == 9; }
  };
  DEAPOptimisationCMA before(plateau(), restarting);
  before.algorithm().add_stopping_criterion(std::make_unique<Ninth>());
  run_algorithm(before.algorithm(), *plateau(), {.max_ngen = 6});
  DEAPOptimisationCMA resumed(plateau(), restarting);
  resumed.algorithm().add_stopping_criterion(std::make_unique<Ninth>());

  resumed.restore(before.state());
  const RunResult result = run_algorithm(resumed.algorithm(), *plateau(), {.max_ngen = 20});

  EXPECT_EQ(result.finished, "Ninth");
  EXPECT_EQ(result.logbook.size(), 9U);
}

TEST(Cma, NamesEveryImpossibleSetting) {
  const CMASettings settings{.seed = -1,
                             .offspring_size = 1,
                             .centroids = {{0.0, 3.0, 12.0}, {0.0}},
                             .sigma = 0.0,
                             .selector_name = "both",
                             .weight_hv = 1.5};

  const std::string message = message_of([&] { DEAPOptimisationCMA(evaluator(), settings); });

  for (const char* part :
       {"seed is -1", "offspring_size is 1", "sigma is 0", "selector_name is 'both'", "weight_hv is 1.5",
        "value 1 of centroid 0 is 3, outside of its bounds [0, 2]", "centroid 1 has 1 values for 3 parameters"})
    EXPECT_THAT(message, ::testing::HasSubstr(part));
}

TEST(Cma, RefusesScoresThatWereNotAskedFor) {
  CMAAlgorithm algorithm(parameters(), {Objective("f")});

  EXPECT_THAT(message_of([&] { algorithm.tell(ObjectiveTable(1, 1)); }), ::testing::HasSubstr("optimiser-order"));
  algorithm.ask();
  EXPECT_THAT(message_of([&] { algorithm.tell(ObjectiveTable(1, 1)); }), ::testing::HasSubstr("evaluator-shape"));
}

TEST(Cma, StartsWhereItIsTold) {
  DEAPOptimisationCMA optimisation(evaluator(), {.centroids = {{0.5, 1.0, 13.0}}, .sigma = 1e-3});
  const std::vector<double> centroid = optimisation.algorithm().single_objective()->centroid();

  EXPECT_THAT(centroid, ::testing::ElementsAre(0.5, 0.0, ::testing::DoubleNear(-0.4, 1e-15)));
}

TEST(Cma, ASecondRunDrawsOn) {
  DEAPOptimisationCMA optimisation(evaluator(), {.seed = 2});

  const RunResult first = optimisation.run({.max_ngen = 3});
  const RunResult second = optimisation.run({.max_ngen = 3});

  EXPECT_NE(first.population, second.population);
  EXPECT_EQ(second.logbook.size(), 4U);
}

TEST(Cma, EndsByTheCriterionThatIsMetFirst) {
  const auto flat = make_evaluator(parameters(), {"f"}, [](std::span<const double>) { return std::vector{1.0}; });
  DEAPOptimisationCMA optimisation(flat);

  const RunResult result = optimisation.run({.max_ngen = 0});

  EXPECT_EQ(result.finished, "EqualFunVals");
  EXPECT_EQ(result.logbook.size(), 4U);
}

TEST(Cma, RepairsRowsThatLeaveTheBox) {
  Table<double> values(2, 3);
  values.values() = {1.0, 0.5, -1.0, 1.5, 1.0, -1.0};

  EXPECT_EQ(repair_to_unit_box(values), 1U);

  EXPECT_THAT(values.row(0), ::testing::ElementsAre(1.0, 0.5, -1.0));
  EXPECT_THAT(values.row(1), ::testing::ElementsAre(1.0 - 1e-9, 1.0 - 1e-9, -1.0 + 1e-9));
}

}  // namespace
}  // namespace cellwright::optimise
