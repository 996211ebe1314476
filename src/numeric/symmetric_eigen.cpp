#include "cellwright/numeric/symmetric_eigen.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "cellwright/base/error.hpp"

namespace cellwright::numeric {
namespace {

constexpr double unit_roundoff = std::numeric_limits<double>::epsilon() / 2;

struct Rotation {
  double c = 1;
  double s = 0;
  double r = 0;
};

/// c, s, r with c * f + s * g = r and c * g - s * f = 0; r has the sign of f.
Rotation plane_rotation(double f, double g) {
  if (g == 0) return {1, 0, f};
  if (f == 0) return {0, std::copysign(1.0, g), std::abs(g)};
  const double length = std::sqrt(f * f + g * g);
  const double r = std::copysign(length, f);
  return {std::abs(f) / length, g / r, r};
}

/// Eigenvalues of [[a, b], [b, c]], the one of larger magnitude first, and its vector (cosine, sine).
struct Pair {
  double first = 0, second = 0, cosine = 1, sine = 0;
};

Pair solve_pair(double a, double b, double c) {
  const double sum = a + c;
  const double difference = a - c;
  const double twice_b = b + b;
  const double root = std::hypot(difference, twice_b);
  const auto [small, large] = std::minmax(a, c, [](double x, double y) { return std::abs(x) < std::abs(y); });
  Pair pair;
  if (sum == 0) {
    pair.first = 0.5 * root;
    pair.second = -0.5 * root;
  } else {
    pair.first = 0.5 * (sum < 0 ? sum - root : sum + root);
    pair.second = (large / pair.first) * small - (b / pair.first) * b;
  }
  const double cs = difference >= 0 ? difference + root : difference - root;
  if (std::abs(cs) > std::abs(twice_b)) {
    const double cotangent = -twice_b / cs;
    pair.sine = 1 / std::sqrt(1 + cotangent * cotangent);
    pair.cosine = cotangent * pair.sine;
  } else if (twice_b != 0) {
    const double tangent = -cs / twice_b;
    pair.cosine = 1 / std::sqrt(1 + tangent * tangent);
    pair.sine = tangent * pair.cosine;
  }
  if ((sum < 0) != (difference >= 0)) pair = {pair.first, pair.second, -pair.sine, pair.cosine};
  return pair;
}

/// The symmetric tridiagonal problem. Vectors are kept as rows, so that rotations run along memory.
class Tridiagonal {
 public:
  Tridiagonal(std::vector<double> diagonal, std::vector<double> off_diagonal)
      : d_(std::move(diagonal)), e_(std::move(off_diagonal)), rows_(d_.size(), d_.size()) {
    for (std::size_t i = 0; i < d_.size(); ++i) rows_(i, i) = 1;
  }

  void solve() {
    const auto n = static_cast<std::ptrdiff_t>(d_.size());
    for (std::ptrdiff_t begin = 0; begin < n;) {
      std::ptrdiff_t end = begin;
      while (end + 1 < n && !splits(end)) ++end;
      if (end + 1 < n) e(end) = 0;
      if (end > begin) solve_block(begin, end);
      begin = end + 1;
    }
    sort();
  }

  const std::vector<double>& values() const { return d_; }
  Table<double>& rows() { return rows_; }

 private:
  double& d(std::ptrdiff_t i) { return d_[static_cast<std::size_t>(i)]; }
  double& e(std::ptrdiff_t i) { return e_[static_cast<std::size_t>(i)]; }

  bool splits(std::ptrdiff_t i) {
    const double coupling = std::abs(e(i));
    return coupling <= std::sqrt(std::abs(d(i))) * std::sqrt(std::abs(d(i + 1))) * unit_roundoff;
  }

