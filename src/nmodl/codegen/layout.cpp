#include "nmodl/codegen/layout.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "nmodl/codegen/system_writer.hpp"

namespace cellwright::nmodl {
namespace {

class LayoutMaker {
 public:
  explicit LayoutMaker(const MechanismDescription& mechanism) : mechanism_(mechanism) {}

  Layout make() {
    place_params_and_globals();
    place_states();
    place_instance_variables();
    for (const Variable& variable : mechanism_.variables) place_elsewhere(variable);
    return std::move(layout_);
  }

 private:
  static bool is_range(const Variable& v) { return v.storage == Storage::range || v.storage == Storage::instance; }

  /// Adds the rows of a variable; returns the first.
  static int append(std::vector<TableEntry>& table, const Variable& v, double default_value, int state_initial = -1) {
    const int row = static_cast<int>(table.size());
    table.push_back({v.name, v.unit, default_value, std::max(1, v.array_size), state_initial});
    for (int i = 1; i < v.array_size; ++i) {
      table.push_back({fmt::format("{}[{}]", v.name, i), v.unit, default_value, 1, state_initial});
    }
    return row;
  }

  void place_params_and_globals() {
    for (const Variable& v : mechanism_.variables) {
      if (v.storage == Storage::global) {
        const int row = append(layout_.globals, v, v.value);
        layout_.slots[v.name] = {
            .table = Table::global, .index = row, .array_size = v.array_size, .uniform = !v.written};
      } else if (is_range(v) && v.kind == VariableKind::parameter) {
        const int row = append(layout_.params, v, v.value);
        layout_.slots[v.name] = {.table = Table::param, .index = row, .array_size = v.array_size};
      }
    }
  }

  int initial_of(const Variable& v) const {
    const std::string name = v.kind == VariableKind::parameter ? v.name : v.initial_name;
    if (name.empty()) return -1;
    const Slot& slot = layout_.slots.at(name);
    return slot.table == Table::param ? slot.index : -2 - slot.index;
  }

  void place_state(const Variable& v) {
    const int row = append(layout_.vars, v, 0, initial_of(v));
    layout_.slots[v.name] = {.table = Table::var, .index = row, .array_size = v.array_size};
    layout_.n_states = static_cast<int>(layout_.vars.size());
  }

  void place_states() {
    for (const Variable& v : mechanism_.variables) {
      if (is_range(v) && v.kind == VariableKind::state) place_state(v);
    }
    for (const Variable& v : mechanism_.variables) {
      if (is_range(v) && v.kind == VariableKind::parameter && v.written) place_state(v);
    }
  }

  void place_instance_variables() {
    for (const Variable& v : mechanism_.variables) {
      if (is_range(v) && v.kind != VariableKind::state && v.kind != VariableKind::parameter) {
        const int row = append(layout_.vars, v, 0);
        layout_.slots[v.name] = {.table = Table::var, .index = row, .array_size = v.array_size};
      }
    }
    for (const Ion& ion : mechanism_.ions) {
      for (const IonVariable& part : ion.variables) {
        if (part.role != IonRole::current || !part.written) continue;
        const Variable* variable = mechanism_.find_variable(part.name);
        layout_.own_current[part.name] = static_cast<int>(layout_.vars.size());
        layout_.vars.push_back({part.name, variable ? variable->unit : "mA/cm2", 0, 1, -1});
      }
    }
  }

  void place_elsewhere(const Variable& v) {
    switch (v.storage) {
      case Storage::constant:
        layout_.slots[v.name] = {.table = Table::constant, .value = v.value, .uniform = true};
        break;
      case Storage::engine:
        layout_.slots[v.name] = {.table = Table::engine, .uniform = !v.written && is_equal_for_all(v.name)};
        break;
      case Storage::ion:
        place_ion(v);
        break;
      case Storage::pointer:
        layout_.slots[v.name] = {.table = Table::pointer, .index = static_cast<int>(layout_.pointers.size())};
        layout_.pointers.push_back({v.name, v.unit, 0, 1, -1});
        break;
      case Storage::global:
      case Storage::range:
      case Storage::instance:
        break;
    }
  }

  /// dt is not while a block goes to its steady state.
  bool is_equal_for_all(const std::string& name) const {
    return name == "celsius" || (name == "dt" && !has_steady_state(mechanism_));
  }

  void place_ion(const Variable& v) {
    for (std::size_t i = 0; i < mechanism_.ions.size(); ++i) {
      for (const IonVariable& part : mechanism_.ions[i].variables) {
        if (part.name != v.name) continue;
        layout_.slots[v.name] = {.table = Table::ion, .index = static_cast<int>(i), .role = part.role};
        return;
      }
    }
    throw InternalError(fmt::format("'{}' belongs to no ion of mechanism '{}'", v.name, mechanism_.name));
  }

  const MechanismDescription& mechanism_;
  Layout layout_;
};

}  // namespace

Layout make_layout(const MechanismDescription& mechanism) { return LayoutMaker(mechanism).make(); }

}  // namespace cellwright::nmodl
