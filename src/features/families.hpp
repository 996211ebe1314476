#pragma once
/// What the family files share: the tables that the registry concatenates, the intermediates that several features
/// use, and short helpers.

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "cellwright/features/trace_context.hpp"
#include "features/signal_kernel.hpp"

namespace cellwright::features {

using Index = std::ptrdiff_t;
using IndexList = std::vector<Index>;
using Values = std::vector<double>;

// The table of each family.
std::span<const Feature> basic_features();
std::span<const Feature> spike_event_features();
std::span<const Feature> isi_features();
std::span<const Feature> burst_features();
std::span<const Feature> spike_shape_features();
std::span<const Feature> spike_width_features();
std::span<const Feature> after_potential_features();
std::span<const Feature> subthreshold_features();
std::span<const Feature> time_constant_features();
std::span<const Feature> channel_features();

// Index lists and features that other families build on; each is defined in its family's file.
IndexResult peak_indices(const TraceContext& context);
IndexResult min_ahp_indices(const TraceContext& context);
IndexResult min_between_peaks_indices(const TraceContext& context);
IndexResult ap_begin_indices(const TraceContext& context);
IndexResult ap_end_indices(const TraceContext& context);
FeatureResult peak_time(const TraceContext& context);
FeatureResult peak_voltage(const TraceContext& context);
FeatureResult ap_amplitude(const TraceContext& context);
FeatureResult ap_begin_voltage(const TraceContext& context);
FeatureResult all_isi_values(const TraceContext& context);
FeatureResult isi_values(const TraceContext& context);
FeatureResult spike_count(const TraceContext& context);
FeatureResult voltage_base(const TraceContext& context);
FeatureResult minimum_voltage(const TraceContext& context);
FeatureResult steady_state_voltage_stimend(const TraceContext& context);
FeatureResult steady_state_current_stimend(const TraceContext& context);
FeatureResult current_base(const TraceContext& context);
FeatureResult sag_amplitude(const TraceContext& context);

// Papers that features come from.
inline constexpr std::string_view druckmann = "Druckmann et al. 2007, Front. Neurosci. 1:7-18 (accommodation index)";
inline constexpr std::string_view hay = "Hay et al. 2011, PLoS Comput. Biol. 7:e1002107";
inline constexpr std::string_view naundorf = "Naundorf, Wolf and Volgushev 2006, Nature 440:1060-1063";
inline constexpr std::string_view hutcheon = "Hutcheon and Yarom 2000, Trends Neurosci. 23:216-222";

/// A result of one value.
inline FeatureResult one(double value) { return Values{value}; }

/// Fails with a reason, which must be a string literal.
inline FeatureResult failed(std::string_view reason) { return FeatureResult::failure(reason); }

/// Hands on why something that a feature needs is missing.
template <class T>
FeatureResult missing(const Outcome<T>& needed) {
  return failed(needed.reason());
}

/// An empty list counts as a failure: in eFEL's C++ features nothing to report is None.
template <class T>
Outcome<T> nonempty(std::vector<T> values, std::string_view reason) {
  if (values.empty()) return Outcome<T>::failure(reason);
  return values;
}

/// An index list as a feature.
template <IndexFunction List>
FeatureResult as_feature(const TraceContext& context) {
  const IndexResult& list = context.indices(List);
  if (!list) return missing(list);
  return Values(list.values().begin(), list.values().end());
}

/// The samples of a signal at the indices of a list.
inline Values samples(std::span<const double> signal, const IndexList& at) {
  Values values;
  values.reserve(at.size());
  for (const Index i : at) values.push_back(signal[static_cast<std::size_t>(i)]);
  return values;
}

/// First index in [first, last) whose sample fulfils the predicate, `last` if none does or the range is empty.
template <class Predicate>
Index find_first(std::span<const double> signal, Index first, Index last, Predicate predicate) {
  for (Index i = first; i < last; ++i) {
    if (predicate(signal[static_cast<std::size_t>(i)])) return i;
  }
  return last;
}

/// Index of the first local minimum of [first, last): the lowest sample so far once two samples after it are not
/// lower; the smallest sample if that never happens; `last` for an empty range.
Index first_local_minimum(std::span<const double> signal, Index first, Index last);

/// Differences to the first value relative to it: (x[i] - x[0]) / x[0] for i >= 1.
FeatureResult relative_change(const FeatureResult& values);

/// Differences of neighbours: x[i + 1] - x[i].
FeatureResult successive_differences(const FeatureResult& values);

/// The value at one position.
FeatureResult element(const FeatureResult& values, std::size_t position);

}  // namespace cellwright::features