  /// Starts at the end of larger magnitude: QL steps upwards, QR steps (their mirror image) downwards.
  void solve_block(std::ptrdiff_t begin, std::ptrdiff_t end) {
    const bool downwards = std::abs(d(end)) < std::abs(d(begin));
    step_ = downwards ? -1 : 1;
    std::ptrdiff_t at = downwards ? end : begin;
    const std::ptrdiff_t last = downwards ? begin : end;
    while ((last - at) * step_ >= 0) {
      const std::ptrdiff_t reach = first_decoupled(at, last);
      if (reach != last) coupling(reach) = 0;
      if (reach == at) {
        at += step_;
      } else if (reach == at + step_) {
        rotate_pair(std::min(at, reach));
        at += 2 * step_;
      } else {
        sweep(at, reach);
      }
    }
  }

  /// The off-diagonal element between i and its neighbour in the direction of the steps.
  double& coupling(std::ptrdiff_t i) { return step_ > 0 ? e(i) : e(i - 1); }

  std::ptrdiff_t first_decoupled(std::ptrdiff_t at, std::ptrdiff_t last) {
    constexpr double tolerance = unit_roundoff * unit_roundoff;
    for (std::ptrdiff_t i = at; i != last; i += step_) {
      const double square = coupling(i) * coupling(i);
      if (square <= (tolerance * std::abs(d(i))) * std::abs(d(i + step_)) + std::numeric_limits<double>::min())
        return i;
    }
    return last;
  }

  void rotate_pair(std::ptrdiff_t lower) {
    const Pair pair = solve_pair(d(lower), e(lower), d(lower + 1));
    const std::span<double> a = rows_.row(static_cast<std::size_t>(lower));
    const std::span<double> b = rows_.row(static_cast<std::size_t>(lower + 1));
    for (std::size_t k = 0; k < a.size(); ++k) {
      const double old = b[k];
      b[k] = pair.cosine * old - pair.sine * a[k];
      a[k] = pair.sine * old + pair.cosine * a[k];
    }
    d(lower) = pair.first;
    d(lower + 1) = pair.second;
    e(lower) = 0;
  }

  void sweep(std::ptrdiff_t at, std::ptrdiff_t reach) {
    if (++sweeps_ > 30 * d_.size()) throw InternalError("symmetric_eigen: the steps do not converge");
    double p = d(at);
    double g = (d(at + step_) - p) / (2 * coupling(at));
    g = d(reach) - p + coupling(at) / (g + std::copysign(std::hypot(g, 1.0), g));
    double s = 1;
    double c = 1;
    p = 0;
    for (std::ptrdiff_t i = reach - step_; (i - at) * step_ >= 0; i -= step_) {
      const double f = s * coupling(i);
      const double b = c * coupling(i);
      const Rotation rotation = plane_rotation(g, f);
      c = rotation.c;
      s = rotation.s;
      if (i != reach - step_) coupling(i + step_) = rotation.r;
      g = d(i + step_) - p;
      const double r = (d(i) - g) * s + 2 * c * b;
      p = s * r;
      d(i + step_) = g + p;
      g = c * r - b;
      rotate(i, i + step_, c, s);
    }
    d(at) -= p;
    coupling(at) = g;
  }

  void rotate(std::ptrdiff_t i, std::ptrdiff_t j, double c, double s) {
    const std::span<double> a = rows_.row(static_cast<std::size_t>(i));
    const std::span<double> b = rows_.row(static_cast<std::size_t>(j));
    for (std::size_t k = 0; k < a.size(); ++k) {
      const double old = b[k];
      b[k] = c * old + s * a[k];
      a[k] = c * a[k] - s * old;
    }
  }

  /// By selection of the smallest, so that equal values keep LAPACK's order.
  void sort() {
    for (std::size_t i = 0; i + 1 < d_.size(); ++i) {
      const auto smallest = std::min_element(d_.begin() + static_cast<std::ptrdiff_t>(i), d_.end()) - d_.begin();
      const auto k = static_cast<std::size_t>(smallest);
      if (k == i) continue;
      std::swap(d_[i], d_[k]);
      std::ranges::swap_ranges(rows_.row(i), rows_.row(k));
    }
  }

