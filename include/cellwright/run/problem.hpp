#pragma once
/// A cell file as values: everything an evaluation or an optimisation needs to know, checked as far as a file can be
/// checked without building the cell.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/base/error.hpp"
#include "cellwright/evaluate/efel_feature.hpp"
#include "cellwright/evaluate/objective.hpp"
#include "cellwright/model/cell_model.hpp"
#include "cellwright/model/protocol.hpp"
#include "cellwright/numeric/numeric_mode.hpp"
#include "cellwright/simulate/native_simulator.hpp"

namespace cellwright::run {

/// The section `simulator`.
struct SimulatorSettings {
  std::string engine = "native";
  std::string step = "variable";
  bool step_chosen = false;              ///< by 'step', or by 'dt' (fixed) or 'atol' (variable) alone
  double dt_ms = 0.025;                  ///< length of the fixed step
  double atol = simulate::default_atol;  ///< tolerance of the variable step
  numeric::NumericMode numeric = numeric::NumericMode::fast;
};

/// "fast" or "strict": the name in cell files, options and checkpoints.
std::string to_string(numeric::NumericMode mode);

/// The section `evaluation`.
struct EvaluationSettings {
  std::optional<double> timeout_s;          ///< wall-clock limit of one protocol
  bool strict = false;                      ///< a failed protocol makes the program end with status 1
  std::uint32_t random123_globalindex = 0;  ///< part of every random stream's key
  std::uint32_t gid = 0;                    ///< number of the cell, for stochastic mechanisms
  bool corrected = false;                   ///< compatibility: the better reading where BluePyOpt's is odd
  bool use_params_for_seed = false;         ///< each individual's own is made from its parameters
};

/// A cell file and all files it names.
struct Problem {
  std::string name;
  std::filesystem::path file;
  model::CellModel cell;
  std::vector<model::SweepProtocol> protocols;
  std::vector<model::SequenceProtocol> sequences;  ///< of `protocols`, which are simulated once
  std::vector<evaluate::eFELFeature> features;     ///< in file order
  evaluate::ObjectivesCalculator objectives;       ///< features of no group in file order, then the groups
  SimulatorSettings simulator;
  EvaluationSettings evaluation;
  /// XXH3-128 (32 hexadecimal digits) of the contents of all files read, in the order in which they are named: the cell
  /// file, its sections, the morphology, the mod files of the mechanisms that are used. Paths do not count.
  std::string hash;
  std::vector<std::filesystem::path> files;  ///< all that were read, but for those in the mechanism directories
  std::vector<Diagnostic> warnings;
};

/// Reads and checks a cell file.
/// @param root below which the absolute paths in it are looked for, for a copy of all files; "": "/".
/// @throws ConfigError with every problem found and the warnings, each with file, line and column.
Problem load_problem(const std::filesystem::path& cell_file, const std::filesystem::path& root = {});

/// Everything that is wrong or odd about a cell file: what load_problem finds, and then, of what is right, what
/// building the cell finds as well. What only follows from another mistake on the same line is left out.
struct ProblemCheck {
  Problem problem;                      ///< as far as it could be read
  std::vector<Diagnostic> diagnostics;  ///< errors and warnings, those of the file first
  bool has_errors() const;
};

/// @param adjust  changes the problem before the cell is built, such as options of the command line do.
/// @throws ConfigError if the file is no cell file at all, ToolchainError.
ProblemCheck check_problem(
    const std::filesystem::path& cell_file, const std::function<void(Problem&)>& adjust = [](Problem&) {});

}  // namespace cellwright::run
