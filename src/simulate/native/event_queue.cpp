#include "simulate/native/event_queue.hpp"

#include <algorithm>

namespace cellwright::simulate::native {

bool EventQueue::later(const Item& a, const Item& b) {
  if (a.event.time_ms != b.event.time_ms) return a.event.time_ms > b.event.time_ms;
  return a.order > b.order;
}

void EventQueue::clear() {
  next_.reset();
  heap_.clear();
  last_id_ = last_order_ = 0;
}

void EventQueue::enqueue(Item item) {
  item.order = ++last_order_;
  heap_.push_back(item);
  std::push_heap(heap_.begin(), heap_.end(), later);
}

/// The next event becomes the first of the heap.
void EventQueue::advance() {
  next_.reset();
  if (heap_.empty()) return;
  std::pop_heap(heap_.begin(), heap_.end(), later);
  next_ = heap_.back();
  heap_.pop_back();
}

void EventQueue::insert(Item item) {
  if (!next_) {
    next_ = item;
  } else if (item.event.time_ms < next_->event.time_ms) {
    enqueue(*next_);
    next_ = item;
  } else {
    enqueue(item);
  }
}

std::uint64_t EventQueue::push(const Event& event) {
  insert({event, ++last_id_, 0});
  return last_id_;
}

std::optional<Event> EventQueue::pop(double until_ms) {
  if (!next_ || !(next_->event.time_ms <= until_ms)) return std::nullopt;
  const Event event = next_->event;
  advance();
  return event;
}

bool EventQueue::move(std::uint64_t id, double time_ms) {
  if (next_ && next_->id == id) {
    next_->event.time_ms = time_ms;
    if (heap_.empty() || !(heap_.front().event.time_ms < time_ms)) return true;
    const Item moved = *next_;
    advance();
    enqueue(moved);
    return true;
  }
  const auto found = std::find_if(heap_.begin(), heap_.end(), [id](const Item& item) { return item.id == id; });
  if (found == heap_.end()) return false;
  Item moved = *found;
  heap_.erase(found);
  std::make_heap(heap_.begin(), heap_.end(), later);
  moved.event.time_ms = time_ms;
  insert(moved);
  return true;
}

}  // namespace cellwright::simulate::native
