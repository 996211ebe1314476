#pragma once
/// What every imported cell must be, whatever file it came from.

#include <cmath>
#include <optional>
#include <string>

#include "cellwright/morphology/geometry.hpp"
#include "cellwright/morphology/morphology.hpp"

namespace cellwright::test {

/// What is wrong with a cell, if anything.
inline std::optional<std::string> unsound(const morphology::Morphology& cell) {
  const int count = static_cast<int>(cell.sections.size());
  if (count == 0) return "it has no section";
  if (cell.find_list("all")->sections.size() != cell.sections.size()) return "the list 'all' is not complete";
  const auto good = [](double value) { return std::isfinite(value) && value > 0.0; };
  for (const morphology::Section& section : cell.sections) {
    if (section.parent < -1 || section.parent >= count) return section.name + " has no valid parent";
    if (!section.stylised() && section.points.size() < 2) return section.name + " has too few points";
    const morphology::SectionGeometry geometry = section_geometry(section);
    if (geometry.area_um2.size() != static_cast<std::size_t>(section.nseg)) return section.name + " has a wrong nseg";
    for (const double area : geometry.area_um2) {
      if (!good(area)) return section.name + " has an area of " + std::to_string(area);
    }
    for (const double diam : geometry.diam_um) {
      if (!good(diam)) return section.name + " has a diameter of " + std::to_string(diam);
    }
    for (const double ri : geometry.ri_per_ra) {
      if (!good(ri)) return section.name + " has a resistance of " + std::to_string(ri);
    }
  }
  const morphology::CableTree tree(cell);
  for (std::size_t i = 0; i < tree.nodes().size(); ++i) {
    if (tree.nodes()[i].parent >= static_cast<int>(i)) return "a node stands before its parent";
  }
  return std::nullopt;
}

}  // namespace cellwright::test
