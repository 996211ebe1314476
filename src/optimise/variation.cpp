#include "cellwright/optimise/variation.hpp"

#include <algorithm>
#include <cmath>

// Every expression below keeps DEAP's order of operations and the C library's pow, so that results agree bit for bit.
namespace cellwright::optimise {
namespace {

/// Spread factor of SBX: how far the children lie from the middle, in units of half the parents' distance.
/// @param beta 1 + 2 * (distance of the nearer parent to the bound) / (distance of the parents)
double spread_factor(double beta, double draw, double eta) {
  const double alpha = 2.0 - std::pow(beta, -(eta + 1.0));
  if (draw <= 1.0 / alpha) return std::pow(draw * alpha, 1.0 / (eta + 1.0));
  return std::pow(1.0 / (2.0 - draw * alpha), 1.0 / (eta + 1.0));
}

double clamped(double value, const Bounds& bounds) { return std::min(std::max(value, bounds.lower), bounds.upper); }

void cross_gene(double& a, double& b, double eta, const Bounds& bounds, numeric::PythonRandom& random) {
  const double x1 = std::min(a, b);
  const double x2 = std::max(a, b);
  const double draw = random.random();
  const double lower_spread = spread_factor(1.0 + (2.0 * (x1 - bounds.lower) / (x2 - x1)), draw, eta);
  const double c1 = clamped(0.5 * (x1 + x2 - lower_spread * (x2 - x1)), bounds);
  const double upper_spread = spread_factor(1.0 + (2.0 * (bounds.upper - x2) / (x2 - x1)), draw, eta);
  const double c2 = clamped(0.5 * (x1 + x2 + upper_spread * (x2 - x1)), bounds);
  const bool swap = random.random() <= 0.5;
  a = swap ? c2 : c1;
  b = swap ? c1 : c2;
}

double mutated_gene(double x, double eta, const Bounds& bounds, double draw) {
  const double width = bounds.upper - bounds.lower;
  const double power = 1.0 / (eta + 1.0);
  double step = 0.0;
  if (draw < 0.5) {
    const double xy = 1.0 - (x - bounds.lower) / width;
    const double value = 2.0 * draw + (1.0 - 2.0 * draw) * std::pow(xy, eta + 1.0);
    step = std::pow(value, power) - 1.0;
  } else {
    const double xy = 1.0 - (bounds.upper - x) / width;
    const double value = 2.0 * (1.0 - draw) + 2.0 * (draw - 0.5) * std::pow(xy, eta + 1.0);
    step = 1.0 - std::pow(value, power);
  }
  return clamped(x + step * width, bounds);
}

}  // namespace

void draw_uniform(std::span<double> values, std::span<const Bounds> bounds, numeric::PythonRandom& random) {
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = bounds[i].lower + (bounds[i].upper - bounds[i].lower) * random.random();
}

void simulated_binary_crossover(std::span<double> a, std::span<double> b, double eta, std::span<const Bounds> bounds,
                                numeric::PythonRandom& random) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (random.random() > 0.5) continue;
    if (std::abs(a[i] - b[i]) > 1e-14) cross_gene(a[i], b[i], eta, bounds[i], random);
  }
}

void polynomial_mutation(std::span<double> values, double eta, std::span<const Bounds> bounds, double gene_probability,
                         numeric::PythonRandom& random) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (random.random() > gene_probability) continue;
    values[i] = mutated_gene(values[i], eta, bounds[i], random.random());
  }
}

std::vector<Varied> vary(Table<double>& individuals, const VariationSettings& settings, std::span<const Bounds> bounds,
                         numeric::PythonRandom& random) {
  std::vector<Varied> varied(individuals.rows());
  for (std::size_t row = 1; row < individuals.rows(); row += 2) {
    if (!(random.random() < settings.cxpb)) continue;
    simulated_binary_crossover(individuals.row(row - 1), individuals.row(row), settings.eta, bounds, random);
    varied[row - 1].crossed = varied[row].crossed = true;
  }
  for (std::size_t row = 0; row < individuals.rows(); ++row) {
    if (!(random.random() < settings.mutpb)) continue;
    polynomial_mutation(individuals.row(row), settings.eta, bounds, 0.5, random);
    varied[row].mutated = true;
  }
  return varied;
}

}  // namespace cellwright::optimise
