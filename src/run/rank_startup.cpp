#include "cellwright/run/rank_startup.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <thread>

#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "cellwright/base/version.hpp"
#include "cellwright/evaluate/rank_crew.hpp"
#include "cellwright/numeric/instruction_set.hpp"
#include "cellwright/run/content_hash.hpp"
#include "cellwright/simulate/neuron_simulator.hpp"
#include "cellwright/text/json_writer.hpp"
#include "cellwright/text/located_json.hpp"

namespace cellwright::run {
namespace {

using text::JsonStyle;
using text::JsonValue;
using text::JsonWriter;

constexpr std::string_view report_name = "report of a rank";

std::string format_report(const RankReport& report) {
  JsonWriter json(JsonStyle::one_line);
  const auto add = [&](std::string_view key, const std::string& value) { json.member(key, std::string_view(value)); };
  json.begin_object();
  add("version", report.version);
  add("build", report.build);
  add("host", report.host);
  add("instruction_set", report.instruction_set);
  add("engine", report.engine);
  add("problem", report.problem_hash);
  json.key("files").begin_object();
  for (const auto& [path, hash] : report.files) add(path, hash);
  json.end_object();
  add("name", report.place.name);
  json.member("rows_at_once", report.place.rows_at_once).member("lanes", report.place.lanes);
  json.member("chunks_at_once", report.place.chunks_at_once).member("threads", report.threads);
  json.key("errors").begin_array();
  for (const Diagnostic& error : report.errors) {
    json.begin_object();
    add("code", error.code);
    add("message", error.message);
    add("file", error.span.file);
    json.member("line", error.span.line).member("column", error.span.column);
    add("fix", error.fix);
    json.end_object();
  }
  json.end_array().end_object();
  return json.take();
}

RankReport parse_report(const std::string& json) {
  const text::JsonDocument document = text::parse_json(json, std::string(report_name));
  const JsonValue& root = document.root();
  const auto text_of = [&](std::string_view key) { return root.at(key).as_string(); };
  const auto size_of = [&](std::string_view key) { return static_cast<std::size_t>(root.at(key).as_integer()); };
  RankReport report{.version = text_of("version"),
                    .build = text_of("build"),
                    .host = text_of("host"),
                    .instruction_set = text_of("instruction_set"),
                    .engine = text_of("engine"),
                    .problem_hash = text_of("problem"),
                    .files = {},
                    .place = {.name = text_of("name"),
                              .rows_at_once = size_of("rows_at_once"),
                              .lanes = size_of("lanes"),
                              .chunks_at_once = size_of("chunks_at_once")},
                    .threads = size_of("threads"),
                    .errors = {}};
  for (const auto& member : root.at("files").as_object()) report.files[member.key] = member.value.as_string();
  for (const JsonValue& error : root.at("errors").as_array()) {
    report.errors.push_back({.code = error.at("code").as_string(),
                             .message = error.at("message").as_string(),
                             .span = {.file = error.at("file").as_string(),
                                      .line = static_cast<int>(error.at("line").as_integer()),
                                      .column = static_cast<int>(error.at("column").as_integer())},
                             .fix = error.at("fix").as_string()});
  }
  return report;
}

Diagnostic differs(const std::string& message, const std::string& fix) {
  return {.code = "rank-differs", .message = message, .fix = fix};
}

/// Tells all others to end before any work, and throws.
[[noreturn]] void refuse(parallel::Ranks& ranks, std::vector<Diagnostic> problems) {
  constexpr int bad_input = 3;
  evaluate::end_ranks(ranks, bad_input);
  throw ConfigError(std::move(problems));
}

std::vector<std::string> compared(const std::vector<std::string>& arguments) {
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--threads" || argument == "--out") {
      ++i;
    } else if (!argument.starts_with("--threads=") && !argument.starts_with("--out=")) {
      kept.push_back(argument);
    }
  }
  return kept;
}

}  // namespace

std::string engine_name(const SimulatorSettings& settings) {
  return settings.engine == "neuron" ? "NEURON " + simulate::find_neuron().version : settings.engine;
}

RankReport report_of_this_process(const std::string& host) {
  return {.version = version(),
          .build = hash_text(read_file("/proc/self/exe")),
          .host = host,
          .instruction_set = numeric::instruction_set(),
          .engine = {},
          .problem_hash = {},
          .files = {},
          .place = {},
          .errors = {}};
}

