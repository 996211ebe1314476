#include "simulate/native/variable_pack.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "simulate/native/step_control.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {
namespace {

constexpr std::size_t W = pack_lanes;

/// The error of v that counts as much as one of 1 of a state, mV.
constexpr double mv_per_state = 1000;
/// Of errors of v that are not in the soma, the axon or the root, nor where v is recorded.
constexpr Real weight_of_remote_errors = 0.5;
/// A step is made again if its error is so many times what is allowed. Steps are planned for a quarter of what is
/// allowed, and most that exceed it do so by little: to make them again would cost more than it mends.
constexpr double largest_error = 1.5;
constexpr double first_step_ms = 0.002;
constexpr double shortest_step_ms = 1e-6;
constexpr double longest_step_ms = 10;
constexpr double largest_growth = 2;
/// While the history is shorter than the formula of highest order needs.
constexpr double largest_growth_at_start = 10;
/// How far a straight line may be from the solution where every step is written.
constexpr double trace_accuracy = 0.01;
constexpr unsigned attempts_between_looks = 64;
/// Of the length that the first step behind an event should have.
constexpr double least_part_of_kept_step = 1.0 / 64;
/// So many times the error allowed is too far from the solution for differences to it to keep their digits.
constexpr double far_off = 100;
/// How exactly the time of a threshold is found.
constexpr double crossing_resolution_ms = 1e-9;
/// How exactly that of a WATCH condition is found: each tenth of it costs another try of the step.
double watch_resolution_ms(double atol) { return std::clamp(10 * atol, shortest_step_ms, 1e-4); }

/// The rows of an ion's variable that is a state of a mechanism.
Real* concentrations(const cw_ion_view& ion, std::int32_t quantity) {
  return from_view(quantity == CW_ION_CI ? ion.ci : quantity == CW_ION_CO ? ion.co : ion.e);
}

/// The shortest step up to something that is about to happen: longer each time that it then did not, for in single
/// precision v may not move at all in so short a step.
double lengthened(double shortest_ms, int vain_stops) {
  constexpr int most_doublings = 20;
  if constexpr (sizeof(Real) < sizeof(double)) return std::ldexp(shortest_ms, std::min(vain_stops, most_doublings));
  return shortest_ms;
}

/// What has ended the events of a lane.
LaneStatus status_of(EventFailure failure) {
  switch (failure) {
    case EventFailure::in_the_past:
      return LaneStatus::event_in_the_past;
    case EventFailure::too_many:
      return LaneStatus::too_many_events;
    case EventFailure::no_event:
      return LaneStatus::no_event_to_move;
    case EventFailure::none:
      break;
  }
  return LaneStatus::ok;
}

}  // namespace

VariablePack::VariablePack(const compile::CompiledModel& model, const NativeSettings& settings)
    : model_(&model),
      settings_(settings),
      kernels_(&select_implicit_kernels(settings.numeric)),
      layout_(model),
      state_(model, select_kernels(settings.numeric), PackState::no_step),
      nursery_(model, select_kernels(settings.numeric), PackState::no_step),
      a0_(W),
      capacitance_(model.cable.size() * W),
      largest_(W),
      state_error_(W),
      ring_(layout_.rows),
      plan_(model, layout_, state_, a0_.data()),
      jumps_(state_.blocks()) {
  find_error_weights();
  find_observed();
  for (std::size_t s = 0; s < layout_.states.size(); ++s) {
    const cw_mechanism& m = *model.blocks[layout_.states[s].block].mechanism.descriptor;
    if (m.net_receive != nullptr && layout_.states[s].var >= 0) event_states_.push_back(s);
  }
}

void VariablePack::observe(std::size_t block) {
  if (std::count(observed_blocks_.begin(), observed_blocks_.end(), block) == 0) observed_blocks_.push_back(block);
}

/// The current may need what the equations of those that carry it leave behind.
void VariablePack::observe_current(std::size_t pool) {
  for (std::size_t b = 0; b < model_->blocks.size(); ++b) {
    if (pools(model_->blocks[b], &cw_ion::writes, CW_ION_I).contains(pool)) observe(b);
  }
}

