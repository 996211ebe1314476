#include "simulate/native/phase_plan.hpp"

#include <algorithm>

#include "simulate/native/pack_state.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {
namespace {

constexpr std::size_t W = pack_lanes;

}  // namespace

bool can_be_sliced(const BlockState& block) {
  const cw_mechanism& m = block.mechanism();
  const auto& node = block.compiled().node;
  return m.kind == CW_DENSITY && m.n_pointers == 0 && m.n_randoms == 0 && m.n_vectors == 0 &&
         std::is_sorted(node.begin(), node.end());
}

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
  std::vector<BlockState*> run;  // neighbours that can be sliced
  for (BlockState& block : blocks) {
    if (can_be_sliced(block)) {
      run.push_back(&block);
      continue;
    }
    if (!block.current_function() && !block.state_function()) continue;
    joined_ = false;
    add_visits(run, stretches);
    run.clear();
    visits_.emplace_back().emplace_back(block, 0, block.compiled().node.size());
  }
  add_visits(run, stretches);
}

void PhasePlan::add_visits(const std::vector<BlockState*>& blocks, const std::vector<TreeStretch>& stretches) {
  std::vector<std::size_t> done(blocks.size(), 0);
  for (const TreeStretch& stretch : stretches) {
    Visit& visit = visits_.emplace_back();
    for (std::size_t k = 0; k < blocks.size(); ++k) {
      const auto& node = blocks[k]->compiled().node;
      const auto behind = std::lower_bound(node.begin(), node.end(), static_cast<std::int32_t>(stretch.end));
      const auto last = static_cast<std::size_t>(behind - node.begin());
      if (last > done[k]) visit.emplace_back(*blocks[k], done[k], last - done[k]);
      done[k] = last;
    }
  }
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
