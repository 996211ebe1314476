#pragma once
/// NumPy's random stream as numbers that an algorithm's memory can hold.

#include "cellwright/numeric/numpy_random_state.hpp"

#include <cstddef>
#include <vector>

namespace cellwright::optimise {

/// The generator's words, its index, whether a normal deviate is kept, that deviate.
inline constexpr std::size_t stream_length = numeric::MersenneTwister::state_size + 3;

std::vector<double> stream_numbers(const numeric::NumpyRandomState& random);
/// @param numbers [stream_length]. @throws CheckpointError "checkpoint-state" or "random-state" for what no stream
/// gives.
numeric::NumpyRandomState stream_of(const std::vector<double>& numbers);

}  // namespace cellwright::optimise
