#include "optimise/numpy_stream_memory.hpp"

#include "cellwright/base/error.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace cellwright::optimise {

std::vector<double> stream_numbers(const numeric::NumpyRandomState& random) {
  const numeric::NumpyRandomState::State state = random.state();
  std::vector<double> numbers(state.engine.words.begin(), state.engine.words.end());
  numbers.push_back(state.engine.index);
  numbers.push_back(state.gauss ? 1.0 : 0.0);
  numbers.push_back(state.gauss.value_or(0.0));
  return numbers;
}

numeric::NumpyRandomState stream_of(const std::vector<double>& numbers) {
  constexpr std::size_t words = numeric::MersenneTwister::state_size;
  const auto is_word = [](double v) { return v >= 0 && v <= 4294967295.0 && v == std::floor(v); };
  if (!std::all_of(numbers.begin(), numbers.begin() + words + 2, is_word)) {
    throw CheckpointError(Diagnostic{.code = "checkpoint-state", .message = "the random stream is not made of words"});
  }
  numeric::NumpyRandomState::State state;
  for (std::size_t i = 0; i < words; ++i) state.engine.words[i] = static_cast<std::uint32_t>(numbers[i]);
  state.engine.index = static_cast<std::uint32_t>(numbers[words]);
  if (numbers[words + 1] != 0) state.gauss = numbers[words + 2];
  return numeric::NumpyRandomState(state);
}

}  // namespace cellwright::optimise
