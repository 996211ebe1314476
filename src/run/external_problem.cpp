#include "cellwright/run/external_problem.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string_view>

#include <unistd.h>

#include <fmt/format.h>

#include "cellwright/base/number_text.hpp"
#include "loader_context.hpp"

namespace cellwright::run {
namespace {

using text::JsonValue;
namespace fs = std::filesystem;

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

/// As posix_spawnp looks for it from the problem file's folder.
bool find_program(const std::string& program, const fs::path& folder) {
  if (program.find('/') != std::string::npos) return is_program(folder / program);
  const char* variable = std::getenv("PATH");
  std::string_view path = variable == nullptr ? "/bin:/usr/bin" : variable;
  while (true) {
    const std::size_t colon = std::min(path.find(':'), path.size());
    if (is_program(folder / path.substr(0, colon) / program)) return true;
    if (colon == path.size()) return false;
    path.remove_prefix(colon + 1);
  }
}

void load_value_or_bounds(const ObjectReader& reader, KnownParameter& parameter, LoaderContext& context) {
  parameter.value = reader.number("value");
  const JsonValue* bounds = reader.get("bounds");
  if (bounds != nullptr) {
    parameter.bounds = {bounds->as_array()[0].as_number(), bounds->as_array()[1].as_number()};
    const auto [lower, upper] = *parameter.bounds;
    if (lower > upper && !parameter.value) {
      context.problems.add(
          bounds->diagnostic("config-bounds", fmt::format("lower {} > upper {}", lower, upper), "swap them"));
    } else if (lower == upper && !parameter.value) {
      context.problems.add(bounds->diagnostic("config-bounds", fmt::format("both bounds are {}", lower),
                                              "give 'value' instead, for a frozen parameter"));
    }
  }
  if (reader.value().find("value") == nullptr && reader.value().find("bounds") == nullptr) {
    context.problems.add(reader.value().diagnostic("config-value-or-bounds", "neither 'value' nor 'bounds' is given",
                                                   "give 'value' (frozen) or 'bounds' (free)"));
  }
}

std::vector<KnownParameter> load_parameters(const Section& section, LoaderContext& context) {
  std::vector<KnownParameter> parameters;
  if (!section) return parameters;
  if (!section.value->is_array()) {
    context.problems.add(section.value->diagnostic("config-type", "must be a list of parameters"));
    return parameters;
  }
  std::set<std::string> names;
  bool any_free = false;
  for (const JsonValue& value : section.value->as_array()) {
    const ObjectReader reader(value, schema_of("problem_parameter"), context.problems);
    if (!reader.usable()) continue;
    KnownParameter parameter{.name = reader.text("name").value_or(""), .value = {}, .bounds = {}};
    if (reader.get("name") != nullptr && !names.insert(parameter.name).second) {
      context.problems.add(reader.get("name")->diagnostic(
          "config-duplicate", fmt::format("two parameters have the name '{}'", parameter.name)));
    }
    load_value_or_bounds(reader, parameter, context);
    any_free = any_free || value.find("value") == nullptr;
    parameters.push_back(std::move(parameter));
  }
  if (!any_free)
    context.problems.add(section.value->diagnostic("config-no-free-parameter", "no parameter is free",
                                                   "give at least one parameter 'bounds' and no 'value'"));
  return parameters;
}

std::vector<std::string> load_objectives(const ObjectReader& reader, LoaderContext& context) {
  std::vector<std::string> names;
  const JsonValue* list = reader.get("objectives");
  if (list == nullptr) return names;
  for (const JsonValue& value : list->as_array()) {
    if (std::ranges::count(names, value.as_string()) > 0) {
      context.problems.add(
          value.diagnostic("config-duplicate", fmt::format("two objectives have the name '{}'", value.as_string())));
    }
    names.push_back(value.as_string());
  }
  if (names.empty())
    context.problems.add(list->diagnostic("config-range", "there is no objective", "name at least one"));
  return names;
}

void load_command(const JsonValue& list, const fs::path& folder, ExternalProblem& problem, LoaderContext& context) {
  for (const JsonValue& value : list.as_array()) {
    problem.command.push_back(value.as_string());
    if (value.as_string().find('\0') != std::string::npos)
      context.problems.add(value.diagnostic("config-range", "an argument cannot hold the character U+0000"));
  }
  if (problem.command.empty() || problem.command.front().empty()) {
    context.problems.add(list.diagnostic("config-range", "there is no program",
                                         "give the program and its arguments: [\"python3\", \"toy.py\"]"));
  } else if (!find_program(problem.command.front(), folder)) {
    context.problems.add(list.as_array().front().diagnostic(
        "evaluator-command", fmt::format("there is no program '{}'", problem.command.front()),
        "a name is looked for on PATH; with a '/' in it, it is a path seen from this file's folder; there is no "
        "shell"));
  }
}

void load_evaluator(const JsonValue& value, const fs::path& folder, ExternalProblem& problem, LoaderContext& context) {
  constexpr std::int64_t max_workers = 4096;
  const ObjectReader reader(value, schema_of("evaluator"), context.problems);
  if (!reader.usable()) return;
  if (const JsonValue* command = reader.get("command")) load_command(*command, folder, problem, context);
  const std::int64_t workers = reader.integer("workers").value_or(1);
  if (workers < 1 || workers > max_workers) {
    context.problems.add(reader.get("workers")->diagnostic(
        "config-range", fmt::format("must be a whole number from 1 to {}, not {}", max_workers, workers)));
  } else {
    problem.workers = static_cast<std::size_t>(workers);
  }
  problem.timeout_s = reader.number("timeout");
  if (problem.timeout_s && *problem.timeout_s <= 0) {
    context.problems.add(reader.get("timeout")->diagnostic(
        "config-range", fmt::format("timeout must be above 0 s, not {}", *problem.timeout_s), "null means no limit"));
  }
  problem.failed_score = reader.number("failed_score").value_or(problem.failed_score);
}

std::string hash_of(const ExternalProblem& problem) {
  ContentHash hash;
  const auto add_number = [&](const std::optional<double>& number) {
    hash.add(number ? shortest_number(*number) : "none");
  };
  const auto add_texts = [&](const std::vector<std::string>& texts) {
    hash.add(std::to_string(texts.size()));
    for (const std::string& item : texts) hash.add(item);
  };
  hash.add(problem.name);
  hash.add(std::to_string(problem.parameters.size()));
  for (const KnownParameter& parameter : problem.parameters) {
    hash.add(parameter.name);
    add_number(parameter.value);
    add_number(parameter.bounds ? std::optional((*parameter.bounds)[0]) : std::nullopt);
    add_number(parameter.bounds ? std::optional((*parameter.bounds)[1]) : std::nullopt);
  }
  add_texts(problem.objectives);
  add_texts(problem.command);
  add_number(problem.timeout_s);
  add_number(problem.failed_score);
  return hash.hex();
}

}  // namespace

std::size_t ExternalProblem::free_count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(parameters, [](const KnownParameter& parameter) { return !parameter.value; }));
}