/// Spikes begin in the soma, the axon and the root: there, and where a protocol records v, errors count in full. Those
/// of a node elsewhere reach these through the conductances between, as a fraction.
void VariablePack::find_error_weights() {
  const compile::Cable& cable = model_->cable;
  for (std::size_t j = 0; j < cable.size(); ++j)
    error_weight_.push_back(!cable.has_membrane[j] ? 0 : cable.near_soma[j] ? 1 : weight_of_remote_errors);
  for (const compile::CompiledProtocol& protocol : model_->protocols) {
    for (const compile::CompiledRecording& recording : protocol.recordings) {
      const compile::VariableReference& source = recording.source;
      const bool is_v = recording.missing.empty() && source.kind == compile::VariableReference::Kind::voltage;
      if (is_v && cable.has_membrane[source.row]) error_weight_[source.row] = 1;
    }
  }
}

/// What is computed for a prediction is good enough for a step, but not to be looked at.
void VariablePack::find_observed() {
  using Kind = compile::VariableReference::Kind;
  const auto look_at = [&](const compile::VariableReference& source) {
    if (source.kind == Kind::ion_i || source.kind == Kind::ion_e) refreshes_ = true;
    if (source.kind == Kind::ion_i) observe_current(source.block);
    if (source.kind != Kind::variable) return;
    const bool is_state = std::any_of(layout_.states.begin(), layout_.states.end(), [&](const StateRows& state) {
      return state.block == source.block && state.var == static_cast<std::int32_t>(source.variable);
    });
    if (is_state) return;
    refreshes_ = true;
    observe(source.block);
  };
  for (const compile::CompiledPointer& pointer : model_->pointers) look_at(pointer.target);
  if (!model_->pointers.empty()) first_change_ = AlignedArray(model_->cable.size() * W);
  for (const compile::CompiledProtocol& protocol : model_->protocols) {
    for (const compile::CompiledRecording& recording : protocol.recordings) {
      if (!recording.missing.empty()) continue;
      look_at(recording.source);
      settles_ =
          settles_ || (recording.source.kind == Kind::voltage && !model_->cable.has_membrane[recording.source.row]);
    }
  }
  for (const compile::MechanismBlock& block : model_->blocks)
    refreshes_ = refreshes_ || block.mechanism.descriptor->n_watches > 0;
}

StepProfile VariablePack::run(const LaneBatch& batch, const Source& source, const ResponseSink& sink,
                              PackExchange<VariablePack>& exchange, std::size_t number) {
  clock_.start(batch.profile != nullptr);
  ring_.clear();
  connect(ring_.newest());
  prepared_.clear();
  exhausted_ = false;
  events_of_ = nullptr;
  for (LaneHistory& history : history_) history.clear();
  fill_lanes(batch, source, sink);
  while (!exhausted_ || exchange.next(number, *this) == PackExchange<VariablePack>::Next::step) {
    attempt();
    fill_lanes(batch, source, sink);
  }
  return clock_.profile();
}

std::size_t VariablePack::running() const {
  return static_cast<std::size_t>(std::count_if(lanes_.begin(), lanes_.end(), [](const Lane& l) { return l.running; }));
}

std::size_t VariablePack::adopt(VariablePack& from) {
  begin_events(from.events_of_);
  std::size_t moved = 0, other = 0;
  for (std::size_t lane = 0; lane < W; ++lane) {
    if (lanes_[lane].running) continue;
    while (other < W && !from.lanes_[other].running) ++other;
    if (other == W) break;
    adopt_lane(from, other, lane);
    ++moved;
  }
  return moved;
}

/// Points keep their distance from the target, and sums over them their order.
void VariablePack::adopt_lane(VariablePack& from, std::size_t from_lane, std::size_t lane) {
  lanes_[lane] = std::exchange(from.lanes_[from_lane], Lane{});
  state_.copy_lane(from.state_, from_lane, lane);
  if (EventSystem* events = state_.event_system()) events->copy_lane(*from.state_.event_system(), from_lane, lane);
  set_capacitance(lane);
  history_[lane] = from.history_[from_lane];
  from.history_[from_lane].clear();
  ring_.copy_lane(from.ring_, from_lane, lane, history_[lane]);
}

/// Reports what has ended, and gives every free lane something to do.
void VariablePack::fill_lanes(const LaneBatch& batch, const Source& source, const ResponseSink& sink) {
  const bool look = ++attempts_ % attempts_between_looks == 0;
  for (std::size_t lane = 0; lane < W; ++lane) {
    Lane& l = lanes_[lane];
    const EventSystem* events = state_.events();
    if (l.running && l.failed) {
      report(lane, LaneStatus::non_finite, sink);
    } else if (l.running && events != nullptr && events->failure(lane) != EventFailure::none) {
      report(lane, status_of(events->failure(lane)), sink);
    } else if (l.running && l.t == l.protocol->duration_ms) {
      report(lane, LaneStatus::ok, sink);
    } else if (look && l.running && l.protocol->timeout_s > 0 && Clock::now() > l.deadline) {
      report(lane, LaneStatus::timed_out, sink);
    }
    if (l.running || exhausted_) continue;
    exhausted_ = prepared_.empty() && !prepare(batch, source);
    if (exhausted_) continue;
    load(lane, std::move(prepared_.back()), batch);
    prepared_.pop_back();
  }
  clock_.lap(StepProfile::start);
}

