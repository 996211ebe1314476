#include "simulate/native/phase_plan.hpp"

#include "simulate/native/pack_state.hpp"
#include "simulate/native/stretch_visits.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {
namespace {

constexpr std::size_t W = pack_lanes;

}  // namespace

BlockSlice::BlockSlice(BlockState& block, std::size_t first, std::size_t count)
    : current_(block.current_function()), state_(block.state_function()), view_(block.view()) {
  const cw_mechanism& m = block.mechanism();
  view_.n_instances = static_cast<std::int32_t>(count);
  if (first == 0) return;
  view_.node += first;
  view_.param_row += first;
  for (std::int32_t k = 0; k < m.n_vars; ++k)
    variables_.push_back(view_.var[k] ? to_view(from_view(view_.var[k]) + first * W) : nullptr);
  for (std::int64_t k = 0; k < m.n_rests && m.real_bytes < sizeof(double); ++k)
    rests_.push_back(to_view(from_view(view_.rest[k]) + first * W));
  for (cw_ion_view ion : block.ion_views()) {
    ion.slot += first;
    ions_.push_back(ion);
  }
  view_.var = variables_.data();
  view_.ion = ions_.data();
  view_.rest = rests_.data();
}

PhasePlan::PhasePlan(std::vector<BlockState>& blocks, const std::vector<TreeStretch>& stretches)
    : stretches_(&stretches) {
  std::vector<BlockState*> visitors;
  for (BlockState& block : blocks) {
    if (block.current_function() || block.state_function()) visitors.push_back(&block);
  }
  const StretchVisits plan = stretch_visits({visitors.begin(), visitors.end()}, stretches);
  joined_ = plan.are_stretches;
  for (const StretchVisit& stretch : plan.visits) {
    Visit& visit = visits_.emplace_back();
    for (const VisitingSlice& slice : stretch.slices)
      visit.emplace_back(*visitors[slice.block], slice.first, slice.count);
  }
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
