#pragma once
/// Eigenvalues and eigenvectors of real symmetric matrices, in the order and with the signs of numpy.linalg.eigh.

#include "cellwright/base/table.hpp"

#include <vector>

namespace cellwright::numeric {

struct SymmetricEigen {
  std::vector<double> values;  ///< [n], ascending
  Table<double> vectors;       ///< [n, n]; column j is the unit vector of values[j]
};

/// Reads the lower triangle of `matrix` [n, n]. Householder's reduction to a tridiagonal matrix and implicitly shifted
/// QL or QR steps, with the choices of LAPACK's dsytd2 and dsteqr, which numpy.linalg.eigh (dsyevd) takes up to n = 25:
/// to that size each vector has NumPy's sign, and differs by rounding only where its eigenvalue stands apart. The
/// vectors of a multiple eigenvalue are some orthonormal basis, which rounding decides in LAPACK too. For larger n
/// NumPy divides and conquers: there the signs of vectors may differ.
/// A matrix with a value that is not finite gives NaN throughout.
/// @throws InternalError if the matrix is not square or the steps do not converge (30 a value).
/// @see Golub & Van Loan, Matrix Computations, 8.3; Anderson et al. (1999), LAPACK Users' Guide.
SymmetricEigen symmetric_eigen(const Table<double>& matrix);

}  // namespace cellwright::numeric
