#pragma once
/// Protocols: what is injected and what is recorded.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cellwright/base/error.hpp"
#include "cellwright/model/location.hpp"

namespace cellwright::model {

/// A square current pulse: `step_amplitude_na` for step_delay <= t < step_delay + step_duration (BluePyOpt's
/// NrnSquarePulse).
struct NrnSquarePulse {
  double step_amplitude_na = 0;
  double step_delay_ms = 0;
  double step_duration_ms = 0;
  double total_duration_ms = 0;
  NrnSeclistCompLocation location;
  SourceSpan span;
};

using Stimulus = std::variant<NrnSquarePulse>;

double total_duration_ms(const Stimulus& stimulus);

/// Records `variable` at a compartment (BluePyOpt's CompRecording).
struct CompRecording {
  std::string name;  ///< protocol.location.variable
  NrnSeclistCompLocation location;
  std::string variable = "v";  ///< any range variable: v, ina, m_hh, ...
  SourceSpan span;
};

/// Stimuli and recordings of one sweep (BluePyOpt's SweepProtocol).
struct SweepProtocol {
  std::string name;
  std::vector<Stimulus> stimuli;
  std::vector<CompRecording> recordings;
  std::optional<double> timeout_s;  ///< wall-clock limit for one simulation; none: no limit
  SourceSpan span;

  /// The longest stimulus, ms.
  double total_duration_ms() const;
};

}  // namespace cellwright::model
