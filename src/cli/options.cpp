#include "cli/options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"

namespace cellwright::cli {
namespace {

/// What CLI11 shows of a wrong value: `--eta must be a number of at least 0, not 'x'`.
[[noreturn]] void refuse(const std::string& name, const std::string& expected, const std::string& given) {
  throw CLI::ValidationError(name, fmt::format("must be {}, not '{}'", expected, given));
}

std::string expectation(NumberRange range) {
  std::string text = "a number";
  if (std::isfinite(range.low)) text += fmt::format(" {} {}", range.low_is_open ? "above" : "of at least", range.low);
  if (std::isfinite(range.high)) text += fmt::format(" and at most {}", range.high);
  return text;
}

std::string expectation(IntegerRange range) {
  std::string text = "a whole number";
  if (range.low > std::numeric_limits<std::int64_t>::min()) text += fmt::format(" of at least {}", range.low);
  if (range.high < std::numeric_limits<std::int64_t>::max()) text += fmt::format(" and at most {}", range.high);
  return text;
}

double checked_number(const std::string& name, const std::string& text, NumberRange range) {
  const std::optional<double> number = parse_number(text);
  const bool fits = number && (range.low_is_open ? *number > range.low : *number >= range.low) && *number <= range.high;
  if (!fits) refuse(name, expectation(range), text);
  return *number;
}

template <class Number>
std::optional<Number> parse_whole(const std::string& text) {
  Number number{};
  const char* begin = text.data() + (text.starts_with('+') && text.size() > 1 && text[1] != '-' ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<double> parse_number(const std::string& text) {
  const std::optional<double> number = parse_whole<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<std::int64_t> parse_integer(const std::string& text) { return parse_whole<std::int64_t>(text); }

CLI::Option* add_number(CLI::App& app, const std::string& name, double& target, NumberRange range,
                        const std::string& label, const std::string& doc) {
  const auto set = [&target, name, range](const std::string& text) { target = checked_number(name, text, range); };
  return app.add_option_function<std::string>(name, set, doc)->type_name(label)->default_str(fmt::format("{}", target));
}

CLI::Option* add_number(CLI::App& app, const std::string& name, std::optional<double>& target, NumberRange range,
                        const std::string& label, const std::string& doc) {
  const auto set = [&target, name, range](const std::string& text) { target = checked_number(name, text, range); };
  return app.add_option_function<std::string>(name, set, doc)->type_name(label);
}

CLI::Option* add_integer(CLI::App& app, const std::string& name, std::int64_t& target, IntegerRange range,
                         const std::string& doc) {
  const auto set = [&target, name, range](const std::string& text) {
    const std::optional<std::int64_t> number = parse_integer(text);
    if (!number || *number < range.low || *number > range.high) refuse(name, expectation(range), text);
    target = *number;
  };
  return app.add_option_function<std::string>(name, set, doc)->type_name("N")->default_str(std::to_string(target));
}

CLI::Option* add_choice(CLI::App& app, const std::string& name, std::string& target,
                        const std::vector<std::string>& choices, const std::string& doc) {
  const auto set = [&target, name, choices](const std::string& text) {
    if (std::ranges::count(choices, text) == 0) {
      refuse(name, fmt::format("one of {}", fmt::join(choices, ", ")), text);
    }
    target = text;
  };
  return app.add_option_function<std::string>(name, set, doc)->type_name(fmt::format("{}", fmt::join(choices, "|")));
}

CLI::Option* add_file(CLI::App& app, const std::string& label, std::string& target, const std::string& doc) {
  return app.add_option(label, target, doc)->required()->type_name("");
}

void add_verbosity(CLI::App& app, Verbosity& verbosity) {
  app.add_flag("-v,--verbose", verbosity.verbose, "Say more about what is going on");
  app.add_flag("-q,--quiet", verbosity.quiet, "Print errors and warnings only");
}

void add_threads(CLI::App& app, std::int64_t& threads) {
  add_integer(app, "--threads", threads, {0, 4096}, "Worker threads; 0: all that the process may use");
}

void SimulatorOptions::add_to(CLI::App& app) {
  add_choice(app, "--engine", engine, {"native", "neuron"}, "Simulator; default: the cell file's, else native");
  add_choice(app, "--step", step, {"fixed", "variable"}, "Integration step; default: the cell file's, else variable");
  add_number(
      app, "--dt", dt_ms, above_zero, "MS",
      "Length of the fixed step in ms, which it chooses where nothing else does; default: the cell file's, else 0.025");
  add_number(app, "--atol", atol, above_zero, "X",
             "Local error of a state in a variable step, of v 1000 X mV; default: the cell file's, else 1e-5");
  add_choice(app, "--numeric", numeric, {"fast", "strict", "float"},
             "fast: double; strict: double in NEURON's order of operations; float: single precision; default: the cell "
             "file's, else fast");
}

void SimulatorOptions::apply(run::SimulatorSettings& settings) const {
  if (!engine.empty()) settings.engine = engine;
  if (!step.empty()) settings.step = step;
  if (step.empty() && !settings.step_chosen && dt_ms) settings.step = "fixed";
  settings.step_chosen = settings.step_chosen || !step.empty() || dt_ms || atol;
  const bool variable = settings.step == "variable";
  if (variable ? dt_ms.has_value() : atol.has_value()) {
    throw ConfigError(Diagnostic{
        .code = "config-step",
        .message =
            fmt::format("{} belongs to the {} step", variable ? "--dt" : "--atol", variable ? "fixed" : "variable"),
        .fix = fmt::format("leave it out, or say --step {}", variable ? "fixed" : "variable")});
  }
  if (atol) settings.atol = *atol;
  if (dt_ms) settings.dt_ms = *dt_ms;
  settings.numeric = numeric::numeric_mode(numeric).value_or(settings.numeric);
}

}  // namespace cellwright::cli
