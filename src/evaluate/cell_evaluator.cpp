#include "cellwright/evaluate/cell_evaluator.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <numeric>

#include <fmt/format.h>

#include "cellwright/evaluate/seed.hpp"
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

ObjectivesCalculator calculator_of(const EvaluatorOptions& options, const std::vector<eFELFeature>& features) {
  return options.objectives ? *options.objectives : ObjectivesCalculator::singletons(features);
}

std::vector<optimise::Objective> named_objectives(const ObjectivesCalculator& calculator) {
  std::vector<optimise::Objective> result;
  for (const EFeatureObjective& objective : calculator.objectives()) result.emplace_back(objective_name(objective));
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
  std::vector<TraceGroup> groups;   ///< of features that are the same for all individuals
  std::vector<std::size_t> varied;  ///< features with attributes that depend on the individual
  std::size_t first_recording = 0;  ///< index of the protocol's first recording among all recordings
  std::size_t n_recordings = 0;
  std::vector<std::uint8_t> is_voltage;  ///< [n_recordings]
};

namespace {

/// What a thread keeps from one trace to the next; each takes one while it computes features.
class TraceStorages {
 public:
  std::unique_ptr<features::TraceStorage> take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<features::TraceStorage>();
    auto storage = std::move(free_.back());
    free_.pop_back();
    return storage;
  }
  void give_back(std::unique_ptr<features::TraceStorage> storage) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(storage));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<features::TraceStorage>> free_;
};

}  // namespace

/// One call of evaluate_in_detail: receives the responses of the lanes, from several threads.
class CellEvaluator::Batch {
 public:
  Batch(const CellEvaluator& evaluator, TableView<const double> parameters, bool in_detail)
      : evaluator_(evaluator), parameters_(parameters), in_detail_(in_detail), results_(parameters.rows()) {
    const std::size_t recordings =
        evaluator.plans_->empty() ? 0
                                  : evaluator.plans_->back().first_recording + evaluator.plans_->back().n_recordings;
    for (IndividualEvaluation& result : results_) {
      result.feature_scores.resize(evaluator.features_.size());
      result.feature_values.resize(evaluator.features_.size());
      result.responses.resize(recordings);
      result.protocol_errors.resize(evaluator.protocols_.size());
    }
    for (std::size_t i = 0; i < parameters.rows(); ++i) {
      for (std::size_t p = 0; p < evaluator.protocols_.size(); ++p) lanes_.push_back({i, p});
    }
  }

  const std::vector<simulate::Lane>& lanes() const { return lanes_; }
  double feature_seconds() const { return feature_seconds_; }

  void receive(std::size_t lane, const simulate::LaneResponses& responses) {
    const Clock::time_point start = Clock::now();
    const simulate::Lane where = lanes_[lane];
    const ProtocolPlan& plan = (*evaluator_.plans_)[where.protocol];
    IndividualEvaluation& result = results_[where.individual];
    const bool failed = responses.status != simulate::LaneStatus::ok;
    result.protocol_errors[where.protocol] =
        failed ? simulate::describe(responses) : missing_recordings(where.protocol, responses);
    for (std::size_t r = 0; r < plan.n_recordings; ++r)
      result.responses[plan.first_recording + r].failed = failed || responses.recordings[r].empty();
    auto storage = storages_.take();
    for (const TraceGroup& group : plan.groups) score_group(group, plan, responses, *storage, result);
    for (const std::size_t feature : plan.varied) score_varied(feature, plan, where.individual, responses, *storage);
    if (in_detail_) count_spikes(plan, responses, *storage, result);
    storages_.give_back(std::move(storage));
    feature_seconds_ += seconds_since(start);
  }

