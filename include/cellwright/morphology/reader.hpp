#pragma once
/// Reading SWC and Neurolucida ASC files by the rules of NEURON's Import3d.

#include <filesystem>
#include <string>
#include <string_view>

#include "cellwright/morphology/morphology.hpp"

namespace cellwright::morphology {

/// Coordinates and diameters beyond this size (um) are refused: they are unit errors or damaged numbers.
inline constexpr double max_coordinate_um = 1e9;

/// Reads SWC text.
/// A data line holds `id type x y z radius parent` (further fields are ignored), `#` starts a comment. Numbers are read
/// as single precision. Ids must increase and a parent must stand before its children; NEURON does not take other files
/// either. Further roots are connected to the first section, as NEURON does, with a warning each.
/// @param text the file's content. @param file_name only for messages.
/// @returns the cell with nseg 1 everywhere.
/// @throws MorphologyError with up to 20 diagnostics, each with its line: swc-fields, swc-number, swc-radius,
///   swc-duplicate, swc-unsorted, swc-unknown-parent, swc-cycle, morphology-empty, morphology-format,
///   morphology-length.
Morphology read_swc(std::string_view text, const std::string& file_name);

/// Reads Neurolucida ASC (V3) text: contour somas, trees; markers, texts, sets and spines are read and dropped.
/// @throws MorphologyError at the first problem (the grammar offers no safe place to go on from): asc-syntax,
/// asc-number,
///   asc-diameter, asc-depth, asc-soma, morphology-empty, morphology-format, morphology-length.
Morphology read_asc(std::string_view text, const std::string& file_name);

/// Reads a file by its extension, `.swc` or `.asc` in any case.
/// @throws MorphologyError morphology-extension for another extension, else as above;
///   ConfigError file-missing or file-unreadable.
Morphology load_morphology(const std::filesystem::path& path);

}  // namespace cellwright::morphology
