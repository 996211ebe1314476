/// Steps of ModelCompiler: stimuli and recordings.

#include <algorithm>

#include <fmt/format.h>

#include "compile/model_compiler.hpp"
#include "compile/variables.hpp"

namespace cellwright::compile {

std::optional<model::CompLocation> as_compartment(const model::RecordingLocation& location) {
  return std::visit(
      [](const auto& l) -> std::optional<model::CompLocation> {
        if constexpr (std::is_constructible_v<model::CompLocation, decltype(l)>) {
          return l;
        } else {
          return std::nullopt;
        }
      },
      location);
}

/// Marks the nodes that point processes, stimuli and recordings need, so that build_cable keeps them. What is wrong
/// with a place is reported here only.
void ModelCompiler::locate_places() {
  referenced_.assign(tree_.nodes().size(), 0);
  const auto keep = [this](const std::optional<morphology::Place>& place) {
    if (place) keep_node_at(*place);
  };
  for (const model::NrnMODPointProcessMechanism& mechanism : cell_.point_processes) {
    for (const model::CompLocation& location : mechanism.locations) keep(places_.require(location));
  }
  for (const model::NetCon& connection : cell_.connections) {
    if (const auto* threshold = std::get_if<model::ThresholdSource>(&connection.source))
      keep(places_.require(threshold->location));
  }
  for (const model::PointerTarget& pointer : cell_.pointers) {
    if (const auto location = as_compartment(pointer.location)) keep(places_.require(*location));
  }
  for (const model::SweepProtocol& protocol : protocols_) {
    for (const model::Stimulus& stimulus : protocol.stimuli) {
      std::visit(
          [&](const auto& s) {
            if constexpr (requires { s.location; }) keep(places_.require(s.location));
          },
          stimulus);
    }
    for (const model::CompRecording& recording : protocol.recordings) {
      const auto location = as_compartment(recording.location);
      if (!location) continue;
      const LocationResolver::Result result = places_.find(*location);
      keep(result.place);
      if (result.missing.empty()) continue;
      warn("model-recording-missing", fmt::format("recording '{}' has no response: {}", recording.name, result.missing),
           recording.span, "its features get their maximal score");
    }
  }
}

void ModelCompiler::compile_protocols() {
  if (diagnostics_.has_errors()) return;  // places are resolved below on the ground that locate_places found them
  for (const model::SweepProtocol& protocol : protocols_) {
    CompiledProtocol compiled;
    compiled.name = protocol.name;
    compiled.duration_ms = protocol.total_duration_ms();
    compiled.timeout_s = protocol.timeout_s.value_or(0);
    for (const model::Stimulus& stimulus : protocol.stimuli)
      std::visit([&](const auto& s) { compile_stimulus(s, compiled); }, stimulus);
    for (const model::CompRecording& recording : protocol.recordings) {
      if (auto result = compile_recording(recording)) compiled.recordings.push_back(std::move(*result));
    }
    model_.protocols.push_back(std::move(compiled));
  }
}

void ModelCompiler::compile_stimulus(const model::NrnSquarePulse& pulse, CompiledProtocol& protocol) {
  protocol.pulses.push_back({node_of(*places_.find(pulse.location).place), pulse.step_delay_ms, pulse.step_duration_ms,
                             pulse.step_amplitude_na});
}

/// As BluePyOpt writes it: six points, played into an electrode that is on for the whole protocol.
void ModelCompiler::compile_stimulus(const model::NrnRampPulse& ramp, CompiledProtocol& protocol) {
  const double start = ramp.ramp_delay_ms, end = ramp.ramp_delay_ms + ramp.ramp_duration_ms;
  const double total = ramp.total_duration_ms;
  protocol.waveforms.push_back({node_of(*places_.find(ramp.location).place),
                                total,
                                {0.0, start, start, end, end, total},
                                {0.0, 0.0, ramp.ramp_amplitude_start_na, ramp.ramp_amplitude_end_na, 0.0, 0.0}});
}

void ModelCompiler::compile_stimulus(const model::NrnCurrentPlayStimulus& stimulus, CompiledProtocol& protocol) {
  const std::vector<double>& times = stimulus.time_points_ms;
  std::string problem;
  if (times.empty()) problem = "it has no points";
  if (times.size() != stimulus.current_points_na.size()) {
    problem = fmt::format("it has {} times and {} currents", times.size(), stimulus.current_points_na.size());
  } else if (!std::is_sorted(times.begin(), times.end())) {
    problem = "its times decrease";
  }
  if (!problem.empty()) {
    error("model-stimulus", fmt::format("protocol '{}': a played current is wrong: {}", protocol.name, problem),
          stimulus.span, "give as many currents as times, in order of time");
    return;
  }
  protocol.waveforms.push_back(
      {node_of(*places_.find(stimulus.location).place), times.back(), times, stimulus.current_points_na});
}

std::optional<CompiledRecording> ModelCompiler::compile_recording(const model::CompRecording& recording) {
  if (const auto* process = std::get_if<model::NrnPointProcessLocation>(&recording.location))
    return compile_recording_at(*process, recording);
  CompiledRecording result{.name = recording.name};
  const LocationResolver::Result found = places_.find(*as_compartment(recording.location));
  result.missing = found.missing;
  if (!found.place) return result;
  if (const auto source = find_range_variable(recording.variable, node_of(*found.place))) {
    result.source = *source;
    return result;
  }
  error(
      "model-variable",
      fmt::format("recording '{}': {}({}) has no variable '{}'", recording.name,
                  morphology_.sections[static_cast<std::size_t>(found.place->section)].name, found.place->x,
                  recording.variable),
      recording.span,
      "range variables are v, those of the mechanisms inserted there (name_SUFFIX) and of their ions (ina, ena, ...)");
  return std::nullopt;
}

std::optional<VariableReference> ModelCompiler::find_range_variable(const std::string& variable,
                                                                    std::int32_t node) const {
  using Kind = VariableReference::Kind;
  const auto n = static_cast<std::size_t>(node);
  if (variable == "v") return VariableReference{.row = n};
  for (std::size_t b = 0; b < model_.blocks.size(); ++b) {
    const int instance = drafts_[b].instance_of_node.empty() ? -1 : drafts_[b].instance_of_node[n];
    if (instance < 0) continue;
    if (auto found = find_block_variable(b, static_cast<std::size_t>(instance), variable)) return found;
  }
  for (std::size_t p = 0; p < model_.ions.size(); ++p) {
    if (slot_of_node_[p][n] < 0) continue;
    const auto s = static_cast<std::size_t>(slot_of_node_[p][n]);
    const std::string& ion = model_.ions[p].name;
    if (variable == "e" + ion) return VariableReference{Kind::ion_e, p, 0, s};
    if (variable == "i" + ion) return VariableReference{Kind::ion_i, p, 0, s};
    if (variable == ion + "i") return VariableReference{Kind::ion_ci, p, 0, s};
    if (variable == ion + "o") return VariableReference{Kind::ion_co, p, 0, s};
  }
  return std::nullopt;
}

std::optional<VariableReference> ModelCompiler::find_block_variable(std::size_t block, std::size_t instance,
                                                                    const std::string& variable) const {
  using Kind = VariableReference::Kind;
  const cw_mechanism& m = *model_.blocks[block].mechanism.descriptor;
  const int var = find_variable(m, m.var, m.n_vars, variable);
  if (var >= 0) return VariableReference{Kind::variable, block, static_cast<std::size_t>(var), instance};
  const int param = find_variable(m, m.param, m.n_params, variable);
  if (param < 0) return std::nullopt;
  const std::int32_t row = model_.blocks[block].param_row[instance];
  return VariableReference{Kind::parameter, block, static_cast<std::size_t>(param), static_cast<std::size_t>(row)};
}

}  // namespace cellwright::compile
