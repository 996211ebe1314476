/// Steps of ModelCompiler: which mechanisms are where, and the ions that they use.

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "compile/model_compiler.hpp"
#include "compile/variables.hpp"

namespace cellwright::compile {
namespace {

/// NEURON's own mechanisms in their order of registration.
constexpr std::array registration = {"pas",     "IClamp",   "AlphaSynapse", "ExpSyn",  "Exp2Syn",
                                     "SEClamp", "VClamp",   "OClamp",       "APCount", "hh",
                                     "NetStim", "IntFire1", "IntFire2",     "IntFire4"};

/// NEURON's order of mechanism types (neuron-semantics 3.1): pas; writers of a concentration, the last registered
/// first; NEURON's own; those of the loaded library by file name; artificial cells after all others.
int type_rank(const nmodl::LoadedMechanism& mechanism) {
  if (mechanism.descriptor->kind == CW_ARTIFICIAL_CELL) return 4;
  if (std::string(mechanism.descriptor->name) == "pas") return 0;
  if (mechanism.descriptor->writes_concentration) return 1;
  return mechanism.origin == nmodl::MechanismOrigin::builtin ? 2 : 3;
}

std::ptrdiff_t builtin_rank(const nmodl::LoadedMechanism& mechanism) {
  if (mechanism.origin != nmodl::MechanismOrigin::builtin) return static_cast<std::ptrdiff_t>(registration.size());
  const std::string name = mechanism.descriptor->name;
  return std::find(registration.begin(), registration.end(), name) - registration.begin();
}

bool registered_before(const nmodl::LoadedMechanism& a, const nmodl::LoadedMechanism& b) {
  const int rank_a = type_rank(a), rank_b = type_rank(b);
  if (rank_a != rank_b) return rank_a < rank_b;
  const std::ptrdiff_t builtin_a = builtin_rank(a), builtin_b = builtin_rank(b);
  if (builtin_a != builtin_b) return builtin_a < builtin_b;
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

}  // namespace

/// Says once why the library has no such mechanism: at the place of its first use, or in the mod file that is wrong.
void ModelCompiler::report_missing_mechanism(const std::string& suffix, const SourceSpan& span) {
  if (!missing_.insert(suffix).second) return;
  const auto problems = library_.problems().find(suffix);
  if (problems == library_.problems().end()) throw InternalError(fmt::format("mechanism '{}' was not loaded", suffix));
  for (Diagnostic problem : problems->second) {
    if (problem.span.file.empty()) problem.span = span;
    diagnostics_.add(std::move(problem));
  }
}

/// Variables of a mechanism that is not there, or of an ion that it may use, are no mistakes of their own.
bool ModelCompiler::may_be_of_missing_mechanism(const std::string& variable) const {
  if (missing_.empty()) return false;
  return variable.find('_') == std::string::npos ||
         std::any_of(missing_.begin(), missing_.end(),
                     [&](const std::string& m) { return variable.ends_with("_" + m); });
}

/// The plan of one mechanism's block, begun at the first use of its name; none if it is of another kind (an error).
ModelCompiler::BlockPlan* ModelCompiler::plan_block(const std::string& suffix, int kind, const SourceSpan& span) {
  const nmodl::LoadedMechanism* mechanism = library_.find(suffix);
  if (!mechanism) {
    report_missing_mechanism(suffix, span);
    return nullptr;
  }
  if (mechanism->descriptor->kind == kind) {
    BlockPlan& plan = plans_[suffix];
    plan.mechanism = mechanism;
    return &plan;
  }
  const auto name_of = [](int k) {
    return k == CW_DENSITY ? "a density mechanism" : (k == CW_POINT_PROCESS ? "a point process" : "an artificial cell");
  };
  const char* const fix = kind == CW_DENSITY         ? "insert density mechanisms (SUFFIX) only"
                          : kind == CW_POINT_PROCESS ? "name a POINT_PROCESS"
                                                     : "name an ARTIFICIAL_CELL";
  if (reported_kinds_.emplace(suffix, kind).second) {
    error("model-mechanism",
          fmt::format("'{}' is {}, not {}", suffix, name_of(mechanism->descriptor->kind), name_of(kind)), span, fix);
  }
  return nullptr;
}

void ModelCompiler::insert_mechanisms() {
  for (const model::NrnMODMechanism& insertion : cell_.mechanisms) {
    const auto sections = places_.find_sections(insertion.location.seclist_name, insertion.location.span);
    BlockPlan* plan = plan_block(insertion.suffix, CW_DENSITY, insertion.span);
    if (!sections || !plan) continue;
    for (const int section : *sections) {
      for (const std::int32_t node : membrane_nodes(section)) plan->nodes.push_back(node);
    }
  }
  for (auto& [suffix, plan] : plans_) {  // a mechanism inserted twice is there once
    std::sort(plan.nodes.begin(), plan.nodes.end());
    plan.nodes.erase(std::unique(plan.nodes.begin(), plan.nodes.end()), plan.nodes.end());
  }
  plan_point_processes();
  plan_artificial_cells();
  std::vector<const BlockPlan*> order;
  for (const auto& [suffix, plan] : plans_) order.push_back(&plan);
  std::stable_sort(order.begin(), order.end(), [](const BlockPlan* a, const BlockPlan* b) {
    return registered_before(*a->mechanism, *b->mechanism);
  });
  for (const BlockPlan* plan : order) build_block(*plan);
}

void ModelCompiler::build_block(const BlockPlan& plan) {
  if (plan.nodes.empty()) return;  // inserted into empty section lists only
  const cw_mechanism& m = *plan.mechanism->descriptor;
  MechanismBlock block;
  block.mechanism = *plan.mechanism;
  block.node = plan.nodes;
  BlockDraft draft;
  std::vector<ValueSource> defaults(static_cast<std::size_t>(m.n_params));
  for_each_variable(m.param, m.n_params,
                    [&](std::size_t slot, const cw_variable& v) { defaults[slot] = constant(v.default_value); });
  for_each_variable(m.global, m.n_globals,
                    [&](std::size_t, const cw_variable& v) { block.global.push_back(constant(v.default_value)); });
  draft.values.assign(plan.nodes.size(), defaults);
  if (m.kind == CW_DENSITY) {
    draft.instance_of_node.assign(model_.cable.size(), -1);
    for (std::size_t k = 0; k < plan.nodes.size(); ++k)
      draft.instance_of_node[static_cast<std::size_t>(plan.nodes[k])] = static_cast<int>(k);
  }
  block_of_suffix_[m.name] = model_.blocks.size();
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
    const bool needs_valence = std::count(pool.nernst_at_init.begin(), pool.nernst_at_init.end(), std::uint8_t{1}) > 0;
    if (pool.valence == 0 && needs_valence) {
      error(
          "model-ion-valence",
          fmt::format("no mechanism tells the valence of the ion '{}', which its reversal potential needs", pool.name),
          cell_.mechanisms.empty() ? SourceSpan{} : cell_.mechanisms.front().span,
          "add VALENCE to a USEION statement of the ion");
    }
  }
}

/// Instances whose parameters come from the same places share one row: a somatic and an apical value give two rows, not
/// 487.
void ModelCompiler::merge_rows() {
  for (std::size_t b = 0; b < model_.blocks.size(); ++b) {
    MechanismBlock& block = model_.blocks[b];
    std::map<std::vector<ValueSource>, std::int32_t> row_of;
    std::vector<const std::vector<ValueSource>*> rows;
    const bool share = block.mechanism.descriptor->kind == CW_DENSITY;  // POINTERs may write to the others
    for (const std::vector<ValueSource>& values : drafts_[b].values) {
      if (!share) {
        block.param_row.push_back(static_cast<std::int32_t>(rows.size()));
        rows.push_back(&values);
        continue;
      }
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

}  // namespace cellwright::compile
