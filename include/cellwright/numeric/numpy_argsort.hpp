#pragma once
/// numpy.argsort, with the order that its quicksort leaves among equal values.

#include <cstdint>
#include <span>
#include <vector>

namespace cellwright::numeric {

/// The places of `values` in ascending order, NaN last. Equal values stand in the order in which NumPy's portable
/// quicksort leaves them: the given one for up to 16 values, another one beyond. NumPy's versions for AVX2 and AVX-512
/// leave other orders (NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4" makes NumPy take the portable one).
std::vector<std::uint32_t> numpy_argsort(std::span<const double> values);

}  // namespace cellwright::numeric
