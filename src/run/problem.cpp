#include "cellwright/run/problem.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "cellwright/run/cell_evaluator.hpp"
#include "cellwright/run/input_files.hpp"
#include "loader_context.hpp"

namespace cellwright::run {
namespace {

using text::JsonValue;
namespace fs = std::filesystem;

/// Gives a diagnostic without a place the place of the value that caused it.
Diagnostic located(Diagnostic diagnostic, const JsonValue* value) {
  if (value == nullptr || !diagnostic.span.file.empty()) return diagnostic;
  return value->diagnostic(diagnostic.code, diagnostic.message, diagnostic.fix);
}

SimulatorSettings load_simulator(const Section& section, LoaderContext& context) {
  SimulatorSettings settings;
  if (!section) return settings;
  const ObjectReader reader(*section.value, schema_of("simulator"), context.problems);
  if (!reader.usable()) return settings;
  if (const auto engine = reader.text("engine")) settings.engine = *engine;
  const auto step = reader.text("step");
  settings.step_chosen = step || reader.get("atol") != nullptr || reader.get("dt") != nullptr;
  if (step) {
    settings.step = *step;
  } else if (reader.get("dt") != nullptr && reader.get("atol") == nullptr) {
    settings.step = "fixed";
  }
  if (const auto atol = reader.number("atol")) {
    settings.atol = *atol;
    if (*atol <= 0)
      context.problems.add(
          reader.get("atol")->diagnostic("config-range", fmt::format("atol must be above 0, not {}", *atol)));
    if (settings.step != "variable")
      context.problems.add(reader.get("atol")->diagnostic("config-step", "atol belongs to the variable step",
                                                          "leave it out, or say \"step\": \"variable\""));
  }
  if (const auto dt = reader.number("dt")) {
    settings.dt_ms = *dt;
    if (settings.step == "variable")
      context.problems.add(reader.get("dt")->diagnostic("config-step", "dt belongs to the fixed step",
                                                        "leave it out: the variable step has 'atol'"));
    if (*dt <= 0) {
      context.problems.add(
          reader.get("dt")->diagnostic("config-range", fmt::format("dt must be above 0 ms, not {}", *dt)));
    }
  }
  settings.numeric = numeric::numeric_mode(reader.text("numeric").value_or("")).value_or(settings.numeric);
  return settings;
}

/// A whole number of 32 bits; 0 where it is missing.
std::uint32_t read_index(const ObjectReader& reader, std::string_view key, LoaderContext& context) {
  const std::int64_t index = reader.integer(key).value_or(0);
  if (index >= 0 && index <= 4294967295) return static_cast<std::uint32_t>(index);
  context.problems.add(reader.get(key)->diagnostic("config-range", "must be a whole number from 0 to 4294967295"));
  return 0;
}

EvaluationSettings load_evaluation(const Section& section, LoaderContext& context) {
  EvaluationSettings settings;
  if (!section) return settings;
  const ObjectReader reader(*section.value, schema_of("evaluation"), context.problems);
  if (!reader.usable()) return settings;
  settings.timeout_s = reader.number("timeout");
  if (settings.timeout_s && *settings.timeout_s <= 0) {
    context.problems.add(reader.get("timeout")->diagnostic(
        "config-range", fmt::format("timeout must be above 0 s, not {}", *settings.timeout_s), "null means no limit"));
  }
  settings.strict = reader.boolean("strict").value_or(false);
  settings.random123_globalindex = read_index(reader, "random123_globalindex", context);
  settings.use_params_for_seed = reader.boolean("use_params_for_seed").value_or(false);
  settings.gid = read_index(reader, "gid", context);
  settings.corrected = reader.text("compatibility") == "corrected";
  return settings;
}

void apply_timeouts(Problem& problem) {
  for (model::SweepProtocol& protocol : problem.protocols) {
    if (!protocol.timeout_s) protocol.timeout_s = problem.evaluation.timeout_s;
  }
}

void warn_about_protocols_without_features(const Problem& problem, LoaderContext& context) {
  for (const model::SweepProtocol& protocol : problem.protocols) {
    const bool used = std::ranges::any_of(
        problem.features, [&](const evaluate::eFELFeature& f) { return f.protocol_name == protocol.name; });
    if (used) continue;
    context.warn({.code = "config-protocol-without-features",
                  .message = fmt::format("protocol '{}' has no features: it is simulated for nothing", protocol.name),
                  .span = protocol.span});
  }
}

void load_sections(const ObjectReader& reader, const fs::path& folder, Problem& problem, LoaderContext& context) {
  const auto section = [&](std::string_view key) { return context.section(reader, folder, key); };
  problem.evaluation = load_evaluation(section("evaluation"), context);
  context.corrected = problem.evaluation.corrected;
  problem.cell.morphology = load_morphology_section(section("morphology"), context);
  problem.cell.hoc = load_hoc_model(section("model"), context);
  const Section mechanisms = section("mechanisms");
  load_mechanisms_section(mechanisms, problem.cell, context);
  LocationMap locations = load_locations_section(section("locations"), context);
  load_point_processes(mechanisms, problem.cell, locations, context);
  hash_mechanisms(problem.cell, context);
  problem.cell.parameters = load_parameters_section(section("parameters"), context);
  load_protocols_section(section("protocols"), locations, problem, context);
  resolve_meta_parameters(problem, context);
  problem.simulator = load_simulator(section("simulator"), context);
  problem.cell.random123_globalindex = problem.evaluation.random123_globalindex;
  problem.cell.gid = problem.evaluation.gid;
  problem.cell.corrected = problem.evaluation.corrected;
  apply_timeouts(problem);
  problem.features = load_features_section(section("features"), section("feature_settings"), problem, context);
  resolve_feature_parameters(problem, context);
  problem.objectives = load_objectives_section(section("objectives"), problem.features, context);
  warn_about_protocols_without_features(problem, context);
}

/// A problem file with an evaluator of the user's own is a different kind of file: nothing else in it is judged.
void refuse_problem_file(const JsonValue& root) {
  if (!root.is_object() || root.find("evaluator") == nullptr) return;
  throw root.at("evaluator")
      .error("config-problem-file", "this is a problem file with an evaluator of its own, not a cell file",
             "the commands optimise, evaluate and check take it; for the others, describe the cell with morphology, "
             "parameters, protocols and features");
}

}  // namespace

std::string to_string(numeric::NumericMode mode) { return std::string(numeric::name_of(mode)); }

fs::path LoaderContext::resolve(const fs::path& folder, const std::string& written) const {
  const fs::path path = (folder / written).lexically_normal();
  return root.empty() || fs::path(written).is_relative() ? path : mirrored_path(root, path);
}

void LoaderContext::warn(Diagnostic diagnostic) {
  diagnostic.severity = Severity::warning;
  problems.add(std::move(diagnostic));
}

const JsonValue* LoaderContext::load(const fs::path& path, const JsonValue* named_by) {
  try {
    std::string content = read_file(path);
    hash.add(content);
    files.push_back(path);
    return &documents.emplace_back(text::parse_json(std::move(content), path.string())).root();
  } catch (const Error& error) {
    for (const Diagnostic& diagnostic : error.diagnostics()) problems.add(located(diagnostic, named_by));
    return nullptr;
  }
}

Section LoaderContext::section(const ObjectReader& parent, const fs::path& folder, std::string_view key) {
  const JsonValue* value = parent.get(key);
  if (value == nullptr || !value->is_string()) return {value, folder};
  const fs::path path = resolve(folder, value->as_string());
  return {load(path, value), path.parent_path()};
}

void LoaderContext::hash_file(const fs::path& path, const JsonValue& named_by) {
  std::error_code code;
  if (fs::is_directory(path, code)) return hash_folder(path, named_by);
  try {
    hash.add(read_file(path));
    files.push_back(path);
  } catch (const Error& error) {
    for (const Diagnostic& diagnostic : error.diagnostics()) problems.add(located(diagnostic, &named_by));
  }
}

void LoaderContext::hash_folder(const fs::path& folder, const JsonValue& named_by) {
  std::vector<fs::path> paths;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code))
    if (entry.is_regular_file(code)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  for (const fs::path& path : paths) {
    hash.add(path.filename().string());
    hash_file(path, named_by);
  }
}

