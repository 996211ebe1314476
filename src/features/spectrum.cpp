#include "features/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "cellwright/numeric/lane_math.hpp"
#include "features/vector_target.hpp"

namespace cellwright::features {
namespace {

constexpr std::size_t block = 64;  // samples whose phases are the same in every block

/// The n-th roots of unity exp(2 pi i m / n), each within about an ulp: the angle is folded in whole numbers into
/// [0, pi / 4] before it is rounded.
struct RootsOfUnity {
  std::vector<double> cosine;
  std::vector<double> sine;
};

CELLWRIGHT_ALWAYS_INLINE void fill_roots(std::size_t n, double* cosine, double* sine) {
  const double unit = std::numbers::pi / static_cast<double>(2 * n);
  for (std::size_t m = 0; m < n; ++m) {
    // The angle is pi * p / (2 n): in the lower half of the circle the mirrored one, beyond pi / 2 and pi / 4 again.
    std::ptrdiff_t p = 4 * static_cast<std::ptrdiff_t>(2 * m > n ? n - m : m);
    const auto quarter = static_cast<std::ptrdiff_t>(n);
    const bool obtuse = p > quarter;
    p = obtuse ? 2 * quarter - p : p;
    const bool steep = 2 * p > quarter;
    p = steep ? quarter - p : p;
    const double angle = unit * static_cast<double>(p);
    const double c = lane_math::lane_cos(angle);
    const double s = lane_math::lane_sin(angle);
    const double x = steep ? s : c;
    const double y = steep ? c : s;
    cosine[m] = obtuse ? -x : x;
    sine[m] = 2 * m > n ? -y : y;
  }
}

/// Sums of a block of two signals over the phases of `lanes` frequencies, from the samples and tables of one block.
struct BlockSums {
  Lanes numerator_real{}, numerator_imaginary{}, denominator_real{}, denominator_imaginary{};
};

CELLWRIGHT_ALWAYS_INLINE void add_block(const double* numerator, const double* denominator, std::size_t samples,
                                        const double* c, const double* s, std::size_t stride, BlockSums& sums) {
  BlockSums part;
  for (std::size_t j = 0; j < samples; ++j) {
    const Lanes& cosine = lanes_at(c + j * stride);
    const Lanes& sine = lanes_at(s + j * stride);
    part.numerator_real += numerator[j] * cosine;
    part.numerator_imaginary += numerator[j] * sine;
    part.denominator_real += denominator[j] * cosine;
    part.denominator_imaginary += denominator[j] * sine;
  }
  sums = part;
}

#define CELLWRIGHT_SPECTRUM_KERNELS(suffix, target)                                                                    \
  target void roots_##suffix(std::size_t n, double* cosine, double* sine) { fill_roots(n, cosine, sine); }             \
  target void block_##suffix(const double* numerator, const double* denominator, std::size_t samples, const double* c, \
                             const double* s, std::size_t stride, BlockSums& sums) {                                   \
    add_block(numerator, denominator, samples, c, s, stride, sums);                                                    \
  }

CELLWRIGHT_SPECTRUM_KERNELS(plain, )
#ifdef CELLWRIGHT_X86_TARGETS
CELLWRIGHT_SPECTRUM_KERNELS(avx2, CELLWRIGHT_AVX2)
CELLWRIGHT_SPECTRUM_KERNELS(avx512, CELLWRIGHT_AVX512)
#endif

struct Kernels {
  void (*roots)(std::size_t, double*, double*) = roots_plain;
  void (*add_block)(const double*, const double*, std::size_t, const double*, const double*, std::size_t,
                    BlockSums&) = block_plain;
};

Kernels best_kernels() {
#ifdef CELLWRIGHT_X86_TARGETS
  const VectorTarget target = vector_target();
  if (target == VectorTarget::avx512) return {roots_avx512, block_avx512};
  if (target == VectorTarget::avx2) return {roots_avx2, block_avx2};
#endif
  return {};
}

/// Phases of the samples of a block for all frequencies: row j, column k is root j * (k + 1).
struct BlockPhases {
  BlockPhases(const RootsOfUnity& roots, std::size_t count)
      : stride((count + lanes - 1) / lanes * lanes), cosine(block * stride), sine(block * stride) {
    const std::size_t n = roots.cosine.size();
    for (std::size_t j = 0; j < block; ++j) {
      for (std::size_t k = 0; k < count; ++k) {
        cosine[j * stride + k] = roots.cosine[j * (k + 1) % n];
        sine[j * stride + k] = roots.sine[j * (k + 1) % n];
      }
    }
  }
  std::size_t stride;
  std::vector<double> cosine;
  std::vector<double> sine;
};

struct Component {
  double real = 0.0;
  double imaginary = 0.0;
  /// Adds a block's sum, turned by a root of unity to the block's place.
  void add(double block_real, double block_imaginary, double c, double s) {
    real += block_real * c - block_imaginary * s;
    imaginary += block_real * s + block_imaginary * c;
  }
  double size() const { return std::hypot(real, imaginary); }
};

}  // namespace

std::vector<double> spectrum_ratio(std::span<const double> numerator, std::span<const double> denominator,
                                   std::size_t count) {
  const Kernels kernels = best_kernels();
  const std::size_t n = numerator.size();
  RootsOfUnity roots{std::vector<double>(n), std::vector<double>(n)};
  kernels.roots(n, roots.cosine.data(), roots.sine.data());
  const BlockPhases phases(roots, count);
  std::vector<Component> top(count), bottom(count);
  for (std::size_t start = 0; start < n; start += block) {
    const std::size_t samples = std::min(block, n - start);
    for (std::size_t first = 0; first < count; first += lanes) {
      BlockSums sums;
      kernels.add_block(&numerator[start], &denominator[start], samples, &phases.cosine[first], &phases.sine[first],
                        phases.stride, sums);
      for (std::size_t k = first; k < std::min(first + lanes, count); ++k) {
        const std::size_t turn = start * (k + 1) % n;
        const double c = roots.cosine[turn];
        const double s = roots.sine[turn];
        top[k].add(sums.numerator_real[k - first], sums.numerator_imaginary[k - first], c, s);
        bottom[k].add(sums.denominator_real[k - first], sums.denominator_imaginary[k - first], c, s);
      }
    }
  }
  std::vector<double> ratio;
  for (std::size_t k = 0; k < count; ++k) ratio.push_back(top[k].size() / bottom[k].size());
  return ratio;
}

}  // namespace cellwright::features
