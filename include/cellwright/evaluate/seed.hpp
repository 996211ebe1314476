#pragma once
/// The random numbers of an individual from its parameters.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cellwright/base/table.hpp"
#include "cellwright/model/cell_model.hpp"

namespace cellwright::evaluate {

/// BluePyOpt's CellEvaluator.seed_from_param_dict: numeric::uint32_seed of all names and values in order of the names,
/// without anything between them, values in Python's shortest form. {"gnabar_hh": 0.1, "gkbar_hh": 0.03} gives
/// 571037054, no parameters 3975692926.
std::uint32_t seed_from_param_dict(const std::map<std::string, double>& param_dict);

/// The same for each row of a table of the cell's free parameters.
std::vector<std::uint32_t> seeds_from_parameters(const model::CellModel& cell, TableView<const double> parameters);

}  // namespace cellwright::evaluate
