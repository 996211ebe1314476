#pragma once
/// The stream of CPython's `random.Random`, draw for draw, so that a run can be compared with a BluePyOpt/DEAP run.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "cellwright/numeric/mersenne_twister.hpp"

namespace cellwright::numeric {

/// Each function consumes exactly the words that CPython 3.11's method of that name does and gives the same bits
/// (gauss: with the same libm, since it uses log, cos and sin).
class PythonRandom {
 public:
  /// All that random.getstate() holds.
  struct State {
    MersenneTwister::State engine;
    std::optional<double> gauss_next;
    bool operator==(const State&) const = default;
  };

  /// random.seed(seed): as in Python, seed and -seed give the same stream.
  explicit PythonRandom(std::int64_t seed);
  /// @throws CheckpointError (code "random-state") if the state's index is out of range.
  explicit PythonRandom(const State& state);

  State state() const { return {engine_.state(), gauss_next_}; }

  /// Uniform on [0, 1).
  double random() { return engine_.next_double(); }
  /// `bits` uniform bits. @param bits 0 to 64. @throws InternalError beyond.
  std::uint64_t getrandbits(int bits);
  /// Uniform on 0 .. n - 1 (Python's _randbelow). @throws InternalError if n is 0.
  std::uint64_t randbelow(std::uint64_t n);
  /// low + (high - low) * random(): both ends are possible in floating point.
  double uniform(double low, double high) { return low + (high - low) * random(); }
  /// Uniform on low .. high, both included. @throws InternalError if low > high.
  std::int64_t randint(std::int64_t low, std::int64_t high);
  /// The index that random.choice picks from a sequence of `size` elements. @throws InternalError if size is 0.
  std::size_t choice_index(std::size_t size) { return static_cast<std::size_t>(randbelow(size)); }
  /// The indices that random.sample(sequence, count) picks from a sequence of `size` elements, in its order.
  /// @throws InternalError if count > size.
  std::vector<std::size_t> sample_indices(std::size_t size, std::size_t count);
  /// Normal deviate. Draws two uniforms for every second call (the other deviate is kept in the state).
  double gauss(double mean, double sigma);

  /// random.shuffle: any container with size() and operator[].
  template <class Sequence>
  void shuffle(Sequence& sequence) {
    for (std::size_t i = sequence.size(); i-- > 1;) {
      using std::swap;
      swap(sequence[i], sequence[static_cast<std::size_t>(randbelow(i + 1))]);
    }
  }
  /// random.sample of values.
  template <class Value>
  std::vector<Value> sample(const std::vector<Value>& population, std::size_t count) {
    std::vector<Value> chosen;
    for (const std::size_t index : sample_indices(population.size(), count)) chosen.push_back(population[index]);
    return chosen;
  }

 private:
  MersenneTwister engine_;
  std::optional<double> gauss_next_;
};

}  // namespace cellwright::numeric
