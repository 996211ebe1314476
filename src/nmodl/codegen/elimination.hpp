#pragma once
/// Gaussian elimination of a sparse matrix, planned when the code is generated.

#include <vector>

#include "cellwright/nmodl/mechanism_description.hpp"

namespace cellwright::nmodl {

/// The matrix of a balance: diagonal, entries and conservation rows, with all elements that elimination fills in.
struct EliminationPlan {
  struct Row {
    int row = 0;               ///< eliminated by the pivot
    std::vector<int> columns;  ///< in which the pivot's row is subtracted, the right side apart
  };
  struct Step {
    int pivot = 0;  ///< row and column
    std::vector<Row> rows;
    std::vector<int> right;  ///< columns right of the pivot in its row, for the substitution
  };
  std::vector<Step> steps;                      ///< in order of elimination
  std::vector<ImplicitSystem::Entry> elements;  ///< all that are not always zero
  bool is_unrolled = true;                      ///< few enough operations to write each of them out
};

/// The order: always the row with the fewest elements, the lower number first. The matrices of kinetic schemes need no
/// search for pivots: their columns are dominated by the diagonal, and full rows of conservations come late.
EliminationPlan plan_elimination(const ImplicitSystem& system);

}  // namespace cellwright::nmodl
