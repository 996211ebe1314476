#include "simulate/native/event_pace.hpp"

#include <algorithm>
#include <cmath>

#include "simulate/native/step_control.hpp"

namespace cellwright::simulate::native {
namespace {

/// Part of a planned step: the formula behind an event is less exact than the others.
constexpr double part_of_planned = 0.7;
/// A step that keeps the history must be so many times longer than one without: it may fail, the other rarely does.
constexpr double least_gain = 2;
constexpr int most_failures = 3;
constexpr double largest_growth = 4;
/// While the history is not kept: weaker events may have followed strong ones.
constexpr double growth_unseen = 1.3;
constexpr double unlimited_ms = 1e3;

}  // namespace

void EventPace::start(double restart_h_ms) {
  restart_h_ = restart_h_ms;
  event_h_ = unlimited_ms;
  last_ = {};
  smooth_h_ = 0;
}

double EventPace::allowed(const Step& step) { return step.h_ms * safety * allowed_part(step.difference, step.order); }

/// Every step comes here: powers are for those few that are cut short, and for events.
void EventPace::accepted(double h_ms, double difference, int order, bool cut) {
  const Step step{h_ms, difference, order};
  if (cut) {
    smooth_h_ = std::max(smooth_h_, allowed(step));
  } else {
    last_ = step;
    smooth_h_ = 0;
  }
}

void EventPace::kept(double h_ms, double error, double error_anew, bool cut) {
  const double allowed = h_ms * std::clamp(safety * safety / error, 0.5, largest_growth);
  event_h_ = cut || h_ms < event_h_ ? std::max(allowed, event_h_) : allowed;
  restart_h_ = h_ms * std::clamp(safety / error_anew, 0.01, 100.0);
}

bool EventPace::is_worth_it(double h_ms) const { return h_ms > least_gain * restart_h_; }

double EventPace::begin(double h_ms) {
  failures_ = 0;
  const double h = std::min({part_of_planned * h_ms, std::max(smooth_h_, allowed(last_)), event_h_});
  if (is_worth_it(h)) return h;
  event_h_ = std::min(growth_unseen * event_h_, unlimited_ms);
  return 0;
}

/// With which power of the length the error falls tells two tries: 5 where it is that of what goes on, about 0.5 where
/// charge spreads along a dendrite.
double EventPace::retry(double h_ms, double error) {
  double power = 1;
  if (failures_ > 0) power = std::clamp(std::log(failed_error_ / error) / std::log(failed_h_ / h_ms), 0.5, 5.0);
  failed_h_ = h_ms;
  failed_error_ = error;
  event_h_ = h_ms * (std::isfinite(error) ? std::clamp(std::pow(safety / error, 1 / power), 0.05, 0.7) : 0.05);
  return ++failures_ < most_failures && is_worth_it(event_h_) ? event_h_ : 0;
}

}  // namespace cellwright::simulate::native
