/// The sections `features` and `feature_settings`.

#include <algorithm>
#include <cmath>
#include <variant>

#include <fmt/format.h>

#include "cellwright/base/number_text.hpp"
#include "cellwright/features/feature.hpp"
#include "cellwright/run/name_pattern.hpp"
#include "loader_context.hpp"

namespace cellwright::run {
namespace {

using evaluate::eFELFeature;
using text::JsonMember;
using text::JsonValue;

/// The window of the first stimulus; an empty one where it has none and feature_settings must give it.
features::StimulusWindow default_window(const model::SweepProtocol& protocol) {
  struct Window {
    features::StimulusWindow operator()(const model::NrnSquarePulse& s) const {
      return {s.step_delay_ms, s.step_delay_ms + s.step_duration_ms};
    }
    features::StimulusWindow operator()(const model::NrnRampPulse& s) const {
      return {s.ramp_delay_ms, s.ramp_delay_ms + s.ramp_duration_ms};
    }
    features::StimulusWindow operator()(const model::NrnCurrentPlayStimulus&) const { return {}; }
    features::StimulusWindow operator()(const model::NrnNetStimStimulus& s) const {
      return {s.start_ms, s.total_duration_ms};
    }
  };
  if (protocol.stimuli.empty()) return {};
  return std::visit(Window{}, protocol.stimuli.front());
}

std::vector<std::string> feature_names() {
  std::vector<std::string> names;
  for (const features::Feature& feature : features::all_features()) names.emplace_back(feature.name);
  return names;
}

/// The setting's name in the cell file's spelling becomes eFEL's own.
std::string efel_setting_name(const std::string& key) { return key == "threshold" ? "Threshold" : key; }

/// All names that may stand in an entry of feature_settings.
std::vector<std::string> setting_keys() {
  std::vector<std::string> names = key_names(schema_of("feature_setting"), false);
  for (const features::SettingInfo& info : features::settings_table()) names.emplace_back(info.name);
  return names;
}

/// A setting's value as the text that Settings::set_text takes; nothing for null and objects.
std::optional<std::string> setting_text(const JsonValue& value) {
  if (value.is_number()) return shortest_number(value.as_number());
  if (value.is_boolean()) return value.as_boolean() ? "true" : "false";
  if (value.is_string()) return value.as_string();
  if (!value.is_array()) return std::nullopt;
  std::string list;
  for (const JsonValue& item : value.as_array()) {
    if (!item.is_number()) return std::nullopt;
    list += (list.empty() ? "" : ",") + shortest_number(item.as_number());
  }
  return list;
}

void set_efel_setting(const std::string& name, const JsonValue& value, features::Settings& settings) {
  if (value.is_number()) return settings.set(name, value.as_number());
  const auto text = setting_text(value);
  if (!text) throw value.error("config-type", "must be a number, a text, true, false or a list of numbers");
  settings.set_text(name, *text);
}

/// The keys under which a feature stands in the file.
struct WrittenFeature {
  std::string protocol, location, feature;
};

/// One entry of feature_settings, checked, with the number of features that it matched so far.
struct SettingEntry {
  const JsonValue* value = nullptr;
  std::string protocol = "*", location = "*", feature = "*";
  std::vector<const JsonMember*> overrides;
  std::size_t matched = 0;

