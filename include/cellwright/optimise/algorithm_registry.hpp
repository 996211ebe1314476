#pragma once
/// All algorithms by name: what a program that lets its user choose one needs.

#include "cellwright/optimise/algorithm.hpp"

#include <memory>
#include <string>
#include <vector>

namespace cellwright::optimise {

struct AlgorithmDescription {
  std::string name;        ///< as `--algorithm` takes it
  std::string summary;     ///< one line
  std::string selector{};  ///< DEAPSettings::selector_name
};

/// All algorithms, the default one first.
std::vector<AlgorithmDescription> algorithm_descriptions();

/// `settings` with the selector that belongs to the algorithm `name`.
/// @throws ConfigError "run-algorithm" for an unknown name.
DEAPSettings settings_of_algorithm(const std::string& name, DEAPSettings settings);

/// The algorithm `name`. It ends by its own criteria at most: no number of generations is set.
/// @param settings seed, offspring_size, hof_size and failed_score count for all; eta, mutpb and cxpb for those that
///        breed by crossover and mutation. The selector is that of the name.
/// @throws ConfigError "run-algorithm" for an unknown name; "optimiser-parameters", "optimiser-settings".
std::unique_ptr<Algorithm> make_algorithm(const std::string& name, const std::vector<Parameter>& parameters,
                                          std::vector<Objective> objectives, const DEAPSettings& settings);

}  // namespace cellwright::optimise
