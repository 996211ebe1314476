#include "nmodl/passes/derivatives.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cellwright/nmodl/builtins.hpp"
#include "cellwright/nmodl/front_end.hpp"
#include "nmodl/passes/common_denominators.hpp"
#include "nmodl/passes/fast_rates.hpp"
#include "nmodl/passes/slow_gates.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/semantics/special_functions.hpp"
#include "nmodl/semantics/symbols.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

using Kind = DerivativeOutput::Kind;

class Planner {
 public:
  Planner(const MechanismDescription& mechanism, bool fast)
      : mechanism_(mechanism), fast_(fast), flattener_(mechanism) {}

  DerivativePlan run() {
    try {
      flatten();
      find_directions();
      make_rates();
      make_currents();
      make_times();
    } catch (const NotDifferentiable& problem) {
      return {.reason = problem.reason};
    }
    return std::move(plan_);
  }

 private:
  // ------------------------------------------------------------------------------------------------- blocks

  void flatten() {
    refuse_random_numbers();
    refuse_changes_after_steps();
    for (const SolveBlock& solve : mechanism_.solves) {
      if (solve.after_step) continue;
      if (solve.method == SolveMethod::procedure) {
        throw NotDifferentiable{
            fmt::format("it SOLVEs the PROCEDURE '{}', which advances by a step of its own", solve.name)};
      }
      const bool may_be_empty = solve.method == SolveMethod::cnexp || solve.method == SolveMethod::euler;
      if (solve.right_hand_sides.empty() && (!may_be_empty || !solve.step.empty())) {
        throw NotDifferentiable{fmt::format("'{}' has no equations", solve.name)};
      }
      append(rates_, flattener_.flatten(solve.right_hand_sides));
    }
    if (fast_) rates_ = cancel_quotients(std::move(rates_));
    currents_ = flattener_.flatten(mechanism_.breakpoint);
    for (const Block* block : {&rates_, &currents_}) refuse(*block);
    join_blocks();
  }

  /// First of all reasons, so that it is the one that is told.
  void refuse_random_numbers() const {
    std::set<std::string> seen;
    for (const SolveBlock& solve : mechanism_.solves) {
      refuse_draws(solve.right_hand_sides, seen);
      refuse_draws(solve.step, seen);
    }
    refuse_draws(mechanism_.breakpoint, seen);
  }

  void refuse_draws(const Block& block, std::set<std::string>& seen) const {
    walk_calls(block, [&](const Call& call) {
      const SpecialFunction* special = find_special_function(call.name);
      if (special != nullptr && special->kind == SpecialKind::stream)
        throw NotDifferentiable{"it draws random numbers in its equations"};
      const Function* function = mechanism_.find_function(call.name);
      if (function != nullptr && seen.insert(call.name).second) refuse_draws(function->body, seen);
    });
  }

  /// What changes by a jump that a step does not know of.
  void refuse_changes_after_steps() const {
    for (const SolveBlock& solve : mechanism_.solves) {
      if (!solve.after_step) continue;
      for (const std::string& name : solve.usage.writes) {
        const Variable* variable = mechanism_.find_variable(name);
        if (variable != nullptr && variable->kind == VariableKind::state)
          throw NotDifferentiable{fmt::format("it changes '{}' after each step, in '{}'", name, solve.name)};
      }
    }
  }

  static void append(Block& to, const Block& from) { to.insert(to.end(), from.begin(), from.end()); }

