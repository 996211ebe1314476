#pragma once
/// Protocols: what is injected and what is recorded.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cellwright/base/error.hpp"
#include "cellwright/model/location.hpp"

namespace cellwright::model {

/// A square current pulse: `step_amplitude_na` for step_delay <= t < step_delay + step_duration (BluePyOpt's
/// NrnSquarePulse). Several stimuli at one place add up.
struct NrnSquarePulse {
  double step_amplitude_na = 0;
  double step_delay_ms = 0;
  double step_duration_ms = 0;
  double total_duration_ms = 0;
  CompLocation location;
  SourceSpan span;
};

/// A current that goes linearly from start to end during `ramp_duration_ms`, 0 before and after (BluePyOpt's
/// NrnRampPulse).
struct NrnRampPulse {
  double ramp_amplitude_start_na = 0;
  double ramp_amplitude_end_na = 0;
  double ramp_delay_ms = 0;
  double ramp_duration_ms = 0;
  double total_duration_ms = 0;
  CompLocation location;
  SourceSpan span;
};

/// A current given by points, linear between them; the first value before the first point, 0 from the last on
/// (BluePyOpt's NrnCurrentPlayStimulus). Two points at the same time make a jump.
struct NrnCurrentPlayStimulus {
  std::vector<double> time_points_ms;  ///< must not decrease
  std::vector<double> current_points_na;
  CompLocation location;
  SourceSpan span;
};

/// A train of events to each point process of the locations, one source for each (BluePyOpt's NrnNetStimStimulus, with
/// NEURON's default delay of 1 ms: events arrive at start + 1 + k interval).
struct NrnNetStimStimulus {
  std::vector<NrnPointProcessLocation> locations;
  double total_duration_ms = 0;
  double interval_ms = 10;
  double number = 10;
  double start_ms = 50;
  double noise = 0;   ///< 0: regular, 1: exponentially distributed intervals, between: a mixture
  double weight = 1;  ///< the first weight of the connections
  SourceSpan span;
};

using Stimulus = std::variant<NrnSquarePulse, NrnRampPulse, NrnCurrentPlayStimulus, NrnNetStimStimulus>;

double total_duration_ms(const Stimulus& stimulus);

/// The numbers of a stimulus that a meta parameter may set: BluePyOpt's argument names ("step_amplitude").
std::vector<std::string> attribute_names(const Stimulus& stimulus);
/// Sets one of attribute_names(). @throws InternalError for another name.
void set_attribute(Stimulus& stimulus, std::string_view attr_name, double value);

/// Records `variable` at a compartment (BluePyOpt's CompRecording). Where a distance location does not exist on the
/// cell there is no response; every other unknown name is an error.
struct CompRecording {
  std::string name;  ///< protocol.location.variable
  RecordingLocation location;
  std::string variable = "v";  ///< any range variable: v, ina, m_hh, ...; at a point process any of its own: i, g, ...
  SourceSpan span;
};

/// Stimuli and recordings of one sweep (BluePyOpt's SweepProtocol).
struct SweepProtocol {
  std::string name;
  std::vector<Stimulus> stimuli;
  std::vector<CompRecording> recordings;
  std::optional<double> timeout_s;     ///< wall-clock limit for one simulation; none: no limit
  bool deterministic = false;          ///< stochastic mechanisms run without noise
  std::optional<bool> cvode_active{};  ///< variable or fixed step, whatever the simulator's settings say
  SourceSpan span;

  /// The longest stimulus, ms.
  double total_duration_ms() const;
};

/// Runs other protocols in a row and returns all their recordings (BluePyOpt's SequenceProtocol). As a protocol always
/// starts anew, its parts need no second simulation where they are protocols of their own as well.
struct SequenceProtocol {
  std::string name;
  std::vector<std::string> protocols;  ///< names of sweeps and other sequences
  SourceSpan span;
};

}  // namespace cellwright::model
