#include "simulate/native/pack_state.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "simulate/native/random_stream.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {
namespace {

constexpr std::size_t W = pack_lanes;

// NEURON 9's constants (2019 SI): kT/F in mV is 1000 R (celsius + 273.15) / F.
constexpr double faraday_c_per_mol = 96485.33212331001;
constexpr double gas_constant_j_per_mol_k = 8.31446261815324;
constexpr double zero_celsius_k = 273.15;

/// v, rhs and d of so many nodes fill a quarter of a first-level cache of 48 KiB.
constexpr std::size_t nodes_per_stretch = 64;

void load_row(Real* target, const compile::CompiledModel& model, const compile::ValueSource& source,
              const LaneParameters& parameters) {
  for (std::size_t lane = 0; lane < W; ++lane) target[lane] = static_cast<Real>(parameters.value(model, source, lane));
}

void load_rows(AlignedArray& target, const compile::CompiledModel& model,
               const std::vector<compile::ValueSource>& sources, const LaneParameters& parameters) {
  for (std::size_t r = 0; r < sources.size(); ++r) load_row(target.row(r), model, sources[r], parameters);
}

std::vector<std::int32_t> flagged(const std::vector<std::uint8_t>& flags) {
  std::vector<std::int32_t> result;
  for (std::size_t k = 0; k < flags.size(); ++k) {
    if (flags[k]) result.push_back(static_cast<std::int32_t>(k));
  }
  return result;
}

std::vector<cw_real*> row_pointers(AlignedArray& array, std::size_t count, std::size_t rows_each) {
  std::vector<cw_real*> result(count);
  for (std::size_t k = 0; k < count; ++k) result[k] = to_view(array.row(k * rows_each));
  return result;
}

/// Calls visit(VariableReference) for all that some protocol records or a POINTER refers to.
template <class Visit>
void for_each_observed(const compile::CompiledModel& model, const Visit& visit) {
  for (const compile::CompiledPointer& pointer : model.pointers) visit(pointer.target);
  for (const compile::CompiledProtocol& protocol : model.protocols) {
    for (const compile::CompiledRecording& recording : protocol.recordings) {
      if (recording.missing.empty()) visit(recording.source);
    }
  }
}

/// The observed variables of a mechanism block.
std::set<std::size_t> observed_variables(const compile::CompiledModel& model, std::size_t block) {
  std::set<std::size_t> result;
  for_each_observed(model, [&](const compile::VariableReference& source) {
    if (source.kind == compile::VariableReference::Kind::variable && source.block == block)
      result.insert(source.variable);
  });
  return result;
}

/// The ions whose currents a mechanism reads.
std::set<std::size_t> read_currents(const compile::CompiledModel& model) {
  std::set<std::size_t> result;
  for (const compile::MechanismBlock& block : model.blocks) {
    for (std::size_t k = 0; k < block.ion_pool.size(); ++k) {
      if (block.mechanism.descriptor->ion[k].reads & CW_ION_I) result.insert(block.ion_pool[k]);
    }
  }
  return result;
}

/// Those, and the ones whose currents are observed.
std::set<std::size_t> needed_currents(const compile::CompiledModel& model) {
  std::set<std::size_t> result = read_currents(model);
  for_each_observed(model, [&](const compile::VariableReference& source) {
    if (source.kind == compile::VariableReference::Kind::ion_i) result.insert(source.block);
  });
  return result;
}

}  // namespace

