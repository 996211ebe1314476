#include "cellwright/ephys/efeatures.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "cellwright/features/feature.hpp"
#include "cellwright/features/trace_context.hpp"
#include "ephys/text_of.hpp"

namespace cellwright::ephys {

std::string eFELFeature::main_recording() const {
  const auto found = std::ranges::find(recording_names, "", &std::pair<std::string, std::string>::first);
  if (found != recording_names.end()) return found->second;
  throw ConfigError(
      Diagnostic{.code = "ephys-feature",
                 .message = fmt::format("feature '{}' has no main trace: no '' in its recording_names", name),
                 .fix = "add {\"\", \"name of a recording\"}"});
}

std::shared_ptr<TimeVoltageResponse> eFELFeature::find_response(const Responses& responses) const {
  const std::string main = main_recording();
  for (const auto& [label, recording] : recording_names) {
    const auto found = responses.find(recording);
    if (found == responses.end() || !found->second) return nullptr;
  }
  return responses.at(main);
}

evaluate::eFELFeature eFELFeature::snapshot_without_target() const {
  evaluate::eFELFeature result{.name = name,
                               .efel_feature_name = required(efel_feature_name, *this, name, "efel_feature_name"),
                               .recording_name = main_recording(),
                               .window = {.stim_start_ms = required(stim_start, *this, name, "stim_start"),
                                          .stim_end_ms = required(stim_end, *this, name, "stim_end")},
                               .max_score = max_score,
                               .force_max_score = force_max_score};
  for (const auto& [label, recording] : recording_names) {
    if (!label.empty()) result.further_recordings.emplace_back(label, recording);
  }
  if (threshold) result.settings.Threshold = *threshold;
  if (stimulus_current) result.settings.stimulus_current = stimulus_current;
  if (interp_step) result.settings.interp_step = *interp_step;
  for (const auto& [setting, value] : double_settings) result.settings.set(setting, value);
  for (const auto& [setting, value] : int_settings) result.settings.set(setting, value);
  for (const auto& [setting, value] : string_settings) result.settings.set_text(setting, value);
  return result;
}

evaluate::eFELFeature eFELFeature::snapshot() const {
  evaluate::eFELFeature result = snapshot_without_target();
  result.exp_mean = required(exp_mean, *this, name, "exp_mean");
  result.exp_std = required(exp_std, *this, name, "exp_std");
  return result;
}

std::vector<double> eFELFeature::values_of(const std::string& efel_name, const TimeVoltageResponse& response) const {
  const evaluate::eFELFeature feature = snapshot_without_target();
  const features::TraceContext context({{response.time, response.voltage, {}}, feature.window, feature.settings});
  const features::FeatureResult values = context.result(features::find_feature(efel_name).function);
  return values ? values.values() : std::vector<double>{};
}

std::vector<double> eFELFeature::calculate_values(const Responses& responses) const {
  const std::shared_ptr<TimeVoltageResponse> response = find_response(responses);
  if (!response) return {};
  return values_of(required(efel_feature_name, *this, name, "efel_feature_name"), *response);
}

std::optional<double> eFELFeature::calculate_feature(const Responses& responses) const {
  const std::vector<double> values = calculate_values(responses);
  if (values.empty()) return std::nullopt;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double eFELFeature::calculate_score(const Responses& responses, bool trace_check) const {
  const evaluate::eFELFeature feature = snapshot();
  const std::shared_ptr<TimeVoltageResponse> response = find_response(responses);
  if (!response) return evaluate::calculate_score(feature, {});
  if (trace_check && values_of("trace_check", *response).empty()) return evaluate::calculate_score(feature, {});
  return evaluate::calculate_score(feature, values_of(feature.efel_feature_name, *response));
}

std::string eFELFeature::to_string() const {
  std::string traces;
  for (const auto& [label, recording] : recording_names)
    traces += fmt::format("{}'{}': '{}'", traces.empty() ? "" : ", ", label, recording);
  return fmt::format("{} for {{{}}} with stim start {} and end {}, exp mean {} and std {} and AP threshold override {}",
                     text_of(efel_feature_name), traces, text_of(stim_start), text_of(stim_end), text_of(exp_mean),
                     text_of(exp_std), text_of(threshold));
}

}  // namespace cellwright::ephys