std::optional<Diagnostic> difference(const RankReport& first, const RankReport& other, int rank) {
  const std::string who = fmt::format("rank {} on {}", rank, other.host);
  if (other.version != first.version) {
    return differs(
        fmt::format("{} runs version {} of cellwright, rank 0 version {}", who, other.version, first.version),
        "install the same program on all machines");
  }
  if (other.build != first.build) {
    return differs(fmt::format("{} runs another build of cellwright {} ({}) than rank 0 ({})", who, other.version,
                               other.build.substr(0, 8), first.build.substr(0, 8)),
                   "install the same program on all machines");
  }
  if (other.engine != first.engine) {
    return differs(fmt::format("{} simulates with {}, rank 0 with {}", who, other.engine, first.engine),
                   "install the same NEURON on all machines, or name it in CELLWRIGHT_NEURON");
  }
  for (const auto& [path, hash] : first.files) {
    const auto found = other.files.find(path);
    if (found != other.files.end() && found->second == hash) continue;
    return differs(fmt::format("{} has another content of '{}' than rank 0", who, path),
                   "it did not arrive as rank 0 sent it: start the run again");
  }
  if (other.problem_hash != first.problem_hash) {
    return differs(fmt::format("{} has another problem than rank 0 ({} instead of {}), although the files are the same",
                               who, other.problem_hash.substr(0, 8), first.problem_hash.substr(0, 8)),
                   "install the same program on all machines");
  }
  return std::nullopt;
}

std::optional<std::string> different_arguments(const std::vector<std::string>& first,
                                               const std::vector<std::string>& other) {
  const std::vector<std::string> a = compared(first), b = compared(other);
  const auto [x, y] = std::ranges::mismatch(a, b);
  if (x == a.end() && y == b.end()) return std::nullopt;
  return fmt::format("it was started with '{}' where rank 0 was with '{}'", y == b.end() ? "" : *y,
                     x == a.end() ? "" : *x);
}

void send_invitation(parallel::Ranks& ranks, const Invitation& invitation) {
  JsonWriter json(JsonStyle::one_line);
  json.begin_object().key("arguments").begin_array();
  for (const std::string& argument : invitation.arguments) json.value(std::string_view(argument));
  json.end_array().member("file", std::string_view(invitation.problem_file.native()));
  json.member("external", invitation.external).end_object();
  ranks.broadcast(json.take());
  ranks.broadcast(pack_inputs(invitation.inputs));
}

void cancel_invitation(parallel::Ranks& ranks) { ranks.broadcast(""); }

std::optional<Invitation> receive_invitation(parallel::Ranks& ranks) {
  const std::string json = ranks.broadcast("");
  if (json.empty()) return std::nullopt;
  const text::JsonDocument document = text::parse_json(json, "invitation");
  Invitation invitation{.arguments = {},
                        .problem_file = document.root().at("file").as_string(),
                        .external = document.root().at("external").as_boolean(),
                        .inputs = {}};
  for (const JsonValue& argument : document.root().at("arguments").as_array())
    invitation.arguments.push_back(argument.as_string());
  invitation.inputs = unpack_inputs(ranks.broadcast(""));
  return invitation;
}

void send_report(parallel::Ranks& ranks, const RankReport& report) { ranks.send(0, format_report(report)); }

std::vector<RankReport> gather_reports(parallel::Ranks& ranks, const RankReport& own) {
  const auto others = static_cast<std::size_t>(ranks.size() - 1);
  std::vector<std::optional<RankReport>> reports(others);
  for (std::size_t received = 0; received < others;) {
    const std::optional<parallel::RankMessage> message = ranks.receive();
    if (!message) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    } else if (message->bytes.starts_with('{')) {  // others are signs of life of ranks that have reported
      reports[static_cast<std::size_t>(message->from - 1)] = parse_report(message->bytes);
      ++received;
    }
  }
  constexpr std::size_t shown = 20;
  std::vector<Diagnostic> problems;
  std::vector<RankReport> result;
  for (std::size_t i = 0; i < others; ++i) {
    const RankReport& report = *reports[i];
    const int rank = static_cast<int>(i) + 1;
    for (Diagnostic error : report.errors) {
      error.message = fmt::format("rank {} on {}: {}", rank, report.host, error.message);
      if (problems.size() < shown) problems.push_back(std::move(error));
    }
    if (report.errors.empty()) {
      std::optional<Diagnostic> problem = difference(own, report, rank);
      if (problem && problems.size() < shown) problems.push_back(std::move(*problem));
    }
    result.push_back(report);
    result.back().place.name = fmt::format("rank {} on {}", rank, report.host);
  }
  if (!problems.empty()) refuse(ranks, std::move(problems));
  return result;
}

void build_in_turn(parallel::Ranks& ranks, const std::function<void()>& build) {
  std::exception_ptr failure;
  const auto try_to_build = [&] {
    try {
      build();
    } catch (...) {
      failure = std::current_exception();
    }
  };
  if (ranks.node_rank() == 0) try_to_build();
  ranks.node_broadcast("");
  if (ranks.node_rank() != 0) try_to_build();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace cellwright::run
