#include "simulate/native/implicit_plan.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "simulate/native/stretch_visits.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {
namespace {

constexpr std::size_t W = pack_lanes;

const cw_derivatives* derivatives_of(const compile::MechanismBlock& block) {
  return block.mechanism.descriptor->derivatives;
}

bool overlap(const std::set<std::size_t>& a, const std::set<std::size_t>& b) {
  return std::any_of(a.begin(), a.end(), [&](std::size_t x) { return b.contains(x); });
}

}  // namespace

std::set<std::size_t> pools(const compile::MechanismBlock& block, std::uint32_t cw_ion::*access,
                            std::uint32_t quantities) {
  std::set<std::size_t> result;
  for (std::size_t k = 0; k < block.ion_pool.size(); ++k) {
    if (block.mechanism.descriptor->ion[k].*access & quantities) result.insert(block.ion_pool[k]);
  }
  return result;
}

std::vector<std::size_t> implicit_order(const compile::CompiledModel& model) {
  constexpr std::uint32_t concentrations = CW_ION_CI | CW_ION_CO;
  std::set<std::size_t> read_currents, computed;
  for (const compile::MechanismBlock& block : model.blocks) {
    read_currents.merge(pools(block, &cw_ion::reads, CW_ION_I));
    computed.merge(pools(block, &cw_ion::writes, concentrations));
  }
  const auto rank = [&](std::size_t b) {
    const compile::MechanismBlock& block = model.blocks[b];
    const std::set<std::size_t> read = pools(block, &cw_ion::reads, CW_ION_I);
    if (!read.empty()) return overlap(read, pools(block, &cw_ion::writes, CW_ION_I)) ? 1 : 2;
    const bool must_be_early = overlap(pools(block, &cw_ion::writes, CW_ION_I), read_currents);
    return !must_be_early && overlap(pools(block, &cw_ion::reads, concentrations), computed) ? 3 : 0;
  };
  std::vector<std::size_t> order;
  for (int wanted = 0; wanted < 4; ++wanted) {
    for (std::size_t b = 0; b < model.blocks.size(); ++b) {
      const cw_derivatives* derivatives = derivatives_of(model.blocks[b]);
      if (derivatives != nullptr && derivatives->implicit != nullptr && rank(b) == wanted) order.push_back(b);
    }
  }
  return order;
}

RowLayout::RowLayout(const compile::CompiledModel& model) {
  rows = static_cast<std::int64_t>(model.cable.size());
  for (std::size_t b = 0; b < model.blocks.size(); ++b) {
    const compile::MechanismBlock& block = model.blocks[b];
    const cw_derivatives* derivatives = derivatives_of(block);
    if (derivatives == nullptr) continue;
    const auto instances = static_cast<std::int64_t>(block.node.size());
    for (std::int32_t s = 0; s < derivatives->n_states; ++s) {
      const cw_rate_state& state = derivatives->state[s];
      states.push_back(
          {b, rows, instances, state.var, state.ion, state.quantity, derivatives->coupled != 0, state.slow != 0});
      for (std::int64_t i = 0; i < instances; ++i) {
        if (model.cable.near_soma[static_cast<std::size_t>(block.node[static_cast<std::size_t>(i)])])
          controlled.push_back(static_cast<std::int32_t>(rows + i));
      }
      rows += instances;
    }
  }
}

ImplicitSlice::ImplicitSlice(BlockState& block, std::vector<StateRows> states, std::size_t first, std::size_t count,
                             Real* slopes, const Real* a0)
    : function_(block.mechanism().derivatives->implicit), states_(std::move(states)), view_(block.view()) {
  const cw_mechanism& m = block.mechanism();
  view_.n_instances = static_cast<std::int32_t>(count);
  if (view_.node) view_.node += first;
  view_.param_row += first;
  for (std::int32_t k = 0; k < m.n_vars; ++k)
    variables_.push_back(view_.var[k] ? to_view(from_view(view_.var[k]) + first * W) : nullptr);
  for (cw_ion_view ion : block.ion_views()) {
    ion.slot += first;
    ions_.push_back(ion);
  }
  view_.var = variables_.data();
  view_.ion = ions_.data();
  for (StateRows& state : states_) {
    slopes_.push_back(to_view(slopes + (static_cast<std::size_t>(state.first) + first) * W));
    state.first += static_cast<std::int64_t>(first);
    state.count = static_cast<std::int64_t>(count);
    if (state.var < 0 && predictions_.size() == 0) predictions_ = AlignedArray(count * W);
  }
  points_.resize(states_.size() * history_points);
  step_ = {to_view(a0), nullptr, points_.data(), slopes_.data()};
}

