#include <memory>

#include <fmt/format.h>

#include "cellwright/morphology/geometry.hpp"
#include "cellwright/morphology/reader.hpp"
#include "cellwright/morphology/transform.hpp"
#include "cellwright/text/json_writer.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"

namespace cellwright::cli {
namespace {

using morphology::Morphology;
using morphology::Section;
using morphology::SectionGeometry;
using text::JsonStyle;
using text::JsonWriter;

struct MorphologyOptions {
  std::string file, nseg_frequency = "40";
  bool replace_axon = false, json = false;
};

Morphology load(const MorphologyOptions& options) {
  Morphology morphology = morphology::load_morphology(options.file);
  if (options.nseg_frequency != "off")
    morphology = morphology::set_nseg(morphology, *parse_number(options.nseg_frequency));
  return options.replace_axon ? morphology::replace_axon(morphology) : morphology;
}

void write_section(JsonWriter& json, const Morphology& morphology, const Section& section) {
  const SectionGeometry geometry = morphology::section_geometry(section);
  json.begin_object();
  json.member("name", section.name);
  if (section.parent < 0) {
    json.member("parent", nullptr).member("parent_x", nullptr);
  } else {
    json.member("parent", morphology.sections[static_cast<std::size_t>(section.parent)].name)
        .member("parent_x", section.parent_x);
  }
  json.member("nseg", section.nseg).member("L", section.length_um);
  json.key("segments").begin_array();
  for (std::size_t i = 0; i < geometry.x.size(); ++i) {
    json.begin_object(JsonStyle::one_line);
    json.member("x", geometry.x[i]).member("diam", geometry.diam_um[i]).member("area", geometry.area_um2[i]);
    json.member("ri", geometry.ri_per_ra[i] * morphology::default_ra_ohm_cm).end_object();
  }
  json.end_array().end_object();
}

std::string as_json(const Morphology& morphology) {
  JsonWriter json;
  json.begin_object();
  json.key("sections").begin_array();
  for (const Section& section : morphology.sections) write_section(json, morphology, section);
  json.end_array();
  json.key("section_lists").begin_object();
  for (const morphology::SectionList& list : morphology.lists) {
    json.key(list.name).begin_array(JsonStyle::one_line);
    for (const int section : list.sections) json.value(morphology.sections[static_cast<std::size_t>(section)].name);
    json.end_array();
  }
  json.end_object().end_object();
  return json.take() + "\n";
}

std::string as_text(const Morphology& morphology) {
  std::vector<std::vector<std::string>> rows = {
      {"section", "parent", "at x", "nseg", "L (um)", "mean diam (um)", "area (um2)"}};
  double total_area = 0, total_length = 0;
  int segments = 0;
  for (const Section& section : morphology.sections) {
    const SectionGeometry geometry = morphology::section_geometry(section);
    double area = 0, diam = 0;
    for (std::size_t i = 0; i < geometry.x.size(); ++i) {
      area += geometry.area_um2[i];
      diam += geometry.diam_um[i] / static_cast<double>(geometry.x.size());
    }
    const bool is_root = section.parent < 0;
    rows.push_back({section.name, is_root ? "-" : morphology.sections[static_cast<std::size_t>(section.parent)].name,
                    is_root ? "-" : fmt::format("{:g}", section.parent_x), std::to_string(section.nseg),
                    fmt::format("{:.6g}", section.length_um), fmt::format("{:.6g}", diam),
                    fmt::format("{:.6g}", area)});
    total_area += area;
    total_length += section.length_um;
    segments += section.nseg;
  }
  return format_table(rows, {false, false, true, true, true, true, true}) +
         fmt::format("\n  {} sections, {} segments, length {:.6g} um, area {:.6g} um2\n", morphology.sections.size(),
                     segments, total_length, total_area);
}

int morphology_command(const MorphologyOptions& options, const Console& console) {
  const Morphology morphology = load(options);
  console.diagnostics(morphology.warnings);
  console.print(options.json ? as_json(morphology) : as_text(morphology));
  return exit_status::success;
}

void check_nseg_frequency(const std::string& text) {
  if (text == "off") return;
  const std::optional<double> number = parse_number(text);
  if (!number || *number <= 0)
    throw CLI::ValidationError("--nseg-frequency", fmt::format("must be a number above 0 or off, not '{}'", text));
}

}  // namespace

void add_morphology_command(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("morphology", "Show the sections and segments that a morphology file gives");
  const auto options = std::make_shared<MorphologyOptions>();
  add_file(*command, "FILE", options->file, "Morphology: .swc or .asc");
  command->add_flag("--replace-axon", options->replace_axon, "Replace the axon by a stub of two sections of 30 um");
  command
      ->add_option("--nseg-frequency", options->nseg_frequency, "nseg = 1 + 2*trunc(L/UM), UM in um; off: nseg stays 1")
      ->type_name("UM|off")
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print one JSON document: um, um2, MOhm (at Ra 35.4 ohm cm)");
  add_verbosity(*command, program.verbosity);
  command->callback([options, &program] {
    check_nseg_frequency(options->nseg_frequency);
    program.command = [options, &program] { return morphology_command(*options, program.console); };
  });
}

}  // namespace cellwright::cli