  /// What one block leaves for the other in ASSIGNEDs, it computes for it.
  void join_blocks() {
    const auto common = [](const std::set<std::string>& reads, const std::set<std::string>& writes) {
      return std::find_if(reads.begin(), reads.end(), [&](const auto& name) { return writes.contains(name); });
    };
    std::set<std::string> rates_read = read_before_written(mechanism_, rates_);
    std::set<std::string> currents_read = read_before_written(mechanism_, currents_);
    for (const std::string& name : given_names()) {
      rates_read.erase(name);
      currents_read.erase(name);
    }
    const std::set<std::string> rates_write = written(mechanism_, rates_),
                                currents_write = written(mechanism_, currents_);
    const auto by_rates = common(rates_read, currents_write);
    const auto by_currents = common(currents_read, rates_write);
    const bool first = by_rates != rates_read.end(), second = by_currents != currents_read.end();
    if (first && second) {
      throw NotDifferentiable{
          fmt::format("BREAKPOINT and the equations wait for each other's '{}' and '{}'", *by_rates, *by_currents)};
    }
    if (first) {
      Block whole = with_own_currents(currents_);
      append(whole, rates_);
      rates_ = std::move(whole);
    }
    if (second || writes_ion_value(rates_write)) {
      Block whole = rates_;
      append(whole, currents_);
      currents_ = std::move(whole);
    }
  }

  /// What the equations assign to a concentration beside their STATEs is computed behind the STATEs, as BREAKPOINT's
  /// is.
  bool writes_ion_value(const std::set<std::string>& rates_write) const {
    std::set<std::string> states;
    walk_statements(rates_, [&](const Statement& s) {
      if (const auto* equation = std::get_if<Equation>(&s.node)) states.insert(equation->state.name);
    });
    for (const Ion& ion : mechanism_.ions) {
      for (const IonVariable& part : ion.variables) {
        const bool is_value = part.written && part.role != IonRole::current && !states.contains(part.name);
        if (is_value && rates_write.contains(part.name)) return true;
      }
    }
    return false;
  }

  /// An ion current that is read is the sum over all mechanisms, also behind the statements that compute the own part:
  /// those get a variable of their own.
  Block with_own_currents(Block block) {
    for (const Ion& ion : mechanism_.ions) {
      for (const IonVariable& part : ion.variables) {
        if (part.role != IonRole::current || !part.read || !part.written) continue;
        const std::string own = flattener_.fresh_name(part.name + "_own");
        walk_statements(block, [&](Statement& s) {
          if (auto* assignment = std::get_if<Assignment>(&s.node); assignment && assignment->target.name == part.name) {
            assignment->target.name = own;
          }
        });
        walk_all_expressions(block, [&](Expression& e) {
          if (auto* name = std::get_if<Name>(&e.node); name && name->name == part.name) name->name = own;
        });
        block.insert(block.begin(), Statement{Assignment{{own, {}}, {}, make_name(part.name)}, {}});
        block.insert(block.begin(), Statement{Local{{{own, std::nullopt, {}}}}, {}});
      }
    }
    return block;
  }

  /// Names that have a value of their own at the beginning of every block.
  std::set<std::string> given_names() const {
    std::set<std::string> names = {"v", "t", "celsius", "area", "diam"};
    for (const Ion& ion : mechanism_.ions) {
      for (const IonVariable& part : ion.variables) {
        if (part.read || part.role != IonRole::current) names.insert(part.name);
      }
    }
    walk_statements(rates_, [&](const Statement& s) {
      if (const auto* equation = std::get_if<Equation>(&s.node)) names.insert(equation->state.name);
    });
    return names;
  }

  void refuse(const Block& block) const {
    walk_all_expressions(block, [&](const Expression& e) {
      if (const auto* call = std::get_if<Call>(&e.node)) refuse_call(*call);
    });
    walk_statements(block, [&](const Statement& s) {
      if (const auto* call = std::get_if<CallStatement>(&s.node)) refuse_call(call->call);
    });
  }

  void refuse_call(const Call& call) const {
    const Function* function = mechanism_.find_function(call.name);
    if (function != nullptr || find_builtin(call.name) != nullptr) return;
    const SpecialFunction* special = find_special_function(call.name);
    if (special == nullptr || is_ordered(*special) || call.name == "at_time") {
      throw NotDifferentiable{fmt::format("it calls {}()", call.name)};
    }
  }

  // ------------------------------------------------------------------------------------------------- directions