/// Initialises the next lanes, several at once.
bool VariablePack::prepare(const LaneBatch& batch, const Source& source) {
  const auto idle = std::count_if(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return !lane.running; });
  const std::vector<std::size_t> next = source(static_cast<std::size_t>(idle));
  if (next.empty()) return false;
  for (std::size_t k = next.size(); k-- > 0;) {  // they are taken from the back
    const simulate::Lane& lane = batch.lanes[next[k]];
    const compile::CompiledProtocol& shared = model_->protocols[lane.protocol];
    prepared_.push_back({next[k], prepared_.size()});
    if (!shared.varied.empty())
      prepared_.back().own =
          std::make_unique<compile::CompiledProtocol>(shared.for_individual(batch.parameters.row(lane.individual)));
  }
  std::array<std::size_t, W> rows{};
  LaneParameters parameters{batch.parameters, rows, batch.random123_globalindex};
  LaneProtocols protocols{};
  for (std::size_t place = 0; place < W; ++place) {
    const Prepared& prepared = prepared_[std::min(place, prepared_.size() - 1)];
    const simulate::Lane& lane = batch.lanes[prepared.number];
    rows[place] = lane.individual;
    protocols[place] = prepared.own ? prepared.own.get() : &model_->protocols[lane.protocol];
    parameters.deterministic[place] = protocols[place]->deterministic;
  }
  nursery_.initialise(parameters, protocols);
  nursery_.finish_step();
  begin_events(&model_->protocols[batch.lanes[next.front()].protocol]);
  return true;
}

void VariablePack::begin_events(const compile::CompiledProtocol* protocol) {
  if (state_.event_system() == nullptr || events_of_ == protocol) return;
  state_.event_system()->begin(*protocol);
  events_of_ = protocol;
}

void VariablePack::load(std::size_t lane, Prepared prepared, const LaneBatch& batch) {
  Lane& l = lanes_[lane];
  l.running = true;
  l.number = prepared.number;
  l.own = std::move(prepared.own);
  l.protocol = l.own ? l.own.get() : &model_->protocols[batch.lanes[l.number].protocol];
  l.t = l.t_new = 0;
  l.settling = settles_;
  l.pace.start(first_step_ms);
  l.h = settles_ ? shortest_step_ms : l.pace.restart_h_ms();
  l.failed = false;
  l.rejected = 0;
  l.error = 0;
  l.steps = l.rejections = 0;
  l.earlier_stop = 0;
  l.vain_stops = 0;
  l.keeps = false;
  state_.copy_lane(nursery_, prepared.place, lane);
  if (EventSystem* events = state_.event_system()) {
    events->copy_lane(*nursery_.event_system(), prepared.place, lane);
    for (const std::size_t c : events->thresholds()) {
      const compile::CompiledConnection& connection = events->connection(c);
      events->set_above(c, lane,
                        state_.v()[static_cast<std::size_t>(connection.node) * W + lane] > connection.threshold_mv);
    }
  }
  set_capacitance(lane);
  const int slot = ring_.newest();
  history_[lane].start(0.0, slot);
  Real* const values = ring_.row(slot, 0);
  for (std::size_t j = 0; j < model_->cable.size(); ++j) values[j * W + lane] = state_.v()[j * W + lane];
  for (const StateRows& state : layout_.states) {
    BlockState& block = nursery_.blocks()[state.block];
    const Real* from = nullptr;
    if (state.var >= 0) from = block.variable(static_cast<std::size_t>(state.var));
    for (std::int64_t i = 0; i < state.count; ++i) {
      const Real* row = from + static_cast<std::size_t>(i) * W;
      if (state.var < 0) {
        const cw_ion_view& ion = block.ion_views()[static_cast<std::size_t>(state.ion)];
        const Real* const all = concentrations(ion, state.quantity);
        row = all + static_cast<std::size_t>(ion.slot[i]) * W;
      }
      ring_.row(slot, state.first + i)[lane] = row[prepared.place];
    }
  }
  l.stimuli.begin(*l.protocol);
  l.jump = jumps_.next_after(lane, 0.0);
  l.recorded.assign(l.protocol->recordings.size(), 0.0);
  show_time(lane, false);
  record_anew(lane);
  l.output.begin(l.protocol->duration_ms, settings_.sample_ms, trace_accuracy, l.recorded);
  if (l.protocol->timeout_s > 0)
    l.deadline = Clock::now() +
                 std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(l.protocol->timeout_s));
}

