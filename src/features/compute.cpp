#include "cellwright/features/compute.hpp"

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/features/trace_context.hpp"

namespace cellwright::features {
namespace {

void compute_row(const TraceInput& input, std::span<const Feature* const> features, std::span<FeatureResult> row) {
  const TraceContext context(input);
  for (std::size_t j = 0; j < features.size(); ++j) row[j] = context.result(features[j]->function);
}

}  // namespace

Table<FeatureResult> compute_features(std::span<const TraceInput> traces, std::span<const Feature* const> features) {
  Table<FeatureResult> table(traces.size(), features.size());
  for (std::size_t i = 0; i < traces.size(); ++i) {
    try {
      compute_row(traces[i], features, table.row(i));
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
