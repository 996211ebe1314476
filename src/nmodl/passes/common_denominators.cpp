#include "nmodl/passes/common_denominators.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "cellwright/nmodl/builtins.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/passes/usual_exponentials.hpp"
#include "nmodl/passes/versions.hpp"
#include "nmodl/semantics/symbols.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

/// Of an equation; each makes two products more.
constexpr std::size_t most_denominators = 3;
/// Times 1/h of the shortest steps still finite in single precision.
constexpr double largest_part = 1e28;

using Denominators = std::vector<std::string>;

/// coefficient * top / (the product of variables `below`, sorted)
struct Fraction {
  double coefficient = 1;
  Expression top = make_number(1);
  Denominators below;
};

Denominators joined(const Denominators& a, const Denominators& b) {
  Denominators result;
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}
/// The smallest product that both divide.
Denominators least_multiple(const Denominators& a, const Denominators& b) {
  Denominators result;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}
Denominators without(const Denominators& a, const Denominators& b) {
  Denominators result;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}
Expression times(Expression e, const Denominators& factors) {
  for (const std::string& factor : factors) e = make_product(std::move(e), make_name(factor));
  return e;
}
Expression scaled(double coefficient, Expression e) { return make_product(make_number(coefficient), std::move(e)); }

class Rewriter {
 public:
  explicit Rewriter(Flattener& names) : names_(names) {}

  CommonDenominators run(const Block& flat) {
    walk_statements(flat, [&](const Statement& s) {
      if (const auto* equation = std::get_if<Equation>(&s.node)) ++equations_[print_nmodl({equation->state, {}})];
    });
    for (const Statement& statement : flat) visit(statement);
    return {std::move(block_), std::move(states_)};
  }

 private:
  // ------------------------------------------------------------------------------------------------- statements

  void visit(const Statement& statement) {
    if (const auto* equation = std::get_if<Equation>(&statement.node)) return rewrite(*equation, statement.place);
    const auto* assignment = std::get_if<Assignment>(&statement.node);
    if (assignment != nullptr && !assignment->target.index && !calls_functions(statement)) {
      assign(*assignment);
    } else {
      forget(statement);
    }
    block_.push_back(statement);
  }

  /// Functions that are still calls may assign anything.
  static bool calls_functions(const Statement& statement) {
    bool calls = std::holds_alternative<CallStatement>(statement.node);
    walk_calls({statement}, [&](const Call& call) { calls = calls || find_builtin(call.name) == nullptr; });
    return calls;
  }