void VariablePack::set_capacitance(std::size_t lane) {
  for (std::size_t j = 0; j < model_->cable.size(); ++j) {
    const bool membrane = model_->cable.has_membrane[j] != 0;
    const std::size_t at = state_.has_coefficients_per_lane() ? j * W + lane : j;
    const double capacitance = 0.001 * static_cast<double>(state_.cm()[j * W + lane]);
    capacitance_.data()[at] = membrane ? static_cast<Real>(capacitance) : 0;
  }
}

/// At a discontinuity and at the beginning: ASSIGNEDs are those of before, or of nowhere.
void VariablePack::record_anew(std::size_t lane) {
  if (refreshes_) state_.refresh(observed_blocks_);
  record(lane);
}

void VariablePack::record(std::size_t lane) {
  Lane& l = lanes_[lane];
  for (std::size_t r = 0; r < l.recorded.size(); ++r) {
    const compile::CompiledRecording& recording = l.protocol->recordings[r];
    if (recording.missing.empty()) l.recorded[r] = state_.recorded(recording.source)[lane];
  }
}

// ----------------------------------------------------------------------------------------------------- one step

void VariablePack::choose_steps() {
  for (std::size_t lane = 0; lane < W; ++lane) {
    Lane& l = lanes_[lane];
    a0_.data()[lane] = 1;
    coefficients_[lane] = {};
    if (!l.running) continue;
    const double stop = next_stop(lane), remaining = stop - l.t;
    l.h_try = l.h >= remaining ? remaining : std::min(l.h, remaining / 2);
    l.t_new = l.h >= remaining ? stop : l.t + l.h_try;
    coefficients_[lane] = l.keeps ? history_[lane].coefficients_behind_kink(l.h_try)
                                  : history_[lane].coefficients(l.h_try, LaneHistory::highest_order);
    if constexpr (sizeof(Real) == sizeof(float)) coefficients_[lane].fit_into_floats();
    a0_.data()[lane] = static_cast<Real>(coefficients_[lane].a0);
    show_time(lane, false);
  }
}

/// The time that mechanisms see: at a jump they are asked on either side of it, so near that nothing else moves. Their
/// `t < tstop` may be a comparison of floats.
void VariablePack::show_time(std::size_t lane, bool after_jump) {
  const Lane& l = lanes_[lane];
  constexpr double digits = 4 * static_cast<double>(std::numeric_limits<Real>::epsilon());
  const double aside = std::max(1e-9, digits * l.jump);
  state_.time()[lane] = l.t_new == l.jump ? l.t_new + (after_jump ? aside : -aside) : l.t_new;
}

double VariablePack::next_stop(std::size_t lane) const {
  const Lane& l = lanes_[lane];
  double stop = std::min(l.stimuli.end_ms(), l.jump);
  if (const EventSystem* events = state_.events()) stop = std::min(stop, events->next_event_ms(lane));
  return l.earlier_stop > 0 ? std::min(stop, l.earlier_stop) : stop;
}

/// The variables of the mechanisms are those of a slot of the ring.
void VariablePack::connect(int slot) {
  for (const StateRows& state : layout_.states) {
    if (state.var < 0) continue;
    state_.blocks()[state.block].set_variable(static_cast<std::size_t>(state.var), ring_.row(slot, state.first));
  }
  if (!model_->pointers.empty()) state_.connect_pointers();
}

void VariablePack::inject() {
  for (std::size_t lane = 0; lane < W; ++lane) {
    const Lane& l = lanes_[lane];
    if (!l.running) continue;
    for (const StimulusSchedule::Line& line : l.stimuli.lines()) {
      const auto node = static_cast<std::size_t>(line.node);
      const double current = line.at_begin + line.slope * (l.t_new - l.stimuli.begin_ms());
      state_.cable().rhs[node * W + lane] += static_cast<Real>(current * (100.0 / model_->cable.area_um2[node]));
    }
  }
}

