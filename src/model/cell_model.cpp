#include "cellwright/model/cell_model.hpp"

#include <algorithm>

namespace cellwright::model {

std::vector<const CellParameter*> CellModel::free_parameters() const {
  std::vector<const CellParameter*> result;
  for (const CellParameter& parameter : parameters) {
    if (!parameter.frozen()) result.push_back(&parameter);
  }
  return result;
}

const CellParameter* CellModel::meta_parameter(const MetaTarget& object, std::string_view attr_name) const {
  const CellParameter* found = nullptr;
  for (const CellParameter& parameter : parameters) {
    if (parameter.object != object || parameter.attr_name != attr_name) continue;
    if (found == nullptr || found->frozen() || !parameter.frozen()) found = &parameter;
  }
  return found;
}

int CellModel::column_of(const CellParameter& parameter) const {
  if (parameter.frozen()) return -1;
  const std::vector<const CellParameter*> free = free_parameters();
  return static_cast<int>(std::find(free.begin(), free.end(), &parameter) - free.begin());
}

std::uint32_t hash_py(std::string_view text) {
  constexpr std::uint64_t modulus = 2147483647;
  std::uint64_t hash = 0;
  for (const char c : text) hash = (31 * hash + static_cast<unsigned char>(c)) % modulus;
  return static_cast<std::uint32_t>(hash);
}

}  // namespace cellwright::model
