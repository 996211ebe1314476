/// The sections `morphology`, `mechanisms` and `parameters`.

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "loader_context.hpp"

namespace cellwright::run {
namespace {

using text::JsonMember;
using text::JsonValue;
namespace fs = std::filesystem;

model::NrnSeclistLocation section_list(const JsonValue& value) {
  return {.name = value.as_string(), .seclist_name = value.as_string(), .span = value.span()};
}

void load_directories(const ObjectReader& reader, const fs::path& folder, model::CellModel& cell,
                      LoaderContext& context) {
  const JsonValue* directories = reader.get("directories");
  if (directories == nullptr) return;
  for (const JsonValue& item : directories->as_array()) {
    const fs::path path = resolve_path(folder, item.as_string());
    std::error_code code;
    if (!fs::is_directory(path, code)) {
      context.problems.add(item.diagnostic("config-missing-directory",
                                           fmt::format("'{}' is not a folder", path.string()),
                                           "paths are relative to the file in which they are written"));
    }
    cell.mechanism_directories.push_back(path);
  }
}

/// The suffix of an insertion: a text, or an object that names it.
std::optional<std::string> suffix_of(const JsonValue& item, LoaderContext& context) {
  if (item.is_string()) return item.as_string();
  const ObjectReader reader(item, schema_of("insertion"), context.problems);
  if (!reader.boolean("deterministic").value_or(true)) {
    context.problems.add(reader.get("deterministic")
                             ->diagnostic("config-unsupported", "false is not supported yet in this version",
                                          "stochastic mechanisms come later; leave it out"));
  }
  return reader.text("suffix");
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
    const std::optional<std::string> suffix = suffix_of(item, context);
    if (!suffix) continue;
    cell.mechanisms.push_back({.suffix = *suffix,
                               .location = {.name = member.key, .seclist_name = member.key, .span = member.key_span},
                               .span = item.span()});
  }
}

std::vector<model::ParameterLocation> parameter_locations(const ObjectReader& reader, LoaderContext& context) {
  std::vector<model::ParameterLocation> locations;
  const JsonValue* lists = reader.get("sectionlist");
  if (lists == nullptr) return locations;
  const auto add = [&](const JsonValue& value) {
    if (check_section_list(value, context)) locations.emplace_back(section_list(value));
  };
  if (lists->is_string()) {
    add(*lists);
  } else {
    for (const JsonValue& item : lists->as_array()) add(item);
  }
  return locations;
}

/// What the section list must be for the type of parameter.
void check_sectionlist_key(const ObjectReader& reader, const model::CellParameter& parameter, LoaderContext& context) {
  const JsonValue* lists = reader.get("sectionlist");
  const bool of_point_process = parameter.kind == model::ParameterKind::point_process;
  if (const JsonValue* process = reader.get("point_process"); process != nullptr && !of_point_process) {
    context.problems.add(process->diagnostic("config-point-process", "only parameters of type point_process have it",
                                             "set \"type\": \"point_process\""));
  }
  if (of_point_process && reader.value().find("point_process") == nullptr) {
    context.problems.add(reader.value().diagnostic("config-missing-key", "key 'point_process' is missing",
                                                   "add the name of the point process"));
  }
  if (of_point_process || parameter.kind == model::ParameterKind::global) {
    if (lists == nullptr) return;
    context.problems.add(lists->diagnostic(
        "config-sectionlist",
        fmt::format("a {} parameter has no section list", of_point_process ? "point_process" : "global"),
        "leave 'sectionlist' out, or use type 'section' or 'range'"));
  } else if (reader.value().find("sectionlist") == nullptr) {
    context.problems.add(reader.value().diagnostic("config-missing-key", "key 'sectionlist' is missing",
                                                   "add the section list, such as 'somatic'"));
  } else if (lists != nullptr && lists->is_array() && !reader.text("name")) {
    context.problems.add(lists->diagnostic("config-sectionlist", "a parameter of several section lists needs a 'name'",
                                           "add 'name', the full name"));
  }
}

void read_value_or_bounds(const ObjectReader& reader, model::CellParameter& parameter, LoaderContext& context) {
  const bool has_value = reader.value().find("value") != nullptr, has_bounds = reader.value().find("bounds") != nullptr;
  if (!has_value && !has_bounds) {
    context.problems.add(reader.value().diagnostic("config-value-or-bounds", "neither 'value' nor 'bounds' is given",
                                                   "give 'value' (frozen) or 'bounds' (free)"));
    return;
  }
  parameter.value = reader.number("value");
  const JsonValue* bounds = reader.get("bounds");
  if (bounds == nullptr || has_value) return;
  const double lower = bounds->as_array()[0].as_number(), upper = bounds->as_array()[1].as_number();
  parameter.bounds = {lower, upper};
  if (lower > upper) {
    context.problems.add(
        bounds->diagnostic("config-bounds", fmt::format("lower {} > upper {}", lower, upper), "swap them"));
  } else if (lower == upper) {
    context.problems.add(bounds->diagnostic("config-bounds", fmt::format("both bounds are {}", lower),
                                            "a frozen parameter has a 'value'"));
  }
}

/// A place along a section.
double read_fraction(const ObjectReader& reader, std::string_view key, double default_value, LoaderContext& context) {
  const JsonValue* value = reader.get(key);
  if (value == nullptr) return default_value;
  if (!(value->as_number() >= 0 && value->as_number() <= 1)) {
    context.problems.add(
        value->diagnostic("config-range", fmt::format("{} must be from 0 to 1, not {}", key, value->as_number())));
  }
  return value->as_number();
}

/// Keys of one kind of scaler that do not go with another.
void refuse_keys(const ObjectReader& reader, std::initializer_list<std::string_view> keys, const std::string& why,
                 LoaderContext& context) {
  for (const std::string_view key : keys) {
    if (const JsonValue* found = reader.get(key))
      context.problems.add(found->diagnostic("config-scaler", fmt::format("'{}' {}", key, why)));
  }
}

/// The scaler with an expression: from the soma, with steps, or from another section.
model::ParameterScaler distance_scaler(const ObjectReader& reader, const JsonValue& dist,
                                       const std::vector<std::string>& dependencies, LoaderContext& context) {
  using Soma = model::NrnSegmentSomaDistanceScaler;
  using Step = model::NrnSegmentSomaDistanceStepScaler;
  const auto expression = [&](std::vector<std::string> names) {
    return text::PythonExpression(dist.as_string(), std::move(names), dist.span());
  };
  const auto begin = reader.number("step_begin"), end = reader.number("step_end");
  if (begin.has_value() != end.has_value()) {
    context.problems.add(
        dist.diagnostic("config-scaler", "step_begin and step_end belong together", "give both or none"));
  }
  if (const auto section = reader.text("ref_section")) {
    refuse_keys(reader, {"step_begin", "step_end", "soma_ref_location"}, "does not go with ref_section", context);
    return model::NrnSegmentSectionDistanceScaler{expression(Soma::placeholders(dependencies)), *section,
                                                  read_fraction(reader, "ref_location", 0.0, context)};
  }
  refuse_keys(reader, {"ref_location"}, "needs ref_section", context);
  const double origin = read_fraction(reader, "soma_ref_location", 0.5, context);
  if (begin && end) return Step{expression(Step::placeholders(dependencies)), origin, *begin, *end};
  return Soma{expression(Soma::placeholders(dependencies)), origin};
}

/// The scaler: linear, or `dist` with what belongs to it.
void read_scaler(const ObjectReader& reader, model::CellParameter& parameter, LoaderContext& context) {
  const JsonValue* dist = reader.get("dist");
  if (const JsonValue* names = reader.get("param_dependencies")) {
    for (const JsonValue& name : names->as_array()) parameter.param_dependencies.push_back(name.as_string());
  }
  if (dist == nullptr) {
    read_fraction(reader, "soma_ref_location", 0.5, context);
    refuse_keys(reader, {"ref_section", "ref_location", "step_begin", "step_end"}, "needs 'dist'", context);
    const auto multiplier = reader.number("multiplier"), offset = reader.number("offset");
    if (multiplier || offset)
      parameter.value_scaler = model::NrnSegmentLinearScaler{multiplier.value_or(1.0), offset.value_or(0.0)};
    return;
  }
  refuse_keys(reader, {"multiplier", "offset"}, "does not go with 'dist'", context);
  if (parameter.kind != model::ParameterKind::range) {
    context.problems.add(dist->diagnostic("config-scaler", "only a range parameter can depend on the distance",
                                          "set \"type\": \"range\""));
    return;
  }
  try {
    parameter.value_scaler = distance_scaler(reader, *dist, parameter.param_dependencies, context);
  } catch (const ConfigError& error) {
    context.problems.add(
        dist->diagnostic(error.code(), error.diagnostics().front().message, error.diagnostics().front().fix));
  }
}

std::string full_name(const ObjectReader& reader, const model::CellParameter& parameter) {
  if (const auto name = reader.text("name")) return *name;
  if (parameter.locations.empty()) return parameter.param_name;
  return fmt::format("{}.{}", parameter.param_name, model::location_name(parameter.locations.front()));
}

model::ParameterKind kind_of(const std::string& type) {
  if (type == "global") return model::ParameterKind::global;
  if (type == "point_process") return model::ParameterKind::point_process;
  return type == "section" ? model::ParameterKind::section : model::ParameterKind::range;
}

std::optional<model::CellParameter> load_parameter(const JsonValue& value, LoaderContext& context) {
  const ObjectReader reader(value, schema_of("parameter"), context.problems);
  const auto type = reader.text("type");
  const auto param_name = reader.text("param_name");
  if (!reader.usable()) return std::nullopt;
  model::CellParameter parameter;
  read_value_or_bounds(reader, parameter, context);
  if (!type || !param_name) return std::nullopt;
  parameter.param_name = *param_name;
  parameter.kind = kind_of(*type);
  parameter.locations = parameter_locations(reader, context);
  if (const JsonValue* process = reader.get("point_process"))
    parameter.locations = {model::NrnPointProcessLocation{process->as_string(), process->as_string(), process->span()}};
  parameter.span = value.span();
  check_sectionlist_key(reader, parameter, context);
  read_scaler(reader, parameter, context);
  parameter.name = full_name(reader, parameter);
  return parameter;
}

/// A full name twice is an error with both lines.
void check_duplicate(const model::CellParameter& parameter, const JsonValue& value,
                     std::map<std::string, SourceSpan>& seen, LoaderContext& context) {
  const auto [first, is_new] = seen.emplace(parameter.name, parameter.span);
  if (is_new) return;
  Diagnostic problem =
      value.diagnostic("config-duplicate-parameter", fmt::format("parameter '{}' is defined twice", parameter.name),
                       "remove one, or give it a 'name' of its own");
  problem.notes.push_back({"first defined here", first->second});
  context.problems.add(std::move(problem));
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

model::NrnFileMorphology load_morphology_section(const Section& section, LoaderContext& context) {
  model::NrnFileMorphology morphology;
  if (!section) return morphology;
  const ObjectReader reader(*section.value, schema_of("morphology"), context.problems);
  if (const auto file = reader.text("file")) {
    morphology.morphology_path = resolve_path(section.folder, *file);
    morphology.span = reader.get("file")->span();
    context.hash_file(morphology.morphology_path, *reader.get("file"));
  }
  morphology.do_replace_axon = reader.boolean("replace_axon").value_or(false);
  if (const JsonValue* frequency = reader.get("nseg_frequency")) {
    morphology.nseg_frequency_um = reader.number("nseg_frequency");
    if (morphology.nseg_frequency_um && *morphology.nseg_frequency_um <= 0) {
      context.problems.add(frequency->diagnostic(
          "config-range", fmt::format("nseg_frequency must be above 0 um, not {}", *morphology.nseg_frequency_um),
          "null leaves nseg at 1"));
    }
  }
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

std::vector<model::CellParameter> load_parameters_section(const Section& section, LoaderContext& context) {
  std::vector<model::CellParameter> parameters;
  if (!section) return parameters;
  if (!section.value->is_array()) {
    context.problems.add(section.value->diagnostic("config-type", "must be a list of parameters"));
    return parameters;
  }
  std::map<std::string, SourceSpan> seen;
  for (const JsonValue& value : section.value->as_array()) {
    std::optional<model::CellParameter> parameter = load_parameter(value, context);
    if (!parameter) continue;
    check_duplicate(*parameter, value, seen, context);
    parameters.push_back(std::move(*parameter));
  }
  return parameters;
}

}  // namespace cellwright::run
