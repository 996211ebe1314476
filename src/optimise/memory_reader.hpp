#pragma once
/// Reads back what an algorithm saved, with a check of every length.

#include "cellwright/base/error.hpp"
#include "cellwright/base/table.hpp"
#include "cellwright/optimise/optimiser_state.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace cellwright::optimise {

/// @throws CheckpointError "checkpoint-state" if `name` is missing, or has not `length` finite numbers.
inline const std::vector<double>& remembered(const AlgorithmMemory& memory, const std::string& name,
                                             std::size_t length) {
  const auto found = memory.find(name);
  const std::size_t present = found == memory.end() ? 0 : found->second.size();
  if (found == memory.end() || present != length) {
    throw CheckpointError(Diagnostic{
        .code = "checkpoint-state",
        .message = fmt::format("the algorithm's memory has {} numbers '{}' instead of {}", present, name, length)});
  }
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!std::all_of(found->second.begin(), found->second.end(), finite)) {
    throw CheckpointError(Diagnostic{.code = "checkpoint-state",
                                     .message = fmt::format("the algorithm's memory '{}' is not finite", name)});
  }
  return found->second;
}

inline double remembered_number(const AlgorithmMemory& memory, const std::string& name) {
  return remembered(memory, name, 1)[0];
}

inline Table<double> remembered_table(const AlgorithmMemory& memory, const std::string& name, std::size_t rows,
                                      std::size_t columns) {
  Table<double> table(rows, columns);
  table.values() = remembered(memory, name, rows * columns);
  return table;
}

}  // namespace cellwright::optimise
