// Runs optimisations of test problems and writes every number as 16 hexadecimal digits (the bits of the double).
// tests/parity/deap_replay.py runs the same cases with BluePyOpt and compares the texts.
//
// Standard input, one case a line:
//   <problem> <seed> <parameters> <objectives> <offspring> <generations> <eta> <mutpb> <cxpb> <selector> <save after>
// With <save after> = g > 0 the run is stopped after generation g, and another object goes on from the saved state.
#include "cellwright/optimise/deap_optimisation.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iostream>
#include <limits>
#include <sstream>

#include <fmt/format.h>

namespace {

using namespace cellwright;
using namespace cellwright::optimise;

struct Case {
  std::string problem;
  std::int64_t seed = 0;
  std::size_t parameters = 0;
  std::size_t objectives = 0;
  std::size_t offspring = 0;
  int generations = 0;
  double eta = 0;
  double mutpb = 0;
  double cxpb = 0;
  std::string selector;
  int save_after = 0;
};

// The same doubles as in Python: only + - * / and comparisons, in the same order.
double smooth_objective(std::span<const double> v, std::size_t k) {
  double sum = 0.0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double centre = static_cast<double>((7 * i + 3 * k) % 11) / 10.0 - 0.25;
    const double weight = static_cast<double>(1 + (i + 2 * k) % 5);
    const double distance = v[i] - centre;
    sum = sum + weight * distance * distance;
  }
  return sum / static_cast<double>(k + 1);
}

double objective(const std::string& problem, std::span<const double> v, std::size_t k) {
  const double smooth = smooth_objective(v, k);
  if (problem == "ties") return std::floor(smooth / 2.0);
  if (problem == "coarse") return std::floor(std::min(smooth, 8.0) / 2.0);
  if (problem == "constant" && k % 2 == 0) return 3.0;
  if (problem == "failing" && v[k % v.size()] > 1.0) return std::numeric_limits<double>::quiet_NaN();
  if (problem == "offset") return smooth - 20.0;
  return smooth;
}

std::shared_ptr<Evaluator> make_problem(const Case& c) {
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < c.parameters; ++i) {
    parameters.emplace_back(fmt::format("p{}", i), -1.0 - static_cast<double>(i), 2.0 + 0.5 * static_cast<double>(i));
  }
  std::vector<std::string> names;
  for (std::size_t k = 0; k < c.objectives; ++k) names.push_back(fmt::format("f{}", k));
  return make_evaluator(std::move(parameters), std::move(names), [c](std::span<const double> v) {
    std::vector<double> scores;
    for (std::size_t k = 0; k < c.objectives; ++k) scores.push_back(objective(c.problem, v, k));
    return scores;
  });
}

std::string bits(double value) { return fmt::format("{:016x}", std::bit_cast<std::uint64_t>(value)); }

std::string row_text(std::span<const double> parameters, std::span<const double> objectives) {
  std::string text;
  for (const double value : parameters) text += bits(value) + " ";
  for (const double value : objectives) text += bits(value) + " ";
  return text + "\n";
}

std::string pool_text(const Population& population) {
  std::string text;
  for (std::size_t i = 0; i < population.size(); ++i)
    text += row_text(population.parameters.row(i), population.objectives.row(i));
  return text;
}

/// Writes a generation as BluePyOpt sees it: the pool before selection, the statistics, the selected parents.
void print_generation(const GenerationReport& report) {
  const LogbookRow& row = report.row;
  std::cout << "generation " << row.gen << " nevals " << row.nevals << '\n' << pool_text(report.pool);
  std::cout << "log " << bits(row.avg) << ' ' << bits(row.std) << ' ' << bits(row.min) << ' ' << bits(row.max) << '\n';
  if (row.gen > 1) std::cout << "parents\n" << pool_text(report.state.pool.subset(report.state.parents));
}

void run_case(const Case& c) {
  const DEAPSettings settings{.seed = c.seed,
                              .offspring_size = c.offspring,
                              .eta = c.eta,
                              .mutpb = c.mutpb,
                              .cxpb = c.cxpb,
                              .selector_name = c.selector};
  DEAPOptimisation first(make_problem(c), settings);
  RunOptions options{.max_ngen = c.generations, .observers = {print_generation}};
  RunResult result;
  numeric::PythonRandom::State random;
  if (c.save_after > 0) {
    options.max_ngen = c.save_after;
    first.run(options);
    DEAPOptimisation second(make_problem(c), {.seed = 12345});
    second.restore(first.state());
    options.max_ngen = c.generations;
    options.continue_run = true;
    result = second.run(options);
    random = second.state().random;
  } else {
    result = first.run(options);
    random = first.state().random;
  }
  std::cout << "final\n" << pool_text(result.population) << "hall of fame\n";
  for (const Individual& individual : result.hall_of_fame)
    std::cout << row_text(individual.values, individual.fitness.values());
  std::cout << "next " << bits(numeric::PythonRandom(random).random()) << "\nend\n";
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  try {
    for (std::string line; std::getline(std::cin, line);) {
      std::istringstream words(line);
      Case c;
      words >> c.problem >> c.seed >> c.parameters >> c.objectives >> c.offspring >> c.generations >> c.eta >>
          c.mutpb >> c.cxpb >> c.selector >> c.save_after;
      if (!words) throw std::runtime_error("not a case: " + line);
      run_case(c);
      std::cout.flush();
    }
  } catch (const std::exception& error) {
    std::cerr << "replay_dump: " << error.what() << '\n';
    return 1;
  }
}
