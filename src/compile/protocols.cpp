/// Steps of ModelCompiler: stimuli and recordings.

#include <algorithm>

#include <fmt/format.h>

#include "compile/model_compiler.hpp"
#include "compile/variables.hpp"

namespace cellwright::compile {
namespace {

CompiledPulse compiled_pulse(const model::NrnSquarePulse& pulse, std::int32_t node) {
  return {node, pulse.step_delay_ms, pulse.step_duration_ms, pulse.step_amplitude_na};
}

/// As BluePyOpt writes it: six points, played into an electrode that is on for the whole protocol.
CompiledWaveform compiled_ramp(const model::NrnRampPulse& ramp, std::int32_t node) {
  const double start = ramp.ramp_delay_ms, end = ramp.ramp_delay_ms + ramp.ramp_duration_ms;
  const double total = ramp.total_duration_ms;
  return {node,
          total,
          {0.0, start, start, end, end, total},
          {0.0, 0.0, ramp.ramp_amplitude_start_na, ramp.ramp_amplitude_end_na, 0.0, 0.0}};
}

}  // namespace

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
  for (const model::SweepProtocol& protocol : protocols_) {
    CompiledProtocol compiled;
    compiled.name = protocol.name;
    compiled.number = model_.protocols.size();
    compiled.duration_ms = protocol.total_duration_ms();
    compiled.timeout_s = protocol.timeout_s.value_or(0);
    compiled.deterministic = protocol.deterministic;
    compiled.cvode_active = protocol.cvode_active;
    for (std::size_t k = 0; k < protocol.stimuli.size(); ++k) compile_stimulus_attributes(protocol, k, compiled);
    for (const model::CompRecording& recording : protocol.recordings) {
      if (auto result = compile_recording(recording)) compiled.recordings.push_back(std::move(*result));
    }
    model_.protocols.push_back(std::move(compiled));
  }
}

/// One stimulus, and which of its numbers free meta parameters set.
void ModelCompiler::compile_stimulus_attributes(const model::SweepProtocol& protocol, std::size_t stimulus,
                                                CompiledProtocol& compiled) {
  const model::Stimulus& described = protocol.stimuli[stimulus];
  VariedStimulus varied{.stimulus = described};
  for (const std::string& name : model::attribute_names(described)) {
    const auto source = meta_source(model::StimulusTarget{protocol.name, stimulus}, name);
    if (!source) continue;
    if (source->parameter < 0) {
      model::set_attribute(varied.stimulus, name, source->constant);
    } else {
      varied.attributes.emplace_back(name, static_cast<std::size_t>(source->parameter));
    }
  }
  const std::size_t pulses = compiled.pulses.size(), waveforms = compiled.waveforms.size();
  const std::size_t connections = compiled.connections.size();
  std::visit([&](const auto& s) { compile_stimulus(s, compiled); }, described);
  if (varied.attributes.empty()) {
    compiled.least_duration_ms = std::max(compiled.least_duration_ms, model::total_duration_ms(described));
    return;
  }
  if (compiled.pulses.size() > pulses) varied.index = pulses, varied.node = compiled.pulses.back().node;
  if (compiled.waveforms.size() > waveforms) varied.index = waveforms, varied.node = compiled.waveforms.back().node;
  if (compiled.connections.size() > connections) varied.index = connections;
  varied.connections = compiled.connections.size() - connections;
  compiled.varied.push_back(std::move(varied));
}

CompiledProtocol CompiledProtocol::for_individual(std::span<const double> parameters) const {
  CompiledProtocol result = *this;
  result.duration_ms = least_duration_ms;
  for (VariedStimulus own : varied) {
    for (const auto& [attr_name, column] : own.attributes)
      model::set_attribute(own.stimulus, attr_name, parameters[column]);
    if (const auto* pulse = std::get_if<model::NrnSquarePulse>(&own.stimulus)) {
      result.pulses[own.index] = compiled_pulse(*pulse, own.node);
    } else if (const auto* ramp = std::get_if<model::NrnRampPulse>(&own.stimulus)) {
      result.waveforms[own.index] = compiled_ramp(*ramp, own.node);
    } else if (const auto* netstim = std::get_if<model::NrnNetStimStimulus>(&own.stimulus)) {
      for (std::size_t k = own.index; k < own.index + own.connections; ++k) {
        if (!result.connections[k].weight.empty()) result.connections[k].weight[0] = netstim->weight;
      }
    }
    result.duration_ms = std::max(result.duration_ms, model::total_duration_ms(own.stimulus));
  }
  return result;
}

void ModelCompiler::compile_stimulus(const model::NrnSquarePulse& pulse, CompiledProtocol& protocol) {
  if (const auto node = node_at(pulse.location)) protocol.pulses.push_back(compiled_pulse(pulse, *node));
}

void ModelCompiler::compile_stimulus(const model::NrnRampPulse& ramp, CompiledProtocol& protocol) {
  if (const auto node = node_at(ramp.location)) protocol.waveforms.push_back(compiled_ramp(ramp, *node));
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
  const auto node = node_at(stimulus.location);
  if (node) protocol.waveforms.push_back({*node, times.back(), times, stimulus.current_points_na});
}

std::optional<CompiledRecording> ModelCompiler::compile_recording(const model::CompRecording& recording) {
  if (const auto* process = std::get_if<model::NrnPointProcessLocation>(&recording.location))
    return compile_recording_at(*process, recording);
  CompiledRecording result{.name = recording.name};
  const LocationResolver::Result found = places_.found(*as_compartment(recording.location));
  result.missing = found.missing;
  if (!found.place) return result;
  if (const auto source = find_range_variable(recording.variable, node_of(*found.place))) {
    result.source = *source;
    return result;
  }
  if (may_be_of_missing_mechanism(recording.variable)) return std::nullopt;
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
