#pragma once
/// The native engine against NEURON, on one set of parameters.

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cellwright/evaluate/cell_evaluator.hpp"
#include "cellwright/run/problem.hpp"

namespace cellwright::run {

struct VerifyLimits {
  double max_shift_ms = 0;  ///< of a spike
  double max_score = 0;     ///< difference of an objective
};

/// With the fixed step: a spike by one step, a score by 0.05. With the variable step, where each engine has an error of
/// its own: 2 ms and 0.25 (CVODE at BluePyOpt's tolerance shifts spikes of L5PC by 1.1 ms; eFEL's grid of 0.1 ms alone
/// moves a score by 0.2).
VerifyLimits default_limits(const SimulatorSettings& settings);

/// How a recording of the two engines agrees. Each pair: native, NEURON.
struct RecordingComparison {
  std::string name;
  bool is_voltage = true;                       ///< only voltages have spikes
  std::pair<bool, bool> present{false, false};  ///< there is a response
  std::optional<double> first_deviation_ms;     ///< the first time at which they differ by more than deviation_limit
  double largest_deviation = 0;                 ///< of all samples, in the recorded unit
  std::pair<std::size_t, std::size_t> spikes{0, 0};  ///< upward crossings of -20 mV
  double worst_spike_shift_ms = 0;                   ///< of the spikes that both have, in order
  bool pass = true;
};

struct ObjectiveComparison {
  std::string name;
  std::pair<double, double> scores{0, 0};
  bool pass = true;
};

struct Verification {
  std::vector<RecordingComparison> recordings;
  std::vector<ObjectiveComparison> objectives;
  /// Protocols that failed: name and what each engine said ("" where it ran).
  std::vector<std::pair<std::string, std::pair<std::string, std::string>>> failures;
  bool pass = true;  ///< false also if a protocol failed, even in both engines: nothing was compared there
};

/// What counts as a deviation of two traces, in the recorded unit (mV).
inline constexpr double deviation_limit = 0.01;

/// Simulates with both engines, with the problem's step, and compares. Where their samples stand at different times,
/// the native trace is interpolated at NEURON's.
/// @param parameters  the free parameters. @throws as make_cell_evaluator.
Verification verify(const Problem& problem, std::span<const double> parameters, const VerifyLimits& limits,
                    std::size_t threads);

/// {"recordings": {...}, "objectives": {...}, "errors": {...}, "pass": ...}
std::string format_verification(const Verification& verification);

}  // namespace cellwright::run
