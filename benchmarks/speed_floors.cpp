// The least speed of the engine, as a ratio to plain scalar code in the same process, so that neither the machine nor
// what else runs on it counts for much:
//   speed_floors CELL.json
// CELL.json is speed_floors/cell.json, a cable with hh. The scalar code below simulates the same cable with the same
// method, one individual after the other, in the plainest way. Processor time, the best of several passes in turn.
// Prints one JSON object; exit status 1 if a ratio is below its floor or the two do not spike equally often.

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <iostream>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>
#include <numbers>
#include <string>
#include <vector>

#include "cellwright/base/table.hpp"
#include "cellwright/parallel/executor.hpp"
#include "cellwright/run/cell_evaluator.hpp"
#include "cellwright/run/problem.hpp"
#include "cellwright/simulate/simulator.hpp"

namespace {

namespace sim = cellwright::simulate;

constexpr std::size_t individuals = 16;
constexpr std::size_t compartments = 101;
constexpr double dt_ms = 0.025, total_ms = 50, delay_ms = 1, duration_ms = 48, amplitude_na = 0.5;
constexpr double length_um = 1000, diameter_um = 2, axial_ohm_cm = 100;
constexpr int passes = 5;
/// What must hold: the ratio of the scalar code's time to the engine's, at least.
struct Floor {
  const char *name, *step, *numeric;
  double ratio;
};
/// Measured 8.4, 5.3, 13.6 and 5.2 with AVX-512, loaded.
constexpr std::array floors{Floor{"fixed", "fixed", "fast", 5}, Floor{"variable", "variable", "fast", 3},
                            Floor{"fixed, float", "fixed", "float", 8},
                            Floor{"variable, float", "variable", "float", 3}};

double sodium_of(std::size_t individual) {
  return 0.1 + 0.1 * static_cast<double>(individual) / static_cast<double>(individuals);
}

int upward_crossings(std::span<const double> trace) {
  int count = 0;
  for (std::size_t k = 1; k < trace.size(); ++k) count += trace[k - 1] < -20 && trace[k] >= -20;
  return count;
}

// ---------------------------------------------------------------------------------------------------- scalar code

struct Gate {
  double inf, tau;
};
struct Rates {
  Gate m, h, n;
};

/// x / (exp(x / y) - 1), continued over 0.
double trap(double x, double y) { return std::fabs(x / y) < 1e-6 ? y * (1 - x / y / 2) : x / (std::exp(x / y) - 1); }

/// Hodgkin and Huxley (1952), shifted to a rest of -65 mV, at 6.3 degrees.
Rates rates_at(double v) {
  const auto gate = [](double a, double b) { return Gate{a / (a + b), 1 / (a + b)}; };
  return {gate(0.1 * trap(-(v + 40), 10), 4 * std::exp(-(v + 65) / 18)),
          gate(0.07 * std::exp(-(v + 65) / 20), 1 / (std::exp(-(v + 35) / 10) + 1)),
          gate(0.01 * trap(-(v + 55), 10), 0.125 * std::exp(-(v + 65) / 80))};
}

/// A cable with hh: implicit Euler for v, then exact exponentials for the gates.
class ScalarCable {
 public:
  explicit ScalarCable(double sodium) : sodium_(sodium) {
    const Rates rest = rates_at(-65);
    v_.fill(-65), m_.fill(rest.m.inf), h_.fill(rest.h.inf), n_.fill(rest.n.inf);
  }

  void step(double current_na) {
    constexpr double segment = length_um / static_cast<double>(compartments);
    constexpr double area = std::numbers::pi * diameter_um * segment;                                          // um2
    constexpr double ri = axial_ohm_cm * segment * 0.01 / (std::numbers::pi * diameter_um * diameter_um / 4);  // megohm
    constexpr double axial = 100 / (ri * area);
    std::array<double, compartments> d{}, rhs{};
    for (std::size_t i = 0; i < compartments; ++i) {
      const double gna = sodium_ * m_[i] * m_[i] * m_[i] * h_[i], gk = 0.036 * n_[i] * n_[i] * n_[i] * n_[i];
      d[i] = 1e-3 / dt_ms + gna + gk + 0.0003;
      rhs[i] = -gna * (v_[i] - 50) - gk * (v_[i] + 77) - 0.0003 * (v_[i] + 54.3);
    }
    rhs[compartments / 2] += current_na * 100 / area;
    for (std::size_t i = 1; i < compartments; ++i) {
      const double flow = axial * (v_[i - 1] - v_[i]);
      rhs[i] += flow, rhs[i - 1] -= flow, d[i] += axial, d[i - 1] += axial;
    }
    for (std::size_t i = compartments - 1; i > 0; --i) {
      const double factor = axial / d[i];
      d[i - 1] -= factor * axial, rhs[i - 1] += factor * rhs[i];
    }
    double change = 0;
    for (std::size_t i = 0; i < compartments; ++i) {
      change = (rhs[i] + (i > 0 ? axial * change : 0)) / d[i];
      v_[i] += change;
      const Rates r = rates_at(v_[i]);
      m_[i] += (1 - std::exp(-dt_ms / r.m.tau)) * (r.m.inf - m_[i]);
      h_[i] += (1 - std::exp(-dt_ms / r.h.tau)) * (r.h.inf - h_[i]);
      n_[i] += (1 - std::exp(-dt_ms / r.n.tau)) * (r.n.inf - n_[i]);
    }
  }
  double v_middle() const { return v_[compartments / 2]; }

