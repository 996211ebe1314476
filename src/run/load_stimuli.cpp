/// The stimuli of a protocol.

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <iterator>
#include <sstream>

#include <fmt/format.h>

#include "cellwright/base/file.hpp"

#include "loader_context.hpp"

namespace cellwright::run {
namespace {

using text::JsonMember;
using text::JsonValue;

/// The points of a played current.
struct CurrentPoints {
  std::vector<double> time_ms, current_na;
};

std::optional<double> parse_number(const std::string& text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

[[noreturn]] void throw_bad_line(const std::string& file, int line, const std::string& text) {
  throw ConfigError(Diagnostic{.code = "config-points",
                               .message = fmt::format("'{}' is not a time and a current", text),
                               .span = {.file = file, .line = line, .column = 1},
                               .fix = "each line holds a time in ms and a current in nA"});
}

/// Lines of two numbers with a comma or blanks between them; '#' starts a comment, and the first line may be a header.
CurrentPoints parse_current_columns(const std::string& content, const std::string& file) {
  CurrentPoints points;
  std::istringstream lines(content);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::string original = line;
    line.resize(std::min(line.find('#'), line.size()));
    std::ranges::replace_if(
        line, [](char c) { return c == ',' || c == ';' || c == '\r' || c == '\t'; }, ' ');
    std::istringstream words(line);
    const std::vector<std::string> cells{std::istream_iterator<std::string>(words), {}};
    if (cells.empty()) continue;
    std::optional<double> time, current;
    if (cells.size() == 2) time = parse_number(cells[0]), current = parse_number(cells[1]);
    const bool header = number == 1 && std::isalpha(static_cast<unsigned char>(cells[0][0])) != 0;
    if (header && !time) continue;
    if (!time || !current) throw_bad_line(file, number, original);
    points.time_ms.push_back(*time);
    points.current_na.push_back(*current);
  }
  return points;
}

CurrentPoints read_current_file(const std::filesystem::path& path, LoaderContext& context) {
  const std::string content = read_file(path);
  context.hash.add(content);
  context.files.push_back(path);
  const std::size_t first = content.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || content[first] != '{') return parse_current_columns(content, path.string());
  const text::JsonDocument document = text::parse_json(content, path.string());
  CurrentPoints points;
  for (const JsonValue& item : document.root().at("time_points").as_array()) points.time_ms.push_back(item.as_number());
  for (const JsonValue& item : document.root().at("current_points").as_array())
    points.current_na.push_back(item.as_number());
  return points;
}

/// Reads the keys of one stimulus. The schema lists the keys of all types; which of them a type has is said here.
class StimulusReader {
 public:
  StimulusReader(const JsonValue& value, const std::filesystem::path& folder, const LocationMap& locations,
                 LoaderContext& context)
      : value_(value),
        folder_(folder),
        locations_(locations),
        context_(context),
        reader_(value, schema_of("stimulus"), context.problems),
        type_(reader_.text("type").value_or("square")) {}

  std::optional<model::Stimulus> load() {
    if (!reader_.usable()) return std::nullopt;
    model::Stimulus result = read();
    refuse_other_keys();
    return result;
  }

 private:
  model::Stimulus read() {
    if (type_ == "ramp") return ramp();
    if (type_ == "current_play") return current_play();
    if (type_ == "netstim") return netstim();
    return square();
  }

  model::NrnSquarePulse square() {
    model::NrnSquarePulse pulse{.span = value_.span()};
    pulse.step_delay_ms = required("delay", "step_delay");
    pulse.step_amplitude_na = required("amp", "step_amplitude");
    pulse.step_duration_ms = required("duration", "step_duration");
    pulse.total_duration_ms = total_duration();
    not_negative("delay", "step_delay", pulse.step_delay_ms);
    not_negative("duration", "step_duration", pulse.step_duration_ms);
    pulse.location = location();
    return pulse;
  }

