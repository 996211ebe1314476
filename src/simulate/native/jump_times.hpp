#pragma once
/// The times that mechanisms tell by at_time(): a variable step ends there, and the next begins anew.

#include <vector>

#include "simulate/native/aligned_array.hpp"
#include "simulate/native/pack_state.hpp"
#include "simulate/native/precision.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

class JumpTimes {
 public:
  /// @param blocks  outlive this object.
  explicit JumpTimes(std::vector<BlockState>& blocks);
  /// Asks the mechanisms. What they say stays the same until the lane gets an event.
  /// @returns the first of the lane's times after t_ms; infinite: there is none.
  double next_after(std::size_t lane, double t_ms);

 private:
  struct Asked {
    BlockState* block;
    std::vector<TimeArray> times;  ///< [n_jumps] each [n_instances * W]
    std::vector<double*> out;
  };
  std::vector<Asked> asked_;
};

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
