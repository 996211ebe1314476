#pragma once
/// A cell's shape as plain values: sections in NEURON's creation order, their 3-d points and the section lists.
///
/// Everything here is what NEURON 9 holds after Import3d built the file into a hoc template, as BluePyOpt does it.
/// The values are immutable by convention: the functions of transform.hpp return changed copies.

#include <string>
#include <string_view>
#include <vector>

#include "cellwright/base/error.hpp"

namespace cellwright::morphology {

/// One 3-d point in single precision, as NEURON stores it (um).
struct Point3 {
  float x = 0.0F;
  float y = 0.0F;
  float z = 0.0F;
  float diam = 0.0F;
  bool operator==(const Point3&) const = default;
};

/// The SWC types that have a name of their own; every other type t gives sections called dend_t (minus_n if negative).
enum SectionType : int { soma = 1, axon = 2, dend = 3, apic = 4 };

/// An unbranched cable. Its 0 end is connected to `parent` at `parent_x`.
struct Section {
  std::string name;              ///< "soma[0]", "dend[3]", "dend_5[0]": unique within the cell
  int type = SectionType::dend;  ///< SWC type number
  int parent = -1;        ///< index into Morphology::sections, -1 at a root; need not be smaller than the own index
  double parent_x = 0.0;  ///< 0 to 1 on the parent; meaningless at a root
  std::vector<Point3> points;     ///< at least 2, or empty for a stylised section
  std::vector<double> arc_um;     ///< distance along the section of each point; same size as `points`
  double length_um = 0.0;         ///< last arc (at least 1e-9), or the given length of a stylised section
  double stylised_diam_um = 0.0;  ///< diameter of a stylised section; 0 where there are points
  int nseg = 1;                   ///< number of segments, 1 to max_nseg
  bool stylised() const { return points.empty(); }
  bool operator==(const Section&) const = default;
};

/// NEURON's own limit on the number of segments of a section.
inline constexpr int max_nseg = 32767;

/// A named subset of the sections, by index, in creation order.
struct SectionList {
  std::string name;  ///< "all", "somatic", "axonal", "basal", "apical", "myelinated", "dendritic_5", "minus_1set"
  std::vector<int> sections;
  bool operator==(const SectionList&) const = default;
};

struct Morphology {
  std::vector<Section> sections;     ///< in the order of the list `all`
  std::vector<SectionList> lists;    ///< the six of BluePyOpt in the order above, then those of further types
  std::vector<Diagnostic> warnings;  ///< what the reader accepted but did not like
  std::string file;                  ///< where the cell comes from, for messages; may be empty

  /// The list called `name`, or nullptr.
  const SectionList* find_list(std::string_view name) const;
  /// Index of the section called `name` ("soma[0]"), or -1.
  int find_section(std::string_view name) const;
  /// The sections of the array `array_name` ("soma", "dend", "axon", "apic", "dend_5"), ordered by index.
  std::vector<int> section_array(std::string_view array_name) const;
};

/// Array name of a type: 1 "soma", 2 "axon", 3 "dend", 4 "apic", t "dend_t", -n "minus_n".
std::string type_name(int type);
/// Section list of a type: 1 "somatic", 2 "axonal", 3 "basal", 4 "apical", t "dendritic_t", -n "minus_nset".
std::string list_name(int type);

}  // namespace cellwright::morphology
