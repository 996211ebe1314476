#include "cellwright/features/compute.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/features/trace_context.hpp"

namespace cellwright::features {
namespace {

/// For each feature the first one that is computed by the same function (some have several names).
std::vector<std::size_t> first_of_function(std::span<const Feature* const> features) {
  std::vector<std::size_t> order(features.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto function = [&](std::size_t j) { return std::bit_cast<std::uintptr_t>(features[j]->function); };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return function(a) < function(b); });
  std::vector<std::size_t> first(features.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool same = i > 0 && function(order[i - 1]) == function(order[i]);
    first[order[i]] = same ? first[order[i - 1]] : order[i];
  }
  return first;
}

void compute_row(const TraceInput& input, std::span<const Feature* const> features, std::span<const std::size_t> first,
                 std::span<FeatureResult> row, TraceStorage& storage) {
  TraceContext context(input, &storage);
  for (const Feature* feature : features) context.result(feature->function);
  for (std::size_t j = 0; j < features.size(); ++j) {
    row[j] = first[j] == j ? context.take(features[j]->function) : row[first[j]];
  }
}

}  // namespace

Table<FeatureResult> compute_features(std::span<const TraceInput> traces, std::span<const Feature* const> features) {
  Table<FeatureResult> table(traces.size(), features.size());
  const std::vector<std::size_t> first = first_of_function(features);
  TraceStorage storage;
  for (std::size_t i = 0; i < traces.size(); ++i) {
    try {
      compute_row(traces[i], features, first, table.row(i), storage);
    } catch (const FeatureError& error) {
      if (traces.size() == 1) throw;
      Diagnostic diagnostic = error.diagnostics().front();
      diagnostic.message = fmt::format("trace {}: {}", i, diagnostic.message);
      throw FeatureError(std::move(diagnostic));
    }
  }
  return table;
}

Table<FeatureResult> compute_features(std::span<const TraceInput> traces, std::span<const std::string> names) {
  std::vector<const Feature*> features;
  features.reserve(names.size());
  for (const std::string& name : names) features.push_back(&find_feature(name));
  return compute_features(traces, features);
}

}  // namespace cellwright::features