  /// To be called when all lanes have been received.
  std::vector<IndividualEvaluation> take() {
    for (IndividualEvaluation& result : results_) {
      drop_features_without_trace(result);
      result.scores = evaluator_.calculator_.calculate_scores(result.feature_scores);
    }
    return std::move(results_);
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

  void score_group(const TraceGroup& group, const ProtocolPlan& plan, const simulate::LaneResponses& responses,
                   features::TraceStorage& storage, IndividualEvaluation& result) const {
    if (result.responses[plan.first_recording + group.recording].failed) {
      for (const std::size_t feature : group.members) set_score(evaluator_.features_[feature], feature, {}, result);
      return;
    }
    const features::TraceContext context(
        {{responses.time_ms, responses.recordings[group.recording], {}}, group.window, group.settings}, &storage);
    for (std::size_t k = 0; k < group.members.size(); ++k) {
      const std::size_t feature = group.members[k];
      set_score(evaluator_.features_[feature], feature, context.result(group.functions[k]->function), result);
    }
  }

  void score_varied(std::size_t feature, const ProtocolPlan& plan, std::size_t individual,
                    const simulate::LaneResponses& responses, features::TraceStorage& storage) {
    eFELFeature own = evaluator_.features_[feature];
    for (const VariedAttribute& attribute : evaluator_.varied_) {
      if (attribute.feature == feature) set_attribute(own, attribute.name, parameters_(individual, attribute.column));
    }
    IndividualEvaluation& result = results_[individual];
    const std::size_t recording = evaluator_.find_recording(own.recording_name, own) - plan.first_recording;
    const bool usable = own.window.stim_start_ms < own.window.stim_end_ms && own.settings.interp_step > 0;
    if (!usable || result.responses[plan.first_recording + recording].failed)
      return set_score(own, feature, {}, result);
    const features::TraceContext context(
        {{responses.time_ms, responses.recordings[recording], {}}, own.window, own.settings}, &storage);
    set_score(own, feature, context.result(features::find_feature(own.efel_feature_name).function), result);
  }

  static void set_score(const eFELFeature& spec, std::size_t feature, const features::FeatureResult& values,
                        IndividualEvaluation& result) {
    const std::vector<double> none;
    result.feature_scores[feature] = calculate_score(spec, values ? values.values() : none);
    if (values && values.size() > 0) result.feature_values[feature] = mean(values.values());
  }

  /// A feature has a trace only where all its recordings have a response.
  void drop_features_without_trace(IndividualEvaluation& result) const {
    for (std::size_t f = 0; f < evaluator_.features_.size(); ++f) {
      const eFELFeature& feature = evaluator_.features_[f];
      for (const auto& [label, recording] : feature.further_recordings) {
        if (result.responses[evaluator_.find_recording(recording, feature)].failed)
          result.feature_values[f].reset(), result.feature_scores[f] = feature.max_score;
      }
    }
  }

  void count_spikes(const ProtocolPlan& plan, const simulate::LaneResponses& responses, features::TraceStorage& storage,
                    IndividualEvaluation& result) const {
    for (std::size_t r = 0; r < plan.n_recordings; ++r) {
      ResponseSummary& summary = result.responses[plan.first_recording + r];
      if (summary.failed || !plan.is_voltage[r]) continue;
      const features::TraceContext context(
          {{responses.time_ms, responses.recordings[r], {}}, {0.0, responses.time_ms.back()}, {}}, &storage);
      const features::FeatureResult& count = context.result(features::find_feature("Spikecount").function);
      if (count && count.size() > 0) summary.spikes = static_cast<std::size_t>(count[0]);
    }
  }

  const CellEvaluator& evaluator_;
  TableView<const double> parameters_;
  bool in_detail_;
  std::vector<IndividualEvaluation> results_;
  std::vector<simulate::Lane> lanes_;
  TraceStorages storages_;
  std::atomic<double> feature_seconds_ = 0;
};

CellEvaluator::CellEvaluator(const simulate::Simulator& simulator, const model::CellModel& cell,
                             std::vector<model::SweepProtocol> protocols, std::vector<eFELFeature> features,
                             std::shared_ptr<parallel::Executor> executor, EvaluatorOptions options)
    : Evaluator(optimised_parameters(cell), named_objectives(calculator_of(options, features))),
      cell_(cell),
      protocols_(std::move(protocols)),
      features_(std::move(features)),
      calculator_(calculator_of(options, features_)),
      use_params_for_seed_(options.use_params_for_seed),
      executor_(std::move(executor)),
      prepared_(simulator.prepare(cell, protocols_)) {
  find_varied_attributes();
  plan_features();
}

void CellEvaluator::find_varied_attributes() {
  for (const model::CellParameter& parameter : cell_.parameters) {
    if (!parameter.object) continue;
    const auto* target = std::get_if<model::FeatureTarget>(&*parameter.object);
    if (target == nullptr) continue;
    const std::size_t feature = index_of(features_, target->feature);
    if (feature == features_.size()) {
      throw ConfigError(Diagnostic{
          .code = "evaluate-meta",
          .message = fmt::format("parameter '{}' sets the unknown feature '{}'", parameter.name, target->feature),
          .span = parameter.span});
    }
    if (cell_.meta_parameter(*parameter.object, parameter.attr_name) != &parameter) continue;
    if (parameter.frozen()) {
      set_attribute(features_[feature], parameter.attr_name, *parameter.value);
    } else {
      varied_.push_back({feature, parameter.attr_name, static_cast<std::size_t>(cell_.column_of(parameter))});
    }
  }
}

/// The index of a recording among all of them; features name them.
std::size_t CellEvaluator::find_recording(const std::string& name, const eFELFeature& feature) const {
  std::size_t first = 0;
  for (const model::SweepProtocol& protocol : protocols_) {
    const std::size_t r = index_of(protocol.recordings, name);
    if (r < protocol.recordings.size()) return first + r;
    first += protocol.recordings.size();
  }
  throw unknown_reference(feature, "recording", name);
}

void CellEvaluator::plan_feature(std::size_t feature, std::vector<ProtocolPlan>& plans) {
  const eFELFeature& spec = features_[feature];
  const std::size_t p = index_of(protocols_, spec.protocol_name);
  if (p == protocols_.size()) throw unknown_reference(spec, "protocol", spec.protocol_name);
  const std::size_t recording = index_of(protocols_[p].recordings, spec.recording_name);
  if (recording == plans[p].n_recordings) throw unknown_reference(spec, "recording", spec.recording_name);
  for (const auto& [label, name] : spec.further_recordings) find_recording(name, spec);
  const features::Feature& function = features::find_feature(spec.efel_feature_name);
  if (std::ranges::count(varied_, feature, &VariedAttribute::feature) > 0) return plans[p].varied.push_back(feature);
  std::vector<TraceGroup>& groups = plans[p].groups;
  auto group = std::find_if(groups.begin(), groups.end(), [&](const TraceGroup& g) {
    return g.recording == recording && g.window.stim_start_ms == spec.window.stim_start_ms &&
           g.window.stim_end_ms == spec.window.stim_end_ms && g.settings == spec.settings;
  });
  if (group == groups.end()) group = groups.insert(groups.end(), {recording, spec.window, spec.settings, {}, {}});
  group->members.push_back(feature);
  group->functions.push_back(&function);
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
  for (std::size_t f = 0; f < features_.size(); ++f) plan_feature(f, plans);
  plans_ = std::make_shared<const std::vector<ProtocolPlan>>(std::move(plans));
}

std::vector<std::string> CellEvaluator::recording_names() const {
  std::vector<std::string> result;
  for (const model::SweepProtocol& protocol : protocols_) {
    for (const model::CompRecording& recording : protocol.recordings) result.push_back(recording.name);
  }
  return result;
}

simulate::LaneBatch CellEvaluator::lane_batch(TableView<const double> parameters, const Batch& batch) const {
  simulate::LaneBatch lanes{.parameters = parameters, .lanes = batch.lanes()};
  if (use_params_for_seed_) lanes.random123_globalindex = seeds_from_parameters(cell_, parameters);
  return lanes;
}

std::vector<IndividualEvaluation> CellEvaluator::evaluate_in_detail(TableView<const double> parameters,
                                                                    EvaluationSeconds* seconds,
                                                                    const simulate::ResponseSink& observer) {
  const Clock::time_point start = Clock::now();
  Batch batch(*this, parameters, true);
  simulate::LaneBatch lanes = lane_batch(parameters, batch);
  if (seconds && seconds->steps) lanes.profile = &*seconds->steps;
  prepared_->run(lanes, *executor_, [&](std::size_t lane, const simulate::LaneResponses& responses) {
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
  Batch batch(*this, parameters, false);
  prepared_->run(
      lane_batch(parameters, batch), *executor_,
      [&batch](std::size_t lane, const simulate::LaneResponses& responses) { batch.receive(lane, responses); });
  const std::vector<IndividualEvaluation> results = batch.take();
  optimise::ObjectiveTable table(parameters.rows(), objectives().size());
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
