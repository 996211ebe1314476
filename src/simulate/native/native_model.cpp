#include "simulate/native/native_model.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "simulate/native/fixed_pack.hpp"
#include "simulate/native/lane_queue.hpp"
#include "simulate/native/make_model.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {
namespace {

constexpr std::size_t W = pack_lanes;

/// Ions (indices into CompiledModel::ions) whose currents the block's equations read and the block itself adds to.
std::vector<std::size_t> own_sums(const compile::MechanismBlock& block) {
  const cw_mechanism& m = *block.mechanism.descriptor;
  std::vector<std::size_t> result;
  for (std::int32_t k = 0; m.derivatives != nullptr && k < m.n_ions; ++k) {
    const cw_output* const outputs = m.derivatives->rate_output;
    const bool reads = std::any_of(outputs, outputs + m.derivatives->n_rate_outputs, [&](const cw_output& output) {
      return output.by == CW_BY_ION && output.index == k && output.quantity == CW_ION_I;
    });
    if (reads && (m.ion[k].writes & CW_ION_I) != 0) result.push_back(block.ion_pool[static_cast<std::size_t>(k)]);
  }
  return result;
}

bool share_a_node(const compile::MechanismBlock& a, const compile::MechanismBlock& b) {
  return std::any_of(a.node.begin(), a.node.end(),
                     [&](std::int32_t node) { return std::count(b.node.begin(), b.node.end(), node) != 0; });
}

/// A sum of currents that two mechanisms add to and depend on is complete for none of them while a step is made.
std::string circular_sum(const compile::CompiledModel& model, std::size_t number) {
  const compile::MechanismBlock& block = model.blocks[number];
  for (const std::size_t pool : own_sums(block)) {
    for (std::size_t b = 0; b < number; ++b) {
      const std::vector<std::size_t> others = own_sums(model.blocks[b]);
      if (std::count(others.begin(), others.end(), pool) == 0 || !share_a_node(block, model.blocks[b])) continue;
      return fmt::format("its equations need the i{} that '{}' adds, and those of '{}' need its own",
                         model.ions[pool].name, model.blocks[b].mechanism.descriptor->name,
                         model.blocks[b].mechanism.descriptor->name);
    }
  }
  return "";
}

/// @throws ModelError "model-fixed-step" naming every mechanism that the variable step cannot run, and why.
void check_variable_step(const compile::CompiledModel& model) {
  std::vector<Diagnostic> problems;
  for (std::size_t number = 0; number < model.blocks.size(); ++number) {
    const cw_mechanism& m = *model.blocks[number].mechanism.descriptor;
    std::string reason = m.no_derivatives != nullptr ? m.no_derivatives : "";
    if (std::any_of(std::begin(m.hook), std::end(m.hook), [](cw_function hook) { return hook != nullptr; }))
      reason = "it has a BEFORE or AFTER block";
    if (reason.empty()) reason = circular_sum(model, number);
    if (reason.empty()) continue;
    problems.push_back({.code = "model-fixed-step",
                        .message = fmt::format("mechanism '{}' runs with the fixed step only: {}", m.name, reason),
                        .fix = "say \"step\": \"fixed\" in the cell file's section simulator, or --step fixed"});
  }
  if (!problems.empty()) throw ModelError(std::move(problems));
}

/// Smaller errors than this drown in the rounding of floats: steps would get ever shorter.
constexpr double smallest_float_atol = 1e-6;

/// @throws ConfigError "config-atol".
void check_float_tolerance(double atol) {
  if (atol >= smallest_float_atol) return;
  throw ConfigError(Diagnostic{.code = "config-atol",
                               .message = fmt::format("atol {} is too small for \"numeric\": \"float\"", atol),
                               .fix = fmt::format("single precision has the digits for atol {} and more; below, say "
                                                  "\"numeric\": \"fast\"",
                                                  smallest_float_atol)});
}

}  // namespace

NativeModel::NativeModel(compile::CompiledModel model, NativeSettings settings)
    : model_(std::move(model)), settings_(std::move(settings)), kernels_(&select_kernels(settings_.numeric)) {
  if (longest_first(StepKind::variable).empty()) return;
  if (settings_.numeric == NumericMode::single) check_float_tolerance(settings_.atol);
  check_variable_step(model_);
}

std::vector<double> NativeModel::protocol_durations_ms() const {
  std::vector<double> result;
  for (const compile::CompiledProtocol& protocol : model_.protocols) result.push_back(protocol.duration_ms);
  return result;
}

/// So that no thread starts something long when the others are done.
std::vector<std::size_t> NativeModel::longest_first(StepKind step) const {
  std::vector<std::size_t> order;
  for (std::size_t p = 0; p < model_.protocols.size(); ++p) {
    if (is_variable(model_.protocols[p]) == (step == StepKind::variable)) order.push_back(p);
  }
  std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
    return model_.protocols[a].duration_ms > model_.protocols[b].duration_ms;
  });
  return order;
}