double LaneParameters::value(const compile::CompiledModel& model, const compile::ValueSource& source,
                             std::size_t lane) const {
  if (source.noise_switch && deterministic[lane]) return 1.0;
  const double number =
      source.parameter < 0 ? source.constant : table(rows[lane], static_cast<std::size_t>(source.parameter));
  if (source.scaler < 0) return number;
  try {
    return model.scalers[static_cast<std::size_t>(source.scaler)].evaluate(
        source.distance_um, number, [&](const compile::ValueSource& other) { return value(model, other, lane); });
  } catch (const ConfigError&) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

BlockState::BlockState(const compile::CompiledModel& model, const compile::MechanismBlock& block,
                       const std::set<std::size_t>& looked_at)
    : model_(&model), compiled_(&block) {
  const cw_mechanism& m = mechanism();
  const std::size_t n = block.node.size();
  const std::size_t n_params = static_cast<std::size_t>(m.n_params);
  const std::size_t n_vars = static_cast<std::size_t>(m.n_vars);
  const std::size_t n_globals = static_cast<std::size_t>(m.n_globals);
  params_ = AlignedArray(n_params * block.n_rows * W);
  globals_ = AlignedArray(n_globals * W);
  table_ = AlignedArray(static_cast<std::size_t>(m.table_values) * W);
  param_pointers_ = row_pointers(params_, n_params, block.n_rows);
  for (std::size_t k = 0; k < n_vars; ++k) lean_ = lean_ && !(m.var[k].transient && looked_at.count(k));
  const auto has_memory = [&](std::size_t k) { return !(lean_ && m.var[k].transient); };
  std::size_t n_kept = 0;
  for (std::size_t k = 0; k < n_vars; ++k) n_kept += has_memory(k);
  vars_ = AlignedArray(n_kept * n * W);
  std::size_t kept = 0;
  for (std::size_t k = 0; k < n_vars; ++k)
    var_pointers_.push_back(has_memory(k) ? to_view(vars_.row(kept++ * n)) : nullptr);
  global_pointers_ = row_pointers(globals_, n_globals, 1);
  if (m.real_bytes < sizeof(double)) {
    const auto n_rests = static_cast<std::size_t>(m.n_rests);
    rests_ = AlignedArray(n_rests * n * W);
    rest_pointers_ = row_pointers(rests_, n_rests, n);
  }
  table_offset_.assign(W, 0);
  ion_views_.resize(block.ion_pool.size());
  view_.n_instances = static_cast<std::int32_t>(n);
  view_.node = block.node.data();
  view_.param_row = block.param_row.data();
  view_.param = param_pointers_.data();
  view_.var = var_pointers_.data();
  view_.global = global_pointers_.data();
  view_.ion = ion_views_.data();
  view_.rest = rest_pointers_.data();
  view_.table = to_view(table_.data());
  view_.table_offset = table_offset_.data();
  targets_.assign(static_cast<std::size_t>(m.n_pointers), std::vector<cw_real*>(n));
  for (auto& targets : targets_) target_pointers_.push_back(targets.data());
  streams_.assign(static_cast<std::size_t>(m.n_randoms), std::vector<cw_random>(n * W));
  for (auto& streams : streams_) stream_pointers_.push_back(streams.data());
  vectors_.assign(static_cast<std::size_t>(m.n_vectors), std::vector<cw_vector>(n * W));
  for (auto& vectors : vectors_) vector_pointers_.push_back(vectors.data());
  view_.vector = vector_pointers_.data();
  view_.pointer = target_pointers_.data();
  view_.random = stream_pointers_.data();
}

void BlockState::reset_streams() {
  for (auto& streams : streams_) std::fill(streams.begin(), streams.end(), cw_random{});
}

void BlockState::set_vector(std::size_t vector, std::size_t instance, const std::vector<double>& values) {
  const cw_vector list{values.data(), static_cast<std::int64_t>(values.size())};
  std::fill_n(vectors_[vector].begin() + static_cast<std::ptrdiff_t>(instance * W), W, list);
}

void BlockState::set_stream(std::size_t stream, std::size_t instance, std::size_t lane, const cw_random& start) {
  streams_[stream][instance * W + lane] = start;
}

void BlockState::load(const LaneParameters& parameters) {
  load_rows(params_, *model_, compiled_->param, parameters);
  load_rows(globals_, *model_, compiled_->global, parameters);
  rests_.fill(0);
  vars_.fill(0);  // ASSIGNED values must not depend on the pack that was here before
}

void BlockState::reset_states() {
  const cw_mechanism& m = mechanism();
  if (m.build_tables) m.build_tables(&view_);
  for (std::int32_t s = 0; s < m.n_states; ++s) {
    const std::int32_t initial = m.state_initial[s];
    if (initial == -1) continue;  // load() left 0
    for (std::int32_t i = 0; i < view_.n_instances; ++i) {
      const Real* from = initial >= 0
                             ? from_view(param_pointers_[initial]) + view_.param_row[i] * static_cast<std::int64_t>(W)
                             : from_view(global_pointers_[-2 - initial]);
      std::copy_n(from, W, from_view(var_pointers_[s]) + i * static_cast<std::int64_t>(W));
    }
  }
}

IonState::IonState(const compile::CompiledModel& model, const compile::IonPool& pool)
    : model_(&model),
      pool_(&pool),
      e_(pool.node.size() * W),
      i_(pool.node.size() * W),
      ci_(pool.node.size() * W),
      co_(pool.node.size() * W),
      ci0_(W),
      co0_(W),
      factor_(W),
      at_init_(flagged(pool.nernst_at_init)),
      each_step_(flagged(pool.nernst_each_step)) {}

void IonState::load(const LaneParameters& parameters, const Real* celsius) {
  load_rows(e_, *model_, pool_->e_mv, parameters);
  load_rows(ci_, *model_, pool_->ci_mm, parameters);
  load_rows(co_, *model_, pool_->co_mm, parameters);
  load_row(ci0_.data(), *model_, pool_->ci0_mm, parameters);
  load_row(co0_.data(), *model_, pool_->co0_mm, parameters);
  i_.fill(0);
  for (std::size_t lane = 0; lane < W; ++lane) {
    const double kt_over_f = 1000.0 * gas_constant_j_per_mol_k * (celsius[lane] + zero_celsius_k) / faraday_c_per_mol;
    factor_.data()[lane] = static_cast<Real>(kt_over_f / pool_->valence);
  }
}

void IonState::nernst(const std::vector<std::int32_t>& slots, const Kernels& kernels) {
  if (slots.empty()) return;
  kernels.nernst(
      {static_cast<std::int32_t>(slots.size()), slots.data(), factor_.data(), e_.data(), ci_.data(), co_.data()});
}

void IonState::initialise(const Kernels& kernels) {
  for (std::size_t s = 0; s < pool_->node.size(); ++s) {
    if (!pool_->reset_concentration[s]) continue;
    std::copy_n(ci0_.data(), W, ci_.row(s));
    std::copy_n(co0_.data(), W, co_.row(s));
  }
  nernst(at_init_, kernels);
}

void IonState::clear_current(const TreeStretch& stretch) {
  const auto slot_of = [&](std::size_t node) {
    const auto found = std::lower_bound(pool_->node.begin(), pool_->node.end(), static_cast<std::int32_t>(node));
    return static_cast<std::size_t>(found - pool_->node.begin());
  };
  std::fill(i_.row(slot_of(stretch.first)), i_.row(slot_of(stretch.end)), Real{0});
}

void IonState::begin_currents(const Kernels& kernels, bool always) {
  if (always || i_slope_.size() > 0) i_.fill(0);
  i_slope_.fill(0);  // empty where nobody reads the current
  nernst(each_step_, kernels);
}

PackState::PackState(const compile::CompiledModel& model, const Kernels& kernels, double dt_ms)
    : model_(&model), kernels_(&kernels), dt_ms_(dt_ms), stretches_(model.cable.parent, nodes_per_stretch) {
  const std::size_t n = model.cable.size();
  for (AlignedArray* array : {&v_, &a_, &b_, &d0_, &cm_}) *array = AlignedArray(n * W);
  for (AlignedArray* array : {&rhs_, &d_}) *array = AlignedArray(stretches_.rows() * W);
  for (AlignedArray* array : {&celsius_, &v_init_}) *array = AlignedArray(W);
  for (TimeArray* array : {&time_, &dt_}) *array = TimeArray(W);
  if constexpr (sizeof(Real) < sizeof(double)) v_rest_ = AlignedArray(n * W);
  ra_ = AlignedArray(model.ra_ohm_cm.size() * W);
  constexpr double default_dt_ms = 0.025;
  dt_.fill(dt_ms == no_step ? default_dt_ms : dt_ms);
  cable_ = {static_cast<std::int32_t>(n),
            model.cable.parent.data(),
            a_.data(),
            b_.data(),
            d0_.data(),
            v_.data(),
            v_rest_.data(),
            rhs_.data(),
            d_.data(),
            stretches_.receiver().data(),
            stretches_.destination().data()};
  for (const compile::IonPool& pool : model.ions) ions_.emplace_back(model, pool);
  connect_blocks();
  connect_pointers_and_lists();
  if (EventSystem::needed(model)) events_ = std::make_unique<EventSystem>(model, blocks_);
  if (dt_ms == no_step) add_slopes();
  phases_ = PhasePlan(blocks_, stretches_.all());
}

void BlockState::copy_lane(const BlockState& from, std::size_t from_lane, std::size_t to_lane) {
  params_.copy_lane(from.params_, from_lane, to_lane);
  vars_.copy_lane(from.vars_, from_lane, to_lane);
  rests_.copy_lane(from.rests_, from_lane, to_lane);
  globals_.copy_lane(from.globals_, from_lane, to_lane);
  const auto values = static_cast<std::size_t>(mechanism().table_values);
  table_offset_[to_lane] = static_cast<std::int32_t>(to_lane * values);
  std::copy_n(from.table_.data() + from.table_offset_[from_lane], values, table_.data() + to_lane * values);
  for (std::size_t k = 0; k < streams_.size(); ++k) {
    for (std::size_t at = 0; at < streams_[k].size(); at += W)
      streams_[k][at + to_lane] = from.streams_[k][at + from_lane];
  }
}

void IonState::add_slopes(bool current_is_read) {
  if (current_is_read) i_slope_ = AlignedArray(i_.size());
  for (AlignedArray* slope : {&ci_slope_, &co_slope_}) *slope = AlignedArray(i_.size());
}

std::pair<AlignedArray, AlignedArray> IonState::take_concentrations() const {
  std::pair<AlignedArray, AlignedArray> result{AlignedArray(ci_.size()), AlignedArray(co_.size())};
  std::copy_n(ci_.data(), ci_.size(), result.first.data());
  std::copy_n(co_.data(), co_.size(), result.second.data());
  return result;
}

void IonState::put_concentrations(const std::pair<AlignedArray, AlignedArray>& values) {
  std::copy_n(values.first.data(), ci_.size(), ci_.data());
  std::copy_n(values.second.data(), co_.size(), co_.data());
}

void IonState::copy_lane(const IonState& from, std::size_t from_lane, std::size_t to_lane) {
  e_.copy_lane(from.e_, from_lane, to_lane);
  i_.copy_lane(from.i_, from_lane, to_lane);
  ci_.copy_lane(from.ci_, from_lane, to_lane);
  co_.copy_lane(from.co_, from_lane, to_lane);
  factor_.copy_lane(from.factor_, from_lane, to_lane);
}

void PackState::add_slopes() {
  const std::set<std::size_t> read = read_currents(*model_);
  for (std::size_t k = 0; k < ions_.size(); ++k) ions_[k].add_slopes(read.contains(k));
  for (BlockState& block : blocks_) {
    for (std::size_t k = 0; k < block.ion_views().size(); ++k) {
      IonState& ion = ions_[block.compiled().ion_pool[k]];
      cw_ion_view& view = block.ion_views()[k];
      view.i_slope = to_view(ion.i_slope());
      view.ci_slope = to_view(ion.ci_slope());
      view.co_slope = to_view(ion.co_slope());
    }
  }
}

void PackState::copy_lane(const PackState& from, std::size_t from_lane, std::size_t to_lane) {
  v_.copy_lane(from.v_, from_lane, to_lane);
  celsius_.copy_lane(from.celsius_, from_lane, to_lane);
  cm_.copy_lane(from.cm_, from_lane, to_lane);
  per_lane_ = from.per_lane_;  // a property of the model
  using Pair = std::pair<AlignedArray*, const AlignedArray*>;
  for (const auto& [to, source] : {Pair{&a_, &from.a_}, Pair{&b_, &from.b_}, Pair{&d0_, &from.d0_}}) {
    if (per_lane_) {
      to->copy_lane(*source, from_lane, to_lane);
    } else {
      std::copy_n(source->data(), model_->cable.size(), to->data());
    }
  }
  for (std::size_t k = 0; k < blocks_.size(); ++k) blocks_[k].copy_lane(from.blocks_[k], from_lane, to_lane);
  for (std::size_t k = 0; k < ions_.size(); ++k) ions_[k].copy_lane(from.ions_[k], from_lane, to_lane);
}

/// Currents may need what equations leave behind (`minf` of an instantaneous gate), and equations the ions' currents:
/// those that read one run a second time.
void PackState::refresh(const std::vector<std::size_t>& blocks) {
  for (const std::size_t block : blocks) refresh_equations(blocks_[block]);
  for (IonState& ion : ions_) ion.begin_currents(*kernels_);
  for (BlockState& block : blocks_) {
    if (const cw_function current = block.current_function()) current(&block.view());
  }
  for (const std::size_t block : blocks) {
    const cw_mechanism& m = blocks_[block].mechanism();
    const bool reads_current =
        std::any_of(m.ion, m.ion + m.n_ions, [](const cw_ion& ion) { return (ion.reads & CW_ION_I) != 0; });
    if (reads_current) refresh_equations(blocks_[block]);
  }
}

/// A step of next to nothing, whose states are thrown away.
void PackState::refresh_equations(BlockState& block) {
  const cw_function advance = block.state_function();
  if (advance == nullptr) return;
  constexpr double short_step_ms = 1e-9;
  std::vector<std::vector<Real>> kept;
  const std::size_t values = block.compiled().node.size() * W;
  for (std::int32_t s = 0; s < block.mechanism().n_states; ++s) {
    const Real* const state = block.variable(static_cast<std::size_t>(s));
    kept.emplace_back(state, state + values);
  }
  std::vector<std::pair<AlignedArray, AlignedArray>> concentrations;
  for (IonState& ion : ions_) concentrations.push_back(ion.take_concentrations());
  const double dt = dt_.data()[0];
  dt_.fill(short_step_ms);
  advance(&block.view());
  dt_.fill(dt);
  for (std::int32_t s = 0; s < block.mechanism().n_states; ++s)
    std::copy_n(kept[static_cast<std::size_t>(s)].data(), values, block.variable(static_cast<std::size_t>(s)));
  for (std::size_t k = 0; k < ions_.size(); ++k) ions_[k].put_concentrations(concentrations[k]);
}

void PackState::begin_ions() {
  for (IonState& ion : ions_) ion.begin_currents(*kernels_, false);
}

void PackState::connect_blocks() {
  blocks_.reserve(model_->blocks.size());
  const std::set<std::size_t> needed = needed_currents(*model_);
  // The variable step has its own way to leave out currents that nobody reads.
  const auto adds_current = [&](std::size_t ion) { return dt_ms_ == no_step || needed.contains(ion); };
  for (std::size_t k = 0; k < ions_.size(); ++k) {
    if (adds_current(k)) cleared_ions_.push_back(&ions_[k]);
  }
  for (std::size_t index = 0; index < model_->blocks.size(); ++index) {
    const compile::MechanismBlock& block = model_->blocks[index];
    BlockState& state = blocks_.emplace_back(*model_, block, observed_variables(*model_, index));
    for (std::size_t k = 0; k < block.ion_pool.size(); ++k) {
      IonState& ion = ions_[block.ion_pool[k]];
      state.ion_views()[k] = {block.ion_slot[k].data(),
                              to_view(ion.e()),
                              adds_current(block.ion_pool[k]) ? to_view(ion.i()) : nullptr,
                              to_view(ion.ci()),
                              to_view(ion.co()),
                              nullptr,
                              nullptr,
                              nullptr};
    }
    cw_block& view = state.view();
    if (state.mechanism().kind == CW_ARTIFICIAL_CELL) view.node = nullptr;
    view.v = to_view(v_.data());
    view.rhs = to_view(rhs_.data());
    view.d = to_view(d_.data());
    view.area = model_->cable.area_um2.data();
    view.diam = model_->cable.diam_um.data();
    view.celsius = to_view(celsius_.data());
    view.t = time_.data();
    view.dt = dt_.data();
    view.v_is_usual = &v_is_usual_;
  }
  for (BlockState& block : blocks_) {
    for (std::size_t hook = 0; hook < hooks_.size(); ++hook) {
      if (block.mechanism().hook[hook]) hooks_[hook].push_back(&block);
    }
  }
}

void PackState::connect_pointers() {
  for (const compile::CompiledPointer& pointer : model_->pointers) {
    blocks_[pointer.owner.block].set_pointer(pointer.pointer, static_cast<std::size_t>(pointer.owner.instance),
                                             row(pointer.target));
  }
}

void PackState::connect_pointers_and_lists() {
  connect_pointers();
  for (const compile::CompiledVector& list : model_->vectors)
    blocks_[list.owner.block].set_vector(list.vector, static_cast<std::size_t>(list.owner.instance), list.values);
}

void PackState::load_streams(const LaneParameters& parameters) {
  for (BlockState& block : blocks_) block.reset_streams();
  for (std::size_t lane = 0; lane < W; ++lane) {
    const std::uint32_t globalindex =
        parameters.globalindex.empty() ? model_->random123_globalindex : parameters.globalindex[parameters.rows[lane]];
    for (const compile::CompiledStream& stream : model_->streams) {
      cw_random start = start_stream(stream.ids, stream.sequence, globalindex);
      start.is_set = stream.is_set;
      const auto instance = static_cast<std::size_t>(stream.owner.instance);
      blocks_[stream.owner.block].set_stream(stream.stream, instance, lane, start);
    }
  }
}

void PackState::run_hooks(cw_hook hook) {
  for (BlockState* block : hooks_[hook]) block->mechanism().hook[hook](&block->view());
}

void PackState::set_time(double t_ms) { time_.fill(t_ms); }

void PackState::load_cable(const LaneParameters& parameters) {
  load_rows(ra_, *model_, model_->ra_ohm_cm, parameters);
  load_rows(cm_, *model_, model_->cm_uf_per_cm2, parameters);
  load_row(celsius_.data(), *model_, model_->celsius, parameters);
  load_row(v_init_.data(), *model_, model_->v_init_mv, parameters);
  const auto varies = [](const std::vector<compile::ValueSource>& sources) {
    return std::any_of(sources.begin(), sources.end(),
                       [](const compile::ValueSource& s) { return s.parameter >= 0 || s.scaler >= 0; });
  };
  per_lane_ = varies(model_->ra_ohm_cm) || varies(model_->cm_uf_per_cm2);
  assemble_coefficients(per_lane_);
}

/// NEURON's coefficients (neuron-semantics 2.4): a = 100/(ri area_parent), b = 100/(ri area), capacitance 0.001 cm/dt.
void PackState::assemble_coefficients(bool per_lane) {
  const compile::Cable& cable = model_->cable;
  const std::size_t lanes = per_lane ? W : 1;
  for (std::size_t j = 0; j < cable.size(); ++j) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double capacitance = 0.001 * static_cast<double>(cm_.row(j)[lane]) / dt_ms_;
      d0_.data()[j * lanes + lane] = cable.has_membrane[j] ? static_cast<Real>(capacitance) : 0;
    }
  }
  for (std::size_t j = 1; j < cable.size(); ++j) {
    const auto p = static_cast<std::size_t>(cable.parent[j]);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double ri = cable.resistance_per_ra[j] * ra_.row(static_cast<std::size_t>(cable.section[j]))[lane];
      const double a = 100.0 / (ri * cable.area_um2[p]);
      const double b = 100.0 / (ri * cable.area_um2[j]);
      a_.data()[j * lanes + lane] = static_cast<Real>(a);
      b_.data()[j * lanes + lane] = static_cast<Real>(b);
      if (sizeof(Real) < sizeof(double) && dt_ms_ != no_step) continue;  // CableArrays::d0
      d0_.data()[j * lanes + lane] += static_cast<Real>(b);
      d0_.data()[p * lanes + lane] += static_cast<Real>(a);
    }
  }
}

