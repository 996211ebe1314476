#include "nmodl/codegen/liveness.hpp"

#include <algorithm>
#include <iterator>

#include "nmodl/codegen/effects.hpp"
#include "nmodl/semantics/special_functions.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

/// What stands behind a RETURN may not run.
bool returns_early(const Block& block) {
  bool found = false;
  walk_statements(block, [&](const Statement& s) { found = found || std::holds_alternative<Return>(s.node); });
  return found;
}

}  // namespace

LivenessFinder::LivenessFinder(const MechanismDescription& mechanism) : mechanism_(mechanism) {
  for (const Variable& variable : mechanism.variables) variables_.insert(variable.name);
}

LivenessFinder::Names LivenessFinder::live_in(const Block& block, Names& assigned) {
  Names live;
  const Names before = assigned;
  visit(block, {nullptr, &live}, assigned);
  if (returns_early(block)) assigned = before;
  return live;
}

const LivenessFinder::Summary& LivenessFinder::summary(const Function& function) {
  const auto found = summaries_.find(function.name);
  if (found != summaries_.end()) return found->second;
  Summary result;
  visit(function.body, {&function, &result.live}, result.assigned);
  if (returns_early(function.body)) result.assigned.clear();
  if (function.table) {
    // The look-up assigns the outputs; whether it or the body runs is decided at run time.
    Names outputs(function.table->outputs.begin(), function.table->outputs.end());
    Names both;
    std::set_intersection(outputs.begin(), outputs.end(), result.assigned.begin(), result.assigned.end(),
                          std::inserter(both, both.end()));
    result.assigned = both;
    Names nothing;
    visit(function.table->first, {nullptr, &result.live}, nothing);
    visit(function.table->last, {nullptr, &result.live}, nothing);
  }
  return summaries_.emplace(function.name, std::move(result)).first->second;
}

bool LivenessFinder::is_variable(const std::string& name, const Scope& scope) const {
  if (scope.function) {
    const auto& arguments = scope.function->arguments;
    if (name == scope.function->name) return false;
    if (std::find(arguments.begin(), arguments.end(), name) != arguments.end()) return false;
  }
  return variables_.count(name) > 0;
}

void LivenessFinder::visit(const Block& block, const Scope& scope, Names& assigned) {
  for (const Statement& statement : block) visit(statement, scope, assigned);
}

void LivenessFinder::visit(const Statement& statement, const Scope& scope, Names& assigned) {
  const auto loop = [&](const Block& body) {
    Names inside = assigned;  // the body may not run at all
    visit(body, scope, inside);
  };
  std::visit(Overloaded{[&](const Assignment& s) {
                          visit(s.value, scope, assigned);
                          if (s.target.index) {
                            visit(*s.target.index, scope, assigned);
                          } else if (is_variable(s.target.name, scope)) {
                            assigned.insert(s.target.name);
                          }
                        },
                        [&](const CallStatement& s) {
                          if (!is_time_mark(s)) visit_call(s.call, scope, assigned);
                        },
                        [&](const If& s) { visit_if(s, scope, assigned); },
                        [&](const From& s) {
                          visit(s.first, scope, assigned);
                          visit(s.last, scope, assigned);
                          if (s.step) visit(*s.step, scope, assigned);
                          loop(s.body);
                        },
                        [&](const While& s) {
                          visit(s.condition, scope, assigned);
                          loop(s.body);
                        },
                        [&](const Solve& s) { visit(find_solve(mechanism_, s.block.name).step, scope, assigned); },
                        [](const Local&) {},
                        // Whatever else there is may read anything.
                        [&](const auto&) {
                          for (const std::string& name : variables_) {
                            if (!assigned.count(name)) scope.live->insert(name);
                          }
                        }},
             statement.node);
}

void LivenessFinder::visit_if(const If& statement, const Scope& scope, Names& assigned) {
  visit(statement.condition, scope, assigned);
  Names then = assigned, otherwise = assigned, both;
  visit(statement.then, scope, then);
  visit(statement.otherwise, scope, otherwise);
  std::set_intersection(then.begin(), then.end(), otherwise.begin(), otherwise.end(), std::inserter(both, both.end()));
  assigned = std::move(both);
}

void LivenessFinder::visit(const Expression& expression, const Scope& scope, Names& assigned) {
  std::visit(Overloaded{[&](const Name& e) {
                          if (e.index) visit(*e.index, scope, assigned);
                          if (is_variable(e.name, scope) && !assigned.count(e.name)) scope.live->insert(e.name);
                        },
                        [&](const Unary& e) { visit(*e.operand, scope, assigned); },
                        [&](const Binary& e) {
                          // The right side of && and || may not run: what it assigns is not certain.
                          visit(*e.left, scope, assigned);
                          Names right = assigned;
                          visit(*e.right, scope, right);
                        },
                        [&](const Call& e) { visit_call(e, scope, assigned); }, [](const auto&) {}},
             expression.node);
}

void LivenessFinder::visit_call(const Call& call, const Scope& scope, Names& assigned) {
  for (const Expression& argument : call.arguments) visit(argument, scope, assigned);
  const Function* function = mechanism_.find_function(call.name);
  if (!function) return;
  const Summary& callee = summary(*function);
  for (const std::string& name : callee.live) {
    if (!assigned.count(name)) scope.live->insert(name);
  }
  assigned.insert(callee.assigned.begin(), callee.assigned.end());
}

}  // namespace cellwright::nmodl
