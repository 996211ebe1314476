#include "compile/model_compiler.hpp"

#include <limits>

#include "compile/variables.hpp"

namespace cellwright::compile {
namespace {

bool is_membrane(const morphology::CableNode& node) { return node.area_um2 > 0; }

}  // namespace

ModelCompiler::ModelCompiler(const model::CellModel& cell, const morphology::Morphology& morphology,
                             const nmodl::MechanismLibrary& library, std::span<const model::SweepProtocol> protocols)
    : cell_(cell),
      morphology_(morphology),
      library_(library),
      protocols_(protocols),
      tree_(morphology),
      places_(morphology, diagnostics_, cell.corrected) {}

CompiledModel ModelCompiler::compile() {
  model_.random123_globalindex = cell_.random123_globalindex;
  model_.n_parameters = cell_.free_parameters().size();
  locate_places();
  build_cable();
  insert_mechanisms();
  build_ions();
  insert_noise();
  apply_parameters();
  merge_rows();
  compile_connections();
  compile_pointers();
  compile_streams();
  compile_lists();
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

std::int32_t ModelCompiler::node_of(const morphology::Place& place) const {
  return kept_node_[static_cast<std::size_t>(tree_.node_at(place.section, place.x))];
}

/// The node of a place that locate_places() judged; none where it was wrong.
std::optional<std::int32_t> ModelCompiler::node_at(const model::CompLocation& location) {
  const auto place = places_.found(location).place;
  return place ? std::optional(node_of(*place)) : std::nullopt;
}

void ModelCompiler::keep_node_at(const morphology::Place& place) {
  referenced_[static_cast<std::size_t>(tree_.node_at(place.section, place.x))] = 1;
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
    const morphology::Section& section = morphology_.sections[static_cast<std::size_t>(node.section)];
    const bool spikes_start_here = section.type == morphology::soma || section.type == morphology::axon;
    cable.near_soma.push_back(spikes_start_here || section.parent < 0);
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

}  // namespace cellwright::compile
