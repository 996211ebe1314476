#pragma once
/// A recorded or simulated trace with its stimulus window: the input of every feature.

#include <span>

#include "cellwright/features/settings.hpp"

namespace cellwright::features {

/// A trace, not owned. All spans have the same length n; `current_na` may be empty when no current is known.
struct Trace {
  std::span<const double> time_ms;     ///< n times that never decrease
  std::span<const double> voltage_mv;  ///< n voltages; NaN is allowed and makes most features fail
  std::span<const double> current_na;  ///< n injected currents, or nothing
};

/// The stimulus interval [ms] that features refer to; the end lies after the start.
struct StimulusWindow {
  double stim_start_ms = 0.0;
  double stim_end_ms = 0.0;
};

/// All that the features of one trace depend on.
struct TraceInput {
  Trace trace;
  StimulusWindow window;
  Settings settings;
};

}  // namespace cellwright::features
