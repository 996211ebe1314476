/// The section `protocols`.

#include <algorithm>

#include <fmt/format.h>

#include "loader_context.hpp"

namespace cellwright::run {
namespace {

using text::JsonMember;
using text::JsonValue;

void load_stimuli(const ObjectReader& reader, const std::filesystem::path& folder, const LocationMap& locations,
                  model::SweepProtocol& protocol, LoaderContext& context) {
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
    if (auto stimulus = load_stimulus(value, folder, locations, context)) protocol.stimuli.push_back(*stimulus);
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

/// BluePyOpt's {"type": "somadistance", ...}, or a named location.
std::optional<model::RecordingLocation> recording_location(const ObjectReader& item, const std::string& name,
                                                           const LocationMap& locations, LoaderContext& context) {
  const JsonValue& value = item.value();
  const bool by_distance = item.text("type").has_value();
  const auto require = [&](std::string_view key) {
    if (value.find(key) != nullptr) return;
    context.problems.add(value.diagnostic("config-missing-key", fmt::format("key '{}' is missing", key),
                                          by_distance ? "a recording of type somadistance needs it"
                                                      : "name a location, or set 'type' to 'somadistance'"));
  };
  const auto refuse = [&](std::string_view key) {
    if (const JsonValue* found = item.get(key)) {
      context.problems.add(found->diagnostic(
          "config-unknown-key", fmt::format("'{}' has no meaning here", key),
          by_distance ? "a recording of type somadistance has its own place" : "set 'type' to 'somadistance'"));
    }
  };
  if (!by_distance) {
    require("location"), refuse("somadistance"), refuse("seclist_name");
    const JsonValue* location = item.get("location");
    if (location == nullptr) return std::nullopt;
    return find_recording_location(location->as_string(), *location, locations, context);
  }
  require("somadistance"), require("seclist_name"), refuse("location");
  const JsonValue* list = item.get("seclist_name");
  const auto distance = item.number("somadistance");
  if (list == nullptr || !distance || !check_section_list(*list, context)) return std::nullopt;
  return model::NrnSomaDistanceCompLocation{name, *distance, list->as_string(), value.span()};
}

void load_recordings(const ObjectReader& reader, const LocationMap& locations, model::SweepProtocol& protocol,
                     LoaderContext& context) {
  const JsonValue* extra = reader.get("extra_recordings");
  if (extra == nullptr) return;
  for (const JsonValue& value : extra->as_array()) {
    const ObjectReader item(value, schema_of("recording"), context.problems);
    const auto name = item.text("name");
    if (!item.usable() || !name) continue;
    const auto location = recording_location(item, *name, locations, context);
    if (!location) continue;
    model::CompRecording recording{.location = *location, .variable = item.text("var").value_or("v")};
    recording.span = value.span();
    recording.name = fmt::format("{}.{}.{}", protocol.name, *name, recording.variable);
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

model::SweepProtocol load_protocol(const JsonMember& member, const std::filesystem::path& folder,
                                   const LocationMap& locations, LoaderContext& context) {
  model::SweepProtocol protocol{.name = member.key, .span = member.key_span};
  const ObjectReader reader(member.value, schema_of("protocol"), context.problems);
  if (!reader.usable()) return protocol;
  check_protocol_keys(reader, context);
  protocol.timeout_s = reader.number("timeout");
  load_stimuli(reader, folder, locations, protocol, context);
  protocol.recordings.push_back({.name = fmt::format("{}.soma.v", member.key),
                                 .location = find_recording_location("soma", member.value, locations, context),
                                 .variable = "v",
                                 .span = member.key_span});
  load_recordings(reader, locations, protocol, context);
  return protocol;
}

}  // namespace

std::vector<model::SweepProtocol> load_protocols_section(const Section& section, const LocationMap& locations,
                                                         LoaderContext& context) {
  std::vector<model::SweepProtocol> protocols;
  if (!section) return protocols;
  if (!section.value->is_object()) {
    context.problems.add(section.value->diagnostic("config-type", "must be an object: name -> protocol"));
    return protocols;
  }
  for (const JsonMember& member : section.value->as_object()) {
    if (!is_comment_key(member.key)) protocols.push_back(load_protocol(member, section.folder, locations, context));
  }
  if (protocols.empty()) {
    context.problems.add(section.value->diagnostic("config-empty", "there is no protocol", "add at least one"));
  }
  return protocols;
}

}  // namespace cellwright::run
