#include "morphology/symmetric_eigen.hpp"

#include <cmath>
#include <cstddef>

namespace cellwright::morphology {
namespace {

/// Rotates rows and columns p and q so that element (p, q) becomes 0; `basis` holds the vectors as rows.
void rotate(Matrix3& a, Matrix3& basis, std::size_t p, std::size_t q) {
  if (a[p][q] == 0.0) return;
  const double theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
  const double t = (theta < 0.0 ? -1.0 : 1.0) / (std::abs(theta) + std::sqrt(theta * theta + 1.0));
  const double c = 1.0 / std::sqrt(t * t + 1.0);
  const double s = t * c;
  for (std::size_t k = 0; k < 3; ++k) {
    const double kp = a[k][p];
    const double kq = a[k][q];
    a[k][p] = c * kp - s * kq;
    a[k][q] = s * kp + c * kq;
  }
  for (std::size_t k = 0; k < 3; ++k) {
    const double pk = a[p][k];
    const double qk = a[q][k];
    a[p][k] = c * pk - s * qk;
    a[q][k] = s * pk + c * qk;
    const double bp = basis[p][k];
    const double bq = basis[q][k];
    basis[p][k] = c * bp - s * bq;
    basis[q][k] = s * bp + c * bq;
  }
  a[p][q] = a[q][p] = 0.0;
}

}  // namespace

SymmetricEigen symmetric_eigen(Matrix3 matrix) {
  constexpr int most_sweeps = 60;  // quadratic convergence: a handful is enough
  Matrix3 basis{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    if (matrix[0][1] == 0.0 && matrix[0][2] == 0.0 && matrix[1][2] == 0.0) break;
    rotate(matrix, basis, 0, 1);
    rotate(matrix, basis, 0, 2);
    rotate(matrix, basis, 1, 2);
  }
  return {{matrix[0][0], matrix[1][1], matrix[2][2]}, basis};
}

}  // namespace cellwright::morphology
