#include "report/morphology_view.hpp"

#include <algorithm>
#include <cmath>

#include "cellwright/compile/cell_geometry.hpp"

namespace cellwright::report {
namespace {

using morphology::Morphology;
using morphology::Place;
using morphology::Section;

/// The point at a fraction of a path's length.
std::array<double, 2> point_at(const Polyline& path, double fraction) {
  std::vector<double> arc = {0};
  for (std::size_t i = 1; i < path.x.size(); ++i)
    arc.push_back(arc.back() + std::hypot(path.x[i] - path.x[i - 1], path.y[i] - path.y[i - 1]));
  const double wanted = fraction * arc.back();
  std::size_t i = 1;
  while (i + 1 < arc.size() && arc[i] < wanted) ++i;
  if (path.x.size() < 2 || arc[i] == arc[i - 1]) return {path.x.front(), path.y.front()};
  const double t = (wanted - arc[i - 1]) / (arc[i] - arc[i - 1]);
  return {path.x[i - 1] + t * (path.x[i] - path.x[i - 1]), path.y[i - 1] + t * (path.y[i] - path.y[i - 1])};
}

DrawnSection draw_points(const Section& section) {
  DrawnSection drawn{.name = section.name, .type = section.type, .path = {}, .diameter_um = {}};
  for (const morphology::Point3& point : section.points) {
    drawn.path.x.push_back(point.x);
    drawn.path.y.push_back(point.y);
    drawn.diameter_um.push_back(point.diam);
  }
  return drawn;
}

/// The place in `sites` at which something is drawn already, or a new one.
DrawnSite& site_for(std::vector<DrawnSite>& sites, const DrawnSite& wanted) {
  const auto found = std::ranges::find_if(sites, [&](const DrawnSite& site) {
    return site.stimulus == wanted.stimulus && std::hypot(site.x - wanted.x, site.y - wanted.y) < 1;
  });
  return found != sites.end() ? *found : sites.emplace_back(wanted);
}

void add_name(DrawnSite& site, const std::string& name) {
  const std::string padded = ", " + site.label + ",";
  if (padded.find(", " + name + ",") != std::string::npos) return;
  site.label += (site.label.empty() ? "" : ", ") + name;
}

}  // namespace

std::vector<DrawnSection> draw_sections(const Morphology& morphology) {
  std::vector<DrawnSection> drawn(morphology.sections.size());
  for (std::size_t s = 0; s < drawn.size(); ++s) {
    if (!morphology.sections[s].stylised()) drawn[s] = draw_points(morphology.sections[s]);
  }
  // Parents may stand behind their children: each round places those whose parent is placed.
  bool progress = true;
  while (progress) {
    progress = false;
    for (std::size_t s = 0; s < drawn.size(); ++s) {
      const Section& section = morphology.sections[s];
      if (!drawn[s].path.x.empty()) continue;
      const Polyline* parent = section.parent < 0 ? nullptr : &drawn[static_cast<std::size_t>(section.parent)].path;
      if (parent != nullptr && parent->x.empty()) continue;
      const auto [x, y] = parent == nullptr ? std::array{0.0, 0.0} : point_at(*parent, section.parent_x);
      drawn[s] = {.name = section.name,
                  .type = section.type,
                  .path = {{x, x}, {y, y - section.length_um}},
                  .diameter_um = {section.stylised_diam_um, section.stylised_diam_um}};
      progress = true;
    }
  }
  return drawn;
}

DrawnSite site_at(const std::vector<DrawnSection>& sections, Place place) {
  const auto [x, y] = point_at(sections[static_cast<std::size_t>(place.section)].path, place.x);
  return {.label = "", .x = x, .y = y};
}

MorphologyView view_morphology(const Morphology& morphology, const model::CellModel& cell,
                               const std::vector<model::SweepProtocol>& protocols) {
  MorphologyView view{.sections = draw_sections(morphology), .sites = {}};
  const auto add = [&](const model::RecordingLocation& location, bool stimulus) {
    const auto place = compile::find_place(morphology, cell, location);
    if (!place) return;
    DrawnSite site = site_at(view.sections, *place);
    site.stimulus = stimulus;
    add_name(site_for(view.sites, site), model::location_name(location));
  };
  for (const model::SweepProtocol& protocol : protocols) {
    for (const model::CompRecording& recording : protocol.recordings) add(recording.location, false);
    for (const model::Stimulus& stimulus : protocol.stimuli) {
      std::visit(
          [&](const auto& s) {
            if constexpr (requires { s.location; }) add(model::to_recording_location(s.location), true);
          },
          stimulus);
    }
  }
  return view;
}

}  // namespace cellwright::report
