#include "cellwright/features/trace_context.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <deque>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"

namespace cellwright::features {
namespace {

constexpr double max_samples = 1e8;

[[noreturn]] void fail(const char* code, std::string message) {
  Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.message = std::move(message);
  throw FeatureError(std::move(diagnostic));
}

void check_lengths(const Trace& trace) {
  const std::size_t n = trace.time_ms.size();
  if (trace.voltage_mv.size() != n) {
    fail("feature-trace-length", fmt::format("the trace has {} times but {} voltages", n, trace.voltage_mv.size()));
  }
  if (!trace.current_na.empty() && trace.current_na.size() != n) {
    fail("feature-trace-length", fmt::format("the trace has {} times but {} currents", n, trace.current_na.size()));
  }
}

void check_times(std::span<const double> time) {
  for (std::size_t i = 0; i < time.size(); ++i) {
    if (!std::isfinite(time[i])) fail("feature-time-order", fmt::format("time {} of the trace is not finite", i));
    if (i > 0 && time[i] < time[i - 1]) {
      fail("feature-time-order", fmt::format("time decreases from {} to {} ms at sample {}", time[i - 1], time[i], i));
    }
  }
}

/// @param times_are_known  to be in order
void check_input(const TraceInput& input, bool times_are_known) {
  check_lengths(input.trace);
  if (!times_are_known) check_times(input.trace.time_ms);
  const StimulusWindow& window = input.window;
  if (!std::isfinite(window.stim_start_ms) || !std::isfinite(window.stim_end_ms) ||
      window.stim_end_ms <= window.stim_start_ms) {
    fail("feature-window", fmt::format("the stimulus must end after it starts: stim_start {} ms, stim_end {} ms",
                                       window.stim_start_ms, window.stim_end_ms));
  }
  const double step = input.settings.interp_step;
  if (!(step > 0.0)) fail("feature-interp-step", fmt::format("interp_step must be positive, not {} ms", step));
  if (!input.trace.time_ms.empty() && (input.trace.time_ms.back() - input.trace.time_ms.front()) / step > max_samples) {
    fail("feature-interp-step",
         fmt::format("interp_step {} ms would give more than {:.0e} samples", step, max_samples));
  }
}

/// The sampling times: `step` added up from the first time on, until the last time is reached or passed. The sums are
/// eFEL's, rounding included: counting the steps first and multiplying would give other last digits.
void sampling_times(double first, double last, double step, std::vector<double>& times) {
  const auto count = static_cast<std::size_t>(std::ceil((last - first) / step));
  times.resize(count + 1);
  double x = first;
  for (std::size_t i = 0; i < count; ++i) {
    times[i] = x;
    x += step;
  }
  times[count] = x;
  if (count > 0 && !(times[count - 1] < last)) times.pop_back();
}

/// For each sampling time the last sample before it (or the first sample); behind the last time the last one, once.
void samples_before(std::span<const double> x, std::span<const double> at, std::vector<std::uint32_t>& before) {
  before.resize(at.size());
  std::uint32_t j = 0;
  for (std::size_t i = 0; i < at.size(); ++i) {
    while (j + 1 < x.size() && x[j + 1] < at[i]) ++j;
    before[i] = j;
    if (j + 1 == x.size()) {
      before.resize(i + 1);
      break;
    }
  }
}

/// Values at the sampling times by linear interpolation.
void interpolate(std::span<const double> x, std::span<const double> y, std::span<const double> at,
                 std::span<const std::uint32_t> before, std::vector<double>& values) {
  values.resize(before.size());
  // Only the last sampling time can lie behind the trace.
  const std::size_t inside = before.back() + 1 == x.size() ? before.size() - 1 : before.size();
  for (std::size_t i = 0; i < inside; ++i) {
    const std::uint32_t j = before[i];
    const double slope = (y[j + 1] - y[j]) / (x[j + 1] - x[j]);
    values[i] = y[j] + slope * (at[i] - x[j]);
  }
  if (inside < values.size()) values[inside] = y[before[inside]];
}

/// True if eFEL would resample this trace. It leaves traces of fewer than three samples as they are, and those whose
/// first two times are equal, because its interpolation would divide by zero there.
bool can_resample(std::span<const double> time) { return time.size() > 2 && time[0] < time[1]; }

/// Three or more samples at one time: nothing can be measured (and eFEL crashes).
bool lacks_duration(std::span<const double> time) { return time.size() > 2 && time.front() == time.back(); }

/// Whether the storage is left by a trace of the same times.
bool has_times_of(const TraceStorage& storage, const TraceInput& input) {
  const std::span<const double> time = input.trace.time_ms;
  return storage.interp_step > 0 && storage.interp_step == input.settings.interp_step &&
         storage.source_time.size() == time.size() &&
         std::memcmp(storage.source_time.data(), time.data(), time.size_bytes()) == 0;
}

}  // namespace

/// Results by function address, in an open hash table: about 180 features fit it with room to spare.
struct TraceContext::Memo {
  static constexpr std::size_t size = 512;

  template <class Function, class Result>
  struct Slots {
    struct Entry {
      Function function = nullptr;
      Result* result = nullptr;
    };
    std::array<Entry, size> entries{};
    std::deque<Result> results;  // addresses stay valid while features call one another

