#include "cellwright/optimise/evaluator.hpp"

#include "cellwright/base/error.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

namespace cellwright::optimise {
namespace {

using ::testing::ElementsAre;

template <class Function>
std::string message_of(Function&& function) {
  try {
    function();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

std::vector<Parameter> two_parameters() { return {Parameter("a", -1.0, 1.0), Parameter("beta", 0.0, 2.0)}; }

std::shared_ptr<Evaluator> sum_and_difference() {
  return make_evaluator(two_parameters(), {"sum", "difference"}, [](std::span<const double> v) {
    return std::vector{v[0] + v[1], v[0] - v[1]};
  });
}

TEST(Evaluator, EvaluatesABatchRowByRow) {
  Table<double> rows(2, 2);
  rows.values() = {1.0, 2.0, -0.5, 0.25};

  const ObjectiveTable result = sum_and_difference()->evaluate(std::as_const(rows).view());

  EXPECT_THAT(result.values.values(), ElementsAre(3.0, -1.0, -0.25, -0.75));
  EXPECT_THAT(result.failed, ElementsAre(0, 0));
  EXPECT_THAT(result.reasons, ElementsAre("", ""));
}

TEST(Evaluator, EvaluatesListsAndDicts) {
  const auto evaluator = sum_and_difference();

  EXPECT_THAT(evaluator->evaluate_with_lists(std::vector{1.0, 2.0}), ElementsAre(3.0, -1.0));
  EXPECT_THAT(evaluator->evaluate_with_dicts({{"beta", 2.0}, {"a", 1.0}}),
              ElementsAre(std::pair("difference", -1.0), std::pair("sum", 3.0)));
}

TEST(Evaluator, RefusesWrongListsAndDicts) {
  const auto evaluator = sum_and_difference();

  EXPECT_EQ(message_of([&] { evaluator->evaluate_with_lists(std::vector{1.0}); }),
            "error: 1 values were given for 2 parameters [evaluator-parameters]");
  EXPECT_EQ(message_of([&] {
              evaluator->evaluate_with_dicts({{"a", 1.0}});
            }),
            "error: parameter 'beta' has no value [evaluator-parameters]");
  EXPECT_EQ(message_of([&] {
              evaluator->evaluate_with_dicts({{"a", 1.0}, {"beta", 1.0}, {"betta", 1.0}});
            }),
            "error: there is no parameter 'betta' [evaluator-parameters]\n  fix: did you mean 'beta'?");
}

TEST(Evaluator, RefusesNamesThatOccurTwiceAndNoObjectives) {
  const auto zero = [](std::span<const double>) { return std::vector{0.0}; };

  EXPECT_EQ(message_of([&] {
              make_evaluator({Parameter("x"), Parameter("x")}, {"f"}, zero);
            }),
            "error: two parameters have the name 'x' [evaluator-parameters]");
  EXPECT_EQ(message_of([&] {
              make_evaluator({Parameter("x")}, {"f", "f"}, zero);
            }),
            "error: two objectives have the name 'f' [evaluator-objectives]");
  EXPECT_EQ(message_of([&] { make_evaluator({Parameter("x")}, {}, zero); }),
            "error: there is no objective [evaluator-objectives]\n  fix: give at least one");
}

TEST(Evaluator, GivesTheFailedScoreForExceptionsNanAndInfinity) {
  const auto evaluator = make_evaluator({Parameter("x")}, {"f", "g"}, [](std::span<const double> v) {
    if (v[0] == 0.0) throw std::runtime_error("division by zero");
    return std::vector{v[0] == 1.0 ? std::nan("") : 5.0, v[0] == 2.0 ? -std::numeric_limits<double>::infinity() : 6.0};
  });
  Table<double> rows(4, 1);
  rows.values() = {0.0, 1.0, 2.0, 3.0};

  const ObjectiveTable result = evaluator->evaluate(std::as_const(rows).view());

  EXPECT_THAT(result.values.values(), ElementsAre(250.0, 250.0, 250.0, 6.0, 5.0, 250.0, 5.0, 6.0));
  EXPECT_THAT(result.failed, ElementsAre(1, 1, 1, 0));
  EXPECT_THAT(result.reasons, ElementsAre("division by zero", "objective 'f' is NaN", "objective 'g' is infinite", ""));
}

TEST(Evaluator, TakesAnotherFailedScore) {
  const auto evaluator = make_evaluator(
      {Parameter("x")}, {"f"}, [](std::span<const double>) { return std::vector{std::nan("")}; }, 99.0);

  EXPECT_THAT(evaluator->evaluate_with_lists(std::vector{1.0}), ElementsAre(99.0));
}

TEST(Evaluator, RefusesAResultOfTheWrongShape) {
  const auto individual = make_evaluator({Parameter("x")}, {"f", "g"}, [](auto) { return std::vector{1.0}; });
  const auto batch = make_batch_evaluator({Parameter("x")}, {"f", "g"}, [](auto) { return Table<double>(1, 3); });

  EXPECT_EQ(message_of([&] { individual->evaluate_with_lists(std::vector{1.0}); }),
            "error: the function gave 1 scores for 2 objectives [evaluator-shape]");
  EXPECT_EQ(message_of([&] { batch->evaluate_with_lists(std::vector{1.0}); }),
            "error: the function gave 1 x 3 scores for 1 individuals and 2 objectives [evaluator-shape]");
}

TEST(Evaluator, GivesAWholeBatchToABatchFunction) {
  std::size_t calls = 0;
  const auto evaluator = make_batch_evaluator(two_parameters(), {"sum"}, [&](TableView<const double> rows) {
    ++calls;
    Table<double> scores(rows.rows(), 1);
    for (std::size_t i = 0; i < rows.rows(); ++i) scores(i, 0) = rows(i, 0) + rows(i, 1);
    return scores;
  });
  Table<double> rows(3, 2);
  rows.values() = {1.0, 2.0, -0.5, 0.25, std::nan(""), 0.0};

  const ObjectiveTable result = evaluator->evaluate(std::as_const(rows).view());

  EXPECT_EQ(calls, 1U);
  EXPECT_THAT(result.values.values(), ElementsAre(3.0, -0.25, 250.0));
  EXPECT_THAT(result.failed, ElementsAre(0, 0, 1));
}

TEST(Evaluator, FailsTheWholeBatchWhereABatchFunctionThrows) {
  const auto evaluator = make_batch_evaluator({Parameter("x")}, {"f"},
                                              [](auto) -> Table<double> { throw std::runtime_error("out of order"); });
  const Table<double> rows(2, 1);

  const ObjectiveTable result = evaluator->evaluate(rows.view());

  EXPECT_THAT(result.values.values(), ElementsAre(250.0, 250.0));
  EXPECT_THAT(result.reasons, ElementsAre("out of order", "out of order"));
}

}  // namespace
}  // namespace cellwright::optimise
