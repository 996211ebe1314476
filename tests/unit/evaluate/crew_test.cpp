#include "cellwright/evaluate/crew.hpp"

#include <chrono>
#include <deque>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cellwright/base/error.hpp"
#include "cellwright/evaluate/chunk_size.hpp"
#include "cellwright/evaluate/crew_evaluator.hpp"
#include "cellwright/evaluate/crew_slots.hpp"
#include "evaluate/rank_message.hpp"

namespace cellwright::evaluate {
namespace {

using optimise::ObjectiveTable;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::shared_ptr<optimise::Evaluator> make_problem() {
  return optimise::make_evaluator({optimise::Parameter("a", 0.0, 1000.0)}, {"f", "g"}, [](std::span<const double> v) {
    if (v[0] == 13) throw std::runtime_error("thirteen");
    return std::vector<double>{v[0] + 0.25, -v[0]};
  });
}

Table<double> numbers(std::size_t count) {
  Table<double> rows(count, 1);
  for (std::size_t row = 0; row < count; ++row) rows(row, 0) = static_cast<double>(row);
  return rows;
}

/// Places that finish in an order of the test's choice: the last chunk first.
class FakeCrew final : public Crew {
 public:
  explicit FakeCrew(std::vector<Place> places) : places_(std::move(places)) {}
  const std::vector<Place>& places() const override { return places_; }
  void start(std::size_t place, Chunk chunk) override {
    sizes.push_back(chunk.parameters.rows());
    starts.push_back(chunk.parameters(0, 0));
    open_.push_back({place, std::move(chunk)});
  }
  std::optional<FinishedChunk> wait(double) override {
    if (open_.empty()) return std::nullopt;
    auto [place, chunk] = std::move(open_.back());
    open_.pop_back();
    FinishedChunk result{.number = chunk.number, .place = place, .seconds = 0.5};
    if (failure) result.failure = failure;
    if (!failure) result.scores = problem_->evaluate(std::as_const(chunk.parameters).view());
    return result;
  }

  std::vector<std::size_t> sizes;
  std::vector<double> starts;  ///< first parameter of each chunk
  std::exception_ptr failure;

