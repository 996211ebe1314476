#include "nmodl/codegen/effects.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "nmodl/codegen/elimination.hpp"
#include "nmodl/semantics/special_functions.hpp"

namespace cellwright::nmodl {

void Effects::merge(const Effects& other) {
  reads.insert(other.reads.begin(), other.reads.end());
  writes.insert(other.writes.begin(), other.writes.end());
  has_open_loop = has_open_loop || other.has_open_loop;
  is_ordered = is_ordered || other.is_ordered;
}

EffectsFinder::EffectsFinder(const MechanismDescription& mechanism) : mechanism_(mechanism) {
  for (const Variable& variable : mechanism.variables) variables_.insert(variable.name);
}

Effects EffectsFinder::of(const Block& block) {
  Effects effects;
  visit(block, {nullptr, &effects});
  return effects;
}

Effects EffectsFinder::of(const SolveBlock& solve) {
  Effects effects = of(solve.step);
  if (!solve.system) return effects;
  for (const Unknown& unknown : solve.system->unknowns) {
    effects.reads.insert(unknown.state);
    effects.writes.insert(unknown.state);
  }
  effects.has_open_loop = effects.has_open_loop || goes_lane_by_lane(solve);
  return effects;
}

Effects EffectsFinder::of_body(const Function& function) {
  Effects effects;
  visit(function.body, {&function, &effects});
  return effects;
}

bool EffectsFinder::has_side_effects(const Function& function) {
  const Effects& effects = of_call(function);
  return effects.is_ordered || !effects.writes.empty();
}

const Effects& EffectsFinder::of_call(const Function& function) {
  const auto found = calls_.find(function.name);
  if (found != calls_.end()) return found->second;
  Effects effects;
  if (function.table) {
    effects.writes.insert(function.table->outputs.begin(), function.table->outputs.end());
    const Scope scope{nullptr, &effects};
    visit(function.table->first, scope);
    visit(function.table->last, scope);
  } else {
    effects = of_body(function);
  }
  return calls_.emplace(function.name, std::move(effects)).first->second;
}

bool EffectsFinder::is_variable(const std::string& name, const Scope& scope) const {
  if (scope.function) {
    const auto& arguments = scope.function->arguments;
    if (name == scope.function->name) return false;
    if (std::find(arguments.begin(), arguments.end(), name) != arguments.end()) return false;
  }
  return variables_.count(name) > 0;
}

void EffectsFinder::visit(const Block& block, const Scope& scope) {
  for (const Statement& statement : block) visit(statement, scope);
}

void EffectsFinder::assign(const Name& target, const Scope& scope) {
  if (target.index) visit(*target.index, scope);
  if (is_variable(target.name, scope)) scope.effects->writes.insert(target.name);
}

void EffectsFinder::visit(const Statement& statement, const Scope& scope) {
  const auto is_number = [](const Expression& e) { return std::holds_alternative<Number>(e.node); };
  std::visit(Overloaded{[&](const Assignment& s) {
                          visit(s.value, scope);
                          assign(s.target, scope);
                        },
                        [&](const CallStatement& s) {
                          if (!is_time_mark(s)) visit_call(s.call, scope);
                        },
                        [&](const If& s) {
                          visit(s.condition, scope);
                          visit(s.then, scope);
                          visit(s.otherwise, scope);
                        },
                        [&](const From& s) {
                          visit(s.first, scope);
                          visit(s.last, scope);
                          if (s.step) visit(*s.step, scope);
                          if (!is_number(s.first) || !is_number(s.last) || (s.step && !is_number(*s.step))) {
                            scope.effects->has_open_loop = true;
                          }
                          visit(s.body, scope);
                        },
                        [&](const While& s) {
                          scope.effects->has_open_loop = true;
                          visit(s.condition, scope);
                          visit(s.body, scope);
                        },
                        [&](const Watch& s) {
                          for (const WatchCondition& row : s.conditions) visit(row.flag, scope);
                        },
                        [&](const Break&) { scope.effects->has_open_loop = true; },
                        [&](const Return&) { scope.effects->has_open_loop = true; },
                        [&](const Solve& s) { visit_solve(s, scope); }, [](const auto&) {}},
             statement.node);
}

void EffectsFinder::visit(const Expression& expression, const Scope& scope) {
  std::visit(Overloaded{[&](const Name& e) {
                          if (e.index) visit(*e.index, scope);
                          if (is_variable(e.name, scope)) scope.effects->reads.insert(e.name);
                        },
                        [&](const Unary& e) { visit(*e.operand, scope); },
                        [&](const Binary& e) {
                          visit(*e.left, scope);
                          visit(*e.right, scope);
                        },
                        [&](const Call& e) { visit_call(e, scope); }, [](const auto&) {}},
             expression.node);
}

void EffectsFinder::visit_call(const Call& call, const Scope& scope) {
  for (const Expression& argument : call.arguments) visit(argument, scope);
  const Function* function = mechanism_.find_function(call.name);
  if (function) {
    scope.effects->merge(of_call(*function));
    return;
  }
  if (call.name == "nernst" || call.name == "ghk") scope.effects->reads.insert("celsius");
  const SpecialFunction* special = find_special_function(call.name);
  if (special != nullptr && is_ordered(*special)) scope.effects->is_ordered = true;
}

void EffectsFinder::visit_solve(const Solve& solve, const Scope& scope) {
  scope.effects->merge(of(find_solve(mechanism_, solve.block.name)));
}

bool goes_lane_by_lane(const SolveBlock& solve) {
  if (!solve.system) return false;
  const ImplicitSystem& system = *solve.system;
  return system.kind != ImplicitSystem::Kind::balance || !system.is_linear || !plan_elimination(system).is_unrolled;
}

const SolveBlock& find_solve(const MechanismDescription& mechanism, const std::string& name) {
  for (const auto* list : {&mechanism.initial_solves, &mechanism.solves}) {
    for (const SolveBlock& block : *list) {
      if (block.name == name) return block;
    }
  }
  throw InternalError(fmt::format("mechanism '{}' solves '{}', which is not there", mechanism.name, name));
}

}  // namespace cellwright::nmodl
