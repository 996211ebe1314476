#pragma once
/// Path distances along the cell, as NEURON's distance().

#include "cellwright/morphology/morphology.hpp"

namespace cellwright::morphology {

/// NEURON's answer for two places that no path joins (um).
inline constexpr double unconnected_distance_um = 1e20;

/// A place on a section. x is taken as NEURON takes it: 0 and below and 1 and above are the ends, all else is the
/// centre of the segment that holds it.
struct Place {
  int section = 0;
  double x = 0.5;
};

/// Length of the path between two places, um; unconnected_distance_um between different trees.
/// Uses the present nseg of the sections on the path (a connection to an interior x is at its segment's centre).
double path_distance(const Morphology& morphology, Place a, Place b);

}  // namespace cellwright::morphology
