#include "nmodl/codegen/elimination.hpp"

#include <algorithm>
#include <set>

namespace cellwright::nmodl {
namespace {

/// More operations than this are loops over tables: compilers take long for straight code of this size.
constexpr std::size_t max_unrolled_operations = 2500;

using Pattern = std::vector<std::set<int>>;  ///< by row: columns

Pattern matrix_pattern(const ImplicitSystem& system) {
  Pattern pattern(system.unknowns.size());
  const auto row = [&](int k) -> std::set<int>& { return pattern[static_cast<std::size_t>(k)]; };
  for (int k = 0; k < static_cast<int>(pattern.size()); ++k) row(k).insert(k);
  for (const ImplicitSystem::Entry& entry : system.entries) row(entry.row).insert(entry.column);
  for (const ImplicitSystem::Conservation& conservation : system.conservations) {
    row(conservation.row) = {conservation.columns.begin(), conservation.columns.end()};
    row(conservation.row).insert(conservation.row);
  }
  return pattern;
}

int smallest_row(const Pattern& pattern, const std::set<int>& left) {
  return *std::min_element(left.begin(), left.end(), [&](int a, int b) {
    return pattern[static_cast<std::size_t>(a)].size() < pattern[static_cast<std::size_t>(b)].size();
  });
}

}  // namespace

EliminationPlan plan_elimination(const ImplicitSystem& system) {
  EliminationPlan plan;
  Pattern whole = matrix_pattern(system);
  Pattern active = whole;  // without the columns that were eliminated
  std::set<int> left;
  for (int k = 0; k < static_cast<int>(whole.size()); ++k) left.insert(k);
  std::size_t operations = 0;
  while (!left.empty()) {
    EliminationPlan::Step step;
    step.pivot = smallest_row(active, left);
    left.erase(step.pivot);
    std::set<int> pivot_row = active[static_cast<std::size_t>(step.pivot)];
    pivot_row.erase(step.pivot);
    step.right.assign(pivot_row.begin(), pivot_row.end());
    for (const int row : left) {
      std::set<int>& columns = active[static_cast<std::size_t>(row)];
      if (columns.erase(step.pivot) == 0) continue;
      columns.insert(pivot_row.begin(), pivot_row.end());
      whole[static_cast<std::size_t>(row)].insert(pivot_row.begin(), pivot_row.end());
      step.rows.push_back({row, step.right});
      operations += step.right.size() + 2;
    }
    operations += step.right.size() + 1;
    plan.steps.push_back(std::move(step));
  }
  for (int row = 0; row < static_cast<int>(whole.size()); ++row) {
    for (const int column : whole[static_cast<std::size_t>(row)]) plan.elements.push_back({row, column});
  }
  plan.is_unrolled = operations <= max_unrolled_operations;
  return plan;
}

}  // namespace cellwright::nmodl