    const Result& get(Function function, const TraceContext& context) {
      auto hash = std::bit_cast<std::uintptr_t>(function) * std::uint64_t{0x9E3779B97F4A7C15};
      std::size_t i = static_cast<std::size_t>(hash >> 55);
      while (entries[i].function != nullptr && entries[i].function != function) i = (i + 1) % size;
      if (entries[i].function == nullptr) {
        Result computed = function(context);
        // A needed feature may have taken this slot meanwhile.
        while (entries[i].function != nullptr) i = (i + 1) % size;
        results.push_back(std::move(computed));
        entries[i] = {function, &results.back()};
      }
      return *entries[i].result;
    }
    Result* find(Function function) {
      auto hash = std::bit_cast<std::uintptr_t>(function) * std::uint64_t{0x9E3779B97F4A7C15};
      std::size_t i = static_cast<std::size_t>(hash >> 55);
      while (entries[i].function != nullptr && entries[i].function != function) i = (i + 1) % size;
      return entries[i].result;
    }
  };

  Slots<FeatureFunction, FeatureResult> features;
  Slots<IndexFunction, IndexResult> lists;
  std::vector<double> derivative;
  bool has_derivative = false;
};

TraceContext::TraceContext(const TraceInput& input, TraceStorage* storage)
    : window_(input.window), settings_(input.settings), storage_(storage), memo_(std::make_unique<Memo>()) {
  const bool times_are_known = storage_ != nullptr && has_times_of(*storage_, input);
  check_input(input, times_are_known);
  TraceStorage arrays;
  if (storage_ != nullptr) arrays = std::move(*storage_);
  time_ = std::move(arrays.time);
  voltage_ = std::move(arrays.voltage);
  current_ = std::move(arrays.current);
  memo_->derivative = std::move(arrays.derivative);
  if (can_resample(input.trace.time_ms)) {
    if (!times_are_known) place_times(input.trace.time_ms, arrays);
    resample(input.trace, arrays.samples_before);
  } else {
    arrays.interp_step = 0;
    take_as_it_is(input.trace);
  }
  if (storage_ == nullptr) return;
  storage_->source_time = std::move(arrays.source_time);
  storage_->interp_step = arrays.interp_step;
  storage_->samples_before = std::move(arrays.samples_before);
}

void TraceContext::place_times(std::span<const double> time, TraceStorage& arrays) {
  sampling_times(time.front(), time.back(), settings_.interp_step, time_);
  samples_before(time, time_, arrays.samples_before);
  // A rounding drift of whole steps can leave times behind the last value; they carry nothing.
  time_.resize(arrays.samples_before.size());
  if (storage_ == nullptr) return;
  arrays.source_time.assign(time.begin(), time.end());
  arrays.interp_step = settings_.interp_step;
}

void TraceContext::resample(const Trace& trace, std::span<const std::uint32_t> before) {
  interpolate(trace.time_ms, trace.voltage_mv, time_, before, voltage_);
  current_.clear();
  if (!trace.current_na.empty()) interpolate(trace.time_ms, trace.current_na, time_, before, current_);
}

void TraceContext::take_as_it_is(const Trace& trace) {
  const auto n = static_cast<std::ptrdiff_t>(lacks_duration(trace.time_ms) ? 0 : trace.time_ms.size());
  time_.assign(trace.time_ms.begin(), trace.time_ms.begin() + n);
  voltage_.assign(trace.voltage_mv.begin(), trace.voltage_mv.begin() + n);
  current_.clear();
  if (n > 0) current_.assign(trace.current_na.begin(), trace.current_na.end());
}

TraceContext::~TraceContext() {
  if (storage_ == nullptr) return;
  storage_->time = std::move(time_);
  storage_->voltage = std::move(voltage_);
  storage_->current = std::move(current_);
  storage_->derivative = std::move(memo_->derivative);
}

std::span<const double> TraceContext::derivative() const {
  const std::size_t n = voltage_.size();
  std::vector<double>& slope = memo_->derivative;
  if (!memo_->has_derivative) {
    memo_->has_derivative = true;
    slope.resize(n >= 2 ? n : 0);
    if (n < 2) return slope;
    slope[0] = (voltage_[1] - voltage_[0]) / (time_[1] - time_[0]);
    for (std::size_t i = 1; i + 1 < n; ++i) {
      slope[i] = ((voltage_[i + 1] - voltage_[i - 1]) / 2) / ((time_[i + 1] - time_[i - 1]) / 2);
    }
    slope[n - 1] = (voltage_[n - 1] - voltage_[n - 2]) / (time_[n - 1] - time_[n - 2]);
  }
  return slope;
}

std::ptrdiff_t TraceContext::index_at(double time_ms) const {
  return std::lower_bound(time_.begin(), time_.end(), time_ms) - time_.begin();
}

const FeatureResult& TraceContext::result(FeatureFunction feature) const { return memo_->features.get(feature, *this); }

FeatureResult TraceContext::take(FeatureFunction feature) {
  result(feature);
  return std::move(*memo_->features.find(feature));
}

const IndexResult& TraceContext::indices(IndexFunction list) const { return memo_->lists.get(list, *this); }

}  // namespace cellwright::features
