#include "simulate/native/event_system.hpp"

#include <algorithm>
#include <cmath>

#include "simulate/native/pack_state.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {
namespace {

constexpr std::size_t W = pack_lanes;
/// NEURON stamps a threshold's event this much after the step at whose start it is found.
constexpr double threshold_delay_ms = 1e-10;
/// Deliveries of one lane at one boundary of a step; more are taken for an endless chain.
constexpr int most_deliveries = 1'000'000;

}  // namespace

EventSystem::EventSystem(const compile::CompiledModel& model, std::vector<BlockState>& blocks)
    : model_(&model), blocks_(&blocks) {
  interface_ = {this, &net_send, &net_event, &net_move, &watch, {}};
  std::size_t instances = 0, most_weights = 1;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    first_instance_.push_back(instances);
    instances += model.blocks[b].node.size();
    most_weights = std::max(most_weights, static_cast<std::size_t>(blocks[b].mechanism().n_weights));
    blocks[b].view().id = static_cast<std::int32_t>(b);
    blocks[b].view().events = &interface_;
  }
  silent_.resize(instances);
  outgoing_.resize(instances);
  no_weights_.resize(most_weights);
}

bool EventSystem::needed(const compile::CompiledModel& model) {
  return std::any_of(model.blocks.begin(), model.blocks.end(), [](const compile::MechanismBlock& block) {
    return block.mechanism.descriptor->net_receive != nullptr;
  });
}

void EventSystem::begin(const compile::CompiledProtocol& protocol) {
  connections_.clear();
  first_weight_.clear();
  thresholds_.clear();
  for (auto& connections : outgoing_) connections.clear();
  std::fill(silent_.begin(), silent_.end(), std::uint8_t{0});
  for (const compile::CompiledProtocol& other : model_->protocols) {
    for (const auto& cell : other.artificial_cells)
      silent_[index(static_cast<std::int32_t>(cell.block), cell.instance)] = other.number != protocol.number;
  }
  std::vector<double> weights;
  for (const auto* list : {&model_->connections, &protocol.connections}) {
    for (const compile::CompiledConnection& connection : *list) {
      if (connection.source) {
        const auto block = static_cast<std::int32_t>(connection.source->block);
        outgoing_[index(block, connection.source->instance)].push_back(connections_.size());
      } else {
        thresholds_.push_back(connections_.size());
      }
      first_weight_.push_back(weights.size());
      weights.insert(weights.end(), connection.weight.begin(), connection.weight.end());
      connections_.push_back(&connection);
    }
  }
  for (Lane& lane : lanes_) {
    lane.queue.clear();
    lane.watches.clear();
    lane.weights = weights;
    lane.above.assign(connections_.size(), 0);
    lane.flag_one.assign(outgoing_.size(), 0);
    lane.now_ms = 0;
    lane.failure = EventFailure::none;
  }
}

void EventSystem::vary_weights(std::size_t lane, const compile::CompiledProtocol& own) {
  const std::size_t first = model_->connections.size();
  for (std::size_t k = 0; k < own.connections.size(); ++k) {
    const std::vector<double>& weight = own.connections[k].weight;
    if (!weight.empty()) lanes_[lane].weights[first_weight_[first + k]] = weight[0];
  }
}

double* EventSystem::weights(std::size_t lane, std::int32_t connection, std::int32_t n_weights) {
  if (connection >= 0) return lanes_[lane].weights.data() + first_weight_[static_cast<std::size_t>(connection)];
  std::fill_n(no_weights_.begin(), n_weights, 0.0);
  return no_weights_.data();
}

void EventSystem::initialise_connections() {
  for (std::size_t c = 0; c < connections_.size(); ++c) {
    BlockState& target = (*blocks_)[connections_[c]->target.block];
    const cw_mechanism& m = target.mechanism();
    for (std::size_t lane = 0; lane < W; ++lane) {
      double* const weight = weights(lane, static_cast<std::int32_t>(c), m.n_weights);
      if (!m.net_init) {
        for (std::int32_t k = 1; k < m.n_weights; ++k) weight[k] = 0;
        continue;
      }
      const cw_net_call call{connections_[c]->target.instance,
                             static_cast<std::int32_t>(lane),
                             static_cast<std::int32_t>(c),
                             0.0,
                             0.0,
                             weight};
      m.net_init(&target.view(), &call);
    }
  }
}

void EventSystem::fail(std::size_t lane, EventFailure failure) {
  if (lanes_[lane].failure != EventFailure::none) return;
  lanes_[lane].failure = failure;
  lanes_[lane].failed_at_ms = lanes_[lane].now_ms;
  lanes_[lane].queue.clear();
  lanes_[lane].watches.clear();
}

/// Whether an event may be sent to that time.
bool EventSystem::check_time(std::size_t lane, double time_ms) {
  if (lanes_[lane].failure != EventFailure::none) return false;
  if (time_ms >= lanes_[lane].now_ms) return true;
  fail(lane, EventFailure::in_the_past);
  return false;
}

void EventSystem::send_through(std::size_t connection, std::size_t lane, double time_ms) {
  const compile::CompiledConnection& c = *connections_[connection];
  lanes_[lane].queue.push({time_ms + c.delay_ms, static_cast<std::int32_t>(c.target.block), c.target.instance,
                           static_cast<std::int32_t>(connection), 0.0});
}

