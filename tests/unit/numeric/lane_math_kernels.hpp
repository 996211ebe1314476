#pragma once
/// Lane loops over each function of lane_math, as generated code has them. lane_math_kernels.cpp is built twice: into
/// this test program with the project's flags, and by the tests with the flags of generated code into a shared object.

#include <cstddef>

namespace cellwright::numeric {

inline constexpr std::size_t kernel_lanes = 16;

/// `count` is a multiple of kernel_lanes. Exactly one pair of pointers is set: functions of one or of two arguments.
struct LaneKernel {
  const char* name;
  void (*unary)(double* result, const double* x, std::size_t count);
  void (*unary_float)(float* result, const float* x, std::size_t count);
  void (*binary)(double* result, const double* x, const double* y, std::size_t count);
  void (*binary_float)(float* result, const float* x, const float* y, std::size_t count);
};

}  // namespace cellwright::numeric

/// All functions; the last row has a null name.
extern "C" const cellwright::numeric::LaneKernel* cellwright_lane_kernels();
