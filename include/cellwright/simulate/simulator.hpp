#pragma once
/// The interface of simulators: a cell model and its protocols are prepared once, then run for whole batches of lanes.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cellwright/base/table.hpp"
#include "cellwright/model/cell_model.hpp"
#include "cellwright/model/protocol.hpp"
#include "cellwright/numeric/numeric_mode.hpp"
#include "cellwright/parallel/executor.hpp"
#include "cellwright/simulate/step_profile.hpp"

namespace cellwright::simulate {

using numeric::NumericMode;

/// One simulation: an individual (row of `LaneBatch::parameters`) in a protocol (index into the prepared protocols).
struct Lane {
  std::size_t individual = 0;
  std::size_t protocol = 0;
};

/// What to simulate. Lanes may stand in any order; the answer of a lane does not depend on the others.
struct LaneBatch {
  TableView<const double> parameters;  ///< [n_individuals × n_free_parameters], in CellModel::free_parameters() order
  std::vector<Lane> lanes;
  /// [n_individuals] Random123's global index of each individual; empty: that of the cell model for all.
  std::vector<std::uint32_t> random123_globalindex{};
  StepProfile* profile = nullptr;  ///< if given, where the time of the native engine's variable steps goes is added
};

/// Why a lane has no responses.
enum class LaneStatus : std::uint8_t {
  ok,
  non_finite,         ///< a recorded value became NaN or infinite
  timed_out,          ///< the protocol's wall-clock limit passed
  event_in_the_past,  ///< a mechanism sent an event to a time that is over (net_send, net_event, net_move)
  too_many_events,    ///< a million events at one time: an endless chain without delay
  no_event_to_move,   ///< net_move without a pending event of flag 1
  simulator_failed    ///< another simulator's own error; see LaneResponses::reason
};

/// The recorded traces of one lane. Spans are valid during the call of the sink only.
struct LaneResponses {
  LaneStatus status = LaneStatus::ok;
  double failed_at_ms = 0;                          ///< model time of the failure; 0 if ok, NaN if not known
  std::string reason{};                             ///< simulator_failed: what it said, one line
  std::size_t steps = 0, rejected_steps = 0;        ///< of a variable step
  std::span<const double> time_ms;                  ///< [n_samples]
  std::vector<std::span<const double>> recordings;  ///< per recording of the protocol: [n_samples], or empty
                                                    ///< where the cell has no such place
};

/// Receives the responses of lane number `lane` (index into LaneBatch::lanes). Called once per lane, from worker
/// threads, possibly at the same time for different lanes.
using ResponseSink = std::function<void(std::size_t lane, const LaneResponses& responses)>;

/// A cell model and its protocols, ready to run. Immutable; `run` may be called from several threads.
class PreparedModel {
 public:
  virtual ~PreparedModel() = default;
  virtual void run(const LaneBatch& batch, parallel::Executor& executor, const ResponseSink& sink) const = 0;
  /// Model time covered by one call, for progress and load balance: ms per protocol.
  virtual std::vector<double> protocol_durations_ms() const = 0;
  /// What is odd about the model but no error, for example a parameter of an empty section list.
  virtual const std::vector<Diagnostic>& warnings() const = 0;
};

class Simulator {
 public:
  virtual ~Simulator() = default;
  /// @throws ModelError, NmodlError, MorphologyError, ToolchainError for what cannot be built.
  virtual std::unique_ptr<PreparedModel> prepare(const model::CellModel& cell,
                                                 std::span<const model::SweepProtocol> protocols) const = 0;
};

/// One line for users, for example "voltage became non-finite at 12.3 ms".
std::string describe(const LaneResponses& responses);

}  // namespace cellwright::simulate