 private:
  std::vector<Place> places_;
  std::shared_ptr<optimise::Evaluator> problem_ = make_problem();
  std::deque<std::pair<std::size_t, Chunk>> open_;
};

const Place eight{.name = "p", .rows_at_once = 8, .lanes = 8, .chunks_at_once = 2};

// ---- chunk_size
// ------------------------------------------------------------------------------------------------------

TEST(ChunkSize, OneUnknownPlaceBeginsWithWhatItDoesAtOnce) {
  EXPECT_EQ(chunk_size({eight}, 0, {.remaining = 100}), 8U);
}

TEST(ChunkSize, OneFastPlaceTakesAll) {
  EXPECT_EQ(chunk_size({eight}, 0, {.remaining = 100, .seconds_per_row = 0.001}), 100U);
}

TEST(ChunkSize, ASlowPlaceTakesChunksOfAboutTwoSeconds) {
  EXPECT_EQ(chunk_size({eight}, 0, {.remaining = 1000, .seconds_per_row = 0.1}), 24U);  // 20, in whole packs
}

TEST(ChunkSize, SeveralPlacesTakeHalfOfTheirShareOfTheRest) {
  const std::vector<Place> places(4, eight);
  EXPECT_EQ(chunk_size(places, 1, {.remaining = 640, .seconds_per_row = 0.001}), 80U);
  EXPECT_EQ(chunk_size(places, 1, {.remaining = 64, .seconds_per_row = 0.001}), 8U);
  EXPECT_EQ(chunk_size(places, 1, {.remaining = 5, .seconds_per_row = 0.001}), 5U);
}

TEST(ChunkSize, IsNeverLessThanWhatFillsTheThreadsWhileThereIsEnough) {
  std::vector<Place> places(2, eight);
  places[0].rows_at_once = 48;
  EXPECT_EQ(chunk_size(places, 0, {.remaining = 96, .seconds_per_row = 10}), 48U);
}

TEST(ChunkSize, ProcessesSideBySideGetAChunkEach) {
  const Place workers{.rows_at_once = 4, .lanes = 1, .chunks_at_once = 4, .independent_chunks = 4};
  EXPECT_EQ(chunk_size({workers}, 0, {.remaining = 12}), 1U);
  EXPECT_EQ(chunk_size({workers}, 0, {.remaining = 800, .seconds_per_row = 0.001}), 100U);
}

// ---- CrewEvaluator
// ---------------------------------------------------------------------------------------------------

TEST(CrewEvaluator, GivesWhatTheProblemGivesWhoeverEvaluates) {
  const auto problem = make_problem();
  const Table<double> rows = numbers(100);
  const ObjectiveTable expected = problem->evaluate(rows.view());

  CrewEvaluator evaluator(*problem, std::make_unique<FakeCrew>(std::vector<Place>(3, eight)));
  const ObjectiveTable scores = evaluator.evaluate(rows.view());

  EXPECT_EQ(scores.values, expected.values);
  EXPECT_EQ(scores.failed, expected.failed);
  EXPECT_EQ(scores.reasons, expected.reasons);
  EXPECT_EQ(scores.reasons[13], "thirteen");
}

TEST(CrewEvaluator, DealsTheCostliestFirstAndReportsEachRowOnce) {
  const auto problem = make_problem();
  const Table<double> rows = numbers(40);
  auto crew = std::make_unique<FakeCrew>(std::vector<Place>(2, eight));
  FakeCrew& seen = *crew;
  CrewEvaluator evaluator(*problem, std::move(crew));
  std::vector<double> costs(40, 1.0);
  costs[17] = 5;
  std::multiset<std::size_t> arrived;

  evaluator.evaluate_batch(rows.view(),
                           {.expected_costs = costs,
                            .arrived = [&](std::span<const std::size_t> some, const ObjectiveTable& scores, double) {
                              for (const std::size_t row : some) {
                                EXPECT_EQ(scores.values(row, 1) == -static_cast<double>(row), row != 13);
                                arrived.insert(row);
                              }
                            }});

  EXPECT_EQ(seen.starts.front(), 17);
  EXPECT_THAT(arrived, SizeIs(40));
  EXPECT_EQ(std::set<std::size_t>(arrived.begin(), arrived.end()).size(), 40U);
}

TEST(CrewEvaluator, AStopDealsNoMoreAndKeepsWhatWasOut) {
  const auto problem = make_problem();
  const Table<double> rows = numbers(400);
  CrewEvaluator evaluator(*problem, std::make_unique<FakeCrew>(std::vector<Place>{eight}));
  std::size_t arrived = 0;

  EXPECT_THROW(
      evaluator.evaluate_batch(rows.view(), {.arrived = [&](std::span<const std::size_t> some, const ObjectiveTable&,
                                                            double) { arrived += some.size(); },
                                             .stop = [&] { return arrived > 0; }}),
      optimise::EvaluationStopped);
  EXPECT_EQ(arrived, 16U);  // both chunks that were out

  EXPECT_EQ(evaluator.evaluate(rows.view()).values(399, 1), -399.0);  // it can be used again
}

TEST(CrewEvaluator, PassesOnWhyNoEvaluationIsPossible) {
  const auto problem = make_problem();
  const Table<double> rows = numbers(10);
  auto crew = std::make_unique<FakeCrew>(std::vector<Place>{eight});
  crew->failure = std::make_exception_ptr(SimulationError(Diagnostic{.code = "x", .message = "broken"}));
  CrewEvaluator evaluator(*problem, std::move(crew));

  EXPECT_THROW(evaluator.evaluate(rows.view()), SimulationError);
}

TEST(LocalCrew, EvaluatesOnItsThreads) {
  const auto problem = make_problem();
  const Table<double> rows = numbers(50);
  CrewEvaluator evaluator(*problem, make_local_crew({problem, problem}, eight));

  EXPECT_EQ(evaluator.evaluate(rows.view()).values, problem->evaluate(rows.view()).values);
}

// ---- CrewSlots
// -------------------------------------------------------------------------------------------------------

TEST(CrewSlots, SendsWholePacksAndReportsThemTogether) {
  FakeCrew crew({eight});
  std::vector<std::size_t> arrivals;
  CrewSlots slots(crew, 20, {.arrived = [&](auto, auto results) { arrivals.push_back(results.size()); }});
  for (std::int64_t id = 1; id <= 20; ++id) slots.start({.id = id, .values = {static_cast<double>(id)}});

  std::set<std::int64_t> ids;
  for (int i = 0; i < 20; ++i) ids.insert(slots.wait().id);

  EXPECT_THAT(ids, SizeIs(20));
  EXPECT_THAT(crew.sizes, ElementsAre(8, 8, 4));
  EXPECT_THAT(arrivals, SizeIs(3));
}

TEST(CrewSlots, AStopEndsTheWait) {
  FakeCrew crew({eight});
  bool stop = false;
  std::size_t arrived = 0;
  CrewSlots slots(crew, 30,
                  {.arrived = [&](auto, auto results) { arrived += results.size(); }, .stop = [&] { return stop; }});
  for (std::int64_t id = 1; id <= 30; ++id) slots.start({.id = id, .values = {static_cast<double>(id)}});
  for (int i = 0; i < 8; ++i) slots.wait();
  stop = true;

  EXPECT_THROW(slots.wait(), optimise::EvaluationStopped);
  EXPECT_EQ(arrived, 16U);
}

// ---- messages
// --------------------------------------------------------------------------------------------------------

TEST(RankMessage, ChunksAndResultsComeBackAsTheyWere) {
  const Table<double> rows = numbers(14);
  const Chunk chunk = unpack_chunk(pack_chunk({.number = 7, .parameters = rows}));
  EXPECT_EQ(chunk.number, 7);
  EXPECT_EQ(chunk.parameters, rows);

  FinishedChunk result{.number = 7, .scores = make_problem()->evaluate(rows.view()), .seconds = 0.125};
  const FinishedChunk back = unpack_result(pack_result(result), 3, "rank 3");
  EXPECT_EQ(back.number, 7);
  EXPECT_EQ(back.place, 3U);
  EXPECT_EQ(back.seconds, 0.125);
  EXPECT_EQ(back.scores.values, result.scores.values);
  EXPECT_EQ(back.scores.failed, result.scores.failed);
  EXPECT_EQ(back.scores.reasons, result.scores.reasons);
}

TEST(RankMessage, AFailureNamesItsRank) {
  FinishedChunk result{.number = 2};
  result.failure = std::make_exception_ptr(
      SimulationError(Diagnostic{.code = "evaluator-deaths", .message = "died", .fix = "mend"}));

  const FinishedChunk back = unpack_result(pack_result(result), 5, "rank 5 on node2");

  try {
    std::rethrow_exception(back.failure);
  } catch (const DistributionError& error) {
    EXPECT_EQ(error.code(), "evaluator-deaths");
    EXPECT_EQ(error.diagnostics()[0].message, "rank 5 on node2: died");
    EXPECT_EQ(error.diagnostics()[0].fix, "mend");
  }
}

TEST(RankMessage, BrokenOnesAreRefused) {
  const std::string whole = pack_chunk({.number = 7, .parameters = numbers(3)});
  for (std::size_t size = 1; size < whole.size(); ++size)
    EXPECT_THROW(unpack_chunk(whole.substr(0, size)), DistributionError) << size;
  EXPECT_THROW(kind_of("x"), DistributionError);
  EXPECT_THROW(kind_of(""), DistributionError);
  EXPECT_EQ(unpack_end(pack_end(130)), 130);
}

}  // namespace
}  // namespace cellwright::evaluate
