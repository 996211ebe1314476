#include "cellwright/simulate/simulator.hpp"

#include <cmath>

#include <fmt/format.h>

namespace cellwright::simulate {

std::string describe(const LaneResponses& responses) {
  const double failed_at_ms = responses.failed_at_ms;
  switch (responses.status) {
    case LaneStatus::ok:
      return "ok";
    case LaneStatus::non_finite:
      return fmt::format("a recorded value became non-finite at {:.6g} ms", failed_at_ms);
    case LaneStatus::timed_out:
      return std::isnan(failed_at_ms) ? std::string("the time limit passed")
                                      : fmt::format("the time limit passed at {:.6g} ms of model time", failed_at_ms);
    case LaneStatus::event_in_the_past:
      return fmt::format("a mechanism sent an event to a time that is over at {:.6g} ms", failed_at_ms);
    case LaneStatus::too_many_events:
      return fmt::format("an endless chain of events without delay at {:.6g} ms", failed_at_ms);
    case LaneStatus::no_event_to_move:
      return fmt::format("net_move without a pending event of flag 1 at {:.6g} ms", failed_at_ms);
    case LaneStatus::simulator_failed:
      return responses.reason;
  }
  throw InternalError("unknown lane status");
}

}  // namespace cellwright::simulate
