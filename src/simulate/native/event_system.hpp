#pragma once
/// Events of one pack: what NEURON's NetCvode does in a fixed step, for each lane on its own.

#include <array>
#include <cstdint>
#include <vector>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/compile/compiled_model.hpp"
#include "simulate/native/event_queue.hpp"
#include "simulate/native/precision.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

class BlockState;

/// Why a lane's events cannot go on.
enum class EventFailure : std::uint8_t {
  none,
  in_the_past,  ///< a mechanism sent an event to a time that is over, or that is no number
  too_many,     ///< an endless chain of events without delay
  no_event      ///< net_move without a pending event of flag 1
};

class EventSystem {
 public:
  /// Sets cw_block.events of every block. @param blocks  must not move as long as this object lives.
  EventSystem(const compile::CompiledModel& model, std::vector<BlockState>& blocks);
  EventSystem(const EventSystem&) = delete;
  EventSystem& operator=(const EventSystem&) = delete;

  /// Whether anything in the model can send or receive events; without, the functions below need not be called.
  static bool needed(const compile::CompiledModel& model);

  /// Empties the queues, forgets WATCHes and thresholds, sets the weights.
  void begin(const compile::CompiledProtocol& protocol);
  /// After begin(): one lane gets the first weights that the protocol's connections have for its individual.
  void vary_weights(std::size_t lane, const compile::CompiledProtocol& own);
  /// The INITIAL blocks of NET_RECEIVE, in order of the connections.
  void initialise_connections();
  /// Tests thresholds and WATCH conditions with the present v. @param t_ms  time of v.
  void detect(double t_ms, const Real* v);
  /// Delivers all events up to `until_ms`. @param time  [W] what mechanisms see as t; restored at the end.
  void deliver(double until_ms, double* time);

  // Of the variable step, one lane at a time.

  /// A connection whose threshold v has risen through.
  struct Crossing {
    std::size_t connection;
    double time_ms;
  };
  /// Takes the events of a lane of another pack in the same protocol.
  void copy_lane(const EventSystem& from, std::size_t from_lane, std::size_t to_lane);
  double next_event_ms(std::size_t lane) const { return lanes_[lane].queue.next_time_ms(); }
  const std::vector<std::size_t>& thresholds() const { return thresholds_; }
  const compile::CompiledConnection& connection(std::size_t c) const { return *connections_[c]; }
  /// Whether v was above the threshold at the last test.
  bool is_above(std::size_t c, std::size_t lane) const { return lanes_[lane].above[c] != 0; }
  void set_above(std::size_t c, std::size_t lane, bool above) { lanes_[lane].above[c] = above; }
  void send_crossing(const Crossing& crossing, std::size_t lane) {
    if (lanes_[lane].failure == EventFailure::none) send_through(crossing.connection, lane, crossing.time_ms);
  }
  /// The part of a step at whose end a WATCH condition may begin to hold; 1: none does before the step's end.
  double watch_fraction(std::size_t lane) const;
  /// Tests the WATCH conditions at the end of a step.
  void test_watches(std::size_t lane, double t_ms) { detect_watches(lane, t_ms); }
  /// Delivers the events up to `until_ms`. @returns the instances that received some, without artificial cells.
  const std::vector<compile::InstanceReference>& deliver(std::size_t lane, double until_ms, double* time);

  EventFailure failure(std::size_t lane) const { return lanes_[lane].failure; }
  double failed_at_ms(std::size_t lane) const { return lanes_[lane].failed_at_ms; }

 private:
  struct Watch {
    std::int32_t block, instance, condition;
    double flag;
    bool above;
    double value;  ///< at the last test
  };
  struct Lane {
    EventQueue queue;
    std::vector<Watch> watches;           ///< in the order in which they began
    std::vector<double> weights;          ///< of all connections, one after the other
    std::vector<std::uint8_t> above;      ///< [connections] v was above the threshold at the last test
    std::vector<std::uint64_t> flag_one;  ///< [all instances] the pending self event of flag 1, for net_move
    double now_ms = 0;                    ///< time of the event that is being delivered
    EventFailure failure = EventFailure::none;
    double failed_at_ms = 0;
  };

  // What cw_events points to.
  static void net_send(void* self, std::int32_t block, std::int32_t instance, std::int32_t lane, double time,
                       double flag, std::int32_t connection);
  static void net_event(void* self, std::int32_t block, std::int32_t instance, std::int32_t lane, double time);
  static void net_move(void* self, std::int32_t block, std::int32_t instance, std::int32_t lane, double time);
  static void watch(void* self, std::int32_t block, std::int32_t instance, std::int32_t lane, std::int32_t condition,
                    double flag);

  std::size_t index(std::int32_t block, std::int32_t instance) const {
    return first_instance_[static_cast<std::size_t>(block)] + static_cast<std::size_t>(instance);
  }
  void fail(std::size_t lane, EventFailure failure);
  bool check_time(std::size_t lane, double time_ms);
  void send_through(std::size_t connection, std::size_t lane, double time_ms);
  void detect_watches(std::size_t lane, double t_ms);
  void receive(std::size_t lane, const Event& event);
  double* weights(std::size_t lane, std::int32_t connection, std::int32_t n_weights);

  const compile::CompiledModel* model_;
  std::vector<BlockState>* blocks_;
  cw_events interface_{};
  std::vector<std::size_t> first_instance_;  ///< [blocks] of a numbering of all instances
  std::vector<std::uint8_t> silent_;         ///< [all instances] another protocol's artificial cell
  std::vector<const compile::CompiledConnection*> connections_;
  std::vector<std::size_t> first_weight_;           ///< [connections]
  std::vector<std::size_t> thresholds_;             ///< the connections that test v
  std::vector<std::vector<std::size_t>> outgoing_;  ///< [all instances] connections whose source it is
  std::array<Lane, pack_lanes> lanes_;
  std::vector<double> no_weights_;
  std::vector<compile::InstanceReference> received_;
  bool watch_began_ = false;  ///< in the NET_RECEIVE that is running
};

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
