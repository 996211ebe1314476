/// Steps of ModelCompiler: point processes, artificial cells, and what joins them: connections, pointers, streams.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "compile/model_compiler.hpp"
#include "compile/variables.hpp"

namespace cellwright::compile {
namespace {

std::vector<std::string> names_of(const cw_variable* variables, std::int32_t count) {
  std::vector<std::string> names;
  for_each_variable(variables, count, [&](std::size_t, const cw_variable& v) { names.emplace_back(v.name); });
  return names;
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& known, const char* otherwise) {
  const std::string nearest = nearest_name(name, known);
  if (!nearest.empty()) return fmt::format("did you mean '{}'?", nearest);
  return known.empty() ? otherwise : fmt::format("use one of: {}", fmt::join(known, ", "));
}

bool is_usable(double number) { return std::isfinite(number); }

}  // namespace

bool ModelCompiler::claim_name(const std::string& name, const SourceSpan& span) {
  if (!named_.contains(name)) return true;
  error("model-duplicate", fmt::format("there are two point processes or artificial cells called '{}'", name), span,
        "give each a name of its own");
  return false;
}

void ModelCompiler::plan_point_processes() {
  for (const model::NrnMODPointProcessMechanism& mechanism : cell_.point_processes) {
    BlockPlan* plan = plan_block(mechanism.suffix, CW_POINT_PROCESS, mechanism.span);
    if (!claim_name(mechanism.name, mechanism.span)) continue;
    NamedInstances& named = named_[mechanism.name];
    named.suffix = mechanism.suffix;
    for (const model::CompLocation& location : mechanism.locations) {
      const auto node = node_at(location);
      if (!node || !plan) continue;
      named.instances.push_back(static_cast<std::int32_t>(plan->nodes.size()));
      plan->nodes.push_back(*node);
    }
  }
}

void ModelCompiler::plan_artificial_cells() {
  const auto add = [this](const std::string& suffix, const SourceSpan& span, NamedInstances& named) {
    named.suffix = suffix;
    BlockPlan* plan = plan_block(suffix, CW_ARTIFICIAL_CELL, span);
    if (!plan) return;
    named.instances.push_back(static_cast<std::int32_t>(plan->nodes.size()));
    plan->nodes.push_back(-1);
  };
  for (const model::ArtificialCell& cell : cell_.artificial_cells) {
    if (claim_name(cell.name, cell.span)) add(cell.suffix, cell.span, named_[cell.name]);
  }
  for (const model::SweepProtocol& protocol : protocols_) {
    for (const model::Stimulus& stimulus : protocol.stimuli) {
      const auto* netstim = std::get_if<model::NrnNetStimStimulus>(&stimulus);
      if (!netstim) continue;
      for (const model::NrnPointProcessLocation& location : netstim->locations) {
        const auto targets = named_.find(location.pprocess_mech);
        const std::size_t n = targets == named_.end() ? 0 : targets->second.instances.size();
        for (std::size_t k = 0; k < n; ++k) add("NetStim", netstim->span, netstims_[netstim]);
      }
    }
  }
}

/// The instances of that name; an unknown one is an error of `user`.
const ModelCompiler::NamedInstances* ModelCompiler::find_instances(const std::string& name, const std::string& user,
                                                                   const SourceSpan& span) {
  const auto found = named_.find(name);
  if (found != named_.end()) return block_of_suffix_.contains(found->second.suffix) ? &found->second : nullptr;
  std::vector<std::string> known;
  for (const auto& [other, instances] : named_) known.push_back(other);
  error("model-point-process", fmt::format("{}: there is no point process or artificial cell '{}'", user, name), span,
        did_you_mean(name, known, "define it in point_processes or artificial_cells"));
  return nullptr;
}

InstanceReference ModelCompiler::reference(const NamedInstances& named, std::size_t index) const {
  return {block_of_suffix_.at(named.suffix), named.instances[index]};
}

void ModelCompiler::compile_connections() {
  for (const model::NetCon& connection : cell_.connections) compile_connection(connection);
}

void ModelCompiler::compile_connection(const model::NetCon& connection) {
  const std::string user = fmt::format("connection to '{}'", connection.target);
  const NamedInstances* targets = find_instances(connection.target, user, connection.span);
  CompiledConnection compiled{.delay_ms = connection.delay_ms};
  if (const auto* threshold = std::get_if<model::ThresholdSource>(&connection.source)) {
    const auto node = node_at(threshold->location);
    if (!node) return;
    compiled.node = *node;
    compiled.threshold_mv = threshold->threshold_mv;
  } else {
    const auto& source = std::get<model::EventSource>(connection.source);
    const NamedInstances* sources = find_instances(source.name, user, connection.span);
    if (!sources) return;
    if (sources->instances.size() != 1) {
      error("model-connection", fmt::format("{}: its source '{}' is not one instance", user, source.name),
            connection.span, "give each point process that sends events a name of its own");
      return;
    }
    compiled.source = reference(*sources, 0);
  }
  if (!targets) return;
  const cw_mechanism& m = *model_.blocks[block_of_suffix_.at(targets->suffix)].mechanism.descriptor;
  if (!m.net_receive) {
    error("model-connection", fmt::format("{}: {} has no NET_RECEIVE", user, m.name), connection.span);
  } else if (connection.weight.size() > static_cast<std::size_t>(m.n_weights)) {
    error("model-connection",
          fmt::format("{}: {} weights, but the NET_RECEIVE of {} has {} arguments", user, connection.weight.size(),
                      m.name, m.n_weights),
          connection.span);
  } else if (!(connection.delay_ms >= 0) || !is_usable(connection.delay_ms)) {
    error("model-connection", fmt::format("{}: a delay of {} ms", user, connection.delay_ms), connection.span,
          "delays are 0 or more");
  } else {
    compiled.weight = connection.weight;
    compiled.weight.resize(static_cast<std::size_t>(m.n_weights), 0.0);
    for (std::size_t k = 0; k < targets->instances.size(); ++k) {
      compiled.target = reference(*targets, k);
      model_.connections.push_back(compiled);
    }
  }
}

/// The place of a netstim among the stimuli of its protocol.
std::size_t ModelCompiler::index_of(const model::NrnNetStimStimulus& stimulus) const {
  for (const model::SweepProtocol& protocol : protocols_) {
    for (std::size_t k = 0; k < protocol.stimuli.size(); ++k) {
      if (std::get_if<model::NrnNetStimStimulus>(&protocol.stimuli[k]) == &stimulus) return k;
    }
  }
  throw InternalError("a netstim of no protocol");
}

void ModelCompiler::compile_stimulus(const model::NrnNetStimStimulus& stimulus, CompiledProtocol& protocol) {
  const std::string user = fmt::format("netstim of protocol '{}'", protocol.name);
  std::size_t next = 0;
  for (const model::NrnPointProcessLocation& location : stimulus.locations) {
    const NamedInstances* targets = find_instances(location.pprocess_mech, user, stimulus.span);
    if (!targets) continue;
    const cw_mechanism& m = *model_.blocks[block_of_suffix_.at(targets->suffix)].mechanism.descriptor;
    if (!m.net_receive) {
      error("model-connection", fmt::format("{}: {} has no NET_RECEIVE", user, m.name), stimulus.span);
      continue;
    }
    for (std::size_t k = 0; k < targets->instances.size(); ++k) {
      const InstanceReference source = reference(netstims_.at(&stimulus), next++);
      protocol.artificial_cells.push_back(source);
      CompiledConnection connection{.source = source, .target = reference(*targets, k)};
      if (cell_.corrected) connection.delay_ms = 0;
      connection.weight.assign(static_cast<std::size_t>(m.n_weights), 0.0);
      if (!connection.weight.empty()) connection.weight[0] = stimulus.weight;
      protocol.connections.push_back(std::move(connection));
      set_netstim(source, stimulus, {protocol.name, index_of(stimulus)});
      const auto number = static_cast<std::uint32_t>(next_stream_ + protocol.artificial_cells.size() - 1);
      model_.streams.push_back({source, 0, {1, 0, number}, 0, false});
    }
  }
}

/// Writes a stimulus' numbers into the parameter rows of its NetStim.
void ModelCompiler::set_netstim(const InstanceReference& netstim, const model::NrnNetStimStimulus& stimulus,
                                const model::StimulusTarget& target) {
  MechanismBlock& block = model_.blocks[netstim.block];
  const cw_mechanism& m = *block.mechanism.descriptor;
  const auto set = [&](const char* name, double value) {
    const int slot = find_variable(m, m.param, m.n_params, name);
    if (slot < 0) throw InternalError(fmt::format("NetStim has no parameter '{}'", name));
    const auto row = static_cast<std::size_t>(block.param_row[static_cast<std::size_t>(netstim.instance)]);
    block.param[static_cast<std::size_t>(slot) * block.n_rows + row] =
        meta_source(target, name).value_or(constant(value));
  };
  set("interval", stimulus.interval_ms);
  set("number", stimulus.number);
  set("start", stimulus.start_ms);
  set("noise", stimulus.noise);
}

void ModelCompiler::compile_pointers() {
  for (const model::PointerTarget& pointer : cell_.pointers) compile_pointer(pointer);
  report_unset_pointers();
}

void ModelCompiler::compile_pointer(const model::PointerTarget& pointer) {
  const std::string user = fmt::format("pointer '{}' of '{}'", pointer.pointer, pointer.owner);
  const NamedInstances* owners = find_instances(pointer.owner, user, pointer.span);
  if (!owners) return;
  const cw_mechanism& m = *model_.blocks[block_of_suffix_.at(owners->suffix)].mechanism.descriptor;
  const std::vector<std::string> names = names_of(m.pointer, m.n_pointers);
  const auto slot = std::find(names.begin(), names.end(), pointer.pointer);
  if (slot == names.end()) {
    error("model-pointer", fmt::format("{}: {} has no such POINTER", user, m.name), pointer.span,
          did_you_mean(pointer.pointer, names, "it has none at all"));
    return;
  }
  const auto target = find_recorded(pointer.location, pointer.variable, user, pointer.span);
  if (!target) return;
  const bool shared = target->kind == VariableReference::Kind::parameter &&
                      model_.blocks[target->block].mechanism.descriptor->kind == CW_DENSITY;
  if (shared) {
    error("model-pointer", fmt::format("{}: cannot refer to the parameter '{}'", user, pointer.variable), pointer.span,
          "a POINTER may refer to v, to states and assigned variables, ions, and anything of a point process");
    return;
  }
  for (std::size_t k = 0; k < owners->instances.size(); ++k)
    model_.pointers.push_back({reference(*owners, k), static_cast<std::size_t>(slot - names.begin()), *target});
}

/// Nothing is sensible where a POINTER refers to nothing.
void ModelCompiler::report_unset_pointers() {
  if (diagnostics_.has_errors()) return;
  for (std::size_t b = 0; b < model_.blocks.size(); ++b) {
    const cw_mechanism& m = *model_.blocks[b].mechanism.descriptor;
    for (std::int32_t p = 0; p < m.n_pointers; ++p) {
      const auto is_this = [&](const CompiledPointer& c) {
        return c.owner.block == b && c.pointer == static_cast<std::size_t>(p);
      };
      const auto set = std::count_if(model_.pointers.begin(), model_.pointers.end(), is_this);
      if (static_cast<std::size_t>(set) >= model_.blocks[b].node.size()) continue;
      SourceSpan span;
      for (const auto& mechanism : cell_.mechanisms) {
        if (mechanism.suffix == m.name) span = mechanism.span;
      }
      for (const auto& mechanism : cell_.point_processes) {
        if (mechanism.suffix == m.name) span = mechanism.span;
      }
      error("model-pointer", fmt::format("the POINTER '{}' of {} is not set everywhere", m.pointer[p].name, m.name),
            span,
            m.kind == CW_DENSITY ? "this version cannot set the POINTERs of density mechanisms"
                                 : "set it in 'pointers' for each point process");
    }
  }
}

/// Gives the streams of all instances of a name NEURON's default identifiers.
void ModelCompiler::number_streams(const std::string& owner) {
  const auto named = named_.find(owner);
  if (named == named_.end() || !block_of_suffix_.contains(named->second.suffix)) return;
  const std::int32_t n = model_.blocks[block_of_suffix_.at(named->second.suffix)].mechanism.descriptor->n_randoms;
  for (std::size_t k = 0; k < named->second.instances.size(); ++k) {
    for (std::int32_t stream = 0; stream < n; ++stream) {
      model_.streams.push_back(
          {reference(named->second, k), static_cast<std::size_t>(stream), {1, 0, next_stream_++}, 0, false});
    }
  }
}

void ModelCompiler::compile_streams() {
  for (const auto& mechanism : cell_.point_processes) number_streams(mechanism.name);
  for (const auto& cell : cell_.artificial_cells) number_streams(cell.name);
  for (const model::RandomStream& stream : cell_.random_streams) compile_stream(stream);
}

void ModelCompiler::compile_stream(const model::RandomStream& stream) {
  const std::string user = fmt::format("random stream '{}' of '{}'", stream.variable, stream.owner);
  const NamedInstances* owners = find_instances(stream.owner, user, stream.span);
  if (!owners) return;
  const cw_mechanism& m = *model_.blocks[block_of_suffix_.at(owners->suffix)].mechanism.descriptor;
  const std::vector<std::string> names = names_of(m.random, m.n_randoms);
  const auto slot = std::find(names.begin(), names.end(), stream.variable);
  if (slot == names.end()) {
    error("model-random", fmt::format("{}: {} has no such random stream", user, m.name), stream.span,
          did_you_mean(stream.variable, names, "it has none at all"));
  } else if (owners->instances.size() != 1) {
    error("model-random", fmt::format("{}: it stands for {} instances", user, owners->instances.size()), stream.span,
          "streams must differ: give each point process a name of its own");
  } else {
    model_.streams.push_back(
        {reference(*owners, 0), static_cast<std::size_t>(slot - names.begin()), stream.ids, stream.sequence});
  }
}

void ModelCompiler::compile_lists() {
  for (const model::NumberList& list : cell_.number_lists) {
    const std::string user = fmt::format("list '{}' of '{}'", list.variable, list.owner);
    const NamedInstances* owners = find_instances(list.owner, user, list.span);
    if (!owners) continue;
    const cw_mechanism& m = *model_.blocks[block_of_suffix_.at(owners->suffix)].mechanism.descriptor;
    const std::vector<std::string> names = names_of(m.vector, static_cast<std::int32_t>(m.n_vectors));
    const auto slot = std::find(names.begin(), names.end(), list.variable);
    if (slot == names.end()) {
      error("model-list", fmt::format("{}: {} has no such list", user, m.name), list.span,
            did_you_mean(list.variable, names, "it has none at all"));
      continue;
    }
    for (std::size_t k = 0; k < owners->instances.size(); ++k)
      model_.vectors.push_back({reference(*owners, k), static_cast<std::size_t>(slot - names.begin()), list.values});
  }
}

std::optional<CompiledRecording> ModelCompiler::compile_recording_at(const model::NrnPointProcessLocation& location,
                                                                     const model::CompRecording& recording) {
  const std::string user = fmt::format("recording '{}'", recording.name);
  const NamedInstances* named = find_instances(location.pprocess_mech, user, recording.span);
  if (!named || named->instances.empty()) return std::nullopt;
  const InstanceReference instance = reference(*named, 0);
  if (const auto source =
          find_block_variable(instance.block, static_cast<std::size_t>(instance.instance), recording.variable))
    return CompiledRecording{recording.name, *source, ""};
  const cw_mechanism& m = *model_.blocks[instance.block].mechanism.descriptor;
  std::vector<std::string> names = names_of(m.var, m.n_vars);
  for (std::string& name : names_of(m.param, m.n_params)) names.push_back(std::move(name));
  error("model-variable", fmt::format("{}: {} has no variable '{}'", user, m.name, recording.variable), recording.span,
        did_you_mean(recording.variable, names, "it has none at all"));
  return std::nullopt;
}

/// A variable at any location, for a pointer; an error of `user` if there is none.
std::optional<VariableReference> ModelCompiler::find_recorded(const model::RecordingLocation& location,
                                                              const std::string& variable, const std::string& user,
                                                              const SourceSpan& span) {
  if (const auto* process = std::get_if<model::NrnPointProcessLocation>(&location)) {
    const NamedInstances* named = find_instances(process->pprocess_mech, user, span);
    if (!named || named->instances.empty()) return std::nullopt;
    const InstanceReference instance = reference(*named, 0);
    const auto found = find_block_variable(instance.block, static_cast<std::size_t>(instance.instance), variable);
    if (!found)
      error("model-pointer", fmt::format("{}: '{}' has no '{}'", user, process->pprocess_mech, variable), span);
    return found;
  }
  const auto node = node_at(*as_compartment(location));
  if (!node) return std::nullopt;
  const auto found = find_range_variable(variable, *node);
  if (!found) error("model-pointer", fmt::format("{}: there is no '{}' at that place", user, variable), span);
  return found;
}

}  // namespace cellwright::compile