namespace {

/// The problem as far as it could be read; what is wrong stands in the context.
Problem read_problem(const fs::path& cell_file, LoaderContext& context) {
  Problem problem;
  problem.file = cell_file;
  const JsonValue* root = context.load(cell_file, nullptr);
  if (root == nullptr) throw ConfigError(context.problems.items());
  refuse_problem_file(*root);
  const ObjectReader reader(*root, schema_of("cell"), context.problems);
  if (root->is_object()) load_sections(reader, cell_file.parent_path(), problem, context);
  problem.name = reader.text("name").value_or(cell_file.stem().string());
  problem.cell.name = problem.name;
  problem.hash = context.hash.hex();
  problem.files = std::move(context.files);
  problem.warnings = context.problems.warnings();
  return problem;
}

/// What building the cell has to say.
std::vector<Diagnostic> build_diagnostics(const Problem& problem) {
  try {
    return make_simulator(problem.simulator)->prepare(problem.cell, problem.protocols)->warnings();
  } catch (const ConfigError& error) {
    return error.diagnostics();
  } catch (const ModelError& error) {
    return error.diagnostics();
  } catch (const MorphologyError& error) {
    return error.diagnostics();
  } catch (const NmodlError& error) {
    return error.diagnostics();
  }
}

bool is_about_morphology_file(const Diagnostic& d) {
  return d.code.starts_with("file-") || d.code.starts_with("morphology-");
}

bool is_error(const Diagnostic& d) { return d.severity == Severity::error; }

}  // namespace

Problem load_problem(const fs::path& cell_file, const fs::path& root) {
  LoaderContext context{.root = root};
  Problem problem = read_problem(cell_file, context);
  context.problems.throw_if_errors<ConfigError>();
  return problem;
}

bool ProblemCheck::has_errors() const { return std::ranges::any_of(diagnostics, is_error); }

ProblemCheck check_problem(const fs::path& cell_file, const std::function<void(Problem&)>& adjust) {
  LoaderContext context;
  ProblemCheck check{.problem = read_problem(cell_file, context), .diagnostics = context.problems.items()};
  adjust(check.problem);
  std::error_code code;
  const bool has_shape = fs::exists(check.problem.cell.morphology.morphology_path, code);
  const std::vector<Diagnostic> of_file = check.diagnostics;
  for (Diagnostic& found : build_diagnostics(check.problem)) {
    if (!has_shape && is_about_morphology_file(found)) continue;  // said above, where the file is named
    const auto same_line = [&](const Diagnostic& d) {
      return is_error(d) && d.span.line > 0 && d.span.file == found.span.file && d.span.line == found.span.line;
    };
    if (std::ranges::none_of(of_file, same_line)) check.diagnostics.push_back(std::move(found));
  }
  return check;
}

}  // namespace cellwright::run
