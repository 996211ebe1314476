#pragma once
/// From 3-d points to the numbers of the cable equation: per segment diameter, membrane area and axial resistance.

#include <vector>

#include "cellwright/morphology/morphology.hpp"

namespace cellwright::morphology {

/// NEURON's default axial resistivity, ohm cm.
inline constexpr double default_ra_ohm_cm = 35.4;

/// The segments of one section. Resistances are per unit of axial resistivity: multiply by Ra (ohm cm) for megaohm.
struct SectionGeometry {
  std::vector<double> x;          ///< [nseg] centre of the segment, (k + 0.5)/nseg
  std::vector<double> diam_um;    ///< [nseg] length average of the diameter
  std::vector<double> area_um2;   ///< [nseg] membrane area
  std::vector<double> ri_per_ra;  ///< [nseg + 1] MOhm/(ohm cm) from segment k to its parent node (k = 0: the section's
                                  ///< 0 end); entry nseg: from the 1 end to the last segment
};

/// Segment values of a section with its present nseg.
/// With 3-d points each half segment is cut at the points inside it; a piece of length l between diameters a and b adds
/// (a + b)/2 l to the diameter integral, pi/2 (a + b) sqrt(l^2 + (a - b)^2/4) to the area and 0.01 * 4 l/(pi a b) to
/// the resistance. A stylised section is a cylinder.
/// @see NEURON 9 treeset.cpp (diam_from_list); neuron-semantics.md section 2.
SectionGeometry section_geometry(const Section& section);

/// One node of the discretised cell.
struct CableNode {
  int section = 0;
  int segment = 0;         ///< 0 to nseg - 1; -1 the root node at x = 0; nseg the node at x = 1
  int parent = -1;         ///< node index, smaller than the own index; -1 at a root node
  double x = 0.0;          ///< place on the section
  double diam_um = 0.0;    ///< 0 at nodes without membrane
  double area_um2 = 0.0;   ///< 0 at nodes without membrane
  double ri_per_ra = 0.0;  ///< MOhm/(ohm cm) to the parent node, with the Ra of `section`; 0 at a root node
};

/// All nodes of a cell: per section its segments and the node at x = 1 without membrane, per root also the node at x =
/// 0.
class CableTree {
 public:
  explicit CableTree(const Morphology& morphology);

  /// Parents stand before their children; the nodes of a section are consecutive.
  const std::vector<CableNode>& nodes() const { return nodes_; }
  /// Node index of segment 0 of a section.
  int first_node(int section) const { return first_node_[static_cast<std::size_t>(section)]; }
  /// Node at a place as NEURON resolves it: 0 is the parent's node (the root node of a root), 1 the end node, else the
  /// segment floor(nseg x).
  int node_at(int section, double x) const;

 private:
  void add_section(const Morphology& morphology, int section);

  std::vector<CableNode> nodes_;
  std::vector<int> first_node_;  ///< per section, -1 until added
  std::vector<int> nseg_;
};

}  // namespace cellwright::morphology
