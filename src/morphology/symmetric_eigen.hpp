#pragma once
/// Eigenvalues and eigenvectors of a symmetric 3 x 3 matrix.

#include <array>

namespace cellwright::morphology {

using Matrix3 = std::array<std::array<double, 3>, 3>;

struct SymmetricEigen {
  std::array<double, 3> values{};  ///< in no particular order
  Matrix3 vectors{};               ///< vectors[k] belongs to values[k], of length 1
};

/// Cyclic Jacobi rotations until the off-diagonal elements vanish.
SymmetricEigen symmetric_eigen(Matrix3 matrix);

}  // namespace cellwright::morphology
