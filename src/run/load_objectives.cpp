/// The section `objectives`.

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "loader_context.hpp"

namespace cellwright::run {
namespace {

using text::JsonValue;

/// Features that stand in no group are objectives of their own, in file order; the groups follow.
class ObjectiveLoader {
 public:
  ObjectiveLoader(const std::vector<evaluate::eFELFeature>& features, LoaderContext& context)
      : features_(features), context_(context) {}

  evaluate::ObjectivesCalculator load(const Section& section) {
    if (section && !section.value->is_array()) {
      context_.problems.add(section.value->diagnostic("config-type", "must be a list of objectives"));
    } else if (section) {
      for (const JsonValue& value : section.value->as_array()) load_group(value);
    }
    const auto singletons = evaluate::ObjectivesCalculator::singletons(features_).objectives();
    std::vector<evaluate::EFeatureObjective> objectives;
    for (std::size_t f = 0; f < features_.size(); ++f) {
      if (!grouped_.contains(f)) objectives.push_back(singletons[f]);
    }
    objectives.insert(objectives.end(), groups_.begin(), groups_.end());
    if (context_.problems.has_errors()) return {};
    return {std::move(objectives), features_.size()};
  }

 private:
  void load_group(const JsonValue& value) {
    const ObjectReader reader(value, schema_of("objective"), context_.problems);
    const auto name = reader.text("name"), type = reader.text("type");
    if (!reader.usable()) return;
    if (name) claim_name(*name, *reader.get("name"));
    const std::vector<std::size_t> members = load_members(reader.get("features"));
    const JsonValue* weights = reader.get("weights");
    if (type == "max") {
      if (weights != nullptr) {
        context_.problems.add(weights->diagnostic("config-objective", "an objective of type max has no weights",
                                                  "leave them out, or set 'type' to 'weighted_sum'"));
      }
      groups_.emplace_back(evaluate::MaxObjective{name.value_or(""), members});
    } else if (type == "weighted_sum") {
      groups_.emplace_back(
          evaluate::WeightedSumObjective{name.value_or(""), members, load_weights(reader, weights, members.size())});
    }
  }

  void claim_name(const std::string& name, const JsonValue& value) {
    const bool is_feature = std::ranges::count(features_, name, &evaluate::eFELFeature::name) > 0;
    if (!is_feature && names_.insert(name).second) return;
    context_.problems.add(
        value.diagnostic("config-objective",
                         fmt::format("'{}' is the name of {} already", name, is_feature ? "a feature" : "an objective"),
                         "give the objective a name of its own"));
  }

  std::vector<std::size_t> load_members(const JsonValue* names) {
    std::vector<std::size_t> members;
    if (names == nullptr) return members;
    if (names->as_array().empty())
      context_.problems.add(names->diagnostic("config-empty", "an objective needs at least one feature"));
    for (const JsonValue& name : names->as_array()) {
      const auto found = std::ranges::find(features_, name.as_string(), &evaluate::eFELFeature::name);
      if (found == features_.end()) {
        refuse_unknown(name);
        continue;
      }
      const auto index = static_cast<std::size_t>(found - features_.begin());
      if (std::ranges::count(members, index) > 0)
        context_.problems.add(
            name.diagnostic("config-objective", fmt::format("'{}' is there twice", name.as_string())));
      if (found->weight != 1 && !grouped_.contains(index)) {
        context_.problems.add(
            name.diagnostic("config-objective",
                            fmt::format("'{}' has the weight {}, which only an objective of its own would take",
                                        name.as_string(), found->weight),
                            "remove 'weight' from feature_settings, and give 'weights' to a weighted_sum"));
      }
      members.push_back(index);
      grouped_.insert(index);
    }
    return members;
  }

  void refuse_unknown(const JsonValue& name) {
    std::vector<std::string> known;
    for (const evaluate::eFELFeature& feature : features_) known.push_back(feature.name);
    const std::string nearest = nearest_name(name.as_string(), known);
    context_.problems.add(name.diagnostic("config-objective", fmt::format("unknown feature '{}'", name.as_string()),
                                          nearest.empty() ? "features are called protocol.location.feature"
                                                          : fmt::format("did you mean '{}'?", nearest)));
  }

  std::vector<double> load_weights(const ObjectReader& reader, const JsonValue* weights, std::size_t count) {
    std::vector<double> result;
    if (weights == nullptr) {
      if (reader.value().find("weights") == nullptr) {
        context_.problems.add(reader.value().diagnostic("config-missing-key", "key 'weights' is missing",
                                                        "a weighted_sum has one number for each feature"));
      }
      return result;
    }
    for (const JsonValue& weight : weights->as_array()) result.push_back(weight.as_number());
    if (const JsonValue* names = reader.get("features");
        names != nullptr && names->as_array().size() != result.size()) {
      context_.problems.add(weights->diagnostic(
          "config-objective",
          fmt::format("there are {} features and {} weights", names->as_array().size(), result.size()),
          "give one number for each feature"));
    }
    result.resize(count);
    return result;
  }

  const std::vector<evaluate::eFELFeature>& features_;
  LoaderContext& context_;
  std::set<std::string> names_;
  std::set<std::size_t> grouped_;
  std::vector<evaluate::EFeatureObjective> groups_;
};

}  // namespace

evaluate::ObjectivesCalculator load_objectives_section(const Section& section,
                                                       const std::vector<evaluate::eFELFeature>& features,
                                                       LoaderContext& context) {
  return ObjectiveLoader(features, context).load(section);
}

}  // namespace cellwright::run
