#pragma once
/// Crossover and mutation, with the draws and the arithmetic of DEAP 1.4.4 in the same order.

#include "cellwright/base/table.hpp"
#include "cellwright/numeric/python_random.hpp"
#include "cellwright/optimise/parameter.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace cellwright::optimise {

/// A vector of n_parameters uniform values: lower + (upper - lower) * u, one draw each.
void draw_uniform(std::span<double> values, std::span<const Bounds> bounds, numeric::PythonRandom& random);

/// Simulated binary crossover of two vectors within bounds (Deb & Agrawal 1995, Complex Systems 9:115; bounded form of
/// the NSGA-II program). 1 draw for a gene that is not exchanged or equal in both, 3 for one that is.
/// @param eta distribution index >= 0: larger values keep children nearer to their parents.
/// @see deap.tools.cxSimulatedBinaryBounded
void simulated_binary_crossover(std::span<double> a, std::span<double> b, double eta, std::span<const Bounds> bounds,
                                numeric::PythonRandom& random);

/// Polynomial mutation within bounds (Deb & Goyal 1996, Computer Science and Informatics 26:30), every gene with
/// probability `gene_probability`. 1 draw for a gene that stays, 2 for one that mutates.
/// @see deap.tools.mutPolynomialBounded
void polynomial_mutation(std::span<double> values, double eta, std::span<const Bounds> bounds, double gene_probability,
                         numeric::PythonRandom& random);

struct VariationSettings {
  double eta = 10.0;
  double mutpb = 1.0;  ///< probability that an individual is mutated
  double cxpb = 1.0;   ///< probability that a pair is crossed
};

/// What vary() did to one row.
struct Varied {
  bool crossed = false;  ///< with the other row of its pair: rows 0 and 1, 2 and 3, ...
  bool mutated = false;
  bool changed() const { return crossed || mutated; }
};

/// Varies the rows of `individuals` in place: crosses the pairs (0, 1), (2, 3), ..., then mutates all (gene probability
/// 0.5). An odd last row is not crossed. A row counts as changed by the decision, even if none of its genes moved.
/// @see deap.algorithms.varAnd
std::vector<Varied> vary(Table<double>& individuals, const VariationSettings& settings, std::span<const Bounds> bounds,
                         numeric::PythonRandom& random);

}  // namespace cellwright::optimise
