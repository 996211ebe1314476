#include "cellwright/model/cell_model.hpp"

namespace cellwright::model {

std::vector<const CellParameter*> CellModel::free_parameters() const {
  std::vector<const CellParameter*> result;
  for (const CellParameter& parameter : parameters) {
    if (!parameter.frozen()) result.push_back(&parameter);
  }
  return result;
}

}  // namespace cellwright::model
