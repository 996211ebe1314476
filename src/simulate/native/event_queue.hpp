#pragma once
/// The pending events of one lane.

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace cellwright::simulate::native {

/// An event for one instance of a mechanism block.
struct Event {
  double time_ms = 0;
  std::int32_t block = 0, instance = 0;
  std::int32_t connection = -1;  ///< whose weights the receiver sees; -1: none
  double flag = 0;               ///< 0: from outside; else what net_send or WATCH gave
};

/// Events in order of time; of those at the same time, the earlier inserted first, with NEURON's one exception: the
/// very next event stands outside the queue, and when an earlier one takes its place it is inserted anew, behind those
/// at its time.
class EventQueue {
 public:
  void clear();
  bool empty() const { return !next_; }
  /// Of the next event; infinite if there is none.
  double next_time_ms() const { return next_ ? next_->event.time_ms : std::numeric_limits<double>::infinity(); }
  /// @returns a number by which move() finds the event. @param event its time must not be NaN.
  std::uint64_t push(const Event& event);
  /// Takes the next event if its time is at most `until_ms`.
  std::optional<Event> pop(double until_ms);
  /// Gives a pending event another time; false if it is not pending any more.
  bool move(std::uint64_t id, double time_ms);

 private:
  struct Item {
    Event event;
    std::uint64_t id = 0;
    std::uint64_t order = 0;
  };
  /// True if `a` is to come after `b`: the smallest item is on top of the heap.
  static bool later(const Item& a, const Item& b);
  void enqueue(Item item);
  void insert(Item item);
  void advance();

  std::optional<Item> next_;
  std::vector<Item> heap_;
  std::uint64_t last_id_ = 0, last_order_ = 0;
};

}  // namespace cellwright::simulate::native