  model::NrnRampPulse ramp() {
    model::NrnRampPulse pulse{.span = value_.span()};
    pulse.ramp_amplitude_start_na = required("ramp_amplitude_start", "ramp_amp_start");
    pulse.ramp_amplitude_end_na = required("ramp_amplitude_end", "ramp_amp_end");
    pulse.ramp_delay_ms = required("ramp_delay", "delay");
    pulse.ramp_duration_ms = required("ramp_duration", "duration");
    pulse.total_duration_ms = total_duration();
    not_negative("ramp_delay", "delay", pulse.ramp_delay_ms);
    not_negative("ramp_duration", "duration", pulse.ramp_duration_ms);
    if (pulse.total_duration_ms > 0 && pulse.ramp_delay_ms + pulse.ramp_duration_ms > pulse.total_duration_ms) {
      context_.problems.add(value_.diagnostic("config-range", "the ramp ends after its total_duration",
                                              "make total_duration at least ramp_delay + ramp_duration"));
    }
    pulse.location = location();
    return pulse;
  }

  model::NrnCurrentPlayStimulus current_play() {
    model::NrnCurrentPlayStimulus stimulus{.span = value_.span()};
    const JsonValue* file = get("file");
    const JsonValue* times = get("time_points");
    const JsonValue* currents = get("current_points");
    if (file != nullptr && (times != nullptr || currents != nullptr)) {
      context_.problems.add(file->diagnostic("config-twice", "'file' and the points mean the same", "leave one out"));
    } else if (file != nullptr) {
      read_points(*file, stimulus);
    } else {
      if (times == nullptr) missing("time_points", "or the 'file' that holds the points");
      if (currents == nullptr) missing("current_points", "or the 'file' that holds the points");
      if (times != nullptr) stimulus.time_points_ms = numbers(*times);
      if (currents != nullptr) stimulus.current_points_na = numbers(*currents);
    }
    if (file != nullptr || (times != nullptr && currents != nullptr)) check_points(stimulus);
    stimulus.location = location();
    return stimulus;
  }

  model::NrnNetStimStimulus netstim() {
    model::NrnNetStimStimulus stimulus{.span = value_.span()};
    stimulus.total_duration_ms = total_duration();
    stimulus.interval_ms = required("interval");
    stimulus.number = required("number");
    stimulus.start_ms = required("start");
    if (const JsonValue* noise = get("noise")) stimulus.noise = noise->as_number();
    if (const JsonValue* weight = get("weight")) stimulus.weight = weight->as_number();
    if (!(stimulus.noise >= 0 && stimulus.noise <= 1)) {
      context_.problems.add(
          get("noise")->diagnostic("config-range", fmt::format("noise must be from 0 to 1, not {}", stimulus.noise)));
    }
    const JsonValue* names = get("point_processes");
    if (names == nullptr && value_.find("point_processes") == nullptr) missing("point_processes");
    if (names == nullptr) return stimulus;
    for (const JsonValue& name : names->as_array()) {
      const AnyLocation* location = find_location(name.as_string(), name, locations_, context_);
      if (location == nullptr) continue;
      if (const auto* process = std::get_if<model::NrnPointProcessLocation>(location)) {
        stimulus.locations.push_back(*process);
      } else {
        context_.problems.add(name.diagnostic("config-location",
                                              fmt::format("'{}' is not a point process", name.as_string()),
                                              "define it in mechanisms, point_processes"));
      }
    }
    return stimulus;
  }

  std::vector<double> numbers(const JsonValue& list) {
    std::vector<double> result;
    for (const JsonValue& item : list.as_array()) {
      if (item.is_number() && std::isfinite(item.as_number())) {
        result.push_back(item.as_number());
      } else {
        context_.problems.add(item.diagnostic("config-type", "must be a number"));
      }
    }
    return result;
  }

  void read_points(const JsonValue& file, model::NrnCurrentPlayStimulus& stimulus) {
    const std::filesystem::path path = context_.resolve(folder_, file.as_string());
    try {
      CurrentPoints points = read_current_file(path, context_);
      stimulus.time_points_ms = std::move(points.time_ms);
      stimulus.current_points_na = std::move(points.current_na);
    } catch (const Error& error) {
      for (Diagnostic problem : error.diagnostics()) {
        if (problem.span.file.empty()) problem = file.diagnostic(problem.code, problem.message, problem.fix);
        context_.problems.add(std::move(problem));
      }
    }
  }

