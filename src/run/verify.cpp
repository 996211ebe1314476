#include "cellwright/run/verify.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

#include "cellwright/numeric/interpolation.hpp"
#include "cellwright/run/cell_evaluator.hpp"
#include "cellwright/simulate/simulator.hpp"
#include "cellwright/text/json_writer.hpp"

namespace cellwright::run {
namespace {

constexpr double spike_threshold_mv = -20;

/// The responses of one protocol, kept.
struct KeptResponses {
  std::vector<double> time_ms;
  std::vector<std::vector<double>> recordings;  ///< empty where there is no response
  std::string failure;
};

/// Hands responses on and keeps them: one simulation gives both traces and scores.
class KeepingModel final : public simulate::PreparedModel {
 public:
  KeepingModel(std::unique_ptr<PreparedModel> inner, std::vector<KeptResponses>& kept)
      : inner_(std::move(inner)), kept_(kept) {}

  void run(const simulate::LaneBatch& batch, parallel::Executor& executor,
           const simulate::ResponseSink& sink) const override {
    inner_->run(batch, executor, [&](std::size_t lane, const simulate::LaneResponses& responses) {
      keep(kept_.at(batch.lanes[lane].protocol), responses);
      sink(lane, responses);
    });
  }
  std::vector<double> protocol_durations_ms() const override { return inner_->protocol_durations_ms(); }
  const std::vector<Diagnostic>& warnings() const override { return inner_->warnings(); }

 private:
  static void keep(KeptResponses& kept, const simulate::LaneResponses& responses) {
    if (responses.status != simulate::LaneStatus::ok) {
      kept.failure = simulate::describe(responses);
      return;
    }
    kept.time_ms.assign(responses.time_ms.begin(), responses.time_ms.end());
    for (const std::span<const double> trace : responses.recordings)
      kept.recordings.emplace_back(trace.begin(), trace.end());
  }

  std::unique_ptr<PreparedModel> inner_;
  std::vector<KeptResponses>& kept_;
};

class KeepingSimulator final : public simulate::Simulator {
 public:
  KeepingSimulator(const simulate::Simulator& inner, std::vector<KeptResponses>& kept) : inner_(inner), kept_(kept) {}
  std::unique_ptr<simulate::PreparedModel> prepare(const model::CellModel& cell,
                                                   std::span<const model::SweepProtocol> protocols) const override {
    kept_.resize(protocols.size());
    return std::make_unique<KeepingModel>(inner_.prepare(cell, protocols), kept_);
  }

 private:
  const simulate::Simulator& inner_;
  std::vector<KeptResponses>& kept_;
};

/// What one engine gives.
struct EngineResult {
  std::vector<KeptResponses> protocols;
  std::vector<std::string> objectives;
  std::vector<double> scores;
};

/// A problem without features has nothing to score, but its traces can be compared.
void simulate_traces(const Problem& problem, const simulate::Simulator& simulator, std::span<const double> parameters,
                     parallel::Executor& executor) {
  simulate::LaneBatch batch{.parameters = {parameters.data(), 1, parameters.size()}};
  for (std::size_t p = 0; p < problem.protocols.size(); ++p) batch.lanes.push_back({.individual = 0, .protocol = p});
  simulator.prepare(problem.cell, problem.protocols)
      ->run(batch, executor, [](std::size_t, const simulate::LaneResponses&) {});
}

EngineResult run_engine(const Problem& problem, const std::string& engine, std::span<const double> parameters,
                        std::size_t threads) {
  SimulatorSettings settings = problem.simulator;
  settings.engine = engine;
  const auto simulator = make_simulator(settings);
  EngineResult result;
  const KeepingSimulator keeping(*simulator, result.protocols);
  const std::shared_ptr<parallel::Executor> executor = parallel::make_executor(threads);
  if (problem.features.empty()) {
    simulate_traces(problem, keeping, parameters, *executor);
    return result;
  }
  evaluate::CellEvaluator evaluator(
      keeping, problem.cell, problem.protocols, problem.features, executor,
      evaluate::EvaluatorOptions{problem.objectives, problem.evaluation.use_params_for_seed});
  for (const optimise::Objective& objective : evaluator.objectives()) result.objectives.push_back(objective.name);
  const TableView<const double> table{parameters.data(), 1, parameters.size()};
  result.scores = evaluator.evaluate_in_detail(table).front().scores;
  return result;
}

std::vector<double> spike_times(std::span<const double> time_ms, std::span<const double> voltage_mv) {
  std::vector<double> result;
  for (std::size_t i = 1; i < time_ms.size(); ++i) {
    const double before = voltage_mv[i - 1], after = voltage_mv[i];
    if (before < spike_threshold_mv && after >= spike_threshold_mv)
      result.push_back(time_ms[i - 1] +
                       (time_ms[i] - time_ms[i - 1]) * (spike_threshold_mv - before) / (after - before));
  }
  return result;
}

void compare_traces(const KeptResponses& native, const KeptResponses& neuron, std::size_t r, const VerifyLimits& limits,
                    RecordingComparison& result) {
  const std::vector<double>& theirs = neuron.recordings[r];
  const std::vector<double> ours = native.time_ms == neuron.time_ms
                                       ? native.recordings[r]
                                       : numeric::interpolate(neuron.time_ms, native.time_ms, native.recordings[r]);
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    const double deviation = std::fabs(ours[i] - theirs[i]);
    result.largest_deviation = std::max(result.largest_deviation, deviation);
    if (deviation > deviation_limit && !result.first_deviation_ms) result.first_deviation_ms = neuron.time_ms[i];
  }
  if (!result.is_voltage) return;
  const std::vector<double> first = spike_times(native.time_ms, native.recordings[r]);
  const std::vector<double> second = spike_times(neuron.time_ms, theirs);
  result.spikes = {first.size(), second.size()};
  for (std::size_t k = 0; k < std::min(first.size(), second.size()); ++k)
    result.worst_spike_shift_ms = std::max(result.worst_spike_shift_ms, std::fabs(first[k] - second[k]));
  result.pass = first.size() == second.size() && result.worst_spike_shift_ms <= limits.max_shift_ms;
}

RecordingComparison compare_recording(const model::CompRecording& recording, const KeptResponses& native,
                                      const KeptResponses& neuron, std::size_t r, const VerifyLimits& limits) {
  const auto has = [r](const KeptResponses& kept) { return kept.failure.empty() && !kept.recordings.at(r).empty(); };
  RecordingComparison result{.name = recording.name, .is_voltage = recording.variable == "v"};
  result.present = {has(native), has(neuron)};
  // Two failures are no agreement: nothing was compared.
  result.pass = native.failure.empty() && neuron.failure.empty() && result.present.first == result.present.second;
  if (result.present.first && result.present.second) compare_traces(native, neuron, r, limits, result);
  return result;
}

}  // namespace

