#include "cellwright/optimise/deap_optimisation.hpp"

#include "cellwright/base/error.hpp"

#include <cmath>

#include <gmock/gmock.h>

namespace cellwright::optimise {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Le;

template <class Function>
std::string message_of(Function&& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

std::vector<Parameter> two_parameters() { return {Parameter("a", -1.0, 1.0), Parameter("b", 0.0, 2.0)}; }
std::vector<Objective> two_objectives() { return {Objective("f"), Objective("g")}; }

std::vector<double> paraboloids(std::span<const double> v) {
  return {v[0] * v[0] + v[1] * v[1], (v[0] - 0.5) * (v[0] - 0.5) + (v[1] - 1.0) * (v[1] - 1.0)};
}

std::shared_ptr<Evaluator> evaluator() { return make_evaluator(two_parameters(), {"f", "g"}, paraboloids); }

/// Scores of all rows by `paraboloids`.
ObjectiveTable scores_of(TableView<const double> rows) {
  ObjectiveTable table(rows.rows(), 2);
  for (std::size_t i = 0; i < rows.rows(); ++i)
    std::ranges::copy(paraboloids(rows.row(i)), table.values.row(i).begin());
  return table;
}

class EachSelector : public ::testing::TestWithParam<const char*> {
 protected:
  DEAPSettings settings{
      .seed = 7, .offspring_size = 9, .mutpb = 0.5, .cxpb = 0.6, .hof_size = 4, .selector_name = GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Selectors, EachSelector, ::testing::Values("IBEA", "NSGA2"),
                         [](const auto& selector) { return std::string(selector.param); });

TEST_P(EachSelector, GivesTheSameRunForTheSameSeedOnly) {
  DEAPOptimisation first(evaluator(), settings);
  DEAPOptimisation second(evaluator(), settings);
  settings.seed = 8;
  DEAPOptimisation other(evaluator(), settings);

  first.run();
  second.run();
  other.run();

  EXPECT_EQ(first.state(), second.state());
  EXPECT_NE(first.state().logbook, other.state().logbook);
}

TEST_P(EachSelector, GoesOnFromEveryGenerationAsIfItHadNotStopped) {
  constexpr int generations = 8;
  DEAPOptimisation undisturbed(evaluator(), settings);
  std::vector<OptimiserState> saved;
  const RunResult expected = undisturbed.run(
      {.max_ngen = generations, .observers = {[&](const GenerationReport& report) { saved.push_back(report.state); }}});
  ASSERT_EQ(saved.size(), 8U);

  for (const OptimiserState& state : saved) {
    std::int64_t evaluations = state.evaluations;
    DEAPOptimisation resumed(make_evaluator(two_parameters(), {"f", "g"},
                                            [&](std::span<const double> v) {
                                              ++evaluations;
                                              return paraboloids(v);
                                            }),
                             {.seed = 999});
    resumed.restore(state);
    const RunResult result = resumed.run({.max_ngen = generations, .continue_run = true});

    EXPECT_EQ(resumed.state(), undisturbed.state());
    EXPECT_EQ(result.population, expected.population);
    EXPECT_EQ(evaluations, undisturbed.state().evaluations) << "something was evaluated twice";
    EXPECT_EQ(result.history.next_id(), expected.history.next_id());
  }
}

TEST_P(EachSelector, GivesTheSameRunOneByOneAndInBatches) {
  std::size_t largest_batch = 0;
  DEAPOptimisation one_by_one(evaluator(), settings);
  DEAPOptimisation batch(make_batch_evaluator(two_parameters(), {"f", "g"},
                                              [&](TableView<const double> rows) {
                                                largest_batch = std::max(largest_batch, rows.rows());
                                                return scores_of(rows).values;
                                              }),
                         settings);

  one_by_one.run();
  batch.run();

  EXPECT_EQ(largest_batch, 9U);
  EXPECT_EQ(one_by_one.state(), batch.state());
}

TEST_P(EachSelector, CountsAndReplacesFailuresAndGoesOn) {
  int calls = 0;
  DEAPOptimisation optimisation(make_evaluator(two_parameters(), {"f", "g"},
                                               [&](std::span<const double> v) -> std::vector<double> {
                                                 ++calls;
                                                 if (v[0] < -0.5) throw std::runtime_error("unstable");
                                                 if (v[0] < 0.0) return {std::nan(""), 1.0};
                                                 return paraboloids(v);
                                               }),
                                settings);

  const RunResult result = optimisation.run();

  double failed = 0;
  for (const double count : result.logbook.select("failed")) failed += count;
  EXPECT_GT(failed, 0);
  EXPECT_EQ(failed, static_cast<double>(optimisation.state().failed_evaluations));
  EXPECT_EQ(calls, optimisation.state().evaluations);
  EXPECT_EQ(result.logbook.size(), 10U);
  EXPECT_THAT(optimisation.state().pool.objectives.values(), Each(Le(250.0)));
}

TEST_P(EachSelector, NeedsNoEvaluationWhereNothingChanges) {
  settings.mutpb = settings.cxpb = 0.0;
  int batches = 0;
  DEAPOptimisation optimisation(make_batch_evaluator(two_parameters(), {"f", "g"},
                                                     [&](TableView<const double> rows) {
                                                       ++batches;
                                                       return scores_of(rows).values;
                                                     }),
                                settings);

  const RunResult result = optimisation.run({.max_ngen = 4});

  EXPECT_EQ(batches, 1);
  EXPECT_THAT(result.logbook.select("nevals"), ElementsAre(9, 0, 0, 0));
}

TEST(DEAPOptimisation, TakesGenerationOneAsTheInitialPopulation) {
  DEAPOptimisation optimisation(evaluator(), {.offspring_size = 5});

  EXPECT_EQ(optimisation.run({.max_ngen = 0}).logbook.size(), 1U);
  EXPECT_EQ(optimisation.run({.max_ngen = 1}).population.size(), 5U);
  EXPECT_EQ(optimisation.run({.max_ngen = 2}).population.size(), 10U);
}

TEST(DEAPOptimisation, ImprovesTheBestSum) {
  DEAPOptimisation optimisation(evaluator(), {.offspring_size = 20});

  const RunResult result = optimisation.run({.max_ngen = 20});

  // The smallest possible sum is 0.625, halfway between (0, 0) and (0.5, 1).
  EXPECT_LT(result.hall_of_fame[0].fitness.sum(), 0.63);
  EXPECT_GE(result.hall_of_fame[0].fitness.sum(), 0.625);
}

TEST(DEAPOptimisation, RemembersTheGenerationOfTheFirstEvaluation) {
  std::vector<EvaluatedBatch> batches;
  DEAPOptimisation optimisation(evaluator(), {.offspring_size = 6});
  const RunResult result = optimisation.run(
      {.max_ngen = 6, .observers = {[&](const GenerationReport& report) { batches.push_back(report.evaluated); }}});

  for (const Individual& individual : result.hall_of_fame) {
    const EvaluatedBatch& batch = batches.at(static_cast<std::size_t>(individual.generation) - 1);
    const auto row = static_cast<std::size_t>(individual.id - batch.first_id);
    EXPECT_TRUE(std::ranges::equal(batch.parameters.row(row), individual.values));
    for (int earlier = 0; earlier + 1 < individual.generation; ++earlier) {
      const Table<double>& rows = batches[static_cast<std::size_t>(earlier)].parameters;
      for (std::size_t i = 0; i < rows.rows(); ++i) EXPECT_FALSE(std::ranges::equal(rows.row(i), individual.values));
    }
  }
}

TEST_P(EachSelector, ShowsThePoolBeforeSelection) {
  Population parents;
  DEAPOptimisation(evaluator(), settings)
      .run({.observers = {[&](const GenerationReport& report) {
              ASSERT_EQ(report.pool.size(), report.row.gen == 1 ? 9U : 18U);
              for (std::size_t row = 0; row < parents.size(); ++row)
                EXPECT_EQ(report.pool.individual(row), parents.individual(row));
              for (std::size_t row = parents.size(); row < report.pool.size(); ++row) {
                const std::int64_t in_batch = report.pool.id[row] - report.evaluated.first_id;
                if (in_batch < 0) continue;  // an unchanged copy
                EXPECT_TRUE(std::ranges::equal(report.pool.parameters.row(row),
                                               report.evaluated.parameters.row(static_cast<std::size_t>(in_batch))));
              }
              parents = report.state.pool.subset(report.state.parents);
            }}});
}

TEST(DEAPOptimisation, RecordsTheParentsOfEachIndividual) {
  DEAPOptimisation optimisation(evaluator(), {.offspring_size = 3, .mutpb = 1.0, .cxpb = 1.0});

  const RunResult result = optimisation.run({.max_ngen = 2});

  // The first parents are the initial individuals 1, 2, 3; the odd last one is only mutated.
  EXPECT_EQ(result.history.next_id(), 7);
  EXPECT_THAT(result.history.parents_of(3), ElementsAre(0, 0));
  EXPECT_THAT(result.history.parents_of(4), ElementsAre(1, 2));
  EXPECT_THAT(result.history.parents_of(5), ElementsAre(2, 1));
  EXPECT_THAT(result.history.parents_of(6), ElementsAre(3, 0));
}

TEST(DEAPOptimisation, StopsBeforeTheNextGenerationWhenTold) {
  int finished = 0;
  DEAPOptimisation optimisation(evaluator(), {.offspring_size = 4});

  const RunResult stopped =
      optimisation.run({.max_ngen = 10, .observers = {[&](const GenerationReport&) { ++finished; }}, .stop = [&] {
                          return finished == 3;
                        }});
  EXPECT_TRUE(stopped.stopped);
  EXPECT_EQ(stopped.logbook.size(), 3U);

  const RunResult completed = optimisation.run({.max_ngen = 10, .continue_run = true});
  EXPECT_FALSE(completed.stopped);
  DEAPOptimisation undisturbed(evaluator(), {.offspring_size = 4});
  undisturbed.run({.max_ngen = 10});
  EXPECT_EQ(optimisation.state(), undisturbed.state());
  EXPECT_EQ(completed.history, undisturbed.algorithm().history());
}

TEST(DEAPOptimisation, DrawsOnInASecondRun) {
  DEAPOptimisation optimisation(evaluator(), {.offspring_size = 4});

  const RunResult first = optimisation.run({.max_ngen = 2});
  const RunResult second = optimisation.run({.max_ngen = 2, .offspring_size = 6});

  EXPECT_NE(first.population.parameters.values()[0], second.population.parameters.values()[0]);
  EXPECT_EQ(second.population.size(), 12U);
  EXPECT_EQ(second.logbook.size(), 2U);
  EXPECT_EQ(second.history.next_id(), 13);
}

TEST(DEAPOptimisation, StartsFromAGivenPopulation) {
  Table<double> population(3, 2);
  population.values() = {0.0, 0.0, 0.5, 1.0, -1.0, 2.0};
  DEAPOptimisation optimisation(evaluator(), {.seed = 1, .offspring_size = 10});

  const RunResult result = optimisation.run({.max_ngen = 1, .parent_population = population});

  EXPECT_EQ(result.population.parameters, population);
  EXPECT_EQ(optimisation.state().random, numeric::PythonRandom(1).state()) << "no draws for given individuals";
  EXPECT_EQ(optimisation.run({.max_ngen = 2}).population.size(), 6U) << "N stays that of the given population";
}

TEST(DEAPOptimisation, RefusesAnImpossiblePopulation) {
  DEAPOptimisation optimisation(evaluator());
  Table<double> outside(1, 2);
  outside.values() = {0.0, 3.0};

  EXPECT_EQ(message_of([&] { optimisation.run({.parent_population = Table<double>(0, 2)}); }),
            "error: the starting population is empty [optimiser-population]");
  EXPECT_EQ(message_of([&] { optimisation.run({.parent_population = Table<double>(2, 3)}); }),
            "error: the starting population has 3 parameters instead of 2 [optimiser-population]");
  EXPECT_EQ(message_of([&] { optimisation.run({.parent_population = outside}); }),
            "error: parameter 1 of individual 0 of the starting population is 3, outside of its bounds [0, 2] "
            "[optimiser-population]");
}

TEST(DEAPOptimisation, RefusesImpossibleSettingsAllTogether) {
  const DEAPSettings wrong{.offspring_size = 0,
                           .eta = -1.0,
                           .mutpb = 1.5,
                           .cxpb = std::nan(""),
                           .hof_size = 0,
                           .selector_name = "IBEA2",
                           .failed_score = INFINITY};

  EXPECT_EQ(message_of([&] { DEAPOptimisation(evaluator(), wrong); }),
            "error: offspring_size is 0 [optimiser-settings]\n  fix: it must be at least 1\n"
            "error: eta is -1 [optimiser-settings]\n  fix: it must be a number not below 0; 10 is usual\n"
            "error: mutpb is 1.5 [optimiser-settings]\n  fix: it must lie in [0, 1]\n"
            "error: cxpb is nan [optimiser-settings]\n  fix: it must lie in [0, 1]\n"
            "error: hof_size is 0 [optimiser-settings]\n  fix: it must be at least 1\n"
            "error: selector_name is 'IBEA2' [optimiser-settings]\n  fix: it must be \"IBEA\" or \"NSGA2\"\n"
            "error: failed_score is inf [optimiser-settings]\n  fix: it must be a finite number");
}

TEST(DEAPOptimisation, RefusesParametersThatCannotVary) {
  const std::vector<Parameter> wrong{Parameter("frozen", {.value = 0.5, .frozen = true}), Parameter("unbounded"),
                                     Parameter("narrow", 2.0, 2.0), Parameter("wide", 0.0, INFINITY)};

  EXPECT_EQ(message_of([&] { DEAPAlgorithm(wrong, two_objectives()); }),
            "error: parameter 'frozen' is frozen and cannot be varied [optimiser-parameters]\n"
            "  fix: leave it out or unfreeze it\n"
            "error: parameter 'unbounded' has no bounds [optimiser-parameters]\n"
            "  fix: give a lower and an upper bound\n"
            "error: parameter 'narrow' has the one possible value 2 [optimiser-parameters]\n"
            "  fix: freeze it or widen its bounds\n"
            "error: parameter 'wide' has bounds [0, inf]: too far apart [optimiser-parameters]\n"
            "  fix: give finite bounds");
  EXPECT_EQ(message_of([&] { DEAPAlgorithm({}, two_objectives()); }),
            "error: there is no parameter to vary [optimiser-parameters]\n"
            "  fix: at least one parameter must be free");
  EXPECT_EQ(message_of([] { DEAPOptimisation(nullptr); }),
            "error: the optimisation has no evaluator [optimiser-evaluator]");
}

TEST(DEAPAlgorithm, GivesTheSameRowsUntilTheyAreScored) {
  DEAPAlgorithm algorithm(two_parameters(), two_objectives(), {.offspring_size = 4});

  const std::vector<double> first(algorithm.ask().data(), algorithm.ask().data() + 8);
  const std::vector<double> again(algorithm.ask().data(), algorithm.ask().data() + 8);
  EXPECT_EQ(first, again);
  EXPECT_EQ(algorithm.state().generation, 0);
  EXPECT_EQ(algorithm.state().random, numeric::PythonRandom(1).state()) << "the state changes only with tell()";

  algorithm.tell(scores_of(algorithm.ask()));
  EXPECT_EQ(algorithm.state().generation, 1);
  EXPECT_NE(first[0], algorithm.ask()(0, 0));
}

TEST(DEAPAlgorithm, RefusesScoresThatDoNotFit) {
  DEAPAlgorithm algorithm(two_parameters(), two_objectives(), {.offspring_size = 4});

  EXPECT_EQ(message_of([&] { algorithm.tell(ObjectiveTable(4, 2)); }),
            "error: scores were told before any individuals were asked for [optimiser-order]\n"
            "  fix: call ask() before each tell()");
  algorithm.ask();
  EXPECT_EQ(message_of([&] { algorithm.tell(ObjectiveTable(3, 5)); }),
            "error: the evaluator gave 3 x 5 scores (3 failure flags, 3 reasons) for 4 individuals and 2 objectives "
            "[evaluator-shape]");
  EXPECT_EQ(algorithm.tell(scores_of(algorithm.ask())).generation, 1) << "the right scores are still accepted";
}

TEST(DEAPAlgorithm, GoesOnWithTheHistoryItIsGiven) {
  DEAPAlgorithm algorithm(two_parameters(), two_objectives(), {.offspring_size = 4});
  for (int generation = 0; generation < 3; ++generation) algorithm.tell(scores_of(algorithm.ask()));
  DEAPAlgorithm resumed(two_parameters(), two_objectives());

  resumed.restore(algorithm.state(), algorithm.history());
  resumed.tell(scores_of(resumed.ask()));
  algorithm.tell(scores_of(algorithm.ask()));
  EXPECT_EQ(resumed.history(), algorithm.history());

  EXPECT_EQ(message_of([&] { resumed.restore(algorithm.state(), History()); }),
            "error: the history ends with individual 0, the state with 16 [checkpoint-state]");
}

/// A valid state after two generations, to be spoilt.
OptimiserState valid_state() {
  DEAPAlgorithm algorithm(two_parameters(), two_objectives(), {.offspring_size = 2, .hof_size = 3});
  algorithm.tell(scores_of(algorithm.ask()));
  algorithm.tell(scores_of(algorithm.ask()));
  return algorithm.state();
}

std::string restore_message(const OptimiserState& state) {
  return message_of([&] { DEAPAlgorithm(two_parameters(), two_objectives()).restore(state); });
}

std::string refusal(const std::string& reason) {
  return "error: the state cannot be restored: " + reason +
         " [checkpoint-state]\n  fix: the checkpoint belongs to another problem or was changed; use an earlier one";
}

TEST(DEAPAlgorithm, RefusesAStateThatContradictsItself) {
  OptimiserState state = valid_state();
  EXPECT_EQ(restore_message(state), "nothing was thrown");
  state.generation = 3;
  EXPECT_EQ(restore_message(state), refusal("the logbook has 2 rows after generation 3"));

  state = valid_state();
  state.evaluations = 5;
  EXPECT_EQ(restore_message(state), refusal("the logbook counts 4 evaluations, the state 5"));

  state = valid_state();
  state.failed_evaluations = 1;
  EXPECT_EQ(restore_message(state), refusal("the logbook counts 0 failed evaluations, the state 1"));

  state = valid_state();
  state.parents[1] = 4;
  EXPECT_EQ(restore_message(state), refusal("parent 4 is not in the pool of 4"));

  state = valid_state();
  state.parents.pop_back();
  EXPECT_EQ(restore_message(state), refusal("there are 1 parents instead of 2"));

  state = valid_state();
  state.pool.generation.pop_back();
  EXPECT_EQ(restore_message(state), refusal("the columns of the pool have different lengths"));

  state = valid_state();
  state.settings.hof_size = 9;
  EXPECT_EQ(restore_message(state), refusal("the hall of fame has size 3 instead of 9"));

  state = valid_state();
  state.settings.offspring_size = 3;
  EXPECT_EQ(restore_message(state), refusal("the pool has 4 individuals instead of 6"));

  state = valid_state();
  state.settings.eta = -1;
  EXPECT_EQ(restore_message(state),
            "error: eta is -1 [checkpoint-state]\n  fix: it must be a number not below 0; 10 is usual");
}

TEST(DEAPAlgorithm, RefusesAStateWithImpossibleIndividuals) {
  OptimiserState state = valid_state();
  state.pool.parameters(1, 0) = 1.5;
  EXPECT_EQ(restore_message(state), refusal("parameter 0 of individual 1 of the pool is not within its bounds"));

  state = valid_state();
  state.pool.objectives(3, 1) = std::nan("");
  EXPECT_EQ(restore_message(state), refusal("individual 3 of the pool has a score that is not finite"));

  state = valid_state();
  state.pool.generation[0] = 7;
  EXPECT_EQ(restore_message(state), refusal("individual 0 of the pool is of generation 7"));

  state = valid_state();
  std::vector<Individual> members = state.hall_of_fame.individuals();
  members[0].values.pop_back();
  state.hall_of_fame = HallOfFame(3, members);
  EXPECT_EQ(restore_message(state), refusal("individual 0 of the hall of fame has 1 parameters instead of 2"));
}

TEST(DEAPAlgorithm, RefusesAStateOfAnotherProblem) {
  const OptimiserState state = valid_state();
  const std::vector<Parameter> one{Parameter("a", -1.0, 1.0)};

  EXPECT_EQ(message_of([&] { DEAPAlgorithm(one, two_objectives()).restore(state); }),
            refusal("the pool has 2 parameters instead of 1"));
  EXPECT_EQ(message_of([&] { DEAPAlgorithm(two_parameters(), {Objective("f")}).restore(state); }),
            refusal("the pool has 2 objectives instead of 1"));
}

TEST(IBEADEAPOptimisation, IsDEAPOptimisation) {
  IBEADEAPOptimisation by_name(evaluator(), {.seed = 3, .selector_name = "NSGA2"});
  DEAPOptimisation plain(evaluator(), {.seed = 3, .selector_name = "NSGA2"});

  by_name.run();
  plain.run();

  EXPECT_EQ(by_name.state(), plain.state());
}

}  // namespace
}  // namespace cellwright::optimise
