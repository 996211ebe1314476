#include "cellwright/parallel/executor.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "cellwright/base/error.hpp"

namespace cellwright::parallel {
namespace {

class ExecutorTest : public testing::TestWithParam<std::size_t> {
 protected:
  std::unique_ptr<Executor> executor_ = make_executor(GetParam());
};

TEST_P(ExecutorTest, HasTheWorkersAskedFor) { EXPECT_EQ(executor_->workers(), GetParam()); }

TEST_P(ExecutorTest, RunsEachIndexOnceAndShowsTheCallerWhatWasWritten) {
  for (const std::size_t count : {0, 1, 2, 3, 100, 1000}) {
    std::vector<int> runs(count, 0);  // not atomic: one task an index, and for_each must publish the writes

    executor_->for_each(count, [&](std::size_t index, std::size_t worker) {
      ASSERT_LT(worker, executor_->workers());
      ++runs[index];
    });

    EXPECT_THAT(runs, testing::Each(1));
  }
}

TEST_P(ExecutorTest, NeverRunsTwoTasksOnOneWorkerAtATime) {
  std::vector<std::uint64_t> scratch(executor_->workers());  // not atomic: the thread sanitizer watches

  executor_->for_each(2000, [&](std::size_t index, std::size_t worker) { scratch[worker] += index; });

  std::uint64_t sum = 0;
  for (const std::uint64_t part : scratch) sum += part;
  EXPECT_EQ(sum, 1999U * 2000U / 2U);
}

TEST_P(ExecutorTest, StartsIndicesInRisingOrder) {
  std::vector<std::vector<std::size_t>> seen(executor_->workers());

  executor_->for_each(500, [&](std::size_t index, std::size_t worker) { seen[worker].push_back(index); });

  for (const auto& indices : seen) EXPECT_TRUE(std::is_sorted(indices.begin(), indices.end()));
}

TEST_P(ExecutorTest, RethrowsTheExceptionOfTheLowestIndex) {
  for (int repetition = 0; repetition < 50; ++repetition) {
    std::string message;
    try {
      executor_->for_each(200, [&](std::size_t index, std::size_t) {
        if (index == 37) std::this_thread::sleep_for(std::chrono::microseconds(200));  // later ones fail first
        if (index >= 37) throw std::runtime_error("task " + std::to_string(index));
      });
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
    ASSERT_EQ(message, "task 37");
  }
}

TEST_P(ExecutorTest, StartsNoMoreTasksAfterAFailureAndWorksAgainAfterwards) {
  std::atomic<std::size_t> started = 0;

  EXPECT_THROW(executor_->for_each(1'000'000,
                                   [&](std::size_t, std::size_t) {
                                     ++started;
                                     throw std::logic_error("no");
                                   }),
               std::logic_error);
  EXPECT_LE(started, executor_->workers());

  std::atomic<int> again = 0;
  executor_->for_each(10, [&](std::size_t, std::size_t) { ++again; });
  EXPECT_EQ(again, 10);
}

TEST_P(ExecutorTest, RefusesANestedCall) {
  try {
    executor_->for_each(4, [&](std::size_t, std::size_t) { executor_->for_each(1, [](std::size_t, std::size_t) {}); });
    FAIL() << "nothing was thrown";
  } catch (const InternalError& error) {
    EXPECT_EQ(error.diagnostics().front().message, "Executor::for_each was called while it is running");
  }
  int runs = 0;
  executor_->for_each(1, [&](std::size_t, std::size_t) { ++runs; });
  EXPECT_EQ(runs, 1);
}

TEST_P(ExecutorTest, MayBeCalledFromDifferentThreadsInTurn) {
  std::atomic<int> runs = 0;
  for (int i = 0; i < 3; ++i) {
    std::thread([&] { executor_->for_each(20, [&](std::size_t, std::size_t) { ++runs; }); }).join();
  }
  EXPECT_EQ(runs, 60);
}

INSTANTIATE_TEST_SUITE_P(Threads, ExecutorTest, testing::Values(1, 2, 3, 8));

TEST(ThreadExecutor, RunsTasksAtTheSameTime) {
  const auto executor = make_executor(3);
  std::atomic<int> arrived = 0;

  // Ends only if all three run at once.
  executor->for_each(3, [&](std::size_t, std::size_t) {
    ++arrived;
    while (arrived < 3) std::this_thread::yield();
  });

  EXPECT_EQ(arrived, 3);
}

TEST(ThreadExecutor, MayBeMadeAndLeftWithoutWork) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(make_executor(4)->workers(), 4U);
}

TEST(MakeExecutor, TakesTheHardwareThreadsForZero) {
  EXPECT_GE(hardware_threads(), 1U);
  EXPECT_EQ(make_executor(0)->workers(), hardware_threads());
}

}  // namespace
}  // namespace cellwright::parallel