ImplicitCable VariablePack::cable() {
  const CableArrays& c = state_.cable();
  return {c.n,        c.parent,
          c.a,        c.b,
          c.d0,       capacitance_.data(),
          a0_.data(), error_weight_.data(),
          c.v,        c.rhs,
          c.d,        ring_.row(ring_.target(), 0)};
}

/// One linearised Newton iteration: the solution in v, its difference from the prediction in rhs.
/// @param predicted  called with stretches of nodes (first, end) when v and rhs are predicted there
template <class Predicted>
void VariablePack::iterate(const ImplicitCable& cable, const HistorySum& history, const Predicted& predicted) {
  const bool per_lane = state_.has_coefficients_per_lane();
  plan_.predict_ions(history, *kernels_);
  clock_.lap(StepProfile::history);
  state_.begin_ions();
  clock_.lap(StepProfile::mechanisms);
  state_.set_v_is_usual(true);
  plan_.run(history, ring_, *kernels_, clock_, [&](std::int32_t first, std::int32_t end) {
    const bool is_usual = (per_lane ? kernels_->predict_per_lane : kernels_->predict)(cable, history, first, end);
    state_.set_v_is_usual(is_usual && state_.v_is_usual());
    predicted(first, end);
    clock_.lap(StepProfile::history);
  });
  inject();
  (per_lane ? kernels_->solve_per_lane : kernels_->solve)(cable, largest_.data());
}

void VariablePack::attempt() {
  ++clock_.profile().pack_steps;
  clock_.profile().places += W;
  choose_steps();
  connect(ring_.target());
  clock_.lap(StepProfile::control);
  const HistorySum history = ring_.sums(weights_, history_, coefficients_);
  const ImplicitCable cable = this->cable();
  iterate(cable, history, [](std::int32_t, std::int32_t) {});
  if (first_change_.size() > 0) iterate_again(cable, history);
  plan_.correct(cable.rhs, ring_, *kernels_);
  clock_.lap(StepProfile::solve);
  state_error_.fill(0);
  kernels_->state_error(history, static_cast<std::int32_t>(layout_.controlled.size()), layout_.controlled.data(),
                        ring_.row(ring_.target(), 0), state_error_.data());
  clock_.lap(StepProfile::control);
  if (refreshes_) state_.refresh(observed_blocks_);
  clock_.lap(StepProfile::output);
  for (std::size_t lane = 0; lane < W; ++lane) {
    if (!lanes_[lane].running) continue;
    const double size = std::max(static_cast<double>(largest_.data()[lane]) / (mv_per_state * settings_.atol),
                                 static_cast<double>(state_error_.data()[lane]) / settings_.atol);
    const double error = std::isfinite(largest_.data()[lane]) ? coefficients_[lane].error_factor * size : HUGE_VAL;
    const bool shortest = lanes_[lane].settling || lanes_[lane].h_try <= shortest_step_ms;
    if (error <= largest_error || (shortest && std::isfinite(error))) {
      const bool stops_earlier = must_stop_earlier(lane);
      clock_.lap(StepProfile::events);
      if (!stops_earlier) accept(lane, error);
    } else {
      reject(lane, error);
    }
  }
  clock_.lap(StepProfile::control);
  ring_.advance(history_);
  clock_.lap(StepProfile::history);
}

/// POINTERs couple nodes that the matrix knows nothing of: a second iteration, around the first solution, has them
/// right to second order.
void VariablePack::iterate_again(const ImplicitCable& cable, const HistorySum& history) {
  const bool per_lane = state_.has_coefficients_per_lane();
  std::copy_n(cable.rhs, first_change_.size(), first_change_.data());
  const AlignedArray first_largest = std::move(largest_);
  largest_ = AlignedArray(W);
  iterate(cable, history, [&](std::int32_t first, std::int32_t end) {
    for (std::size_t k = static_cast<std::size_t>(first) * W; k < static_cast<std::size_t>(end) * W; ++k) {
      const Real change = first_change_.data()[k];
      const Real capacitance = capacitance_.data()[per_lane ? k : k / W];
      cable.v[k] += change;
      cable.rhs[k] -= capacitance * a0_.data()[k % W] * change;
    }
    state_.set_v_is_usual(false);  // of the first solution it is not known
  });
  for (std::size_t lane = 0; lane < W; ++lane) largest_.data()[lane] += first_largest.data()[lane];
}

