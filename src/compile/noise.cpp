/// Steps of ModelCompiler: stochastic density mechanisms.

#include <algorithm>

#include <fmt/format.h>

#include "compile/model_compiler.hpp"
#include "compile/variables.hpp"

namespace cellwright::compile {

/// BluePyOpt's handling of determinism: by the mechanism's name, in order of insertion.
void ModelCompiler::insert_noise() {
  for (const model::NrnMODMechanism& insertion : cell_.mechanisms) {
    if (!insertion.stochastic()) {
      if (insertion.deterministic) continue;
      error("model-stochastic",
            fmt::format("'{}' cannot have \"deterministic\": false: it is not stochastic", insertion.suffix),
            insertion.span, "a stochastic mechanism has 'Stoch' in its SUFFIX");
      continue;
    }
    const auto block = block_of_suffix_.find(insertion.suffix);
    if (block == block_of_suffix_.end()) continue;  // of another kind, or in no section: was reported, or does nothing
    const cw_mechanism& m = *model_.blocks[block->second].mechanism.descriptor;
    if (find_variable(m, m.param, m.n_params, "deterministic_" + insertion.suffix) < 0) {
      error("model-stochastic", fmt::format("'{}' has no range parameter 'deterministic'", insertion.suffix),
            insertion.span, "a mechanism with 'Stoch' in its SUFFIX is taken for a stochastic one");
      continue;
    }
    const auto sections = places_.find_sections(insertion.location.seclist_name, insertion.location.span);
    for (std::size_t k = 0; sections && k < sections->size(); ++k) insert_noise(insertion, (*sections)[k]);
  }
}

void ModelCompiler::insert_noise(const model::NrnMODMechanism& insertion, int section) {
  const std::size_t block = block_of_suffix_.at(insertion.suffix);
  const cw_mechanism& m = *model_.blocks[block].mechanism.descriptor;
  const int slot = find_variable(m, m.param, m.n_params, "deterministic_" + insertion.suffix);
  const std::string& name = morphology_.sections[static_cast<std::size_t>(section)].name;
  const std::vector<std::int32_t> nodes = membrane_nodes(section);
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    const int instance = drafts_[block].instance_of_node[static_cast<std::size_t>(nodes[k])];
    drafts_[block].values[static_cast<std::size_t>(instance)][static_cast<std::size_t>(slot)] = {
        .constant = insertion.deterministic ? 1.0 : 0.0, .noise_switch = true};
    const double x = (static_cast<double>(k) + 0.5) / static_cast<double>(nodes.size());
    const std::uint32_t hash = model::hash_py(fmt::format("{}.{:.19g}", name, x));
    for (std::int32_t stream = 0; stream < m.n_randoms; ++stream)
      model_.streams.push_back({{block, instance}, static_cast<std::size_t>(stream), {cell_.gid, hash, 0}});
  }
}

}  // namespace cellwright::compile
