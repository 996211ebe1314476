#pragma once
/// Everything that changes while one pack of W lanes is simulated: the arrays of a worker thread, reused pack after
/// pack.

#include <array>
#include <limits>
#include <memory>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/base/table.hpp"
#include "cellwright/compile/compiled_model.hpp"
#include "simulate/native/aligned_array.hpp"
#include "simulate/native/event_system.hpp"
#include "simulate/native/kernels.hpp"
#include "simulate/native/phase_plan.hpp"
#include "simulate/native/precision.hpp"
#include "simulate/native/tree_stretches.hpp"
#include "simulate/native/waveform_player.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

/// What each lane's individual gets: a protocol of the model, or its own copy (CompiledProtocol::for_individual).
using LaneProtocols = std::array<const compile::CompiledProtocol*, pack_lanes>;

/// The parameter values of a pack's W lanes.
struct LaneParameters {
  TableView<const double> table;                  ///< LaneBatch::parameters
  std::span<const std::size_t, pack_lanes> rows;  ///< the row of each lane
  std::span<const std::uint32_t> globalindex{};   ///< LaneBatch::random123_globalindex
  std::array<bool, pack_lanes> deterministic{};   ///< each lane's protocol is

  /// @returns NaN where a scaler has no value for the lane's parameter: that lane then fails as non-finite.
  double value(const compile::CompiledModel& model, const compile::ValueSource& source, std::size_t lane) const;
};

/// The memory of one mechanism block, and the view of it that generated code gets.
class BlockState {
 public:
  /// @param looked_at  variables that recordings read: with none among the transient ones, the lean phases run.
  BlockState(const compile::CompiledModel& model, const compile::MechanismBlock& block,
             const std::set<std::size_t>& looked_at);
  BlockState(BlockState&&) = default;

  void load(const LaneParameters& parameters);
  /// STATEs to their initial value, tables rebuilt.
  void reset_states();
  const compile::MechanismBlock& compiled() const { return *compiled_; }
  const cw_mechanism& mechanism() const { return *compiled_->mechanism.descriptor; }
  cw_block& view() { return view_; }
  std::vector<cw_ion_view>& ion_views() { return ion_views_; }
  void init() {
    if (const cw_function function = chosen(mechanism().init, mechanism().lean_init)) function(&view_);
  }
  cw_function current_function() const { return chosen(mechanism().current, mechanism().lean_current); }
  cw_function state_function() const { return chosen(mechanism().state, mechanism().lean_state); }
  Real* variable(std::size_t index) { return from_view(var_pointers_[index]); }
  Real* parameter(std::size_t index) { return from_view(param_pointers_[index]); }
  /// Lets a variable stand somewhere else: the variable step keeps states in its history.
  void set_variable(std::size_t index, Real* values) { var_pointers_[index] = to_view(values); }
  /// Takes one lane of the same block of another pack: parameters, variables in the block's own memory, tables.
  void copy_lane(const BlockState& from, std::size_t from_lane, std::size_t to_lane);
  /// Lets a POINTER of one instance refer to W values.
  void set_pointer(std::size_t pointer, std::size_t instance, Real* target) {
    targets_[pointer][instance] = to_view(target);
  }
  /// Starts all random streams anew: those without identifiers as not set.
  void reset_streams();
  /// Gives a list of numbers to one instance; they must outlive this object.
  void set_vector(std::size_t vector, std::size_t instance, const std::vector<double>& values);
  void set_stream(std::size_t stream, std::size_t instance, std::size_t lane, const cw_random& start);

 private:
  cw_function chosen(cw_function whole, cw_function lean) const { return lean_ && lean ? lean : whole; }

