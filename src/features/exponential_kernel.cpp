#include "features/exponential_kernel.hpp"

#include <algorithm>
#include <cmath>

#include "cellwright/numeric/lane_math.hpp"
#include "features/vector_target.hpp"

namespace cellwright::features {
namespace {

constexpr std::size_t chunk = 512;  // samples worked on at a time: seven arrays of them fit the first cache

CELLWRIGHT_ALWAYS_INLINE double total(const Lanes& parts) {
  return ((parts[0] + parts[1]) + (parts[2] + parts[3])) + ((parts[4] + parts[5]) + (parts[6] + parts[7]));
}

CELLWRIGHT_ALWAYS_INLINE double dot(const double* a, const double* b) {
  Lanes even{}, odd{};
  for (std::size_t i = 0; i < chunk; i += 2 * lanes) {
    even += lanes_at(a + i) * lanes_at(b + i);
    odd += lanes_at(a + i + lanes) * lanes_at(b + i + lanes);
  }
  const Lanes sum = even + odd;
  return total(sum);
}

/// One chunk: arrays of `chunk` samples, of which those behind the data are 0.
struct Columns {
  alignas(64) double column[4][chunk];
};

/// Modified Gram-Schmidt: for a least-squares problem as stable as reflections when the right side is a column too
/// (Bjoerck 1967, BIT 7:1-21).
CELLWRIGHT_ALWAYS_INLINE void orthogonalise(Columns& c, FitTriangle& r) {
  for (std::size_t j = 0; j < 4; ++j) {
    double* pivot = c.column[j];
    r[j][j] = std::sqrt(dot(pivot, pivot));
    if (r[j][j] == 0.0) continue;
    const double inverse = 1.0 / r[j][j];
    for (std::size_t i = 0; i < chunk; ++i) pivot[i] *= inverse;
    for (std::size_t k = j + 1; k < 4; ++k) {
      double* other = c.column[k];
      const double projection = dot(pivot, other);
      r[j][k] = projection;
      for (std::size_t i = 0; i < chunk; ++i) other[i] -= projection * pivot[i];
    }
  }
}

CELLWRIGHT_ALWAYS_INLINE double chunk_residuals(const double* t, const double* y, std::size_t n, const FitPoint& x,
                                                const FitResiduals& out) {
  alignas(64) double square_root[chunk] = {};
  for (std::size_t i = 0; i < n; ++i) out.exponentials[i] = lane_math::lane_exp(-t[i] / x[0]);
  for (std::size_t i = 0; i < n; ++i) {
    const double residual = x[1] + x[2] * out.exponentials[i] - y[i];
    out.residuals[i] = residual;
    square_root[i] = residual;
  }
  return dot(square_root, square_root);
}

CELLWRIGHT_ALWAYS_INLINE void chunk_triangle(const double* t, const double* y, std::size_t n, const FitPoint& x,
                                             const FitPoint& moved, const FitResiduals& at, FitTriangle& r) {
  Columns c;
  const double step0 = moved[0] - x[0];
  const double step1 = moved[1] - x[1];
  const double step2 = moved[2] - x[2];
  for (auto& column : c.column) std::fill(column + n, column + chunk, 0.0);
  double* shifted = c.column[0];
  for (std::size_t i = 0; i < n; ++i) shifted[i] = lane_math::lane_exp(-t[i] / moved[0]);
  // Divided here, sample by sample, as SciPy does: on short traces the rounding of these quotients decides.
  for (std::size_t i = 0; i < n; ++i) {
    const double f = at.residuals[i];
    const double e = at.exponentials[i];
    c.column[0][i] = (x[1] + x[2] * shifted[i] - y[i] - f) / step0;
    c.column[1][i] = (moved[1] + x[2] * e - y[i] - f) / step1;
    c.column[2][i] = (x[1] + moved[2] * e - y[i] - f) / step2;
    c.column[3][i] = f;
  }
  orthogonalise(c, r);
}

using ResidualsKernel = double (*)(const double*, const double*, std::size_t, const FitPoint&, const FitResiduals&);
using TriangleKernel = void (*)(const double*, const double*, std::size_t, const FitPoint&, const FitPoint&,
                                const FitResiduals&, FitTriangle&);

struct Kernels {
  ResidualsKernel residuals;
  TriangleKernel triangle;
};

#define CELLWRIGHT_KERNELS(suffix, target)                                                             \
  target double residuals_##suffix(const double* t, const double* y, std::size_t n, const FitPoint& x, \
                                   const FitResiduals& out) {                                          \
    return chunk_residuals(t, y, n, x, out);                                                           \
  }                                                                                                    \
  target void triangle_##suffix(const double* t, const double* y, std::size_t n, const FitPoint& x,    \
                                const FitPoint& moved, const FitResiduals& at, FitTriangle& r) {       \
    chunk_triangle(t, y, n, x, moved, at, r);                                                          \
  }

CELLWRIGHT_KERNELS(plain, )
#ifdef CELLWRIGHT_X86_TARGETS
// Without the fused operation, so that all give the same bits.
CELLWRIGHT_KERNELS(avx2, CELLWRIGHT_AVX2)
CELLWRIGHT_KERNELS(avx512, CELLWRIGHT_AVX512)
#endif

Kernels best_kernels() {
#ifdef CELLWRIGHT_X86_TARGETS
  const VectorTarget target = vector_target();
  if (target == VectorTarget::avx512) return {residuals_avx512, triangle_avx512};
  if (target == VectorTarget::avx2) return {residuals_avx2, triangle_avx2};
#endif
  return {residuals_plain, triangle_plain};
}

/// Stacks the triangle `below` under `r` and makes a triangle of the two, by rotations.
void stack(FitTriangle& r, FitTriangle below) {
  for (std::size_t row = 0; row < 4; ++row) {
    for (std::size_t j = row; j < 4; ++j) {
      if (below[row][j] == 0.0) continue;
      const double length = std::hypot(r[j][j], below[row][j]);
      const double cosine = r[j][j] / length;
      const double sine = below[row][j] / length;
      for (std::size_t k = j; k < 4; ++k) {
        const double upper = r[j][k];
        r[j][k] = cosine * upper + sine * below[row][k];
        below[row][k] = cosine * below[row][k] - sine * upper;
      }
    }
  }
}

}  // namespace

double fit_residuals(std::span<const double> t, std::span<const double> y, const FitPoint& x, const FitResiduals& out) {
  const Kernels kernels = best_kernels();
  double sum = 0.0;
  for (std::size_t i = 0; i < t.size(); i += chunk) {
    const std::size_t n = std::min(chunk, t.size() - i);
    sum += kernels.residuals(&t[i], &y[i], n, x, {out.exponentials + i, out.residuals + i});
  }
  return 0.5 * sum;
}

FitTriangle fit_triangle(std::span<const double> t, std::span<const double> y, const FitPoint& x, const FitPoint& moved,
                         const FitResiduals& at) {
  const Kernels kernels = best_kernels();
  FitTriangle r{};
  for (std::size_t i = 0; i < t.size(); i += chunk) {
    const std::size_t n = std::min(chunk, t.size() - i);
    FitTriangle part{};
    kernels.triangle(&t[i], &y[i], n, x, moved, {at.exponentials + i, at.residuals + i}, part);
    stack(r, part);
  }
  return r;
}

}  // namespace cellwright::features