 private:
  double sodium_;
  std::array<double, compartments> v_{}, m_{}, h_{}, n_{};
};

int scalar_spikes(double sodium) {
  ScalarCable cable(sodium);
  std::vector<double> trace{cable.v_middle()};
  const auto steps = static_cast<int>(std::lround(total_ms / dt_ms));
  for (int k = 0; k < steps; ++k) {
    const double t = (k + 0.5) * dt_ms;
    cable.step(t > delay_ms && t < delay_ms + duration_ms ? amplitude_na : 0);
    trace.push_back(cable.v_middle());
  }
  return upward_crossings(trace);
}

std::vector<int> scalar_run() {
  std::vector<int> spikes;
  for (std::size_t i = 0; i < individuals; ++i) spikes.push_back(scalar_spikes(sodium_of(i)));
  return spikes;
}

// ---------------------------------------------------------------------------------------------------- the engine

class Engine {
 public:
  Engine(cellwright::run::Problem problem, const Floor& floor) : parameters_(individuals, 1) {
    problem.simulator.step = floor.step;
    problem.simulator.numeric = cellwright::numeric::numeric_mode(floor.numeric).value();
    model_ = cellwright::run::make_simulator(problem.simulator, 0.1)->prepare(problem.cell, problem.protocols);
    for (std::size_t i = 0; i < individuals; ++i) parameters_(i, 0) = sodium_of(i);
    batch_.parameters = parameters_.view();
    for (std::size_t i = 0; i < individuals; ++i) batch_.lanes.push_back({i, 0});
  }
  std::vector<int> run() const {
    std::vector<int> spikes(individuals);
    model_->run(batch_, *executor_, [&](std::size_t lane, const sim::LaneResponses& responses) {
      spikes[lane] = upward_crossings(responses.recordings.front());
    });
    return spikes;
  }

 private:
  cellwright::Table<double> parameters_;
  sim::LaneBatch batch_;
  std::unique_ptr<sim::PreparedModel> model_;
  std::shared_ptr<cellwright::parallel::Executor> executor_ = cellwright::parallel::make_executor(1);
};

template <class Run>
void time(const Run& run, double& best_s, std::vector<int>& spikes) {
  const std::clock_t start = std::clock();
  spikes = run();
  best_s = std::min(best_s, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
}

int measure(const std::string& cell_file) {
  const auto problem = cellwright::run::load_problem(cell_file);
  std::vector<std::unique_ptr<Engine>> engines;
  for (const Floor& floor : floors) engines.push_back(std::make_unique<Engine>(problem, floor));
  std::vector<double> best(floors.size() + 1, std::numeric_limits<double>::infinity());
  std::vector<std::vector<int>> spikes(best.size());
  for (int pass = 0; pass < passes; ++pass) {
    time(scalar_run, best.back(), spikes.back());
    for (std::size_t k = 0; k < engines.size(); ++k) time([&] { return engines[k]->run(); }, best[k], spikes[k]);
  }
  const double lane_steps = static_cast<double>(individuals * compartments) * total_ms / dt_ms;
  nlohmann::json rows = nlohmann::json::array();
  bool holds = true;
  for (std::size_t k = 0; k < floors.size(); ++k) {
    const double ratio = best.back() / best[k];
    const bool agree = spikes[k] == spikes.back();
    holds = holds && agree && ratio >= floors[k].ratio;
    rows.push_back({{"engine", floors[k].name}, {"ratio", ratio}, {"floor", floors[k].ratio}, {"spikes_agree", agree}});
  }
  std::cout << nlohmann::json{{"scalar_ns_per_compartment_step", best.back() * 1e9 / lane_steps},
                              {"spikes", spikes.back()},
                              {"floors", rows},
                              {"holds", holds}}
            << "\n";
  return holds ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: speed_floors CELL.json\n";
    return 2;
  }
  try {
    return measure(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
