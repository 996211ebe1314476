#include "cellwright/evaluate/seed.hpp"

#include "cellwright/numeric/python_format.hpp"
#include "cellwright/numeric/uint32_seed.hpp"

namespace cellwright::evaluate {

std::uint32_t seed_from_param_dict(const std::map<std::string, double>& param_dict) {
  std::string text;
  for (const auto& [name, value] : param_dict) text += name + numeric::python_repr(value);
  return numeric::uint32_seed(text);
}

std::vector<std::uint32_t> seeds_from_parameters(const model::CellModel& cell, TableView<const double> parameters) {
  const std::vector<const model::CellParameter*> free = cell.free_parameters();
  std::vector<std::uint32_t> seeds;
  for (std::size_t row = 0; row < parameters.rows(); ++row) {
    std::map<std::string, double> param_dict;
    for (std::size_t k = 0; k < free.size(); ++k) param_dict[free[k]->name] = parameters(row, k);
    seeds.push_back(seed_from_param_dict(param_dict));
  }
  return seeds;
}

}  // namespace cellwright::evaluate
