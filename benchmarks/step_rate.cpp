// What a step of the engine costs:
//   step_rate CELL.json fast|strict|float PROTOCOL BATCH... < vectors.json
// The vectors ([[value, ...], ...], in the order of the free parameters) are repeated to fill each batch. One protocol
// is simulated on one thread, without features, at least three times per batch; the fastest pass counts. Prints one
// JSON document: {"protocol": ..., "steps": n, "batches": [{"batch": n, "us_per_step_and_individual": x,
// "resident_mib": m, "kib_per_lane": k}, ...]}; the last is what a pack of lanes has allocated when its responses are
// there, recordings included.

#include <malloc.h>
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cellwright/nmodl/toolchain.hpp"
#include "cellwright/parallel/executor.hpp"
#include "cellwright/run/cell_evaluator.hpp"
#include "cellwright/run/problem.hpp"
#include "cellwright/simulate/simulator.hpp"

namespace {

using cellwright::Table;
using cellwright::numeric::NumericMode;

Table<double> repeated_vectors(const nlohmann::json& vectors, std::size_t batch) {
  Table<double> result(batch, vectors.at(0).size());
  for (std::size_t row = 0; row < batch; ++row) {
    const auto& vector = vectors.at(row % vectors.size());
    for (std::size_t column = 0; column < result.columns(); ++column)
      result(row, column) = vector.at(column).get<double>();
  }
  return result;
}

double resident_mib() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0);
}

double allocated_kib() {
  const struct mallinfo2 use = ::mallinfo2();
  return static_cast<double>(use.uordblks + use.hblkhd) / 1024.0;
}

/// What one thread allocates for a lane; a pack that is not full costs as much as a full one.
double kib_per_lane(const cellwright::simulate::PreparedModel& model, const cellwright::simulate::LaneBatch& batch,
                    std::size_t lanes) {
  const auto executor = cellwright::parallel::make_executor(1);
  const double before = allocated_kib();
  double most = 0;
  model.run(batch, *executor, [&](std::size_t, const cellwright::simulate::LaneResponses&) {
    most = std::max(most, allocated_kib() - before);
  });
  return most / static_cast<double>(std::min(batch.lanes.size(), lanes));
}

/// Seconds of the fastest of several passes.
double fastest_pass(const cellwright::simulate::PreparedModel& model, const cellwright::simulate::LaneBatch& batch) {
  using Clock = std::chrono::steady_clock;
  const auto executor = cellwright::parallel::make_executor(1);
  double best = std::numeric_limits<double>::infinity();
  double total = 0;
  for (int pass = 0; pass < 3 || total < 2.0; ++pass) {
    const auto start = Clock::now();
    model.run(batch, *executor, [](std::size_t, const cellwright::simulate::LaneResponses&) {});
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::min(best, seconds);
    total += seconds;
  }
  return best;
}

int measure(const std::string& cell_file, NumericMode numeric, const std::string& protocol_name,
            const std::vector<std::size_t>& batches) {
  const auto vectors = nlohmann::json::parse(std::cin);
  auto problem = cellwright::run::load_problem(cell_file);
  problem.simulator.numeric = numeric;
  std::erase_if(problem.protocols, [&](const auto& protocol) { return protocol.name != protocol_name; });
  if (problem.protocols.empty()) throw std::runtime_error("no protocol has the name '" + protocol_name + "'");
  const auto model = cellwright::run::make_simulator(problem.simulator)->prepare(problem.cell, problem.protocols);
  const double steps = std::round(model->protocol_durations_ms().front() / problem.simulator.dt_ms);
  const auto lanes = static_cast<std::size_t>(cellwright::nmodl::lanes_of(numeric));
  nlohmann::json results = nlohmann::json::array();
  for (const std::size_t size : batches) {
    const Table<double> parameters = repeated_vectors(vectors, size);
    cellwright::simulate::LaneBatch batch{.parameters = parameters.view(), .lanes = {}};
    for (std::size_t individual = 0; individual < size; ++individual) batch.lanes.push_back({individual, 0});
    const double seconds = fastest_pass(*model, batch);
    results.push_back({{"batch", size},
                       {"us_per_step_and_individual", seconds * 1e6 / steps / static_cast<double>(size)},
                       {"resident_mib", resident_mib()},
                       {"kib_per_lane", kib_per_lane(*model, batch, lanes)}});
  }
  std::cout << nlohmann::json{{"protocol", protocol_name}, {"steps", steps}, {"batches", results}} << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto numeric = cellwright::numeric::numeric_mode(argc >= 5 ? argv[2] : "");
  if (!numeric) {
    std::cerr << "usage: step_rate CELL.json fast|strict|float PROTOCOL BATCH... < vectors.json\n";
    return 2;
  }
  try {
    std::vector<std::size_t> batches;
    for (int k = 4; k < argc; ++k) batches.push_back(std::stoul(argv[k]));
    return measure(argv[1], *numeric, argv[3], batches);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
