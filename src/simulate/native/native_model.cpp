#include "simulate/native/native_model.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

namespace cellwright::simulate::native {
namespace {

constexpr std::size_t W = CELLWRIGHT_LANES;
using Clock = std::chrono::steady_clock;

/// The recorded samples of a pack: per recording and lane a contiguous trace.
class Traces {
 public:
  Traces(std::size_t recordings, std::size_t samples) : samples_(samples), values_(recordings * W * samples) {
    time_.reserve(samples);
  }

  void record(PackState& state, const std::vector<compile::CompiledRecording>& recordings) {
    const std::size_t k = time_.size();
    time_.push_back(state.t_ms());
    for (std::size_t r = 0; r < recordings.size(); ++r) {
      if (!recordings[r].missing.empty()) continue;
      const double* values = state.recorded(recordings[r].source);
      for (std::size_t lane = 0; lane < W; ++lane) values_[(r * W + lane) * samples_ + k] = values[lane];
    }
  }

  std::span<const double> time() const { return time_; }
  std::span<const double> trace(std::size_t recording, std::size_t lane) const {
    return {values_.data() + (recording * W + lane) * samples_, time_.size()};
  }

 private:
  std::size_t samples_;
  std::vector<double> time_;
  std::vector<double> values_;
};

/// Looks at the clock only now and then: a pack's step may take less than a clock call.
class Deadline {
 public:
  explicit Deadline(double limit_s) : active_(limit_s > 0) {
    if (active_)
      end_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(limit_s));
  }
  bool passed() {
    constexpr unsigned steps_between_looks = 64;
    return active_ && ++step_ % steps_between_looks == 0 && Clock::now() > end_;
  }

 private:
  bool active_;
  unsigned step_ = 0;
  Clock::time_point end_;
};

/// The first sample that is NaN or infinite, or the number of samples.
std::size_t first_non_finite(std::span<const double> trace) {
  const auto bad = std::find_if_not(trace.begin(), trace.end(), [](double x) { return std::isfinite(x); });
  return static_cast<std::size_t>(bad - trace.begin());
}

LaneResponses lane_responses(const Traces& traces, const std::vector<compile::CompiledRecording>& recordings,
                             std::size_t lane, bool timed_out) {
  LaneResponses result;
  result.time_ms = traces.time();
  for (std::size_t r = 0; r < recordings.size(); ++r) {
    if (!recordings[r].missing.empty()) {
      result.recordings.emplace_back();
      continue;
    }
    result.recordings.push_back(traces.trace(r, lane));
    const std::size_t bad = first_non_finite(result.recordings.back());
    if (bad == result.time_ms.size()) continue;
    if (result.status == LaneStatus::ok || result.time_ms[bad] < result.failed_at_ms)
      result.failed_at_ms = result.time_ms[bad];
    result.status = LaneStatus::non_finite;
  }
  if (result.status == LaneStatus::ok && timed_out) {
    result.status = LaneStatus::timed_out;
    result.failed_at_ms = result.time_ms.back();
  }
  return result;
}

/// A lane whose events went wrong is failed from that time on, whatever its traces look like.
void report_event_failure(const EventSystem& events, std::size_t lane, LaneResponses& responses) {
  switch (events.failure(lane)) {
    case EventFailure::none:
      return;
    case EventFailure::in_the_past:
      responses.status = LaneStatus::event_in_the_past;
      break;
    case EventFailure::too_many:
      responses.status = LaneStatus::too_many_events;
      break;
    case EventFailure::no_event:
      responses.status = LaneStatus::no_event_to_move;
      break;
  }
  responses.failed_at_ms = events.failed_at_ms(lane);
}

/// @throws ModelError "model-fixed-step" naming every mechanism that the variable step cannot run, and why.
void check_variable_step(const compile::CompiledModel& model) {
  std::vector<Diagnostic> problems;
  for (const compile::MechanismBlock& block : model.blocks) {
    const cw_mechanism& m = *block.mechanism.descriptor;
    std::string reason = m.no_derivatives ? m.no_derivatives : "";
    if (std::any_of(std::begin(m.hook), std::end(m.hook), [](cw_function hook) { return hook != nullptr; }))
      reason = "it has a BEFORE or AFTER block";
    if (reason.empty()) continue;
    problems.push_back({.code = "model-fixed-step",
                        .message = fmt::format("mechanism '{}' runs with the fixed step only: {}", m.name, reason),
                        .fix = "say \"step\": \"fixed\" in the cell file's section simulator, or --step fixed"});
  }
  if (!problems.empty()) throw ModelError(std::move(problems));
}

}  // namespace

