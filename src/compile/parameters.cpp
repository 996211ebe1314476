/// Steps of ModelCompiler: the parameters in order of assignment.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "compile/model_compiler.hpp"
#include "compile/variables.hpp"

namespace cellwright::compile {

void ModelCompiler::apply_parameters() {
  int next_free = 0;
  for (const model::CellParameter& parameter : cell_.parameters) {
    const ValueSource source = parameter.frozen() ? constant(*parameter.value) : ValueSource{.parameter = next_free++};
    switch (parameter.kind) {
      case model::ParameterKind::meta:
        check_meta(parameter);
        break;
      case model::ParameterKind::meta_list_equal:
        for (const model::CellParameter& sub : parameter.sub_parameters) apply_parameter(sub, source);
        break;
      default:
        apply_parameter(parameter, source);
    }
  }
}

void ModelCompiler::apply_parameter(const model::CellParameter& parameter, ValueSource source) {
  if (scaler_of(parameter) && !add_scaler(parameter, source)) return;
  if (parameter.kind == model::ParameterKind::global) return apply_global(parameter, source);
  for (const model::ParameterLocation& location : parameter.locations)
    std::visit([&](const auto& l) { apply_at(parameter, l, source); }, location);
}

/// The parameter of that full name, sub-parameters included; nullptr if there is none.
const model::CellParameter* ModelCompiler::find_parameter(const std::string& name) const {
  for (const model::CellParameter& parameter : cell_.parameters) {
    if (parameter.name == name) return &parameter;
    for (const model::CellParameter& sub : parameter.sub_parameters) {
      if (sub.name == name) return &sub;
    }
  }
  return nullptr;
}

/// A meta parameter must not be without effect. Those of features are the evaluator's business.
void ModelCompiler::check_meta(const model::CellParameter& parameter) {
  const auto* target = parameter.object ? std::get_if<model::ScalerTarget>(&*parameter.object) : nullptr;
  if (target == nullptr) return;
  const model::CellParameter* owner = find_parameter(target->parameter);
  if (owner == nullptr) {
    error("model-meta",
          fmt::format("parameter '{}' sets the unknown parameter '{}'", parameter.name, target->parameter),
          parameter.span, "give the full name of a parameter");
    return;
  }
  std::vector<std::string> known = owner->dist_param_names;
  const bool is_linear =
      !owner->value_scaler || std::holds_alternative<model::NrnSegmentLinearScaler>(*owner->value_scaler);
  if (is_linear) known.insert(known.end(), {"multiplier", "offset"});
  if (owner->value_scaler && std::holds_alternative<model::NrnSegmentSomaDistanceStepScaler>(*owner->value_scaler))
    known.insert(known.end(), {"step_begin", "step_end"});
  if (std::find(known.begin(), known.end(), parameter.attr_name) != known.end()) return;
  const std::string nearest = nearest_name(parameter.attr_name, known);
  error("model-meta",
        fmt::format("parameter '{}': the scaler of '{}' has no attribute '{}'", parameter.name, owner->name,
                    parameter.attr_name),
        parameter.span,
        !nearest.empty() ? fmt::format("did you mean '{}'?", nearest)
        : known.empty()  ? "name it in the dist_param_names of that parameter"
                         : fmt::format("use one of: {}", fmt::join(known, ", ")));
}

/// The number that a meta parameter gives to an attribute; none if there is no such meta parameter.
std::optional<ValueSource> ModelCompiler::meta_source(const model::MetaTarget& object,
                                                      std::string_view attr_name) const {
  const model::CellParameter* meta = cell_.meta_parameter(object, attr_name);
  if (meta == nullptr) return std::nullopt;
  return meta->frozen() ? constant(*meta->value) : ValueSource{.parameter = cell_.column_of(*meta)};
}

/// The scaler of a parameter; the linear one where only a meta parameter asks for it.
std::optional<model::ParameterScaler> ModelCompiler::scaler_of(const model::CellParameter& parameter) const {
  if (parameter.value_scaler) return parameter.value_scaler;
  const model::ScalerTarget target{parameter.name};
  if (cell_.meta_parameter(target, "multiplier") || cell_.meta_parameter(target, "offset"))
    return model::NrnSegmentLinearScaler{};
  return std::nullopt;
}

void ModelCompiler::apply_at(const model::CellParameter& parameter, const model::NrnSeclistLocation& location,
                             const ValueSource& source) {
  const auto sections = places_.find_sections(location.seclist_name, location.span);
  if (!sections) return;
  if (sections->empty()) {
    warn("model-empty-section-list",
         fmt::format("parameter '{}' sets nothing: the cell has no section in '{}'", parameter.name,
                     location.seclist_name),
         parameter.span);
  }
  // One message a parameter: the other sections would only repeat it.
  for (const int section : *sections) {
    if (!apply_to_section(parameter, section, source)) break;
  }
}

void ModelCompiler::apply_at(const model::CellParameter& parameter, const model::NrnSeclistSecLocation& location,
                             const ValueSource& source) {
  const auto section = places_.find_section(location.name, location.seclist_name, location.sec_index, location.span);
  if (section) apply_to_section(parameter, *section, source);
}

void ModelCompiler::apply_at(const model::CellParameter& parameter, const model::NrnPointProcessLocation& location,
                             const ValueSource& source) {
  const std::string user = fmt::format("parameter '{}'", parameter.name);
  const NamedInstances* named = find_instances(location.pprocess_mech, user, parameter.span);
  if (!named) return;
  const std::size_t block = block_of_suffix_.at(named->suffix);
  const cw_mechanism& m = *model_.blocks[block].mechanism.descriptor;
  const int slot = find_variable(m, m.param, m.n_params, parameter.param_name);
  if (slot < 0) {
    std::vector<std::string> names;
    for_each_variable(m.param, m.n_params, [&](std::size_t, const cw_variable& v) { names.emplace_back(v.name); });
    const std::string nearest = nearest_name(parameter.param_name, names);
    error("model-variable", fmt::format("{}: {} has no parameter '{}'", user, m.name, parameter.param_name),
          parameter.span,
          nearest.empty() ? fmt::format("its RANGE parameters are: {}", fmt::join(names, ", "))
                          : fmt::format("did you mean '{}'?", nearest));
    return;
  }
  for (const std::int32_t instance : named->instances)
    drafts_[block].values[static_cast<std::size_t>(instance)][static_cast<std::size_t>(slot)] = source;
}

/// The numbers of the parameters that a scaler reads, by name.
std::optional<std::vector<ValueSource>> ModelCompiler::find_dependencies(const model::CellParameter& parameter) {
  std::vector<ValueSource> result;
  for (const std::string& name : parameter.param_dependencies) {
    int next_free = 0;
    std::optional<ValueSource> found;
    std::vector<std::string> names;
    for (const model::CellParameter& other : cell_.parameters) {
      const int index = other.frozen() ? -1 : next_free++;
      names.push_back(other.name);
      if (other.name == name) found = other.frozen() ? constant(*other.value) : ValueSource{.parameter = index};
    }
    if (!found) {
      const std::string nearest = nearest_name(name, names);
      error("model-scaler", fmt::format("parameter '{}' depends on '{}', which is no parameter", parameter.name, name),
            parameter.span, nearest.empty() ? "give its full name" : fmt::format("did you mean '{}'?", nearest));
      return std::nullopt;
    }
    result.push_back(*found);
  }
  return result;
}

/// The linear scaler; with meta parameters its two numbers differ between individuals.
CompiledScaler ModelCompiler::compile_linear(const model::CellParameter& parameter,
                                             const model::NrnSegmentLinearScaler& linear) const {
  const model::ScalerTarget target{parameter.name};
  const auto multiplier = meta_source(target, "multiplier"), offset = meta_source(target, "offset");
  if (!multiplier && !offset) return {.multiplier = linear.multiplier, .offset = linear.offset};
  return {.distribution = text::PythonExpression("{multiplier} * {value} + {offset}",
                                                 {"distance", "value", "multiplier", "offset"}, parameter.span),
          .more = {multiplier.value_or(constant(linear.multiplier)), offset.value_or(constant(linear.offset))}};
}

/// Adds the numbers of the placeholders that only meta parameters set; false after an error.
bool ModelCompiler::add_dist_params(const model::CellParameter& parameter, std::vector<ValueSource>& sources) {
  for (const std::string& name : parameter.dist_param_names) {
    const auto source = meta_source(model::ScalerTarget{parameter.name}, name);
    if (!source) {
      error("model-scaler", fmt::format("parameter '{}': nothing sets '{}' of its distribution", parameter.name, name),
            parameter.span,
            fmt::format("add a parameter of type meta with object '{}' and attr_name '{}'", parameter.name, name));
      return false;
    }
    sources.push_back(*source);
  }
  return true;
}

std::optional<CompiledScaler> ModelCompiler::compile_scaler(const model::CellParameter& parameter) {
  const auto dependencies = find_dependencies(parameter);
  if (!dependencies) return std::nullopt;
  const model::ParameterScaler scaler = *scaler_of(parameter);
  if (const auto* linear = std::get_if<model::NrnSegmentLinearScaler>(&scaler))
    return compile_linear(parameter, *linear);
  if (parameter.kind != model::ParameterKind::range) {
    error("model-scaler",
          fmt::format("parameter '{}': only range parameters can depend on the distance", parameter.name),
          parameter.span, "set \"type\": \"range\"");
    return std::nullopt;
  }
  CompiledScaler result{.more = *dependencies};
  if (!scaler_origin(parameter) || !add_dist_params(parameter, result.more)) return std::nullopt;
  const model::ScalerTarget target{parameter.name};
  std::visit(
      [&](const auto& s) {
        if constexpr (requires { s.distribution; }) result.distribution = s.distribution;
        if constexpr (requires { s.step_begin_um; }) {
          result.more.push_back(meta_source(target, "step_begin").value_or(constant(s.step_begin_um)));
          result.more.push_back(meta_source(target, "step_end").value_or(constant(s.step_end_um)));
        }
      },
      scaler);
  return result;
}

/// Where a scaler's distances start; an error if the cell has no such place.
std::optional<morphology::Place> ModelCompiler::scaler_origin(const model::CellParameter& parameter) {
  std::string name = "soma[0]";
  double x = 0.5;
  std::visit(
      [&](const auto& s) {
        if constexpr (requires { s.soma_ref_location; }) x = s.soma_ref_location;
        if constexpr (requires { s.ref_section; }) name = s.ref_section, x = s.ref_location;
      },
      *scaler_of(parameter));
  const int exact = morphology_.find_section(name);
  if (exact >= 0) return morphology::Place{exact, x};
  for (std::size_t s = 0; s < morphology_.sections.size(); ++s) {
    if (morphology_.sections[s].name.find(name) != std::string::npos) return morphology::Place{static_cast<int>(s), x};
  }
  error("model-scaler",
        fmt::format("parameter '{}': the cell has no {} to measure distances from", parameter.name, name),
        parameter.span);
  return std::nullopt;
}

/// Registers a parameter's scaler; false after an error.
bool ModelCompiler::add_scaler(const model::CellParameter& parameter, ValueSource& source) {
  auto scaler = compile_scaler(parameter);
  if (!scaler) return false;
  source.scaler = static_cast<int>(model_.scalers.size());
  model_.scalers.push_back(std::move(*scaler));
  return true;
}

/// The source of one segment's value: for a scaled parameter with the distance filled in, for a frozen one evaluated.
std::optional<ValueSource> ModelCompiler::at_segment(const model::CellParameter& parameter, const ValueSource& source,
                                                     morphology::Place place) {
  if (source.scaler < 0) return source;
  const CompiledScaler& scaler = model_.scalers[static_cast<std::size_t>(source.scaler)];
  ValueSource result = source;
  if (scaler.distribution)
    result.distance_um = morphology::path_distance(morphology_, *scaler_origin(parameter), place);
  const bool fixed = source.parameter < 0 && std::all_of(scaler.more.begin(), scaler.more.end(),
                                                         [](const ValueSource& s) { return s.parameter < 0; });
  if (!fixed) return result;
  try {
    return constant(
        scaler.evaluate(result.distance_um, source.constant, [](const ValueSource& s) { return s.constant; }));
  } catch (const ConfigError& problem) {
    diagnostics_.add(problem.diagnostics().front());
    return std::nullopt;
  }
}

void ModelCompiler::apply_global(const model::CellParameter& parameter, const ValueSource& source) {
  const std::string& name = parameter.param_name;
  bool found = true;
  if (name == "celsius") {
    model_.celsius = source;
  } else if (name == "v_init") {
    model_.v_init_mv = source;
  } else {
    found = false;
    for (MechanismBlock& block : model_.blocks) {
      const cw_mechanism& m = *block.mechanism.descriptor;
      const int slot = find_global(m, name);
      if (slot < 0) continue;
      block.global[static_cast<std::size_t>(slot)] = source;
      found = true;
    }
    for (IonPool& pool : model_.ions) {
      if (name == pool.name + "i0_" + pool.name + "_ion") pool.ci0_mm = source, found = true;
      if (name == pool.name + "o0_" + pool.name + "_ion") pool.co0_mm = source, found = true;
    }
  }
  if (found || may_be_of_missing_mechanism(name)) return;
  const std::string nearest = nearest_name(name, global_variable_names());
  error("model-variable", fmt::format("parameter '{}': there is no global variable '{}'", parameter.name, name),
        parameter.span,
        nearest.empty() ? "globals are celsius, v_init and the GLOBAL variables of inserted mechanisms (name_SUFFIX)"
                        : fmt::format("did you mean '{}'?", nearest));
}

bool ModelCompiler::apply_to_section(const model::CellParameter& parameter, int section, const ValueSource& source) {
  if (parameter.param_name == "Ra") {
    if (parameter.kind == model::ParameterKind::range) {
      error("model-variable", fmt::format("parameter '{}': Ra belongs to sections, not to segments", parameter.name),
            parameter.span, "set \"type\": \"section\"");
      return false;
    }
    const auto value = at_segment(parameter, source, {section, 0.5});  // a linear scaler at most
    if (value) model_.ra_ohm_cm[static_cast<std::size_t>(section)] = *value;
    return value.has_value();
  }
  const std::vector<std::int32_t> nodes = membrane_nodes(section);
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    const double x = (static_cast<double>(k) + 0.5) / static_cast<double>(nodes.size());
    const auto value = at_segment(parameter, source, {section, x});
    if (!value) return false;
    if (assign(parameter, nodes[k], *value)) continue;
    report_not_inserted(parameter, section);
    return false;
  }
  return true;
}

