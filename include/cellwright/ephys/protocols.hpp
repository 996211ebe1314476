#pragma once
/// Protocols: stimuli and recordings of a simulation, as `bluepyopt.ephys.protocols`.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cellwright/ephys/models.hpp"
#include "cellwright/ephys/recordings.hpp"
#include "cellwright/ephys/responses.hpp"
#include "cellwright/ephys/simulators.hpp"
#include "cellwright/ephys/stimuli.hpp"
#include "cellwright/model/protocol.hpp"

namespace cellwright::ephys {

/// A protocol that could not be run; its text is that of the error that stopped it.
struct SweepProtocolException : SimulationError {
  using SimulationError::SimulationError;
};

class SweepProtocol;

/// Base of all protocols. One of one's own overrides run() and may run others in it.
class Protocol : public DictMixin {
 public:
  explicit Protocol(std::string protocol_name) : name(std::move(protocol_name)) {}

  /// Simulates the cell with parameter values; afterwards these parameters are free again.
  /// @param sim       how. Nothing of one run is left for the next: isolation needs no other process.
  /// @param timeout   wall-clock limit of each simulation, s; then all its responses are nullptr.
  /// @returns a response per recording; nullptr where the cell has no such place or the simulation failed.
  /// @throws SweepProtocolException for everything that is wrong with the cell or the protocol itself;
  ///   ConfigError "ephys-protocol" for a timeout that is not above 0.
  virtual Responses run(CellModel& cell_model, const ParamValues& param_values, const NrnSimulator& sim,
                        std::optional<double> timeout = std::nullopt) const = 0;
  /// The protocol and those below it, by name: the protocol itself first.
  virtual std::vector<std::pair<std::string, const Protocol*>> subprotocols() const = 0;
  virtual std::string to_string() const = 0;

  std::string name;
};

struct SweepProtocolArguments {
  std::vector<std::shared_ptr<Stimulus>> stimuli;
  std::vector<std::shared_ptr<Recording>> recordings;
  std::optional<bool> cvode_active;  ///< variable time step; none: as the simulator
  bool deterministic = false;        ///< stochastic mechanisms run without noise
  static void fields(auto& self, auto&& visit) {
    visit("stimuli", self.stimuli);
    visit("recordings", self.recordings);
    visit("cvode_active", self.cvode_active);
    visit("deterministic", self.deterministic);
  }
};

/// What SweepProtocol and StepProtocol have in common.
class SingleSweep : public Protocol {
 public:
  using Protocol::Protocol;
  /// The longest stimulus, ms. @throws ConfigError "ephys-protocol" without stimuli.
  double total_duration() const;
  Responses run(CellModel& cell_model, const ParamValues& param_values, const NrnSimulator& sim,
                std::optional<double> timeout = std::nullopt) const override;
  std::vector<std::pair<std::string, const Protocol*>> subprotocols() const override { return {{name, this}}; }
  /// The protocol as a value. @throws ConfigError as total_duration() and the parts' snapshot().
  model::SweepProtocol snapshot(std::optional<double> timeout = std::nullopt) const;
  std::string to_string() const override;

  virtual std::vector<std::shared_ptr<Stimulus>> all_stimuli() const = 0;
  virtual const std::vector<std::shared_ptr<Recording>>& all_recordings() const = 0;
  virtual std::optional<bool> wants_cvode() const = 0;
  virtual bool is_deterministic() const = 0;
};

/// Any stimuli and recordings.
class SweepProtocol : public Described<SweepProtocol, SingleSweep, SweepProtocolArguments>,
                      public SweepProtocolArguments {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.protocols.SweepProtocol";
  explicit SweepProtocol(std::string name, SweepProtocolArguments arguments = {});
  const SweepProtocolArguments& arguments() const { return *this; }
  std::vector<std::shared_ptr<Stimulus>> all_stimuli() const override { return stimuli; }
  const std::vector<std::shared_ptr<Recording>>& all_recordings() const override { return recordings; }
  std::optional<bool> wants_cvode() const override { return cvode_active; }
  bool is_deterministic() const override { return deterministic; }
};

struct StepProtocolArguments {
  std::shared_ptr<Stimulus> step_stimulus;     ///< NrnSquarePulse
  std::shared_ptr<Stimulus> holding_stimulus;  ///< may be left out
  std::vector<std::shared_ptr<Recording>> recordings;
  std::optional<bool> cvode_active;
  bool deterministic = false;
  static void fields(auto& self, auto&& visit) {
    visit("step_stimulus", self.step_stimulus);
    visit("holding_stimulus", self.holding_stimulus);
    visit("recordings", self.recordings);
    visit("cvode_active", self.cvode_active);
    visit("deterministic", self.deterministic);
  }
};
/// A step of current, with or without a holding current. (`deterministic` has an effect; in BluePyOpt it has none.)
class StepProtocol : public Described<StepProtocol, SingleSweep, StepProtocolArguments>, public StepProtocolArguments {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.protocols.StepProtocol";
  /// @throws ConfigError "ephys-argument" without a step_stimulus.
  explicit StepProtocol(std::string name, StepProtocolArguments arguments = {});
  const StepProtocolArguments& arguments() const { return *this; }
  /// Of the step stimulus, ms. @throws ConfigError "ephys-protocol" if that is no NrnSquarePulse, "ephys-argument".
  double step_delay() const;
  double step_duration() const;
  std::vector<std::shared_ptr<Stimulus>> all_stimuli() const override;
  const std::vector<std::shared_ptr<Recording>>& all_recordings() const override { return recordings; }
  std::optional<bool> wants_cvode() const override { return cvode_active; }
  bool is_deterministic() const override { return deterministic; }

 private:
  const NrnSquarePulse& pulse() const;
};

struct SequenceProtocolArguments {
  std::vector<std::shared_ptr<Protocol>> protocols;
  static void fields(auto& self, auto&& visit) { visit("protocols", self.protocols); }
};
/// Other protocols in a row.
class SequenceProtocol : public Described<SequenceProtocol, Protocol, SequenceProtocolArguments>,
                         public SequenceProtocolArguments {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.protocols.SequenceProtocol";
  explicit SequenceProtocol(std::string name, SequenceProtocolArguments arguments = {});
  const SequenceProtocolArguments& arguments() const { return *this; }
  /// @throws ConfigError "ephys-protocol" too if two parts have a recording of the same name.
  Responses run(CellModel& cell_model, const ParamValues& param_values, const NrnSimulator& sim,
                std::optional<double> timeout = std::nullopt) const override;
  std::vector<std::pair<std::string, const Protocol*>> subprotocols() const override;
  std::string to_string() const override;
};

}  // namespace cellwright::ephys