void VariablePack::accept(std::size_t lane, double error) {
  Lane& l = lanes_[lane];
  const StepCoefficients& step = coefficients_[lane];
  ++l.steps;
  ++clock_.profile().order[static_cast<std::size_t>(step.order)];
  l.rejected = 0;
  l.t = l.t_new;
  if (l.keeps) ring_.bend(lane, history_[lane], step, l.h_try);
  history_[lane].push(l.t, ring_.target());
  clock_.lap(StepProfile::control);
  record(lane);
  if (l.keeps) {
    l.output.accept_behind_kink(l.t, l.recorded, step.points);
  } else {
    l.output.accept(l.t, l.recorded, step.order + 1);
  }
  clock_.lap(StepProfile::output);
  plan_next_step(lane, error);
  l.vain_stops = l.earlier_stop > 0 ? l.vain_stops + 1 : 0;
  l.earlier_stop = 0;
  l.keeps = false;
  if (l.settling) {
    l.settling = false;
    history_[lane].shorten(1);
    l.h = l.pace.restart_h_ms();
  }
  Change change = Change::nothing;
  if (state_.events() != nullptr) {
    settle_events(lane);
    change = deliver(lane);
    clock_.lap(StepProfile::events);
  }
  if (l.t == l.stimuli.end_ms() && !l.stimuli.is_last()) {
    l.stimuli.advance();
    change = Change::jump;
  }
  if (l.t == l.jump) change = Change::jump;
  if (change == Change::kink) begin_behind_event(lane);
  if (change == Change::jump) restart(lane);
}

/// What the error of the accepted step says of the length of the next one, and of first steps.
void VariablePack::plan_next_step(std::size_t lane, double error) {
  Lane& l = lanes_[lane];
  const StepCoefficients& step = coefficients_[lane];
  const double growth = history_[lane].points() < history_points ? largest_growth_at_start : largest_growth;
  const bool cut = l.h_try < l.h, lasting = step.order == LaneHistory::highest_order && !l.keeps;
  const bool has_trend = lasting && !cut && l.error > 0;
  const double allowed = (lasting ? lasting_safety : safety) *
                         (has_trend ? allowed_part(error, l.error, step.order) : allowed_part(error, step.order));
  l.error = lasting && !cut ? error : 0;
  const double next = l.h_try * std::clamp(allowed, 0.3, growth);
  l.h = std::clamp(cut ? std::max(next, l.h) : next, shortest_step_ms, longest_step_ms);
  l.pace.accepted(l.h_try, error / step.error_factor, step.order, cut);
  if (l.keeps) l.pace.kept(l.h_try, error, error_anew(lane), cut);
  // The next discontinuity will be like this one: its first step is of the length that this one should have had.
  if (step.points == 1 && !l.settling) l.pace.restarted(std::clamp(next, shortest_step_ms, longest_step_ms));
}

/// Behind a discontinuity nothing of the history is left but its newest point.
void VariablePack::restart(std::size_t lane) {
  Lane& l = lanes_[lane];
  history_[lane].shorten(1);
  l.vain_stops = 0;
  l.settling = settles_;
  l.h = settles_ ? shortest_step_ms : l.pace.restart_h_ms();
  show_time(lane, true);
  record_anew(lane);
  l.jump = jumps_.next_after(lane, l.t);
  l.output.restart(l.recorded);
}

void VariablePack::reject(std::size_t lane, double error) {
  Lane& l = lanes_[lane];
  ++l.rejections;
  l.error = 0;
  // Single precision sums differences to what stands here.
  if (sizeof(Real) == sizeof(float) && !(error <= far_off)) {
    ring_.repeat(lane, history_[lane].slot(0));
  } else if (!std::isfinite(error)) {
    ring_.wipe(lane, false);
  }
  if (l.keeps) return retry_behind_event(lane, error);
  ++l.rejected;
  const double allowed = safety * allowed_part(error, coefficients_[lane].order);
  l.failed = l.h_try <= shortest_step_ms;  // and not finite, or it would have been accepted
  l.h = std::max(l.h_try * std::clamp(allowed, 0.2, 0.7), shortest_step_ms);
  // A formula of high order follows the past too far where something new has begun.
  if (l.rejected > 1) history_[lane].shorten(std::max(1, history_[lane].points() - 2));
}

// ----------------------------------------------------------------------------------------------------- events

