// A user's own program: fits a line through three points with cellwright's optimiser.
#include <array>
#include <cmath>
#include <cstdio>
#include <span>
#include <vector>

#include "cellwright/optimise/deap_optimisation.hpp"

int main() {
  using namespace cellwright::optimise;
  auto misses = [](std::span<const double> line) {  // how far y = line[0] + line[1] x passes from each point
    std::vector<double> result;
    for (auto [x, y] : {std::array{0.0, 1.0}, std::array{1.0, 3.0}, std::array{2.0, 5.0}})
      result.push_back(std::abs(line[0] + line[1] * x - y));
    return result;
  };
  auto evaluator = make_evaluator({Parameter("offset", -10, 10), Parameter("slope", -10, 10)}, {"at 0", "at 1", "at 2"}, misses);
  DEAPOptimisation optimisation(evaluator, {.seed = 1, .offspring_size = 40});
  auto best = optimisation.run({.max_ngen = 40}).hall_of_fame[0];
  std::printf("offset %.3f slope %.3f sum %.3f\n", best.values[0], best.values[1], best.fitness.sum());
  return best.fitness.sum() < 0.5 ? 0 : 1;  // the answer is offset 1, slope 2, sum 0
}