bool is_problem_file(const fs::path& file) {
  try {
    const text::JsonDocument document = text::load_json(file);
    return document.root().is_object() && document.root().find("evaluator") != nullptr;
  } catch (const ConfigError&) {
    return false;  // whoever loads it says what is wrong
  }
}

ExternalProblem load_external_problem(const fs::path& file, const fs::path& program_folder, const fs::path& root) {
  LoaderContext context{.root = root};
  ExternalProblem problem;
  problem.file = file;
  problem.folder = program_folder.empty() ? file.parent_path() : program_folder;
  const JsonValue* document = context.load(file, nullptr);
  if (document == nullptr) throw ConfigError(context.problems.items());
  const fs::path folder = file.parent_path();
  const ObjectReader reader(*document, schema_of("problem"), context.problems);
  if (reader.usable()) {
    problem.parameters = load_parameters(context.section(reader, folder, "parameters"), context);
    problem.objectives = load_objectives(reader, context);
    if (const JsonValue* evaluator = reader.get("evaluator"))
      load_evaluator(*evaluator, problem.folder, problem, context);
  }
  problem.name = reader.text("name").value_or(file.stem().string());
  context.problems.throw_if_errors<ConfigError>();
  problem.hash = hash_of(problem);
  problem.files = std::move(context.files);
  return problem;
}

}  // namespace cellwright::run
