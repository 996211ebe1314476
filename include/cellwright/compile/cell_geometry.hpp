#pragma once
/// A cell's shape without its mechanisms: the imported morphology, and where on it a location lies.

#include <optional>

#include "cellwright/model/cell_model.hpp"
#include "cellwright/morphology/morphology.hpp"
#include "cellwright/morphology/path_distance.hpp"

namespace cellwright::compile {

/// Reads the file and does to it what the model asks for, in BluePyOpt's order: read, nseg, axon.
/// @throws MorphologyError, ConfigError as load_morphology, set_nseg and replace_axon.
morphology::Morphology import_morphology(const model::NrnFileMorphology& source);

/// Where a location lies; for point processes that of the first one. Nothing if the cell has no such place.
std::optional<morphology::Place> find_place(const morphology::Morphology& morphology, const model::CellModel& cell,
                                            const model::RecordingLocation& location);

/// A soma with one section of every kind that BluePyOpt's section lists know, in place of a morphology that cannot be
/// read: what else is wrong with the cell shows on it.
morphology::Morphology stand_in_morphology();

/// True if a diagnostic of compile_model depends on the cell's shape, so that one about the stand-in means nothing.
bool depends_on_shape(const Diagnostic& diagnostic);

}  // namespace cellwright::compile
