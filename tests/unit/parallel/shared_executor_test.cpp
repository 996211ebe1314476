#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "cellwright/parallel/executor.hpp"

namespace cellwright::parallel {
namespace {

class SharedExecutorTest : public testing::TestWithParam<std::size_t> {
 protected:
  std::unique_ptr<Executor> executor_ = make_shared_executor(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Threads, SharedExecutorTest, testing::Values(1, 2, 3));

TEST_P(SharedExecutorTest, RunsEachIndexOnceForEachOfSeveralCallers) {
  std::vector<std::vector<int>> runs(4, std::vector<int>(200, 0));  // not atomic: for_each must publish the writes
  std::vector<std::uint64_t> scratch(executor_->workers());         // not atomic: one task a worker at a time
  std::vector<std::thread> callers;

  for (std::vector<int>& own : runs) {
    callers.emplace_back([this, &own, &scratch] {
      for (int repetition = 0; repetition < 10; ++repetition) {
        executor_->for_each(own.size(), [&](std::size_t index, std::size_t worker) {
          ++own[index];
          ++scratch[worker];
        });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();

  for (const std::vector<int>& own : runs) EXPECT_THAT(own, testing::Each(10));
  std::uint64_t sum = 0;
  for (const std::uint64_t part : scratch) sum += part;
  EXPECT_EQ(sum, 8000U);
}

TEST_P(SharedExecutorTest, AFailureReachesItsCallerOnly) {
  std::atomic<int> good = 0;
  std::thread other([&] { executor_->for_each(500, [&](std::size_t, std::size_t) { ++good; }); });
  std::string message;
  try {
    executor_->for_each(100, [](std::size_t index, std::size_t) {
      if (index >= 20) throw std::runtime_error(std::to_string(index));
    });
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  other.join();

  EXPECT_EQ(message, "20");
  EXPECT_EQ(good, 500);
  executor_->for_each(0, [](std::size_t, std::size_t) { FAIL(); });
}

}  // namespace
}  // namespace cellwright::parallel