Real* ImplicitSlice::ion_values(const StateRows& state) const {
  const cw_ion_view& ion = ions_[static_cast<std::size_t>(state.ion)];
  return from_view(state.quantity == CW_ION_CI ? ion.ci : state.quantity == CW_ION_CO ? ion.co : ion.e);
}

void ImplicitSlice::predict_ions(const HistorySum& history, const ImplicitKernels& kernels) {
  for (const StateRows& state : states_) {
    if (state.var >= 0) continue;
    const auto count = static_cast<std::size_t>(state.count);
    kernels.values(history, state.first, static_cast<std::int32_t>(count), predictions_.data());
    const std::int32_t* const slot = ions_[static_cast<std::size_t>(state.ion)].slot;
    Real* const values = ion_values(state);
    for (std::size_t i = 0; i < count; ++i)
      std::copy_n(predictions_.row(i), W, values + static_cast<std::size_t>(slot[i]) * W);
  }
}

void ImplicitSlice::run(const HistorySum& history, HistoryRing& ring, const ImplicitKernels& kernels,
                        PhaseClock& clock) {
  step_.weight = to_view(history.rate);
  for (std::size_t s = 0; s < states_.size(); ++s) {
    const StateRows& state = states_[s];
    for (std::size_t p = 0; p < history_points; ++p)
      points_[s * history_points + p] = to_view(history.slot[p] + state.first * static_cast<std::int64_t>(W));
    if (state.var < 0) continue;
    Real* const values = ring.row(ring.target(), state.first);
    variables_[static_cast<std::size_t>(state.var)] = to_view(values);
    if (state.coupled) kernels.values(history, state.first, static_cast<std::int32_t>(state.count), values);
  }
  clock.lap(StepProfile::history);
  function_(&view_, &step_);
  clock.lap(StepProfile::mechanisms);
}

void ImplicitSlice::correct(const Real* change, HistoryRing& ring, const ImplicitKernels& kernels) const {
  for (std::size_t s = 0; s < states_.size(); ++s) {
    const StateRows& state = states_[s];
    if (state.slow) continue;
    const auto count = static_cast<std::int32_t>(state.count);
    Real* const values = ring.row(ring.target(), state.first);
    if (state.var >= 0) {
      kernels.correct(count, view_.node, change, from_view(slopes_[s]), values);
      continue;
    }
    const std::int32_t* const slot = ions_[static_cast<std::size_t>(state.ion)].slot;
    Real* const ion = ion_values(state);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
      std::copy_n(ion + static_cast<std::size_t>(slot[i]) * W, W, values + i * W);
    kernels.correct(count, view_.node, change, from_view(slopes_[s]), values);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
      std::copy_n(values + i * W, W, ion + static_cast<std::size_t>(slot[i]) * W);
  }
}

ImplicitPlan::ImplicitPlan(const compile::CompiledModel& model, const RowLayout& layout, PackState& state,
                           const Real* a0)
    : slopes_(static_cast<std::size_t>(layout.rows) * W) {
  const std::vector<std::size_t> order = implicit_order(model);
  std::vector<const BlockState*> visitors;
  for (const std::size_t block : order) visitors.push_back(&state.blocks()[block]);
  for (const StretchVisit& stretch : stretch_visits(visitors, state.stretches()).visits) {
    Visit& visit = visits_.emplace_back();
    visit.end = static_cast<std::int32_t>(stretch.end);
    for (const VisitingSlice& slice : stretch.slices) {
      const std::size_t block = order[slice.block];
      std::vector<StateRows> states;
      for (const StateRows& rows : layout.states) {
        if (rows.block == block) states.push_back(rows);
      }
      visit.slices.emplace_back(state.blocks()[block], std::move(states), slice.first, slice.count, slopes_.data(), a0);
    }
  }
}

void ImplicitPlan::predict_ions(const HistorySum& history, const ImplicitKernels& kernels) {
  for (Visit& visit : visits_) {
    for (ImplicitSlice& slice : visit.slices) slice.predict_ions(history, kernels);
  }
}

void ImplicitPlan::correct(const Real* change, HistoryRing& ring, const ImplicitKernels& kernels) const {
  for (const Visit& visit : visits_) {
    for (const ImplicitSlice& slice : visit.slices) slice.correct(change, ring, kernels);
  }
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
