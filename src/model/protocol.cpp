#include "cellwright/model/protocol.hpp"

#include <algorithm>

namespace cellwright::model {

double total_duration_ms(const Stimulus& stimulus) {
  return std::visit([](const auto& s) { return s.total_duration_ms; }, stimulus);
}

double SweepProtocol::total_duration_ms() const {
  double longest = 0;
  for (const Stimulus& stimulus : stimuli) longest = std::max(longest, model::total_duration_ms(stimulus));
  return longest;
}

}  // namespace cellwright::model
