#include "cellwright/compile/cell_geometry.hpp"

#include <algorithm>
#include <array>

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

morphology::Morphology stand_in_morphology() {
  morphology::Morphology result{.sections = {}, .lists = {{.name = "all"}}};
  const auto add = [&result](std::string name, int type, const std::string& list) {
    const int index = static_cast<int>(result.sections.size());
    result.sections.push_back({.name = std::move(name), .type = type, .parent = index == 0 ? -1 : 0, .parent_x = 1.0});
    result.sections.back().length_um = 100;
    result.sections.back().stylised_diam_um = 1;
    result.lists.front().sections.push_back(index);
    result.lists.push_back({.name = list, .sections = {index}});
  };
  for (const int type : {morphology::soma, morphology::axon, morphology::dend, morphology::apic})
    add(morphology::type_name(type) + "[0]", type, morphology::list_name(type));
  add("myelin[0]", morphology::axon, "myelinated");
  return result;
}

bool depends_on_shape(const Diagnostic& diagnostic) {
  static constexpr std::array codes = {"model-location", "model-section-list", "model-empty-section-list",
                                       "model-recording-missing"};
  return std::ranges::find(codes, diagnostic.code) != codes.end();
}

}  // namespace cellwright::compile
