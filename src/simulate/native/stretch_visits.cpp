#include "simulate/native/stretch_visits.hpp"

#include <algorithm>

#include "simulate/native/pack_state.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {
namespace {

bool can_be_cut(const BlockState& block) {
  const cw_mechanism& m = block.mechanism();
  const auto& node = block.compiled().node;
  return m.kind == CW_DENSITY && m.n_pointers == 0 && m.n_randoms == 0 && m.n_vectors == 0 &&
         std::is_sorted(node.begin(), node.end());
}

}  // namespace

StretchVisits stretch_visits(const std::vector<const BlockState*>& order, const std::vector<TreeStretch>& stretches) {
  StretchVisits result;
  std::vector<std::size_t> run;  // neighbours that can be cut
  const auto visit_in_stretches = [&] {
    std::vector<std::size_t> done(run.size(), 0);
    for (const TreeStretch& stretch : stretches) {
      StretchVisit& visit = result.visits.emplace_back();
      visit.end = stretch.end;
      for (std::size_t k = 0; k < run.size(); ++k) {
        const auto& node = order[run[k]]->compiled().node;
        const auto behind = std::lower_bound(node.begin(), node.end(), static_cast<std::int32_t>(stretch.end));
        const auto last = static_cast<std::size_t>(behind - node.begin());
        if (last > done[k]) visit.slices.push_back({run[k], done[k], last - done[k]});
        done[k] = last;
      }
    }
    run.clear();
  };
  for (std::size_t block = 0; block < order.size(); ++block) {
    if (can_be_cut(*order[block])) {
      run.push_back(block);
      continue;
    }
    result.are_stretches = false;
    visit_in_stretches();
    result.visits.push_back({stretches.back().end, {{block, 0, order[block]->compiled().node.size()}}});
  }
  visit_in_stretches();
  return result;
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
