#include "compile/location_resolver.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cellwright/morphology/geometry.hpp"

namespace cellwright::compile {
namespace {

const std::vector<std::string> section_arrays = {"soma", "dend", "apic", "axon", "myelin"};

/// How far a point lies in a direction.
double extent(const morphology::Point3& point, const model::TrunkDirection& direction) {
  const double x = point.x, y = point.y, z = point.z;
  if (const auto* vector = std::get_if<std::array<double, 3>>(&direction))
    return x * (*vector)[0] + y * (*vector)[1] + z * (*vector)[2];
  return std::sqrt(x * x + y * y + z * z);
}

}  // namespace

void LocationResolver::error(std::string code, std::string message, const SourceSpan& span, std::string fix) {
  // A location that several stimuli and recordings share is wrong once.
  const auto is_known = [&](const Diagnostic& d) { return d.message == message && d.span == span; };
  if (std::ranges::any_of(diagnostics_.items(), is_known)) return;
  diagnostics_.add({Severity::error, std::move(code), std::move(message), span, "", std::move(fix), {}});
}

LocationResolver::Result LocationResolver::find(const model::CompLocation& location) {
  return std::visit([this](const auto& l) { return resolve(l); }, location);
}

LocationResolver::Result LocationResolver::found(const model::CompLocation& location) {
  DiagnosticList unused;
  return LocationResolver(morphology_, unused, thickest_).find(location);
}

std::optional<morphology::Place> LocationResolver::require(const model::CompLocation& location) {
  Result result = find(location);
  if (!result.missing.empty()) {
    error("model-location", result.missing, model::location_span(location),
          "only a recording may stand at a place that the cell does not reach");
  }
  return result.place;
}

std::optional<std::vector<int>> LocationResolver::find_sections(const std::string& list_name, const SourceSpan& span) {
  if (const morphology::SectionList* list = morphology_.find_list(list_name)) return list->sections;
  std::vector<int> array = morphology_.section_array(list_name);
  if (!array.empty()) return array;
  if (std::find(section_arrays.begin(), section_arrays.end(), list_name) != section_arrays.end()) return array;
  std::vector<std::string> known = section_arrays;
  for (const morphology::SectionList& list : morphology_.lists) known.push_back(list.name);
  const std::string nearest = nearest_name(list_name, known);
  error("model-section-list", fmt::format("there is no section list '{}'", list_name), span,
        nearest.empty() ? fmt::format("use one of: {}", fmt::join(known, ", "))
                        : fmt::format("did you mean '{}'?", nearest));
  return std::nullopt;
}

std::optional<int> LocationResolver::find_section(const std::string& location_name, const std::string& list_name,
                                                  int index, const SourceSpan& span) {
  const auto sections = find_sections(list_name, span);
  if (!sections) return std::nullopt;
  if (index >= 0 && index < static_cast<int>(sections->size())) return (*sections)[static_cast<std::size_t>(index)];
  error("model-location",
        fmt::format("location '{}': section list '{}' has {} section{}, index {} does not exist", location_name,
                    list_name, sections->size(), sections->size() == 1 ? "" : "s", index),
        span, "indices count from 0");
  return std::nullopt;
}

std::optional<int> LocationResolver::soma(const std::string& location_name, const SourceSpan& span) {
  const int section = morphology_.find_section("soma[0]");
  if (section >= 0) return section;
  error("model-location",
        fmt::format("location '{}': the cell has no soma[0] to measure distances from", location_name), span);
  return std::nullopt;
}

LocationResolver::Result LocationResolver::on_section(const std::string& location_name, int section, double x,
                                                      const SourceSpan& span) {
  if (x >= 0 && x <= 1) return {morphology::Place{section, x}, ""};
  error("model-location", fmt::format("location '{}': x = {} is not between 0 and 1", location_name, x), span,
        "x is the relative distance along the section: 0 its start, 1 its end");
  return {};
}

LocationResolver::Result LocationResolver::resolve(const model::NrnSeclistCompLocation& location) {
  const auto section = find_section(location.name, location.seclist_name, location.sec_index, location.span);
  return section ? on_section(location.name, *section, location.comp_x, location.span) : Result{};
}

LocationResolver::Result LocationResolver::resolve(const model::NrnSectionCompLocation& location) {
  const int section = morphology_.find_section(location.sec_name);
  if (section >= 0) return on_section(location.name, section, location.comp_x, location.span);
  std::vector<std::string> names;
  for (const morphology::Section& s : morphology_.sections) names.push_back(s.name);
  const std::string nearest = nearest_name(location.sec_name, names);
  error("model-location", fmt::format("location '{}': the cell has no section '{}'", location.name, location.sec_name),
        location.span,
        nearest.empty() ? "sections are called soma[0], dend[0], ...; `cellwright morphology FILE` lists them"
                        : fmt::format("did you mean '{}'?", nearest));
  return {};
}

double LocationResolver::diameter_at(const morphology::Place& place) const {
  const morphology::Section& section = morphology_.sections[static_cast<std::size_t>(place.section)];
  const std::vector<double> diam_um = morphology::section_geometry(section).diam_um;
  const auto segment = static_cast<std::size_t>(place.x * static_cast<double>(diam_um.size()));
  return diam_um[std::min(segment, diam_um.size() - 1)];
}

/// BluePyOpt's find_icomp: the last section in the given order that reaches over the distance.
LocationResolver::Result LocationResolver::at_distance(const std::string& location_name,
                                                       const std::vector<int>& sections, double distance_um,
                                                       const SourceSpan& span) {
  const auto origin_section = soma(location_name, span);
  if (!origin_section) return {};
  const morphology::Place origin{*origin_section, 0.5};
  Result result;
  for (const int section : sections) {
    const double start = morphology::path_distance(morphology_, origin, {section, 0.0});
    const double end = morphology::path_distance(morphology_, origin, {section, 1.0});
    const double low = std::min(start, end), high = std::max(start, end);
    if (!(low <= distance_um && distance_um <= high && high > low)) continue;
    const morphology::Place place{section, (distance_um - low) / (high - low)};
    if (!result.place || !thickest_ || diameter_at(place) > diameter_at(*result.place)) result.place = place;
  }
  if (!result.place)
    result.missing = fmt::format("location '{}': no compartment at {} um from the soma", location_name, distance_um);
  return result;
}

LocationResolver::Result LocationResolver::resolve(const model::NrnSomaDistanceCompLocation& location) {
  const auto sections = find_sections(location.seclist_name, location.span);
  return sections ? at_distance(location.name, *sections, location.soma_distance_um, location.span) : Result{};
}

LocationResolver::Result LocationResolver::on_path(const std::string& location_name, int section, double distance_um,
                                                   const SourceSpan& span) {
  std::vector<int> path;
  const auto at = [this](int index) -> const morphology::Section& {
    return morphology_.sections[static_cast<std::size_t>(index)];
  };
  for (int s = section; at(s).name != "soma[0]"; s = at(s).parent) {
    path.push_back(s);
    if (at(s).parent < 0)
      return {{}, fmt::format("location '{}': no way leads from {} to soma[0]", location_name, at(section).name)};
  }
  return at_distance(location_name, path, distance_um, span);
}

LocationResolver::Result LocationResolver::resolve(const model::NrnSecSomaDistanceCompLocation& location) {
  const auto section = find_section(location.name, location.seclist_name, location.sec_index, location.span);
  return section ? on_path(location.name, *section, location.soma_distance_um, location.span) : Result{};
}

std::optional<int> LocationResolver::farthest_section(const model::NrnTrunkSomaDistanceCompLocation& location,
                                                      const std::vector<int>& sections) {
  std::optional<int> result;
  double farthest = 0;
  for (const int section : sections) {
    const morphology::Section& candidate = morphology_.sections[static_cast<std::size_t>(section)];
    if (candidate.stylised()) {
      error(
          "model-location",
          fmt::format("location '{}': section {} has no 3-d points to look for a trunk", location.name, candidate.name),
          location.span, "choose a section list without the replaced axon");
      return std::nullopt;
    }
    const double distance = extent(candidate.points.back(), location.direction);
    if (result && !(distance > farthest)) continue;
    farthest = distance;
    result = section;
  }
  return result;
}

LocationResolver::Result LocationResolver::resolve(const model::NrnTrunkSomaDistanceCompLocation& location) {
  if (location.sec_index) {
    const auto section = find_section(location.name, location.seclist_name, *location.sec_index, location.span);
    return section ? on_path(location.name, *section, location.soma_distance_um, location.span) : Result{};
  }
  const auto sections = find_sections(location.seclist_name, location.span);
  if (!sections) return {};
  if (sections->empty()) {
    return {{}, fmt::format("location '{}': the cell has no section in '{}'", location.name, location.seclist_name)};
  }
  const auto section = farthest_section(location, *sections);
  return section ? on_path(location.name, *section, location.soma_distance_um, location.span) : Result{};
}

}  // namespace cellwright::compile
