#include "nmodl/passes/single_step.hpp"

#include <algorithm>

#include "nmodl/passes/joined_divisions.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/semantics/special_functions.hpp"
#include "nmodl/semantics/symbols.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

using Kind = DerivativeOutput::Kind;

/// Whether lanes can run it side by side: no loops that are left, no calls that have an order among them, as those of
/// random numbers.
bool fits_vectors(const MechanismDescription& mechanism, const Block& block) {
  bool found = false;
  walk_calls(block, [&](const Call& call) {
    const SpecialFunction* special = find_special_function(call.name);
    found = found || (mechanism.find_function(call.name) == nullptr && special != nullptr && is_ordered(*special));
  });
  walk_statements(block, [&](const Statement& s) {
    found = found || std::holds_alternative<While>(s.node) || std::holds_alternative<From>(s.node);
  });
  return !found;
}

/// What recordings may look at is kept, beside what the outputs need.
Block without_dead_partials(const MechanismDescription& mechanism, const TangentBlock& tangent, const Block& flat,
                            const std::vector<DerivativeOutput>& outputs) {
  std::set<std::string> wanted = written(mechanism, flat);
  for (const DerivativeOutput& output : outputs) {
    walk_expression(output.value, [&](const Expression& e) {
      if (const auto* name = std::get_if<Name>(&e.node)) wanted.insert(name->name);
    });
  }
  return without_dead_statements(mechanism, tangent.body, wanted);
}

std::optional<DerivativeBlock> plan_current(const MechanismDescription& mechanism, Flattener& flattener,
                                            std::vector<TableSlope>& slopes) {
  const Block flat = flattener.flatten(mechanism.breakpoint);
  if (!fits_vectors(mechanism, flat)) return std::nullopt;
  DerivativeBlock result;
  const std::vector<Direction> directions = {{"v", -1, false}};
  const bool by_v = mechanism.conductances.empty();
  TangentBlock tangent =
      by_v ? differentiate_block(mechanism, flat, directions, flattener) : TangentBlock{.body = flat};
  for (std::size_t k = 0; k < mechanism.currents.size(); ++k) {
    const std::string& name = mechanism.currents[k].name;
    const int of = static_cast<int>(k);
    result.outputs.push_back({Kind::current, of, -1, make_name(name)});
    for (const auto& [direction, slope] : tangent.partials[name])
      result.outputs.push_back({Kind::current, of, direction, slope});
  }
  result.body = without_dead_partials(mechanism, tangent, flat, result.outputs);
  slopes = std::move(tangent.slopes);
  return result;
}

/// The change of `x = x + change` and `x = x - change`.
std::optional<Expression> change_of(const Assignment& assignment) {
  const auto* sum = std::get_if<Binary>(&assignment.value.node);
  if (sum == nullptr) return std::nullopt;
  const auto* before = std::get_if<Name>(&sum->left->node);
  if (before == nullptr || !(*before == assignment.target)) return std::nullopt;
  if (sum->op == BinaryOperator::add) return *sum->right;
  if (sum->op == BinaryOperator::subtract) return make_negation(*sum->right);
  return std::nullopt;
}

/// Replaces the STATEs' `x = x + change` by calls.
class RestKeeper {
 public:
  RestKeeper(const MechanismDescription& mechanism, Flattener& names) : mechanism_(mechanism), names_(names) {}

  void rewrite(Block& block) {
    walk_statements(block, [&](Statement& statement) {
      const auto* assignment = std::get_if<Assignment>(&statement.node);
      if (assignment == nullptr || !is_state(assignment->target)) return;
      if (auto change = change_of(*assignment))
        statement.node = CallStatement{Call{rest_of(assignment->target).advance, {*std::move(change)}}};
    });
  }
  std::vector<KeptRest> take() { return std::move(rests_); }

 private:
  /// Elements of arrays by number only.
  bool is_state(const Name& target) const {
    const Variable* variable = mechanism_.find_variable(target.name);
    if (variable == nullptr || variable->kind != VariableKind::state) return false;
    return target.index ? literal_value(*target.index).has_value() : variable->array_size == 0;
  }

