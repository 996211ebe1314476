#include "features/exponential_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "features/exponential_kernel.hpp"

namespace cellwright::features {
namespace {

constexpr std::size_t dimension = 3;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double tolerance = 1e-8;
constexpr int most_evaluations = 300;

using Vector = FitPoint;
using Matrix = std::array<Vector, dimension>;  // rows

double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
double norm(const Vector& a) { return std::sqrt(dot(a, a)); }
Vector times(const Vector& a, const Vector& b) { return {a[0] * b[0], a[1] * b[1], a[2] * b[2]}; }
Vector scaled(const Vector& a, double s) { return {a[0] * s, a[1] * s, a[2] * s}; }
Vector plus(const Vector& a, const Vector& b) { return {a[0] + b[0], a[1] + b[1], a[2] + b[2]}; }
Vector times(const Matrix& a, const Vector& b) { return {dot(a[0], b), dot(a[1], b), dot(a[2], b)}; }

struct Bounds {
  Vector lower;
  Vector upper;
  bool contain(const Vector& x) const {
    for (std::size_t i = 0; i < dimension; ++i) {
      if (!(x[i] >= lower[i] && x[i] <= upper[i])) return false;
    }
    return true;
  }
};

// ------------------------------------------------------------------------------------------- singular values

/// The triangle R of J = Q R and Q^T f, by Householder reflections.
struct Triangle {
  Matrix r{};
  Vector qf{};
};

Triangle triangulate(std::vector<std::vector<double>> columns, std::vector<double> f) {
  Triangle triangle;
  const std::size_t rows = f.size();
  for (std::size_t j = 0; j < dimension && j < rows; ++j) {
    std::vector<double>& pivot = columns[j];
    double length = 0.0;
    for (std::size_t i = j; i < rows; ++i) length += pivot[i] * pivot[i];
    length = std::sqrt(length);
    const double diagonal = pivot[j] > 0 ? -length : length;
    const double head = pivot[j] - diagonal;
    const double factor = diagonal * head;  // minus half the squared length of the reflection's vector
    const auto reflect = [&](std::vector<double>& column) {
      if (factor == 0.0) return;
      double projection = head * column[j];
      for (std::size_t i = j + 1; i < rows; ++i) projection += pivot[i] * column[i];
      projection /= factor;
      column[j] += projection * head;
      for (std::size_t i = j + 1; i < rows; ++i) column[i] += projection * pivot[i];
    };
    for (std::size_t k = j + 1; k < dimension; ++k) reflect(columns[k]);
    reflect(f);
    triangle.r[j][j] = factor == 0.0 ? pivot[j] : diagonal;
    for (std::size_t k = j + 1; k < dimension; ++k) triangle.r[j][k] = columns[k][j];
    triangle.qf[j] = f[j];
  }
  return triangle;
}

/// A = U diag(s) V^T with s falling; `uf` = U^T f.
struct Svd {
  Vector s;
  Matrix v;  // columns are the right singular vectors
  Vector uf;
};

/// One-sided Jacobi: rotates columns until they are orthogonal.
Svd decompose(const Triangle& triangle) {
  Matrix a = triangle.r;
  Svd svd{{}, {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {}};
  const auto rotate = [](Matrix& m, std::size_t p, std::size_t q, double c, double s) {
    for (Vector& row : m) {
      const double left = row[p];
      row[p] = c * left - s * row[q];
      row[q] = s * left + c * row[q];
    }
  };
  for (int sweep = 0; sweep < 60; ++sweep) {
    bool rotated = false;
    for (std::size_t p = 0; p < dimension; ++p) {
      for (std::size_t q = p + 1; q < dimension; ++q) {
        double pp = 0, qq = 0, pq = 0;
        for (const Vector& row : a) {
          pp += row[p] * row[p];
          qq += row[q] * row[q];
          pq += row[p] * row[q];
        }
        if (std::abs(pq) <= 1e-17 * std::sqrt(pp * qq)) continue;
        rotated = true;
        const double zeta = (qq - pp) / (2 * pq);
        const double tangent = (zeta >= 0 ? 1.0 : -1.0) / (std::abs(zeta) + std::hypot(1.0, zeta));
        const double c = 1 / std::sqrt(1 + tangent * tangent);
        rotate(a, p, q, c, c * tangent);
        rotate(svd.v, p, q, c, c * tangent);
      }
    }
    if (!rotated) break;
  }
  std::array<std::size_t, dimension> order{0, 1, 2};
  Vector lengths{};
  Vector projections{};
  for (std::size_t j = 0; j < dimension; ++j) {
    const Vector column{a[0][j], a[1][j], a[2][j]};
    lengths[j] = norm(column);
    projections[j] = lengths[j] > 0 ? dot(column, triangle.qf) / lengths[j] : 0.0;
  }
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return lengths[i] > lengths[j]; });
  const Matrix v = svd.v;
  for (std::size_t j = 0; j < dimension; ++j) {
    svd.s[j] = lengths[order[j]];
    svd.uf[j] = projections[order[j]];
    for (std::size_t i = 0; i < dimension; ++i) svd.v[i][j] = v[i][order[j]];
  }
  return svd;
}

// --------------------------------------------------------------------------------------------- trust region

/// Step of length at most `radius` that minimises the linearised residuals. `alpha` is the damping, carried on.
Vector trust_region_step(const Svd& svd, std::size_t rows, double radius, double& alpha) {
  const Vector suf = times(svd.s, svd.uf);
  const bool full_rank = rows >= dimension && svd.s[2] > epsilon * static_cast<double>(rows) * svd.s[0];
  if (full_rank) {
    Vector step{};
    for (std::size_t i = 0; i < dimension; ++i) step[i] = svd.uf[i] / svd.s[i];
    step = scaled(times(svd.v, step), -1.0);
    if (norm(step) <= radius) {
      alpha = 0.0;
      return step;
    }
  }
  double slope = 0.0;
  const auto excess = [&](double damping) {  // length of the damped step less the radius, with its slope
    Vector quotient{};
    double sum = 0.0;
    for (std::size_t i = 0; i < dimension; ++i) {
      const double denominator = svd.s[i] * svd.s[i] + damping;
      quotient[i] = suf[i] / denominator;
      sum += suf[i] * suf[i] / (denominator * denominator * denominator);
    }
    slope = -sum / norm(quotient);
    return norm(quotient) - radius;
  };
  double upper = norm(suf) / radius;
  double lower = 0.0;
  if (full_rank) {
    const double at_zero = excess(0.0);
    lower = -at_zero / slope;
  }
  const auto restart = [&] { return std::max(0.001 * upper, std::sqrt(lower * upper)); };
  if (!full_rank && alpha == 0.0) alpha = restart();
  for (int i = 0; i < 10; ++i) {
    if (alpha < lower || alpha > upper) alpha = restart();
    const double phi = excess(alpha);
    if (phi < 0) upper = alpha;
    const double ratio = phi / slope;
    lower = std::max(lower, alpha - ratio);
    alpha -= (phi + radius) * ratio / radius;
    if (std::abs(phi) < 0.01 * radius) break;
  }
  Vector step{};
  for (std::size_t i = 0; i < dimension; ++i) step[i] = suf[i] / (svd.s[i] * svd.s[i] + alpha);
  step = scaled(times(svd.v, step), -1.0);
  return scaled(step, radius / norm(step));
}

/// The quadratic model in scaled variables: 1/2 |R s|^2 + 1/2 s^T diag s + g^T s.
struct Model {
  Matrix r;
  Vector g;
  Vector diag;

