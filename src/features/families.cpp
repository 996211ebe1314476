#include "features/families.hpp"

namespace cellwright::features {
Index first_local_minimum(std::span<const double> signal, Index first, Index last) {
  if (first >= last) return last;
  Index lowest = first;
  int not_lower = 0;
  for (Index i = first + 1; i < last; ++i) {
    const double value = signal[static_cast<std::size_t>(i)];
    const double low = signal[static_cast<std::size_t>(lowest)];
    if (value < low) {
      lowest = i;
      not_lower = 0;
    } else if (value >= low && ++not_lower == 2) {
      break;
    }
  }
  return lowest;
}

FeatureResult relative_change(const FeatureResult& values) {
  if (!values) return missing(values);
  Values change;
  for (std::size_t i = 1; i < values.size(); ++i) change.push_back((values[i] - values[0]) / values[0]);
  return nonempty(std::move(change), "fewer than two spikes");
}

FeatureResult successive_differences(const FeatureResult& values) {
  if (!values) return missing(values);
  Values differences;
  for (std::size_t i = 1; i < values.size(); ++i) differences.push_back(values[i] - values[i - 1]);
  return nonempty(std::move(differences), "fewer than two values");
}

FeatureResult element(const FeatureResult& values, std::size_t position) {
  if (!values) return missing(values);
  if (position >= values.size()) return failed("too few spikes");
  return one(values[position]);
}

}  // namespace cellwright::features