  const KeptRest& rest_of(const Name& target) {
    const int element = target.index ? static_cast<int>(*literal_value(*target.index)) : -1;
    const auto same = [&](const KeptRest& rest) { return rest.state == target.name && rest.element == element; };
    const auto found = std::find_if(rests_.begin(), rests_.end(), same);
    if (found != rests_.end()) return *found;
    return rests_.emplace_back(target.name, element, names_.fresh_name("advance_" + target.name));
  }

  const MechanismDescription& mechanism_;
  Flattener& names_;
  std::vector<KeptRest> rests_;
};

/// Of all STATEs: of a state phase that computes in double.
std::vector<KeptRest> all_rests(const MechanismDescription& mechanism) {
  std::vector<KeptRest> rests;
  for (const Variable& variable : mechanism.variables) {
    if (variable.kind != VariableKind::state) continue;
    if (variable.array_size == 0) rests.push_back({variable.name, -1, ""});
    for (int k = 0; k < variable.array_size; ++k) rests.push_back({variable.name, k, ""});
  }
  return rests;
}

std::optional<Block> plan_state(const MechanismDescription& mechanism, Flattener& flattener) {
  Block result;
  const auto append = [&](const Block& block) {
    const Block flat = flattener.flatten(block);
    result.insert(result.end(), flat.begin(), flat.end());
  };
  for (const SolveBlock& solve : mechanism.solves) {
    if (solve.system) return std::nullopt;
    append(solve.step);
  }
  if (mechanism.currents.empty()) append(mechanism.breakpoint);
  if (!fits_vectors(mechanism, result)) return std::nullopt;
  return result;
}

/// @param state  as in SingleStepPlan
std::optional<Block> plan_usual_state(const Block& state, const std::vector<KeptRest>& rests, Flattener& flattener) {
  const auto advances = [&](const Statement& statement) {
    const auto* call = std::get_if<CallStatement>(&statement.node);
    return call != nullptr && std::any_of(rests.begin(), rests.end(),
                                          [&](const KeptRest& rest) { return rest.advance == call->call.name; });
  };
  const auto behind_rates = std::find_if(state.begin(), state.end(), advances);
  std::vector<std::set<std::string>> together;
  for (auto statement = behind_rates; statement != state.end(); ++statement) {
    std::set<std::string>& read = together.emplace_back();
    for_each_expression(*statement, [&](const Expression& whole) {
      walk_expression(whole, [&](const Expression& e) {
        const auto* name = std::get_if<Name>(&e.node);
        if (name != nullptr && !name->index) read.insert(name->name);
      });
    });
  }
  std::optional<Block> result = with_joined_divisions({state.begin(), behind_rates}, together, flattener);
  if (result) result->insert(result->end(), behind_rates, state.end());
  return result;
}

template <class Plan>
auto nothing_where_impossible(const Plan& plan) -> decltype(plan()) {
  try {
    return plan();
  } catch (const NotDifferentiable&) {
    return std::nullopt;
  }
}

}  // namespace

SingleStepPlan plan_single_step(const MechanismDescription& mechanism) {
  SingleStepPlan plan;
  if (mechanism.kind == MechanismKind::artificial_cell) return plan;
  Flattener flattener(mechanism);
  if (!mechanism.currents.empty())
    plan.current = nothing_where_impossible([&] { return plan_current(mechanism, flattener, plan.slopes); });
  plan.state = nothing_where_impossible([&] { return plan_state(mechanism, flattener); });
  if (plan.state) {
    RestKeeper keeper(mechanism, flattener);
    keeper.rewrite(*plan.state);
    plan.rests = keeper.take();
    plan.usual_state = plan_usual_state(*plan.state, plan.rests, flattener);
  } else if (!mechanism.solves.empty()) {
    plan.rests = all_rests(mechanism);
  }
  return plan;
}

}  // namespace cellwright::nmodl
