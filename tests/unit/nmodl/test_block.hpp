#pragma once
/// All that one cw_block needs, for tests that call a mechanism's functions by hand.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "cellwright/abi/mechanism_abi.h"

namespace cellwright::nmodl::test {

inline constexpr int lanes = CELLWRIGHT_LANES;

/// Rows of W numbers, aligned as the ABI asks.
class Rows {
 public:
  explicit Rows(std::size_t n_rows = 0, double value = 0)
      : values_(static_cast<cw_real*>(std::aligned_alloc(CELLWRIGHT_ALIGNMENT, bytes(n_rows))), &std::free) {
    for (std::size_t i = 0; i < n_rows * lanes; ++i) values_.get()[i] = value;
  }
  cw_real* data() { return values_.get(); }
  cw_real& at(std::size_t row, std::size_t lane) { return values_.get()[row * lanes + lane]; }
  void fill_row(std::size_t row, double value) {
    for (std::size_t lane = 0; lane < lanes; ++lane) at(row, lane) = value;
  }

 private:
  static std::size_t bytes(std::size_t n_rows) { return (n_rows + 1) * lanes * sizeof(cw_real); }
  std::unique_ptr<cw_real, void (*)(void*)> values_;
};

/// `n` instances on nodes 0 ... n-1, each with its own parameter row and ion slot; parameters at their defaults.
class TestBlock {
 public:
  TestBlock(const cw_mechanism& descriptor, std::size_t n)
      : mechanism(descriptor),
        v(n, -65),
        rhs(n),
        d(n),
        celsius(1, 6.3),
        t(1),
        dt(1, 0.025),
        area(n, 100),
        diam(n, 1),
        table(static_cast<std::size_t>(mechanism.table_values)),
        table_offset(lanes),
        node(n),
        ions(static_cast<std::size_t>(mechanism.n_ions)) {
    for (std::size_t i = 0; i < n; ++i) node[i] = static_cast<std::int32_t>(i);
    for (int k = 0; k < mechanism.n_params; ++k) params.emplace_back(n, mechanism.param[k].default_value);
    for (int k = 0; k < mechanism.n_vars; ++k) vars.emplace_back(n);
    for (int k = 0; k < mechanism.n_globals; ++k) globals.emplace_back(1, mechanism.global[k].default_value);
    for (Ion& ion : ions) {
      ion.e = Rows(n);
      ion.i = Rows(n);
      ion.ci = Rows(n);
      ion.co = Rows(n);
      views.push_back({node.data(), ion.e.data(), ion.i.data(), ion.ci.data(), ion.co.data()});
    }
    for (int k = 0; k < mechanism.n_pointers; ++k) targets.emplace_back(n, nullptr);
    for (int k = 0; k < mechanism.n_randoms; ++k) randoms.emplace_back(n * lanes);
    for (int k = 0; k < mechanism.n_vectors; ++k) lists.emplace_back(n * lanes);
    for (auto& rows : targets) target_pointers.push_back(rows.data());
    for (auto& streams : randoms) random_pointers.push_back(streams.data());
    for (auto& rows : lists) list_pointers.push_back(rows.data());
    collect(params, param_pointers);
    collect(vars, var_pointers);
    collect(globals, global_pointers);
    block = {static_cast<std::int32_t>(n),
             node.data(),
             node.data(),
             param_pointers.data(),
             var_pointers.data(),
             global_pointers.data(),
             views.data(),
             v.data(),
             rhs.data(),
             d.data(),
             area.data(),
             diam.data(),
             celsius.data(),
             t.data(),
             dt.data(),
             table.data(),
             table_offset.data()};
    block.id = 7;
    block.pointer = target_pointers.data();
    block.random = random_pointers.data();
    block.vector = list_pointers.data();
    events = {this, &sent<'s'>, &told<'e'>, &told<'m'>, &watched, {}};
    block.events = &events;
  }
  TestBlock(const TestBlock&) = delete;
  TestBlock& operator=(const TestBlock&) = delete;

  Rows& param(const std::string& name) { return params[index(mechanism.param, mechanism.n_params, name)]; }
  Rows& var(const std::string& name) { return vars[index(mechanism.var, mechanism.n_vars, name)]; }
  Rows& global(const std::string& name) { return globals[index(mechanism.global, mechanism.n_globals, name)]; }

