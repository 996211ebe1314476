#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "features/families.hpp"

namespace cellwright::features {
namespace {

std::vector<Feature> sorted_features() {
  std::vector<Feature> all;
  for (const std::span<const Feature> family :
       {basic_features(), spike_event_features(), isi_features(), burst_features(), spike_shape_features(),
        spike_width_features(), after_potential_features(), subthreshold_features(), time_constant_features(),
        channel_features()}) {
    all.insert(all.end(), family.begin(), family.end());
  }
  std::sort(all.begin(), all.end(), [](const Feature& a, const Feature& b) { return a.name < b.name; });
  return all;
}

const Feature* lookup(std::string_view name) {
  const auto all = all_features();
  const auto found =
      std::lower_bound(all.begin(), all.end(), name, [](const Feature& a, std::string_view b) { return a.name < b; });
  return found != all.end() && found->name == name ? &*found : nullptr;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    found.push_back(text.substr(0, space));
    text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
  }
  return found;
}

void collect_settings(const Feature& feature, std::set<std::string_view>& settings,
                      std::set<std::string_view>& visited) {
  if (!visited.insert(feature.name).second) return;
  for (const std::string_view setting : words(feature.settings)) settings.insert(setting);
  for (const std::string_view needed : words(feature.needs)) {
    if (const Feature* other = lookup(needed)) collect_settings(*other, settings, visited);
  }
}

}  // namespace

std::span<const Feature> all_features() {
  static const std::vector<Feature> all = sorted_features();
  return all;
}

const Feature& find_feature(std::string_view name) {
  if (const Feature* found = lookup(name)) return *found;
  std::vector<std::string> names;
  for (const Feature& feature : all_features()) names.emplace_back(feature.name);
  const std::string nearest = nearest_name(std::string(name), names);
  Diagnostic diagnostic;
  diagnostic.code = "feature-unknown";
  diagnostic.message = fmt::format("there is no feature '{}'", name);
  diagnostic.fix =
      nearest.empty() ? "`cellwright features --list` shows all features" : fmt::format("did you mean '{}'?", nearest);
  throw FeatureError(std::move(diagnostic));
}

std::vector<std::string_view> required_settings(const Feature& feature) {
  std::set<std::string_view> settings;
  std::set<std::string_view> visited;
  collect_settings(feature, settings, visited);
  return {settings.begin(), settings.end()};
}

}  // namespace cellwright::features