void PackState::load_stimuli(const LaneProtocols& protocols) {
  stimuli_.clear();
  for (std::size_t lane = 0; lane < W; ++lane) {
    auto same = std::find_if(stimuli_.begin(), stimuli_.end(),
                             [&](const LaneStimuli& known) { return &known.protocol() == protocols[lane]; });
    if (same == stimuli_.end()) same = stimuli_.insert(stimuli_.end(), LaneStimuli(*protocols[lane]));
    same->add_lane(lane);
  }
}

void PackState::begin_events(const LaneProtocols& protocols) {
  if (!events_) return;
  events_->begin(model_->protocols[protocols.front()->number]);
  for (std::size_t lane = 0; lane < W; ++lane) events_->vary_weights(lane, *protocols[lane]);
}

void PackState::initialise(const LaneParameters& parameters, const LaneProtocols& protocols) {
  load_stimuli(protocols);
  t_ = 0;
  set_time(0);
  load_cable(parameters);
  for (BlockState& block : blocks_) block.load(parameters);
  for (IonState& ion : ions_) ion.load(parameters, celsius_.data());
  for (std::size_t j = 0; j < model_->cable.size(); ++j) std::copy_n(v_init_.data(), W, v_.row(j));
  v_rest_.fill(0);
  load_streams(parameters);
  begin_events(protocols);
  run_hooks(CW_BEFORE_INITIAL);
  for (IonState& ion : ions_) ion.initialise(*kernels_);
  initialise_mechanisms();
  if (events_) events_->initialise_connections();
  run_hooks(CW_AFTER_INITIAL);
  finish_step();
  begin_currents();
  phases_.current([&](const TreeStretch& stretch) { clear(stretch); }, [](const TreeStretch&) {});
  run_hooks(CW_BEFORE_STEP);
}

