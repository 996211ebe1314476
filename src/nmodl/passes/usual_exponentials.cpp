#include "nmodl/passes/usual_exponentials.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/nmodl/builtins.hpp"
#include "nmodl/passes/collect_factors.hpp"
#include "nmodl/passes/known_values.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

/// lane_exp_within may go to 87; the rest is room for how the compiler and single precision round.
constexpr double largest_argument = 80;
/// What mechanisms add to v to get away from a singular point.
constexpr double moved_by = 1;

using Intervals = KnownValues<Interval>;

std::optional<Interval> hull(std::initializer_list<double> values) {
  const auto [low, high] = std::minmax(values);
  if (!(std::max(std::abs(low), std::abs(high)) < 1e30)) return std::nullopt;  // in single precision, too
  return Interval{low, high};
}

class Marker {
 public:
  explicit Marker(Intervals known) : known_(std::move(known)) {}

  bool found() const { return found_; }
  const Intervals& known() const { return known_; }

  void visit(Block& block) {
    for (Statement& statement : block) visit(statement);
  }

 private:
  std::optional<Interval> of(const Expression& e) const {
    if (const auto* number = std::get_if<Number>(&e.node)) return hull({number->value});
    if (const auto* name = std::get_if<Name>(&e.node)) return known_value(known_, *name);
    if (const auto* unary = std::get_if<Unary>(&e.node); unary != nullptr && unary->op == UnaryOperator::negate) {
      const auto x = of(*unary->operand);
      return x ? hull({-x->low, -x->high}) : std::nullopt;
    }
    if (const auto* call = std::get_if<Call>(&e.node)) return of(*call);
    const auto* binary = std::get_if<Binary>(&e.node);
    return binary == nullptr ? std::nullopt : of(*binary);
  }

  std::optional<Interval> of(const Call& call) const {
    if ((call.name != "exp" && call.name != usual_exp) || call.arguments.size() != 1) return std::nullopt;
    const auto x = of(call.arguments.front());
    return x ? hull({std::exp(x->low), std::exp(x->high)}) : std::nullopt;
  }

  std::optional<Interval> of(const Binary& e) const {
    const auto x = of(*e.left), y = of(*e.right);
    if (!x || !y) return std::nullopt;
    switch (e.op) {
      case BinaryOperator::add:
        return hull({x->low + y->low, x->high + y->high});
      case BinaryOperator::subtract:
        return hull({x->low - y->high, x->high - y->low});
      case BinaryOperator::multiply:
        return hull({x->low * y->low, x->low * y->high, x->high * y->low, x->high * y->high});
      case BinaryOperator::divide:
        if (y->low <= 0 && y->high >= 0) return std::nullopt;
        return hull({x->low / y->low, x->low / y->high, x->high / y->low, x->high / y->high});
      case BinaryOperator::power:
        if (!(x->low > 0)) return std::nullopt;
        return hull({std::pow(x->low, y->low), std::pow(x->low, y->high), std::pow(x->high, y->low),
                     std::pow(x->high, y->high)});
      default:
        return std::nullopt;
    }
  }

  /// @returns whether it calls a function of the mechanism, which may assign anything.
  bool mark(Expression& expression) {
    bool calls = false;
    walk_expression(expression, [&](Expression& e) {
      auto* call = std::get_if<Call>(&e.node);
      if (call == nullptr) return;
      calls = calls || find_builtin(call->name) == nullptr;
      if (call->name != "exp" || call->arguments.size() != 1) return;
      const auto x = of(call->arguments.front());
      const bool is_number = x && x->low == x->high;  // which is computed once for all
      if (!x || is_number || std::max(-x->low, x->high) > largest_argument) return;
      call->name = usual_exp;
      found_ = true;
    });
    return calls;
  }

  void visit(Statement& statement) {
    bool calls = std::holds_alternative<CallStatement>(statement.node);
    if (auto* branch = std::get_if<If>(&statement.node)) {
      calls = mark(branch->condition);
      if (calls) known_.clear();
      return visit(*branch);
    }
    bool has_blocks = false;
    for_each_block(statement, [&](Block&) { has_blocks = true; });
    if (has_blocks) return known_.clear();  // what loops assign
    for_each_expression(statement, [&](Expression& e) { calls = mark(e) || calls; });
    if (calls) return known_.clear();
    if (const auto* local = std::get_if<Local>(&statement.node)) {
      forget(known_, *local);
    } else if (const auto* assignment = std::get_if<Assignment>(&statement.node)) {
      assign(known_, assignment->target, of(assignment->value));
    } else if (!std::holds_alternative<Equation>(statement.node)) {
      known_.clear();
    }
  }

  void visit(If& branch) {
    const Intervals before = known_;
    visit(branch.then);
    const Intervals then = std::exchange(known_, before);
    visit(branch.otherwise);
    std::erase_if(known_, [&](const auto& entry) { return !then.contains(entry.first); });
    for (auto& [name, interval] : known_) {
      interval.low = std::min(interval.low, then.at(name).low);
      interval.high = std::max(interval.high, then.at(name).high);
    }
  }

  Intervals known_;
  bool found_ = false;
};

/// LOCALs that are read as arguments of usual_exp alone.
std::set<std::string> arguments_alone(const Block& block) {
  std::map<std::string, int> reads, as_argument;
  std::set<std::string> result;
  walk_all_expressions(block, [&](const Expression& e) {
    if (const auto* name = std::get_if<Name>(&e.node)) ++reads[name->name];
    const auto* call = std::get_if<Call>(&e.node);
    if (call == nullptr || call->name != usual_exp) return;
    if (const auto* name = std::get_if<Name>(&call->arguments.front().node)) ++as_argument[name->name];
  });
  walk_statements(block, [&](const Statement& s) {
    const auto* local = std::get_if<Local>(&s.node);
    if (local == nullptr) return;
    for (const Declarator& variable : local->variables) {
      const auto found = as_argument.find(variable.name);
      if (!variable.size && found != as_argument.end() && found->second == reads[variable.name])
        result.insert(variable.name);
    }
  });
  return result;
}

Expression per_ln2(const Expression& e) { return collect_factors(make_product(make_number(std::numbers::log2e), e)); }

constexpr Interval usual_v{-CW_USUAL_V - moved_by, CW_USUAL_V + moved_by};

}  // namespace

bool mark_usual_exponentials(Block& block) {
  Marker marker({{"v", usual_v}});
  marker.visit(block);
  return marker.found();
}

void use_powers_of_two(Block& block) {
  const std::set<std::string> scaled = arguments_alone(block);
  walk_all_expressions(block, [&](Expression& e) {
    auto* call = std::get_if<Call>(&e.node);
    if (call == nullptr || call->name != usual_exp) return;
    call->name = usual_exp2;
    Expression& x = call->arguments.front();
    const auto* name = std::get_if<Name>(&x.node);
    if (name == nullptr || !scaled.contains(name->name)) x = per_ln2(x);
  });
  walk_statements(block, [&](Statement& s) {
    auto* assignment = std::get_if<Assignment>(&s.node);
    if (assignment != nullptr && scaled.contains(assignment->target.name))
      assignment->value = per_ln2(assignment->value);
  });
}

std::map<std::string, Interval> usual_values(const Block& block) {
  Marker marker({{"v", usual_v}, {"celsius", {-50, 100}}});
  Block copy = block;
  marker.visit(copy);
  return marker.known();
}

}  // namespace cellwright::nmodl
