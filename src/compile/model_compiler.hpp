#pragma once
/// compile_model's working state: each step resolves one kind of name and fills one part of the CompiledModel.

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "cellwright/compile/compiled_model.hpp"
#include "cellwright/morphology/geometry.hpp"
#include "cellwright/morphology/path_distance.hpp"
#include "compile/location_resolver.hpp"

namespace cellwright::compile {

/// The location if it is a compartment; none for a point process.
std::optional<model::CompLocation> as_compartment(const model::RecordingLocation& location);

class ModelCompiler {
 public:
  ModelCompiler(const model::CellModel& cell, const morphology::Morphology& morphology,
                const nmodl::MechanismLibrary& library, std::span<const model::SweepProtocol> protocols);
  /// @throws ModelError with all problems found.
  CompiledModel compile();

 private:
  /// Where the values of one mechanism stand before equal instances are merged.
  struct BlockDraft {
    std::vector<std::vector<ValueSource>> values;  ///< [n_instances][parameter slots]
    std::vector<int> instance_of_node;             ///< [n_nodes], -1: not inserted; empty for point processes
  };
  /// Which instances of a mechanism there will be, in order.
  struct BlockPlan {
    const nmodl::LoadedMechanism* mechanism = nullptr;
    std::vector<std::int32_t> nodes;  ///< -1 for artificial cells
  };
  /// The instances that go by one name.
  struct NamedInstances {
    std::string suffix;
    std::vector<std::int32_t> instances;
  };

  std::int32_t node_of(const morphology::Place& place) const;
  std::optional<std::int32_t> node_at(const model::CompLocation& location);
  void error(std::string code, std::string message, const SourceSpan& span, std::string fix = "");
  void warn(std::string code, std::string message, const SourceSpan& span, std::string fix = "");

