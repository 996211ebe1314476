/// The section `locations`.

#include <algorithm>

#include <fmt/format.h>

#include "loader_context.hpp"

namespace cellwright::run {
namespace {

using text::JsonMember;
using text::JsonValue;

std::vector<std::string> names_of(const LocationMap& locations) {
  std::vector<std::string> names;
  for (const auto& [name, location] : locations) names.push_back(name);
  return names;
}

/// Reads the keys of one location; what is wrong is added to the problems.
class LocationReader {
 public:
  LocationReader(const JsonMember& member, LoaderContext& context)
      : name_(member.key),
        value_(member.value),
        reader_(member.value, schema_of("location"), context.problems),
        context_(context),
        type_(reader_.text("type").value_or("SeclistComp")) {}

  AnyLocation load() {
    if (!reader_.usable()) return model::NrnSeclistCompLocation{.name = name_, .seclist_name = "somatic"};
    AnyLocation result = read();
    refuse_other_keys();
    return result;
  }

 private:
  AnyLocation read() {
    const SourceSpan span = value_.span();
    if (type_ == "SectionComp") return model::NrnSectionCompLocation{name_, required_text("sec_name"), x(), span};
    if (type_ == "PointProcess") return model::NrnPointProcessLocation{name_, required_text("pprocess_mech"), span};
    const std::string list = section_list();
    if (type_ == "SeclistSec") return model::NrnSeclistSecLocation{name_, list, index().value_or(0), span};
    if (type_ == "SeclistComp") return model::NrnSeclistCompLocation{name_, list, index().value_or(0), x(), span};
    const double distance = required_number("soma_distance");
    if (type_ == "SomaDistanceComp") return model::NrnSomaDistanceCompLocation{name_, distance, list, span};
    if (type_ == "SecSomaDistanceComp") {
      if (value_.find("index") == nullptr && value_.find("sec_index") == nullptr) missing("index");
      return model::NrnSecSomaDistanceCompLocation{name_, distance, index().value_or(0), list, span};
    }
    return model::NrnTrunkSomaDistanceCompLocation{name_, distance, index(), list, direction(), span};
  }