  void add_state(const std::string& name, int element) {
    const auto same = [&](const DerivedState& s) { return s.name == name && s.element == element; };
    if (std::none_of(plan_.states.begin(), plan_.states.end(), same)) plan_.states.push_back({name, element, false});
  }

  void find_directions() {
    walk_statements(rates_, [&](const Statement& s) {
      const auto* equation = std::get_if<Equation>(&s.node);
      if (equation == nullptr) return;
      const Variable* variable = mechanism_.find_variable(equation->state.name);
      const int size = variable != nullptr ? variable->array_size : 0;
      const auto index = equation->state.index ? literal_value(*equation->state.index) : std::optional(0.0);
      if (size == 0) {
        add_state(equation->state.name, -1);
      } else if (index) {
        add_state(equation->state.name, static_cast<int>(*index));
      } else {
        for (int k = 0; k < size; ++k) add_state(equation->state.name, k);
      }
    });
    plan_.directions.push_back({"v", -1, false});
    for (const DerivedState& state : plan_.states) plan_.directions.push_back({state.name, state.element, true});
    for (const Ion& ion : mechanism_.ions) {
      for (const IonVariable& part : ion.variables) {
        if (part.read && !is_state(part.name)) plan_.directions.push_back({part.name, -1, false});
      }
    }
  }

  bool is_state(const std::string& name) const {
    return std::any_of(plan_.states.begin(), plan_.states.end(), [&](const auto& s) { return s.name == name; });
  }

  int state_index(const std::string& name, int element) const {
    for (std::size_t k = 0; k < plan_.states.size(); ++k) {
      if (plan_.states[k].name == name && plan_.states[k].element == element) return static_cast<int>(k);
    }
    throw InternalError(fmt::format("mechanism '{}': '{}' is no STATE with an equation", mechanism_.name, name));
  }

  // ------------------------------------------------------------------------------------------------- rates

  static Expression element_of(const Expression& array, int element) {
    return {Name{std::get<Name>(array.node).name, make_number(element)}, {}};
  }

  static void add_outputs(DerivativeBlock& block, Kind kind, int of, const Expression& value, const Partials& partials,
                          int element) {
    const auto pick = [&](const Expression& e) { return element < 0 ? e : element_of(e, element); };
    block.outputs.push_back({kind, of, -1, pick(value)});
    for (const auto& [direction, d] : partials) block.outputs.push_back({kind, of, direction, pick(d)});
  }

  void make_rates() {
    if (plan_.states.empty()) return;
    TangentBlock tangent = differentiate_block(mechanism_, rates_, plan_.directions, flattener_);
    add_rates(tangent, plan_.rates);
    finish(tangent, plan_.rates);
    if (!fast_) return;
    find_slow_gates(mechanism_, plan_);
    make_usual_rates();
  }

  void add_rates(const TangentBlock& tangent, DerivativeBlock& block) {
    for (const StateRate& rate : tangent.rates) {
      const Variable* variable = mechanism_.find_variable(rate.state);
      if (rate.element < 0 && variable != nullptr && variable->array_size > 0) {
        for (int k = 0; k < variable->array_size; ++k) {
          add_outputs(block, Kind::rate, state_index(rate.state, k), make_name(rate.rate), rate.d_rate, k);
        }
        continue;
      }
      const int of = state_index(rate.state, rate.element);
      plan_.states[static_cast<std::size_t>(of)].linear = rate.linear;
      if (rate.linear) {
        add_outputs(block, Kind::rate_a, of, make_name(rate.a), rate.da, -1);
        add_outputs(block, Kind::rate_b, of, make_name(rate.b), rate.db, -1);
      } else {
        add_outputs(block, Kind::rate, of, make_name(rate.rate), rate.d_rate, -1);
      }
    }
  }