  // Steps, in this order.
  void locate_places();
  void keep_node_at(const morphology::Place& place);
  void build_cable();
  void insert_mechanisms();
  void report_missing_mechanism(const std::string& suffix, const SourceSpan& span);
  bool may_be_of_missing_mechanism(const std::string& variable) const;
  BlockPlan* plan_block(const std::string& suffix, int kind, const SourceSpan& span);
  void plan_point_processes();
  void plan_artificial_cells();
  bool claim_name(const std::string& name, const SourceSpan& span);
  void build_block(const BlockPlan& plan);
  void build_ions();
  void set_ion_styles();
  void insert_noise();
  void insert_noise(const model::NrnMODMechanism& insertion, int section);
  void apply_parameters();
  void apply_parameter(const model::CellParameter& parameter, ValueSource source);
  const model::CellParameter* find_parameter(const std::string& name) const;
  void check_meta(const model::CellParameter& parameter);
  std::optional<ValueSource> meta_source(const model::MetaTarget& object, std::string_view attr_name) const;
  std::optional<model::ParameterScaler> scaler_of(const model::CellParameter& parameter) const;
  CompiledScaler compile_linear(const model::CellParameter& parameter,
                                const model::NrnSegmentLinearScaler& linear) const;
  bool add_dist_params(const model::CellParameter& parameter, std::vector<ValueSource>& sources);
  std::optional<CompiledScaler> compile_scaler(const model::CellParameter& parameter);
  std::optional<morphology::Place> scaler_origin(const model::CellParameter& parameter);
  std::optional<std::vector<ValueSource>> find_dependencies(const model::CellParameter& parameter);
  bool add_scaler(const model::CellParameter& parameter, ValueSource& source);
  std::optional<ValueSource> at_segment(const model::CellParameter& parameter, const ValueSource& source,
                                        morphology::Place place);
  void apply_at(const model::CellParameter& parameter, const model::NrnSeclistLocation& location,
                const ValueSource& source);
  void apply_at(const model::CellParameter& parameter, const model::NrnSeclistSecLocation& location,
                const ValueSource& source);
  void apply_at(const model::CellParameter& parameter, const model::NrnPointProcessLocation& location,
                const ValueSource& source);
  void apply_global(const model::CellParameter& parameter, const ValueSource& source);
  bool apply_to_section(const model::CellParameter& parameter, int section, const ValueSource& source);
  bool assign(const model::CellParameter& parameter, std::int32_t node, const ValueSource& source);
  void report_not_inserted(const model::CellParameter& parameter, int section);
  void merge_rows();
  const NamedInstances* find_instances(const std::string& name, const std::string& user, const SourceSpan& span);
  InstanceReference reference(const NamedInstances& named, std::size_t index) const;
  void compile_connections();
  void compile_connection(const model::NetCon& connection);
  void compile_pointers();
  void compile_pointer(const model::PointerTarget& pointer);
  void report_unset_pointers();
  void compile_streams();
  void number_streams(const std::string& owner);
  void compile_stream(const model::RandomStream& stream);
  void compile_lists();
  std::size_t index_of(const model::NrnNetStimStimulus& stimulus) const;
  void set_netstim(const InstanceReference& netstim, const model::NrnNetStimStimulus& stimulus,
                   const model::StimulusTarget& target);
  std::optional<VariableReference> find_recorded(const model::RecordingLocation& location, const std::string& variable,
                                                 const std::string& user, const SourceSpan& span);
  std::optional<CompiledRecording> compile_recording_at(const model::NrnPointProcessLocation& location,
                                                        const model::CompRecording& recording);
  void compile_protocols();
  void compile_stimulus_attributes(const model::SweepProtocol& protocol, std::size_t stimulus,
                                   CompiledProtocol& compiled);
  void compile_stimulus(const model::NrnSquarePulse& pulse, CompiledProtocol& protocol);
  void compile_stimulus(const model::NrnRampPulse& ramp, CompiledProtocol& protocol);
  void compile_stimulus(const model::NrnCurrentPlayStimulus& stimulus, CompiledProtocol& protocol);
  void compile_stimulus(const model::NrnNetStimStimulus& stimulus, CompiledProtocol& protocol);
  std::optional<CompiledRecording> compile_recording(const model::CompRecording& recording);
  std::optional<VariableReference> find_range_variable(const std::string& variable, std::int32_t node) const;
  std::optional<VariableReference> find_block_variable(std::size_t block, std::size_t instance,
                                                       const std::string& variable) const;

  std::vector<std::string> range_variable_names() const;
  std::vector<std::string> global_variable_names() const;
  std::vector<std::int32_t> membrane_nodes(int section) const;

  const model::CellModel& cell_;
  const morphology::Morphology& morphology_;
  const nmodl::MechanismLibrary& library_;
  std::span<const model::SweepProtocol> protocols_;
  morphology::CableTree tree_;
  DiagnosticList diagnostics_;
  LocationResolver places_;
  CompiledModel model_;
  std::vector<std::int32_t> kept_node_;         ///< [tree nodes] node of the cable, -1: left out
  std::vector<std::uint8_t> referenced_;        ///< [tree nodes] a stimulus or recording stands there
  std::vector<BlockDraft> drafts_;              ///< parallel to model_.blocks
  std::vector<std::vector<int>> slot_of_node_;  ///< [ions][n_nodes], -1: the ion is not used there
  std::map<std::string, BlockPlan> plans_;      ///< by suffix
  std::set<std::pair<std::string, int>> reported_kinds_;
  std::set<std::string> missing_;  ///< mechanisms that the library could not load
  std::map<std::string, std::size_t> block_of_suffix_;
  std::map<std::string, NamedInstances> named_;  ///< point processes and artificial cells
  std::map<const model::NrnNetStimStimulus*, NamedInstances> netstims_;
  std::uint32_t next_stream_ = 1;  ///< number of the next stream without identifiers of its own
};

}  // namespace cellwright::compile
