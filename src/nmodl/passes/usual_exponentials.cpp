#include "nmodl/passes/usual_exponentials.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/nmodl/builtins.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

/// lane_exp_within may go to 87; the rest is room for how the compiler and single precision round.
constexpr double largest_argument = 80;
/// What mechanisms add to v to get away from a singular point.
constexpr double moved_by = 1;

struct Interval {
  double low, high;
};
using Intervals = std::map<std::string, Interval>;

std::optional<Interval> hull(std::initializer_list<double> values) {
  const auto [low, high] = std::minmax(values);
  if (!(std::max(std::abs(low), std::abs(high)) < 1e30)) return std::nullopt;  // in single precision, too
  return Interval{low, high};
}

class Marker {
 public:
  bool found() const { return found_; }

  void visit(Block& block) {
    for (Statement& statement : block) visit(statement);
  }

 private:
  std::optional<Interval> of(const Expression& e) const {
    if (const auto* number = std::get_if<Number>(&e.node)) return hull({number->value});
    if (const auto* name = std::get_if<Name>(&e.node)) {
      const auto known = known_.find(name->name);
      return known == known_.end() || name->index ? std::nullopt : std::optional(known->second);
    }
    if (const auto* unary = std::get_if<Unary>(&e.node); unary != nullptr && unary->op == UnaryOperator::negate) {
      const auto x = of(*unary->operand);
      return x ? hull({-x->low, -x->high}) : std::nullopt;
    }
    const auto* binary = std::get_if<Binary>(&e.node);
    return binary == nullptr ? std::nullopt : of(*binary);
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
      for (const Declarator& variable : local->variables) known_.erase(variable.name);
    } else if (const auto* assignment = std::get_if<Assignment>(&statement.node)) {
      const auto value = of(assignment->value);
      known_.erase(assignment->target.name);
      if (value && !assignment->target.index) known_.emplace(assignment->target.name, *value);
    } else {
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

  Intervals known_ = {{"v", {-CW_USUAL_V - moved_by, CW_USUAL_V + moved_by}}};
  bool found_ = false;
};

}  // namespace

bool mark_usual_exponentials(Block& block) {
  Marker marker;
  marker.visit(block);
  return marker.found();
}

}  // namespace cellwright::nmodl
