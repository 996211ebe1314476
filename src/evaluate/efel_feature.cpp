#include "cellwright/evaluate/efel_feature.hpp"

#include <algorithm>
#include <cmath>

namespace cellwright::evaluate {

namespace {

struct Attribute {
  const char* name;
  void (*set)(eFELFeature& feature, double value);
};

constexpr Attribute attributes[] = {
    {"exp_mean", [](eFELFeature& f, double value) { f.exp_mean = value; }},
    {"exp_std", [](eFELFeature& f, double value) { f.exp_std = value; }},
    {"stim_start", [](eFELFeature& f, double value) { f.window.stim_start_ms = value; }},
    {"stim_end", [](eFELFeature& f, double value) { f.window.stim_end_ms = value; }},
    {"threshold", [](eFELFeature& f, double value) { f.settings.Threshold = value; }},
    {"stimulus_current", [](eFELFeature& f, double value) { f.settings.stimulus_current = value; }},
    {"interp_step", [](eFELFeature& f, double value) { f.settings.interp_step = value; }},
    {"max_score", [](eFELFeature& f, double value) { f.max_score = value; }},
};

}  // namespace

std::vector<std::string> feature_attribute_names() {
  std::vector<std::string> names;
  for (const Attribute& attribute : attributes) names.emplace_back(attribute.name);
  return names;
}

void set_attribute(eFELFeature& feature, std::string_view attr_name, double value) {
  for (const Attribute& attribute : attributes) {
    if (attr_name == attribute.name) return attribute.set(feature, value);
  }
  throw InternalError("a feature has no attribute '" + std::string(attr_name) + "'");
}

double calculate_score(const eFELFeature& feature, std::span<const double> values) {
  if (values.empty()) return feature.max_score;
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += feature.deviation_of_mean ? value : std::fabs(value - feature.exp_mean);
  // First the standard deviation, then n: BluePyOpt's order, which decides the last bit.
  const double score =
      feature.deviation_of_mean ? std::fabs(sum / n - feature.exp_mean) / feature.exp_std : sum / feature.exp_std / n;
  if (std::isnan(score)) return feature.max_score;
  return feature.force_max_score ? std::min(score, feature.max_score) : score;
}

}  // namespace cellwright::evaluate