bool ModelCompiler::assign(const model::CellParameter& parameter, std::int32_t node, const ValueSource& source) {
  const auto n = static_cast<std::size_t>(node);
  const std::string& name = parameter.param_name;
  if (name == "cm") {
    model_.cm_uf_per_cm2[n] = source;
    return true;
  }
  for (std::size_t b = 0; b < model_.blocks.size(); ++b) {
    const int instance = drafts_[b].instance_of_node.empty() ? -1 : drafts_[b].instance_of_node[n];
    const cw_mechanism& m = *model_.blocks[b].mechanism.descriptor;
    const int slot = instance < 0 ? -1 : find_variable(m, m.param, m.n_params, name);
    if (slot < 0) continue;
    drafts_[b].values[static_cast<std::size_t>(instance)][static_cast<std::size_t>(slot)] = source;
    return true;
  }
  for (std::size_t p = 0; p < model_.ions.size(); ++p) {
    IonPool& pool = model_.ions[p];
    const int slot = slot_of_node_[p][n];
    if (slot < 0) continue;
    const auto s = static_cast<std::size_t>(slot);
    if (name == "e" + pool.name) return pool.e_mv[s] = source, true;
    if (name == pool.name + "i") return pool.ci_mm[s] = source, true;
    if (name == pool.name + "o") return pool.co_mm[s] = source, true;
  }
  return false;
}

