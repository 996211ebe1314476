// Every number of a run of BluePyOpt 1.14.26 (tests/golden/replay_toy.json), compared bit for bit.
#include "cellwright/optimise/deap_optimisation.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace cellwright::optimise {
namespace {

using nlohmann::json;
using Records = std::vector<std::vector<double>>;

json golden() { return json::parse(std::ifstream(CELLWRIGHT_SOURCE_DIR "/tests/golden/replay_toy.json")); }

/// The objectives as the golden file describes them.
std::vector<double> toy(std::span<const double> v) {
  const double a = v[0];
  const double b = v[1];
  const double p = (v[2] - 20) / 10;
  const double q = (v[2] - 40) / 20;
  return {((a - 1) * (a - 1) + 2 * b) + p * p, ((a + 1) * (a + 1) + (1 - b) * (1 - b)) + q * q};
}

std::shared_ptr<Evaluator> toy_evaluator() {
  return make_evaluator({Parameter("a", -2.0, 3.0), Parameter("b", 0.0, 1.0), Parameter("c", 10.0, 50.0)}, {"f1", "f2"},
                        toy);
}

void append_record(Records& records, std::span<const double> parameters, std::span<const double> objectives) {
  records.emplace_back(parameters.begin(), parameters.end());
  records.back().insert(records.back().end(), objectives.begin(), objectives.end());
}

Records records_of(const Population& population) {
  Records records;
  for (std::size_t i = 0; i < population.size(); ++i)
    append_record(records, population.parameters.row(i), population.objectives.row(i));
  return records;
}

Records records_of(const HallOfFame& hall_of_fame) {
  Records records;
  for (const Individual& individual : hall_of_fame)
    append_record(records, individual.values, individual.fitness.values());
  return records;
}

class ReplayToy : public ::testing::TestWithParam<const char*> {
 protected:
  const json whole = golden();
  const json expected = whole["runs"][GetParam()];
  DEAPOptimisation optimisation{toy_evaluator(), {.seed = 1, .offspring_size = 10, .selector_name = GetParam()}};
};

TEST_P(ReplayToy, EveryPoolOfEveryGeneration) {
  std::size_t generations = 0;
  const auto compare = [&](const GenerationReport& report) {
    EXPECT_EQ(records_of(report.pool), expected["generations"][std::to_string(report.row.gen)].get<Records>());
    ++generations;
  };

  optimisation.run({.max_ngen = 5, .observers = {compare}});

  EXPECT_EQ(generations, expected["generations"].size());
}

TEST_P(ReplayToy, FinalPopulationParentsAndHallOfFame) {
  const RunResult result = optimisation.run({.max_ngen = 5});

  EXPECT_EQ(records_of(result.population), expected["final_population"].get<Records>());
  EXPECT_EQ(records_of(result.population.subset(optimisation.state().parents)),
            expected["parents_after_last_selection"].get<Records>());
  EXPECT_EQ(records_of(result.hall_of_fame), expected["hall_of_fame"].get<Records>());
  std::vector<double> sums;
  for (const Individual& individual : result.hall_of_fame) sums.push_back(individual.fitness.sum());
  EXPECT_EQ(sums, expected["hall_of_fame_sums"].get<std::vector<double>>());
}

TEST_P(ReplayToy, Logbook) {
  const RunResult result = optimisation.run({.max_ngen = 5});

  ASSERT_EQ(result.logbook.size(), expected["logbook"].size());
  for (std::size_t i = 0; i < result.logbook.size(); ++i) {
    const json& row = expected["logbook"][i];
    EXPECT_EQ(result.logbook[i], (LogbookRow{.gen = row["gen"],
                                             .nevals = row["nevals"],
                                             .avg = row["avg"],
                                             .std = row["std"],
                                             .min = row["min"],
                                             .max = row["max"],
                                             .failed = 0}));
  }
}

TEST_P(ReplayToy, RandomStream) {
  numeric::PythonRandom counted(1);
  for (const double draw : whole["uniform_draws_seed1"]) EXPECT_EQ(counted.random(), draw);

  optimisation.run({.max_ngen = 5});

  numeric::PythonRandom skipped(1);
  for (int draw = 0; draw < expected["uniform_draws_consumed"].get<int>(); ++draw) skipped.random();
  EXPECT_EQ(optimisation.state().random, skipped.state());
  EXPECT_EQ(skipped.random(), expected["next_uniform_draw_after_run"].get<double>());
}

INSTANTIATE_TEST_SUITE_P(Selectors, ReplayToy, ::testing::Values("IBEA", "NSGA2"),
                         [](const auto& selector) { return std::string(selector.param); });

TEST(ReplayToyIbea, FitnessOfTheFinalPopulation) {
  const json expected = golden()["runs"]["IBEA"];
  const Records population = expected["final_population"].get<Records>();
  Table<double> objectives(population.size(), 2);
  for (std::size_t i = 0; i < population.size(); ++i)
    std::copy_n(population[i].end() - 2, 2, objectives.row(i).begin());

  const std::vector<double> fitness = ibea_fitness(std::as_const(objectives).view());

  for (std::size_t i = 0; i < fitness.size(); ++i)
    EXPECT_NEAR(fitness[i], expected["ibea_fitness_of_final_population_approx"][i].get<double>(), 1e-13);
}

}  // namespace
}  // namespace cellwright::optimise
