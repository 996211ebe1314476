#pragma once
/// The inner loops of IBEA's fitness: quotients of all pairs of individuals, and their exponentials.

#include <cstddef>
#include <vector>

namespace cellwright::optimise {

/// Distinct individuals of a pool by objective, so that loops over individuals are contiguous.
struct ScaledColumns {
  /// Rows of `values` are padded to a multiple of this, so that loops need no remainder.
  static constexpr std::size_t tile = 32;

  std::size_t individuals = 0;
  std::size_t stride = 0;       ///< individuals, rounded up to a multiple of `tile`
  std::vector<double> values;   ///< [n_objectives, stride]; the padding repeats the last individual
  std::vector<double> ranges;   ///< [n_objectives], max - min, 0 replaced by 1
  std::vector<double> inverse;  ///< [n_objectives], 1 / range
  std::vector<float> scaled;    ///< [n_objectives, stride], (value - min) / range
};

/// terms[a] = exp(scale * I(a, b)) for all a, where I(a, b) = max_k (v_ka - v_kb) / range_k.
/// The objective of the largest quotient is found in single precision; only its quotient is taken in double precision,
/// but all of them for tiles in which another objective's comes too near. Either way
/// every quotient is correctly rounded and no operation is contracted: the bits do not depend on the instruction set,
/// which is chosen at run time. The exponential is off by at most 0.7 units in the last place for arguments in [-20,
/// 20].
/// @param terms [stride]
void indicator_terms(const ScaledColumns& columns, std::size_t b, double scale, double* terms);

/// The same with plain divisions and the baseline instruction set, to compare with.
void indicator_terms_reference(const ScaledColumns& columns, std::size_t b, double scale, double* terms);

}  // namespace cellwright::optimise
