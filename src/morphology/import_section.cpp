#include "morphology/import_section.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include <fmt/format.h>

namespace cellwright::morphology {
namespace {

/// NEURON reports at least this length; the segments are made from the points nevertheless.
constexpr double shortest_section_um = 1e-9;

bool same_place(const RawPoint& a, const RawPoint& b) {
  return hoc_equal(a.x, b.x) && hoc_equal(a.y, b.y) && hoc_equal(a.z, b.z);
}

bool has_no_length(const ImportSection& section) {
  const std::size_t first = section.wire ? 1 : 0;
  const std::size_t count = section.points.size() - first;
  return count <= 1 || (count == 2 && same_place(section.points[first], section.points[first + 1]));
}

/// Marks the non-root sections of one point, or of two points at one place: their children move to their parent.
/// Parents stand before their children, so one pass resolves whole chains.
std::vector<bool> drop_empty(std::vector<ImportSection>& sections, std::vector<Diagnostic>& warnings,
                             const std::string& file_name) {
  std::vector<bool> dropped(sections.size(), false);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    ImportSection& section = sections[i];
    if (section.parent < 0) continue;
    const ImportSection& parent = sections[static_cast<std::size_t>(section.parent)];
    if (dropped[static_cast<std::size_t>(section.parent)]) {
      section.parent_x = parent.parent_x;
      section.parent = parent.parent;
    }
    if (!has_no_length(section)) continue;
    dropped[i] = true;
    warnings.push_back({.severity = Severity::warning,
                        .code = "morphology-empty-section",
                        .message = "a section without length was removed; its children moved to its parent",
                        .span = {.file = file_name, .line = section.line}});
  }
  return dropped;
}

/// hoc templates receive each number as text with 8 significant digits; only then it is rounded to single precision.
float through_hoc_text(double value) {
  char buffer[64];
  const auto end = fmt::format_to_n(buffer, sizeof buffer, "{:.8g}", value).out;
  double parsed = 0.0;
  std::from_chars(buffer, end, parsed);
  return static_cast<float>(parsed);
}

std::vector<Point3> stored_points(const ImportSection& section) {
  std::vector<RawPoint> raw(section.points.begin() + (section.wire ? 1 : 0), section.points.end());
  if (raw.size() == 1) {
    // A single point is a sphere: a cylinder along x, as long as wide, has the sphere's area.
    const RawPoint centre = raw.front();
    raw = {centre, centre, centre};
    raw.front().x -= centre.diam / 2.0;
    raw.back().x += centre.diam / 2.0;
  }
  std::vector<Point3> points;
  points.reserve(raw.size());
  for (const RawPoint& p : raw) {
    points.push_back({through_hoc_text(p.x), through_hoc_text(p.y), through_hoc_text(p.z), through_hoc_text(p.diam)});
  }
  return points;
}

std::vector<double> arc_lengths(const std::vector<Point3>& points) {
  std::vector<double> arc(points.size(), 0.0);
  for (std::size_t i = 1; i < points.size(); ++i) {
    // The differences are formed in single precision, the sum of squares in double.
    const double dx = points[i].x - points[i - 1].x;
    const double dy = points[i].y - points[i - 1].y;
    const double dz = points[i].z - points[i - 1].z;
    arc[i] = arc[i - 1] + std::sqrt(dx * dx + dy * dy + dz * dz);
  }
  return arc;
}

Section make_section(const ImportSection& source, const std::string& name) {
  Section section{.name = name, .type = source.type, .parent = source.parent, .parent_x = source.parent_x};
  section.points = stored_points(source);
  section.arc_um = arc_lengths(section.points);
  section.length_um = std::max(section.arc_um.back(), shortest_section_um);
  return section;
}

void warn_if_no_length(Morphology& morphology, int line, const std::string& file_name) {
  const Section& section = morphology.sections.back();
  if (section.arc_um.back() > 0.0) return;
  morphology.warnings.push_back(
      {.severity = Severity::warning,
       .code = "morphology-no-length",
       .message = fmt::format("{} has no length: all its points are at one place", section.name),
       .span = {.file = file_name, .line = line},
       .fix = "its diameter and resistance mean nothing; give it points at different places"});
}

/// NEURON fills a list with every section made so far whose name contains the array's name, so that `basal` also takes
/// dend_0, which is made before dend.
void fill_list(Morphology& morphology, int type) {
  const std::string name = list_name(type);
  auto list = std::find_if(morphology.lists.begin(), morphology.lists.end(),
                           [&](const SectionList& candidate) { return candidate.name == name; });
  if (list == morphology.lists.end()) list = morphology.lists.insert(list, SectionList{.name = name, .sections = {}});
  const std::string array = type_name(type);
  for (std::size_t i = 0; i < morphology.sections.size(); ++i) {
    if (morphology.sections[i].name.find(array) != std::string::npos) list->sections.push_back(static_cast<int>(i));
  }
}

/// NEURON visits every type number between the smallest and the largest, also those without a section. This matters for
/// the list `basal`, see fill_list.
void add_basal_list(std::map<int, std::vector<std::size_t>>& by_type, const std::vector<ImportSection>& sections) {
  const auto lower = [](const ImportSection& a, const ImportSection& b) { return a.type < b.type; };
  const auto [first, last] = std::minmax_element(sections.begin(), sections.end(), lower);
  if (first->type <= SectionType::dend && last->type >= SectionType::dend) by_type[SectionType::dend];
}

}  // namespace

Morphology build_morphology(std::vector<ImportSection> sections, std::vector<Diagnostic> warnings,
                            const std::string& file_name) {
  const std::vector<bool> dropped = drop_empty(sections, warnings, file_name);
  std::map<int, std::vector<std::size_t>> by_type;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    if (!dropped[i]) by_type[sections[i].type].push_back(i);
  }
  if (by_type.empty()) {
    throw MorphologyError(Diagnostic{.code = "morphology-empty",
                                     .message = "the file holds no section",
                                     .span = {.file = file_name},
                                     .fix = "check that this is the right file"});
  }
  Morphology morphology{.sections = {}, .lists = {}, .warnings = std::move(warnings), .file = file_name};
  for (const char* name : {"all", "somatic", "axonal", "basal", "apical", "myelinated"}) {
    morphology.lists.push_back({.name = name, .sections = {}});
  }
  add_basal_list(by_type, sections);
  std::vector<int> new_index(sections.size(), -1);
  for (const auto& [type, members] : by_type) {
    for (std::size_t k = 0; k < members.size(); ++k) {
      new_index[members[k]] = static_cast<int>(morphology.sections.size());
      morphology.sections.push_back(make_section(sections[members[k]], fmt::format("{}[{}]", type_name(type), k)));
      warn_if_no_length(morphology, sections[members[k]].line, file_name);
    }
    fill_list(morphology, type);
  }
  for (std::size_t i = 0; i < morphology.sections.size(); ++i) {
    Section& section = morphology.sections[i];
    if (section.parent >= 0) section.parent = new_index[static_cast<std::size_t>(section.parent)];
    morphology.lists.front().sections.push_back(static_cast<int>(i));
  }
  return morphology;
}

}  // namespace cellwright::morphology