  void forget(const Statement& statement) {
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

  /// Keeps what stands above the line in a variable of its own: what it is made of may change before it is needed.
  void assign(const Assignment& assignment) {
    const std::string& name = assignment.target.name;
    Fraction value = fraction(assignment.value);
    const bool is_number = value.below.empty() && is_one(value.top);
    if (!value.below.empty() && !is_one(value.top)) value.top = make_name(declare(name + "_top", std::move(value.top)));
    versions_.assign(name);
    known_.erase(name);
    if (is_number || !value.below.empty()) known_.emplace(name, std::move(value));
  }

  std::string declare(const std::string& stem, Expression value) {
    const std::string name = names_.fresh_name(stem);
    block_.push_back({Local{{Declarator{name, {}, {}}}}, {}});
    block_.push_back({Assignment{Name{name, {}}, {}, std::move(value)}, {}});
    return name;
  }

  // ------------------------------------------------------------------------------------------------- expressions

  Fraction fraction(const Expression& e) {
    if (const auto number = literal_value(e)) return {*number, make_number(1), {}};
    if (const auto* name = std::get_if<Name>(&e.node); name != nullptr && !name->index) {
      const auto found = known_.find(name->name);
      if (found != known_.end()) return found->second;
    }
    if (const auto* unary = std::get_if<Unary>(&e.node); unary != nullptr && unary->op == UnaryOperator::negate) {
      Fraction result = fraction(*unary->operand);
      result.coefficient = -result.coefficient;
      return result;
    }
    const auto* binary = std::get_if<Binary>(&e.node);
    const auto result = binary != nullptr ? fraction(*binary, e) : std::nullopt;
    return result ? *result : Fraction{1, e, {}};
  }

  std::optional<Fraction> fraction(const Binary& e, const Expression& whole) {
    switch (e.op) {
      case BinaryOperator::multiply:
        return product(fraction(*e.left), fraction(*e.right));
      case BinaryOperator::divide:
        return quotient(fraction(*e.left), fraction(*e.right));
      case BinaryOperator::add:
        return sum(fraction(*e.left), fraction(*e.right), whole);
      case BinaryOperator::subtract: {
        Fraction right = fraction(*e.right);
        right.coefficient = -right.coefficient;
        return sum(fraction(*e.left), right, whole);
      }
      default:
        return std::nullopt;
    }
  }

  static Fraction product(const Fraction& a, const Fraction& b) {
    return {a.coefficient * b.coefficient, make_product(a.top, b.top), joined(a.below, b.below)};
  }

  std::optional<Fraction> quotient(const Fraction& a, const Fraction& b) {
    if (b.coefficient == 0) return std::nullopt;
    Fraction result{a.coefficient / b.coefficient, times(a.top, without(b.below, a.below)), without(a.below, b.below)};
    if (!is_one(b.top)) result.below = joined(result.below, {divisor(b.top)});
    return result;
  }

  /// `whole` where nothing is divided: as it is written.
  static Fraction sum(const Fraction& a, const Fraction& b, const Expression& whole) {
    if (a.below.empty() && b.below.empty()) {
      const bool numbers = is_one(a.top) && is_one(b.top);
      return numbers ? Fraction{a.coefficient + b.coefficient, make_number(1), {}} : Fraction{1, whole, {}};
    }
    const Denominators below = least_multiple(a.below, b.below);
    const Expression left = times(a.top, without(below, a.below)), right = times(b.top, without(below, b.below));
    // A number in front of the whole costs nothing, for the equation is divided by it.
    if (a.coefficient != 0 && (a.coefficient == -b.coefficient || b.coefficient != 1)) {
      const double ratio = b.coefficient / a.coefficient;
      const Expression scaled_right = scaled(std::abs(ratio), right);
      return {a.coefficient, ratio > 0 ? make_sum(left, scaled_right) : make_difference(left, scaled_right), below};
    }
    return {1, make_sum(scaled(a.coefficient, left), scaled(b.coefficient, right)), below};
  }

  /// The variable that holds what is divided by; equal ones have the same.
  std::string divisor(const Expression& e) {
    std::string& name = divisors_[versions_.key(e)];
    if (name.empty()) name = declare("divisor", e);
    return name;
  }

  // ------------------------------------------------------------------------------------------------- equations

  /// x' = A - B x becomes D x' = N - M x, with M's coefficient for 1.
  void rewrite(const Equation& equation, const Place& place) {
    Equation result = equation;
    const bool is_only = equations_.at(print_nmodl({equation.state, {}})) == 1;
    const auto form = linear_form(equation.rhs, equation.state);
    if (is_only && form && form->a) {
      const Fraction zero{0, make_number(1), {}};
      const Fraction a = form->b ? fraction(*form->b) : zero, b = fraction(make_negation(*form->a));
      const Denominators below = least_multiple(a.below, b.below);
      if (!below.empty() && below.size() <= most_denominators && b.coefficient != 0) {
        const std::string stem = equation.state.name;
        const std::string top =
            declare(stem + "_a", scaled(a.coefficient / b.coefficient, times(a.top, without(below, a.below))));
        const std::string rate = declare(stem + "_b", times(b.top, without(below, b.below)));
        const std::string denominator =
            declare(stem + "_denominator", scaled(1 / b.coefficient, times(make_number(1), below)));
        states_.push_back({equation.state, denominator});
        result.rhs = make_difference(make_name(top), make_product(make_name(rate), {equation.state, place}));
      }
    }
    block_.push_back({std::move(result), place});
  }

  Flattener& names_;
  Block block_;
  std::vector<StateDenominator> states_;
  Versions versions_;
  std::map<std::string, Fraction> known_;        ///< variables that are numbers or have something below
  std::map<std::string, int> equations_;         ///< of each STATE, also in IFs
  std::map<std::string, std::string> divisors_;  ///< by the text of what is divided by
};

/// Whether the names that an equation was given are known to stay small enough.
bool stays_finite(const Equation& equation, const std::string& denominator,
                  const std::map<std::string, Interval>& values) {
  bool finite = true;
  const auto look_at = [&](const std::string& name) {
    const auto found = values.find(name);
    finite = finite && found != values.end() &&
             std::max(std::abs(found->second.low), std::abs(found->second.high)) <= largest_part;
  };
  look_at(denominator);
  walk_expression(equation.rhs, [&](const Expression& e) {
    const auto* name = std::get_if<Name>(&e.node);
    if (name != nullptr && !(*name == equation.state)) look_at(name->name);
  });
  return finite;
}

}  // namespace

CommonDenominators with_common_denominators(const Block& flat, Flattener& names) {
  CommonDenominators result = Rewriter(names).run(flat);
  const std::map<std::string, Interval> values = usual_values(result.block);
  Block original;  // equations, in the same order
  std::copy_if(flat.begin(), flat.end(), std::back_inserter(original),
               [](const Statement& s) { return std::holds_alternative<Equation>(s.node); });
  auto before = original.begin();
  for (Statement& statement : result.block) {
    const auto* equation = std::get_if<Equation>(&statement.node);
    if (equation == nullptr) continue;
    const auto same = [&](const StateDenominator& s) { return s.state == equation->state; };
    const auto found = std::find_if(result.states.begin(), result.states.end(), same);
    if (found != result.states.end() && !stays_finite(*equation, found->denominator, values)) {
      result.states.erase(found);
      statement = *before;
    }
    ++before;
  }
  return result;
}

}  // namespace cellwright::nmodl
