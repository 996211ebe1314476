#pragma once
/// What BluePyOpt does to a cell after the import: the number of segments and the replacement axon.

#include "cellwright/morphology/morphology.hpp"

namespace cellwright::morphology {

/// A copy with nseg = 1 + 2 trunc(L / nseg_frequency_um) for every section (always odd).
/// @param nseg_frequency_um finite and > 0 (BluePyOpt's default: 40).
/// @throws MorphologyError morphology-nseg if a section would need more than max_nseg segments or the frequency is bad.
/// @see BluePyOpt NrnFileMorphology.set_nseg.
Morphology set_nseg(const Morphology& morphology, double nseg_frequency_um = 40.0);

/// A copy in which all sections of the list `axonal` gave way to a stub of two stylised sections, axon[0] on soma[0](1)
/// and axon[1] on axon[0](1), each half of `stub_length_um` long. To be called after set_nseg.
/// Diameters: 1 um without an axon; else that of the middle segment of axon[0], and for axon[1] that of the first
/// axonal section whose middle is farther than `stub_length_um` from soma[0](0.5) (if there is none: that of axon[0]).
/// Subtrees that hung on the old axon become roots.
/// @throws MorphologyError morphology-no-soma without soma[0], morphology-no-axon-array if sections are in `axonal` but
///   axon[0] does not exist, morphology-nseg for a bad length or frequency.
/// @see BluePyOpt NrnFileMorphology.replace_axon.
Morphology replace_axon(const Morphology& morphology, double stub_length_um = 60.0, double nseg_frequency_um = 40.0);

}  // namespace cellwright::morphology