void PackState::initialise_mechanisms() {
  for (BlockState& block : blocks_) {
    block.reset_states();
    block.init();
    if (!block.mechanism().writes_concentration) continue;
    // NEURON recomputes the reversal potential right behind the writer's INITIAL; readers come later in the order.
    for (const std::size_t pool : block.compiled().ion_pool) ions_[pool].update_reversal(*kernels_);
  }
}

void PackState::begin_currents() {
  run_hooks(CW_BEFORE_BREAKPOINT);
  for (IonState& ion : ions_) ion.update_reversal(*kernels_);
}

void PackState::clear(const TreeStretch& stretch) {
  stretch_kernels().clear(cable_, stretch);
  for (IonState* ion : cleared_ions_) ion->clear_current(stretch);
}

void PackState::inject_stimuli(const TreeStretch& stretch) {
  for (LaneStimuli& stimuli : stimuli_) stimuli.inject(time_.data()[0], model_->cable, stretch, rhs_);
}

LaneStimuli::LaneStimuli(const compile::CompiledProtocol& protocol)
    : protocol_(&protocol), waveforms_(protocol.waveforms.begin(), protocol.waveforms.end()) {}

void LaneStimuli::inject(double t_ms, const compile::Cable& cable, const TreeStretch& stretch, AlignedArray& rhs) {
  const auto is_there = [&](std::int32_t node) {
    return static_cast<std::size_t>(node) >= stretch.first && static_cast<std::size_t>(node) < stretch.end;
  };
  for (const compile::CompiledPulse& pulse : protocol_->pulses) {
    if (is_there(pulse.node) && t_ms >= pulse.delay_ms && t_ms < pulse.delay_ms + pulse.duration_ms)
      inject(pulse.node, pulse.amplitude_na, cable, rhs);
  }
  for (WaveformPlayer& waveform : waveforms_) {
    if (is_there(waveform.node()) && t_ms < waveform.duration_ms())
      inject(waveform.node(), waveform.current_na(t_ms), cable, rhs);
  }
}

