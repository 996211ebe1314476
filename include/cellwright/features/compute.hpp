#pragma once
/// Features of many traces in one call.

#include <span>
#include <string>
#include <vector>

#include "cellwright/base/table.hpp"
#include "cellwright/features/feature.hpp"
#include "cellwright/features/trace.hpp"

namespace cellwright::features {

/// Computes every named feature of every trace.
/// @param traces n traces with their windows and settings; read during the call only.
/// @param names m names of features, in any order; repeats are allowed.
/// @returns n × m results: row i belongs to traces[i], column j to names[j]. A feature that a trace does not have is a
///   failed result with its reason. The order of names changes no value.
/// @throws FeatureError for an unknown name or an ill-formed trace (see TraceContext); the message names the trace.
Table<FeatureResult> compute_features(std::span<const TraceInput> traces, std::span<const std::string> names);

/// The same with features that were looked up before, for inner loops.
Table<FeatureResult> compute_features(std::span<const TraceInput> traces, std::span<const Feature* const> features);

}  // namespace cellwright::features
