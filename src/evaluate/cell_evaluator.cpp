#include "cellwright/evaluate/cell_evaluator.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "cellwright/features/feature.hpp"
#include "cellwright/features/trace_context.hpp"

namespace cellwright::evaluate {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::vector<optimise::Parameter> optimised_parameters(const model::CellModel& cell) {
  std::vector<optimise::Parameter> result;
  for (const model::CellParameter* parameter : cell.free_parameters()) {
    result.emplace_back(parameter->name, (*parameter->bounds)[0], (*parameter->bounds)[1]);
  }
  return result;
}

std::vector<optimise::Objective> singleton_objectives(const std::vector<eFELFeature>& features) {
  std::vector<optimise::Objective> result;
  for (const eFELFeature& feature : features) result.emplace_back(feature.name);
  return result;
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

template <class Named>
std::size_t index_of(const std::vector<Named>& items, const std::string& name) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const Named& item) { return item.name == name; });
  return static_cast<std::size_t>(found - items.begin());
}

ConfigError unknown_reference(const eFELFeature& feature, const std::string& kind, const std::string& name) {
  return ConfigError(
      Diagnostic{.code = "evaluate-feature",
                 .message = fmt::format("feature '{}' refers to the unknown {} '{}'", feature.name, kind, name),
                 .span = feature.span});
}

}  // namespace

bool IndividualEvaluation::failed() const {
  return std::any_of(protocol_errors.begin(), protocol_errors.end(), [](const std::string& e) { return !e.empty(); });
}

struct CellEvaluator::TraceGroup {
  std::size_t recording = 0;  ///< index into the protocol's recordings
  features::StimulusWindow window;
  features::Settings settings;
  std::vector<std::size_t> members;  ///< indices of features
  std::vector<const features::Feature*> functions;
};

struct CellEvaluator::ProtocolPlan {
  std::vector<TraceGroup> groups;
  std::size_t first_recording = 0;  ///< index of the protocol's first recording among all recordings
  std::size_t n_recordings = 0;
  std::vector<std::uint8_t> is_voltage;  ///< [n_recordings]
};

/// One call of evaluate_in_detail: receives the responses of the lanes, from several threads.
class CellEvaluator::Batch {
 public:
  Batch(const CellEvaluator& evaluator, std::size_t individuals, bool in_detail)
      : evaluator_(evaluator), in_detail_(in_detail), results_(individuals) {
    const std::size_t recordings =
        evaluator.plans_->empty() ? 0
                                  : evaluator.plans_->back().first_recording + evaluator.plans_->back().n_recordings;
    for (IndividualEvaluation& result : results_) {
      result.scores.resize(evaluator.features_.size());
      result.feature_values.resize(evaluator.features_.size());
      result.responses.resize(in_detail ? recordings : 0);
      result.protocol_errors.resize(evaluator.protocols_.size());
    }
    for (std::size_t i = 0; i < individuals; ++i) {
      for (std::size_t p = 0; p < evaluator.protocols_.size(); ++p) lanes_.push_back({i, p});
    }
  }

  const std::vector<simulate::Lane>& lanes() const { return lanes_; }
  double feature_seconds() const { return feature_seconds_; }
  std::vector<IndividualEvaluation> take() { return std::move(results_); }

  void receive(std::size_t lane, const simulate::LaneResponses& responses) {
    const Clock::time_point start = Clock::now();
    const simulate::Lane where = lanes_[lane];
    const ProtocolPlan& plan = (*evaluator_.plans_)[where.protocol];
    IndividualEvaluation& result = results_[where.individual];
    const bool failed = responses.status != simulate::LaneStatus::ok;
    if (failed) result.protocol_errors[where.protocol] = simulate::describe(responses.status, responses.failed_at_ms);
    if (!failed) result.protocol_errors[where.protocol] = missing_recordings(where.protocol, responses);
    for (const TraceGroup& group : plan.groups) {
      if (failed || responses.recordings[group.recording].empty()) {
        for (const std::size_t feature : group.members) result.scores[feature] = score(feature, {});
      } else {
        score_group(group, responses, result);
      }
    }
    if (in_detail_) summarise(plan, responses, failed, result);
    feature_seconds_ += seconds_since(start);
  }

 private:
  /// What to say about recordings without a response; empty if there are none.
  std::string missing_recordings(std::size_t protocol, const simulate::LaneResponses& responses) const {
    std::string text;
    for (std::size_t r = 0; r < responses.recordings.size(); ++r) {
      if (!responses.recordings[r].empty()) continue;
      text += fmt::format("{}the cell has no place for recording '{}'", text.empty() ? "" : "; ",
                          evaluator_.protocols_[protocol].recordings[r].name);
    }
    return text;
  }

  double score(std::size_t feature, std::span<const double> values) const {
    const eFELFeature& f = evaluator_.features_[feature];
    return f.weight * calculate_score(f, values);
  }

  void score_group(const TraceGroup& group, const simulate::LaneResponses& responses,
                   IndividualEvaluation& result) const {
    const features::TraceContext context(
        {{responses.time_ms, responses.recordings[group.recording], {}}, group.window, group.settings});
    for (std::size_t k = 0; k < group.members.size(); ++k) {
      const features::FeatureResult& values = context.result(group.functions[k]->function);
      const std::size_t feature = group.members[k];
      result.scores[feature] = score(feature, values ? values.values() : std::vector<double>{});
      if (values && values.size() > 0) result.feature_values[feature] = mean(values.values());
    }
  }