VerifyLimits default_limits(const SimulatorSettings& settings) {
  constexpr double rounding = 1e-9;  // of times that are exactly one step apart
  if (settings.step == "variable") return {.max_shift_ms = 2.0, .max_score = 0.25};
  return {.max_shift_ms = settings.dt_ms * (1 + rounding), .max_score = 0.05};
}

Verification verify(const Problem& problem, std::span<const double> parameters, const VerifyLimits& limits,
                    std::size_t threads) {
  const EngineResult native = run_engine(problem, "native", parameters, threads);
  const EngineResult neuron = run_engine(problem, "neuron", parameters, threads);
  Verification result;
  for (std::size_t p = 0; p < problem.protocols.size(); ++p) {
    const model::SweepProtocol& protocol = problem.protocols[p];
    const KeptResponses& ours = native.protocols[p];
    const KeptResponses& theirs = neuron.protocols[p];
    if (!ours.failure.empty() || !theirs.failure.empty())
      result.failures.push_back({protocol.name, {ours.failure, theirs.failure}});
    for (std::size_t r = 0; r < protocol.recordings.size(); ++r)
      result.recordings.push_back(compare_recording(protocol.recordings[r], ours, theirs, r, limits));
  }
  for (std::size_t k = 0; k < native.scores.size(); ++k) {
    const double difference = std::fabs(native.scores[k] - neuron.scores[k]);
    result.objectives.push_back(
        {native.objectives[k], {native.scores[k], neuron.scores[k]}, difference <= limits.max_score});
  }
  result.pass = result.failures.empty() && std::ranges::all_of(result.recordings, &RecordingComparison::pass) &&
                std::ranges::all_of(result.objectives, &ObjectiveComparison::pass);
  return result;
}

std::string format_verification(const Verification& verification) {
  text::JsonWriter json;
  json.begin_object().key("recordings").begin_object();
  for (const RecordingComparison& recording : verification.recordings) {
    json.key(recording.name);
    if (!recording.present.first && !recording.present.second) {
      json.value(nullptr);
      continue;
    }
    json.begin_object(text::JsonStyle::one_line).key("first_deviation_ms");
    recording.first_deviation_ms ? json.value(*recording.first_deviation_ms) : json.value(nullptr);
    json.member("largest_deviation", recording.largest_deviation);
    json.key("spikes").begin_array().value(recording.spikes.first).value(recording.spikes.second).end_array();
    json.member("worst_spike_shift_ms", recording.worst_spike_shift_ms).member("pass", recording.pass).end_object();
  }
  json.end_object().key("objectives").begin_object();
  for (const ObjectiveComparison& objective : verification.objectives) {
    json.key(objective.name).begin_array(text::JsonStyle::one_line);
    json.value(objective.scores.first).value(objective.scores.second).end_array();
  }
  json.end_object().key("errors").begin_object();
  for (const auto& [protocol, said] : verification.failures)
    json.key(protocol).begin_array(text::JsonStyle::one_line).value(said.first).value(said.second).end_array();
  json.end_object().member("pass", verification.pass).end_object();
  return json.take() + "\n";
}

}  // namespace cellwright::run
