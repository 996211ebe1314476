#pragma once
/// The lowered form of a cell model: index arrays and value sources, no names looked up any more.
///
/// Built once per run from the user's description (compile_model); every pack of lanes is then filled from it by
/// copying. All arrays are over nodes. A node is a segment's centre (with membrane) or a branch or end point without
/// membrane.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/model/cell_model.hpp"
#include "cellwright/model/protocol.hpp"
#include "cellwright/morphology/morphology.hpp"
#include "cellwright/nmodl/mechanism_library.hpp"

namespace cellwright::compile {

/// Where a number of a lane comes from: a constant, or column `parameter` of the individual's parameter row, which a
/// scaler may turn into a value that depends on the distance.
struct ValueSource {
  double constant = 0;
  int parameter = -1;         ///< index into the optimisation vector; -1: constant
  int scaler = -1;            ///< index into CompiledModel::scalers; -1: the number itself
  double distance_um = 0;     ///< what the scaler gets
  bool noise_switch = false;  ///< 1 in a deterministic protocol, whatever else it says
  bool operator==(const ValueSource&) const = default;
  auto operator<=>(const ValueSource&) const = default;
};

/// How values follow from a parameter's value and the distance.
struct CompiledScaler {
  std::optional<text::PythonExpression> distribution;  ///< of (distance, value, more...); none: the linear form
  double multiplier = 1, offset = 0;                   ///< of the linear form
  std::vector<ValueSource> more;                       ///< what stands for the further placeholders, without scalers
  /// @param value_of  the number of a ValueSource of `more`.
  /// @throws ConfigError where the expression has no value.
  template <class ValueOf>
  double evaluate(double distance_um, double value, const ValueOf& value_of) const {
    if (!distribution) return multiplier * value + offset;
    std::vector<double> values = {distance_um, value};
    for (const ValueSource& source : more) values.push_back(value_of(source));
    return distribution->evaluate(values);
  }
};

/// The tree of nodes. Node 0 is the root section's 0 end; parents come before children.
/// End nodes without membrane, children, stimulus or recording have no effect and are left out.
struct Cable {
  std::vector<std::int32_t> parent;        ///< [n_nodes], -1 at the root
  std::vector<double> area_um2;            ///< [n_nodes], 100 at nodes without membrane (NEURON's convention)
  std::vector<double> diam_um;             ///< [n_nodes], 0 at nodes without membrane
  std::vector<std::uint8_t> has_membrane;  ///< [n_nodes]
  std::vector<double> resistance_per_ra;   ///< [n_nodes] resistance to the parent in MOhm for Ra = 1 ohm cm
  std::vector<std::int32_t> section;       ///< [n_nodes] section whose Ra the resistance takes
  std::vector<std::uint8_t> near_soma;     ///< [n_nodes] of somatic, axonal and root sections
  std::size_t size() const { return parent.size(); }
};

/// One ion species and the compartments ("slots") in which some mechanism uses it.
struct IonPool {
  std::string name;
  double valence = 1;
  std::vector<std::int32_t> node;              ///< [n_slots] ascending
  std::vector<ValueSource> e_mv;               ///< [n_slots] assigned reversal potential
  std::vector<ValueSource> ci_mm;              ///< [n_slots]
  std::vector<ValueSource> co_mm;              ///< [n_slots]
  ValueSource ci0_mm, co0_mm;                  ///< globals cai0_ca_ion, cao0_ca_ion
  std::vector<std::uint8_t> nernst_at_init;    ///< [n_slots] e from the concentrations at initialisation
  std::vector<std::uint8_t> nernst_each_step;  ///< [n_slots] ... and in every step (a mechanism writes a concentration)
  std::vector<std::uint8_t> reset_concentration;  ///< [n_slots] ci, co from the globals at initialisation
};

/// All instances of one mechanism.
struct MechanismBlock {
  nmodl::LoadedMechanism mechanism;
  std::vector<std::int32_t> node;       ///< [n_instances]; -1 for artificial cells
  std::vector<std::int32_t> param_row;  ///< [n_instances]
  std::size_t n_rows = 0;
  std::vector<ValueSource> param;                   ///< [n_params × n_rows], parameter-major
  std::vector<ValueSource> global;                  ///< [n_globals]
  std::vector<std::size_t> ion_pool;                ///< [n_ions] index into CompiledModel::ions
  std::vector<std::vector<std::int32_t>> ion_slot;  ///< [n_ions][n_instances]
};

/// A row of W values: what a recording reads after each step, or what a POINTER refers to.
struct VariableReference {
  enum class Kind { voltage, variable, parameter, ion_e, ion_i, ion_ci, ion_co };
  Kind kind = Kind::voltage;
  std::size_t block = 0;     ///< mechanism block or ion pool
  std::size_t variable = 0;  ///< index into the block's variables or parameters
  std::size_t row = 0;       ///< node, instance, parameter row or slot
};

struct CompiledRecording {
  std::string name;
  VariableReference source;
  std::string missing;  ///< why the cell has no such place: there is no response then; else empty
};

struct CompiledPulse {
  std::int32_t node = 0;
  double delay_ms = 0, duration_ms = 0, amplitude_na = 0;
};

/// A current through points, linear between them, played into an electrode that is on from 0 to `duration_ms`.
struct CompiledWaveform {
  std::int32_t node = 0;
  double duration_ms = 0;
  std::vector<double> time_ms;  ///< not decreasing, at least one
  std::vector<double> current_na;
};

/// An instance of a mechanism block.
struct InstanceReference {
  std::size_t block = 0;
  std::int32_t instance = 0;
  auto operator<=>(const InstanceReference&) const = default;
};

/// A connection that carries events to a point process or artificial cell.
struct CompiledConnection {
  std::optional<InstanceReference> source;  ///< none: the threshold at `node`
  std::int32_t node = 0;
  double threshold_mv = 10;
  InstanceReference target;
  std::vector<double> weight;  ///< [n_weights] of the target's mechanism
  double delay_ms = 1;
};

/// A list of numbers that the model gives to an instance, such as event times.
struct CompiledVector {
  InstanceReference owner;
  std::size_t vector = 0;
  std::vector<double> values;
};

/// What a POINTER refers to.
struct CompiledPointer {
  InstanceReference owner;
  std::size_t pointer = 0;
  VariableReference target;
};

/// Where a random stream starts. Streams to which the model gives no identifiers have NEURON's: (1, 0, number), counted
/// from 1 in order of creation; mechanisms that ask are told that they are not set.
struct CompiledStream {
  InstanceReference owner;
  std::size_t stream = 0;
  std::array<std::uint32_t, 3> ids{};
  std::uint32_t sequence = 0;
  bool is_set = true;
};

/// A stimulus with numbers that free meta parameters set.
struct VariedStimulus {
  model::Stimulus stimulus;
  std::vector<std::pair<std::string, std::size_t>> attributes;  ///< name and column of the parameters
  std::int32_t node = 0;
  std::size_t index = 0;        ///< its pulse or waveform, or the first of its connections
  std::size_t connections = 0;  ///< how many it has
};

struct CompiledProtocol {
  std::string name;
  std::size_t number = 0;  ///< index into CompiledModel::protocols
  double duration_ms = 0;
  double timeout_s = 0;  ///< 0: none
  bool deterministic = false;
  std::optional<bool> cvode_active{};  ///< variable or fixed step; none: as the simulator is set
  std::vector<CompiledPulse> pulses;
  std::vector<CompiledWaveform> waveforms;
  std::vector<CompiledConnection> connections;      ///< of its own stimuli; the model's come first
  std::vector<InstanceReference> artificial_cells;  ///< of its own stimuli: silent in all other protocols
  std::vector<CompiledRecording> recordings;
  std::vector<VariedStimulus> varied;  ///< lanes of such a protocol do not share what is injected
  double least_duration_ms = 0;        ///< of the stimuli that do not vary

