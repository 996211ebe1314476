#include "nmodl/passes/common_denominators.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "nmodl/passes/fractions.hpp"
#include "nmodl/passes/usual_exponentials.hpp"
#include "nmodl/semantics/symbols.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

/// Of an equation; each makes two products more.
constexpr std::size_t most_denominators = 3;
/// Times 1/h of the shortest steps still finite in single precision.
constexpr double largest_part = 1e28;

class Rewriter {
 public:
  explicit Rewriter(Flattener& names) : finder_(names) {}

  CommonDenominators run(const Block& flat) {
    walk_statements(flat, [&](const Statement& s) {
      if (const auto* equation = std::get_if<Equation>(&s.node)) ++equations_[print_nmodl({equation->state, {}})];
    });
    for (const Statement& statement : flat) {
      if (const auto* equation = std::get_if<Equation>(&statement.node)) {
        rewrite(*equation, statement.place);
      } else {
        finder_.visit(statement);
      }
    }
    return {finder_.take(), std::move(states_)};
  }

 private:
  /// x' = A - B x becomes D x' = N - M x, with M's coefficient for 1.
  void rewrite(const Equation& equation, const Place& place) {
    Equation result = equation;
    const bool is_only = equations_.at(print_nmodl({equation.state, {}})) == 1;
    const auto form = linear_form(equation.rhs, equation.state);
    if (is_only && form && form->a) {
      const Fraction a = form->b ? finder_.of(*form->b) : Fraction{0}, b = finder_.of(make_negation(*form->a));
      const Factors below = least_multiple(a.below, b.below);
      if (!below.empty() && below.size() <= most_denominators && b.coefficient != 0) {
        const std::string stem = equation.state.name;
        const std::string top = finder_.declare(stem + "_a", scaled(a.coefficient / b.coefficient, a.times_all(below)));
        const std::string rate = finder_.declare(stem + "_b", b.times_all(below));
        const std::string denominator =
            finder_.declare(stem + "_denominator", scaled(1 / b.coefficient, times(make_number(1), below)));
        states_.push_back({equation.state, denominator});
        result.rhs = make_difference(make_name(top), make_product(make_name(rate), {equation.state, place}));
      }
    }
    finder_.append({std::move(result), place});
  }

  FractionFinder finder_;
  std::vector<StateDenominator> states_;
  std::map<std::string, int> equations_;  ///< of each STATE, also in IFs
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
