#include "report/protocol_view.hpp"

#include <algorithm>

#include "cellwright/features/feature.hpp"
#include "report/target_marks.hpp"

namespace cellwright::report {
namespace {

/// The current from 0 to the end of a stimulus, with both sides of each jump.
Polyline current_of(const model::NrnSquarePulse& pulse) {
  const double start = pulse.step_delay_ms, end = start + pulse.step_duration_ms;
  return {{0, start, start, end, end, std::max(end, pulse.total_duration_ms)},
          {0, 0, pulse.step_amplitude_na, pulse.step_amplitude_na, 0, 0}};
}

Polyline current_of(const model::NrnRampPulse& ramp) {
  const double start = ramp.ramp_delay_ms, end = start + ramp.ramp_duration_ms;
  return {{0, start, start, end, end, std::max(end, ramp.total_duration_ms)},
          {0, 0, ramp.ramp_amplitude_start_na, ramp.ramp_amplitude_end_na, 0, 0}};
}

Polyline current_of(const model::NrnCurrentPlayStimulus& play) {
  Polyline line{play.time_points_ms, play.current_points_na};
  if (line.x.empty()) return line;
  if (line.x.front() > 0) {
    line.x.insert(line.x.begin(), 0);
    line.y.insert(line.y.begin(), line.y.front());
  }
  line.x.push_back(line.x.back());
  line.y.push_back(0);
  return line;
}

/// Events, no current.
Polyline current_of(const model::NrnNetStimStimulus&) { return {}; }

std::string label_of(const model::Stimulus& stimulus) {
  return std::visit(
      [](const auto& s) {
        if constexpr (requires { s.location; }) {
          return model::location_name(s.location);
        } else {
          std::string names = "events to";
          for (const auto& location : s.locations) names += " " + location.name;
          return names;
        }
      },
      stimulus);
}

template <class Named>
std::size_t index_of(const std::vector<Named>& items, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(items, name, &Named::name) - items.begin());
}

}  // namespace

ProtocolView view_protocol(const model::SweepProtocol& protocol) {
  ProtocolView view{
      .name = protocol.name, .duration_ms = protocol.total_duration_ms(), .recordings = {}, .stimuli = {}};
  for (const model::CompRecording& recording : protocol.recordings)
    view.recordings.push_back({recording.name, recording.variable == "v" ? "mV" : ""});
  for (const model::Stimulus& stimulus : protocol.stimuli) {
    view.stimuli.push_back({label_of(stimulus), std::visit([](const auto& s) { return current_of(s); }, stimulus)});
  }
  return view;
}

FeatureView view_feature(const evaluate::eFELFeature& feature, const std::vector<model::SweepProtocol>& protocols) {
  const std::string_view unit = features::find_feature(feature.efel_feature_name).unit;
  FeatureView view{.name = feature.name,
                   .efel_name = feature.efel_feature_name,
                   .unit = unit == "constant" ? "" : std::string(unit),
                   .protocol = index_of(protocols, feature.protocol_name),
                   .mean = feature.exp_mean,
                   .std = feature.exp_std,
                   .stim_start_ms = feature.window.stim_start_ms,
                   .stim_end_ms = feature.window.stim_end_ms,
                   .mark = mark_of(feature.efel_feature_name)};
  view.recording = index_of(protocols[view.protocol].recordings, feature.recording_name);
  return view;
}

}  // namespace cellwright::report
