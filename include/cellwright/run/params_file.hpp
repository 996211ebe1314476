#pragma once
/// PARAMS.json: values of the free parameters by full name.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cellwright/base/table.hpp"
#include "cellwright/model/cell_model.hpp"

namespace cellwright::run {

/// One or more sets of values.
struct ParameterSets {
  bool is_list = false;                                            ///< the file holds a list (also of one)
  std::vector<std::vector<std::pair<std::string, double>>> given;  ///< [n_sets] as they stand in the file
  Table<double> values;  ///< [n_sets × n_free], in CellModel::free_parameters() order
};

/// Reads `{full name: value}` or a list of them.
/// @throws ConfigError with every problem: a free parameter that is missing, an unknown or frozen one, a value out of
///   bounds or not finite.
ParameterSets load_params(const std::filesystem::path& path, const model::CellModel& cell);

}  // namespace cellwright::run
