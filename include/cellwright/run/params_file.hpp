#pragma once
/// PARAMS.json: values of the free parameters by full name.

#include <array>
#include <filesystem>
#include <optional>
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

/// What a PARAMS.json may speak of. Frozen with `value`, else free with `bounds`.
struct KnownParameter {
  std::string name;
  std::optional<double> value;
  std::optional<std::array<double, 2>> bounds;
};

/// Reads `{full name: value}` or a list of them.
/// @throws ConfigError with every problem: a free parameter that is missing, an unknown or frozen one, a value out of
///   bounds or not finite.
ParameterSets load_params(const std::filesystem::path& path, const model::CellModel& cell);
/// The same for any parameters; the columns of `values` are the free ones in their order.
ParameterSets load_params(const std::filesystem::path& path, const std::vector<KnownParameter>& parameters);

}  // namespace cellwright::run