  bool matches(const WrittenFeature& written) const {
    return matches_pattern(protocol, written.protocol) && matches_pattern(location, written.location) &&
           matches_pattern(feature, written.feature);
  }
};

/// A key that is not in the schema must be one of eFEL's settings, with a value that it takes.
bool check_efel_setting(const JsonMember& member, LoaderContext& context) {
  const std::vector<std::string> keys = setting_keys();
  if (std::ranges::count(keys, member.key) == 0) {
    context.problems.add(member.diagnostic("config-unknown-key", fmt::format("unknown key '{}'", member.key),
                                           suggest(member.key, keys, "known keys are")));
    return false;
  }
  try {
    features::Settings scratch;
    set_efel_setting(member.key, member.value, scratch);
    return true;
  } catch (const ConfigError& error) {
    const Diagnostic& cause = error.diagnostics().front();
    context.problems.add(cause.span.file.empty() ? member.value.diagnostic(cause.code, cause.message, cause.fix)
                                                 : cause);
    return false;
  }
}

SettingEntry load_entry(const JsonValue& value, LoaderContext& context) {
  SettingEntry entry{.value = &value};
  const TypeSchema& type = schema_of("feature_setting");
  const ObjectReader reader(value, type, context.problems);
  if (!reader.usable()) return entry;
  entry.protocol = reader.text("protocol").value_or("*");
  entry.location = reader.text("location").value_or("*");
  entry.feature = reader.text("feature").value_or("*");
  for (const JsonMember& member : value.as_object()) {
    const bool is_pattern = member.key == "protocol" || member.key == "location" || member.key == "feature";
    if (is_pattern || is_comment_key(member.key)) continue;
    const bool in_schema = find_key(type, member.key) != nullptr;
    if (in_schema ? reader.get(member.key) != nullptr : check_efel_setting(member, context)) {
      entry.overrides.push_back(&member);
    }
  }
  return entry;
}

std::vector<SettingEntry> load_entries(const Section& section, LoaderContext& context) {
  std::vector<SettingEntry> entries;
  if (!section) return entries;
  if (!section.value->is_array()) {
    context.problems.add(section.value->diagnostic("config-type", "must be a list of settings"));
    return entries;
  }
  for (const JsonValue& value : section.value->as_array()) entries.push_back(load_entry(value, context));
  return entries;
}

/// eFEL's location labels: "" is the feature's own trace.
void set_recording_names(const JsonValue& names, eFELFeature& spec) {
  spec.further_recordings.clear();
  for (const JsonMember& member : names.as_object()) {
    if (member.key.empty()) {
      spec.recording_name = member.value.as_string();
    } else if (!is_comment_key(member.key)) {
      spec.further_recordings.emplace_back(member.key, member.value.as_string());
    }
  }
}

/// Applies one key of an entry whose value the schema or check_efel_setting found good.
void apply_override(const JsonMember& member, eFELFeature& spec) {
  const std::string& key = member.key;
  const JsonValue& value = member.value;
  if (key == "stim_start")
    spec.window.stim_start_ms = value.as_number();
  else if (key == "stim_end")
    spec.window.stim_end_ms = value.as_number();
  else if (key == "max_score")
    spec.max_score = value.as_number();
  else if (key == "force_max_score")
    spec.force_max_score = value.as_boolean();
  else if (key == "exp_mean")
    spec.exp_mean = value.as_number();
  else if (key == "exp_std")
    spec.exp_std = value.as_number();
  else if (key == "weight")
    spec.weight = value.as_number();
  else if (key == "recording_names")
    set_recording_names(value, spec);
  else
    set_efel_setting(efel_setting_name(key), value, spec.settings);
}

class FeatureLoader {
 public:
  FeatureLoader(const Problem& problem, const Section& settings, LoaderContext& context)
      : problem_(problem),
        entries_(load_entries(settings, context)),
        context_(context),
        known_features_(feature_names()) {
    for (SettingEntry& entry : entries_) check_recording_names(entry);
  }

  std::vector<eFELFeature> load(const JsonValue& root) {
    for_each_member(root, "an object: protocol -> location -> feature -> [mean, std]", [&](const JsonMember& protocol) {
      const std::vector<const model::SweepProtocol*> sweeps = find_sweeps(protocol);
      for_each_member(protocol.value, "an object: location -> feature -> [mean, std]", [&](const JsonMember& location) {
        bool found = sweeps.empty();
        for_each_member(location.value, "an object: feature -> [mean, std]", [&](const JsonMember& feature) {
          const bool has_recording = load_feature(sweeps, {protocol.key, location.key, feature.key}, feature);
          if (!found && !has_recording) refuse_location(protocol.key, sweeps, location);
          found = found || !has_recording;  // one message is enough
        });
      });
    });
    warn_about_idle_settings();
    return std::move(specs_);
  }

 private:
  template <class Function>
  void for_each_member(const JsonValue& value, const std::string& expected, const Function& function) {
    if (!value.is_object()) {
      context_.problems.add(value.diagnostic("config-type", fmt::format("must be {}", expected)));
      return;
    }
    for (const JsonMember& member : value.as_object()) {
      if (!is_comment_key(member.key)) function(member);
    }
  }

