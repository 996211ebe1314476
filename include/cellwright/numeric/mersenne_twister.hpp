#pragma once
/// MT19937, the 32-bit generator under both Python's `random` and NumPy's `RandomState`.
///
/// Own rather than std::mt19937 because checkpoints need the state words and the index in the form in which Python and
/// NumPy show them (random.getstate, RandomState.get_state).
/// @see Matsumoto & Nishimura (1998), ACM Trans. Model. Comput. Simul. 8:3.

#include <array>
#include <cstdint>
#include <span>

namespace cellwright::numeric {

class MersenneTwister {
 public:
  static constexpr std::size_t state_size = 624;

  /// `index` (0 to 624) is the next word to use; at 624 the next draw makes 624 new words.
  struct State {
    std::array<std::uint32_t, state_size> words{};
    std::uint32_t index = state_size;
    bool operator==(const State&) const = default;
  };

  /// Seeds from one word (`init_genrand`), as NumPy's RandomState(int) does.
  static MersenneTwister from_word(std::uint32_t seed);
  /// Seeds from a key of at least one word (`init_by_array`), as Python's random.seed(int) does.
  static MersenneTwister from_key(std::span<const std::uint32_t> key);
  /// @throws CheckpointError (code "random-state") if state.index > 624.
  explicit MersenneTwister(const State& state);

  /// 32 uniform bits.
  std::uint32_t next();
  /// Uniform on [0, 1) with 53 bits, from two words: random.random() and RandomState.random_sample().
  double next_double();
  const State& state() const { return state_; }

 private:
  MersenneTwister() = default;
  void refill();

  State state_;
};

}  // namespace cellwright::numeric
