/// The sections `locations` and `protocols`.

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

/// The short key of the cell file or the API's name of the same argument; both at once are an error.
const JsonValue* either(const ObjectReader& reader, std::string_view short_key, std::string_view api_name,
                        LoaderContext& context) {
  const JsonValue* by_short = reader.get(short_key);
  const JsonValue* by_name = reader.get(api_name);
  if (by_short != nullptr && by_name != nullptr) {
    context.problems.add(by_name->diagnostic(
        "config-twice", fmt::format("'{}' and '{}' mean the same", short_key, api_name), "leave one out"));
  }
  return by_short != nullptr ? by_short : by_name;
}

void read_place(const ObjectReader& reader, model::NrnSeclistCompLocation& location, LoaderContext& context) {
  if (const JsonValue* index = either(reader, "index", "sec_index", context)) {
    if (index->as_integer() < 0 || index->as_integer() > 1'000'000'000) {
      context.problems.add(index->diagnostic("config-range", "the index of a section counts from 0"));
    } else {
      location.sec_index = static_cast<int>(index->as_integer());
    }
  }
  if (const JsonValue* x = either(reader, "x", "comp_x", context)) {
    location.comp_x = x->as_number();
    if (!(location.comp_x >= 0 && location.comp_x <= 1)) {
      context.problems.add(
          x->diagnostic("config-range", fmt::format("x must be from 0 to 1, not {}", location.comp_x)));
    }
  }
}

void load_location(const JsonMember& member, LocationMap& locations, LoaderContext& context) {
  const ObjectReader reader(member.value, schema_of("location"), context.problems);
  model::NrnSeclistCompLocation location{.name = member.key, .seclist_name = "somatic", .span = member.value.span()};
  if (reader.usable()) {
    const JsonValue* list = either(reader, "section_list", "seclist_name", context);
    if (list == nullptr && member.value.find("section_list") == nullptr &&
        member.value.find("seclist_name") == nullptr) {
      context.problems.add(member.value.diagnostic("config-missing-key", "key 'section_list' is missing",
                                                   "add the section list, such as 'somatic'"));
    }
    if (list != nullptr && check_section_list(*list, context)) location.seclist_name = list->as_string();
    read_place(reader, location, context);
  }
  locations[member.key] = location;
}

/// The location called by `name` (at `value`, or the default soma).
model::NrnSeclistCompLocation find_location(const std::string& name, const JsonValue& value,
                                            const LocationMap& locations, LoaderContext& context) {
  const auto found = locations.find(name);
  if (found != locations.end()) return found->second;
  context.problems.add(value.diagnostic("config-location", fmt::format("unknown location '{}'", name),
                                        suggest(name, names_of(locations), "the file's locations are")));
  return {};
}

void check_times(const ObjectReader& reader, const model::NrnSquarePulse& pulse, LoaderContext& context) {
  const auto refuse = [&](std::string_view key, const std::string& message) {
    context.problems.add(reader.get(key)->diagnostic("config-range", message));
  };
  if (pulse.step_delay_ms < 0)
    refuse("delay", fmt::format("delay must not be negative, not {} ms", pulse.step_delay_ms));
  if (pulse.step_duration_ms < 0) {
    refuse("duration", fmt::format("duration must not be negative, not {} ms", pulse.step_duration_ms));
  }
  if (reader.get("totduration") != nullptr && pulse.total_duration_ms <= 0) {
    refuse("totduration", fmt::format("totduration must be above 0 ms, not {}", pulse.total_duration_ms));
  }
}

std::optional<model::Stimulus> load_stimulus(const JsonValue& value, const LocationMap& locations,
                                             LoaderContext& context) {
  const ObjectReader reader(value, schema_of("stimulus"), context.problems);
  if (!reader.usable()) return std::nullopt;
  model::NrnSquarePulse pulse{.step_amplitude_na = reader.number("amp").value_or(0),
                              .step_delay_ms = reader.number("delay").value_or(0),
                              .step_duration_ms = reader.number("duration").value_or(0),
                              .total_duration_ms = reader.number("totduration").value_or(0),
                              .span = value.span()};
  check_times(reader, pulse, context);
  const JsonValue* place = reader.get("location");
  pulse.location =
      find_location(reader.text("location").value_or("soma"), place == nullptr ? value : *place, locations, context);
  return pulse;
}