NativeModel::NativeModel(compile::CompiledModel model, NativeSettings settings)
    : model_(std::move(model)), settings_(std::move(settings)), kernels_(&select_kernels(settings_.numeric)) {
  if (!longest_first(StepKind::variable).empty()) check_variable_step(model_);
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

std::vector<NativeModel::Pack> NativeModel::form_packs(const LaneBatch& batch) const {
  std::vector<std::vector<std::size_t>> by_protocol(model_.protocols.size());
  for (std::size_t k = 0; k < batch.lanes.size(); ++k) by_protocol.at(batch.lanes[k].protocol).push_back(k);
  std::vector<Pack> packs;
  for (const std::size_t protocol : longest_first(StepKind::fixed)) {
    const std::vector<std::size_t>& lanes = by_protocol[protocol];
    const std::size_t width = model_.protocols[protocol].varied.empty() ? W : 1;
    for (std::size_t first = 0; first < lanes.size(); first += width) {
      const std::size_t last = std::min(first + width, lanes.size());
      packs.push_back(
          {protocol,
           {lanes.begin() + static_cast<std::ptrdiff_t>(first), lanes.begin() + static_cast<std::ptrdiff_t>(last)}});
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

/// Every worker runs one pack, whose lanes take what comes next in the common list: protocols that last longest first.
void NativeModel::run_variable(const LaneBatch& batch, parallel::Executor& executor, const ResponseSink& sink) const {
  std::vector<std::vector<std::size_t>> lists;  // lanes that may stand in one pack
  for (const std::size_t protocol : longest_first(StepKind::variable)) {
    if (lists.empty() || EventSystem::needed(model_)) lists.emplace_back();
    for (std::size_t k = 0; k < batch.lanes.size(); ++k) {
      if (batch.lanes.at(k).protocol == protocol) lists.back().push_back(k);
    }
  }
  for (const std::vector<std::size_t>& list : lists) {
    std::mutex mutex;
    std::size_t next = 0;
    const std::size_t workers = executor.workers();
    const VariablePack::Source source = [&](std::size_t idle) {
      const std::lock_guard lock(mutex);
      const std::size_t remaining = list.size() - next;
      // In advance only what other workers will not miss at the end.
      const std::size_t wanted =
          std::max(std::min(idle, (remaining + workers - 1) / workers), std::min(W, remaining / (2 * workers)));
      const auto first = list.begin() + static_cast<std::ptrdiff_t>(next);
      next += wanted;
      return std::vector<std::size_t>(first, first + static_cast<std::ptrdiff_t>(wanted));
    };
    executor.for_each(std::min(workers, list.size()), [&](std::size_t, std::size_t) {
      std::unique_ptr<VariablePack> pack = take_variable();
      pack->run(batch, source, sink);
      const std::lock_guard lock(idle_mutex_);
      idle_variable_.push_back(std::move(pack));
    });
  }
}

void NativeModel::run_fixed(const LaneBatch& batch, parallel::Executor& executor, const ResponseSink& sink) const {
  const std::vector<Pack> packs = form_packs(batch);
  executor.for_each(packs.size(), [&](std::size_t index, std::size_t) { run_pack(packs[index], batch, sink); });
}

void NativeModel::run_pack(const Pack& pack, const LaneBatch& batch, const ResponseSink& sink) const {
  std::array<std::size_t, W> rows{};
  for (std::size_t lane = 0; lane < W; ++lane) {
    rows[lane] = batch.lanes[pack.lanes[std::min(lane, pack.lanes.size() - 1)]].individual;
  }
  const compile::CompiledProtocol& shared = model_.protocols[pack.protocol];
  std::optional<compile::CompiledProtocol> own;
  if (!shared.varied.empty()) own = shared.for_individual(batch.parameters.row(rows[0]));
  const compile::CompiledProtocol& protocol = own ? *own : shared;
  const double dt = settings_.dt_ms;
  const double last_step_starts_before = protocol.duration_ms - 0.5 * dt;
  Traces traces(protocol.recordings.size(), static_cast<std::size_t>(std::llround(protocol.duration_ms / dt)) + 2);
  Deadline deadline(protocol.timeout_s);
  std::unique_ptr<PackState> state = take_state();
  LaneParameters parameters{batch.parameters, rows, batch.random123_globalindex};
  parameters.deterministic.fill(protocol.deterministic);
  state->initialise(parameters, protocol);
  traces.record(*state, protocol.recordings);
  state->finish_step();
  bool timed_out = false;
  while (state->t_ms() < last_step_starts_before && !timed_out) {
    state->step();
    traces.record(*state, protocol.recordings);
    state->finish_step();
    timed_out = deadline.passed();
  }
  for (std::size_t lane = 0; lane < pack.lanes.size(); ++lane) {
    LaneResponses responses = lane_responses(traces, protocol.recordings, lane, timed_out);
    if (state->events()) report_event_failure(*state->events(), lane, responses);
    sink(pack.lanes[lane], responses);
  }
  give_state(std::move(state));
}

}  // namespace cellwright::simulate::native