  double value(const Vector& s) const {
    const Vector rs = times(r, s);
    return 0.5 * (dot(rs, rs) + dot(times(s, diag), s)) + dot(s, g);
  }
  /// Length in [low, high] along `s` from `origin` at which the model is smallest, and its value there.
  std::pair<double, double> minimise(const Vector& s, const Vector& origin, double low, double high) const {
    const Vector rs = times(r, s);
    const Vector ro = times(r, origin);
    const double a = 0.5 * (dot(rs, rs) + dot(times(s, diag), s));
    const double b = dot(g, s) + dot(ro, rs) + dot(times(origin, diag), s);
    const double c = 0.5 * dot(ro, ro) + dot(g, origin) + 0.5 * dot(times(origin, diag), origin);
    const auto at = [&](double x) { return x * (a * x + b) + c; };
    double best = low;
    if (at(high) < at(best)) best = high;
    const double extremum = a != 0 ? -0.5 * b / a : low;
    if (low < extremum && extremum < high && at(extremum) < at(best)) best = extremum;
    return {best, at(best)};
  }
};

/// How far one can go along `s` until a bound is met; the directions that meet it are marked.
double length_to_bound(const Vector& x, const Vector& s, const Bounds& bounds, std::array<bool, dimension>& hits) {
  Vector lengths{infinity, infinity, infinity};
  for (std::size_t i = 0; i < dimension; ++i) {
    if (s[i] != 0) lengths[i] = std::max((bounds.lower[i] - x[i]) / s[i], (bounds.upper[i] - x[i]) / s[i]);
  }
  const double least = *std::min_element(lengths.begin(), lengths.end());
  for (std::size_t i = 0; i < dimension; ++i) hits[i] = lengths[i] == least && s[i] != 0;
  return least;
}

/// Length at which x + length * s leaves the ball; nothing if s is 0 or x lies outside, where SciPy gives up.
std::optional<double> length_to_radius(const Vector& x, const Vector& s, double radius) {
  const double a = dot(s, s);
  const double b = dot(x, s);
  const double c = dot(x, x) - radius * radius;
  if (a == 0 || c > 0) return std::nullopt;
  const double q = -(b + std::copysign(std::sqrt(b * b - a * c), b));
  return std::max(q / a, c / q);
}

struct Step {
  Vector scaled;     // in the variables of the model
  double reduction;  // that the model predicts
};

/// The best of three: the trust-region step cut off at the bound, its reflection there, and steepest descent.
std::optional<Step> choose_step(const Model& model, const Vector& x, const Vector& d, Vector step, double radius,
                                const Bounds& bounds, double theta) {
  if (bounds.contain(plus(x, times(d, step)))) return Step{step, -model.value(step)};
  std::array<bool, dimension> hits{};
  std::array<bool, dimension> ignored{};
  const double stride = length_to_bound(x, times(d, step), bounds, hits);
  Vector reflected = step;
  for (std::size_t i = 0; i < dimension; ++i) {
    if (hits[i]) reflected[i] = -reflected[i];
  }
  step = scaled(step, stride);
  const Vector on_bound = plus(x, times(d, step));
  const std::optional<double> to_radius = length_to_radius(step, reflected, radius);
  if (!to_radius) return std::nullopt;
  const double to_bound = length_to_bound(on_bound, times(d, reflected), bounds, ignored);
  const double length = std::min(to_bound, *to_radius);
  double low = 0.0;
  double high = -1.0;
  if (length > 0) {
    low = (1 - theta) * stride / length;
    high = length == to_bound ? theta * to_bound : *to_radius;
  }
  double reflected_value = infinity;
  if (low <= high) {
    const auto [best, value] = model.minimise(reflected, step, low, high);
    reflected = plus(scaled(reflected, best), step);
    reflected_value = value;
  }
  step = scaled(step, theta);
  const double step_value = model.value(step);
  Vector descent = scaled(model.g, -1.0);
  const double descent_to_radius = radius / norm(descent);
  const double descent_to_bound = length_to_bound(x, times(d, descent), bounds, ignored);
  const double descent_high = descent_to_bound < descent_to_radius ? theta * descent_to_bound : descent_to_radius;
  const auto [best, descent_value] = model.minimise(descent, Vector{}, 0.0, descent_high);
  descent = scaled(descent, best);
  if (step_value < reflected_value && step_value < descent_value) return Step{step, -step_value};
  if (reflected_value < step_value && reflected_value < descent_value) return Step{reflected, -reflected_value};
  return Step{descent, -descent_value};
}

/// Moves a point that lies on a bound just inside it.
Vector strictly_inside(Vector x, const Bounds& bounds, double margin) {
  for (std::size_t i = 0; i < dimension; ++i) {
    if (margin == 0.0) {
      if (x[i] <= bounds.lower[i])
        x[i] = std::nextafter(bounds.lower[i], bounds.upper[i]);
      else if (x[i] >= bounds.upper[i])
        x[i] = std::nextafter(bounds.upper[i], bounds.lower[i]);
    } else if (std::isfinite(bounds.lower[i]) && x[i] - bounds.lower[i] <= margin) {
      x[i] = bounds.lower[i] + margin;
    } else if (std::isfinite(bounds.upper[i]) && bounds.upper[i] - x[i] <= margin) {
      x[i] = bounds.upper[i] - margin;
    }
  }
  return x;
}

/// Coleman and Li's scaling: the distance to the bound that the gradient points at, and its derivative.
struct Scaling {
  Vector v{1, 1, 1};
  Vector dv{0, 0, 0};
};
Scaling scaling(const Vector& x, const Vector& g, const Bounds& bounds) {
  Scaling result;
  for (std::size_t i = 0; i < dimension; ++i) {
    if (g[i] < 0 && std::isfinite(bounds.upper[i])) {
      result.v[i] = bounds.upper[i] - x[i];
      result.dv[i] = -1;
    } else if (g[i] > 0 && std::isfinite(bounds.lower[i])) {
      result.v[i] = x[i] - bounds.lower[i];
      result.dv[i] = 1;
    }
  }
  return result;
}

class Fit {
 public:
  Fit(std::span<const double> t, std::span<const double> y, const Bounds& bounds, const Vector& start)
      : t_(t), y_(y), bounds_(bounds), x_(strictly_inside(start, bounds, 1e-10)), now_(t.size()), next_(t.size()) {}

