#pragma once
/// One trace under analysis: the resampled trace and every intermediate result, each computed once.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cellwright/features/feature.hpp"
#include "cellwright/features/trace.hpp"

namespace cellwright::features {

/// Sample indices into the resampled trace.
using IndexResult = Outcome<std::ptrdiff_t>;
using IndexFunction = IndexResult (*)(const TraceContext&);

/// Arrays that a context leaves for the next one, so that a row of traces does not fetch memory from the system for
/// each of them, and traces of the same times are not checked and placed on the grid again. Not for two threads at
/// once.
struct TraceStorage {
  std::vector<double> source_time;  ///< of the trace that `time` and `samples_before` are of
  double interp_step = 0;           ///< of these; 0: of none
  std::vector<double> time;
  std::vector<double> voltage;
  std::vector<double> current;
  std::vector<double> derivative;
  std::vector<std::uint32_t> samples_before;
};

/// The trace as features see it: sampled linearly at `interp_step` from the first sample on, as eFEL does (the last
/// sample may lie up to one step behind the end and repeats the last voltage). A trace of fewer than three samples
/// stays as it is. Results are remembered, so that features share intermediates; a context belongs to one thread.
class TraceContext {
 public:
  /// Checks and resamples the trace; the input's spans are read only here.
  /// @throws FeatureError when spans differ in length ("feature-trace-length"), a time is not finite or decreases
  ///   ("feature-time-order"), the window is empty or not finite ("feature-window"), or `interp_step` is not positive
  ///   or would give more than 1e8 samples ("feature-interp-step").
  /// @param storage taken over until the context's end; what is in it makes no difference to any result.
  explicit TraceContext(const TraceInput& input, TraceStorage* storage = nullptr);
  ~TraceContext();
  TraceContext(const TraceContext&) = delete;
  TraceContext& operator=(const TraceContext&) = delete;

  std::span<const double> time() const { return time_; }        ///< ms, n samples
  std::span<const double> voltage() const { return voltage_; }  ///< mV, n samples
  std::span<const double> current() const { return current_; }  ///< nA, n samples or none
  /// dV/dt [mV/ms] by central differences, one-sided at the ends; n samples. Needs n >= 2, otherwise empty.
  std::span<const double> derivative() const;
  double stim_start() const { return window_.stim_start_ms; }
  double stim_end() const { return window_.stim_end_ms; }
  const Settings& settings() const { return settings_; }

  /// First sample at or after a time; n when there is none.
  std::ptrdiff_t index_at(double time_ms) const;

  /// The remembered result of a feature or of an index list.
  const FeatureResult& result(FeatureFunction feature) const;
  const IndexResult& indices(IndexFunction list) const;
  /// Moves the result of a feature out. Neither it nor a feature that needs it may be asked for again.
  FeatureResult take(FeatureFunction feature);

 private:
  struct Memo;
  StimulusWindow window_;
  Settings settings_;
  void place_times(std::span<const double> time, TraceStorage& arrays);
  void resample(const Trace& trace, std::span<const std::uint32_t> before);
  void take_as_it_is(const Trace& trace);

  std::vector<double> time_;
  std::vector<double> voltage_;
  std::vector<double> current_;
  TraceStorage* storage_;
  std::unique_ptr<Memo> memo_;
};

}  // namespace cellwright::features
