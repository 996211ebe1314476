#include "cellwright/simulate/simulator.hpp"

#include <fmt/format.h>

namespace cellwright::simulate {

std::string describe(LaneStatus status, double failed_at_ms) {
  switch (status) {
    case LaneStatus::ok:
      return "ok";
    case LaneStatus::non_finite:
      return fmt::format("a recorded value became non-finite at {:.6g} ms", failed_at_ms);
    case LaneStatus::timed_out:
      return fmt::format("the time limit passed at {:.6g} ms of model time", failed_at_ms);
  }
  throw InternalError("unknown lane status");
}

}  // namespace cellwright::simulate
