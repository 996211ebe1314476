/// The sections `morphology` and `mechanisms`.

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/morphology/modifiers.hpp"
#include "loader_context.hpp"

namespace cellwright::run {
namespace {

using text::JsonMember;
using text::JsonValue;
namespace fs = std::filesystem;

void load_directories(const ObjectReader& reader, const fs::path& folder, model::CellModel& cell,
                      LoaderContext& context) {
  const JsonValue* directories = reader.get("directories");
  if (directories == nullptr) return;
  for (const JsonValue& item : directories->as_array()) {
    const fs::path path = context.resolve(folder, item.as_string());
    std::error_code code;
    if (!fs::is_directory(path, code)) {
      context.problems.add(item.diagnostic("config-missing-directory",
                                           fmt::format("'{}' is not a folder", path.string()),
                                           "paths are relative to the file in which they are written"));
    }
    cell.mechanism_directories.push_back(path);
  }
}

void load_insertions(const JsonMember& member, model::CellModel& cell, LoaderContext& context) {
  if (std::ranges::count(section_list_names(), member.key) == 0) {
    context.problems.add(member.diagnostic("config-section-list", fmt::format("unknown section list '{}'", member.key),
                                           suggest(member.key, section_list_names(), "one of")));
  }
  if (!member.value.is_array()) {
    context.problems.add(member.value.diagnostic("config-type", "must be a list of suffixes"));
    return;
  }
  for (const JsonValue& item : member.value.as_array()) {
    model::NrnMODMechanism mechanism{
        .location = {.name = member.key, .seclist_name = member.key, .span = member.key_span}, .span = item.span()};
    if (item.is_string()) {
      mechanism.suffix = item.as_string();
    } else {
      const ObjectReader reader(item, schema_of("insertion"), context.problems);
      mechanism.suffix = reader.text("suffix").value_or("");
      mechanism.deterministic = reader.boolean("deterministic").value_or(true);
    }
    if (!mechanism.suffix.empty()) cell.mechanisms.push_back(std::move(mechanism));
  }
}

/// A length above 0; none for null.
std::optional<double> read_length(const ObjectReader& reader, std::string_view key, const std::string& fix,
                                  LoaderContext& context) {
  const auto length = reader.number(key);
  if (length && *length <= 0) {
    context.problems.add(
        reader.get(key)->diagnostic("config-range", fmt::format("{} must be above 0 um, not {}", key, *length), fix));
  }
  return length;
}

}  // namespace

const std::vector<std::string>& section_list_names() {
  static const std::vector<std::string> names = {"all",  "somatic", "basal", "apical", "axonal", "myelinated",
                                                 "soma", "dend",    "apic",  "axon",   "myelin"};
  return names;
}

bool check_section_list(const JsonValue& value, LoaderContext& context) {
  if (std::ranges::count(section_list_names(), value.as_string()) > 0) return true;
  context.problems.add(value.diagnostic("config-section-list",
                                        fmt::format("unknown section list '{}'", value.as_string()),
                                        suggest(value.as_string(), section_list_names(), "one of")));
  return false;
}

namespace {

void load_modifiers(const ObjectReader& reader, model::NrnFileMorphology& morphology, LoaderContext& context) {
  if (const JsonValue* kwargs = reader.get("morph_modifiers_kwargs")) {
    for (const JsonMember& member : kwargs->as_object()) {
      if (is_comment_key(member.key)) continue;
      if (member.value.is_number()) {
        morphology.morph_modifiers_kwargs[member.key] = member.value.as_number();
      } else {
        context.problems.add(member.diagnostic("config-type", "an argument of morph_modifiers must be a number"));
      }
    }
  }
  if (const JsonValue* modifiers = reader.get("morph_modifiers")) {
    for (const JsonValue& name : modifiers->as_array()) {
      morphology.morph_modifiers.push_back(name.as_string());
      try {
        morphology::check_modifier(name.as_string(), morphology.morph_modifiers_kwargs);
      } catch (const MorphologyError& error) {
        const Diagnostic& problem = error.diagnostics().front();
        context.problems.add(name.diagnostic("config-choice", problem.message, problem.fix));
      }
    }
  }
  if (const JsonValue* texts = reader.get("morph_modifiers_hoc")) {
    for (const JsonValue& text : texts->as_array()) morphology.morph_modifiers_hoc.push_back(text.as_string());
  }
}

}  // namespace

model::NrnFileMorphology load_morphology_section(const Section& section, LoaderContext& context) {
  model::NrnFileMorphology morphology;
  if (!section) return morphology;
  const ObjectReader reader(*section.value, schema_of("morphology"), context.problems);
  if (const auto file = reader.text("file")) {
    morphology.morphology_path = context.resolve(section.folder, *file);
    morphology.span = reader.get("file")->span();
    context.hash_file(morphology.morphology_path, *reader.get("file"));
  }
  if (reader.get("replace_axon") != nullptr && reader.get("do_replace_axon") != nullptr) {
    context.problems.add(
        reader.get("do_replace_axon")
            ->diagnostic("config-twice", "'replace_axon' and 'do_replace_axon' mean the same", "leave one out"));
  }
  morphology.do_replace_axon =
      reader.boolean("replace_axon").value_or(reader.boolean("do_replace_axon").value_or(false));
  if (reader.get("nseg_frequency") != nullptr)
    morphology.nseg_frequency_um = read_length(reader, "nseg_frequency", "null leaves nseg at 1", context);
  if (!reader.boolean("do_set_nseg").value_or(true)) morphology.nseg_frequency_um.reset();
  load_modifiers(reader, morphology, context);
  morphology.replace_axon_hoc = reader.text("replace_axon_hoc").value_or("");
  if (const auto length = read_length(reader, "axon_stub_length", "", context))
    morphology.axon_stub_length_um = *length;
  if (const auto length = read_length(reader, "axon_nseg_frequency", "", context))
    morphology.axon_nseg_frequency_um = *length;
  return morphology;
}

void load_mechanisms_section(const Section& section, model::CellModel& cell, LoaderContext& context) {
  if (!section) return;
  const ObjectReader reader(*section.value, schema_of("mechanisms"), context.problems);
  load_directories(reader, section.folder, cell, context);
  const Section insert = context.section(reader, section.folder, "insert");
  if (!insert) return;
  if (!insert.value->is_object()) {
    context.problems.add(insert.value->diagnostic("config-type", "must be an object: section list -> suffixes"));
    return;
  }
  for (const JsonMember& member : insert.value->as_object()) {
    if (!is_comment_key(member.key)) load_insertions(member, cell, context);
  }
}

}  // namespace cellwright::run
