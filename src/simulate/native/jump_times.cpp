#include "simulate/native/jump_times.hpp"

#include <algorithm>
#include <limits>

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

JumpTimes::JumpTimes(std::vector<BlockState>& blocks) {
  for (BlockState& block : blocks) {
    const cw_derivatives* const derivatives = block.mechanism().derivatives;
    if (derivatives == nullptr || derivatives->jumps == nullptr) continue;
    Asked& asked = asked_.emplace_back(Asked{&block, {}, {}});
    for (std::int64_t k = 0; k < derivatives->n_jumps; ++k) {
      asked.times.emplace_back(block.compiled().node.size() * pack_lanes);
      asked.out.push_back(asked.times.back().data());
    }
  }
}

double JumpTimes::next_after(std::size_t lane, double t_ms) {
  double next = std::numeric_limits<double>::infinity();
  for (const Asked& asked : asked_) {
    asked.block->mechanism().derivatives->jumps(&asked.block->view(), asked.out.data());
    for (const TimeArray& times : asked.times) {
      for (std::size_t at = lane; at < times.size(); at += pack_lanes) {
        if (times.data()[at] > t_ms) next = std::min(next, times.data()[at]);
      }
    }
  }
  return next;
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
