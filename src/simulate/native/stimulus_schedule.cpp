#include "simulate/native/stimulus_schedule.hpp"

#include <algorithm>

namespace cellwright::simulate::native {
namespace {

/// Edges that are nearer to each other are one.
constexpr double shortest_stretch_ms = 1e-9;

}  // namespace

void StimulusSchedule::begin(const compile::CompiledProtocol& protocol) {
  protocol_ = &protocol;
  std::vector<double> edges;
  for (const compile::CompiledPulse& pulse : protocol.pulses) {
    edges.push_back(pulse.delay_ms);
    edges.push_back(pulse.delay_ms + pulse.duration_ms);
  }
  for (const compile::CompiledWaveform& waveform : protocol.waveforms) {
    edges.insert(edges.end(), waveform.time_ms.begin(), waveform.time_ms.end());
    edges.push_back(waveform.duration_ms);
  }
  std::sort(edges.begin(), edges.end());
  edges_.assign(1, 0.0);
  for (const double edge : edges) {
    if (edge > edges_.back() + shortest_stretch_ms && edge < protocol.duration_ms - shortest_stretch_ms)
      edges_.push_back(edge);
  }
  edges_.push_back(protocol.duration_ms);
  stretch_ = 0;
  find_lines();
}

void StimulusSchedule::advance() {
  ++stretch_;
  find_lines();
}

void StimulusSchedule::find_lines() {
  lines_.clear();
  const double begin = begin_ms(), middle = (begin + end_ms()) / 2;
  for (const compile::CompiledPulse& pulse : protocol_->pulses) {
    if (middle >= pulse.delay_ms && middle < pulse.delay_ms + pulse.duration_ms)
      lines_.push_back({pulse.node, pulse.amplitude_na, 0.0});
  }
  for (const compile::CompiledWaveform& waveform : protocol_->waveforms) {
    if (middle >= waveform.duration_ms) continue;
    const auto& time = waveform.time_ms;
    const auto& current = waveform.current_na;
    const auto next = static_cast<std::size_t>(std::upper_bound(time.begin(), time.end(), middle) - time.begin());
    if (next == 0 || next == time.size()) {
      lines_.push_back({waveform.node, next == 0 ? current.front() : current.back(), 0.0});
      continue;
    }
    const double slope = (current[next] - current[next - 1]) / (time[next] - time[next - 1]);
    lines_.push_back({waveform.node, current[next - 1] + slope * (begin - time[next - 1]), slope});
  }
}

}  // namespace cellwright::simulate::native