/// Lanes of any protocols, longest first, so that lanes of one pack end at about the same time; but a model's events
/// are those of one protocol, and a pack has one time limit.
std::vector<NativeModel::Pack> NativeModel::form_packs(const LaneBatch& batch) const {
  std::vector<std::vector<std::size_t>> by_protocol(model_.protocols.size());
  for (std::size_t k = 0; k < batch.lanes.size(); ++k) by_protocol.at(batch.lanes[k].protocol).push_back(k);
  const bool has_events = EventSystem::needed(model_);
  const auto may_share = [&](std::size_t p, std::size_t q) {
    return p == q || (!has_events && model_.protocols[p].timeout_s == model_.protocols[q].timeout_s);
  };
  std::vector<Pack> packs;
  for (const std::size_t protocol : longest_first(StepKind::fixed)) {
    for (const std::size_t lane : by_protocol[protocol]) {
      if (packs.empty() || packs.back().size() == W || !may_share(batch.lanes[packs.back().back()].protocol, protocol))
        packs.emplace_back();
      packs.back().push_back(lane);
    }
  }
  return packs;
}

std::unique_ptr<PackState> NativeModel::take_state() const {
  {
    const std::lock_guard lock(idle_mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<PackState> state = std::move(idle_.back());
      idle_.pop_back();
      return state;
    }
  }
  return std::make_unique<PackState>(model_, *kernels_, settings_.dt_ms);
}

void NativeModel::give_state(std::unique_ptr<PackState> state) const {
  const std::lock_guard lock(idle_mutex_);
  idle_.push_back(std::move(state));
}

void NativeModel::run(const LaneBatch& batch, parallel::Executor& executor, const ResponseSink& sink) const {
  run_variable(batch, executor, sink);
  run_fixed(batch, executor, sink);
}

std::unique_ptr<VariablePack> NativeModel::take_variable() const {
  {
    const std::lock_guard lock(idle_mutex_);
    if (!idle_variable_.empty()) {
      std::unique_ptr<VariablePack> pack = std::move(idle_variable_.back());
      idle_variable_.pop_back();
      return pack;
    }
  }
  return std::make_unique<VariablePack>(model_, settings_);
}

void NativeModel::give_variable(std::unique_ptr<VariablePack> pack) const {
  const std::lock_guard lock(idle_mutex_);
  idle_variable_.push_back(std::move(pack));
}

/// Every worker runs one pack, whose lanes take what comes next in the common queue.
void NativeModel::run_variable(const LaneBatch& batch, parallel::Executor& executor, const ResponseSink& sink) const {
  std::vector<std::vector<std::size_t>> lists;  // lanes that may stand in one pack
  for (const std::size_t protocol : longest_first(StepKind::variable)) {
    if (lists.empty() || EventSystem::needed(model_)) lists.emplace_back();
    for (std::size_t k = 0; k < batch.lanes.size(); ++k) {
      if (batch.lanes.at(k).protocol == protocol) lists.back().push_back(k);
    }
  }
  const std::vector<double> durations_ms = protocol_durations_ms();
  LaneQueue queue(batch, durations_ms, executor.workers());
  const VariablePack::Source source = [&](std::size_t idle) { return queue.take(idle, W); };
  const ResponseSink learning_sink = [&](std::size_t lane, const LaneResponses& responses) {
    queue.learn(lane, responses.steps);
    sink(lane, responses);
  };
  for (const std::vector<std::size_t>& list : lists) {
    queue.add(list);
    const std::size_t packs = std::min(executor.workers(), list.size());
    PackExchange<VariablePack> exchange(packs, W);
    executor.for_each(packs, [&](std::size_t number, std::size_t) {
      std::unique_ptr<VariablePack> pack = take_variable();
      const StepProfile profile = pack->run(batch, source, learning_sink, exchange, number);
      pack->running() > 0 ? exchange.give(std::move(pack)) : give_variable(std::move(pack));
      const std::lock_guard lock(idle_mutex_);
      if (batch.profile != nullptr) *batch.profile += profile;
    });
    for (std::unique_ptr<VariablePack>& pack : exchange.take_empty()) give_variable(std::move(pack));
  }
}

void NativeModel::run_fixed(const LaneBatch& batch, parallel::Executor& executor, const ResponseSink& sink) const {
  const std::vector<Pack> packs = form_packs(batch);
  executor.for_each(packs.size(), [&](std::size_t index, std::size_t) { run_pack(packs[index], batch, sink); });
}

void NativeModel::run_pack(const Pack& pack, const LaneBatch& batch, const ResponseSink& sink) const {
  std::unique_ptr<PackState> state = take_state();
  run_fixed_pack(model_, settings_.dt_ms, *state, batch, pack, sink);
  give_state(std::move(state));
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION

namespace cellwright::simulate::native {

#ifdef CELLWRIGHT_SINGLE
std::unique_ptr<PreparedModel> make_float_model(compile::CompiledModel model, const NativeSettings& settings) {
#else
std::unique_ptr<PreparedModel> make_double_model(compile::CompiledModel model, const NativeSettings& settings) {
#endif
  return std::make_unique<NativeModel>(std::move(model), settings);
}

}  // namespace cellwright::simulate::native