  void summarise(const ProtocolPlan& plan, const simulate::LaneResponses& responses, bool failed,
                 IndividualEvaluation& result) const {
    for (std::size_t r = 0; r < plan.n_recordings; ++r) {
      ResponseSummary& summary = result.responses[plan.first_recording + r];
      summary.failed = failed || responses.recordings[r].empty();
      if (summary.failed || !plan.is_voltage[r]) continue;
      const features::TraceContext context(
          {{responses.time_ms, responses.recordings[r], {}}, {0.0, responses.time_ms.back()}, {}});
      const features::FeatureResult& count = context.result(features::find_feature("Spikecount").function);
      if (count && count.size() > 0) summary.spikes = static_cast<std::size_t>(count[0]);
    }
  }

  const CellEvaluator& evaluator_;
  bool in_detail_;
  std::vector<IndividualEvaluation> results_;
  std::vector<simulate::Lane> lanes_;
  std::atomic<double> feature_seconds_ = 0;
};

CellEvaluator::CellEvaluator(const simulate::Simulator& simulator, const model::CellModel& cell,
                             std::vector<model::SweepProtocol> protocols, std::vector<eFELFeature> features,
                             std::shared_ptr<parallel::Executor> executor)
    : Evaluator(optimised_parameters(cell), singleton_objectives(features)),
      protocols_(std::move(protocols)),
      features_(std::move(features)),
      executor_(std::move(executor)),
      prepared_(simulator.prepare(cell, protocols_)) {
  plan_features();
}

void CellEvaluator::plan_features() {
  std::vector<ProtocolPlan> plans(protocols_.size());
  std::size_t first = 0;
  for (std::size_t p = 0; p < protocols_.size(); ++p) {
    plans[p].first_recording = first;
    plans[p].n_recordings = protocols_[p].recordings.size();
    for (const model::CompRecording& recording : protocols_[p].recordings)
      plans[p].is_voltage.push_back(recording.variable == "v");
    first += plans[p].n_recordings;
  }
  for (std::size_t f = 0; f < features_.size(); ++f) {
    const eFELFeature& feature = features_[f];
    const std::size_t p = index_of(protocols_, feature.protocol_name);
    if (p == protocols_.size()) throw unknown_reference(feature, "protocol", feature.protocol_name);
    const std::size_t recording = index_of(protocols_[p].recordings, feature.recording_name);
    if (recording == plans[p].n_recordings) throw unknown_reference(feature, "recording", feature.recording_name);
    std::vector<TraceGroup>& groups = plans[p].groups;
    auto group = std::find_if(groups.begin(), groups.end(), [&](const TraceGroup& g) {
      return g.recording == recording && g.window.stim_start_ms == feature.window.stim_start_ms &&
             g.window.stim_end_ms == feature.window.stim_end_ms && g.settings == feature.settings;
    });
    if (group == groups.end())
      group = groups.insert(groups.end(), {recording, feature.window, feature.settings, {}, {}});
    group->members.push_back(f);
    group->functions.push_back(&features::find_feature(feature.efel_feature_name));
  }
  plans_ = std::make_shared<const std::vector<ProtocolPlan>>(std::move(plans));
}

std::vector<std::string> CellEvaluator::recording_names() const {
  std::vector<std::string> result;
  for (const model::SweepProtocol& protocol : protocols_) {
    for (const model::CompRecording& recording : protocol.recordings) result.push_back(recording.name);
  }
  return result;
}

std::vector<IndividualEvaluation> CellEvaluator::evaluate_in_detail(TableView<const double> parameters,
                                                                    EvaluationSeconds* seconds,
                                                                    const simulate::ResponseSink& observer) {
  const Clock::time_point start = Clock::now();
  Batch batch(*this, parameters.rows(), true);
  prepared_->run({parameters, batch.lanes()}, *executor_,
                 [&](std::size_t lane, const simulate::LaneResponses& responses) {
                   batch.receive(lane, responses);
                   if (observer) observer(lane, responses);
                 });
  if (seconds) {
    seconds->features += batch.feature_seconds();
    seconds->simulate += seconds_since(start) - batch.feature_seconds() / static_cast<double>(executor_->workers());
  }
  return batch.take();
}

optimise::ObjectiveTable CellEvaluator::evaluate(TableView<const double> parameters) {
  Batch batch(*this, parameters.rows(), false);
  prepared_->run(
      {parameters, batch.lanes()}, *executor_,
      [&batch](std::size_t lane, const simulate::LaneResponses& responses) { batch.receive(lane, responses); });
  const std::vector<IndividualEvaluation> results = batch.take();
  optimise::ObjectiveTable table(parameters.rows(), features_.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    std::copy(results[i].scores.begin(), results[i].scores.end(), table.values.row(i).begin());
    if (!results[i].failed()) continue;
    table.failed[i] = 1;
    for (std::size_t p = 0; p < protocols_.size() && table.reasons[i].empty(); ++p) {
      if (!results[i].protocol_errors[p].empty())
        table.reasons[i] = protocols_[p].name + ": " + results[i].protocol_errors[p];
    }
  }
  optimise::replace_non_finite(table, objectives(), optimise::default_failed_score);
  return table;
}

}  // namespace cellwright::evaluate
