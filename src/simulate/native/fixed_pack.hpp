#pragma once

#include <span>

#include "cellwright/compile/compiled_model.hpp"
#include "cellwright/simulate/simulator.hpp"
#include "simulate/native/pack_state.hpp"
#include "simulate/native/precision.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

/// Runs up to W lanes side by side with a fixed step, each as long as its own protocol lasts, and hands
/// each lane's responses to the sink. The time limit is one of each lane: those that miss it together, for the sake of
/// one of them or since they waited for a processor, each get a turn alone. Vector lanes that are left over repeat the
/// last lane and are not reported.
/// @param lanes  indices into `batch.lanes`; in a model with events all of one protocol; all with the same time limit.
void run_fixed_pack(const compile::CompiledModel& model, double dt_ms, PackState& state, const LaneBatch& batch,
                    std::span<const std::size_t> lanes, const ResponseSink& sink);

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
