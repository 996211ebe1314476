#include "compile/model_compiler.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>

#include <fmt/format.h>

namespace cellwright::compile {
namespace {

const std::vector<std::string> section_arrays = {"soma", "dend", "apic", "axon", "myelin"};

bool is_membrane(const morphology::CableNode& node) { return node.area_um2 > 0; }

/// NEURON's order of mechanism types (neuron-semantics 3.1): pas; writers of a concentration, the last registered
/// first; NEURON's own; those of the loaded library by file name.
int type_rank(const nmodl::LoadedMechanism& mechanism) {
  if (std::string(mechanism.descriptor->name) == "pas") return 0;
  if (mechanism.descriptor->writes_concentration) return 1;
  return mechanism.origin == nmodl::MechanismOrigin::builtin ? 2 : 3;
}

bool registered_before(const nmodl::LoadedMechanism& a, const nmodl::LoadedMechanism& b) {
  const int rank_a = type_rank(a), rank_b = type_rank(b);
  if (rank_a != rank_b) return rank_a < rank_b;
  const std::string file_a = a.source.filename().string(), file_b = b.source.filename().string();
  if (file_a != file_b) return rank_a == 1 ? file_a > file_b : file_a < file_b;
  return std::string(a.descriptor->name) < b.descriptor->name;
}

/// Defaults of an ion's variables (neuron-semantics 4.2).
struct IonDefaults {
  double e_mv, ci_mm, co_mm, valence;
};

IonDefaults ion_defaults(const std::string& name) {
  // NEURON's eca: 12.5 ln(2/5e-5), not the Nernst potential at the default celsius.
  if (name == "na") return {50.0, 10.0, 140.0, 1};
  if (name == "k") return {-77.0, 54.4, 2.5, 1};
  if (name == "ca") return {132.4579341637009, 5e-5, 2.0, 2};
  return {0.0, 1.0, 1.0, 0};
}

/// Calls visit(slot, variable) for each row of a variable table; the rows of an array follow one another.
template <class Visit>
void for_each_variable(const cw_variable* variables, std::int32_t count, Visit visit) {
  for (std::int32_t k = 0; k < count; ++k) visit(static_cast<std::size_t>(k), variables[k]);
}

/// The row of the variable `full_name` ("gbar_HHna") of a mechanism, or -1.
int find_variable(const cw_variable* variables, std::int32_t count, const std::string& suffix,
                  const std::string& full_name) {
  int found = -1;
  for_each_variable(variables, count, [&](std::size_t slot, const cw_variable& v) {
    if (full_name == std::string(v.name) + "_" + suffix) found = static_cast<int>(slot);
  });
  return found;
}

ValueSource constant(double value) { return {.constant = value}; }

}  // namespace

ModelCompiler::ModelCompiler(const model::CellModel& cell, const morphology::Morphology& morphology,
                             const nmodl::MechanismLibrary& library, std::span<const model::SweepProtocol> protocols)
    : cell_(cell), morphology_(morphology), library_(library), protocols_(protocols), tree_(morphology) {}

CompiledModel ModelCompiler::compile() {
  model_.n_parameters = cell_.free_parameters().size();
  locate_protocols();
  build_cable();
  insert_mechanisms();
  build_ions();
  apply_parameters();
  merge_rows();
  compile_protocols();
  diagnostics_.throw_if_errors<ModelError>();
  model_.warnings = diagnostics_.warnings();
  return std::move(model_);
}

void ModelCompiler::error(std::string code, std::string message, const SourceSpan& span, std::string fix) {
  diagnostics_.add({Severity::error, std::move(code), std::move(message), span, "", std::move(fix), {}});
}

void ModelCompiler::warn(std::string code, std::string message, const SourceSpan& span, std::string fix) {
  diagnostics_.add({Severity::warning, std::move(code), std::move(message), span, "", std::move(fix), {}});
}

std::optional<std::vector<int>> ModelCompiler::find_sections(const std::string& list_name, const SourceSpan& span) {
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

std::optional<ModelCompiler::Place> ModelCompiler::find_place(const model::NrnSeclistCompLocation& location) {
  const auto sections = find_sections(location.seclist_name, location.span);
  if (!sections) return std::nullopt;
  if (location.sec_index < 0 || location.sec_index >= static_cast<int>(sections->size())) {
    error("model-location",
          fmt::format("location '{}': section list '{}' has {} section{}, index {} does not exist", location.name,
                      location.seclist_name, sections->size(), sections->size() == 1 ? "" : "s", location.sec_index),
          location.span, "indices count from 0");
    return std::nullopt;
  }
  if (!(location.comp_x >= 0 && location.comp_x <= 1)) {
    error("model-location", fmt::format("location '{}': x = {} is not between 0 and 1", location.name, location.comp_x),
          location.span, "x is the relative distance along the section: 0 its start, 1 its end");
    return std::nullopt;
  }
  return Place{(*sections)[static_cast<std::size_t>(location.sec_index)], location.comp_x};
}

std::int32_t ModelCompiler::node_of(const Place& place) const {
  return kept_node_[static_cast<std::size_t>(tree_.node_at(place.section, place.x))];
}

/// Marks the nodes that stimuli and recordings need, so that build_cable keeps them. Errors are reported here only.
void ModelCompiler::locate_protocols() {
  referenced_.assign(tree_.nodes().size(), 0);
  const auto mark = [this](const model::NrnSeclistCompLocation& location) {
    if (const auto place = find_place(location))
      referenced_[static_cast<std::size_t>(tree_.node_at(place->section, place->x))] = 1;
  };
  for (const model::SweepProtocol& protocol : protocols_) {
    for (const model::Stimulus& stimulus : protocol.stimuli)
      std::visit([&](const auto& s) { mark(s.location); }, stimulus);
    for (const model::CompRecording& recording : protocol.recordings) mark(recording.location);
  }
}

void ModelCompiler::build_cable() {
  const std::vector<morphology::CableNode>& nodes = tree_.nodes();
  std::vector<std::uint8_t> needed = referenced_;
  for (std::size_t j = nodes.size(); j-- > 0;) {
    if (is_membrane(nodes[j]) || j == 0) needed[j] = 1;
    if (needed[j] && nodes[j].parent >= 0) needed[static_cast<std::size_t>(nodes[j].parent)] = 1;
  }
  kept_node_.assign(nodes.size(), -1);
  Cable& cable = model_.cable;
  for (std::size_t j = 0; j < nodes.size(); ++j) {
    if (!needed[j]) continue;
    const morphology::CableNode& node = nodes[j];
    kept_node_[j] = static_cast<std::int32_t>(cable.size());
    // A further root (a subtree cut off by replace_axon) hangs on node 0 with infinite resistance: it is on its own.
    const bool cut_off = node.parent < 0 && j > 0;
    cable.parent.push_back(node.parent < 0 ? (cut_off ? 0 : -1) : kept_node_[static_cast<std::size_t>(node.parent)]);
    cable.area_um2.push_back(is_membrane(node) ? node.area_um2 : 100.0);
    cable.diam_um.push_back(node.diam_um);
    cable.has_membrane.push_back(is_membrane(node));
    cable.resistance_per_ra.push_back(cut_off ? std::numeric_limits<double>::infinity() : node.ri_per_ra);
    cable.section.push_back(node.section);
  }
  model_.ra_ohm_cm.assign(morphology_.sections.size(), constant(morphology::default_ra_ohm_cm));
  model_.cm_uf_per_cm2.assign(cable.size(), constant(1.0));
}

std::vector<std::int32_t> ModelCompiler::membrane_nodes(int section) const {
  std::vector<std::int32_t> result;
  const int first = tree_.first_node(section);
  for (int k = 0; k < morphology_.sections[static_cast<std::size_t>(section)].nseg; ++k) {
    result.push_back(kept_node_[static_cast<std::size_t>(first + k)]);
  }
  return result;
}

void ModelCompiler::insert_mechanisms() {
  std::map<std::string, std::vector<std::uint8_t>> inserted;  // suffix -> per node
  for (const model::NrnMODMechanism& insertion : cell_.mechanisms) {
    const auto sections = find_sections(insertion.location.seclist_name, insertion.location.span);
    std::vector<std::uint8_t>& flags = inserted[insertion.suffix];
    flags.resize(model_.cable.size(), 0);
    if (!sections) continue;
    for (const int section : *sections) {
      for (const std::int32_t node : membrane_nodes(section)) flags[static_cast<std::size_t>(node)] = 1;
    }
  }
  std::vector<nmodl::LoadedMechanism> wanted;
  for (const auto& [suffix, flags] : inserted) {
    const nmodl::LoadedMechanism* mechanism = library_.find(suffix);
    if (!mechanism) throw InternalError(fmt::format("mechanism '{}' was not loaded", suffix));
    if (mechanism->descriptor->kind == CW_DENSITY) {
      wanted.push_back(*mechanism);
      continue;
    }
    const auto first = std::find_if(cell_.mechanisms.begin(), cell_.mechanisms.end(),
                                    [&](const auto& m) { return m.suffix == suffix; });
    error("model-mechanism", fmt::format("'{}' is a point process; it cannot be inserted into sections", suffix),
          first->span, "insert density mechanisms (SUFFIX) only");
  }
  std::stable_sort(wanted.begin(), wanted.end(), registered_before);
  for (const nmodl::LoadedMechanism& mechanism : wanted)
    build_block(mechanism, inserted.at(mechanism.descriptor->name));
}

void ModelCompiler::build_block(const nmodl::LoadedMechanism& mechanism, const std::vector<std::uint8_t>& inserted) {
  const cw_mechanism& m = *mechanism.descriptor;
  MechanismBlock block;
  block.mechanism = mechanism;
  BlockDraft draft;
  draft.instance_of_node.assign(model_.cable.size(), -1);
  std::vector<ValueSource> defaults(static_cast<std::size_t>(m.n_params));
  for_each_variable(m.param, m.n_params,
                    [&](std::size_t slot, const cw_variable& v) { defaults[slot] = constant(v.default_value); });
  for_each_variable(m.global, m.n_globals,
                    [&](std::size_t, const cw_variable& v) { block.global.push_back(constant(v.default_value)); });
  for (std::size_t node = 0; node < inserted.size(); ++node) {
    if (!inserted[node]) continue;
    draft.instance_of_node[node] = static_cast<int>(block.node.size());
    block.node.push_back(static_cast<std::int32_t>(node));
    draft.values.push_back(defaults);
  }
  if (block.node.empty()) return;  // inserted into empty section lists only
  model_.blocks.push_back(std::move(block));
  drafts_.push_back(std::move(draft));
}

void ModelCompiler::build_ions() {
  std::map<std::string, std::size_t> pool_of;
  for (MechanismBlock& block : model_.blocks) {
    const cw_mechanism& m = *block.mechanism.descriptor;
    for (std::int32_t k = 0; k < m.n_ions; ++k) {
      const auto [entry, fresh] = pool_of.try_emplace(m.ion[k].name, model_.ions.size());
      if (fresh) {
        const IonDefaults defaults = ion_defaults(m.ion[k].name);
        IonPool pool;
        pool.name = m.ion[k].name;
        pool.valence = defaults.valence;
        pool.ci0_mm = constant(defaults.ci_mm);
        pool.co0_mm = constant(defaults.co_mm);
        model_.ions.push_back(std::move(pool));
        slot_of_node_.emplace_back(model_.cable.size(), -1);
      }
      const std::size_t p = entry->second;
      if (m.ion[k].valence != 0) model_.ions[p].valence = m.ion[k].valence;
      for (const std::int32_t node : block.node) slot_of_node_[p][static_cast<std::size_t>(node)] = 0;
      block.ion_pool.push_back(p);
    }
  }
  for (std::size_t p = 0; p < model_.ions.size(); ++p) {
    IonPool& pool = model_.ions[p];
    const IonDefaults defaults = ion_defaults(pool.name);
    for (std::size_t node = 0; node < model_.cable.size(); ++node) {
      if (slot_of_node_[p][node] < 0) continue;
      slot_of_node_[p][node] = static_cast<int>(pool.node.size());
      pool.node.push_back(static_cast<std::int32_t>(node));
    }
    pool.e_mv.assign(pool.node.size(), constant(defaults.e_mv));
    pool.ci_mm.assign(pool.node.size(), constant(defaults.ci_mm));
    pool.co_mm.assign(pool.node.size(), constant(defaults.co_mm));
  }
  set_ion_styles();
}

/// neuron-semantics 4.3: per segment the strongest use of the ion decides who owns its concentrations and potential.
void ModelCompiler::set_ion_styles() {
  std::vector<std::vector<std::uint8_t>> concentration(model_.ions.size()), reversal(model_.ions.size());
  for (std::size_t p = 0; p < model_.ions.size(); ++p) {
    concentration[p].assign(model_.ions[p].node.size(), 0);
    reversal[p].assign(model_.ions[p].node.size(), 0);
  }
  for (MechanismBlock& block : model_.blocks) {
    const cw_mechanism& m = *block.mechanism.descriptor;
    for (std::int32_t k = 0; k < m.n_ions; ++k) {
      const std::size_t p = block.ion_pool[static_cast<std::size_t>(k)];
      const auto use = [](bool writes, bool reads) { return static_cast<std::uint8_t>(writes ? 3 : (reads ? 1 : 0)); };
      const std::uint32_t both = CW_ION_CI | CW_ION_CO;
      const std::uint8_t c = use((m.ion[k].writes & both) != 0, (m.ion[k].reads & both) != 0);
      const std::uint8_t e = use((m.ion[k].writes & CW_ION_E) != 0, (m.ion[k].reads & CW_ION_E) != 0);
      std::vector<std::int32_t> slots;
      for (const std::int32_t node : block.node) {
        const int slot = slot_of_node_[p][static_cast<std::size_t>(node)];
        slots.push_back(slot);
        concentration[p][static_cast<std::size_t>(slot)] =
            std::max(concentration[p][static_cast<std::size_t>(slot)], c);
        reversal[p][static_cast<std::size_t>(slot)] = std::max(reversal[p][static_cast<std::size_t>(slot)], e);
      }
      block.ion_slot.push_back(std::move(slots));
    }
  }
  for (std::size_t p = 0; p < model_.ions.size(); ++p) {
    IonPool& pool = model_.ions[p];
    for (std::size_t s = 0; s < pool.node.size(); ++s) {
      const bool derived = concentration[p][s] > 0 && reversal[p][s] < 3;
      pool.nernst_at_init.push_back(derived);
      pool.nernst_each_step.push_back(derived && concentration[p][s] == 3);
      pool.reset_concentration.push_back(concentration[p][s] == 3);
    }
  }
}

void ModelCompiler::apply_parameters() {
  int next_free = 0;
  for (const model::CellParameter& parameter : cell_.parameters) {
    ValueSource source = parameter.frozen() ? constant(*parameter.value) : ValueSource{.parameter = next_free++};
    if (parameter.value_scaler && !add_scaler(parameter, source)) continue;
    if (parameter.kind == model::ParameterKind::global) {
      apply_global(parameter, source);
      continue;
    }
    for (const model::NrnSeclistLocation& location : parameter.locations) {
      const auto sections = find_sections(location.seclist_name, location.span);
      if (!sections) continue;
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
  }
}

/// Registers a parameter's scaler; false after an error.
bool ModelCompiler::add_scaler(const model::CellParameter& parameter, ValueSource& source) {
  if (parameter.kind != model::ParameterKind::range) {
    error("model-scaler",
          fmt::format("parameter '{}': only range parameters can depend on the distance", parameter.name),
          parameter.span, "set \"type\": \"range\"");
    return false;
  }
  if (morphology_.find_section("soma[0]") < 0) {
    error("model-scaler",
          fmt::format("parameter '{}': the cell has no soma[0] to measure distances from", parameter.name),
          parameter.span);
    return false;
  }
  source.scaler = static_cast<int>(model_.scalers.size());
  model_.scalers.push_back(parameter.value_scaler->distribution);
  return true;
}

/// The source of one segment's value: for a scaled parameter with the distance filled in, for a frozen one evaluated.
std::optional<ValueSource> ModelCompiler::at_segment(const model::CellParameter& parameter, const ValueSource& source,
                                                     morphology::Place place) {
  if (source.scaler < 0) return source;
  const morphology::Place origin{morphology_.find_section("soma[0]"), parameter.value_scaler->soma_ref_location};
  const double distance = morphology::path_distance(morphology_, origin, place);
  if (!parameter.frozen())
    return ValueSource{.parameter = source.parameter, .scaler = source.scaler, .distance_um = distance};
  try {
    return constant(
        model_.scalers[static_cast<std::size_t>(source.scaler)].evaluate(std::array{distance, *parameter.value}));
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
      const int slot = find_variable(m.global, m.n_globals, m.name, name);
      if (slot < 0) continue;
      block.global[static_cast<std::size_t>(slot)] = source;
      found = true;
    }
    for (IonPool& pool : model_.ions) {
      if (name == pool.name + "i0_" + pool.name + "_ion") pool.ci0_mm = source, found = true;
      if (name == pool.name + "o0_" + pool.name + "_ion") pool.co0_mm = source, found = true;
    }
  }
  if (found) return;
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
    model_.ra_ohm_cm[static_cast<std::size_t>(section)] = source;
    return true;
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
    const int instance = drafts_[b].instance_of_node[n];
    const cw_mechanism& m = *model_.blocks[b].mechanism.descriptor;
    const int slot = instance < 0 ? -1 : find_variable(m.param, m.n_params, m.name, name);
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

/// Instances whose parameters come from the same places share one row: a somatic and an apical value give two rows, not
/// 487.
void ModelCompiler::merge_rows() {
  for (std::size_t b = 0; b < model_.blocks.size(); ++b) {
    MechanismBlock& block = model_.blocks[b];
    std::map<std::vector<ValueSource>, std::int32_t> row_of;
    std::vector<const std::vector<ValueSource>*> rows;
    for (const std::vector<ValueSource>& values : drafts_[b].values) {
      const auto [entry, fresh] = row_of.try_emplace(values, static_cast<std::int32_t>(rows.size()));
      if (fresh) rows.push_back(&entry->first);
      block.param_row.push_back(entry->second);
    }
    block.n_rows = rows.size();
    const std::size_t slots = drafts_[b].values.front().size();
    for (std::size_t slot = 0; slot < slots; ++slot) {
      for (const std::vector<ValueSource>* row : rows) block.param.push_back((*row)[slot]);
    }
  }
}

void ModelCompiler::compile_protocols() {
  if (diagnostics_.has_errors()) return;  // places are resolved below on the ground that locate_protocols found them
  for (const model::SweepProtocol& protocol : protocols_) {
    CompiledProtocol compiled;
    compiled.name = protocol.name;
    compiled.duration_ms = protocol.total_duration_ms();
    compiled.timeout_s = protocol.timeout_s.value_or(0);
    for (const model::Stimulus& stimulus : protocol.stimuli) {
      const auto& pulse = std::get<model::NrnSquarePulse>(stimulus);
      compiled.pulses.push_back(
          {node_of(*find_place(pulse.location)), pulse.step_delay_ms, pulse.step_duration_ms, pulse.step_amplitude_na});
    }
    for (const model::CompRecording& recording : protocol.recordings) {
      if (auto result = compile_recording(recording)) compiled.recordings.push_back(std::move(*result));
    }
    model_.protocols.push_back(std::move(compiled));
  }
}

std::optional<CompiledRecording> ModelCompiler::compile_recording(const model::CompRecording& recording) {
  const Place place = *find_place(recording.location);
  const std::int32_t node = node_of(place);
  CompiledRecording result;
  result.name = recording.name;
  if (recording.variable == "v") {
    result.row = static_cast<std::size_t>(node);
    return result;
  }
  if (find_recorded_variable(recording.variable, node, result)) return result;
  error(
      "model-variable",
      fmt::format("recording '{}': {}({}) has no variable '{}'", recording.name,
                  morphology_.sections[static_cast<std::size_t>(place.section)].name, place.x, recording.variable),
      recording.span,
      "range variables are v, those of the mechanisms inserted there (name_SUFFIX) and of their ions (ina, ena, ...)");
  return std::nullopt;
}

bool ModelCompiler::find_recorded_variable(const std::string& variable, std::int32_t node,
                                           CompiledRecording& result) const {
  using Kind = CompiledRecording::Kind;
  const auto n = static_cast<std::size_t>(node);
  const auto found = [&](Kind kind, std::size_t block, std::size_t slot, std::size_t row) {
    result.kind = kind;
    result.block = block;
    result.variable = slot;
    result.row = row;
    return true;
  };
  for (std::size_t b = 0; b < model_.blocks.size(); ++b) {
    const int instance = drafts_[b].instance_of_node[n];
    if (instance < 0) continue;
    const auto i = static_cast<std::size_t>(instance);
    const cw_mechanism& m = *model_.blocks[b].mechanism.descriptor;
    const int var = find_variable(m.var, m.n_vars, m.name, variable);
    if (var >= 0) return found(Kind::variable, b, static_cast<std::size_t>(var), i);
    const int param = find_variable(m.param, m.n_params, m.name, variable);
    if (param >= 0)
      return found(Kind::parameter, b, static_cast<std::size_t>(param),
                   static_cast<std::size_t>(model_.blocks[b].param_row[i]));
  }
  for (std::size_t p = 0; p < model_.ions.size(); ++p) {
    if (slot_of_node_[p][n] < 0) continue;
    const auto s = static_cast<std::size_t>(slot_of_node_[p][n]);
    const std::string& ion = model_.ions[p].name;
    if (variable == "e" + ion) return found(Kind::ion_e, p, 0, s);
    if (variable == "i" + ion) return found(Kind::ion_i, p, 0, s);
    if (variable == ion + "i") return found(Kind::ion_ci, p, 0, s);
    if (variable == ion + "o") return found(Kind::ion_co, p, 0, s);
  }
  return false;
}

}  // namespace cellwright::compile
