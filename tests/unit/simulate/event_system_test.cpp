/// Events in the engine, with mechanisms written by hand for the ABI.

#include <array>
#include <cmath>
#include <cstring>

#include <gmock/gmock.h>

#include "cellwright/base/table.hpp"
#include "simulate/native/native_model.hpp"

namespace cellwright::simulate::native {
namespace {

using compile::CompiledConnection;
using compile::CompiledModel;
using compile::CompiledProtocol;
using compile::InstanceReference;
using compile::MechanismBlock;
using compile::ValueSource;
using compile::VariableReference;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::size_t W = CELLWRIGHT_LANES;
constexpr double dt = 0.025;

double& var(const cw_block* block, int variable, const cw_net_call* call) {
  return block->var[variable][static_cast<std::size_t>(call->instance) * W + static_cast<std::size_t>(call->lane)];
}

// Ticker: an artificial cell that sends its first event at `start` and then one every `interval`.
const cw_variable ticker_params[] = {{"start", "ms", 1, 1}, {"interval", "ms", 1, 1}};

double ticker_param(const cw_block* block, int parameter, std::size_t instance, std::size_t lane) {
  return block->param[parameter][static_cast<std::size_t>(block->param_row[instance]) * W + lane];
}

void ticker_init(const cw_block* block) {
  for (std::int32_t i = 0; i < block->n_instances; ++i) {
    for (std::size_t lane = 0; lane < W; ++lane) {
      block->events->net_send(block->events->self, block->id, i, static_cast<std::int32_t>(lane),
                              ticker_param(block, 0, static_cast<std::size_t>(i), lane), 1, -1);
    }
  }
}

void ticker_receive(const cw_block* block, const cw_net_call* call) {
  const cw_events& events = *block->events;
  events.net_event(events.self, block->id, call->instance, call->lane, call->t);
  const double interval =
      ticker_param(block, 1, static_cast<std::size_t>(call->instance), static_cast<std::size_t>(call->lane));
  events.net_send(events.self, block->id, call->instance, call->lane, call->t + interval, 1, call->connection);
}

cw_mechanism ticker() {
  cw_mechanism m{};
  m.name = "Ticker";
  m.kind = CW_ARTIFICIAL_CELL;
  m.n_params = 2;
  m.param = ticker_params;
  m.init = ticker_init;
  m.net_receive = ticker_receive;
  return m;
}

// Counter: counts events, sums their weights, keeps the time of the last; the second weight counts for itself.
const cw_variable counter_vars[] = {{"count", "", 0, 1}, {"sum", "", 0, 1}, {"last", "ms", 0, 1}, {"own", "", 0, 1}};
const cw_variable counter_weights[] = {{"w", "", 0, 1}, {"n", "", 0, 1}};

void counter_receive(const cw_block* block, const cw_net_call* call) {
  var(block, 0, call) += 1;
  var(block, 1, call) += call->weight[0];
  var(block, 2, call) = call->t;
  var(block, 3, call) = call->weight[1] += 1;
}

cw_mechanism counter() {
  cw_mechanism m{};
  m.name = "Counter";
  m.kind = CW_POINT_PROCESS;
  m.n_vars = 4;
  m.var = counter_vars;
  m.n_weights = 2;
  m.weight = counter_weights;
  m.net_receive = counter_receive;
  return m;
}

class EventSystemTest : public testing::Test {
 protected:
  EventSystemTest() {
    // A root node without membrane and one compartment of 1 pF/um2.
    model_.cable.parent = {-1, 0};
    model_.cable.area_um2 = {100, 1000};
    model_.cable.diam_um = {0, 10};
    model_.cable.has_membrane = {0, 1};
    model_.cable.resistance_per_ra = {0, 0.01};
    model_.cable.section = {0, 0};
    model_.ra_ohm_cm = {{.constant = 100}};
    model_.cm_uf_per_cm2 = {{.constant = 1}, {.constant = 1}};
    model_.protocols.push_back({.name = "p", .duration_ms = 5});
  }
  std::size_t add_block(const cw_mechanism& mechanism, std::size_t instances) {
    MechanismBlock block;
    block.mechanism.descriptor = &mechanism;
    block.node.assign(instances, mechanism.kind == CW_ARTIFICIAL_CELL ? -1 : 1);
    block.n_rows = instances;
    for (std::size_t i = 0; i < instances; ++i) block.param_row.push_back(static_cast<std::int32_t>(i));
    for (std::int32_t p = 0; p < mechanism.n_params; ++p)
      block.param.insert(block.param.end(), instances, ValueSource{.constant = mechanism.param[p].default_value});
    model_.blocks.push_back(block);
    return model_.blocks.size() - 1;
  }
  void set(std::size_t block, std::size_t parameter, std::size_t instance, ValueSource source) {
    model_.blocks[block].param[parameter * model_.blocks[block].n_rows + instance] = source;
  }
  static CompiledConnection connect(InstanceReference from, InstanceReference to, double weight, double delay_ms) {
    return {.source = from, .target = to, .weight = {weight, 7}, .delay_ms = delay_ms};
  }
  void record(std::size_t block, std::size_t variable, std::size_t instance, std::size_t protocol = 0) {
    model_.protocols[protocol].recordings.push_back(
        {"r", {VariableReference::Kind::variable, block, variable, instance}, ""});
  }
  struct Trace {
    LaneStatus status;
    double failed_at_ms;
    std::vector<double> time;
    std::vector<std::vector<double>> values;
  };
  std::vector<Trace> run(const Table<double>& parameters, const std::vector<Lane>& lanes, int threads = 1) {
    const NativeModel model(model_, {dt, NumericMode::strict, {}});
    std::vector<Trace> traces(lanes.size());
    model.run({parameters.view(), lanes}, *parallel::make_executor(threads),
              [&](std::size_t lane, const LaneResponses& responses) {
                Trace& trace = traces[lane];
                trace.status = responses.status;
                trace.failed_at_ms = responses.failed_at_ms;
                trace.time.assign(responses.time_ms.begin(), responses.time_ms.end());
                for (const auto& values : responses.recordings) trace.values.emplace_back(values.begin(), values.end());
              });
    return traces;
  }
  Trace run() { return run(Table<double>(1, 0), {{0, 0}})[0]; }
  /// The first sample at which a recording is not what it was at the start.
  static std::size_t first_change(const std::vector<double>& values) {
    std::size_t k = 0;
    while (k < values.size() && values[k] == values[0]) ++k;
    return k;
  }
  CompiledModel model_;
  cw_mechanism ticker_ = ticker(), counter_ = counter();
};

TEST_F(EventSystemTest, EventsArriveAtTheNearestBoundaryWithTheirExactTime) {
  const std::size_t ticks = add_block(ticker_, 3), counts = add_block(counter_, 3);
  const double starts[] = {10.4 * dt, 10.6 * dt, 10 * dt};
  for (std::size_t k = 0; k < 3; ++k) {
    set(ticks, 0, k, {.constant = starts[k]});
    set(ticks, 1, k, {.constant = 100});
    const auto instance = static_cast<std::int32_t>(k);
    model_.connections.push_back(connect({ticks, instance}, {counts, instance}, 0.5, 1.0));
    record(counts, 2, k);
  }

  const Trace trace = run();

  // 10.4 steps (and a delay of 40): boundary 50, seen in sample 51; 10.6: boundary 51, after its sample was taken.
  EXPECT_EQ(first_change(trace.values[0]), 51U);
  EXPECT_EQ(first_change(trace.values[1]), 52U);
  EXPECT_EQ(first_change(trace.values[2]), 51U);
  EXPECT_EQ(trace.values[0].back(), 10.4 * dt + 1.0);
  EXPECT_EQ(trace.values[1].back(), 10.6 * dt + 1.0);
}

TEST_F(EventSystemTest, WeightsPersistPerConnectionAndStartAnewInEveryRun) {
  const std::size_t ticks = add_block(ticker_, 1), counts = add_block(counter_, 2);
  model_.connections.push_back(connect({ticks, 0}, {counts, 0}, 0.5, 0));
  model_.connections.push_back(connect({ticks, 0}, {counts, 1}, 2.0, 1.5));
  for (std::size_t k = 0; k < 2; ++k) {
    for (const std::size_t variable : {0, 1, 3}) record(counts, variable, k);
  }

  const Trace trace = run();
  const Trace again = run();

  // Ticks at 1, 2, 3, 4, 5 ms; the last one arrives behind the last sample.
  EXPECT_THAT((std::vector{trace.values[0].back(), trace.values[1].back(), trace.values[2].back()}),
              ElementsAre(4, 2.0, 4))
      << "all weights but the first start at 0";
  EXPECT_THAT((std::vector{trace.values[3].back(), trace.values[4].back()}), ElementsAre(3, 6.0));
  EXPECT_EQ(trace.values, again.values);
}

void set_second_weight(const cw_block*, const cw_net_call* call) { call->weight[1] = 10 * call->weight[0]; }

TEST_F(EventSystemTest, InitialBlockOfNetReceiveSetsTheWeights) {
  counter_.net_init = set_second_weight;
  const std::size_t ticks = add_block(ticker_, 1), counts = add_block(counter_, 1);
  model_.connections.push_back(connect({ticks, 0}, {counts, 0}, 0.5, 0));
  record(counts, 3, 0);

  EXPECT_EQ(run().values[0].back(), 5 + 4);
}

TEST_F(EventSystemTest, ThresholdFiresAtTheStepBehindTheCrossingAndAgainOnlyAfterFalling) {
  const std::size_t counts = add_block(counter_, 1);
  CompiledConnection connection{.node = 1, .threshold_mv = -60, .target = {counts, 0}, .weight = {1, 0}, .delay_ms = 0};
  model_.connections.push_back(connection);
  model_.protocols[0].pulses = {{1, 0.5, 0.5, 0.2}, {1, 2, 0.5, -0.4}, {1, 3, 0.5, 0.4}};
  model_.protocols[0].recordings.push_back({"v", {.row = 1}, ""});
  record(counts, 2, 0);
  record(counts, 0, 0);

  const Trace trace = run();

  const std::vector<double>& v = trace.values[0];
  std::size_t crossing = 0;
  while (v[crossing] <= -60) ++crossing;
  EXPECT_EQ(first_change(trace.values[1]), crossing + 1);
  EXPECT_EQ(trace.values[1][crossing + 1], trace.time[crossing] + 1e-10);
  EXPECT_EQ(trace.values[2].back(), 2);
}

TEST_F(EventSystemTest, LanesAreIndependentOfBatchPositionAndThreads) {
  const std::size_t ticks = add_block(ticker_, 2), counts = add_block(counter_, 1);
  model_.n_parameters = 2;
  set(ticks, 0, 0, {.parameter = 0});
  set(ticks, 1, 0, {.parameter = 1});
  set(ticks, 1, 1, {.constant = 0.3});
  model_.connections.push_back(connect({ticks, 0}, {counts, 0}, 0.5, 0.1));
  model_.connections.push_back(connect({ticks, 1}, {counts, 0}, 3, 0.1));
  for (std::size_t variable = 0; variable < 4; ++variable) record(counts, variable, 0);
  const std::size_t n = 2 * W + 3;
  Table<double> parameters(n, 2);
  std::vector<Lane> forward;
  for (std::size_t i = 0; i < n; ++i) {
    parameters(i, 0) = 0.1 * static_cast<double>(i);
    parameters(i, 1) = 0.05 + 0.07 * static_cast<double>(i % 5);
    forward.push_back({i, 0});
  }

  const auto reference = run(parameters, forward);
  const auto backward = run(parameters, {forward.rbegin(), forward.rend()});
  const auto threaded = run(parameters, forward, 3);

  EXPECT_NE(reference[0].values, reference[1].values);
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_EQ(reference[i].values, backward[n - 1 - i].values) << i;
    EXPECT_EQ(reference[i].values, threaded[i].values) << i;
    EXPECT_EQ(reference[i].values, run(parameters, {forward[i]})[0].values) << i;
  }
}

TEST_F(EventSystemTest, ArtificialCellsOfOtherProtocolsAreSilent) {
  const std::size_t ticks = add_block(ticker_, 2), counts = add_block(counter_, 1);
  model_.protocols.push_back({.name = "q", .duration_ms = 5});
  model_.protocols[0].artificial_cells = {{ticks, 0}};
  model_.protocols[0].connections = {connect({ticks, 0}, {counts, 0}, 1, 0)};
  model_.protocols[1].artificial_cells = {{ticks, 1}};
  model_.protocols[1].connections = {connect({ticks, 1}, {counts, 0}, 100, 0)};
  record(counts, 1, 0, 0);
  record(counts, 1, 0, 1);

  const auto traces = run(Table<double>(1, 0), {{0, 0}, {0, 1}});

  EXPECT_EQ(traces[0].values[0].back(), 4);
  EXPECT_EQ(traces[1].values[0].back(), 400);
}

// Watcher: counts how often v rose above -60 mV since its first event.
void watcher_receive(const cw_block* block, const cw_net_call* call) {
  if (call->flag == 2) {
    var(block, 0, call) += 1;
    var(block, 2, call) = call->t;
    return;
  }
  block->events->watch(block->events->self, block->id, call->instance, call->lane, 0, 2);
}

double above_minus_60(const cw_block* block, int32_t instance, int32_t lane, int32_t) {
  return block->v[block->node[instance] * static_cast<std::int32_t>(W) + lane] + 60;
}

TEST_F(EventSystemTest, WatchFiresOnceForEachRise) {
  cw_mechanism watcher = counter();
  watcher.net_receive = watcher_receive;
  watcher.watch = above_minus_60;
  const std::size_t ticks = add_block(ticker_, 1), watches = add_block(watcher, 1);
  set(ticks, 0, 0, {.constant = 0.7});  // v is above -60 mV by then: only later rises count
  set(ticks, 1, 0, {.constant = 100});
  model_.connections.push_back(connect({ticks, 0}, {watches, 0}, 1, 0));
  model_.protocols[0].pulses = {{1, 0.1, 0.5, 0.4}, {1, 2, 0.5, -0.8}, {1, 3, 0.5, 0.8}};
  model_.protocols[0].recordings.push_back({"v", {.row = 1}, ""});
  record(watches, 0, 0);
  record(watches, 2, 0);

  const Trace trace = run();

  std::size_t rise = 3 * 40;
  while (trace.values[0][rise] <= -60) ++rise;
  EXPECT_EQ(trace.values[1].back(), 1);
  EXPECT_EQ(trace.values[2].back(), trace.time[rise]) << "the exact start of the step";
}

void mover_receive(const cw_block* block, const cw_net_call* call) {
  const cw_events& events = *block->events;
  if (call->flag == 1) {
    var(block, 2, call) = call->t;
  } else if (var(block, 0, call)++ == 0) {
    events.net_send(events.self, block->id, call->instance, call->lane, call->t + 10, 1, call->connection);
  } else {
    events.net_move(events.self, block->id, call->instance, call->lane, call->t + 0.25);
  }
}

TEST_F(EventSystemTest, NetMoveGivesTheSelfEventAnotherTime) {
  counter_.net_receive = mover_receive;
  const std::size_t ticks = add_block(ticker_, 1), moved = add_block(counter_, 1);
  set(ticks, 1, 0, {.constant = 2});
  model_.connections.push_back(connect({ticks, 0}, {moved, 0}, 1, 0));
  record(moved, 2, 0);

  EXPECT_EQ(run().values[0].back(), 3.25);
}

void sends_to_the_past(const cw_block* block, const cw_net_call* call) {
  block->events->net_send(block->events->self, block->id, call->instance, call->lane, call->t - 0.5, 1, -1);
}
void never_ends(const cw_block* block, const cw_net_call* call) {
  block->events->net_send(block->events->self, block->id, call->instance, call->lane, call->t, 1, -1);
}
void moves_nothing(const cw_block* block, const cw_net_call* call) {
  block->events->net_move(block->events->self, block->id, call->instance, call->lane, call->t + 1);
}

TEST_F(EventSystemTest, WhatCannotGoOnFailsTheLane) {
  const std::pair<cw_net_function, const char*> cases[] = {
      {sends_to_the_past, "a mechanism sent an event to a time that is over at 1 ms"},
      {never_ends, "an endless chain of events without delay at 1 ms"},
      {moves_nothing, "net_move without a pending event of flag 1 at 1 ms"}};
  const std::size_t ticks = add_block(ticker_, 1), counts = add_block(counter_, 1);
  model_.connections.push_back(connect({ticks, 0}, {counts, 0}, 1, 0));
  record(counts, 0, 0);
  for (const auto& [receive, message] : cases) {
    counter_.net_receive = receive;

    const Trace trace = run();

    EXPECT_EQ(describe({.status = trace.status, .failed_at_ms = trace.failed_at_ms}), message);
  }
}

// Follower: its state follows what its POINTER refers to; hooks write the order of calls.
const cw_variable follower_pointers[] = {{"source", "", 0, 1}};
const cw_variable follower_randoms[] = {{"stream", "", 0, 1}};
const cw_variable follower_vectors[] = {{"list", "", 0, 1}};

void follow(const cw_block* block) {
  for (std::size_t lane = 0; lane < W; ++lane) {
    block->var[0][lane] = block->pointer[0][0][lane];
    block->var[1][lane] = block->random[0][lane].words[0];
    block->var[2][lane] = block->random[0][lane].is_set + 10 * block->vector[0][lane].value[1];
    block->random[0][lane].words[0] = 0;  // the next run starts the stream anew
  }
}
template <int digit>
void hook(const cw_block* block) {
  for (std::size_t lane = 0; lane < W; ++lane) {
    if (block->t[lane] < 1.5 * dt) block->var[3][lane] = block->var[3][lane] * 10 + digit;
  }
}

TEST_F(EventSystemTest, PointersStreamsAndHooks) {
  cw_mechanism follower = counter();
  follower.net_receive = nullptr;
  follower.n_pointers = follower.n_randoms = 1;
  follower.pointer = follower_pointers;
  follower.random = follower_randoms;
  follower.n_vectors = 1;
  follower.vector = follower_vectors;
  follower.init = hook<2>;
  follower.current = nullptr;
  follower.state = follow;
  follower.hook[CW_BEFORE_INITIAL] = hook<1>;
  follower.hook[CW_AFTER_INITIAL] = hook<3>;
  follower.hook[CW_BEFORE_BREAKPOINT] = hook<4>;
  follower.hook[CW_AFTER_SOLVE] = hook<5>;
  follower.hook[CW_BEFORE_STEP] = hook<6>;
  const std::size_t block = add_block(follower, 1);
  model_.pointers = {{{block, 0}, 0, {.row = 1}}};
  model_.streams = {{{block, 0}, 0, {5, 5, 5}, 5, true}, {{block, 0}, 0, {0, 0, 0}, 0, false}};  // the last one counts
  model_.vectors = {{{block, 0}, 0, {3, 4}}};
  model_.protocols[0].duration_ms = dt;
  model_.protocols[0].pulses = {{1, 0, 1, 0.2}};
  model_.protocols[0].recordings.push_back({"v", {.row = 1}, ""});
  for (const std::size_t variable : {0, 1, 2, 3}) record(block, variable, 0);

  for (int repetition = 0; repetition < 2; ++repetition) {
    const Trace trace = run();

    EXPECT_EQ(trace.values[1].back(), trace.values[0].back()) << "the new v";
    EXPECT_EQ(trace.values[2].back(), 0x6627e8d5);
    EXPECT_EQ(trace.values[3].back(), 40) << "not set, and the list's second number";
    EXPECT_EQ(trace.values[4].front(), 12346);
    EXPECT_EQ(trace.values[4].back(), 12346456);
  }
}

}  // namespace
}  // namespace cellwright::simulate::native