  std::optional<Vector> run() {
    cost_ = fit_residuals(t_, y_, x_, now_.view());
    if (!std::isfinite(cost_)) return std::nullopt;
    linearise();
    const Scaling first = scaling(x_, g_, bounds_);
    Vector start{};
    for (std::size_t i = 0; i < dimension; ++i) start[i] = x_[i] / std::sqrt(first.v[i]);
    radius_ = norm(start);
    if (radius_ == 0) radius_ = 1.0;
    while (!gave_up_) {
      const Scaling now = scaling(x_, g_, bounds_);
      const Vector gv = times(g_, now.v);
      const double g_norm = std::max({std::abs(gv[0]), std::abs(gv[1]), std::abs(gv[2])});
      if (!std::isfinite(g_norm)) return std::nullopt;
      if (g_norm < tolerance || converged_) return x_;
      if (evaluations_ >= most_evaluations) return std::nullopt;
      improve(now, g_norm);
    }
    return std::nullopt;
  }

 private:
  struct Arrays {
    explicit Arrays(std::size_t n) : exponentials(n), residuals(n) {}
    FitResiduals view() { return {exponentials.data(), residuals.data()}; }
    std::vector<double> exponentials;
    std::vector<double> residuals;
  };

  /// The triangle of the Jacobian at x by one-sided differences that stay within the bounds, and the gradient.
  void linearise() {
    Vector moved{};
    for (std::size_t j = 0; j < dimension; ++j) {
      const double step = std::sqrt(epsilon) * (x_[j] >= 0 ? 1.0 : -1.0) * std::max(1.0, std::abs(x_[j]));
      const bool inside = x_[j] + step >= bounds_.lower[j] && x_[j] + step <= bounds_.upper[j];
      moved[j] = x_[j] + (inside ? step : -step);
    }
    triangle_ = fit_triangle(t_, y_, x_, moved, now_.view());
    for (std::size_t j = 0; j < dimension; ++j) {
      g_[j] = 0.0;
      for (std::size_t i = 0; i <= j; ++i) g_[j] += triangle_[i][j] * triangle_[i][dimension];
    }
  }

