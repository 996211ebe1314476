#include "cellwright/run/run_record.hpp"

#include <charconv>
#include <chrono>
#include <limits>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "cellwright/base/version.hpp"
#include "cellwright/run/run_directory.hpp"
#include "cellwright/text/json_writer.hpp"
#include "cellwright/text/located_json.hpp"
#include "csv_file.hpp"

namespace cellwright::run {
namespace {

namespace fs = std::filesystem;
using text::JsonStyle;
using text::JsonValue;
using text::JsonWriter;

constexpr std::string_view format_name = "cellwright-run";
constexpr int format_version = 1;

std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

void write_text(JsonWriter& json, std::string_view key, const std::string& text) {
  json.member(key, std::string_view(text));
}

RunInfo read_info(const JsonValue& root) {
  if (root.at("format").as_string() != format_name)
    throw root.at("format").error("run-format", "is not the description of a run");
  if (root.at("version").as_integer() != format_version)
    throw root.at("version").error("run-version", fmt::format("this program reads version {}", format_version));
  const JsonValue& problem = root.at("problem");
  RunInfo info;
  info.program_version = root.at("program").as_string();
  info.started = root.at("started").as_string();
  info.origin.problem_file = problem.at("file").as_string();
  info.origin.external = problem.at("external").as_boolean();
  info.problem_file_from_here = problem.at("file_from_here").as_string();
  for (const JsonValue& argument : root.at("command").as_array()) info.origin.command.push_back(argument.as_string());
  info.origin.working_directory = root.at("working_directory").as_string();
  info.origin.threads = static_cast<std::size_t>(root.at("threads").as_integer());
  info.generations = static_cast<int>(root.at("generations").as_integer());
  for (const JsonValue& parameter : root.at("parameters").as_array()) {
    const std::vector<JsonValue>& bounds = parameter.at("bounds").as_array();
    if (bounds.size() != 2) throw parameter.at("bounds").error("run-shape", "must be two numbers");
    info.parameters.push_back({parameter.at("name").as_string(), bounds[0].as_number(), bounds[1].as_number()});
  }
  return info;
}

std::optional<RunInfo> load_info(const fs::path& path) {
  std::error_code code;
  if (!fs::exists(path, code)) return std::nullopt;
  return read_info(text::load_json(path).root());
}

Checkpoint load_checkpoint(const fs::path& folder) {
  const fs::path current = folder / files::checkpoint, previous = folder / files::previous;
  std::error_code code;
  if (!fs::exists(current, code) && !fs::exists(previous, code)) {
    throw ConfigError(
        Diagnostic{.code = "run-no-results",
                   .message = fmt::format("'{}' holds no checkpoint of a run", folder.string()),
                   .fix = "wait for the first one (--checkpoint-every of optimise), or give another folder"});
  }
  try {
    return parse_checkpoint(read_file(current), current.string());
  } catch (const Error&) {
    if (!fs::exists(previous, code)) throw;
    return parse_checkpoint(read_file(previous), previous.string());
  }
}

/// A row `gen,nevals,seconds,...`; nothing if it has another form: timings are no results.
std::optional<GenerationTiming> read_timing(std::string_view row) {
  GenerationTiming timing;
  const char* at = row.data();
  const char* const end = at + row.size();
  const auto next = [&](auto& number) {
    const auto [after, error] = std::from_chars(at, end, number);
    const bool whole = error == std::errc() && (after == end || *after == ',');
    at = whole && after != end ? after + 1 : after;
    return whole;
  };
  if (!next(timing.generation) || !next(timing.evaluations) || !next(timing.seconds)) return std::nullopt;
  return timing;
}

std::vector<GenerationTiming> read_timings(const fs::path& path) {
  std::vector<GenerationTiming> timings;
  for (const std::string& row : read_csv_rows(path)) {
    if (const auto timing = read_timing(row)) timings.push_back(*timing);
  }
  return timings;
}

}  // namespace

std::string format_run_info(const RunOrigin& origin, const fs::path& folder, int generations,
                            const std::vector<optimise::Parameter>& parameters) {
  fs::path file, from_here;
  if (!origin.problem_file.empty()) {
    file = fs::absolute(origin.problem_file).lexically_normal();
    std::error_code code;
    from_here = fs::relative(file, folder, code);
  }
  JsonWriter json;
  json.begin_object();
  json.member("format", format_name).member("version", format_version).member("program", version());
  write_text(json, "started", utc_now());
  json.key("problem").begin_object();
  write_text(json, "file", file.string());
  write_text(json, "file_from_here", from_here.string());
  json.member("external", origin.external).end_object();
  json.key("command").begin_array(JsonStyle::one_line);
  for (const std::string& argument : origin.command) json.value(std::string_view(argument));
  json.end_array();
  write_text(json, "working_directory", origin.working_directory.string());
  json.member("threads", origin.threads).member("generations", generations);
  json.key("parameters").begin_array();
  for (const optimise::Parameter& parameter : parameters) {
    json.begin_object(JsonStyle::one_line);
    write_text(json, "name", parameter.name());
    constexpr double unbounded = std::numeric_limits<double>::infinity();
    json.key("bounds").begin_array();
    json.value(parameter.lower_bound().value_or(-unbounded)).value(parameter.upper_bound().value_or(unbounded));
    json.end_array();
    json.end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
}

std::optional<fs::path> RunRecord::find_problem_file() const {
  if (!info) return std::nullopt;
  std::error_code code;
  for (const fs::path& path : {info->origin.problem_file, (folder / info->problem_file_from_here).lexically_normal()}) {
    if (fs::is_regular_file(path, code)) return path;
  }
  return std::nullopt;
}

RunRecord read_run(const fs::path& folder) {
  std::error_code code;
  if (!fs::is_directory(folder, code)) {
    throw ConfigError(Diagnostic{.code = "run-directory-missing",
                                 .message = fmt::format("there is no folder '{}'", folder.string()),
                                 .fix = "give the run directory of `cellwright optimise`"});
  }
  RunRecord record;
  record.folder = folder;
  record.info = load_info(folder / files::run);
  record.checkpoint = load_checkpoint(folder);
  record.logbook = read_logbook(folder / files::logbook);
  record.timings = read_timings(folder / files::timings);
  return record;
}

}  // namespace cellwright::run