  const compile::CompiledModel* model_;
  const compile::MechanismBlock* compiled_;
  AlignedArray params_, vars_, globals_, table_, rests_;
  std::vector<cw_real*> param_pointers_, var_pointers_, global_pointers_, rest_pointers_;
  bool lean_ = true;
  std::vector<std::int32_t> table_offset_;
  std::vector<cw_ion_view> ion_views_;
  std::vector<std::vector<cw_real*>> targets_;  ///< [n_pointers][n_instances]
  std::vector<cw_real* const*> target_pointers_;
  std::vector<std::vector<cw_random>> streams_;  ///< [n_randoms][n_instances * W]
  std::vector<cw_random*> stream_pointers_;
  std::vector<std::vector<cw_vector>> vectors_;  ///< [n_vectors][n_instances * W]
  std::vector<cw_vector*> vector_pointers_;
  cw_block view_{};
};

/// The memory of one ion.
class IonState {
 public:
  IonState(const compile::CompiledModel& model, const compile::IonPool& pool);
  void load(const LaneParameters& parameters, const Real* celsius);
  void initialise(const Kernels& kernels);
  /// i := 0; e where a mechanism writes a concentration.
  /// @param always  also where nobody in the model reads i, only recordings do.
  void begin_currents(const Kernels& kernels, bool always = true);
  /// i := 0 in the slots of a stretch's nodes.
  void clear_current(const TreeStretch& stretch);
  void update_reversal(const Kernels& kernels) { nernst(each_step_, kernels); }
  Real* e() { return e_.data(); }
  Real* i() { return i_.data(); }
  Real* ci() { return ci_.data(); }
  Real* co() { return co_.data(); }
  /// For the variable step: how i, ci and co follow v.
  void add_slopes(bool current_is_read);
  Real* i_slope() { return i_slope_.size() > 0 ? i_slope_.data() : nullptr; }
  Real* ci_slope() { return ci_slope_.data(); }
  Real* co_slope() { return co_slope_.data(); }
  void copy_lane(const IonState& from, std::size_t from_lane, std::size_t to_lane);
  /// Copies of ci and co, and back.
  std::pair<AlignedArray, AlignedArray> take_concentrations() const;
  void put_concentrations(const std::pair<AlignedArray, AlignedArray>& values);

 private:
  void nernst(const std::vector<std::int32_t>& slots, const Kernels& kernels);
  const compile::CompiledModel* model_;
  const compile::IonPool* pool_;
  AlignedArray e_, i_, ci_, co_, ci0_, co0_, factor_;
  AlignedArray i_slope_, ci_slope_, co_slope_;
  std::vector<std::int32_t> at_init_, each_step_;
};

/// What one protocol injects into the lanes that run it.
class LaneStimuli {
 public:
  explicit LaneStimuli(const compile::CompiledProtocol& protocol);
  const compile::CompiledProtocol& protocol() const { return *protocol_; }
  void add_lane(std::size_t lane) { lanes_.push_back(lane); }
  /// Adds the currents at a time, as densities of mA/cm2, to the right-hand side [n * W].
  /// @param stretch  whose nodes are injected into.
  void inject(double t_ms, const compile::Cable& cable, const TreeStretch& stretch, AlignedArray& rhs);

 private:
  void inject(std::int32_t node, double current_na, const compile::Cable& cable, AlignedArray& rhs) const;

  const compile::CompiledProtocol* protocol_;
  std::vector<WaveformPlayer> waveforms_;
  std::vector<std::size_t> lanes_;
};

/// One pack: cable, ions and mechanism blocks.
class PackState {
 public:
  /// For the variable step, which takes no steps here: no capacitance on the diagonal, and mechanisms see NEURON's
  /// default dt where they begin.
  static constexpr double no_step = std::numeric_limits<double>::infinity();

  PackState(const compile::CompiledModel& model, const Kernels& kernels, double dt_ms);
  PackState(const PackState&) = delete;
  PackState& operator=(const PackState&) = delete;

