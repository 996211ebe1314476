#pragma once
/// Those who evaluate: threads of this process, and other processes. Work goes out in chunks of individuals.

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/base/table.hpp"
#include "cellwright/optimise/evaluator.hpp"

namespace cellwright::evaluate {

/// Some individuals that are evaluated together.
struct Chunk {
  std::int64_t number = 0;   ///< chosen by who deals it
  Table<double> parameters;  ///< [n_rows, n_parameters]
};

/// What became of a chunk.
struct FinishedChunk {
  std::int64_t number = 0;
  std::size_t place = 0;
  optimise::ObjectiveTable scores{};  ///< [n_rows, n_objectives]
  double seconds = 0;                 ///< wall-clock time that it took
  std::exception_ptr failure{};       ///< why no evaluation is possible at all
};

/// A process that evaluates.
struct Place {
  std::string name = "this process";
  std::size_t rows_at_once = 1;    ///< individuals that keep all of its threads busy
  std::size_t lanes = 1;           ///< individuals that cost about as much as one: chunks are multiples of it
  std::size_t chunks_at_once = 1;  ///< that it takes before it has finished one
  /// Chunks that it works on side by side, each with its share of `rows_at_once`.
  std::size_t independent_chunks = 1;
};

/// Who waits for a crew looks so often whether to stop.
inline constexpr double look_every_s = 0.1;

/// Evaluates chunks in the background, at one place or more. Used by one thread.
class Crew {
 public:
  Crew() = default;
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  virtual ~Crew() = default;

  virtual const std::vector<Place>& places() const = 0;
  /// @param place index into places(); its chunks begin in the order in which they come.
  virtual void start(std::size_t place, Chunk chunk) = 0;
  /// The next finished chunk; nothing if none is within `seconds`. It may return earlier with nothing.
  /// @throws DistributionError if a place is lost.
  virtual std::optional<FinishedChunk> wait(double seconds) = 0;
};

/// The crew of this process alone.
/// @param evaluators one for each chunk that is evaluated at the same time; the same one may stand several times if
///        its evaluate() may be called by several threads.
/// @param place chunks_at_once is set to the number of evaluators.
std::unique_ptr<Crew> make_local_crew(std::vector<std::shared_ptr<optimise::Evaluator>> evaluators, Place place);

}  // namespace cellwright::evaluate