void ModelCompiler::report_not_inserted(const model::CellParameter& parameter, int section) {
  if (may_be_of_missing_mechanism(parameter.param_name)) return;
  const std::string& section_name = morphology_.sections[static_cast<std::size_t>(section)].name;
  const std::vector<std::string> known = range_variable_names();
  const bool exists = std::find(known.begin(), known.end(), parameter.param_name) != known.end();
  const std::string nearest = nearest_name(parameter.param_name, known);
  std::string fix = "insert the mechanism that has it, or correct the name";
  if (exists) fix = fmt::format("insert its mechanism into {} as well, or choose another section list", section_name);
  if (!exists && !nearest.empty()) fix = fmt::format("did you mean '{}'?", nearest);
  error("model-variable",
        fmt::format("parameter '{}': section {} has no variable '{}'", parameter.name, section_name,
                    parameter.param_name),
        parameter.span, fix);
}

std::vector<std::string> ModelCompiler::range_variable_names() const {
  std::vector<std::string> names = {"cm", "Ra"};
  for (const MechanismBlock& block : model_.blocks) {
    const cw_mechanism& m = *block.mechanism.descriptor;
    if (m.kind != CW_DENSITY) continue;
    for_each_variable(m.param, m.n_params,
                      [&](std::size_t, const cw_variable& v) { names.push_back(std::string(v.name) + "_" + m.name); });
  }
  for (const IonPool& pool : model_.ions) {
    for (const std::string& name : {"e" + pool.name, pool.name + "i", pool.name + "o"}) names.push_back(name);
  }
  return names;
}

std::vector<std::string> ModelCompiler::global_variable_names() const {
  std::vector<std::string> names = {"celsius", "v_init"};
  for (const MechanismBlock& block : model_.blocks) {
    const cw_mechanism& m = *block.mechanism.descriptor;
    for_each_variable(m.global, m.n_globals,
                      [&](std::size_t, const cw_variable& v) { names.push_back(std::string(v.name) + "_" + m.name); });
  }
  return names;
}

}  // namespace cellwright::compile