  void make_usual_rates() {
    const auto is_linear = [](const DerivedState& state) { return state.linear; };
    if (!std::all_of(plan_.states.begin(), plan_.states.end(), is_linear)) return;
    const CommonDenominators common = with_common_denominators(rates_, flattener_);
    if (common.states.empty()) return;
    TangentBlock tangent = differentiate_block(mechanism_, common.block, plan_.directions, flattener_);
    add_rates(tangent, plan_.usual_rates);
    for (const StateDenominator& state : common.states) {
      const auto element = state.state.index ? literal_value(*state.state.index) : std::nullopt;
      add_outputs(plan_.usual_rates, Kind::denominator,
                  state_index(state.state.name, element ? static_cast<int>(*element) : -1),
                  make_name(state.denominator), tangent.partials[state.denominator], -1);
    }
    finish(tangent, plan_.usual_rates);
  }

  // ------------------------------------------------------------------------------------------------- currents

  void make_currents() {
    const std::set<std::string> assigned = written(mechanism_, currents_);
    for (const Ion& ion : mechanism_.ions) {
      for (const IonVariable& part : ion.variables) {
        const bool is_value = part.written && part.role != IonRole::current && !is_state(part.name);
        if (is_value && assigned.contains(part.name)) plan_.ion_values.push_back(part.name);
      }
    }
    if (mechanism_.currents.empty() && plan_.ion_values.empty()) return;
    TangentBlock tangent = differentiate_block(mechanism_, currents_, plan_.directions, flattener_);
    for (std::size_t k = 0; k < mechanism_.currents.size(); ++k) {
      const std::string& name = mechanism_.currents[k].name;
      add_outputs(plan_.currents, Kind::current, static_cast<int>(k), make_name(name), tangent.partials[name], -1);
    }
    for (std::size_t k = 0; k < plan_.ion_values.size(); ++k) {
      const std::string& name = plan_.ion_values[k];
      add_outputs(plan_.currents, Kind::ion_value, static_cast<int>(k), make_name(name), tangent.partials[name], -1);
    }
    finish(tangent, plan_.currents);
  }

  /// The times of at_time(), which must stand still between events: they are asked for when the history begins anew.
  void make_times() {
    if (!mechanism_.marks_times) return;
    std::vector<std::string> times;
    Block all;
    for (const SolveBlock& solve : mechanism_.solves) {
      const bool has_equations = !solve.right_hand_sides.empty();
      append(all, flattener_.flatten_with_times(has_equations ? solve.right_hand_sides : solve.step, times));
    }
    append(all, flattener_.flatten_with_times(mechanism_.breakpoint, times));
    plan_.times.body = without_dead_statements(mechanism_, all, {times.begin(), times.end()});
    refuse(plan_.times.body);
    refuse_moving_times(written(mechanism_, all));
    for (std::size_t k = 0; k < times.size(); ++k)
      plan_.times.outputs.push_back({Kind::time, static_cast<int>(k), -1, make_name(times[k])});
  }

  void refuse_moving_times(const std::set<std::string>& assigned) const {
    std::set<std::string> moving = given_names();
    for (const char* constant : {"celsius", "area", "diam"}) moving.erase(constant);
    moving.insert("dt");
    moving.insert(assigned.begin(), assigned.end());
    for (const std::string& name : read_before_written(mechanism_, plan_.times.body)) {
      if (moving.contains(name))
        throw NotDifferentiable{fmt::format("what it says by at_time() depends on '{}'", name)};
    }
    walk_statements(plan_.times.body, [](const Statement& s) {
      if (std::holds_alternative<From>(s.node) || std::holds_alternative<While>(s.node))
        throw NotDifferentiable{"it calls at_time() in a loop"};
    });
  }

  /// In what the rates and currents need; published mechanisms have left-overs like `m_exp = 1 - exp(-dt/tau)`.
  void refuse_dt(const Block& needed) const {
    const auto refuse_in = [&](const Call& call) {
      const Function* function = mechanism_.find_function(call.name);
      if (function != nullptr && function->usage.reads_name("dt")) throw NotDifferentiable{"it reads dt"};
    };
    walk_all_expressions(needed, [&](const Expression& e) {
      const auto* name = std::get_if<Name>(&e.node);
      if (name != nullptr && name->name == "dt" && mechanism_.uses("dt")) throw NotDifferentiable{"it reads dt"};
      if (const auto* call = std::get_if<Call>(&e.node)) refuse_in(*call);
    });
    walk_statements(needed, [&](const Statement& s) {
      if (const auto* call = std::get_if<CallStatement>(&s.node)) refuse_in(call->call);
    });
  }

