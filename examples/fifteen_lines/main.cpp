#include <cstdio>

#include "cellwright/optimise/deap_optimisation.hpp"

int main() {
  using namespace cellwright::optimise;
  auto distances = [](std::span<const double> v) {  // of a point from (0, 1) and from (2, 1), squared
    const double y2 = (v[1] - 1) * (v[1] - 1);
    return std::vector{v[0] * v[0] + y2, (v[0] - 2) * (v[0] - 2) + y2};
  };
  auto evaluator = make_evaluator({Parameter("x", -10, 10), Parameter("y", -10, 10)}, {"left", "right"}, distances);
  const auto best = DEAPOptimisation(evaluator, {.offspring_size = 100}).run({.max_ngen = 50}).hall_of_fame[0];
  std::printf("x = %.3f, y = %.3f, sum of scores %.5f\n", best.values[0], best.values[1], best.fitness.sum());
  return best.fitness.sum() < 2.01 ? 0 : 1;  // the least is 2, at (1, 1)
}
