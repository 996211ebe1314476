#include "cellwright/run/external_problem.hpp"

#include <chrono>
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cellwright/run/optimisation_run.hpp"
#include "temporary_folder.hpp"

namespace cellwright::run {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::SizeIs;
using testing::StartsWith;

/// Answers as parameter `a` says: below 1 well, from 1 on badly, each whole number in its own way.
constexpr const char* worker_program = R"py(import json, os, sys, time
print("started in", os.path.basename(os.getcwd()), file=sys.stderr, flush=True)
for line in sys.stdin:
    request = json.loads(line)
    a, b = request["params"]["a"], request["params"]["b"]
    answer = {"id": request["id"], "objectives": [a * a, abs(b - 1)]}
    kind = int(a)
    if kind == 1: answer["id"] += 1
    if kind == 2: answer["objectives"][1] = float("nan")
    if kind == 3: time.sleep(60)
    if kind == 4: sys.exit(3)
    if kind == 5: answer = {"id": request["id"], "error": "no \"NaN\" please"}
    if kind == 6: answer["objectives"].append(1)
    if kind == 7: print("{\"id\": ", flush=True); continue
    if kind == 8: answer["objectives"][0] = -float("inf")
    if kind == 9: os.kill(os.getpid(), 11)
    print(json.dumps(answer), flush=True)
)py";

class ExternalEvaluatorTest : public testing::Test {
 protected:
  ExternalEvaluatorTest() { folder.write("worker.py", worker_program); }

  ExternalProblem problem(std::size_t workers, const std::string& program = "worker.py") const {
    ExternalProblem p;
    p.name = "toy";
    p.file = folder.path() / "problem.json";
    p.parameters = {{.name = "a", .value = {}, .bounds = {{0, 10}}}, {.name = "b", .value = 3, .bounds = {}}};
    p.objectives = {"f1", "f2"};
    p.command = {"python3", program};
    p.workers = workers;
    p.timeout_s = 20;
    p.failed_score = 99;
    return p;
  }
  static optimise::ObjectiveTable evaluate(ExternalEvaluator& evaluator, const std::vector<double>& a) {
    return evaluator.evaluate({a.data(), a.size(), 1});
  }

  TemporaryFolder folder;
};

TEST_F(ExternalEvaluatorTest, GivesTheScoresOfTheProgram) {
  ExternalEvaluator evaluator(problem(2), folder.path());

  const optimise::ObjectiveTable table = evaluate(evaluator, {0.1, 0.3, 0.7});

  EXPECT_THAT(table.values.values(), ElementsAre(0.1 * 0.1, 2, 0.3 * 0.3, 2, 0.7 * 0.7, 2));
  EXPECT_THAT(table.failed, ElementsAre(0, 0, 0));
  EXPECT_THAT(evaluator.parameters(), SizeIs(1));
}

TEST_F(ExternalEvaluatorTest, WritesNumbersThatReadBackExactly) {
  folder.write("echo.py",
               "import sys\nfor line in sys.stdin:\n    open('seen', 'a').write(line)\n"
               "    print('{\"id\": %d, \"objectives\": [1, 2]}' % (line.count(',') and 1), flush=True)\n");
  ExternalEvaluator evaluator(problem(1, "echo.py"));

  evaluate(evaluator, {0.1 + 0.2});

  EXPECT_EQ(folder.read("seen"), "{\"id\": 1, \"params\": {\"a\": 0.30000000000000004, \"b\": 3.0}}\n");
}

