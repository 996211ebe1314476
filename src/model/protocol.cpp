#include "cellwright/model/protocol.hpp"

#include <algorithm>

namespace cellwright::model {

namespace {

double duration_ms(const NrnCurrentPlayStimulus& s) {
  return s.time_points_ms.empty() ? 0.0 : *std::max_element(s.time_points_ms.begin(), s.time_points_ms.end());
}

template <class Other>
double duration_ms(const Other& s) {
  return s.total_duration_ms;
}

}  // namespace

double total_duration_ms(const Stimulus& stimulus) {
  return std::visit([](const auto& s) { return duration_ms(s); }, stimulus);
}

double SweepProtocol::total_duration_ms() const {
  double longest = 0;
  for (const Stimulus& stimulus : stimuli) longest = std::max(longest, model::total_duration_ms(stimulus));
  return longest;
}

}  // namespace cellwright::model
