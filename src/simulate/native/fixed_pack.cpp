#include "simulate/native/fixed_pack.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <optional>
#include <vector>

#include "simulate/native/event_system.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {
namespace {

constexpr std::size_t W = pack_lanes;
using Clock = std::chrono::steady_clock;

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

/// A lane's protocol and what it has recorded: per recording a contiguous trace.
class LaneRun {
 public:
  LaneRun(const compile::CompiledProtocol& protocol, std::span<const double> parameters, double dt_ms)
      : protocol_(&protocol) {
    if (!protocol.varied.empty()) own_ = protocol.for_individual(parameters);
    samples_ = static_cast<std::size_t>(std::llround(this->protocol().duration_ms / dt_ms)) + 2;
    values_.resize(protocol.recordings.size() * samples_);
    last_step_starts_before_ms_ = this->protocol().duration_ms - 0.5 * dt_ms;
  }

  const compile::CompiledProtocol& protocol() const { return own_ ? *own_ : *protocol_; }
  bool is_over(double t_ms) const { return t_ms >= last_step_starts_before_ms_; }

  void record(PackState& state, std::size_t lane) {
    double* value = values_.data() + recorded_++;
    for (const compile::CompiledRecording& recording : protocol_->recordings) {
      if (recording.missing.empty()) *value = state.recorded(recording.source)[lane];
      value += samples_;
    }
  }

  /// @param time_ms  of the pack's samples; the lane's own are the first of them.
  LaneResponses responses(std::span<const double> time_ms, bool timed_out) const {
    LaneResponses result;
    result.time_ms = time_ms.first(recorded_);
    for (std::size_t r = 0; r < protocol_->recordings.size(); ++r) {
      result.recordings.emplace_back();
      if (!protocol_->recordings[r].missing.empty()) continue;
      result.recordings.back() = {values_.data() + r * samples_, recorded_};
      fail_if_non_finite(result);
    }
    if (result.status == LaneStatus::ok && timed_out) {
      result.status = LaneStatus::timed_out;
      result.failed_at_ms = result.time_ms.back();
    }
    return result;
  }

 private:
  static void fail_if_non_finite(LaneResponses& result) {
    const std::size_t bad = first_non_finite(result.recordings.back());
    if (bad == result.time_ms.size()) return;
    if (result.status == LaneStatus::ok || result.time_ms[bad] < result.failed_at_ms)
      result.failed_at_ms = result.time_ms[bad];
    result.status = LaneStatus::non_finite;
  }

  const compile::CompiledProtocol* protocol_;
  std::optional<compile::CompiledProtocol> own_;  ///< where stimuli depend on the individual
  std::size_t samples_ = 0, recorded_ = 0;
  std::vector<double> values_;
  double last_step_starts_before_ms_ = 0;
};

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

void initialise(PackState& state, const LaneBatch& batch, std::span<const std::size_t> lanes,
                const std::vector<LaneRun>& runs) {
  std::array<std::size_t, W> rows{};
  LaneParameters parameters{batch.parameters, rows, batch.random123_globalindex};
  LaneProtocols protocols{};
  for (std::size_t lane = 0; lane < W; ++lane) {
    const std::size_t source = std::min(lane, lanes.size() - 1);
    rows[lane] = batch.lanes[lanes[source]].individual;
    protocols[lane] = &runs[source].protocol();
    parameters.deterministic[lane] = protocols[lane]->deterministic;
  }
  state.initialise(parameters, protocols);
}

}  // namespace

void run_fixed_pack(const compile::CompiledModel& model, double dt_ms, PackState& state, const LaneBatch& batch,
                    std::span<const std::size_t> lanes, const ResponseSink& sink) {
  std::vector<LaneRun> runs;
  for (const std::size_t lane : lanes) {
    const Lane& wanted = batch.lanes[lane];
    runs.emplace_back(model.protocols[wanted.protocol], batch.parameters.row(wanted.individual), dt_ms);
  }
  Deadline deadline(runs.front().protocol().timeout_s);
  std::vector<double> time_ms;
  bool all_over = false, timed_out = false;
  const auto record = [&](double step_began_ms) {
    time_ms.push_back(state.t_ms());
    all_over = true;
    for (std::size_t lane = 0; lane < runs.size(); ++lane) {
      if (runs[lane].is_over(step_began_ms)) continue;
      runs[lane].record(state, lane);
      all_over = all_over && runs[lane].is_over(state.t_ms());
    }
  };
  initialise(state, batch, lanes, runs);
  record(-dt_ms);
  state.finish_step();
  while (!all_over && !timed_out) {
    const double step_begins_ms = state.t_ms();
    state.step();
    record(step_begins_ms);
    state.finish_step();
    timed_out = deadline.passed();
  }
  std::vector<std::size_t> late;
  for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
    const bool is_late = timed_out && !runs[lane].is_over(state.t_ms());
    if (is_late && lanes.size() > 1) {
      late.push_back(lanes[lane]);
      continue;
    }
    LaneResponses responses = runs[lane].responses(time_ms, is_late);
    if (state.events()) report_event_failure(*state.events(), lane, responses);
    sink(lanes[lane], responses);
  }
  for (const std::size_t lane : late) run_fixed_pack(model, dt_ms, state, batch, {&lane, 1}, sink);
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
