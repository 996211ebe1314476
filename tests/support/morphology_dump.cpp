/// Prints what `cellwright morphology FILE [--replace-axon] --json` prints, straight from the morphology layer:
/// lets morphology_parity.py test that layer without the rest of the program. Exit status 3: the file is refused.

#include <cstdio>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "cellwright/morphology/geometry.hpp"
#include "cellwright/morphology/reader.hpp"
#include "cellwright/morphology/transform.hpp"

namespace {

using namespace cellwright;
using namespace cellwright::morphology;

std::string section_text(const Morphology& cell, const Section& section) {
  const SectionGeometry geometry = section_geometry(section);
  std::string segments;
  for (std::size_t k = 0; k < geometry.x.size(); ++k) {
    segments +=
        fmt::format("{}{{\"x\": {}, \"diam\": {}, \"area\": {}, \"ri\": {}}}", k == 0 ? "" : ", ", geometry.x[k],
                    geometry.diam_um[k], geometry.area_um2[k], geometry.ri_per_ra[k] * default_ra_ohm_cm);
  }
  std::string parent = "null";
  std::string parent_x = "null";
  if (section.parent >= 0) {
    parent = fmt::format("\"{}\"", cell.sections[static_cast<std::size_t>(section.parent)].name);
    parent_x = fmt::format("{}", section.parent_x);
  }
  return fmt::format(R"({{"name": "{}", "parent": {}, "parent_x": {}, "nseg": {}, "L": {}, "segments": [{}]}})",
                     section.name, parent, parent_x, section.nseg, section.length_um, segments);
}

std::string document(const Morphology& cell) {
  std::string sections;
  for (const Section& section : cell.sections) {
    sections += (sections.empty() ? "" : ",\n  ") + section_text(cell, section);
  }
  std::string lists;
  for (const SectionList& list : cell.lists) {
    std::string names;
    for (const int i : list.sections) {
      names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", cell.sections[static_cast<std::size_t>(i)].name);
    }
    lists += fmt::format("{}\"{}\": [{}]", lists.empty() ? "" : ", ", list.name, names);
  }
  return fmt::format("{{\"sections\": [{}], \"section_lists\": {{{}}}}}\n", sections, lists);
}

}  // namespace

int main(int argc, char** argv) {
  bool replace = false;
  std::string file;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--replace-axon") {
      replace = true;
    } else if (argument != "--json") {
      file = argument;
    }
  }
  try {
    Morphology cell = set_nseg(load_morphology(file));
    if (replace) cell = replace_axon(cell);
    for (const Diagnostic& warning : cell.warnings) fmt::print(stderr, "{}\n", warning.format());
    fmt::print("{}", document(cell));
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 3;
  }
  return 0;
}
