#pragma once
/// Options with values: parsing with messages of our own (CLI11's are poor), types, units and defaults in the help.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cellwright/run/problem.hpp"
#include "cli/console.hpp"

namespace cellwright::cli {

struct NumberRange {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_is_open = false;  ///< low itself is not allowed
};

inline constexpr NumberRange any_number{};
inline constexpr NumberRange above_zero{.low = 0, .low_is_open = true};
inline constexpr NumberRange not_negative{.low = 0};
inline constexpr NumberRange probability{.low = 0, .high = 1};

struct IntegerRange {
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
};

/// An option `--name NUMBER` or `--name MS`. @param label the type as shown in the help.
CLI::Option* add_number(CLI::App& app, const std::string& name, double& target, NumberRange range,
                        const std::string& label, const std::string& doc);
CLI::Option* add_number(CLI::App& app, const std::string& name, std::optional<double>& target, NumberRange range,
                        const std::string& label, const std::string& doc);
CLI::Option* add_integer(CLI::App& app, const std::string& name, std::int64_t& target, IntegerRange range,
                         const std::string& doc);
/// A text that must be one of `choices`; others are wrong usage.
CLI::Option* add_choice(CLI::App& app, const std::string& name, std::string& target,
                        const std::vector<std::string>& choices, const std::string& doc);
/// A required file argument. @param label such as "CELL.json".
CLI::Option* add_file(CLI::App& app, const std::string& label, std::string& target, const std::string& doc);

/// -v and -q.
void add_verbosity(CLI::App& app, Verbosity& verbosity);
/// --threads.
void add_threads(CLI::App& app, std::int64_t& threads);

/// --engine, --step, --dt, --atol, --numeric: override the cell file's section `simulator`.
struct SimulatorOptions {
  std::string engine, step, numeric;
  std::optional<double> dt_ms, atol;

  void add_to(CLI::App& app);
  /// @throws ConfigError "config-step" for --dt with the variable step and --atol with the fixed one.
  void apply(run::SimulatorSettings& settings) const;
};

/// A finite number, in full. Nothing if the text is something else.
std::optional<double> parse_number(const std::string& text);
std::optional<std::int64_t> parse_integer(const std::string& text);

}  // namespace cellwright::cli