  /// What one individual gets: `varied` written into the rest.
  CompiledProtocol for_individual(std::span<const double> parameters) const;
};

struct CompiledModel {
  Cable cable;
  std::vector<ValueSource> ra_ohm_cm;      ///< [n_sections]
  std::vector<ValueSource> cm_uf_per_cm2;  ///< [n_nodes]; unused without membrane
  ValueSource v_init_mv{.constant = -65.0};
  ValueSource celsius{.constant = 6.3};
  std::vector<IonPool> ions;
  std::vector<MechanismBlock> blocks;  ///< in NEURON's order of initialisation and update, artificial cells last
  std::vector<CompiledConnection> connections;  ///< that all protocols have
  std::vector<CompiledPointer> pointers;
  std::vector<CompiledStream> streams;
  std::vector<CompiledVector> vectors;
  std::uint32_t random123_globalindex = 0;
  std::vector<CompiledProtocol> protocols;
  std::vector<CompiledScaler> scalers;
  std::size_t n_parameters = 0;      ///< length of the optimisation vector
  std::vector<Diagnostic> warnings;  ///< for example a section list that is empty
};

/// Resolves every name of a cell model and its protocols.
/// @param morphology  imported, with nseg set and the axon replaced if asked for.
/// @param library     holds every mechanism that the model inserts.
/// @throws ModelError with all problems found: unknown section lists, mechanisms, variables, locations.
CompiledModel compile_model(const model::CellModel& cell, const morphology::Morphology& morphology,
                            const nmodl::MechanismLibrary& library, std::span<const model::SweepProtocol> protocols);

}  // namespace cellwright::compile