  /// The names in recording_names must be those of recordings.
  void check_recording_names(SettingEntry& entry) {
    const auto found = std::ranges::find(entry.overrides, "recording_names", &JsonMember::key);
    if (found == entry.overrides.end()) return;
    std::vector<std::string> known;
    for (const model::SweepProtocol& protocol : problem_.protocols) {
      for (const model::CompRecording& recording : protocol.recordings) known.push_back(recording.name);
    }
    bool good = true;
    for (const JsonMember& member : (*found)->value.as_object()) {
      if (is_comment_key(member.key)) continue;
      const bool is_text = member.value.is_string();
      if (is_text && std::ranges::count(known, member.value.as_string()) > 0) continue;
      good = false;
      context_.problems.add(
          is_text ? member.value.diagnostic("config-recording",
                                            fmt::format("unknown recording '{}'", member.value.as_string()),
                                            suggest(member.value.as_string(), known, "the file's recordings are"))
                  : member.value.diagnostic("config-type", "must be the name of a recording"));
    }
    if (!good) entry.overrides.erase(found);
  }

  /// The sweep of that name, or those of a sequence.
  std::vector<const model::SweepProtocol*> find_sweeps(const JsonMember& member) {
    std::vector<const model::SweepProtocol*> sweeps;
    collect_sweeps(member.key, 0, sweeps);
    if (!sweeps.empty() || std::ranges::count(problem_.sequences, member.key, &model::SequenceProtocol::name) > 0)
      return sweeps;
    std::vector<std::string> names;
    for (const model::SweepProtocol& protocol : problem_.protocols) names.push_back(protocol.name);
    for (const model::SequenceProtocol& sequence : problem_.sequences) names.push_back(sequence.name);
    context_.problems.add(member.diagnostic("config-protocol", fmt::format("unknown protocol '{}'", member.key),
                                            suggest(member.key, names, "the file's protocols are")));
    return sweeps;
  }

  void collect_sweeps(const std::string& name, std::size_t depth, std::vector<const model::SweepProtocol*>& sweeps) {
    const auto sweep = std::ranges::find(problem_.protocols, name, &model::SweepProtocol::name);
    if (sweep != problem_.protocols.end()) return sweeps.push_back(&*sweep);
    const auto sequence = std::ranges::find(problem_.sequences, name, &model::SequenceProtocol::name);
    if (sequence == problem_.sequences.end() || depth > problem_.sequences.size()) return;
    for (const std::string& part : sequence->protocols) collect_sweeps(part, depth + 1, sweeps);
  }

  bool is_sequence(const std::string& name) const {
    return std::ranges::count(problem_.sequences, name, &model::SequenceProtocol::name) > 0;
  }

  void refuse_location(const std::string& protocol, const std::vector<const model::SweepProtocol*>& sweeps,
                       const JsonMember& member) {
    std::vector<std::string> places;
    for (const model::SweepProtocol* sweep : sweeps) {
      for (const model::CompRecording& recording : sweep->recordings) {
        if (recording.variable != "v") continue;
        const std::string place = recording.name.substr(0, recording.name.size() - 2);
        places.push_back(is_sequence(protocol) ? place : place.substr(sweep->name.size() + 1));
      }
    }
    context_.problems.add(member.diagnostic(
        "config-recording", fmt::format("protocol '{}' records no v at '{}'", protocol, member.key),
        nearest_name(member.key, places).empty()
            ? (is_sequence(protocol) ? std::string("places of a sequence are called protocol.location")
                                     : fmt::format("add an extra recording named '{}' to the protocol", member.key))
            : suggest(member.key, places, "")));
  }

  /// The sweep that makes a recording; nullptr if there is none.
  const model::SweepProtocol* sweep_of(const std::string& recording_name) const {
    for (const model::SweepProtocol& protocol : problem_.protocols) {
      if (std::ranges::count(protocol.recordings, recording_name, &model::CompRecording::name) > 0) return &protocol;
    }
    return nullptr;
  }

  /// @returns false if nothing records its trace.
  bool load_feature(const std::vector<const model::SweepProtocol*>& sweeps, const WrittenFeature& written,
                    const JsonMember& member) {
    if (std::ranges::count(known_features_, member.key) == 0) {
      const std::string near = nearest_name(member.key, known_features_);
      context_.problems.add(member.diagnostic(
          "config-feature", fmt::format("unknown feature '{}'", member.key),
          near.empty() ? "`cellwright features --list` prints all names" : fmt::format("did you mean '{}'?", near)));
    }
    eFELFeature spec{.efel_feature_name = member.key,
                     .force_max_score = context_.corrected,
                     .deviation_of_mean = context_.corrected};
    spec.name = fmt::format("{}.{}.{}", written.protocol, written.location, member.key);
    spec.recording_name = is_sequence(written.protocol) ? written.location + ".v"
                                                        : fmt::format("{}.{}.v", written.protocol, written.location);
    spec.span = member.key_span;
    // Which of a sequence's sweeps it is shows in the recording.
    const model::SweepProtocol* sweep = sweeps.size() == 1 ? sweeps.front() : sweep_of(spec.recording_name);
    if (sweep != nullptr && std::ranges::count(sweeps, sweep) > 0) spec.window = default_window(*sweep);
    if (!read_target(member.value, spec)) return true;
    apply_settings(spec, written);
    const model::SweepProtocol* recorder = sweep_of(spec.recording_name);
    spec.protocol_name = recorder != nullptr ? recorder->name : written.protocol;
    check_spec(member, sweep != nullptr, spec);
    specs_.push_back(std::move(spec));
    return recorder != nullptr;
  }

