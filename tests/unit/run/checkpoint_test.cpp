#include "cellwright/run/checkpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cellwright/base/error.hpp"
#include "cellwright/optimise/deap_optimisation.hpp"

namespace cellwright::run {
namespace {

Checkpoint make_checkpoint() {
  const RunIdentity identity{.problem_name = "toy \"quoted\"", .problem_hash = "abc", .seed = -7, .offspring = 5};
  auto evaluator =
      optimise::make_evaluator({optimise::Parameter("a", 0.0, 1.0)}, {"f", "g"}, [](std::span<const double> v) {
        return std::vector<double>{v[0], 1 / (v[0] + 1e-3)};
      });
  optimise::DEAPOptimisation optimisation(evaluator, optimiser_settings(identity));
  optimisation.run({.max_ngen = 3});
  return {.identity = identity, .parameters = {"a"}, .objectives = {"f", "g"}, .state = optimisation.state()};
}

TEST(Checkpoint, ReadsBackWhatWasWritten) {
  const Checkpoint written = make_checkpoint();

  Checkpoint read = parse_checkpoint(format_checkpoint(written), "checkpoint");

  EXPECT_EQ(read.identity, written.identity);
  EXPECT_EQ(read.parameters, written.parameters);
  EXPECT_EQ(read.objectives, written.objectives);
  EXPECT_TRUE(read.state.logbook.empty());  // it is in logbook.csv
  read.state.logbook = written.state.logbook;
  EXPECT_EQ(read.state, written.state);
  EXPECT_EQ(format_checkpoint(read), format_checkpoint(written));
}

TEST(Checkpoint, EveryTruncationIsDetected) {
  const std::string text = format_checkpoint(make_checkpoint());
  for (std::size_t size = 0; size < text.size(); size += 97) {
    EXPECT_THROW(parse_checkpoint(text.substr(0, size), "checkpoint"), CheckpointError) << size;
  }
  EXPECT_THROW(parse_checkpoint(text.substr(0, text.size() - 1), "checkpoint"), CheckpointError);
}

TEST(Checkpoint, EveryChangedByteIsDetected) {
  const std::string text = format_checkpoint(make_checkpoint());
  for (std::size_t at = 0; at < text.size(); at += 53) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_THROW(parse_checkpoint(changed, "checkpoint"), CheckpointError) << at;
  }
}

TEST(Checkpoint, OtherTextIsRefusedWithAMessage) {
  try {
    parse_checkpoint("hello", "run/checkpoint");
    FAIL();
  } catch (const CheckpointError& error) {
    EXPECT_STREQ(error.what(),
                 "run/checkpoint: error: the checkpoint cannot be used: its end is missing [checkpoint-unreadable]\n"
                 "  fix: checkpoint.previous holds the one before; or start anew in another folder");
  }
}

TEST(Checkpoint, UnknownAlgorithm) {
  try {
    optimiser_settings({.algorithm = "cma"});
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "error: unknown algorithm 'cma' [run-algorithm]\n  fix: one of 'ibea', 'nsga2', 'cmasop', 'ipop', 'cmamop', 'shade'");
  }
}

}  // namespace
}  // namespace cellwright::run