  std::vector<double> d_, e_;
  Table<double> rows_;
  std::ptrdiff_t step_ = 1;
  std::size_t sweeps_ = 0;
};

/// Householder's reduction Q^T A Q = T; Q is the product of the reflections 1 - tau_i v_i v_i^T.
struct Reduction {
  std::vector<double> diagonal, off_diagonal, tau;
  Table<double> reflectors;  ///< [n, n]; row i holds v_i, zero up to place i
};

/// Makes the reflection of `x` onto its first place. @returns tau; `x` becomes v (v[0] = 1), `beta` the length.
double make_reflection(std::span<double> x, double& beta) {
  const double alpha = x[0];
  double square = 0;
  for (std::size_t i = 1; i < x.size(); ++i) square += x[i] * x[i];
  x[0] = 1;
  beta = alpha;
  if (square == 0) return 0;
  beta = -std::copysign(std::hypot(alpha, std::sqrt(square)), alpha);
  for (std::size_t i = 1; i < x.size(); ++i) x[i] *= 1 / (alpha - beta);
  return (beta - alpha) / beta;
}

/// A22 -= v w^T + w v^T with w = tau A22 v - (tau / 2) (tau A22 v . v) v, on the lower triangle.
void reflect_block(Table<double>& a, std::size_t first, std::span<const double> v, double tau) {
  const std::size_t n = v.size();
  std::vector<double> w(n, 0.0);
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k <= j; ++k) w[j] += a(first + j, first + k) * v[k];
    for (std::size_t k = j + 1; k < n; ++k) w[j] += a(first + k, first + j) * v[k];
    w[j] *= tau;
  }
  const double correction = -0.5 * tau * std::inner_product(w.begin(), w.end(), v.begin(), 0.0);
  for (std::size_t j = 0; j < n; ++j) w[j] += correction * v[j];
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t k = 0; k <= j; ++k) a(first + j, first + k) -= v[j] * w[k] + w[j] * v[k];
}

Reduction reduce(Table<double> a) {
  const std::size_t n = a.rows();
  Reduction result{.diagonal = {}, .off_diagonal = {}, .tau = {}, .reflectors = Table<double>(n, n)};
  for (std::size_t i = 0; i < n; ++i) {
    result.diagonal.push_back(a(i, i));
    if (i + 1 == n) break;
    const std::span<double> v = result.reflectors.row(i).subspan(i + 1);
    for (std::size_t k = 0; k < v.size(); ++k) v[k] = a(i + 1 + k, i);
    result.tau.push_back(make_reflection(v, result.off_diagonal.emplace_back()));
    if (result.tau.back() != 0) reflect_block(a, i + 1, v, result.tau.back());
  }
  return result;
}

}  // namespace

SymmetricEigen symmetric_eigen(const Table<double>& matrix) {
  const std::size_t n = matrix.rows();
  if (matrix.columns() != n) throw InternalError("symmetric_eigen: the matrix is not square");
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!std::all_of(matrix.values().begin(), matrix.values().end(), finite)) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    return {std::vector<double>(n, nan), Table<double>(n, n, nan)};
  }
  const Reduction reduction = reduce(matrix);
  Tridiagonal problem(reduction.diagonal, reduction.off_diagonal);
  problem.solve();
  SymmetricEigen result{problem.values(), Table<double>(n, n)};
  for (std::size_t j = 0; j < n; ++j) {
    const std::span<double> x = problem.rows().row(j);
    for (std::size_t i = reduction.tau.size(); i-- > 0;) {
      const std::span<const double> v = reduction.reflectors.row(i);
      const double along = reduction.tau[i] * std::inner_product(x.begin(), x.end(), v.begin(), 0.0);
      for (std::size_t k = i + 1; k < n; ++k) x[k] -= along * v[k];
    }
    for (std::size_t k = 0; k < n; ++k) result.vectors(k, j) = x[k];
  }
  return result;
}

}  // namespace cellwright::numeric
