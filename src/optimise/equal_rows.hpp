#pragma once
/// Rows of equal values, found once so that work is done per distinct row.

#include "cellwright/base/table.hpp"

#include <cstdint>
#include <vector>

namespace cellwright::optimise {

/// Groups are numbered in the order in which their first row appears.
struct EqualRows {
  std::vector<std::uint32_t> group_of;   ///< [n_rows]
  std::vector<std::uint32_t> first_row;  ///< [n_groups]
  std::size_t groups() const { return first_row.size(); }
};

/// Rows are equal if all their values compare equal: 0.0 equals -0.0.
EqualRows find_equal_rows(TableView<const double> table);

}  // namespace cellwright::optimise
