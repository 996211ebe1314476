#include "cellwright/morphology/geometry.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cellwright::morphology {
namespace {

constexpr double megaohm_per_ohm_cm_per_um = 0.01;  // ohm cm / um = 1e4 ohm = 0.01 MOhm
/// Below this, um, two points are at one place (NEURON's threshold).
constexpr double coincident_um = 1e-10;
/// Length given to such a piece, so that it has next to no resistance.
constexpr double shortest_piece_um = 1e-15;
/// Resistance of a piece that is closed at one end, for an Ra of 1.
constexpr double closed_piece_ri_per_ra = 1e15;

/// NEURON's default diameter, which stays where all points are at one place.
constexpr double untouched_diam_um = 500.0;

struct HalfSegment {
  double diam_integral = 0.0;  ///< integral of the diameter over the length
  double area_um2 = 0.0;
  double ri_per_ra = 0.0;
};

/// Walks along the points once, half segment by half segment.
class PointWalk {
 public:
  explicit PointWalk(const Section& section) : points_(section.points), arc_(section.arc_um), diam_(points_[0].diam) {}

  /// Everything from where the last call ended to `end_um`. A point exactly at the end belongs to this half.
  HalfSegment advance(double end_um) {
    HalfSegment half;
    // The last point is never passed: the last piece lies on the line through the last two points.
    while (next_ + 1 < points_.size() && !(arc_[next_] > end_um)) {
      add_piece(half, arc_[next_], points_[next_].diam);
      ++next_;
    }
    const double span = arc_[next_] - arc_[next_ - 1];
    const double fraction = std::abs(span) < coincident_um ? 1.0 : (end_um - arc_[next_ - 1]) / span;
    const double before = points_[next_ - 1].diam;
    const double after = points_[next_].diam;
    add_piece(half, end_um, (1.0 - fraction) * before + fraction * after);
    return half;
  }

 private:
  void add_piece(HalfSegment& half, double end_um, double end_diam) {
    double length = end_um - at_um_;
    if (length < shortest_piece_um) length = shortest_piece_um;
    const double sum = diam_ + end_diam;
    const double difference = diam_ - end_diam;
    half.diam_integral += 0.5 * sum * length;
    half.area_um2 += 0.5 * std::numbers::pi * sum * std::sqrt(length * length + 0.25 * difference * difference);
    const double product = diam_ * end_diam;
    half.ri_per_ra += product == 0.0 ? closed_piece_ri_per_ra
                                     : megaohm_per_ohm_cm_per_um * 4.0 * length / (std::numbers::pi * product);
    at_um_ = end_um;
    diam_ = end_diam;
  }

  const std::vector<Point3>& points_;
  const std::vector<double>& arc_;
  std::size_t next_ = 1;  ///< index of the next point
  double at_um_ = 0.0;
  double diam_;
};

SectionGeometry stylised_geometry(const Section& section) {
  const auto nseg = static_cast<std::size_t>(section.nseg);
  const double length = section.length_um / section.nseg;
  const double diam = section.stylised_diam_um;
  const double half_ri = megaohm_per_ohm_cm_per_um * (length / 2.0) / (std::numbers::pi * diam * diam / 4.0);
  SectionGeometry geometry;
  geometry.diam_um.assign(nseg, diam);
  geometry.area_um2.assign(nseg, std::numbers::pi * diam * length);
  geometry.ri_per_ra.assign(nseg + 1, 2.0 * half_ri);
  geometry.ri_per_ra.front() = half_ri;
  geometry.ri_per_ra.back() = half_ri;
  return geometry;
}

SectionGeometry geometry_from_points(const Section& section) {
  // These sums in this order: whether a step at the very end counts depends on the last bit of the last sum.
  const double length = section.arc_um.back() / section.nseg;
  SectionGeometry geometry;
  PointWalk walk(section);
  double right_half_before = 0.0;
  for (int k = 0; k < section.nseg; ++k) {
    const double middle = k * length + length / 2.0;
    const HalfSegment left = walk.advance(middle);
    const HalfSegment right = walk.advance(middle + length / 2.0);
    const double diam = (left.diam_integral + right.diam_integral) / length;
    geometry.diam_um.push_back(length > 0.0 ? diam : untouched_diam_um);
    geometry.area_um2.push_back(left.area_um2 + right.area_um2);
    geometry.ri_per_ra.push_back(right_half_before + left.ri_per_ra);
    right_half_before = right.ri_per_ra;
  }
  geometry.ri_per_ra.push_back(right_half_before);
  return geometry;
}

}  // namespace

SectionGeometry section_geometry(const Section& section) {
  SectionGeometry geometry = section.stylised() ? stylised_geometry(section) : geometry_from_points(section);
  for (int k = 0; k < section.nseg; ++k) geometry.x.push_back((k + 0.5) / section.nseg);
  return geometry;
}

CableTree::CableTree(const Morphology& morphology) : first_node_(morphology.sections.size(), -1) {
  for (const Section& section : morphology.sections) nseg_.push_back(section.nseg);
  // Parents first. A parent may have a larger index than its child (dend_0 stands before soma), so follow the chain up
  // and add it from its top.
  std::vector<int> chain;
  for (std::size_t i = 0; i < morphology.sections.size(); ++i) {
    for (int at = static_cast<int>(i); at >= 0 && first_node(at) < 0;) {
      chain.push_back(at);
      at = morphology.sections[static_cast<std::size_t>(at)].parent;
    }
    for (; !chain.empty(); chain.pop_back()) add_section(morphology, chain.back());
  }
}

void CableTree::add_section(const Morphology& morphology, int index) {
  const Section& section = morphology.sections[static_cast<std::size_t>(index)];
  const SectionGeometry geometry = section_geometry(section);
  int parent = -1;
  if (section.parent >= 0) {
    parent = node_at(section.parent, section.parent_x);
  } else {
    parent = static_cast<int>(nodes_.size());
    nodes_.push_back({.section = index, .segment = -1});
  }
  first_node_[static_cast<std::size_t>(index)] = static_cast<int>(nodes_.size());
  for (int k = 0; k <= section.nseg; ++k) {
    const auto at = static_cast<std::size_t>(k);
    CableNode node{.section = index, .segment = k, .parent = parent, .x = 1.0, .ri_per_ra = geometry.ri_per_ra[at]};
    if (k < section.nseg) {
      node.x = geometry.x[at];
      node.diam_um = geometry.diam_um[at];
      node.area_um2 = geometry.area_um2[at];
    }
    parent = static_cast<int>(nodes_.size());
    nodes_.push_back(node);
  }
}

int CableTree::node_at(int section, double x) const {
  const int first = first_node(section);
  const int nseg = nseg_[static_cast<std::size_t>(section)];
  if (x <= 0.0) return nodes_[static_cast<std::size_t>(first)].parent;
  if (x >= 1.0) return first + nseg;
  return first + std::min(static_cast<int>(nseg * x), nseg - 1);
}

}  // namespace cellwright::morphology
