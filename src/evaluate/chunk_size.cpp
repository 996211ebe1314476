#include "cellwright/evaluate/chunk_size.hpp"

#include <algorithm>
#include <cmath>

namespace cellwright::evaluate {

std::size_t chunk_size(const std::vector<Place>& places, std::size_t place, const DealState& state) {
  const Place& here = places[place];
  const auto remaining = static_cast<double>(state.remaining);
  const auto side_by_side = static_cast<double>(here.independent_chunks);
  const double at_once = static_cast<double>(here.rows_at_once) / side_by_side;
  const double by_time = state.seconds_per_row > 0 ? chunk_seconds / state.seconds_per_row : at_once;
  double all_at_once = 0;
  for (const Place& other : places) all_at_once += static_cast<double>(other.rows_at_once);
  const bool alone = places.size() == 1 && here.independent_chunks == 1;
  const double share = alone ? remaining : remaining * at_once / all_at_once / 2;
  const double fair = remaining / static_cast<double>(places.size()) / side_by_side;
  const double rows = std::max(std::min(by_time, share), std::min(at_once, fair));
  const double lanes = static_cast<double>(here.lanes);
  return static_cast<std::size_t>(std::min(remaining, std::ceil(std::max(rows, 1.0) / lanes) * lanes));
}

}  // namespace cellwright::evaluate