TEST_F(ExternalEvaluatorTest, FailsOnlyTheIndividualWhoseAnswerIsWrong) {
  ExternalEvaluator evaluator(problem(1), folder.path());

  const optimise::ObjectiveTable table = evaluate(evaluator, {0, 1, 0.5, 2, 0.5, 4, 0.5, 5, 6, 7, 8, 9, 0.5});

  EXPECT_THAT(table.failed, ElementsAre(0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0));
  EXPECT_THAT(table.reasons,
              ElementsAre("", "the answer has the id 3, not that of the request", "", "objective 'f2' is NaN", "",
                          "the program ended (exit status 3) before it answered", "", "no \"NaN\" please",
                          "the answer has 3 scores for 2 objectives",
                          "the answer is broken: {\"id\": ", "objective 'f1' is infinite",
                          "the program ended (signal 11, Segmentation fault) before it answered", ""));
  for (std::size_t row = 0; row < 13; ++row) {
    EXPECT_EQ(table.values(row, 0), table.failed[row] ? 99 : row == 0 ? 0 : 0.25) << row;
    EXPECT_EQ(table.values(row, 1), table.failed[row] ? 99 : 2) << row;
  }
  EXPECT_EQ(evaluator.first_failure(), "the answer has the id 3, not that of the request");
}

TEST_F(ExternalEvaluatorTest, KillsALateProgramAndStartsAnother) {
  ExternalProblem p = problem(1);
  p.timeout_s = 4;  // a loaded machine starts Python in less
  ExternalEvaluator evaluator(p, folder.path());

  const optimise::ObjectiveTable table = evaluate(evaluator, {0, 3, 0.5});

  EXPECT_THAT(table.reasons, ElementsAre("", "no answer within 4 s", ""));
  EXPECT_EQ(table.values(2, 0), 0.25);
  const std::string line = "started in " + folder.path().filename().string() + "\n";
  EXPECT_EQ(folder.read("worker-1.log"), line + line);
}

TEST_F(ExternalEvaluatorTest, EndsAfterFiveDeathsBeforeAnyAnswer) {
  folder.write("dead.py", "import sys\nsys.exit('I cannot work')\n");
  ExternalEvaluator evaluator(problem(2, "dead.py"), folder.path());

  try {
    evaluate(evaluator, std::vector<double>(20, 0.5));
    FAIL();
  } catch (const SimulationError& error) {
    EXPECT_EQ(error.code(), "evaluator-deaths");
    EXPECT_EQ(error.diagnostics()[0].message,
              "the evaluator's program failed 5 times in a row without any answer; the last time: the program ended "
              "(exit status 1) before it answered");
    EXPECT_EQ(error.diagnostics()[0].notes.back().text, "I cannot work");
    EXPECT_EQ(error.diagnostics()[0].fix,
              "run it by hand in the problem file's folder and give it the line  {\"id\": 5, \"params\": {\"a\": 0.5, "
              "\"b\": 3.0}}");
  }
}

TEST_F(ExternalEvaluatorTest, GoesOnAfterDeathsOnceThereWasAnAnswer) {
  ExternalEvaluator evaluator(problem(2), folder.path());

  const optimise::ObjectiveTable table = evaluate(evaluator, {4, 4, 4, 4, 0.5, 4, 4, 4, 4, 4, 4, 0.5});

  EXPECT_THAT(table.failed, ElementsAre(1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0));
}

TEST_F(ExternalEvaluatorTest, RequestsMayBeLongerThanAPipeHolds) {
  ExternalProblem p = problem(2);
  for (int i = 0; i < 20000; ++i)
    p.parameters.push_back({.name = "more" + std::to_string(i), .value = 0.1, .bounds = {}});
  ExternalEvaluator evaluator(p, folder.path());

  const optimise::ObjectiveTable table = evaluate(evaluator, {0.5, 4, 0.5});

  EXPECT_THAT(table.failed, ElementsAre(0, 1, 0));
}