  /// What the engine does at initialisation.
  void initialise() {
    for (int s = 0; s < mechanism.n_states; ++s) {
      const int from = mechanism.state_initial[s];
      for (std::size_t i = 0; i < node.size(); ++i) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
          double value = 0;
          if (from >= 0) value = params[static_cast<std::size_t>(from)].at(i, lane);
          if (from <= -2) value = globals[static_cast<std::size_t>(-2 - from)].at(0, lane);
          vars[static_cast<std::size_t>(s)].at(i, lane) = value;
        }
      }
    }
    if (mechanism.build_tables) mechanism.build_tables(&block);
    if (mechanism.init) mechanism.init(&block);
  }
  void current() { mechanism.current(&block); }
  /// One event for an instance in a lane. @returns the weights afterwards.
  std::vector<double> receive(int instance, int lane, double time, double flag, std::vector<double> weights,
                              int connection = 3) {
    const cw_net_call call{instance, lane, connection, time, flag, weights.data()};
    mechanism.net_receive(&block, &call);
    return weights;
  }
  /// Makes stream k of an instance in a lane what the engine makes of Random123(id1, id2, id3) at its beginning.
  void set_stream(int k, int instance, int lane, std::uint32_t id1, std::uint32_t id2, std::uint32_t id3) {
    cw_random& stream = randoms[static_cast<std::size_t>(k)][static_cast<std::size_t>(instance * lanes + lane)];
    stream = {{0, 0}, {0, id3, id1, id2}, {}, 0, 1};  // mechanisms that set the sequence need no words
  }
  void state() { mechanism.state(&block); }

  /// What the mechanism asked of the event queue: 's' net_send, 'e' net_event, 'm' net_move, 'w' WATCH.
  struct Request {
    char kind;
    int instance, lane;
    double time, flag;
    int connection;  ///< WATCH: the condition
    bool operator==(const Request&) const = default;
  };
  std::vector<Request> requests;

  struct Ion {
    Rows e, i, ci, co;
  };
  const cw_mechanism& mechanism;
  Rows v, rhs, d, celsius, t, dt;
  std::vector<double> area, diam;
  Rows table;
  std::vector<std::int32_t> table_offset, node;
  std::vector<Ion> ions;
  std::vector<Rows> params, vars, globals;
  std::vector<cw_ion_view> views;
  std::vector<cw_real*> param_pointers, var_pointers, global_pointers;
  std::vector<std::vector<cw_real*>> targets;  ///< of POINTERs
  std::vector<std::vector<cw_random>> randoms;
  std::vector<std::vector<cw_vector>> lists;
  std::vector<cw_real* const*> target_pointers;
  std::vector<cw_random*> random_pointers;
  std::vector<const cw_vector*> list_pointers;
  cw_events events{};
  cw_block block{};

 private:
  template <char kind>
  static void sent(void* self, std::int32_t, std::int32_t instance, std::int32_t lane, cw_real time, cw_real flag,
                   std::int32_t connection) {
    static_cast<TestBlock*>(self)->requests.push_back({kind, instance, lane, time, flag, connection});
  }
  template <char kind>
  static void told(void* self, std::int32_t, std::int32_t instance, std::int32_t lane, cw_real time) {
    static_cast<TestBlock*>(self)->requests.push_back({kind, instance, lane, time, 0, 0});
  }
  static void watched(void* self, std::int32_t, std::int32_t instance, std::int32_t lane, std::int32_t condition,
                      cw_real flag) {
    static_cast<TestBlock*>(self)->requests.push_back({'w', instance, lane, 0, flag, condition});
  }
  static void collect(std::vector<Rows>& rows, std::vector<cw_real*>& pointers) {
    for (Rows& row : rows) pointers.push_back(row.data());
  }
  static std::size_t index(const cw_variable* variables, int count, const std::string& name) {
    for (int k = 0; k < count; ++k) {
      if (variables[k].name == name) return static_cast<std::size_t>(k);
    }
    throw std::out_of_range("no variable " + name);
  }
};

}  // namespace cellwright::nmodl::test
