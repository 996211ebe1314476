#include "cellwright/morphology/morphology.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace cellwright::morphology {

const SectionList* Morphology::find_list(std::string_view name) const {
  const auto found =
      std::find_if(lists.begin(), lists.end(), [&](const SectionList& list) { return list.name == name; });
  return found == lists.end() ? nullptr : &*found;
}

int Morphology::find_section(std::string_view name) const {
  const auto found =
      std::find_if(sections.begin(), sections.end(), [&](const Section& section) { return section.name == name; });
  return found == sections.end() ? -1 : static_cast<int>(found - sections.begin());
}

std::vector<int> Morphology::section_array(std::string_view array_name) const {
  // Sections of one array are created in the order of their index, so creation order is index order.
  std::vector<int> members;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const std::string_view name = sections[i].name;
    if (name.substr(0, name.find('[')) == array_name) members.push_back(static_cast<int>(i));
  }
  return members;
}

std::string type_name(int type) {
  switch (type) {
    case SectionType::soma:
      return "soma";
    case SectionType::axon:
      return "axon";
    case SectionType::dend:
      return "dend";
    case SectionType::apic:
      return "apic";
    default:
      return type < 0 ? fmt::format("minus_{}", -static_cast<long>(type)) : fmt::format("dend_{}", type);
  }
}

std::string list_name(int type) {
  switch (type) {
    case SectionType::soma:
      return "somatic";
    case SectionType::axon:
      return "axonal";
    case SectionType::dend:
      return "basal";
    case SectionType::apic:
      return "apical";
    default:
      return type < 0 ? fmt::format("minus_{}set", -static_cast<long>(type)) : fmt::format("dendritic_{}", type);
  }
}

}  // namespace cellwright::morphology
