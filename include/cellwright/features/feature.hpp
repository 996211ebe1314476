#pragma once
/// Features: what one is, what it returns, and the table of all of them.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cellwright::features {

class TraceContext;

/// Either values (possibly an empty list) or the reason why there are none (eFEL's None).
template <class T>
class Outcome {
 public:
  Outcome() : reason_("not computed") {}
  Outcome(std::vector<T> values) : values_(std::move(values)) {}  // NOLINT: a list of values is an outcome

  /// @param reason a string literal: it is kept by reference.
  static Outcome failure(std::string_view reason) {
    Outcome outcome;
    outcome.reason_ = reason;
    return outcome;
  }

  bool has_value() const { return reason_.empty(); }
  explicit operator bool() const { return has_value(); }
  const std::vector<T>& values() const { return values_; }
  std::size_t size() const { return values_.size(); }
  const T& operator[](std::size_t i) const { return values_[i]; }
  /// Why there are no values; empty when there are.
  std::string_view reason() const { return reason_; }
  bool operator==(const Outcome&) const = default;

 private:
  std::vector<T> values_;
  std::string_view reason_;
};

using FeatureResult = Outcome<double>;

/// A feature is a pure function of trace, window and settings. It never throws for a trace that lacks the feature.
using FeatureFunction = FeatureResult (*)(const TraceContext&);

/// One row of the table of features.
struct Feature {
  std::string_view name;      ///< eFEL's name
  std::string_view unit;      ///< "mV", "ms", "Hz", "MΩ", ... or "constant" for a pure number
  std::string_view meaning;   ///< one line of words
  std::string_view formula;   ///< the definition in terms of trace and needed features
  std::string_view needs;     ///< features and inputs it is computed from, separated by spaces
  std::string_view settings;  ///< settings it reads itself, separated by spaces
  FeatureFunction function;
  std::string_view source = {};  ///< paper that introduced it, where there is one
};

/// All features, sorted by name.
std::span<const Feature> all_features();

/// The feature of that name.
/// @throws FeatureError code "feature-unknown" with the nearest name as fix.
const Feature& find_feature(std::string_view name);

/// Names of the settings that a feature depends on, through the features it needs as well; sorted.
std::vector<std::string_view> required_settings(const Feature& feature);

}  // namespace cellwright::features