  void finish(TangentBlock& tangent, DerivativeBlock& block) {
    std::set<std::string> wanted;
    for (const DerivativeOutput& output : block.outputs) {
      if (const auto* name = std::get_if<Name>(&output.value.node)) wanted.insert(name->name);
    }
    block.body = without_dead_statements(mechanism_, tangent.body, wanted);
    refuse_dt(block.body);
    const std::set<std::string> writes = written(mechanism_, block.body), given = given_names();
    for (const std::string& name : read_before_written(mechanism_, block.body)) {
      if (!writes.contains(name) || given.contains(name)) continue;
      throw NotDifferentiable{fmt::format("it keeps '{}' from step to step", name)};
    }
    add_slopes(tangent.slopes, block.body);
  }

  void add_slopes(const std::vector<TableSlope>& slopes, const Block& body) {
    std::set<std::string> called;
    walk_all_expressions(body, [&](const Expression& e) {
      if (const auto* call = std::get_if<Call>(&e.node)) called.insert(call->name);
    });
    for (const TableSlope& slope : slopes) {
      const auto same = [&](const TableSlope& s) { return s.name == slope.name; };
      const bool known = std::any_of(plan_.slopes.begin(), plan_.slopes.end(), same);
      if (called.contains(slope.name) && !known) plan_.slopes.push_back(slope);
    }
  }

  const MechanismDescription& mechanism_;
  bool fast_;
  Flattener flattener_;
  DerivativePlan plan_;
  Block rates_, currents_;
};

std::string spelled(const std::string& name, int element) {
  return element < 0 ? name : fmt::format("{}[{}]", name, element);
}

std::string output_name(const MechanismDescription& mechanism, const DerivativePlan& plan,
                        const DerivativeOutput& output) {
  const auto of = static_cast<std::size_t>(output.of);
  switch (output.kind) {
    case Kind::rate:
      return spelled(plan.states[of].name, plan.states[of].element) + "'";
    case Kind::rate_a:
      return fmt::format("a({})", spelled(plan.states[of].name, plan.states[of].element));
    case Kind::rate_b:
      return fmt::format("b({})", spelled(plan.states[of].name, plan.states[of].element));
    case Kind::denominator:
      return fmt::format("denominator({})", spelled(plan.states[of].name, plan.states[of].element));
    case Kind::current:
      return mechanism.currents[of].name;
    case Kind::ion_value:
      return plan.ion_values[of];
    case Kind::time:
      return fmt::format("time {}", of);
  }
  return "";
}

}  // namespace

DerivativePlan plan_derivatives(const MechanismDescription& mechanism, bool fast) {
  return Planner(mechanism, fast).run();
}

std::string print_derivatives(const MechanismDescription& mechanism, const DerivativePlan& plan) {
  if (!plan.reason.empty()) return fmt::format("none: {}\n", plan.reason);
  std::string text;
  for (const auto& [name, block] : {std::pair{"rates", &plan.rates},
                                    {"usual rates", &plan.usual_rates},
                                    {"currents", &plan.currents},
                                    {"times", &plan.times}}) {
    if (block->outputs.empty()) continue;
    text += fmt::format("{} {{\n{}}}\n", name, print_nmodl(block->body, 1));
    for (const DerivativeOutput& output : block->outputs) {
      std::string label = output_name(mechanism, plan, output);
      if (output.direction >= 0) {
        const Direction& direction = plan.directions[static_cast<std::size_t>(output.direction)];
        label = fmt::format("d {} / d {}", label, spelled(direction.variable, direction.element));
      }
      text += fmt::format("  {} = {}\n", label, print_nmodl(output.value));
    }
  }
  return text;
}

}  // namespace cellwright::nmodl