void LaneStimuli::inject(std::int32_t node, double current_na, const compile::Cable& cable, AlignedArray& rhs) const {
  const auto n = static_cast<std::size_t>(node);
  const double density = current_na * (100.0 / cable.area_um2[n]);
  for (const std::size_t lane : lanes_) rhs.row(n)[lane] += static_cast<Real>(density);
}

void PackState::finish_step() {
  if (events_) events_->deliver(t_, time_.data());
}

void PackState::step() {
  if (events_) {
    events_->detect(t_, v_.data());
    events_->deliver(t_ + 0.5 * dt_ms_, time_.data());
  }
  t_ += 0.5 * dt_ms_;  // two half steps, added one after the other: NEURON's t is this sum, not k*dt
  set_time(t_);
  begin_currents();
  phases_.current([&](const TreeStretch& stretch) { clear(stretch); },
                  [&](const TreeStretch& stretch) {
                    inject_stimuli(stretch);
                    stretch_kernels().eliminate(cable_, stretch);
                  });
  t_ += 0.5 * dt_ms_;
  set_time(t_);
  set_v_is_usual(true);
  phases_.state([&](const TreeStretch& stretch) {
    const bool is_usual = stretch_kernels().substitute(cable_, stretch);
    set_v_is_usual(v_is_usual_ && is_usual);
  });
  run_hooks(CW_AFTER_SOLVE);
  run_hooks(CW_BEFORE_STEP);
}

Real* PackState::row(const compile::VariableReference& source) {
  using Kind = compile::VariableReference::Kind;
  const std::size_t offset = source.row * W;
  switch (source.kind) {
    case Kind::voltage:
      return v_.data() + offset;
    case Kind::variable:
      return blocks_[source.block].variable(source.variable) + offset;
    case Kind::parameter:
      return blocks_[source.block].parameter(source.variable) + offset;
    case Kind::ion_e:
      return ions_[source.block].e() + offset;
    case Kind::ion_i:
      return ions_[source.block].i() + offset;
    case Kind::ion_ci:
      return ions_[source.block].ci() + offset;
    case Kind::ion_co:
      return ions_[source.block].co() + offset;
  }
  throw InternalError("a recording of unknown kind");
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