  /// Copies the lanes' parameters in and initialises, as NEURON's finitialize(v_init): t = 0, the currents evaluated
  /// once. The first sample can be recorded then; finish_step() has to follow.
  /// @param protocols what is injected from now on; they must outlive the run. In a model with events all are
  ///   of one protocol.
  void initialise(const LaneParameters& parameters, const LaneProtocols& protocols);
  /// One staggered step of NEURON (secondorder 0) up to where its sample is recorded.
  void step();
  /// What comes behind the recording: events that are due by now.
  void finish_step();
  /// Why a lane's events could not go on, and when; nullptr for a model without events.
  const EventSystem* events() const { return events_.get(); }
  double t_ms() const { return t_; }
  /// The W values that a recording reads now.
  const Real* recorded(const compile::VariableReference& source) { return row(source); }

  // What the variable step works on.
  std::vector<BlockState>& blocks() { return blocks_; }
  std::vector<IonState>& ions() { return ions_; }
  const CableArrays& cable() const { return cable_; }
  /// Of all nodes, in their order.
  const std::vector<TreeStretch>& stretches() const { return stretches_.all(); }
  bool has_coefficients_per_lane() const { return per_lane_; }
  Real* v() { return v_.data(); }
  const Real* cm() const { return cm_.data(); }
  double* time() { return time_.data(); }
  /// What the mechanisms' `state` and `implicit` may rely on: cw_block.v_is_usual.
  void set_v_is_usual(bool is_usual) { v_is_usual_ = is_usual; }
  bool v_is_usual() const { return v_is_usual_ != 0; }
  /// Takes a lane that another pack of the same model has initialised, all but its events.
  void copy_lane(const PackState& from, std::size_t from_lane, std::size_t to_lane);
  /// The beginning of an implicit step: i := 0 where it is needed; reversal potentials where a concentration changes.
  void begin_ions();
  /// Lets POINTERs to states follow where those stand now.
  void connect_pointers();
  EventSystem* event_system() { return events_.get(); }
  /// Computes what mechanisms leave in ASSIGNEDs, and the ions' currents, anew from v and the states.
  /// @param blocks  those whose equations have ASSIGNEDs that somebody looks at.
  void refresh(const std::vector<std::size_t>& blocks);

 private:
  void connect_blocks();
  void connect_pointers_and_lists();
  void add_slopes();
  void refresh_equations(BlockState& block);
  void load_streams(const LaneParameters& parameters);
  void begin_events(const LaneProtocols& protocols);
  void run_hooks(cw_hook hook);
  Real* row(const compile::VariableReference& source);
  void load_cable(const LaneParameters& parameters);
  void assemble_coefficients(bool per_lane);
  void initialise_mechanisms();
  void begin_currents();
  void clear(const TreeStretch& stretch);
  const StretchKernels& stretch_kernels() const { return per_lane_ ? kernels_->per_lane : kernels_->shared; }
  void load_stimuli(const LaneProtocols& protocols);
  void inject_stimuli(const TreeStretch& stretch);
  void set_time(double t_ms);

  const compile::CompiledModel* model_;
  const Kernels* kernels_;
  double dt_ms_;
  double t_ = 0;
  std::vector<LaneStimuli> stimuli_;
  bool per_lane_ = false;
  AlignedArray v_, v_rest_, rhs_, d_, celsius_, v_init_;
  TimeArray time_, dt_;
  std::int32_t v_is_usual_ = 0;
  AlignedArray a_, b_, d0_;  ///< [n * W] per lane, or [n] in the front when shared
  AlignedArray ra_, cm_;     ///< [sections * W], [n * W]
  CableArrays cable_;
  std::vector<IonState> ions_;
  std::vector<BlockState> blocks_;
  std::array<std::vector<BlockState*>, CW_HOOKS> hooks_;  ///< blocks that have one
  std::unique_ptr<EventSystem> events_;                   ///< none for models without events
  std::vector<IonState*> cleared_ions_;                   ///< whose currents are needed
  TreeStretches stretches_;
  PhasePlan phases_;
};

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
