#pragma once
/// A cell as lines in a plane.

#include "cellwright/model/cell_model.hpp"
#include "cellwright/model/protocol.hpp"
#include "cellwright/morphology/morphology.hpp"
#include "cellwright/morphology/path_distance.hpp"
#include "cellwright/report/report_data.hpp"

namespace cellwright::report {

/// Seen along the z axis. Sections without 3-d points (a replaced axon) go straight down from where they are connected.
std::vector<DrawnSection> draw_sections(const morphology::Morphology& morphology);

/// The point of a place, on its section's path.
DrawnSite site_at(const std::vector<DrawnSection>& sections, morphology::Place place);

/// Sections and sites: one for each place, with the names of all locations that lie there. Places that the cell does
/// not have are left out.
MorphologyView view_morphology(const morphology::Morphology& morphology, const model::CellModel& cell,
                               const std::vector<model::SweepProtocol>& protocols);

}  // namespace cellwright::report
