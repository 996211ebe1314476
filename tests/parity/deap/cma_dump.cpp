// Runs CMA evolution strategies on test problems and writes every number with 17 digits; cma_replay.py runs the same
// cases with BluePyOpt and compares the numbers.
//
// Standard input, one case:
//   <selector> <seed> <parameters> <objectives> <offspring, 0: default> <generations> <sigma> <weight_hv> <centroids>
//   <decompositions>
// then <centroids> rows of <parameters> values, then <decompositions> eigen-decompositions: <parameters> eigenvalues,
// then the eigenvectors row by row. Where there are any, the strategy takes these, and the largest residual of any of
// them against the strategy's own covariance matrix is written.
#include "cellwright/optimise/deap_optimisation_cma.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>

#include <fmt/format.h>

namespace {

using namespace cellwright;
using namespace cellwright::optimise;

struct Case {
  CMASettings settings;
  std::size_t parameters = 0, objectives = 0;
  int generations = 0;
  std::vector<numeric::SymmetricEigen> decompositions;
};

// The same doubles as in Python: only + - * / in the same order.
double objective(std::span<const double> v, std::size_t k) {
  double sum = 0.0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double centre = static_cast<double>((7 * i + 3 * k) % 11) / 10.0 - 0.25;
    const double weight = static_cast<double>(1 + (i + 2 * k) % 5);
    const double distance = v[i] - centre;
    sum = sum + weight * distance * distance;
  }
  return sum / static_cast<double>(k + 1);
}

std::shared_ptr<Evaluator> make_problem(const Case& c) {
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < c.parameters; ++i)
    parameters.emplace_back(fmt::format("p{}", i), -1.0 - static_cast<double>(i), 2.0 + 0.5 * static_cast<double>(i));
  std::vector<std::string> names;
  for (std::size_t k = 0; k < c.objectives; ++k) names.push_back(fmt::format("f{}", k));
  return make_evaluator(std::move(parameters), std::move(names), [n = c.objectives](std::span<const double> v) {
    std::vector<double> scores;
    for (std::size_t k = 0; k < n; ++k) scores.push_back(objective(v, k));
    return scores;
  });
}

/// Largest element of B D^2 B^T - C relative to that of C.
double residual(const numeric::SymmetricEigen& eigen, const Table<double>& matrix) {
  double worst = 0;
  double largest = 0;
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    for (std::size_t j = 0; j < matrix.rows(); ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < matrix.rows(); ++k)
        sum += eigen.vectors(i, k) * eigen.values[k] * eigen.vectors(j, k);
      worst = std::max(worst, std::abs(sum - matrix(i, j)));
      largest = std::max(largest, std::abs(matrix(i, j)));
    }
  }
  return worst / largest;
}

Case read_case() {
  Case c;
  std::size_t offspring = 0;
  std::size_t centroids = 0;
  std::size_t decompositions = 0;
  std::cin >> c.settings.selector_name >> c.settings.seed >> c.parameters >> c.objectives >> offspring >>
      c.generations >> c.settings.sigma >> c.settings.weight_hv >> centroids >> decompositions;
  if (!std::cin) throw std::runtime_error("not a case");
  if (offspring > 0) c.settings.offspring_size = offspring;
  c.settings.centroids.assign(centroids, std::vector<double>(c.parameters));
  for (std::vector<double>& centroid : c.settings.centroids)
    for (double& value : centroid) std::cin >> value;
  for (std::size_t d = 0; d < decompositions; ++d) {
    numeric::SymmetricEigen eigen{std::vector<double>(c.parameters), Table<double>(c.parameters, c.parameters)};
    for (double& value : eigen.values) std::cin >> value;
    for (double& value : eigen.vectors.values()) std::cin >> value;
    c.decompositions.push_back(std::move(eigen));
  }
  if (!std::cin) throw std::runtime_error("the case is cut short");
  return c;
}

void print(const char* name, std::span<const double> values) {
  std::cout << name;
  for (const double value : values) std::cout << fmt::format(" {:.17g}", value);
  std::cout << '\n';
}

void print_generation(const GenerationReport& report) {
  if (report.state.generation == 0) return;
  for (std::size_t i = 0; i < report.pool.size(); ++i) {
    print("x", report.pool.parameters.row(i));
    print("f", report.pool.objectives.row(i));
  }
  const LogbookRow& row = report.row;
  print("log", std::vector<double>{static_cast<double>(row.gen), static_cast<double>(row.nevals), row.avg, row.std,
                                   row.min, row.max});
}

void run_case(Case c) {
  double worst = 0;
  std::size_t next = 0;
  if (!c.decompositions.empty()) {
    c.settings.eigen_solver = [&](const Table<double>& matrix) {
      worst = std::max(worst, residual(c.decompositions.at(next), matrix));
      return c.decompositions[next++];
    };
  }
  DEAPOptimisationCMA optimisation(make_problem(c), c.settings);
  const RunResult result = optimisation.run({.max_ngen = c.generations - 1, .observers = {print_generation}});
  for (const Individual& individual : result.hall_of_fame) print("hof", individual.values);
  if (const CMA_SO* strategy = optimisation.algorithm().single_objective()) {
    print("centroid", strategy->centroid());
    print("sigma", std::vector<double>{strategy->sigma()});
    print("C", strategy->covariance().values());
  } else {
    for (std::size_t i = 0; i < optimisation.algorithm().multi_objective()->parents().rows(); ++i)
      print("parent", optimisation.algorithm().multi_objective()->parents().row(i));
  }
  print("residual", std::vector<double>{worst});
  std::cout << "finished " << result.finished << "\nend\n";
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  try {
    while (std::cin >> std::ws, std::cin.good()) run_case(read_case());
  } catch (const std::exception& error) {
    std::cerr << "cma_dump: " << error.what() << '\n';
    return 1;
  }
}