TEST_F(ExternalEvaluatorTest, TheFilesOfARunDoNotDependOnTheWorkersOrOnResuming) {
  const auto run_to = [&](const std::string& name, std::size_t workers, int generations, bool resume) {
    RunRequest request;
    request.identity = {
        .problem_name = "toy", .problem_hash = "00ff", .seed = 3, .offspring = 6, .save_population = true};
    request.directory = folder.path() / name;
    request.generations = generations;
    request.resume = resume;
    OptimisationRun run(request);
    ExternalProblem p = problem(workers);
    p.parameters[0].bounds = {{0, 3}};  // some have wrong ids or are NaN
    p.parameters[1] = {.name = "b", .value = {}, .bounds = {{-5, 5}}};
    return run.run(std::make_shared<ExternalEvaluator>(p, run.directory().folder(), resume)).failed_evaluations;
  };

  const std::int64_t failed = run_to("one", 1, 6, false);
  run_to("three", 3, 6, false);
  run_to("resumed", 2, 3, false);
  run_to("resumed", 3, 6, true);

  EXPECT_GT(failed, 0);
  for (const char* file : {files::logbook, files::hall_of_fame, files::best_params, files::population,
                           files::checkpoint, files::history}) {
    EXPECT_EQ(folder.read(std::string("three/") + file), folder.read(std::string("one/") + file)) << file;
    EXPECT_EQ(folder.read(std::string("resumed/") + file), folder.read(std::string("one/") + file)) << file;
  }
}

TEST_F(ExternalEvaluatorTest, ReportsAProgramThatCannotBeStarted) {
  ExternalProblem p = problem(1);
  p.command = {"./absent"};
  ExternalEvaluator evaluator(p);

  try {
    evaluate(evaluator, {0.5});
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.diagnostics()[0].message, "cannot start './absent': No such file or directory");
  }
}

/// A process that ignores the end of its input.
class ProcessPoolTest : public testing::Test {
 protected:
  pid_t run_stubborn(const std::string& before) {
    folder.write("stubborn.py",
                 "import os, signal, sys, time\n" + before +
                     "\nsys.stdin.readline()\nprint(os.getpid(), flush=True)\nwhile True: time.sleep(9)\n");
    ProcessPool pool({.command = {"python3", "stubborn.py"},
                      .folder = folder.path(),
                      .workers = 1,
                      .timeout_s = 20,
                      .log_folder = folder.path(),
                      .end_s = 0.2,
                      .terminate_s = 0.2});
    const auto answers = pool.exchange({"hello"}, [](std::size_t, const std::string&) { return true; });
    return std::stoi(answers[0].text);
  }
  TemporaryFolder folder;
};

TEST_F(ProcessPoolTest, TerminatesAProcessThatIgnoresTheEndOfInput) {
  const pid_t child = run_stubborn("signal.signal(15, lambda *_: (print('asked', file=sys.stderr), sys.exit()))");

  EXPECT_NE(::kill(child, 0), 0);
  EXPECT_EQ(folder.read("worker-1.log"), "asked\n");
}

TEST_F(ProcessPoolTest, KillsAProcessThatIgnoresSIGTERM) {
  const pid_t child = run_stubborn("signal.signal(15, signal.SIG_IGN)");

  EXPECT_NE(::kill(child, 0), 0);
}

TEST_F(ProcessPoolTest, LetsAProcessFinishAtTheEndOfInput) {
  folder.write("calm.py",
               "import sys\nfor line in sys.stdin: print(line, end='', flush=True)\nprint('done', file=sys.stderr)\n");
  {
    ProcessPool pool({.command = {"python3", "calm.py"},
                      .folder = folder.path(),
                      .workers = 2,
                      .timeout_s = 20,
                      .log_folder = folder.path()});
    const auto answers = pool.exchange({"x", "y"}, [](std::size_t, const std::string&) { return true; });
    EXPECT_EQ(answers[0].text + answers[1].text, "xy");
  }

  EXPECT_EQ(folder.read("worker-1.log"), "done\n");
  EXPECT_EQ(folder.read("worker-2.log"), "done\n");
}

