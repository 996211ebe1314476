#include "nmodl/passes/fractions.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "cellwright/nmodl/builtins.hpp"
#include "nmodl/semantics/symbols.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

Factors joined(const Factors& a, const Factors& b) {
  Factors result;
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}

Fraction cancelled(Fraction f) {
  const Factors above = f.above;
  f.above = without(above, f.below);
  f.below = without(f.below, above);
  return f;
}

Fraction product(const Fraction& a, const Fraction& b) {
  return cancelled(
      {a.coefficient * b.coefficient, make_product(a.top, b.top), joined(a.above, b.above), joined(a.below, b.below)});
}

/// `whole` where nothing is divided: as it is written.
Fraction sum(const Fraction& a, const Fraction& b, const Expression& whole) {
  if (a.below.empty() && b.below.empty()) {
    const bool numbers = is_one(a.top) && is_one(b.top) && a.above.empty() && b.above.empty();
    return numbers ? Fraction{a.coefficient + b.coefficient} : Fraction{1, whole};
  }
  const Factors below = least_multiple(a.below, b.below);
  const Expression left = a.times_all(below), right = b.times_all(below);
  // A number in front of the whole costs nothing, for the equation is divided by it.
  if (a.coefficient != 0 && (a.coefficient == -b.coefficient || b.coefficient != 1)) {
    const double ratio = b.coefficient / a.coefficient;
    const Expression scaled_right = scaled(std::abs(ratio), right);
    return {a.coefficient, ratio > 0 ? make_sum(left, scaled_right) : make_difference(left, scaled_right), {}, below};
  }
  return {1, make_sum(scaled(a.coefficient, left), scaled(b.coefficient, right)), {}, below};
}

/// Functions that are still calls may assign anything.
bool calls_functions(const Statement& statement) {
  bool calls = std::holds_alternative<CallStatement>(statement.node);
  walk_calls({statement}, [&](const Call& call) { calls = calls || find_builtin(call.name) == nullptr; });
  return calls;
}

}  // namespace

Factors least_multiple(const Factors& a, const Factors& b) {
  Factors result;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}
Factors without(const Factors& a, const Factors& b) {
  Factors result;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}
Expression times(Expression e, const Factors& factors) {
  for (const std::string& factor : factors) e = make_product(std::move(e), make_name(factor));
  return e;
}

Expression scaled(double coefficient, Expression e) { return make_product(make_number(coefficient), std::move(e)); }

Expression Fraction::times_all(const Factors& more) const { return times(times(top, above), without(more, below)); }

void FractionFinder::visit(const Statement& statement) {
  const auto* assignment = std::get_if<Assignment>(&statement.node);
  if (assignment != nullptr && !assignment->target.index && !calls_functions(statement)) {
    assign(*assignment);
  } else {
    forget(statement);
  }
  append(statement);
}

void FractionFinder::forget(const Statement& statement) {
  if (calls_functions(statement)) {
    known_.clear();
    divisors_.clear();
  }
  const Block whole{statement};
  walk_statements(whole, [&](const Statement& s) {
    const auto* assignment = std::get_if<Assignment>(&s.node);
    if (assignment == nullptr) return;
    versions_.assign(assignment->target.name);
    known_.erase(assignment->target.name);
  });
}

void FractionFinder::assign(const Assignment& assignment) {
  const std::string& name = assignment.target.name;
  Fraction value = of(assignment.value);
  const bool is_number = value.below.empty() && value.above.empty() && is_one(value.top);
  if (!value.below.empty() && !is_one(value.top)) value.top = make_name(declare(name + "_top", std::move(value.top)));
  versions_.assign(name);
  known_.erase(name);
  if (is_number || !value.below.empty()) known_.emplace(name, std::move(value));
}

std::string FractionFinder::declare(const std::string& stem, Expression value) {
  std::string name = names_.fresh_name(stem);
  block_.push_back({Local{{Declarator{name, {}, {}}}}, {}});
  block_.push_back({Assignment{Name{name, {}}, {}, std::move(value)}, {}});
  return name;
}

Fraction FractionFinder::of(const Expression& e) {
  if (const auto number = literal_value(e)) return {*number};
  if (const auto* name = std::get_if<Name>(&e.node); name != nullptr && !name->index) {
    const auto found = known_.find(name->name);
    if (found != known_.end()) return found->second;
  }
  if (const auto* unary = std::get_if<Unary>(&e.node); unary != nullptr && unary->op == UnaryOperator::negate) {
    Fraction result = of(*unary->operand);
    result.coefficient = -result.coefficient;
    return result;
  }
  const auto* binary = std::get_if<Binary>(&e.node);
  const auto result = binary != nullptr ? of(*binary, e) : std::nullopt;
  return result ? *result : Fraction{1, e};
}

std::optional<Fraction> FractionFinder::of(const Binary& e, const Expression& whole) {
  switch (e.op) {
    case BinaryOperator::multiply:
      return product(of(*e.left), of(*e.right));
    case BinaryOperator::divide: {
      const Fraction left = of(*e.left), right = of(*e.right);
      return right.coefficient == 0 ? std::nullopt : std::optional(quotient(left, right));
    }
    case BinaryOperator::add:
      return sum(of(*e.left), of(*e.right), whole);
    case BinaryOperator::subtract: {
      const Fraction left = of(*e.left);
      Fraction right = of(*e.right);
      right.coefficient = -right.coefficient;
      return sum(left, right, whole);
    }
    default:
      return std::nullopt;
  }
}

Fraction FractionFinder::quotient(const Fraction& a, const Fraction& b) {
  Fraction result{a.coefficient / b.coefficient, a.top, joined(a.above, b.below), joined(a.below, b.above)};
  if (!is_one(b.top)) result.below = joined(result.below, {divisor(b.top)});
  return cancelled(std::move(result));
}

/// The variable that holds what is divided by; equal ones have the same.
std::string FractionFinder::divisor(const Expression& e) {
  std::string& name = divisors_[versions_.key(e)];
  if (name.empty()) name = declare("divisor", e);
  return name;
}

}  // namespace cellwright::nmodl
