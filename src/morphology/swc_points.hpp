#pragma once
/// The point table of an SWC file.

#include <string>
#include <string_view>
#include <vector>

#include "cellwright/base/error.hpp"

namespace cellwright::morphology {

/// One data line. Coordinates and radius were rounded once, to single precision.
struct SwcPoint {
  int id = 0;
  int type = 0;
  double x = 0.0;
  double y = 0.0;
  double z = 0.0;
  double diam = 0.0;
  int parent = -1;  ///< index of the parent point (not its id), -1 at a root; always smaller than the own index
  int line = 0;
};

/// Reads and checks the table. @param warnings receives one entry per further root.
/// @throws MorphologyError with the codes listed at read_swc.
std::vector<SwcPoint> parse_swc_points(std::string_view text, const std::string& file_name,
                                       std::vector<Diagnostic>& warnings);

}  // namespace cellwright::morphology
