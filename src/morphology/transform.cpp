#include "cellwright/morphology/transform.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cellwright/morphology/geometry.hpp"
#include "cellwright/morphology/path_distance.hpp"

namespace cellwright::morphology {
namespace {

void require_positive(double value, const char* what) {
  if (std::isfinite(value) && value > 0.0) return;
  throw MorphologyError(
      Diagnostic{.code = "morphology-nseg",
                 .message = fmt::format("{} {} um is not a finite number greater than 0", what, value),
                 .fix = "BluePyOpt's defaults are 40 um for frequencies and 60 um for the axon stub"});
}

int segment_count(const Section& section, double frequency_um, const std::string& file) {
  const double count = 1.0 + 2.0 * std::trunc(section.length_um / frequency_um);
  if (count <= max_nseg) return static_cast<int>(count);
  throw MorphologyError(
      Diagnostic{.code = "morphology-nseg",
                 .message = fmt::format("{} is {:.6g} um long and would need {:.6g} segments; the limit is {}",
                                        section.name, section.length_um, count, max_nseg),
                 .span = {.file = file},
                 .fix = "check the file's coordinates (um), or use a larger nseg frequency"});
}

double middle_diam_um(const Section& section) {
  return section_geometry(section).diam_um[static_cast<std::size_t>(section.nseg / 2)];
}

struct StubDiameters {
  double first_um = 1.0;
  double second_um = 1.0;
};

StubDiameters stub_diameters(const Morphology& morphology, int soma, double stub_length_um) {
  const SectionList* axonal = morphology.find_list("axonal");
  if (axonal == nullptr || axonal->sections.empty()) return {};
  const int axon = morphology.find_section("axon[0]");
  if (axon < 0) {
    throw MorphologyError(Diagnostic{.code = "morphology-no-axon-array",
                                     .message = "the list 'axonal' has sections but there is no axon[0]",
                                     .span = {.file = morphology.file},
                                     .fix = "load the axon from the file, or do not replace it a second time"});
  }
  const double first = middle_diam_um(morphology.sections[static_cast<std::size_t>(axon)]);
  StubDiameters diameters{first, first};
  if (axonal->sections.size() < 2) return diameters;
  for (const int index : axonal->sections) {
    if (path_distance(morphology, {soma, 0.5}, {index, 0.5}) > stub_length_um) {
      diameters.second_um = middle_diam_um(morphology.sections[static_cast<std::size_t>(index)]);
      break;
    }
  }
  return diameters;
}

/// The cell without the sections of `axonal`; what hung on them becomes a root.
Morphology without_axon(const Morphology& morphology) {
  std::vector<int> new_index(morphology.sections.size(), 0);
  if (const SectionList* axonal = morphology.find_list("axonal")) {
    for (const int index : axonal->sections) new_index[static_cast<std::size_t>(index)] = -1;
  }
  Morphology rest{.sections = {}, .lists = {}, .warnings = morphology.warnings, .file = morphology.file};
  for (std::size_t i = 0; i < morphology.sections.size(); ++i) {
    if (new_index[i] < 0) continue;
    new_index[i] = static_cast<int>(rest.sections.size());
    rest.sections.push_back(morphology.sections[i]);
  }
  for (Section& section : rest.sections) {
    if (section.parent >= 0) section.parent = new_index[static_cast<std::size_t>(section.parent)];
    if (section.parent < 0) section.parent_x = 0.0;
  }
  for (const SectionList& list : morphology.lists) {
    SectionList& kept = rest.lists.emplace_back(SectionList{.name = list.name, .sections = {}});
    for (const int index : list.sections) {
      if (new_index[static_cast<std::size_t>(index)] >= 0)
        kept.sections.push_back(new_index[static_cast<std::size_t>(index)]);
    }
  }
  return rest;
}

void append_to_list(Morphology& morphology, std::string_view name, int section) {
  const auto list = std::find_if(morphology.lists.begin(), morphology.lists.end(),
                                 [&](const SectionList& candidate) { return candidate.name == name; });
  if (list == morphology.lists.end()) {
    morphology.lists.push_back({.name = std::string(name), .sections = {section}});
  } else {
    list->sections.push_back(section);
  }
}

}  // namespace

Morphology set_nseg(const Morphology& morphology, double nseg_frequency_um) {
  require_positive(nseg_frequency_um, "nseg frequency");
  Morphology changed = morphology;
  for (Section& section : changed.sections) {
    section.nseg = segment_count(section, nseg_frequency_um, morphology.file);
  }
  return changed;
}

Morphology replace_axon(const Morphology& morphology, double stub_length_um, double nseg_frequency_um) {
  require_positive(stub_length_um, "axon stub length");
  require_positive(nseg_frequency_um, "axon nseg frequency");
  const int soma = morphology.find_section("soma[0]");
  if (soma < 0) {
    throw MorphologyError(Diagnostic{.code = "morphology-no-soma",
                                     .message = "the axon cannot be replaced: the cell has no soma[0] to put it on",
                                     .span = {.file = morphology.file},
                                     .fix = "give the file a soma, or load the cell without replacing the axon"});
  }
  const StubDiameters diameters = stub_diameters(morphology, soma, stub_length_um);
  Morphology changed = without_axon(morphology);
  int parent = changed.find_section("soma[0]");
  for (int i = 0; i < 2; ++i) {
    Section stub{.name = fmt::format("axon[{}]", i), .type = SectionType::axon, .parent = parent, .parent_x = 1.0};
    stub.length_um = stub_length_um / 2.0;
    stub.stylised_diam_um = i == 0 ? diameters.first_um : diameters.second_um;
    stub.nseg = segment_count(stub, nseg_frequency_um, morphology.file);
    parent = static_cast<int>(changed.sections.size());
    changed.sections.push_back(std::move(stub));
    append_to_list(changed, "all", parent);
    append_to_list(changed, "axonal", parent);
  }
  return changed;
}

}  // namespace cellwright::morphology
