// Evaluates a list of parameter sets as one batch, as `cellwright evaluate --json` does, and keeps every trace: a
// comparison of many individuals would otherwise simulate each by itself, and twice. cellwright_program.py runs it.
//
//   evaluation_dump CELL.json PARAMS.json FOLDER fast|strict|float THREADS [SAMPLE_MS]
//
// SAMPLE_MS: the distance of the samples of a variable step, in place of that which the features need.
// Standard output is that of `evaluate --json`. FOLDER gets one file of raw doubles a recording,
// `<set>.<recording>.f64`, and
// `<set>.<protocol>.time.f64`; `<set>.<protocol>.steps` holds the numbers of accepted and rejected variable steps.
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string_view>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/parallel/executor.hpp"
#include "cellwright/run/cell_evaluator.hpp"
#include "cellwright/run/evaluation_report.hpp"
#include "cellwright/run/params_file.hpp"

namespace {

using namespace cellwright;

/// Rows of doubles, one after the other: time, then each recording.
void write_traces(const std::filesystem::path& file, const simulate::LaneResponses& responses) {
  std::ofstream stream(file, std::ios::binary);
  const auto write_row = [&stream](std::span<const double> row) {
    stream.write(reinterpret_cast<const char*>(row.data()), static_cast<std::streamsize>(row.size_bytes()));
  };
  write_row(responses.time_ms);
  for (std::span<const double> recording : responses.recordings) write_row(recording);
  if (!stream.flush()) throw Error(Diagnostic{.code = "dump", .message = "cannot write " + file.string()});
}

/// Passes responses on and writes their traces beside.
class RecordingModel final : public simulate::PreparedModel {
 public:
  RecordingModel(std::unique_ptr<simulate::PreparedModel> model, const run::Problem& problem,
                 std::filesystem::path folder)
      : model_(std::move(model)), problem_(problem), folder_(std::move(folder)) {}

  void run(const simulate::LaneBatch& batch, parallel::Executor& executor,
           const simulate::ResponseSink& sink) const override {
    model_->run(batch, executor, [&](std::size_t lane, const simulate::LaneResponses& responses) {
      write(batch.lanes[lane], responses);
      sink(lane, responses);
    });
  }
  std::vector<double> protocol_durations_ms() const override { return model_->protocol_durations_ms(); }
  const std::vector<Diagnostic>& warnings() const override { return model_->warnings(); }

 private:
  void write(const simulate::Lane& lane, const simulate::LaneResponses& responses) const {
    if (responses.status != simulate::LaneStatus::ok) return;
    const std::string& protocol = problem_.protocols[lane.protocol].name;
    write_traces(folder_ / fmt::format("{}.{}.f64", lane.individual, protocol), responses);
    std::ofstream(folder_ / fmt::format("{}.{}.steps", lane.individual, protocol))
        << responses.steps << " " << responses.rejected_steps << "\n";
  }

  std::unique_ptr<simulate::PreparedModel> model_;
  const run::Problem& problem_;
  std::filesystem::path folder_;
};

class RecordingSimulator final : public simulate::Simulator {
 public:
  RecordingSimulator(const run::Problem& problem, std::filesystem::path folder, double sample_ms)
      : problem_(problem), folder_(std::move(folder)), sample_ms_(sample_ms) {}
  std::unique_ptr<simulate::PreparedModel> prepare(const model::CellModel& cell,
                                                   std::span<const model::SweepProtocol> protocols) const override {
    return std::make_unique<RecordingModel>(
        run::make_simulator(problem_.simulator, sample_ms_)->prepare(cell, protocols), problem_, folder_);
  }

 private:
  const run::Problem& problem_;
  std::filesystem::path folder_;
  double sample_ms_;
};

int dump(const std::vector<std::string_view>& arguments) {
  run::Problem problem = run::load_problem(arguments[0]);
  problem.simulator.numeric = numeric::numeric_mode(arguments[3]).value();
  run::ParameterSets parameters = run::load_params(arguments[1], problem.cell);
  std::size_t threads = 0;
  std::from_chars(arguments[4].data(), arguments[4].data() + arguments[4].size(), threads);
  double sample_ms = run::feature_sample_ms(problem);
  if (arguments.size() > 5) std::from_chars(arguments[5].data(), arguments[5].data() + arguments[5].size(), sample_ms);
  std::filesystem::create_directories(arguments[2]);
  evaluate::CellEvaluator evaluator(RecordingSimulator(problem, arguments[2], sample_ms), problem.cell,
                                    problem.protocols, problem.features, parallel::make_executor(threads));
  std::cout << run::format_evaluation(run::evaluate_parameters(evaluator, std::move(parameters)), evaluator);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6 && argc != 7) {
    std::cerr << "usage: evaluation_dump CELL.json PARAMS.json FOLDER fast|strict|float THREADS [SAMPLE_MS]\n";
    return 2;
  }
  try {
    return dump({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 3;
  }
}