/// Whether the step has gone past the arrival of an event that it caused itself; it is then tried again, up to there.
bool VariablePack::must_stop_earlier(std::size_t lane) {
  const EventSystem* events = state_.events();
  if (events == nullptr) return false;
  Lane& l = lanes_[lane];
  double stop = l.t_new;
  l.crossings.clear();
  for (const std::size_t c : events->thresholds()) {
    const compile::CompiledConnection& connection = events->connection(c);
    const double v = state_.v()[static_cast<std::size_t>(connection.node) * W + lane];
    if (events->is_above(c, lane) || !(v > connection.threshold_mv)) continue;
    l.crossings.push_back({c, crossing_time(lane, connection)});
    stop = std::min(stop, l.crossings.back().time_ms + connection.delay_ms);
  }
  const double fraction = events->watch_fraction(lane);
  const double resolution = lengthened(watch_resolution_ms(settings_.atol), l.vain_stops);
  if (fraction < 1 && l.h_try > resolution) stop = std::min(stop, l.t + std::max(resolution, l.h_try * fraction));
  if (stop >= l.t_new - shortest_step_ms) return false;
  stop = std::max(stop, l.t + lengthened(shortest_step_ms, l.vain_stops));
  if (stop >= l.t_new) return false;
  l.earlier_stop = stop;
  ++l.rejections;
  return true;
}

/// Where the polynomial through the new v of the connection's node and its history rises through the threshold.
double VariablePack::crossing_time(std::size_t lane, const compile::CompiledConnection& connection) {
  const Lane& l = lanes_[lane];
  const LaneHistory& history = history_[lane];
  const auto points = static_cast<std::size_t>(coefficients_[lane].order);
  std::array<double, history_points> t{}, v{};
  for (std::size_t k = 0; k < points; ++k) {
    t[k] = history.time_ms(static_cast<int>(k));
    v[k] = ring_.row(history.slot(static_cast<int>(k)), connection.node)[lane];
  }
  const double v_new = state_.v()[static_cast<std::size_t>(connection.node) * W + lane];
  const auto value = [&](double at) {  // Neville's scheme
    std::array<double, history_points> p = v;
    for (std::size_t level = 1; level < points; ++level) {
      for (std::size_t k = 0; k + level < points; ++k)
        p[k] = ((at - t[k + level]) * p[k] + (t[k] - at) * p[k + 1]) / (t[k] - t[k + level]);
    }
    // With the new point: the polynomial of one order more that agrees with p at the old ones.
    double weight = 1;
    for (std::size_t k = 0; k < points; ++k) weight *= (at - t[k]) / (l.t_new - t[k]);
    std::array<double, history_points> at_new = v;
    for (std::size_t level = 1; level < points; ++level) {
      for (std::size_t k = 0; k + level < points; ++k)
        at_new[k] = ((l.t_new - t[k + level]) * at_new[k] + (t[k] - l.t_new) * at_new[k + 1]) / (t[k] - t[k + level]);
    }
    return p[0] + weight * (v_new - at_new[0]);
  };
  double below = l.t, above = l.t_new;
  while (above - below > crossing_resolution_ms) {
    const double middle = (below + above) / 2;
    (value(middle) > connection.threshold_mv ? above : below) = middle;
  }
  return above;
}

/// Sends what the accepted step has caused.
void VariablePack::settle_events(std::size_t lane) {
  EventSystem& events = *state_.event_system();
  for (const EventSystem::Crossing& crossing : lanes_[lane].crossings) events.send_crossing(crossing, lane);
  for (const std::size_t c : events.thresholds()) {
    const compile::CompiledConnection& connection = events.connection(c);
    const double v = state_.v()[static_cast<std::size_t>(connection.node) * W + lane];
    events.set_above(c, lane, v > connection.threshold_mv);
  }
  events.test_watches(lane, lanes_[lane].t);
}

/// The events that are due.
VariablePack::Change VariablePack::deliver(std::size_t lane) {
  const Lane& l = lanes_[lane];
  EventSystem& events = *state_.event_system();
  if (events.next_event_ms(lane) > l.t) return Change::nothing;
  remember_states(lane);
  const auto& received = events.deliver(lane, l.t, state_.time());
  if (received.empty()) return Change::nothing;
  // What a pointer leads to may be anything.
  Change change = model_->pointers.empty() ? Change::kink : Change::jump;
  const auto set = [&](std::int64_t row, Real value) {
    Real& kept = ring_.row(ring_.target(), row)[lane];
    if (kept != value) change = Change::jump;
    kept = value;
  };
  for (const compile::InstanceReference& instance : received) {
    const std::int32_t node = model_->blocks[instance.block].node[static_cast<std::size_t>(instance.instance)];
    set(node, state_.v()[static_cast<std::size_t>(node) * W + lane]);
  }
  for (const StateRows& state : layout_.states) {
    if (state.var >= 0) continue;
    const cw_ion_view& ion = state_.blocks()[state.block].ion_views()[static_cast<std::size_t>(state.ion)];
    const Real* const all = concentrations(ion, state.quantity);
    for (std::int64_t i = 0; i < state.count; ++i)
      set(state.first + i, all[static_cast<std::size_t>(ion.slot[i]) * W + lane]);
  }
  return change;
}

