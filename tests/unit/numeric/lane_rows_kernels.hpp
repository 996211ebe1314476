#pragma once
/// Functions of lane_rows.hpp over arrays, in a source of its own that is compiled for AVX-512 (tests/CMakeLists.txt).

#include <cstddef>

namespace cellwright::numeric {

/// `count` is a multiple of 16, the arrays are aligned to 64 bytes.
struct RowKernels {
  void (*exp)(float* result, const float* x, std::size_t count);
  void (*exp2)(float* result, const float* x, std::size_t count);
  void (*one_minus_exp)(float* result, const float* x, std::size_t count);
  /// x where (0 < x <= 1 or x == 5) and not |x| >= 1, else -2 x/3.
  void (*selected)(float* result, const float* x, std::size_t count);
  /// result += x, then -= the sixteen times.
  void (*moved)(float* result, const float* x, const double* times, std::size_t count);
};

/// nullptr where the program is built for processors without AVX-512.
const RowKernels* row_kernels();

}  // namespace cellwright::numeric
