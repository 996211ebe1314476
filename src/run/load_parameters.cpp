/// The section `parameters`.

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "loader_context.hpp"

namespace cellwright::run {
namespace {

using text::JsonValue;

model::NrnSeclistLocation section_list(const JsonValue& value) {
  return {.name = value.as_string(), .seclist_name = value.as_string(), .span = value.span()};
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

/// @param is_sub  its value comes from a meta_list_equal parameter.
void read_value_or_bounds(const ObjectReader& reader, bool is_sub, model::CellParameter& parameter,
                          LoaderContext& context) {
  const bool has_value = reader.value().find("value") != nullptr, has_bounds = reader.value().find("bounds") != nullptr;
  if (is_sub && has_value) {
    context.problems.add(reader.value().diagnostic("config-sub-parameter",
                                                   "a sub-parameter of a meta_list_equal parameter cannot be frozen",
                                                   "leave 'value' out: it gets the value of the other parameter"));
  }
  if (!has_value && !has_bounds) {
    if (is_sub) return;
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

/// BluePyOpt writes numbers into the text, so that "{value}**2" of -5 is -25. In brackets they are numbers.
std::string with_brackets(std::string text, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::string placeholder = "{" + name + "}", bracketed = "(" + placeholder + ")";
    for (std::size_t at = text.find(placeholder); at != std::string::npos;
         at = text.find(placeholder, at + bracketed.size()))
      text.replace(at, placeholder.size(), bracketed);
  }
  return text;
}

/// The scaler with an expression: from the soma, with steps, or from another section.
model::ParameterScaler distance_scaler(const ObjectReader& reader, const JsonValue& dist,
                                       const std::vector<std::string>& further_names, LoaderContext& context) {
  using Soma = model::NrnSegmentSomaDistanceScaler;
  using Step = model::NrnSegmentSomaDistanceStepScaler;
  const auto expression = [&](std::vector<std::string> names) {
    const std::string text = context.corrected ? with_brackets(dist.as_string(), names) : dist.as_string();
    return text::PythonExpression(text, std::move(names), dist.span());
  };
  const auto begin = reader.number("step_begin"), end = reader.number("step_end");
  if (begin.has_value() != end.has_value()) {
    context.problems.add(
        dist.diagnostic("config-scaler", "step_begin and step_end belong together", "give both or none"));
  }
  if (const auto section = reader.text("ref_section")) {
    refuse_keys(reader, {"step_begin", "step_end", "soma_ref_location"}, "does not go with ref_section", context);
    return model::NrnSegmentSectionDistanceScaler{expression(Soma::placeholders(further_names)), *section,
                                                  read_fraction(reader, "ref_location", 0.0, context)};
  }
  refuse_keys(reader, {"ref_location"}, "needs ref_section", context);
  const double origin = read_fraction(reader, "soma_ref_location", 0.5, context);
  if (begin && end) return Step{expression(Step::placeholders(further_names)), origin, *begin, *end};
  return Soma{expression(Soma::placeholders(further_names)), origin};
}

std::vector<std::string> texts(const ObjectReader& reader, std::string_view key) {
  std::vector<std::string> result;
  const JsonValue* list = reader.get(key);
  if (list == nullptr) return result;
  for (const JsonValue& item : list->as_array()) result.push_back(item.as_string());
  return result;
}

/// BluePyOpt refuses a name of dist_param_names that the distribution does not hold.
void check_dist_params(const ObjectReader& reader, const JsonValue& dist, const model::CellParameter& parameter,
                       LoaderContext& context) {
  for (std::size_t k = 0; k < parameter.dist_param_names.size(); ++k) {
    const std::string& name = parameter.dist_param_names[k];
    if (dist.as_string().find("{" + name + "}") != std::string::npos) continue;
    context.problems.add(reader.get("dist_param_names")
                             ->as_array()[k]
                             .diagnostic("config-scaler", fmt::format("'dist' has no placeholder '{{{}}}'", name)));
  }
}

/// The scaler: linear, or `dist` with what belongs to it.
void read_scaler(const ObjectReader& reader, model::CellParameter& parameter, LoaderContext& context) {
  const JsonValue* dist = reader.get("dist");
  parameter.param_dependencies = texts(reader, "param_dependencies");
  parameter.dist_param_names = texts(reader, "dist_param_names");
  if (dist == nullptr) {
    read_fraction(reader, "soma_ref_location", 0.5, context);
    refuse_keys(reader, {"ref_section", "ref_location", "step_begin", "step_end", "dist_param_names"}, "needs 'dist'",
                context);
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
    std::vector<std::string> names = parameter.param_dependencies;
    names.insert(names.end(), parameter.dist_param_names.begin(), parameter.dist_param_names.end());
    parameter.value_scaler = distance_scaler(reader, *dist, names, context);
    check_dist_params(reader, *dist, parameter, context);
  } catch (const ConfigError& error) {
    context.problems.add(
        dist->diagnostic(error.code(), error.diagnostics().front().message, error.diagnostics().front().fix));
  }
}

model::ParameterKind kind_of(const std::string& type) {
  if (type == "global") return model::ParameterKind::global;
  if (type == "point_process") return model::ParameterKind::point_process;
  if (type == "meta") return model::ParameterKind::meta;
  if (type == "meta_list_equal") return model::ParameterKind::meta_list_equal;
  return type == "section" ? model::ParameterKind::section : model::ParameterKind::range;
}

bool is_meta(model::ParameterKind kind) {
  return kind == model::ParameterKind::meta || kind == model::ParameterKind::meta_list_equal;
}

/// What belongs to the two meta types only, and what does not belong to them.
void check_meta_keys(const ObjectReader& reader, model::ParameterKind kind, LoaderContext& context) {
  const auto require = [&](std::string_view key) {
    if (reader.value().find(key) != nullptr) return;
    context.problems.add(
        reader.value().diagnostic("config-missing-key", fmt::format("key '{}' is missing", key),
                                  fmt::format("a parameter of type {} needs it", reader.text("type").value_or(""))));
  };
  const auto refuse = [&](std::initializer_list<std::string_view> keys, std::string_view what) {
    for (const std::string_view key : keys) {
      if (const JsonValue* found = reader.get(key))
        context.problems.add(found->diagnostic("config-meta", fmt::format("'{}' is for {}", key, what)));
    }
  };
  if (kind == model::ParameterKind::meta) require("object"), require("attr_name");
  if (kind == model::ParameterKind::meta_list_equal) require("sub_parameters");
  if (kind != model::ParameterKind::meta) refuse({"object", "attr_name"}, "parameters of type meta");
  if (kind != model::ParameterKind::meta_list_equal) refuse({"sub_parameters"}, "parameters of type meta_list_equal");
  if (is_meta(kind)) {
    refuse({"sectionlist", "point_process", "dist", "soma_ref_location", "ref_section", "ref_location", "step_begin",
            "step_end", "multiplier", "offset", "dist_param_names", "param_dependencies"},
           "parameters that are written into the cell");
  }
}

std::string full_name(const ObjectReader& reader) {
  if (const auto name = reader.text("name")) return *name;
  const std::string param_name = reader.text("param_name").value_or("");
  if (const auto process = reader.text("point_process")) return fmt::format("{}.{}", param_name, *process);
  const JsonValue* lists = reader.get("sectionlist");
  if (lists == nullptr || is_meta(kind_of(reader.text("type").value_or("")))) return param_name;
  if (lists->is_array() && lists->as_array().empty()) return param_name;
  return fmt::format("{}.{}", param_name, (lists->is_string() ? *lists : lists->as_array().front()).as_string());
}

/// Loads the items of the list, then puts sub-parameters where they belong.
class ParameterLoader {
 public:
  explicit ParameterLoader(LoaderContext& context) : context_(context) {}

  std::vector<model::CellParameter> load(const JsonValue& list) {
    find_sub_parameters(list);
    for (const JsonValue& value : list.as_array()) {
      std::optional<model::CellParameter> parameter = load_parameter(value);
      if (!parameter) continue;
      check_duplicate(*parameter, value);
      parameters_.push_back(std::move(*parameter));
    }
    for (const auto& [meta, names] : sub_names_) nest(meta, *names);
    return std::move(parameters_);
  }

 private:
  /// Which names are sub-parameters, before any of them is looked at.
  void find_sub_parameters(const JsonValue& list) {
    for (const JsonValue& value : list.as_array()) {
      const JsonValue* names = value.is_object() ? value.find("sub_parameters") : nullptr;
      if (names == nullptr || !names->is_array()) continue;
      for (const JsonValue& name : names->as_array()) {
        if (name.is_string()) subs_.insert(name.as_string());
      }
    }
  }

  std::optional<model::CellParameter> load_parameter(const JsonValue& value) {
    const ObjectReader reader(value, schema_of("parameter"), context_.problems);
    if (!reader.usable()) return std::nullopt;
    const auto type = reader.text("type");
    model::CellParameter parameter{.name = full_name(reader), .span = value.span()};
    read_value_or_bounds(reader, subs_.contains(parameter.name), parameter, context_);
    parameter.param_name = reader.text("param_name").value_or("");
    if (type) parameter.kind = kind_of(*type);
    if (!check_name(reader, parameter) || !type) return std::nullopt;
    check_meta_keys(reader, parameter.kind, context_);
    if (is_meta(parameter.kind)) {
      load_meta(reader, parameter);
      return parameter;
    }
    parameter.locations = parameter_locations(reader, context_);
    if (const JsonValue* process = reader.get("point_process"))
      parameter.locations = {
          model::NrnPointProcessLocation{process->as_string(), process->as_string(), process->span()}};
    check_sectionlist_key(reader, parameter, context_);
    read_scaler(reader, parameter, context_);
    return parameter;
  }

  bool check_name(const ObjectReader& reader, const model::CellParameter& parameter) {
    const bool has_name = reader.value().find("name") != nullptr;
    if (reader.value().find("param_name") != nullptr) return has_name || !parameter.param_name.empty();
    if (is_meta(parameter.kind) && has_name) return true;
    context_.problems.add(reader.value().diagnostic(
        "config-missing-key", "key 'param_name' is missing",
        is_meta(parameter.kind) ? "add 'name', the full name" : "add NEURON's variable, such as gnabar_hh"));
    return false;
  }

  void load_meta(const ObjectReader& reader, model::CellParameter& parameter) {
    parameter.attr_name = reader.text("attr_name").value_or("");
    if (const JsonValue* object = reader.get("object")) context_.meta_objects.push_back({parameter.name, object});
    if (const JsonValue* names = reader.get("sub_parameters")) sub_names_.emplace_back(parameter.name, names);
  }

  /// A full name twice is an error with both lines.
  void check_duplicate(const model::CellParameter& parameter, const JsonValue& value) {
    const auto [first, is_new] = seen_.emplace(parameter.name, parameter.span);
    if (is_new) return;
    Diagnostic problem =
        value.diagnostic("config-duplicate-parameter", fmt::format("parameter '{}' is defined twice", parameter.name),
                         "remove one, or give it a 'name' of its own");
    problem.notes.push_back({"first defined here", first->second});
    context_.problems.add(std::move(problem));
  }

  /// Moves the parameters of these names into the one that sets them.
  void nest(const std::string& meta, const JsonValue& names) {
    if (names.as_array().empty())
      context_.problems.add(names.diagnostic("config-empty", "there is no sub-parameter", "name at least one"));
    std::vector<model::CellParameter> subs;
    for (const JsonValue& name : names.as_array()) {
      const auto found = std::ranges::find(parameters_, name.as_string(), &model::CellParameter::name);
      if (found == parameters_.end()) {
        refuse_unknown(name);
      } else if (is_meta(found->kind)) {
        context_.problems.add(name.diagnostic("config-sub-parameter", "a meta parameter cannot be a sub-parameter"));
      } else {
        subs.push_back(std::move(*found));
        parameters_.erase(found);
      }
    }
    const auto owner = std::ranges::find(parameters_, meta, &model::CellParameter::name);
    for (const model::CellParameter& sub : subs) check_sub_bounds(*owner, sub, names);
    owner->sub_parameters = std::move(subs);
  }

  void refuse_unknown(const JsonValue& name) {
    std::vector<std::string> known;
    for (const model::CellParameter& parameter : parameters_) {
      if (!is_meta(parameter.kind)) known.push_back(parameter.name);
    }
    const bool taken = seen_.contains(name.as_string());
    context_.problems.add(
        name.diagnostic("config-sub-parameter",
                        taken ? fmt::format("'{}' is a sub-parameter already", name.as_string())
                              : fmt::format("unknown parameter '{}'", name.as_string()),
                        taken ? "name it once" : suggest(name.as_string(), known, "the parameters are")));
  }

  /// The bounds of a sub-parameter, where it has some, hold for the value that it gets.
  void check_sub_bounds(const model::CellParameter& owner, const model::CellParameter& sub, const JsonValue& names) {
    if (!sub.bounds) return;
    const double lower = owner.value ? *owner.value : owner.bounds ? (*owner.bounds)[0] : (*sub.bounds)[0];
    const double upper = owner.value ? *owner.value : owner.bounds ? (*owner.bounds)[1] : (*sub.bounds)[1];
    if ((*sub.bounds)[0] <= lower && upper <= (*sub.bounds)[1]) return;
    context_.problems.add(names.diagnostic(
        "config-bounds", fmt::format("values from {} to {} are not within the bounds of '{}'", lower, upper, sub.name),
        "leave the sub-parameter's bounds out, or widen them"));
  }

  LoaderContext& context_;
  std::set<std::string> subs_;
  std::vector<std::pair<std::string, const JsonValue*>> sub_names_;  ///< of each meta_list_equal parameter
  std::map<std::string, SourceSpan> seen_;
  std::vector<model::CellParameter> parameters_;
};

}  // namespace

std::vector<model::CellParameter> load_parameters_section(const Section& section, LoaderContext& context) {
  if (!section) return {};
  if (!section.value->is_array()) {
    context.problems.add(section.value->diagnostic("config-type", "must be a list of parameters"));
    return {};
  }
  return ParameterLoader(context).load(*section.value);
}

}  // namespace cellwright::run
