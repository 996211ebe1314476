#include "cellwright/run/optimisation_run.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cellwright/text/located_json.hpp"
#include "temporary_folder.hpp"

namespace cellwright::run {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* final_files[] = {files::logbook,    files::hall_of_fame, files::best_params,
                                       files::population, files::checkpoint,   files::history};

/// A problem without neurons: two parameters, two objectives, some evaluations fail.
std::shared_ptr<optimise::Evaluator> make_toy() {
  return optimise::make_evaluator(
      {optimise::Parameter("a", 0.0, 1.0), optimise::Parameter("b,quoted", -5.0, 5.0)}, {"f1", "f2"},
      [](std::span<const double> v) {
        return std::vector<double>{v[0] < 0.1 ? std::nan("") : v[0] * v[0], std::abs(v[1] - 1)};
      });
}

class OptimisationRunTest : public testing::Test {
 protected:
  RunRequest request(const std::string& name, int generations = 8) const {
    RunRequest r;
    r.identity = {.problem_name = "toy",
                  .problem_hash = "00ff",
                  .seed = 3,
                  .offspring = 6,
                  .hall_of_fame = 4,
                  .save_population = true};
    r.directory = folder.path() / name;
    r.generations = generations;
    r.sync_seconds = 1e9;  // the disk is slow
    return r;
  }
  RunRequest resumed(const std::string& name, int generations = 8) const {
    RunRequest r = request(name, generations);
    r.resume = true;
    return r;
  }
  /// Runs and stops after `generation`.
  void run_until(const RunRequest& r, int generation) const {
    int done = 0;
    OptimisationRun run(r);
    run.run(make_toy(), {.progress = [&](const RunProgress& p) { done = p.generation; },
                         .stop = [&] { return done >= generation; }});
  }
  void expect_same_files(const std::string& a, const std::string& b) const {
    for (const char* file : final_files) EXPECT_EQ(folder.read(a + "/" + file), folder.read(b + "/" + file)) << file;
  }
  std::string error_of(const RunRequest& r) const {
    try {
      OptimisationRun run(r);
    } catch (const Error& error) {
      return folder.masked(error.what());
    }
    return "no error";
  }