void VariablePack::remember_states(std::size_t lane) {
  before_event_.clear();
  for (const std::size_t s : event_states_) {
    const StateRows& state = layout_.states[s];
    for (std::int64_t i = 0; i < state.count; ++i)
      before_event_.push_back(ring_.row(ring_.target(), state.first + i)[lane]);
  }
}

/// Whether the next step keeps the history decides its length.
void VariablePack::begin_behind_event(std::size_t lane) {
  Lane& l = lanes_[lane];
  const double h = settles_ || history_[lane].points() == 1 ? 0 : l.pace.begin(l.h);
  // A step that is much shorter than its history has too few digits to bend it by.
  if (h == 0 || next_stop(lane) - l.t < least_part_of_kept_step * h) return restart(lane);
  l.keeps = true;
  l.h = h;
  l.vain_stops = 0;
  shift_states(lane);
  record_anew(lane);
  l.jump = jumps_.next_after(lane, l.t);
  l.output.jump(l.recorded);
}

/// States that have jumped get a history that they have always been there.
void VariablePack::shift_states(std::size_t lane) {
  auto before = before_event_.cbegin();
  for (const std::size_t s : event_states_) {
    const StateRows& state = layout_.states[s];
    for (std::int64_t row = state.first; row < state.first + state.count; ++row, ++before) {
      const Real jump = ring_.row(ring_.target(), row)[lane] - *before;
      if (jump != 0) ring_.shift(lane, history_[lane], row, jump);
    }
  }
}

/// In the end as behind other discontinuities, where everything has been shown and recorded already.
void VariablePack::retry_behind_event(std::size_t lane, double error) {
  Lane& l = lanes_[lane];
  l.h = l.pace.retry(l.h_try, error);
  if (l.h > 0) return;
  l.keeps = false;
  history_[lane].shorten(1);
  l.h = l.pace.restart_h_ms();
}

/// The error that the accepted step would have had without any history.
double VariablePack::error_anew(std::size_t lane) const {
  const Real* const now = ring_.row(ring_.target(), 0) + lane;
  const Real* const before = ring_.row(history_[lane].slot(1), 0) + lane;
  double v = 0, state = 0;
  for (std::size_t j = 0; j < model_->cable.size(); ++j) {
    if (model_->cable.has_membrane[j]) v = std::max(v, std::fabs(static_cast<double>(now[j * W] - before[j * W])));
  }
  for (const std::int32_t row : layout_.controlled) {
    const std::size_t at = static_cast<std::size_t>(row) * W;
    const double x = now[at], change = std::fabs(x - static_cast<double>(before[at]));
    state = std::max(state, change / std::max(1.0, std::fabs(x)));
  }
  return LaneHistory::error_factor_of_one_point * std::max(v / mv_per_state, state) / settings_.atol;
}

// ----------------------------------------------------------------------------------------------------- results

void VariablePack::report(std::size_t lane, LaneStatus status, const ResponseSink& sink) {
  Lane& l = lanes_[lane];
  LaneResponses responses;
  responses.status = status;
  responses.failed_at_ms = status == LaneStatus::ok ? 0 : l.t;
  const EventSystem* events = state_.events();
  if (events != nullptr && events->failure(lane) != EventFailure::none)
    responses.failed_at_ms = events->failed_at_ms(lane);
  responses.steps = l.steps;
  responses.rejected_steps = l.rejections;
  responses.time_ms = l.output.time();
  for (std::size_t r = 0; r < l.recorded.size(); ++r) {
    const bool missing = !l.protocol->recordings[r].missing.empty();
    responses.recordings.push_back(missing ? std::span<const double>{} : l.output.trace(r));
  }
  l.running = false;
  history_[lane].clear();
  if (status != LaneStatus::ok) ring_.wipe(lane, true);
  StepProfile& profile = clock_.profile();
  profile.steps += l.steps;
  profile.rejected += l.rejections;
  profile.model_ms += l.t;
  clock_.lap(StepProfile::output);
  sink(l.number, responses);
  clock_.lap(StepProfile::scores);
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
