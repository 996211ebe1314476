// What packs of 8 individuals cost on one thread:
//   pack_costs CELL.json < vectors.json
// The vectors ([[value, ...], ...], in the order of the free parameters) are evaluated 8 at a time. Prints processor
// seconds of each 8 as a JSON list.

#include <iostream>
#include <nlohmann/json.hpp>

#include "cellwright/evaluate/cell_evaluator.hpp"
#include "cellwright/run/cell_evaluator.hpp"
#include "cellwright/run/problem.hpp"
#include "process_usage.hpp"

namespace {

constexpr std::size_t lanes = 8;

void measure(const std::string& cell_file) {
  const auto vectors = nlohmann::json::parse(std::cin);
  const auto evaluator = cellwright::run::make_cell_evaluator(cellwright::run::load_problem(cell_file), 1);
  cellwright::Table<double> pack(lanes, vectors.at(0).size());
  nlohmann::json seconds = nlohmann::json::array();
  for (std::size_t first = 0; first + lanes <= vectors.size(); first += lanes) {
    for (std::size_t row = 0; row < lanes; ++row)
      for (std::size_t column = 0; column < pack.columns(); ++column)
        pack(row, column) = vectors.at(first + row).at(column).get<double>();
    const double start = processor_seconds();
    evaluator->evaluate(pack.view());
    seconds.push_back(processor_seconds() - start);
  }
  std::cout << seconds << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: pack_costs CELL.json < vectors.json\n";
    return 2;
  }
  try {
    measure(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