  void missing(std::string_view key) {
    context_.problems.add(value_.diagnostic("config-missing-key", fmt::format("key '{}' is missing", key),
                                            fmt::format("a location of type {} needs it", type_)));
  }
  /// The value of a key of this type of location.
  const JsonValue* get(std::string_view key) {
    allowed_.emplace_back(key);
    return reader_.get(key);
  }
  /// The short key of the cell file or the API's name of the same argument; both at once are an error.
  const JsonValue* either(std::string_view short_key, std::string_view api_name) {
    const JsonValue* by_short = get(short_key);
    const JsonValue* by_name = get(api_name);
    if (by_short != nullptr && by_name != nullptr) {
      context_.problems.add(by_name->diagnostic(
          "config-twice", fmt::format("'{}' and '{}' mean the same", short_key, api_name), "leave one out"));
    }
    return by_short != nullptr ? by_short : by_name;
  }
  std::string required_text(std::string_view key) {
    const JsonValue* found = get(key);
    if (found == nullptr && value_.find(key) == nullptr) missing(key);
    return found == nullptr ? std::string() : found->as_string();
  }
  double required_number(std::string_view key) {
    const JsonValue* found = get(key);
    if (found == nullptr && value_.find(key) == nullptr) missing(key);
    return found == nullptr ? 0.0 : found->as_number();
  }
  std::string section_list() {
    const JsonValue* list = either("section_list", "seclist_name");
    if (list == nullptr && value_.find("section_list") == nullptr && value_.find("seclist_name") == nullptr) {
      context_.problems.add(value_.diagnostic("config-missing-key", "key 'section_list' is missing",
                                              "add the section list, such as 'somatic'"));
    }
    return list != nullptr && check_section_list(*list, context_) ? list->as_string() : "somatic";
  }
  std::optional<int> index() {
    const JsonValue* index = either("index", "sec_index");
    if (index == nullptr) return std::nullopt;
    if (index->as_integer() >= 0 && index->as_integer() <= 1'000'000'000) return static_cast<int>(index->as_integer());
    context_.problems.add(index->diagnostic("config-range", "the index of a section counts from 0"));
    return std::nullopt;
  }
  double x() {
    const JsonValue* x = either("x", "comp_x");
    if (x == nullptr) return 0.5;
    if (x->as_number() >= 0 && x->as_number() <= 1) return x->as_number();
    context_.problems.add(x->diagnostic("config-range", fmt::format("x must be from 0 to 1, not {}", x->as_number())));
    return 0.5;
  }
  model::TrunkDirection direction() {
    const JsonValue* value = get("direction");
    const std::array<double, 3> along_y{0.0, 1.0, 0.0};
    if (value == nullptr) return along_y;
    if (value->is_string() && value->as_string() == "radial") return model::RadialDirection{};
    const bool is_vector = value->is_array() && value->as_array().size() == 3 &&
                           std::ranges::all_of(value->as_array(), [](const JsonValue& v) { return v.is_number(); });
    if (is_vector) {
      const auto& v = value->as_array();
      return std::array{v[0].as_number(), v[1].as_number(), v[2].as_number()};
    }
    context_.problems.add(value->diagnostic("config-type", "must be [x, y, z] or 'radial'"));
    return along_y;
  }
  void refuse_other_keys() {
    for (const JsonMember& member : value_.as_object()) {
      if (member.key == "type" || is_comment_key(member.key) || reader_.get(member.key) == nullptr) continue;
      if (std::ranges::count(allowed_, member.key) > 0) continue;
      context_.problems.add(member.diagnostic("config-unknown-key",
                                              fmt::format("a location of type {} has no '{}'", type_, member.key),
                                              suggest(member.key, allowed_, "its keys are")));
    }
  }

  std::string name_;
  const JsonValue& value_;
  ObjectReader reader_;
  LoaderContext& context_;
  std::string type_;
  std::vector<std::string> allowed_;
};

/// The location as an `Alternative` (a variant of fewer classes), if it is one of these.
template <class Alternative>
std::optional<Alternative> narrow(const AnyLocation& location) {
  return std::visit(
      [](const auto& l) -> std::optional<Alternative> {
        if constexpr (std::is_constructible_v<Alternative, decltype(l)>) {
          return Alternative(l);
        } else {
          return std::nullopt;
        }
      },
      location);
}

template <class Alternative>
Alternative find_as(const std::string& name, const JsonValue& value, const LocationMap& locations,
                    const char* expectation, LoaderContext& context) {
  const Alternative fallback = model::NrnSeclistCompLocation{.name = name, .seclist_name = "somatic"};
  const AnyLocation* found = find_location(name, value, locations, context);
  if (found == nullptr) return fallback;
  if (auto result = narrow<Alternative>(*found)) return *result;
  context.problems.add(value.diagnostic("config-location", fmt::format("location '{}' is not {}", name, expectation)));
  return fallback;
}

}  // namespace

const AnyLocation* find_location(const std::string& name, const JsonValue& value, const LocationMap& locations,
                                 LoaderContext& context) {
  const auto found = locations.find(name);
  if (found != locations.end()) return &found->second;
  context.problems.add(value.diagnostic("config-location", fmt::format("unknown location '{}'", name),
                                        suggest(name, names_of(locations), "the file's locations are")));
  return nullptr;
}

model::CompLocation find_compartment(const std::string& name, const JsonValue& value, const LocationMap& locations,
                                     LoaderContext& context) {
  return find_as<model::CompLocation>(name, value, locations, "a compartment", context);
}

model::RecordingLocation find_recording_location(const std::string& name, const JsonValue& value,
                                                 const LocationMap& locations, LoaderContext& context) {
  return find_as<model::RecordingLocation>(name, value, locations, "a compartment or a point process", context);
}

LocationMap load_locations_section(const Section& section, LoaderContext& context) {
  LocationMap locations;
  locations["soma"] =
      model::NrnSeclistCompLocation{.name = "soma", .seclist_name = "somatic", .sec_index = 0, .comp_x = 0.5};
  if (!section) return locations;
  if (!section.value->is_object()) {
    context.problems.add(section.value->diagnostic("config-type", "must be an object: name -> location"));
    return locations;
  }
  for (const JsonMember& member : section.value->as_object()) {
    if (!is_comment_key(member.key)) locations[member.key] = LocationReader(member, context).load();
  }
  return locations;
}

}  // namespace cellwright::run
