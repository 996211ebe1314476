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
  if (const auto timeout = reader.number("timeout"); timeout && *timeout <= 0) {
    context.problems.add(
        reader.get("timeout")->diagnostic("config-range", fmt::format("timeout must be above 0 s, not {}", *timeout)));
  }
}

model::SweepProtocol load_sweep(const ObjectReader& reader, const JsonMember& member,
                                const std::filesystem::path& folder, const LocationMap& locations,
                                LoaderContext& context) {
  model::SweepProtocol protocol{.name = member.key, .span = member.key_span};
  check_protocol_keys(reader, context);
  protocol.timeout_s = reader.number("timeout");
  protocol.cvode_active = reader.boolean("cvode_active");
  protocol.deterministic = reader.boolean("deterministic").value_or(false);
  load_stimuli(reader, folder, locations, protocol, context);
  protocol.recordings.push_back({.name = fmt::format("{}.soma.v", member.key),
                                 .location = find_recording_location("soma", member.value, locations, context),
                                 .variable = "v",
                                 .span = member.key_span});
  load_recordings(reader, locations, protocol, context);
  return protocol;
}

/// Sequences, checked when all protocols are known.
class SequenceLoader {
 public:
  SequenceLoader(Problem& problem, LoaderContext& context) : problem_(problem), context_(context) {}

  void add(const ObjectReader& reader, const JsonMember& member) {
    for (const std::string_view key : {"stimuli", "extra_recordings", "cvode_active", "deterministic", "timeout"}) {
      if (const JsonValue* found = reader.get(key)) {
        context_.problems.add(found->diagnostic("config-sequence", fmt::format("a sequence has no '{}'", key),
                                                "give it to the protocols of the sequence"));
      }
    }
    model::SequenceProtocol sequence{.name = member.key, .span = member.key_span};
    const JsonValue* names = reader.get("sequence");
    if (names == nullptr) return;
    if (names->as_array().empty())
      context_.problems.add(names->diagnostic("config-empty", "a sequence needs at least one protocol"));
    for (const JsonValue& name : names->as_array()) sequence.protocols.push_back(name.as_string());
    problem_.sequences.push_back(std::move(sequence));
    lists_.push_back(names);
  }

  void check() {
    for (std::size_t k = 0; k < lists_.size(); ++k) {
      std::vector<std::string> sweeps, path;
      collect(problem_.sequences[k], *lists_[k], path, sweeps);
      std::ranges::sort(sweeps);
      const auto twice = std::ranges::adjacent_find(sweeps);
      if (twice == sweeps.end()) continue;
      context_.problems.add(
          lists_[k]->diagnostic("config-duplicate-recording",
                                fmt::format("it runs '{}' twice: its recordings would have the same names", *twice),
                                "name each protocol once"));
    }
  }

 private:
  /// The sweeps that a sequence runs, in order.
  void collect(const model::SequenceProtocol& sequence, const JsonValue& names, std::vector<std::string>& path,
               std::vector<std::string>& sweeps) {
    path.push_back(sequence.name);
    for (std::size_t k = 0; k < sequence.protocols.size(); ++k) {
      const std::string& part = sequence.protocols[k];
      const auto nested = std::ranges::find(problem_.sequences, part, &model::SequenceProtocol::name);
      if (std::ranges::count(problem_.protocols, part, &model::SweepProtocol::name) > 0) {
        sweeps.push_back(part);
      } else if (nested == problem_.sequences.end()) {
        if (path.size() == 1) refuse_unknown(names.as_array()[k]);  // else it is reported where it stands
      } else if (std::ranges::count(path, part) > 0) {
        if (path.size() == 1 || part == path.front())
          context_.problems.add(names.diagnostic("config-sequence", fmt::format("sequence '{}' runs itself", part)));
      } else {
        collect(*nested, names, path, sweeps);
      }
    }
    path.pop_back();
  }

  void refuse_unknown(const JsonValue& name) {
    std::vector<std::string> known;
    for (const model::SweepProtocol& protocol : problem_.protocols) known.push_back(protocol.name);
    for (const model::SequenceProtocol& sequence : problem_.sequences) known.push_back(sequence.name);
    context_.problems.add(name.diagnostic("config-protocol", fmt::format("unknown protocol '{}'", name.as_string()),
                                          suggest(name.as_string(), known, "the file's protocols are")));
  }

  Problem& problem_;
  LoaderContext& context_;
  std::vector<const JsonValue*> lists_;  ///< of each sequence
};

}  // namespace

void load_protocols_section(const Section& section, const LocationMap& locations, Problem& problem,
                            LoaderContext& context) {
  if (!section) return;
  if (!section.value->is_object()) {
    context.problems.add(section.value->diagnostic("config-type", "must be an object: name -> protocol"));
    return;
  }
  SequenceLoader sequences(problem, context);
  for (const JsonMember& member : section.value->as_object()) {
    if (is_comment_key(member.key)) continue;
    const ObjectReader reader(member.value, schema_of("protocol"), context.problems);
    if (!reader.usable()) {
      problem.protocols.push_back({.name = member.key, .span = member.key_span});
    } else if (member.value.find("sequence") != nullptr) {
      sequences.add(reader, member);
    } else {
      problem.protocols.push_back(load_sweep(reader, member, section.folder, locations, context));
    }
  }
  if (problem.protocols.empty()) {
    context.problems.add(
        section.value->diagnostic("config-empty", "there is no protocol with stimuli", "add at least one"));
  }
  sequences.check();
}

}  // namespace cellwright::run