class ExternalProblemTest : public testing::Test {
 protected:
  std::string error_of(const std::string& text) {
    folder.write("problem.json", text);
    try {
      load_external_problem(folder.path() / "problem.json");
    } catch (const ConfigError& error) {
      return folder.masked(error.what());
    }
    return "no error";
  }
  ExternalProblem load(const std::string& text) {
    folder.write("problem.json", text);
    return load_external_problem(folder.path() / "problem.json");
  }
  TemporaryFolder folder;
};

constexpr const char* good =
    R"({"name": "toy", "parameters": [{"name": "a", "bounds": [0, 1]}, {"name": "b", "value": 2}],
  "objectives": ["f1"], "evaluator": {"command": ["sh", "-c", "cat"], "workers": 2, "timeout": 60, "failed_score": 9}})";

TEST_F(ExternalProblemTest, ReadsEverything) {
  const ExternalProblem p = load(good);

  EXPECT_EQ(p.name, "toy");
  EXPECT_THAT(p.parameters, SizeIs(2));
  EXPECT_EQ(p.free_count(), 1U);
  EXPECT_EQ(p.parameters[1].value, 2);
  EXPECT_THAT(p.objectives, ElementsAre("f1"));
  EXPECT_THAT(p.command, ElementsAre("sh", "-c", "cat"));
  EXPECT_EQ(p.workers, 2U);
  EXPECT_EQ(p.timeout_s, 60);
  EXPECT_EQ(p.failed_score, 9);
  EXPECT_TRUE(is_problem_file(p.file));
}

TEST_F(ExternalProblemTest, TheHashLeavesOutOnlyWhatChangesNoResult) {
  const auto with = [&](std::string text, const std::string& from, const std::string& to) {
    return load(text.replace(text.find(from), from.size(), to)).hash;
  };
  const std::string hash = load(good).hash;

  EXPECT_EQ(with(good, "\"workers\": 2", "\"workers\": 7"), hash);
  EXPECT_NE(with(good, "[0, 1]", "[0, 2]"), hash);
  EXPECT_NE(with(good, "\"cat\"", "\"cat -\""), hash);
  EXPECT_NE(with(good, "60", "61"), hash);
  EXPECT_NE(with(good, ": 9", ": 8"), hash);
}

TEST_F(ExternalProblemTest, ReportsEverythingThatIsWrong) {
  const std::string errors = error_of(R"({
  "parameters": [
    {"name": "a", "bounds": [1, 0]},
    {"name": "a"}
  ],
  "objectives": [],
  "evaluator": {"command": ["no-such-program-anywhere"], "workers": 0, "timeout": -1, "time_out": 3}
})");

  EXPECT_THAT(errors, HasSubstr("problem.json:3:29: error: /parameters/0/bounds: lower 1 > upper 0 [config-bounds]"));
  EXPECT_THAT(errors, HasSubstr("/parameters/1/name: two parameters have the name 'a' [config-duplicate]"));
  EXPECT_THAT(errors, HasSubstr("/parameters/1: neither 'value' nor 'bounds' is given [config-value-or-bounds]"));
  EXPECT_THAT(errors, HasSubstr("/objectives: there is no objective [config-range]"));
  EXPECT_THAT(errors, HasSubstr("/evaluator/command/0: there is no program 'no-such-program-anywhere'"));
  EXPECT_THAT(errors, HasSubstr("/evaluator/workers: must be a whole number from 1 to 4096, not 0 [config-range]"));
  EXPECT_THAT(errors, HasSubstr("/evaluator/timeout: timeout must be above 0 s, not -1 [config-range]"));
  EXPECT_THAT(errors, HasSubstr("fix: did you mean 'timeout'?"));
}

TEST_F(ExternalProblemTest, ACellFileIsNone) {
  folder.write("cell.json", R"({"morphology": {"file": "soma.swc"}})");

  EXPECT_FALSE(is_problem_file(folder.path() / "cell.json"));
  EXPECT_FALSE(is_problem_file(folder.path() / "absent.json"));
}

}  // namespace
}  // namespace cellwright::run