  TemporaryFolder folder;
};

TEST_F(OptimisationRunTest, WritesItsFiles) {
  OptimisationRun run(request("run"));

  const RunOutcome outcome = run.run(make_toy());

  EXPECT_EQ(outcome.generation, 8);
  EXPECT_EQ(outcome.evaluations, 48);
  EXPECT_FALSE(outcome.stopped);
  EXPECT_TRUE(folder.read("run/logbook.csv").starts_with("gen,nevals,avg,std,min,max,failed\n1,6,"));
  EXPECT_TRUE(folder.read("run/population.csv").starts_with("generation,index,a,\"b,quoted\",f1,f2\n1,0,"));
  const auto hall = text::parse_json(folder.read("run/hall_of_fame.json"), "hof");
  ASSERT_THAT(hall.root().as_array(), SizeIs(4));
  const text::JsonValue& best = hall.root().as_array()[0];
  EXPECT_EQ(best.at("sum").as_number(), outcome.hall_of_fame[0].fitness.sum());
  EXPECT_EQ(best.at("generation").as_integer(), outcome.hall_of_fame[0].generation);
  const auto params = text::parse_json(folder.read("run/best_params.json"), "best");
  EXPECT_EQ(params.root().at("a").as_number(), best.at("params").at("a").as_number());
}

class StoppedAt : public OptimisationRunTest, public testing::WithParamInterface<int> {};

TEST_P(StoppedAt, ResumingGivesTheSameBytes) {
  run_until(request("whole"), 8);
  run_until(request("parts"), GetParam());

  OptimisationRun run(resumed("parts"));
  EXPECT_EQ(run.first_generation(), GetParam());
  run.run(make_toy());

  expect_same_files("whole", "parts");
}

INSTANTIATE_TEST_SUITE_P(Generations, StoppedAt, testing::Values(1, 2, 5, 7, 8));

TEST_F(OptimisationRunTest, RowsWrittenAfterTheCheckpointAreCutBack) {
  run_until(request("whole"), 8);
  run_until(request("parts"), 4);
  // What a process leaves that dies in generation 6: whole rows, a row cut short, a temporary file.
  for (const char* file : {files::logbook, files::history, files::population, files::timings}) {
    folder.write(std::string("parts/") + file, folder.read(std::string("parts/") + file) + "5,1,2,3,4,5,6\n6,7");
  }
  folder.write("parts/checkpoint.tmp.123", "{\"half\":");

  OptimisationRun(resumed("parts")).run(make_toy());

  expect_same_files("whole", "parts");
  EXPECT_FALSE(folder.has("parts/checkpoint.tmp.123"));
}

TEST_F(OptimisationRunTest, ResumeWithoutCheckpointStartsFromTheBeginning) {
  run_until(request("whole"), 8);
  folder.write("parts/logbook.csv", "gen,nevals,avg,std,min,max,failed\n1,6,9,9,9,9,0\n");

  OptimisationRun run(resumed("parts"));
  EXPECT_EQ(run.first_generation(), 0);
  run.run(make_toy());

  expect_same_files("whole", "parts");
}

TEST_F(OptimisationRunTest, ResumingAFinishedRunRewritesTheFiles) {
  run_until(request("whole"), 8);
  run_until(request("again"), 8);
  std::filesystem::remove(folder.path() / "again/best_params.json");
  folder.write("again/hall_of_fame.json", "[]");

  OptimisationRun(resumed("again")).run(make_toy());

  expect_same_files("whole", "again");
}

TEST_F(OptimisationRunTest, GenerationsMayGrow) {
  run_until(request("whole"), 8);
  run_until(request("short", 3), 3);

  OptimisationRun(resumed("short", 8)).run(make_toy());

  expect_same_files("whole", "short");
}

TEST_F(OptimisationRunTest, GenerationsMayNotShrink) {
  run_until(request("run"), 5);
  EXPECT_EQ(
      error_of(resumed("run", 4)),
      "DIR/run/checkpoint: error: 5 generations are finished already, more than --generations 4 [run-generations]\n"
      "  fix: --generations may only grow");
}

TEST_F(OptimisationRunTest, CheckpointFrequencyChangesNoResult) {
  run_until(request("whole"), 8);
  RunRequest rare = request("rare");
  rare.checkpoint_every = 3;
  run_until(rare, 8);

  expect_same_files("whole", "rare");
}

TEST_F(OptimisationRunTest, CheckpointsAlsoAtATimeInterval) {
  run_until(request("whole"), 8);
  const auto generations_saved = [&](const std::string& name, std::optional<double> interval_s) {
    RunRequest r = request(name);
    r.checkpoint_every = 1000;
    r.checkpoint_interval_s = interval_s;
    OptimisationRun run(r);
    int generation = 0;
    std::vector<int> saved;
    run.run(make_toy(), {.progress = [&](const RunProgress& p) { generation = p.generation; },
                         .stop =
                             [&] {
                               const bool asked_before = !saved.empty() && saved.back() == generation;
                               if (generation > 0 && !asked_before && folder.has(name + "/checkpoint"))
                                 saved.push_back(generation);
                               return false;
                             }});
    return saved;
  };

  // Seen before each next generation: a checkpoint after every one, or none yet.
  EXPECT_THAT(generations_saved("often", 1e-9), testing::ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(generations_saved("never", 1e9), IsEmpty());
  EXPECT_THAT(generations_saved("none", std::nullopt), IsEmpty());
  expect_same_files("whole", "often");
  expect_same_files("whole", "never");
}

TEST_F(OptimisationRunTest, UsedDirectoryIsRefused) {
  run_until(request("run"), 2);
  EXPECT_EQ(error_of(request("run")),
            "error: 'DIR/run' holds a run already [run-directory-used]\n"
            "  fix: go on with --resume, or give another folder with --out");
}

TEST_F(OptimisationRunTest, LockedDirectoryIsRefused) {
  const OptimisationRun first(request("run"));
  EXPECT_EQ(error_of(request("run")),
            "error: another process is running in 'DIR/run' [run-directory-locked]\n"
            "  fix: wait for it, or give another folder with --out");
}

TEST_F(OptimisationRunTest, AFileIsNoRunDirectory) {
  folder.write("file", "");
  EXPECT_EQ(error_of(request("file")),
            "error: cannot use 'DIR/file' as run directory: Not a directory [run-directory]\n"
            "  fix: give another folder with --out");
}

TEST_F(OptimisationRunTest, TruncatedCheckpointFallsBackToThePreviousOne) {
  run_until(request("whole"), 8);
  RunRequest parts = request("parts");
  parts.sync_seconds = 0;
  run_until(parts, 6);
  const std::string text = folder.read("parts/checkpoint");
  folder.write("parts/checkpoint", text.substr(0, text.size() / 2));

  OptimisationRun run(resumed("parts"));
  ASSERT_THAT(run.warnings(), SizeIs(1));
  EXPECT_EQ(folder.masked(run.warnings()[0].format()),
            "DIR/parts/checkpoint: warning: the checkpoint cannot be used: its end is missing [checkpoint-unreadable]\n"
            "  fix: going on from checkpoint.previous");
  EXPECT_EQ(run.first_generation(), 5);
  run.run(make_toy());

  expect_same_files("whole", "parts");
}

TEST_F(OptimisationRunTest, EditedCheckpointIsDetected) {
  run_until(request("run"), 1);  // there is no previous one yet
  std::string text = folder.read("run/checkpoint");
  text.replace(text.find("\"evaluations\": 6"), 16, "\"evaluations\": 7");
  folder.write("run/checkpoint", text);

  EXPECT_EQ(error_of(resumed("run")),
            "DIR/run/checkpoint: error: the checkpoint cannot be used: its checksum does not match: it was changed or "
            "damaged "
            "[checkpoint-unreadable]\n"
            "  fix: checkpoint.previous holds the one before; or start anew in another folder");
}

TEST_F(OptimisationRunTest, EmptyCheckpointsAreNotOverwritten) {
  folder.write("run/checkpoint", "");
  EXPECT_THAT(error_of(resumed("run")),
              HasSubstr("the checkpoint cannot be used: its end is missing [checkpoint-unreadable]"));
}

TEST_F(OptimisationRunTest, MissingRowsAreAnError) {
  run_until(request("run"), 4);
  folder.write("run/logbook.csv", "gen,nevals,avg,std,min,max,failed\n1,6,9,9,9,9,0\n");

  EXPECT_EQ(error_of(resumed("run")),
            "DIR/run/logbook.csv: error: logbook.csv holds 1 of the 4 rows up to the checkpoint [checkpoint-files]\n"
            "  fix: put the file back, or start anew in another folder with --out");
}

TEST_F(OptimisationRunTest, CheckpointsDoNotGrowWithTheGenerations) {
  run_until(request("short", 20), 20);
  run_until(request("long", 200), 200);

  const auto size = [&](const char* run) {
    return static_cast<double>(folder.read(std::string(run) + "/checkpoint").size());
  };
  EXPECT_LT(size("long"), 1.1 * size("short"));
}

TEST(RunDirectoryFiles, HistoryHoldsTheParentsOfEveryEvaluation) {
  TemporaryFolder folder;
  RunRequest r;
  r.identity = {.problem_name = "toy", .offspring = 4};
  r.directory = folder.path() / "run";
  r.generations = 2;

  OptimisationRun(r).run(make_toy());

  EXPECT_TRUE(folder.read("run/history.csv")
                  .starts_with("generation,id,parent,partner\n1,1,0,0\n1,2,0,0\n1,3,0,0\n1,4,0,0\n2,5,"));
}

struct Difference {
  const char* what;
  void (*change)(RunIdentity&);
  const char* message;
};

class ResumeWithOther : public OptimisationRunTest, public testing::WithParamInterface<Difference> {};

TEST_P(ResumeWithOther, IsRefusedNamingTheDifference) {
  run_until(request("run"), 2);
  RunRequest changed = resumed("run");
  GetParam().change(changed.identity);

  EXPECT_THAT(error_of(changed), HasSubstr(GetParam().message));
  EXPECT_THAT(error_of(changed), HasSubstr("[checkpoint-mismatch]"));
}

INSTANTIATE_TEST_SUITE_P(
    Settings, ResumeWithOther,
    testing::Values(
        Difference{"hash", [](RunIdentity& i) { i.problem_hash = "11"; }, "files it reads) was '00ff', now it is '11'"},
        Difference{"algorithm", [](RunIdentity& i) { i.algorithm = "nsga2"; },
                   "--algorithm was 'ibea', now it is 'nsga2'"},
        Difference{"seed", [](RunIdentity& i) { i.seed = 4; }, "--seed was 3, now it is 4"},
        Difference{"offspring", [](RunIdentity& i) { i.offspring = 7; }, "--offspring was 6, now it is 7"},
        Difference{"eta", [](RunIdentity& i) { i.eta = 9.5; }, "--eta was 10.0, now it is 9.5"},
        Difference{"mutpb", [](RunIdentity& i) { i.mutpb = 0.5; }, "--mutpb was 1.0, now it is 0.5"},
        Difference{"cxpb", [](RunIdentity& i) { i.cxpb = 0.5; }, "--cxpb was 1.0, now it is 0.5"},
        Difference{"step", [](RunIdentity& i) { i.step = "variable"; }, "--step was 'fixed', now it is 'variable'"},
        Difference{"dt", [](RunIdentity& i) { i.dt_ms = 0.05; }, "--dt was 0.025, now it is 0.05"},
        Difference{"atol", [](RunIdentity& i) { i.atol = 1e-4; }, "--atol was 1e-05, now it is 0.0001"},
        Difference{"numeric", [](RunIdentity& i) { i.numeric = "strict"; }, "--numeric was 'fast', now it is 'strict'"},
        Difference{"hof", [](RunIdentity& i) { i.hall_of_fame = 5; }, "--hall-of-fame was 4, now it is 5"},
        Difference{"population", [](RunIdentity& i) { i.save_population = false; },
                   "--save-population was on, now it is off"}),
    [](const auto& test) { return std::string(test.param.what); });

// ---- the journal
// -----------------------------------------------------------------------------------------------------

/// Counts the individuals that it evaluates, one at a time, and can be stopped in between.
class Counting final : public optimise::Evaluator {
 public:
  Counting() : Evaluator(make_toy()->parameters(), make_toy()->objectives()) {}

  optimise::ObjectiveTable evaluate(TableView<const double> rows) override { return evaluate_batch(rows, {}); }
  optimise::ObjectiveTable evaluate_batch(TableView<const double> rows, const optimise::BatchHooks& hooks) override {
    optimise::ObjectiveTable table(rows.rows(), objectives().size());
    // Backwards: what arrives first need not have been asked for first.
    for (std::size_t row = rows.rows(); row-- > 0;) {
      if (hooks.stop && hooks.stop()) throw optimise::EvaluationStopped();
      const optimise::ObjectiveTable one = toy_->evaluate({rows.row(row).data(), 1, rows.columns()});
      std::ranges::copy(one.values.row(0), table.values.row(row).begin());
      table.failed[row] = one.failed[0];
      table.reasons[row] = one.reasons[0];
      ++evaluations;
      if (hooks.arrived) hooks.arrived({&row, 1}, table, 0.1);
    }
    return table;
  }

  int evaluations = 0;

 private:
  std::shared_ptr<optimise::Evaluator> toy_ = make_toy();
};

class StoppedInAGeneration : public OptimisationRunTest, public testing::WithParamInterface<int> {};

TEST_P(StoppedInAGeneration, ResumingEvaluatesOnlyWhatIsMissing) {
  const int stop_after = GetParam();
  const auto whole = std::make_shared<Counting>(), first = std::make_shared<Counting>(),
             rest = std::make_shared<Counting>();
  OptimisationRun(request("whole")).run(whole);

  const RunOutcome outcome =
      OptimisationRun(request("parts")).run(first, {.stop = [&] { return first->evaluations >= stop_after; }});
  EXPECT_TRUE(outcome.stopped);
  EXPECT_EQ(outcome.evaluations + outcome.journalled, stop_after);
  OptimisationRun(resumed("parts")).run(rest);

  EXPECT_EQ(first->evaluations + rest->evaluations, whole->evaluations);
  expect_same_files("whole", "parts");
  EXPECT_FALSE(folder.has("parts/journal"));
}
INSTANTIATE_TEST_SUITE_P(Evaluations, StoppedInAGeneration, testing::Values(1, 5, 13, 20));

TEST_F(OptimisationRunTest, AJournalOfOtherSettingsIsNotUsed) {
  const auto first = std::make_shared<Counting>(), second = std::make_shared<Counting>();
  OptimisationRun(request("parts")).run(first, {.stop = [&] { return first->evaluations >= 4; }});
  RunRequest other = resumed("parts", 1);
  other.identity.seed = 4;

  OptimisationRun(other).run(second);

  EXPECT_EQ(second->evaluations, 6);
}

// ---- asynchronous
// ----------------------------------------------------------------------------------------------------

class AsynchronousRunTest : public OptimisationRunTest {
 protected:
  RunRequest asynchronous(const std::string& name, const std::string& schedule = in_order_schedule,
                          std::size_t in_flight = 5) const {
    RunRequest r = request(name);
    r.identity.asynchronous = true;
    r.identity.in_flight = in_flight;
    r.identity.schedule = schedule;
    return r;
  }
  static std::unique_ptr<evaluate::Crew> crew(std::size_t threads) {
    return evaluate::make_local_crew(std::vector<std::shared_ptr<optimise::Evaluator>>(threads, make_toy()),
                                     {.rows_at_once = threads});
  }
  static RunOutcome run(RunRequest r, std::size_t threads, const RunHooks& hooks = {}) {
    const auto team = crew(threads);
    return OptimisationRun(std::move(r)).run_asynchronously(*make_toy(), *team, hooks);
  }
};

TEST_F(AsynchronousRunTest, InOrderGivesTheSameBytesOnAnyNumberOfThreads) {
  const RunOutcome outcome = run(asynchronous("one"), 1);
  run(asynchronous("three"), 3);

  EXPECT_EQ(outcome.generation, 8);
  EXPECT_EQ(outcome.evaluations, 48);
  expect_same_files("one", "three");
}

TEST_F(AsynchronousRunTest, AHistoryIsAScheduleThatRepeatsItsRun) {
  run(asynchronous("free", arrival_schedule), 3);
  RunRequest again = asynchronous("again", "");
  again.schedule = load_schedule(folder.path() / "free" / files::history);
  again.identity.schedule = schedule_name(again.schedule);

  run(again, 2);

  for (const char* file : {files::history, files::population, files::hall_of_fame, files::logbook})
    EXPECT_EQ(folder.read(std::string("free/") + file), folder.read(std::string("again/") + file)) << file;
}

class AsynchronouslyStoppedAt : public AsynchronousRunTest, public testing::WithParamInterface<int> {};

TEST_P(AsynchronouslyStoppedAt, ResumingGivesTheSameBytes) {
  run(asynchronous("whole"), 2);
  int looks = 0;
  const RunOutcome outcome = run(asynchronous("parts"), 2, {.stop = [&] { return ++looks > GetParam(); }});
  EXPECT_TRUE(outcome.stopped);
  RunRequest rest = asynchronous("parts");
  rest.resume = true;

  run(rest, 1);

  expect_same_files("whole", "parts");
}
INSTANTIATE_TEST_SUITE_P(Looks, AsynchronouslyStoppedAt, testing::Values(1, 4, 11, 25));

TEST_F(AsynchronousRunTest, IsNotResumedWithOtherSettings) {
  run(asynchronous("run"), 1);
  RunRequest other = asynchronous("run", in_order_schedule, 6);
  other.resume = true;

  EXPECT_THAT(error_of(other), HasSubstr("--in-flight was 5, now it is 6"));
}

TEST_F(AsynchronousRunTest, AScheduleMustBeAHistory) {
  folder.write("bad.csv", "generation,id,parent,partner\n1,1,0,0\n1,x,0,0\n");
  try {
    load_schedule(folder.path() / "bad.csv");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.code(), "run-schedule");
    EXPECT_EQ(error.diagnostics()[0].span.line, 3);
  }
}

}  // namespace
}  // namespace cellwright::run
