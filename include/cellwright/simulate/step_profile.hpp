#pragma once
/// Where the time of variable steps went.

#include <array>
#include <cstddef>
#include <cstdint>

namespace cellwright::simulate {

/// Sums over threads. Seconds of wall-clock time; looking at the clock itself makes steps a few per cent slower.
struct StepProfile {
  enum Phase : std::uint8_t {
    mechanisms,  ///< the functions that are generated from .mod files
    solve,       ///< the tree, stimuli, states at the solution
    history,     ///< sums over the last points, predictions, copies of points that are still needed
    control,     ///< error test, order, length of steps
    events,      ///< thresholds, WATCH conditions, deliveries
    output,      ///< recordings, dense output
    start,       ///< parameters, initialisation, taking the next lane
    scores,      ///< what receives the responses: features
    n_phases
  };
  static constexpr std::array<const char*, n_phases> names{"mechanisms", "solve",  "history", "control",
                                                           "events",     "output", "start",   "features and scores"};

  std::array<double, n_phases> seconds{};
  std::size_t pack_steps = 0;          ///< steps of all lanes of a pack together
  std::size_t places = 0;              ///< lanes that these had room for
  std::size_t steps = 0;               ///< accepted, of all lanes
  std::size_t rejected = 0;            ///< and not accepted
  std::array<std::size_t, 5> order{};  ///< accepted steps of order 1 to 4: order[k]
  double model_ms = 0;                 ///< model time that was covered

  StepProfile& operator+=(const StepProfile& other) {
    for (std::size_t k = 0; k < seconds.size(); ++k) seconds[k] += other.seconds[k];
    for (std::size_t k = 0; k < order.size(); ++k) order[k] += other.order[k];
    pack_steps += other.pack_steps;
    places += other.places;
    steps += other.steps;
    rejected += other.rejected;
    model_ms += other.model_ms;
    return *this;
  }
};

}  // namespace cellwright::simulate
