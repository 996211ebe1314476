#include "cellwright/morphology/path_distance.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cellwright::morphology {
namespace {

const Section& section_of(const Morphology& morphology, const Place& place) {
  return morphology.sections[static_cast<std::size_t>(place.section)];
}

/// Distance of a place from its section's 0 end: an end or the centre of a segment.
double from_start_um(const Section& section, double x) {
  if (x <= 0.0) return 0.0;
  if (x >= 1.0) return section.length_um;
  const int segment = std::min(static_cast<int>(section.nseg * x), section.nseg - 1);
  return (segment + 0.5) * section.length_um / section.nseg;
}

int depth(const Morphology& morphology, int section) {
  int levels = 0;
  while ((section = morphology.sections[static_cast<std::size_t>(section)].parent) >= 0) ++levels;
  return levels;
}

}  // namespace

double path_distance(const Morphology& morphology, Place a, Place b) {
  double distance = 0.0;
  int depth_a = depth(morphology, a.section);
  int depth_b = depth(morphology, b.section);
  while (a.section != b.section) {
    // Move the deeper one to its parent.
    if (depth_a < depth_b) {
      std::swap(a, b);
      std::swap(depth_a, depth_b);
    }
    if (depth_a == 0) return unconnected_distance_um;
    const Section& section = section_of(morphology, a);
    distance += from_start_um(section, a.x);
    a = {section.parent, section.parent_x};
    --depth_a;
  }
  const Section& section = section_of(morphology, a);
  return distance + std::abs(from_start_um(section, a.x) - from_start_um(section, b.x));
}

}  // namespace cellwright::morphology
