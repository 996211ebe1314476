#pragma once

#include <cstddef>

#include "cellwright/compile/compiled_model.hpp"

namespace cellwright::simulate::native {

/// Plays a current through points as NEURON's continuous Vector.play does in a fixed step: linear between the points,
/// the value right of a jump at its time, the first value before the first point, the last piece's line behind the
/// last.
class WaveformPlayer {
 public:
  /// @param waveform must outlive the player.
  WaveformPlayer(const compile::CompiledWaveform& waveform) : waveform_(&waveform) {}  // NOLINT: a view of it
  std::int32_t node() const { return waveform_->node; }
  double duration_ms() const { return waveform_->duration_ms; }
  /// @param t_ms must not be smaller than in the call before.
  double current_na(double t_ms);

 private:
  const compile::CompiledWaveform* waveform_;
  std::size_t next_ = 0;  ///< the first point later than the last t, or the last point
};

}  // namespace cellwright::simulate::native
