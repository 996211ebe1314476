#pragma once
/// The checkpoint file: all that an optimisation needs to go on, as JSON. The form is in docs/reference/checkpoint.md.

#include <cstdint>
#include <string>
#include <vector>

#include "cellwright/optimise/optimiser_state.hpp"

namespace cellwright::run {

/// What must be the same when a run is resumed: other values would give other numbers.
struct RunIdentity {
  std::string problem_name;
  std::string problem_hash;        ///< Problem::hash
  std::string algorithm = "ibea";  ///< "ibea" or "nsga2"
  std::int64_t seed = 1;
  std::size_t offspring = 10;
  double eta = 10;
  double mutpb = 1;
  double cxpb = 1;
  std::size_t hall_of_fame = 10;
  std::string step = "fixed";
  double dt_ms = 0.025;
  double atol = 1e-5;
  std::string numeric = "fast";   ///< numeric::name_of
  std::string engine = "native";  ///< "native" or "neuron"
  bool save_population = false;   ///< population.csv is written
  bool asynchronous = false;      ///< steady state: an individual is bred whenever one was evaluated
  std::size_t in_flight = 0;      ///< asynchronous: individuals being evaluated at the same time; 0: not decided yet
  std::string schedule{};         ///< asynchronous: "arrival", "in-order", or the hash of a given one

  bool operator==(const RunIdentity&) const = default;
};

/// The optimiser's settings of a run. @throws ConfigError "run-algorithm" for an unknown algorithm.
optimise::DEAPSettings optimiser_settings(const RunIdentity& identity);

/// 32 hexadecimal digits that differ where check_same_run() would refuse.
std::string hash_identity(const RunIdentity& identity);

struct Checkpoint {
  RunIdentity identity;
  std::vector<std::string> parameters;  ///< names of the free parameters, in the order of the pool's columns
  std::vector<std::string> objectives;  ///< names of the objectives, in the order of the pool's columns
  optimise::OptimiserState state;       ///< the logbook is not part of the file: it is read from logbook.csv
};

/// The file's text. Equal states give equal bytes. Its size depends on the settings, not on the number of generations.
std::string format_checkpoint(const Checkpoint& checkpoint);

/// Reads the text of a checkpoint; the logbook of its state is empty.
/// @param file for messages.
/// @throws CheckpointError "checkpoint-unreadable" if it is cut short, was edited (the checksum does not match), is of
///   another version or does not have the documented form.
Checkpoint parse_checkpoint(const std::string& text, const std::string& file);

/// @throws CheckpointError "checkpoint-mismatch" naming the first value that differs between the checkpoint and the
///   command that wants to resume it.
void check_same_run(const RunIdentity& saved, const RunIdentity& asked, const std::string& file);

}  // namespace cellwright::run
