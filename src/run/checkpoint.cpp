#include "cellwright/run/checkpoint.hpp"

#include <limits>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/base/number_text.hpp"
#include "cellwright/optimise/algorithm_registry.hpp"
#include "cellwright/run/content_hash.hpp"
#include "cellwright/text/json_writer.hpp"
#include "cellwright/text/located_json.hpp"

namespace cellwright::run {
namespace {

using optimise::Individual;
using optimise::OptimiserState;
using optimise::Population;
using text::JsonStyle;
using text::JsonValue;
using text::JsonWriter;

constexpr std::string_view format_name = "cellwright-checkpoint";
constexpr int format_version = 1;
constexpr std::string_view checksum_start = ",\n  \"checksum\": \"";
constexpr std::string_view checksum_end = "\"\n}\n";

// ---- writing -------------------------------------------------------------------------------------------------------

template <class Range>
void write_list(JsonWriter& json, std::string_view key, const Range& values) {
  json.key(key).begin_array(JsonStyle::one_line);
  for (const auto& value : values) json.value(value);
  json.end_array();
}

void write_rows(JsonWriter& json, std::string_view key, const Table<double>& table) {
  json.key(key).begin_array();
  for (std::size_t r = 0; r < table.rows(); ++r) {
    json.begin_array(JsonStyle::one_line);
    for (const double value : table.row(r)) json.value(value);
    json.end_array();
  }
  json.end_array();
}

void write_identity(JsonWriter& json, const RunIdentity& identity) {
  json.key("problem").begin_object();
  json.member("name", std::string_view(identity.problem_name)).member("hash", std::string_view(identity.problem_hash));
  json.end_object();
  json.key("settings").begin_object();
  json.member("algorithm", std::string_view(identity.algorithm));
  json.member("seed", identity.seed).member("offspring", identity.offspring);
  json.member("eta", identity.eta).member("mutpb", identity.mutpb).member("cxpb", identity.cxpb);
  json.member("hall_of_fame", identity.hall_of_fame).member("step", std::string_view(identity.step));
  json.member("dt", identity.dt_ms).member("atol", identity.atol).member("numeric", std::string_view(identity.numeric));
  json.member("engine", std::string_view(identity.engine));
  json.member("save_population", identity.save_population);
  if (identity.asynchronous) {
    json.key("asynchronous").begin_object(JsonStyle::one_line);
    json.member("in_flight", identity.in_flight).member("schedule", std::string_view(identity.schedule)).end_object();
  }
  json.end_object();
}

void write_random(JsonWriter& json, const numeric::PythonRandom::State& random) {
  json.key("random").begin_object();
  json.member("index", random.engine.index);
  json.key("gauss_next");
  random.gauss_next ? json.value(*random.gauss_next) : json.value(nullptr);
  write_list(json, "words", random.engine.words);
  json.end_object();
}

void write_pool(JsonWriter& json, const Population& pool) {
  json.key("pool").begin_object();
  write_rows(json, "parameters", pool.parameters);
  write_rows(json, "objectives", pool.objectives);
  write_list(json, "id", pool.id);
  write_list(json, "generation", pool.generation);
  write_list(json, "failed", pool.failed);
  json.end_object();
}

void write_individual(JsonWriter& json, const Individual& individual) {
  json.begin_object();
  write_list(json, "values", individual.values);
  write_list(json, "objectives", individual.fitness.values());
  json.member("id", individual.id).member("generation", individual.generation).member("failed", individual.failed);
  json.end_object();
}

std::vector<std::string_view> views(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

// ---- reading -------------------------------------------------------------------------------------------------------

CheckpointError unreadable(const std::string& file, const std::string& why) {
  return CheckpointError(
      Diagnostic{.code = "checkpoint-unreadable",
                 .message = fmt::format("the checkpoint cannot be used: {}", why),
                 .span = {.file = file},
                 .fix = "checkpoint.previous holds the one before; or start anew in another folder"});
}

void verify_checksum(const std::string& text, const std::string& file) {
  const std::size_t start = text.rfind(checksum_start);
  if (start == std::string::npos || !text.ends_with(checksum_end)) throw unreadable(file, "its end is missing");
  const std::string expected =
      fmt::format("{}{}{}", checksum_start, hash_text(std::string_view(text).substr(0, start)), checksum_end);
  if (text.substr(start) != expected) throw unreadable(file, "its checksum does not match: it was changed or damaged");
}

/// A whole number that fits `Integer`.
template <class Integer>
Integer integer(const JsonValue& value) {
  const std::int64_t number = value.as_integer();
  if (!std::in_range<Integer>(number)) throw value.error("checkpoint-range", "is out of range");
  return static_cast<Integer>(number);
}

template <class Integer>
std::vector<Integer> integers(const JsonValue& value) {
  std::vector<Integer> numbers;
  for (const JsonValue& item : value.as_array()) numbers.push_back(integer<Integer>(item));
  return numbers;
}

std::vector<double> doubles(const JsonValue& value) {
  std::vector<double> numbers;
  for (const JsonValue& item : value.as_array()) {
    numbers.push_back(item.is_null() ? std::numeric_limits<double>::quiet_NaN() : item.as_number());
  }
  return numbers;
}

std::vector<std::string> texts(const JsonValue& value) {
  std::vector<std::string> strings;
  for (const JsonValue& item : value.as_array()) strings.push_back(item.as_string());
  return strings;
}

Table<double> read_rows(const JsonValue& value, std::size_t columns) {
  const std::vector<JsonValue>& rows = value.as_array();
  Table<double> table(rows.size(), columns);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::vector<double> row = doubles(rows[r]);
    if (row.size() != columns) throw rows[r].error("checkpoint-shape", fmt::format("must have {} numbers", columns));
    std::copy(row.begin(), row.end(), table.row(r).begin());
  }
  return table;
}

RunIdentity read_identity(const JsonValue& root) {
  const JsonValue& settings = root.at("settings");
  RunIdentity identity;
  identity.problem_name = root.at("problem").at("name").as_string();
  identity.problem_hash = root.at("problem").at("hash").as_string();
  identity.algorithm = settings.at("algorithm").as_string();
  identity.seed = settings.at("seed").as_integer();
  identity.offspring = integer<std::size_t>(settings.at("offspring"));
  identity.eta = settings.at("eta").as_number();
  identity.mutpb = settings.at("mutpb").as_number();
  identity.cxpb = settings.at("cxpb").as_number();
  identity.hall_of_fame = integer<std::size_t>(settings.at("hall_of_fame"));
  identity.step = settings.at("step").as_string();
  identity.dt_ms = settings.at("dt").as_number();
  identity.atol = settings.at("atol").as_number();
  identity.numeric = settings.at("numeric").as_string();
  identity.engine = settings.at("engine").as_string();
  identity.save_population = settings.at("save_population").as_boolean();
  if (const JsonValue* asynchronous = settings.find("asynchronous")) {
    identity.asynchronous = true;
    identity.in_flight = integer<std::size_t>(asynchronous->at("in_flight"));
    identity.schedule = asynchronous->at("schedule").as_string();
  }
  return identity;
}

numeric::PythonRandom::State read_random(const JsonValue& value) {
  numeric::PythonRandom::State random;
  const auto words = integers<std::uint32_t>(value.at("words"));
  if (words.size() != random.engine.words.size())
    throw value.at("words").error("checkpoint-shape", "must have 624 words");
  std::copy(words.begin(), words.end(), random.engine.words.begin());
  random.engine.index = integer<std::uint32_t>(value.at("index"));
  if (!value.at("gauss_next").is_null()) random.gauss_next = value.at("gauss_next").as_number();
  return random;
}

Population read_pool(const JsonValue& value, std::size_t parameters, std::size_t objectives) {
  Population pool;
  pool.parameters = read_rows(value.at("parameters"), parameters);
  pool.objectives = read_rows(value.at("objectives"), objectives);
  pool.id = integers<std::int64_t>(value.at("id"));
  pool.generation = integers<int>(value.at("generation"));
  pool.failed = integers<std::uint8_t>(value.at("failed"));
  const std::size_t rows = pool.parameters.rows();
  if (pool.objectives.rows() != rows || pool.id.size() != rows || pool.generation.size() != rows ||
      pool.failed.size() != rows) {
    throw value.error("checkpoint-shape", "its lists differ in length");
  }
  return pool;
}

optimise::HallOfFame read_hall_of_fame(const JsonValue& value, std::size_t max_size) {
  std::vector<Individual> individuals;
  for (const JsonValue& item : value.as_array()) {
    individuals.push_back({.values = doubles(item.at("values")),
                           .fitness = optimise::WeightedSumFitness(doubles(item.at("objectives"))),
                           .id = item.at("id").as_integer(),
                           .generation = integer<int>(item.at("generation")),
                           .failed = item.at("failed").as_boolean()});
  }
  return optimise::HallOfFame(max_size, std::move(individuals));
}

Checkpoint read_root(const JsonValue& root) {
  if (root.at("format").as_string() != format_name)
    throw root.at("format").error("checkpoint-format", "is not a checkpoint");
  if (root.at("version").as_integer() != format_version) {
    throw root.at("version").error("checkpoint-version", fmt::format("this program reads version {}", format_version));
  }
  Checkpoint checkpoint;
  checkpoint.identity = read_identity(root);
  checkpoint.parameters = texts(root.at("parameters"));
  checkpoint.objectives = texts(root.at("objectives"));
  OptimiserState& state = checkpoint.state;
  state.settings = optimiser_settings(checkpoint.identity);
  state.generation = integer<int>(root.at("generation"));
  state.evaluations = root.at("evaluations").as_integer();
  state.failed_evaluations = root.at("failed_evaluations").as_integer();
  state.random = read_random(root.at("random"));
  state.pool = read_pool(root.at("pool"), checkpoint.parameters.size(), checkpoint.objectives.size());
  state.parents = integers<std::uint32_t>(root.at("parents"));
  state.hall_of_fame = read_hall_of_fame(root.at("hall_of_fame"), checkpoint.identity.hall_of_fame);
  if (const JsonValue* memory = root.find("memory"))
    for (const auto& member : memory->as_object()) state.memory[member.key] = doubles(member.value);
  return checkpoint;
}

// ---- comparing -----------------------------------------------------------------------------------------------------

std::string as_text(const std::string& value) { return fmt::format("'{}'", value); }
std::string as_text(double value) { return shortest_number(value); }
std::string as_text(bool value) { return value ? "on" : "off"; }
template <std::integral Integer>
std::string as_text(Integer value) {
  return std::to_string(value);
}

template <class Value>
void check_same(const std::string& what, const Value& saved, const Value& asked, const std::string& file,
                const std::string& fix) {
  if (saved == asked) return;
  throw CheckpointError(Diagnostic{.code = "checkpoint-mismatch",
                                   .message = fmt::format("the run cannot be resumed: {} was {}, now it is {}", what,
                                                          as_text(saved), as_text(asked)),
                                   .span = {.file = file},
                                   .fix = fix});
}

}  // namespace

optimise::DEAPSettings optimiser_settings(const RunIdentity& identity) {
  return optimise::settings_of_algorithm(identity.algorithm, {.seed = identity.seed,
                                                              .offspring_size = identity.offspring,
                                                              .eta = identity.eta,
                                                              .mutpb = identity.mutpb,
                                                              .cxpb = identity.cxpb,
                                                              .hof_size = identity.hall_of_fame});
}

std::string hash_identity(const RunIdentity& identity) {
  JsonWriter json;
  json.begin_object();
  write_identity(json, identity);
  json.end_object();
  return hash_text(json.take());
}

std::string format_checkpoint(const Checkpoint& checkpoint) {
  const OptimiserState& state = checkpoint.state;
  JsonWriter json;
  json.begin_object();
  json.member("format", format_name).member("version", format_version);
  write_identity(json, checkpoint.identity);
  write_list(json, "parameters", views(checkpoint.parameters));
  write_list(json, "objectives", views(checkpoint.objectives));
  json.member("generation", state.generation).member("evaluations", state.evaluations);
  json.member("failed_evaluations", state.failed_evaluations);
  write_random(json, state.random);
  write_pool(json, state.pool);
  write_list(json, "parents", state.parents);
  json.key("hall_of_fame").begin_array();
  for (const Individual& individual : state.hall_of_fame) write_individual(json, individual);
  json.end_array();
  if (!state.memory.empty()) {
    json.key("memory").begin_object();
    for (const auto& [name, numbers] : state.memory) write_list(json, name, numbers);
    json.end_object();
  }
  json.end_object();
  std::string body = json.take();
  body.resize(body.size() - 2);  // the final "\n}" comes again after the checksum
  return fmt::format("{}{}{}{}", body, checksum_start, hash_text(body), checksum_end);
}

Checkpoint parse_checkpoint(const std::string& text, const std::string& file) {
  verify_checksum(text, file);
  try {
    return read_root(text::parse_json(text, file).root());
  } catch (const Error& error) {
    throw unreadable(file, error.diagnostics().front().message);
  }
}

void check_same_run(const RunIdentity& saved, const RunIdentity& asked, const std::string& file) {
  const std::string option_fix = "resume with the settings of the run, or start another run with --out";
  check_same("the problem (hash of the cell file and all files it reads)", saved.problem_hash, asked.problem_hash, file,
             "put the files back as they were, or start another run with --out");
  check_same("--algorithm", saved.algorithm, asked.algorithm, file, option_fix);
  check_same("--seed", saved.seed, asked.seed, file, option_fix);
  check_same("--offspring", saved.offspring, asked.offspring, file, option_fix);
  check_same("--eta", saved.eta, asked.eta, file, option_fix);
  check_same("--mutpb", saved.mutpb, asked.mutpb, file, option_fix);
  check_same("--cxpb", saved.cxpb, asked.cxpb, file, option_fix);
  check_same("--step", saved.step, asked.step, file, option_fix);
  check_same("--dt", saved.dt_ms, asked.dt_ms, file, option_fix);
  check_same("--atol", saved.atol, asked.atol, file, option_fix);
  check_same("--numeric", saved.numeric, asked.numeric, file, option_fix);
  check_same("--engine", saved.engine, asked.engine, file, option_fix);
  check_same("--hall-of-fame", saved.hall_of_fame, asked.hall_of_fame, file, option_fix);
  check_same("--asynchronous", saved.asynchronous, asked.asynchronous, file, option_fix);
  if (asked.in_flight != 0) check_same("--in-flight", saved.in_flight, asked.in_flight, file, option_fix);
  check_same("--schedule", saved.schedule, asked.schedule, file, option_fix);
  check_same("--save-population", saved.save_population, asked.save_population, file, option_fix);
}

}  // namespace cellwright::run