void EventSystem::net_send(void* self, std::int32_t block, std::int32_t instance, std::int32_t lane, double time,
                           double flag, std::int32_t connection) {
  auto& events = *static_cast<EventSystem*>(self);
  const auto l = static_cast<std::size_t>(lane);
  const std::size_t i = events.index(block, instance);
  if (events.silent_[i] || !events.check_time(l, time)) return;
  const std::uint64_t id = events.lanes_[l].queue.push({time, block, instance, connection, flag});
  if (flag == 1.0) events.lanes_[l].flag_one[i] = id;
}

void EventSystem::net_event(void* self, std::int32_t block, std::int32_t instance, std::int32_t lane, double time) {
  auto& events = *static_cast<EventSystem*>(self);
  const auto l = static_cast<std::size_t>(lane);
  if (!events.check_time(l, time)) return;
  for (const std::size_t connection : events.outgoing_[events.index(block, instance)])
    events.send_through(connection, l, time);
}

void EventSystem::net_move(void* self, std::int32_t block, std::int32_t instance, std::int32_t lane, double time) {
  auto& events = *static_cast<EventSystem*>(self);
  const auto l = static_cast<std::size_t>(lane);
  if (!events.check_time(l, time)) return;
  const std::uint64_t id = events.lanes_[l].flag_one[events.index(block, instance)];
  if (id == 0 || !events.lanes_[l].queue.move(id, time)) events.fail(l, EventFailure::no_event);
}

void EventSystem::watch(void* self, std::int32_t block, std::int32_t instance, std::int32_t lane,
                        std::int32_t condition, double flag) {
  auto& events = *static_cast<EventSystem*>(self);
  const auto l = static_cast<std::size_t>(lane);
  if (events.silent_[events.index(block, instance)] || events.lanes_[l].failure != EventFailure::none) return;
  std::vector<Watch>& watches = events.lanes_[l].watches;
  const bool first = !events.watch_began_;
  events.watch_began_ = true;
  std::erase_if(watches, [&](const Watch& w) {
    return w.block == block && w.instance == instance && (first || w.condition == condition);
  });
  BlockState& state = (*events.blocks_)[static_cast<std::size_t>(block)];
  const double value = state.mechanism().watch(&state.view(), instance, lane, condition);
  watches.push_back({block, instance, condition, flag, value >= 0, value});
}

void EventSystem::detect(double t_ms, const Real* v) {
  for (const std::size_t c : thresholds_) {
    const compile::CompiledConnection& connection = *connections_[c];
    const Real* const v_node = v + static_cast<std::size_t>(connection.node) * W;
    for (std::size_t lane = 0; lane < W; ++lane) {
      const bool above = v_node[lane] - connection.threshold_mv > 0;
      if (above && !lanes_[lane].above[c] && lanes_[lane].failure == EventFailure::none)
        send_through(c, lane, t_ms + threshold_delay_ms);
      lanes_[lane].above[c] = above;
    }
  }
  for (std::size_t lane = 0; lane < W; ++lane) detect_watches(lane, t_ms);
}

void EventSystem::detect_watches(std::size_t lane, double t_ms) {
  for (Watch& w : lanes_[lane].watches) {
    BlockState& state = (*blocks_)[static_cast<std::size_t>(w.block)];
    const double value =
        state.mechanism().watch(&state.view(), w.instance, static_cast<std::int32_t>(lane), w.condition);
    const bool above = value > 0;
    if (above && !w.above) lanes_[lane].queue.push({t_ms, w.block, w.instance, -1, w.flag});
    w.above = above;
    w.value = value;
  }
}

double EventSystem::watch_fraction(std::size_t lane) const {
  double fraction = 1;
  for (const Watch& w : lanes_[lane].watches) {
    BlockState& state = (*blocks_)[static_cast<std::size_t>(w.block)];
    const double value =
        state.mechanism().watch(&state.view(), w.instance, static_cast<std::int32_t>(lane), w.condition);
    if (value > 0 && !w.above) fraction = std::min(fraction, w.value / (w.value - value));
  }
  return fraction;
}

void EventSystem::copy_lane(const EventSystem& from, std::size_t from_lane, std::size_t to_lane) {
  lanes_[to_lane] = from.lanes_[from_lane];
}

void EventSystem::receive(std::size_t lane, const Event& event) {
  BlockState& state = (*blocks_)[static_cast<std::size_t>(event.block)];
  const cw_mechanism& m = state.mechanism();
  if (event.flag == 1.0) lanes_[lane].flag_one[index(event.block, event.instance)] = 0;
  const cw_net_call call{event.instance,   static_cast<std::int32_t>(lane),
                         event.connection, event.time_ms,
                         event.flag,       weights(lane, event.connection, m.n_weights)};
  watch_began_ = false;
  m.net_receive(&state.view(), &call);
}

void EventSystem::deliver(double until_ms, double* time) {
  for (std::size_t lane = 0; lane < W; ++lane) deliver(lane, until_ms, time);
}

const std::vector<compile::InstanceReference>& EventSystem::deliver(std::size_t lane, double until_ms, double* time) {
  received_.clear();
  Lane& l = lanes_[lane];
  if (l.queue.empty()) return received_;
  const double t = time[lane];
  for (int count = 0; const std::optional<Event> event = l.queue.pop(until_ms); ++count) {
    l.now_ms = time[lane] = event->time_ms;
    if (count == most_deliveries) {
      fail(lane, EventFailure::too_many);
      break;
    }
    receive(lane, *event);
    const auto block = static_cast<std::size_t>(event->block);
    if ((*blocks_)[block].mechanism().kind != CW_ARTIFICIAL_CELL) received_.push_back({block, event->instance});
  }
  time[lane] = t;
  return received_;
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
