#pragma once
/// The stream of NumPy's legacy `numpy.random.RandomState` (and of `numpy.random.seed` with the module's functions).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "cellwright/numeric/mersenne_twister.hpp"

namespace cellwright::numeric {

/// Each function consumes exactly the words that NumPy's method does and gives the same bits (standard_normal: with the
/// same libm, since it uses log).
class NumpyRandomState {
 public:
  /// All that RandomState.get_state() holds; `gauss` is its cached normal deviate (has_gauss).
  struct State {
    MersenneTwister::State engine;
    std::optional<double> gauss;
    bool operator==(const State&) const = default;
  };

  /// RandomState(seed) for an int; NumPy admits 0 to 2^32 - 1 only.
  explicit NumpyRandomState(std::uint32_t seed) : engine_(MersenneTwister::from_word(seed)) {}
  /// @throws CheckpointError (code "random-state") if the state's index is out of range.
  explicit NumpyRandomState(const State& state) : engine_(state.engine), gauss_(state.gauss) {}

  State state() const { return {engine_.state(), gauss_}; }

  /// Uniform on [0, 1).
  double random_sample() { return engine_.next_double(); }
  double uniform(double low, double high) { return low + (high - low) * random_sample(); }
  /// Normal deviate with mean 0 and standard deviation 1: Marsaglia's polar method; the second of a pair is cached.
  double standard_normal();
  double normal(double mean, double sigma) { return mean + sigma * standard_normal(); }
  /// randint(0, n) with the default dtype (64 bits): masked rejection. @throws InternalError if n is 0.
  std::uint64_t randint(std::uint64_t n);

  /// RandomState.shuffle: any container with size() and operator[].
  template <class Sequence>
  void shuffle(Sequence& sequence) {
    for (std::size_t i = sequence.size(); i-- > 1;) {
      using std::swap;
      swap(sequence[i], sequence[static_cast<std::size_t>(interval(i))]);
    }
  }

 private:
  /// Uniform on 0 .. max.
  std::uint64_t interval(std::uint64_t max);

  MersenneTwister engine_;
  std::optional<double> gauss_;
};

}  // namespace cellwright::numeric
