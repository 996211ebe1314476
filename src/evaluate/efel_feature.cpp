#include "cellwright/evaluate/efel_feature.hpp"

#include <algorithm>
#include <cmath>

namespace cellwright::evaluate {

double calculate_score(const eFELFeature& feature, std::span<const double> values) {
  if (values.empty()) return feature.max_score;
  double sum = 0;
  for (const double value : values) sum += std::fabs(value - feature.exp_mean);
  // First the standard deviation, then n: BluePyOpt's order, which decides the last bit.
  const double score = sum / feature.exp_std / static_cast<double>(values.size());
  if (std::isnan(score)) return feature.max_score;
  return feature.force_max_score ? std::min(score, feature.max_score) : score;
}

}  // namespace cellwright::evaluate
