// How many evaluations per second a cell file gives, in one warm process on one thread:
//   evaluate_rate CELL.json fast|strict|float < vectors.json
// The vectors ([[value, ...], ...], in the order of the free parameters) are one batch, evaluated over and over for
// about two seconds; the best pass counts. Seconds of processor time, which other programs disturb less than the
// clock's. Prints {"seconds_per_evaluation": s, "passes": n, "objectives": [[score, ...], ...]}.

#include <algorithm>
#include <ctime>
#include <iostream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cellwright/evaluate/cell_evaluator.hpp"
#include "cellwright/run/cell_evaluator.hpp"
#include "cellwright/run/problem.hpp"

namespace {

using cellwright::Table;
using cellwright::numeric::NumericMode;

Table<double> read_vectors(std::istream& input) {
  const auto json = nlohmann::json::parse(input);
  Table<double> vectors(json.size(), json.at(0).size());
  for (std::size_t row = 0; row < json.size(); ++row)
    for (std::size_t column = 0; column < vectors.columns(); ++column)
      vectors(row, column) = json.at(row).at(column).get<double>();
  return vectors;
}

std::shared_ptr<cellwright::evaluate::CellEvaluator> make_evaluator(const std::string& cell_file, NumericMode numeric) {
  auto problem = cellwright::run::load_problem(cell_file);
  problem.simulator.numeric = numeric;
  return cellwright::run::make_cell_evaluator(problem, 1);
}

int measure(const std::string& cell_file, NumericMode numeric) {
  const auto vectors = read_vectors(std::cin);
  auto evaluator = make_evaluator(cell_file, numeric);
  auto objectives = evaluator->evaluate(vectors.view());  // warms caches; its scores are reported
  double best = std::numeric_limits<double>::infinity();
  double total = 0;
  int passes = 0;
  while (total < 2.0 || passes < 3) {
    const std::clock_t start = std::clock();
    objectives = evaluator->evaluate(vectors.view());
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    best = std::min(best, seconds);
    total += seconds;
    ++passes;
  }
  nlohmann::json scores = nlohmann::json::array();
  for (std::size_t row = 0; row < objectives.values.rows(); ++row) {
    const auto values = objectives.values.row(row);
    scores.push_back(std::vector<double>(values.begin(), values.end()));
  }
  const double seconds_per_evaluation = best / static_cast<double>(vectors.rows());
  std::cout << nlohmann::json{{"seconds_per_evaluation", seconds_per_evaluation},
                              {"passes", passes},
                              {"objectives", scores}}
            << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto numeric = cellwright::numeric::numeric_mode(argc == 3 ? argv[2] : "");
  if (!numeric) {
    std::cerr << "usage: evaluate_rate CELL.json fast|strict|float < vectors.json\n";
    return 2;
  }
  try {
    return measure(argv[1], *numeric);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