  /// The linearised problem in scaled variables, with the rows that carry the scaling's derivative.
  Svd decompose_scaled(const Matrix& r, const Vector& diag) const {
    std::vector<std::vector<double>> columns(dimension, std::vector<double>(2 * dimension));
    std::vector<double> residuals(2 * dimension);
    for (std::size_t i = 0; i < dimension; ++i) {
      for (std::size_t j = 0; j < dimension; ++j) columns[j][i] = r[i][j];
      columns[i][dimension + i] = std::sqrt(diag[i]);
      residuals[i] = triangle_[i][dimension];
    }
    return decompose(triangulate(std::move(columns), std::move(residuals)));
  }

  /// One linearisation: tries steps of falling length until one lowers the cost or the iteration has converged.
  void improve(const Scaling& now, double g_norm) {
    Vector d{};
    Vector diag{};
    for (std::size_t i = 0; i < dimension; ++i) {
      d[i] = std::sqrt(now.v[i]);
      diag[i] = g_[i] * now.dv[i];
    }
    Matrix r{};
    for (std::size_t i = 0; i < dimension; ++i) {
      for (std::size_t j = i; j < dimension; ++j) r[i][j] = triangle_[i][j] * d[j];
    }
    const Svd svd = decompose_scaled(r, diag);
    const Model model{r, times(d, g_), diag};
    const double theta = std::max(0.995, 1 - g_norm);
    double reduction = -1.0;
    Vector x_new{};
    double cost_new = 0.0;
    while (reduction <= 0 && evaluations_ < most_evaluations) {
      const Vector full = trust_region_step(svd, t_.size(), radius_, alpha_);
      const std::optional<Step> step = choose_step(model, x_, d, full, radius_, bounds_, theta);
      gave_up_ = !step;
      if (gave_up_) return;
      const Vector move = times(d, step->scaled);
      x_new = strictly_inside(plus(x_, move), bounds_, 0.0);
      cost_new = fit_residuals(t_, y_, x_new, next_.view());
      ++evaluations_;
      const double length = norm(step->scaled);
      if (!std::isfinite(cost_new)) {
        radius_ = 0.25 * length;
        continue;
      }
      reduction = cost_ - cost_new;
      if (judge(reduction, step->reduction, length, norm(move))) break;
    }
    if (reduction > 0) {
      x_ = x_new;
      std::swap(now_, next_);
      cost_ = cost_new;
      linearise();
    }
  }

