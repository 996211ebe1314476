#pragma once
/// What both readers hand over to the common end of the import.

#include <string>
#include <vector>

#include "cellwright/morphology/morphology.hpp"

namespace cellwright::morphology {

/// hoc compares numbers with this slack: a == b is |a - b| <= slack, a < b is a < b - slack.
inline constexpr double hoc_epsilon = 1e-11;
inline bool hoc_equal(double a, double b) { return a <= b + hoc_epsilon && a >= b - hoc_epsilon; }
inline bool hoc_less(double a, double b) { return a < b - hoc_epsilon; }
inline bool hoc_less_equal(double a, double b) { return a <= b + hoc_epsilon; }

/// A point before it is rounded to single precision.
struct RawPoint {
  double x = 0.0;
  double y = 0.0;
  double z = 0.0;
  double diam = 0.0;
};

/// A section as a reader found it. Sections name their parent by index into the reader's list.
struct ImportSection {
  int type = 0;
  int parent = -1;
  double parent_x = 1.0;
  bool wire = false;  ///< the first point only marks where the line to the soma starts; it is no part of the cable
  std::vector<RawPoint> points;
  int line = 0;  ///< of the first own point
};

/// Removes empty sections, names and orders the rest, rounds the points and fills the section lists.
/// @param warnings those of the reader; more are appended.
/// @throws MorphologyError morphology-empty or morphology-length.
Morphology build_morphology(std::vector<ImportSection> sections, std::vector<Diagnostic> warnings,
                            const std::string& file_name);

}  // namespace cellwright::morphology
