#include "unit/numeric/lane_math_kernels.hpp"

#include "cellwright/numeric/lane_math.hpp"

// The project's own build has no -fopenmp-simd and would warn of the pragma.
#ifdef CELLWRIGHT_TEST_SIMD
#define LANE_LOOP _Pragma("omp simd")
#else
#define LANE_LOOP
#endif

namespace cellwright::numeric {
namespace {

#define UNARY(name)                                                                           \
  template <class Real>                                                                       \
  void name##_lanes(Real* __restrict result, const Real* __restrict x, std::size_t count) {   \
    for (std::size_t pack = 0; pack < count; pack += kernel_lanes) {                          \
      LANE_LOOP for (std::size_t lane = 0; lane < kernel_lanes; ++lane) result[pack + lane] = \
          lane_math::lane_##name(x[pack + lane]);                                             \
    }                                                                                         \
  }

#define BINARY(name)                                                                                                  \
  template <class Real>                                                                                               \
  void name##_lanes(Real* __restrict result, const Real* __restrict x, const Real* __restrict y, std::size_t count) { \
    for (std::size_t pack = 0; pack < count; pack += kernel_lanes) {                                                  \
      LANE_LOOP for (std::size_t lane = 0; lane < kernel_lanes; ++lane) result[pack + lane] =                         \
          lane_math::lane_##name(x[pack + lane], y[pack + lane]);                                                     \
    }                                                                                                                 \
  }

UNARY(exp)
UNARY(exp_15)
UNARY(exp_10)
UNARY(exp_15_within)
UNARY(exp_10_within)
UNARY(exp2_10_within)
UNARY(exp2_15_within)
UNARY(expm1)
UNARY(one_minus_exp)
UNARY(log)
UNARY(log10)
UNARY(sqrt)
UNARY(sinh)
UNARY(cosh)
UNARY(tanh)
UNARY(sin)
UNARY(cos)
UNARY(floor)
UNARY(fabs)
UNARY(exprelr)
BINARY(pow)
BINARY(fmin)
BINARY(fmax)

#define UNARY_ROW(name) \
  { #name, name##_lanes < double>, name##_lanes < float>, nullptr, nullptr }
#define BINARY_ROW(name) \
  { #name, nullptr, nullptr, name##_lanes < double>, name##_lanes < float> }

constexpr LaneKernel kernels[] = {
    UNARY_ROW(exp),
    UNARY_ROW(exp_15),
    UNARY_ROW(exp_10),
    UNARY_ROW(exp_15_within),
    UNARY_ROW(exp_10_within),
    UNARY_ROW(exp2_10_within),
    UNARY_ROW(exp2_15_within),
    UNARY_ROW(expm1),
    {"one_minus_exp", nullptr, one_minus_exp_lanes<float>, nullptr, nullptr},
    UNARY_ROW(log),
    UNARY_ROW(log10),
    UNARY_ROW(sqrt),
    UNARY_ROW(sinh),
    UNARY_ROW(cosh),
    UNARY_ROW(tanh),
    UNARY_ROW(sin),
    UNARY_ROW(cos),
    UNARY_ROW(floor),
    UNARY_ROW(fabs),
    UNARY_ROW(exprelr),
    BINARY_ROW(pow),
    BINARY_ROW(fmin),
    BINARY_ROW(fmax),
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

}  // namespace
}  // namespace cellwright::numeric

const cellwright::numeric::LaneKernel* cellwright_lane_kernels() { return cellwright::numeric::kernels; }