  bool read_target(const JsonValue& value, eFELFeature& spec) {
    if (!value.is_array() || value.as_array().size() != 2) {
      context_.problems.add(value.diagnostic("config-type", "must be [mean, std]"));
      return false;
    }
    const JsonValue& mean = value.as_array()[0];
    const JsonValue& std = value.as_array()[1];
    for (const auto& [number, what] : {std::pair(&mean, "mean"), std::pair(&std, "std")}) {
      if (number->is_number() && std::isfinite(number->as_number())) continue;
      context_.problems.add(number->diagnostic(
          "config-target", fmt::format("the {} must be a finite number, not {}", what,
                                       number->is_number() ? "infinity" : to_string(number->type()))));
      return false;
    }
    spec.exp_mean = mean.as_number();
    spec.exp_std = std.as_number();
    if (spec.exp_std > 0) return true;
    context_.problems.add(std.diagnostic("config-target", fmt::format("the std must be above 0, not {}", spec.exp_std),
                                         "the score is |value - mean| / std"));
    return false;
  }

  void apply_settings(eFELFeature& spec, const WrittenFeature& written) {
    for (SettingEntry& entry : entries_) {
      if (!entry.matches(written)) continue;
      ++entry.matched;
      for (const JsonMember* member : entry.overrides) apply_override(*member, spec);
    }
  }

  /// What only shows once all settings are merged.
  void check_spec(const JsonMember& member, bool protocol_known, const eFELFeature& spec) {
    const auto refuse = [&](const std::string& code, const std::string& message, const std::string& fix = "") {
      context_.problems.add(member.diagnostic(code, message, fix));
    };
    if (protocol_known && !(spec.window.stim_start_ms < spec.window.stim_end_ms)) {
      refuse("config-window",
             fmt::format("the window from {} to {} ms is empty", spec.window.stim_start_ms, spec.window.stim_end_ms),
             "set stim_start and stim_end in feature_settings");
    }
    if (!(spec.exp_std > 0))
      refuse("config-target", fmt::format("exp_std of feature_settings must be above 0, not {}", spec.exp_std));
    if (!(spec.settings.interp_step > 0)) {
      refuse("config-range", fmt::format("interp_step must be above 0 ms, not {}", spec.settings.interp_step));
    }
    if (!(spec.weight >= 0)) refuse("config-range", fmt::format("weight must not be negative, not {}", spec.weight));
    warn_about_missing_current(member, spec);
  }

  /// Without it such a feature never has a value, and its score is always the maximum.
  void warn_about_missing_current(const JsonMember& member, const eFELFeature& spec) {
    if (spec.settings.stimulus_current || std::ranges::count(known_features_, spec.efel_feature_name) == 0) return;
    const auto needed = features::required_settings(features::find_feature(spec.efel_feature_name));
    if (std::ranges::count(needed, "stimulus_current") == 0) return;
    context_.warn(member.diagnostic("config-feature-without-current",
                                    "divides by the amplitude of the stimulus, which is not given: it has no value",
                                    "set stimulus_current (nA) for it in feature_settings"));
  }

  void warn_about_idle_settings() {
    for (const SettingEntry& entry : entries_) {
      if (entry.matched > 0 || !entry.value->is_object()) continue;
      context_.warn(entry.value->diagnostic("config-setting-unused", "matches no feature",
                                            "patterns are case-sensitive and match whole names"));
    }
  }

  const Problem& problem_;
  std::vector<SettingEntry> entries_;
  LoaderContext& context_;
  std::vector<std::string> known_features_;
  std::vector<eFELFeature> specs_;
};

}  // namespace

std::vector<eFELFeature> load_features_section(const Section& features, const Section& settings, const Problem& problem,
                                               LoaderContext& context) {
  FeatureLoader loader(problem, settings, context);
  if (!features) return {};
  return loader.load(*features.value);
}

}  // namespace cellwright::run
