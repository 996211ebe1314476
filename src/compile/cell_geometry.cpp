#include "cellwright/compile/cell_geometry.hpp"

#include <algorithm>

#include "cellwright/morphology/modifiers.hpp"
#include "cellwright/morphology/reader.hpp"
#include "cellwright/morphology/transform.hpp"
#include "compile/location_resolver.hpp"

namespace cellwright::compile {
namespace {

/// The compartment that a recording location stands for.
std::optional<model::CompLocation> compartment_of(const model::CellModel& cell,
                                                  const model::RecordingLocation& location) {
  return std::visit(
      [&](const auto& place) -> std::optional<model::CompLocation> {
        if constexpr (std::is_same_v<std::decay_t<decltype(place)>, model::NrnPointProcessLocation>) {
          const auto found =
              std::ranges::find(cell.point_processes, place.pprocess_mech, &model::NrnMODPointProcessMechanism::name);
          if (found == cell.point_processes.end() || found->locations.empty()) return std::nullopt;
          return found->locations.front();
        } else {
          return place;
        }
      },
      location);
}

}  // namespace

morphology::Morphology import_morphology(const model::NrnFileMorphology& source) {
  morphology::Morphology result = morphology::load_morphology(source.morphology_path);
  if (source.nseg_frequency_um) result = morphology::set_nseg(result, *source.nseg_frequency_um);
  if (source.do_replace_axon) {
    result = morphology::replace_axon(result, source.axon_stub_length_um, source.axon_nseg_frequency_um);
  }
  for (const std::string& modifier : source.morph_modifiers)
    result = morphology::modify(result, modifier, source.morph_modifiers_kwargs);
  return result;
}

std::optional<morphology::Place> find_place(const morphology::Morphology& morphology, const model::CellModel& cell,
                                            const model::RecordingLocation& location) {
  const auto compartment = compartment_of(cell, location);
  if (!compartment) return std::nullopt;
  DiagnosticList unused;
  return LocationResolver(morphology, unused, cell.corrected).find(*compartment).place;
}

}  // namespace cellwright::compile
