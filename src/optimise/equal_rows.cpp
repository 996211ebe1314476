#include "optimise/equal_rows.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace cellwright::optimise {
namespace {

std::uint64_t hash_row(std::span<const double> row) {
  std::uint64_t hash = 0x9e3779b97f4a7c15ULL;
  for (const double value : row) {
    // Adding 0.0 turns -0.0 into 0.0: equal values must have equal hashes.
    hash ^= std::bit_cast<std::uint64_t>(value + 0.0);
    hash *= 0xff51afd7ed558ccdULL;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace

EqualRows find_equal_rows(TableView<const double> table) {
  const std::size_t n = table.rows();
  std::vector<std::pair<std::uint64_t, std::uint32_t>> hashed(n);
  for (std::uint32_t row = 0; row < n; ++row) hashed[row] = {hash_row(table.row(row)), row};
  std::sort(hashed.begin(), hashed.end());

  std::vector<std::uint32_t> leader(n);  // first row that is equal to each row
  std::vector<std::uint32_t> leaders;    // of the present hash
  for (std::size_t i = 0; i < n; ++i) {
    if (i == 0 || hashed[i].first != hashed[i - 1].first) leaders.clear();
    const std::uint32_t row = hashed[i].second;
    const auto same = std::find_if(leaders.begin(), leaders.end(), [&](std::uint32_t candidate) {
      return std::ranges::equal(table.row(candidate), table.row(row));
    });
    leader[row] = same == leaders.end() ? row : *same;
    if (same == leaders.end()) leaders.push_back(row);
  }

  EqualRows result{std::vector<std::uint32_t>(n), {}};
  for (std::uint32_t row = 0; row < n; ++row) {
    const bool is_first = leader[row] == row;
    result.group_of[row] = is_first ? static_cast<std::uint32_t>(result.groups()) : result.group_of[leader[row]];
    if (is_first) result.first_row.push_back(row);
  }
  return result;
}

}  // namespace cellwright::optimise