  void check_points(const model::NrnCurrentPlayStimulus& stimulus) {
    const std::vector<double>& times = stimulus.time_points_ms;
    const auto refuse = [this](const std::string& message) {
      context_.problems.add(value_.diagnostic("config-points", message));
    };
    if (context_.problems.has_errors() && times.empty()) return;
    if (times.size() != stimulus.current_points_na.size())
      refuse(fmt::format("there are {} times and {} currents", times.size(), stimulus.current_points_na.size()));
    else if (times.size() < 2)
      refuse("a played current needs at least two points");
    else if (!std::ranges::is_sorted(times) || times.back() <= 0)
      refuse("the times must not decrease and end after 0 ms");
  }

  model::CompLocation location() {
    const JsonValue* place = get("location");
    return find_compartment(place == nullptr ? "soma" : place->as_string(), place == nullptr ? value_ : *place,
                            locations_, context_);
  }

  double total_duration() {
    const double total = required("totduration", "total_duration");
    if (const JsonValue* value = either("totduration", "total_duration"); value != nullptr && total <= 0) {
      context_.problems.add(
          value->diagnostic("config-range", fmt::format("totduration must be above 0 ms, not {}", total)));
    }
    return total;
  }

  void not_negative(std::string_view key, std::string_view other, double value) {
    if (value >= 0) return;
    const JsonValue* found = either(key, other);
    context_.problems.add(
        found->diagnostic("config-range", fmt::format("{} must not be negative, not {} ms", key, value)));
  }

  void missing(std::string_view key, const std::string& more = "") {
    context_.problems.add(
        value_.diagnostic("config-missing-key", fmt::format("key '{}' is missing", key),
                          more.empty() ? fmt::format("a stimulus of type {} needs it", type_) : "add it, " + more));
  }

  const JsonValue* get(std::string_view key) {
    if (std::ranges::count(allowed_, key) == 0) allowed_.emplace_back(key);
    return reader_.get(key);
  }

  const JsonValue* either(std::string_view key, std::string_view other) {
    const JsonValue* first = get(key);
    const JsonValue* second = get(other);
    return first != nullptr ? first : second;
  }

  double required(std::string_view key) {
    const JsonValue* found = get(key);
    if (found == nullptr && value_.find(key) == nullptr) missing(key);
    return found == nullptr ? 0.0 : found->as_number();
  }

  double required(std::string_view key, std::string_view other) {
    const JsonValue* found = either(key, other);
    if (get(key) != nullptr && get(other) != nullptr) {
      context_.problems.add(get(other)->diagnostic(
          "config-twice", fmt::format("'{}' and '{}' mean the same", key, other), "leave one out"));
    }
    if (found == nullptr && value_.find(key) == nullptr && value_.find(other) == nullptr) missing(key);
    return found == nullptr ? 0.0 : found->as_number();
  }

  void refuse_other_keys() {
    for (const JsonMember& member : value_.as_object()) {
      if (member.key == "type" || is_comment_key(member.key) || reader_.get(member.key) == nullptr) continue;
      if (std::ranges::count(allowed_, member.key) > 0) continue;
      context_.problems.add(member.diagnostic("config-unknown-key",
                                              fmt::format("a stimulus of type {} has no '{}'", type_, member.key),
                                              suggest(member.key, allowed_, "its keys are")));
    }
  }

  const JsonValue& value_;
  const std::filesystem::path& folder_;
  const LocationMap& locations_;
  LoaderContext& context_;
  ObjectReader reader_;
  std::string type_;
  std::vector<std::string> allowed_;
};

}  // namespace

std::optional<model::Stimulus> load_stimulus(const JsonValue& value, const std::filesystem::path& folder,
                                             const LocationMap& locations, LoaderContext& context) {
  return StimulusReader(value, folder, locations, context).load();
}

}  // namespace cellwright::run