void load_stimuli(const ObjectReader& reader, const LocationMap& locations, model::SweepProtocol& protocol,
                  LoaderContext& context) {
  const JsonValue* stimuli = reader.get("stimuli");
  if (stimuli == nullptr) {
    if (reader.value().find("stimuli") == nullptr) {
      context.problems.add(reader.value().diagnostic("config-missing-key", "key 'stimuli' is missing",
                                                     "a protocol lasts as long as its longest stimulus"));
    }
    return;
  }
  if (stimuli->as_array().empty()) {
    context.problems.add(
        stimuli->diagnostic("config-empty", "a protocol needs at least one stimulus",
                            "it lasts as long as its longest stimulus; one of amp 0 records without input"));
  }
  for (const JsonValue& value : stimuli->as_array()) {
    if (auto stimulus = load_stimulus(value, locations, context)) protocol.stimuli.push_back(*stimulus);
  }
}

void add_recording(model::CompRecording recording, const JsonValue& value, model::SweepProtocol& protocol,
                   LoaderContext& context) {
  const auto first = std::ranges::find(protocol.recordings, recording.name, &model::CompRecording::name);
  if (first != protocol.recordings.end()) {
    Diagnostic problem =
        value.diagnostic("config-duplicate-recording", fmt::format("recording '{}' is defined twice", recording.name),
                         "give it another 'name' (every protocol records v at soma by itself)");
    problem.notes.push_back({"first defined here", first->span});
    context.problems.add(std::move(problem));
  }
  protocol.recordings.push_back(std::move(recording));
}

void load_recordings(const ObjectReader& reader, const LocationMap& locations, model::SweepProtocol& protocol,
                     LoaderContext& context) {
  const JsonValue* extra = reader.get("extra_recordings");
  if (extra == nullptr) return;
  for (const JsonValue& value : extra->as_array()) {
    const ObjectReader item(value, schema_of("recording"), context.problems);
    const auto name = item.text("name"), location = item.text("location");
    if (!item.usable() || !name || !location) continue;
    model::CompRecording recording{.variable = item.text("var").value_or("v"), .span = value.span()};
    recording.name = fmt::format("{}.{}.{}", protocol.name, *name, recording.variable);
    recording.location = find_location(*location, *item.get("location"), locations, context);
    add_recording(std::move(recording), value, protocol, context);
  }
}

void check_protocol_keys(const ObjectReader& reader, LoaderContext& context) {
  if (reader.boolean("cvode_active").value_or(false)) {
    context.problems.add(reader.get("cvode_active")
                             ->diagnostic("config-unsupported",
                                          "the variable step is not supported yet in this version",
                                          "leave it out: the protocol then runs with the fixed step"));
  }
  if (const auto timeout = reader.number("timeout"); timeout && *timeout <= 0) {
    context.problems.add(
        reader.get("timeout")->diagnostic("config-range", fmt::format("timeout must be above 0 s, not {}", *timeout)));
  }
}

model::SweepProtocol load_protocol(const JsonMember& member, const LocationMap& locations, LoaderContext& context) {
  model::SweepProtocol protocol{.name = member.key, .span = member.key_span};
  const ObjectReader reader(member.value, schema_of("protocol"), context.problems);
  if (!reader.usable()) return protocol;
  check_protocol_keys(reader, context);
  protocol.timeout_s = reader.number("timeout");
  load_stimuli(reader, locations, protocol, context);
  protocol.recordings.push_back({.name = fmt::format("{}.soma.v", member.key),
                                 .location = locations.at("soma"),
                                 .variable = "v",
                                 .span = member.key_span});
  load_recordings(reader, locations, protocol, context);
  return protocol;
}

}  // namespace

LocationMap load_locations_section(const Section& section, LoaderContext& context) {
  LocationMap locations;
  locations["soma"] = {.name = "soma", .seclist_name = "somatic", .sec_index = 0, .comp_x = 0.5, .span = {}};
  if (!section) return locations;
  if (!section.value->is_object()) {
    context.problems.add(section.value->diagnostic("config-type", "must be an object: name -> location"));
    return locations;
  }
  for (const JsonMember& member : section.value->as_object()) {
    if (!is_comment_key(member.key)) load_location(member, locations, context);
  }
  return locations;
}

std::vector<model::SweepProtocol> load_protocols_section(const Section& section, const LocationMap& locations,
                                                         LoaderContext& context) {
  std::vector<model::SweepProtocol> protocols;
  if (!section) return protocols;
  if (!section.value->is_object()) {
    context.problems.add(section.value->diagnostic("config-type", "must be an object: name -> protocol"));
    return protocols;
  }
  for (const JsonMember& member : section.value->as_object()) {
    if (!is_comment_key(member.key)) protocols.push_back(load_protocol(member, locations, context));
  }
  if (protocols.empty()) {
    context.problems.add(section.value->diagnostic("config-empty", "there is no protocol", "add at least one"));
  }
  return protocols;
}

}  // namespace cellwright::run