  /// Adapts the radius. @returns true if the iteration has converged.
  bool judge(double reduction, double predicted, double scaled_length, double length) {
    double ratio = 0.0;
    if (predicted > 0) {
      ratio = reduction / predicted;
    } else if (predicted == 0 && reduction == 0) {
      ratio = 1.0;
    }
    double radius = radius_;
    if (ratio < 0.25) {
      radius = 0.25 * scaled_length;
    } else if (ratio > 0.75 && scaled_length > 0.95 * radius_) {
      radius *= 2.0;
    }
    converged_ = (reduction < tolerance * cost_ && ratio > 0.25) || length < tolerance * (tolerance + norm(x_));
    if (converged_) return true;
    alpha_ *= radius_ / radius;
    radius_ = radius;
    return false;
  }

  std::span<const double> t_;
  std::span<const double> y_;
  Bounds bounds_;
  Vector x_;
  Vector g_{};
  Arrays now_;   // of x_
  Arrays next_;  // of the point that is tried
  FitTriangle triangle_{};
  double cost_ = 0.0;
  double radius_ = 1.0;
  double alpha_ = 0.0;
  int evaluations_ = 1;
  bool converged_ = false;
  bool gave_up_ = false;
};

}  // namespace

std::optional<Exponential> fit_exponential(std::span<const double> t, std::span<const double> y,
                                           const Exponential& start, int factor_sign) {
  if (t.empty()) return std::nullopt;
  const Bounds bounds{{0.0, -infinity, factor_sign > 0 ? 0.0 : -infinity},
                      {infinity, infinity, factor_sign > 0 ? infinity : 0.0}};
  const Vector x{start.tau, start.constant, start.factor};
  if (!bounds.contain(x)) return std::nullopt;
  const auto found = Fit(t, y, bounds, x).run();
  if (!found) return std::nullopt;
  return Exponential{(*found)[0], (*found)[1], (*found)[2]};
}

}  // namespace cellwright::features
