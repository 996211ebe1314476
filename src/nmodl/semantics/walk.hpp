#pragma once
/// Walks over trees, const or not: every statement, every expression.

#include <type_traits>

#include "cellwright/nmodl/ast.hpp"

namespace cellwright::nmodl {

/// Calls visit(child) for each direct child of an expression.
template <class E, class Visit>
void for_each_child(E& expression, const Visit& visit) {
  const auto handle = [&]<class Node>(Node& node) {
    using T = std::remove_const_t<Node>;
    if constexpr (std::is_same_v<T, Binary>) {
      visit(*node.left);
      visit(*node.right);
    } else if constexpr (std::is_same_v<T, Unary>) {
      visit(*node.operand);
    } else if constexpr (std::is_same_v<T, Call>) {
      for (auto& argument : node.arguments) visit(argument);
    } else if constexpr (std::is_same_v<T, Name>) {
      if (node.index) visit(*node.index);
    }
  };
  std::visit(handle, expression.node);
}

/// Calls visit(e) for an expression and all below it, the outer ones first.
template <class E, class Visit>
void walk_expression(E& expression, const Visit& visit) {
  visit(expression);
  for_each_child(expression, [&](auto& child) { walk_expression(child, visit); });
}

/// Calls visit(expression) for the expressions that stand directly in one statement, not those in blocks within it.
template <class S, class Visit>
void for_each_expression(S& statement, const Visit& visit) {
  const auto index_of = [&](auto& name) {
    if (name.index) visit(*name.index);
  };
  const auto terms = [&](auto& list) {
    for (auto& term : list) {
      visit(term.coefficient);
      index_of(term.species);
    }
  };
  const auto handle = [&]<class Node>(Node& node) {
    using T = std::remove_const_t<Node>;
    if constexpr (std::is_same_v<T, Local>) {
      for (auto& variable : node.variables) {
        if (variable.size) visit(*variable.size);
      }
    } else if constexpr (std::is_same_v<T, Assignment>) {
      index_of(node.target);
      visit(node.value);
    } else if constexpr (std::is_same_v<T, Protect>) {
      index_of(node.assignment.target);
      visit(node.assignment.value);
    } else if constexpr (std::is_same_v<T, Equation>) {
      index_of(node.state);
      visit(node.rhs);
    } else if constexpr (std::is_same_v<T, CallStatement>) {
      for (auto& argument : node.call.arguments) visit(argument);
    } else if constexpr (std::is_same_v<T, If> || std::is_same_v<T, While>) {
      visit(node.condition);
    } else if constexpr (std::is_same_v<T, From>) {
      visit(node.first);
      visit(node.last);
      if (node.step) visit(*node.step);
    } else if constexpr (std::is_same_v<T, TableStatement>) {
      visit(node.first);
      visit(node.last);
      visit(node.count);
    } else if constexpr (std::is_same_v<T, Reaction>) {
      terms(node.left);
      terms(node.right);
      visit(node.forward);
      if (node.backward) visit(*node.backward);
    } else if constexpr (std::is_same_v<T, TildeEquation>) {
      visit(node.left);
      visit(node.right);
    } else if constexpr (std::is_same_v<T, Conserve>) {
      terms(node.terms);
      visit(node.total);
    } else if constexpr (std::is_same_v<T, Compartment>) {
      visit(node.volume);
    } else if constexpr (std::is_same_v<T, Watch>) {
      for (auto& row : node.conditions) {
        visit(row.condition);
        visit(row.flag);
      }
    } else if constexpr (std::is_same_v<T, Lag>) {
      visit(node.steps);
    }
  };
  std::visit(handle, statement.node);
}

/// Calls visit(block) for the blocks that stand directly in one statement.
template <class S, class Visit>
void for_each_block(S& statement, const Visit& visit) {
  const auto handle = [&]<class Node>(Node& node) {
    using T = std::remove_const_t<Node>;
    if constexpr (std::is_same_v<T, If>) {
      visit(node.then);
      visit(node.otherwise);
    } else if constexpr (std::is_same_v<T, Solve>) {
      visit(node.if_error);
    } else if constexpr (std::is_same_v<T, From> || std::is_same_v<T, While> || std::is_same_v<T, ForNetcons> ||
                         std::is_same_v<T, NetInitial>) {
      visit(node.body);
    }
  };
  std::visit(handle, statement.node);
}

/// Calls visit(statement) for every statement of a block and of the blocks in it, the outer ones first.
template <class B, class Visit>
void walk_statements(B& block, const Visit& visit) {
  for (auto& statement : block) {
    visit(statement);
    for_each_block(statement, [&](auto& inner) { walk_statements(inner, visit); });
  }
}

/// Calls visit(expression) for every expression, at any depth, of a block and of the blocks in it.
template <class B, class Visit>
void walk_all_expressions(B& block, const Visit& visit) {
  walk_statements(block, [&](auto& statement) {
    for_each_expression(statement, [&](auto& expression) { walk_expression(expression, visit); });
  });
}

/// Calls visit(call) for every call, in expressions and as a statement, of a block and of the blocks in it.
template <class Visit>
void walk_calls(const Block& block, const Visit& visit) {
  walk_all_expressions(block, [&](const Expression& e) {
    if (const auto* call = std::get_if<Call>(&e.node)) visit(*call);
  });
  walk_statements(block, [&](const Statement& s) {
    if (const auto* call = std::get_if<CallStatement>(&s.node)) visit(call->call);
  });
}

}  // namespace cellwright::nmodl
