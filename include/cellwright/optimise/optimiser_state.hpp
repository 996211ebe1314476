#pragma once
/// Everything that an optimisation needs to go on, as plain data.

#include "cellwright/numeric/python_random.hpp"
#include "cellwright/optimise/evaluator.hpp"
#include "cellwright/optimise/hall_of_fame.hpp"
#include "cellwright/optimise/history.hpp"
#include "cellwright/optimise/individual.hpp"
#include "cellwright/optimise/logbook.hpp"
#include "cellwright/optimise/selection.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cellwright::optimise {

/// The arguments of BluePyOpt's DEAPOptimisation, with its defaults.
struct DEAPSettings {
  std::int64_t seed = 1;               ///< of Python's random stream
  std::size_t offspring_size = 10;     ///< N: initial individuals, parents and offspring of each generation; >= 1
  double eta = 10.0;                   ///< distribution index of crossover and mutation, >= 0; larger: smaller steps
  double mutpb = 1.0;                  ///< probability that an offspring is mutated
  double cxpb = 1.0;                   ///< probability that a pair of offspring is crossed
  std::size_t hof_size = 10;           ///< size of the hall of fame, >= 1
  std::string selector_name = "IBEA";  ///< "IBEA" or "NSGA2"
  double failed_score = default_failed_score;  ///< replaces a score that is NaN or infinite

  bool operator==(const DEAPSettings&) const = default;
};

/// Named rows of numbers.
using AlgorithmMemory = std::map<std::string, std::vector<double>>;

/// The state after a finished generation. An optimisation that is restored from it goes on bit for bit as if it had
/// never stopped; nothing is evaluated again.
struct OptimiserState {
  DEAPSettings settings;
  int generation = 0;                   ///< finished generations; 0: nothing was evaluated yet
  std::int64_t evaluations = 0;         ///< so far; the id of the newest individual
  std::int64_t failed_evaluations = 0;  ///< of these
  numeric::PythonRandom::State random{};
  Population pool;  ///< the last pool: N individuals after generation 1, then 2N; with IBEA sorted, best first
  Rows parents;     ///< [N] rows of `pool` from which the next offspring are bred
  HallOfFame hall_of_fame;
  Logbook logbook;
  /// What else the algorithm remembers; DEAP's remembers nothing else. All finite. Its size does not grow with the
  /// generations.
  AlgorithmMemory memory{};

  bool operator==(const OptimiserState&) const = default;
};

/// The individuals that one generation evaluated, in the order of evaluation.
struct EvaluatedBatch {
  int generation = 0;              ///< counted from 1
  std::int64_t first_id = 1;       ///< id of row 0; the others follow
  Table<double> parameters;        ///< [n_evaluated, n_parameters]
  ObjectiveTable objectives;       ///< [n_evaluated, n_objectives], finite
  std::vector<Parentage> parents;  ///< [n_evaluated]
};

}  // namespace cellwright::optimise
