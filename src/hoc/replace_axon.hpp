#pragma once
/// The hoc procedure that replaces the axon.

#include <string>

namespace cellwright::hoc {

/// BluePyOpt's rule (see morphology::replace_axon): a stub of two sections with the diameters of the old axon.
std::string replace_axon_procedure(double stub_length_um, double nseg_frequency_um);

}  // namespace cellwright::hoc
