#pragma once
/// Variable time steps for a pack of W lanes: each lane has its own time, step and order, its own individual and its
/// own protocol. A lane that has finished takes the next one. Method: docs/decisions/0008-variable-step.md.

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "cellwright/simulate/native_simulator.hpp"
#include "simulate/native/dense_output.hpp"
#include "simulate/native/event_pace.hpp"
#include "simulate/native/history_ring.hpp"
#include "simulate/native/implicit_plan.hpp"
#include "simulate/native/jump_times.hpp"
#include "simulate/native/lane_history.hpp"
#include "simulate/native/pack_exchange.hpp"
#include "simulate/native/pack_state.hpp"
#include "simulate/native/phase_clock.hpp"
#include "simulate/native/precision.hpp"
#include "simulate/native/stimulus_schedule.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

class VariablePack {
 public:
  /// Indices into LaneBatch::lanes that are to be run next, at most `most` of them and at most W; empty: there are none
  /// left.
  using Source = std::function<std::vector<std::size_t>(std::size_t most)>;

  /// @param model  outlives this object.
  VariablePack(const compile::CompiledModel& model, const NativeSettings& settings);
  VariablePack(const VariablePack&) = delete;
  VariablePack& operator=(const VariablePack&) = delete;

  /// Runs what `source` gives until it gives nothing, and then what `exchange` wants. Lanes of models with events must
  /// be of one protocol. @param number  of this pack in `exchange`, to which it is to be given if lanes still run in it
  /// @returns what was done, and where the time went if the batch wants to know.
  StepProfile run(const LaneBatch& batch, const Source& source, const ResponseSink& sink,
                  PackExchange<VariablePack>& exchange, std::size_t number);
  std::size_t running() const;
  /// Moves lanes of a pack of the same model and batch here, between two steps of either. @returns how many
  std::size_t adopt(VariablePack& from);

 private:
  using Clock = std::chrono::steady_clock;

  /// A lane that has been initialised and waits to be run.
  struct Prepared {
    std::size_t number;                                ///< index into LaneBatch::lanes
    std::size_t place;                                 ///< lane of `nursery_`
    std::unique_ptr<compile::CompiledProtocol> own{};  ///< where its stimuli depend on the individual
  };
  struct Lane {
    bool running = false;
    std::size_t number = 0;
    const compile::CompiledProtocol* protocol = nullptr;
    std::unique_ptr<compile::CompiledProtocol> own;  ///< as in Prepared
    double t = 0;                                    ///< end of the last accepted step
    double h = 0;                                    ///< length that the next one should have
    double h_try = 0;         ///< length of the step that is being made: less where something is in the way
    bool failed = false;      ///< no step is small enough
    bool settling = false;    ///< a step of no length, after which nodes without capacitance are where they belong
    double t_new = 0;         ///< where the step that is being made ends
    int rejected = 0;         ///< tries of this step so far
    double error = 0;         ///< of the last step, if it was of highest order and as long as it should be; else 0
    bool keeps = false;       ///< the step that is being made is the first behind an event, and keeps the history
    EventPace pace;           ///< of first steps
    double jump = 0;          ///< the next time that a mechanism tells by at_time()
    double earlier_stop = 0;  ///< the step that is tried again must end here; 0: no such time
    int vain_stops = 0;  ///< steps up to now, one after the other, that ended early for something that did not happen
    std::vector<EventSystem::Crossing> crossings;  ///< of the step that is being made
    std::size_t steps = 0, rejections = 0;
    StimulusSchedule stimuli;
    DenseOutput output;
    std::vector<double> recorded;
    Clock::time_point deadline;
  };

  void fill_lanes(const LaneBatch& batch, const Source& source, const ResponseSink& sink);
  bool prepare(const LaneBatch& batch, const Source& source);
  void begin_events(const compile::CompiledProtocol* protocol);
  void load(std::size_t lane, Prepared prepared, const LaneBatch& batch);
  void set_capacitance(std::size_t lane);
  void adopt_lane(VariablePack& from, std::size_t from_lane, std::size_t lane);
  void attempt();
  void choose_steps();
  void connect(int slot);
  double next_stop(std::size_t lane) const;
  bool must_stop_earlier(std::size_t lane);
  double crossing_time(std::size_t lane, const compile::CompiledConnection& connection);
  void settle_events(std::size_t lane);
  /// What the delivery of events has done.
  enum class Change : std::uint8_t {
    nothing,
    kink,  ///< states of the mechanisms that receive events may have jumped; everything else goes on, bent
    jump   ///< anything
  };
  Change deliver(std::size_t lane);
  void remember_states(std::size_t lane);
  double error_anew(std::size_t lane) const;
  void begin_behind_event(std::size_t lane);
  void retry_behind_event(std::size_t lane, double error);
  void shift_states(std::size_t lane);
  void find_error_weights();
  void find_observed();
  void observe(std::size_t block);
  void observe_current(std::size_t pool);
  template <class Predicted>
  void iterate(const ImplicitCable& cable, const HistorySum& history, const Predicted& predicted);
  void iterate_again(const ImplicitCable& cable, const HistorySum& history);
  void inject();
  void accept(std::size_t lane, double error);
  void plan_next_step(std::size_t lane, double error);
  void reject(std::size_t lane, double error);
  void record(std::size_t lane);
  void record_anew(std::size_t lane);
  void restart(std::size_t lane);
  void show_time(std::size_t lane, bool after_jump);
  void report(std::size_t lane, LaneStatus status, const ResponseSink& sink);
  ImplicitCable cable();

  const compile::CompiledModel* model_;
  NativeSettings settings_;
  const ImplicitKernels* kernels_;
  RowLayout layout_;
  PackState state_, nursery_;
  std::vector<Real> error_weight_;  ///< [n_nodes], of v
  AlignedArray a0_, capacitance_, largest_, state_error_;
  HistoryRing ring_;
  RingWeights weights_;
  ImplicitPlan plan_;
  JumpTimes jumps_;
  std::array<LaneHistory, pack_lanes> history_;
  std::array<StepCoefficients, pack_lanes> coefficients_;
  std::array<Lane, pack_lanes> lanes_;
  std::vector<Prepared> prepared_;
  bool exhausted_ = false;  ///< there is nothing new to run
  unsigned attempts_ = 0;
  PhaseClock clock_;
  const compile::CompiledProtocol* events_of_ = nullptr;  ///< the protocol that `state_` has the connections of
  bool settles_ = false;                                  ///< somebody looks at a node without capacitance
  AlignedArray first_change_;                             ///< of v, where a second iteration is needed
  std::vector<std::size_t> event_states_;                 ///< those of `layout_` that events may change
  std::vector<Real> before_event_;                        ///< their values in one lane
  bool refreshes_ = false;                                ///< somebody looks at ASSIGNEDs or ion currents
  std::vector<std::size_t> observed_blocks_;  ///< blocks with ASSIGNEDs of their equations that somebody looks at
};

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
