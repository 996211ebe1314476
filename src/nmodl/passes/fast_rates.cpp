#include "nmodl/passes/fast_rates.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>

#include "cellwright/nmodl/builtins.hpp"
#include "cellwright/nmodl/front_end.hpp"
#include "nmodl/codegen/liveness.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/passes/versions.hpp"
#include "nmodl/semantics/symbols.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

const Binary* as_binary(const Expression& e, BinaryOperator op) {
  const auto* binary = std::get_if<Binary>(&e.node);
  return binary != nullptr && binary->op == op ? binary : nullptr;
}
bool is_plain_name(const Expression& e) {
  const auto* name = std::get_if<Name>(&e.node);
  return name != nullptr && !name->index;
}
/// 1/E with E one of the names that share_rates made.
const Expression* as_reciprocal(const Expression& e) {
  const Binary* quotient = as_binary(e, BinaryOperator::divide);
  return quotient != nullptr && is_one(*quotient->left) && is_plain_name(*quotient->right) ? &*quotient->right
                                                                                           : nullptr;
}

/// An expression as a sum of coefficients times products of names; nothing for what is no such sum.
using Terms = std::map<std::string, double>;

std::optional<Terms> scaled(std::optional<Terms> terms, double factor) {
  if (terms) {
    for (auto& [atom, coefficient] : *terms) coefficient *= factor;
  }
  return terms;
}

std::optional<double> constant(const Terms& terms) {
  if (terms.empty()) return 0.0;
  return terms.size() == 1 && terms.begin()->first.empty() ? std::optional(terms.begin()->second) : std::nullopt;
}

std::optional<Terms> terms_of(const Expression& e, const Versions& versions);

std::optional<Terms> terms_of(const Binary& e, const Versions& versions) {
  const auto left = terms_of(*e.left, versions), right = terms_of(*e.right, versions);
  if (!left || !right) return std::nullopt;
  Terms result;
  switch (e.op) {
    case BinaryOperator::add:
    case BinaryOperator::subtract:
      result = *left;
      for (const auto& [atom, coefficient] : *right)
        result[atom] += e.op == BinaryOperator::add ? coefficient : -coefficient;
      return result;
    case BinaryOperator::multiply:
      if (const auto factor = constant(*left)) return scaled(right, *factor);
      if (const auto factor = constant(*right)) return scaled(left, *factor);
      return std::nullopt;
    case BinaryOperator::divide: {
      if (const auto divisor = constant(*right)) return scaled(left, 1 / *divisor);
      if (right->size() != 1) return std::nullopt;
      const auto& [divisor, coefficient] = *right->begin();
      for (const auto& [atom, factor] : *left) result[fmt::format("{}/({})", atom, divisor)] += factor / coefficient;
      return result;
    }
    default:
      return std::nullopt;
  }
}

std::optional<Terms> terms_of(const Expression& e, const Versions& versions) {
  if (const auto number = literal_value(e)) return Terms{{"", *number}};
  if (is_plain_name(e)) return Terms{{versions.stamp(std::get<Name>(e.node).name), 1.0}};
  if (const auto* unary = std::get_if<Unary>(&e.node); unary != nullptr && unary->op == UnaryOperator::negate)
    return scaled(terms_of(*unary->operand, versions), -1);
  if (const auto* binary = std::get_if<Binary>(&e.node)) return terms_of(*binary, versions);
  return std::nullopt;
}

/// A sum up to its sign.
struct Argument {
  std::string key;
  bool negative = false;
};

std::optional<Argument> argument_of(const Expression& e, const Versions& versions) {
  std::optional<Terms> terms = terms_of(e, versions);
  if (!terms) return std::nullopt;
  std::erase_if(*terms, [](const auto& term) { return term.second == 0; });
  if (terms->empty()) return std::nullopt;
  Argument result;
  result.negative = terms->begin()->second < 0;
  // 13 digits: -32/6 and 32/(-6) may differ in the last bit when they were added up in another order.
  for (const auto& [atom, coefficient] : *terms)
    result.key += fmt::format("{:.13g}*{};", result.negative ? -coefficient : coefficient, atom);
  return result;
}

/// Runs over a block's straight runs of scalar assignments. Blocks inside If, From and While are runs of their own.
class RunVisitor {
 public:
  virtual ~RunVisitor() = default;

  Block rewrite(const Block& block) {
    Block result;
    for (std::size_t begin = 0; begin < block.size();) {
      std::size_t end = begin;
      while (end < block.size() && is_plain(block[end])) ++end;
      rewrite_run(block, begin, end, result);
      begin = end;
      if (begin < block.size()) {
        result.push_back(block[begin++]);
        for_each_block(result.back(), [&](Block& inner) { inner = rewrite(inner); });
      }
    }
    return result;
  }

 protected:
  /// Looks at one expression before anything is changed, the inner ones first.
  virtual void count(const Expression& e, const Versions& versions) = 0;
  /// May replace one expression; returns a statement's worth of new LOCALs through `locals`.
  virtual void replace(Expression& e, const Versions& versions, Block& locals) = 0;
  virtual void clear() = 0;

  std::string new_name(const char* stem) { return fmt::format("cw_{}{}", stem, next_++); }
  static void declare(Block& locals, const std::string& name, Expression value) {
    locals.push_back({Local{{Declarator{name, {}, {}}}}, {}});
    locals.push_back({Assignment{Name{name, {}}, {}, std::move(value)}, {}});
  }

 private:
  /// Every part of its value is always evaluated, and evaluating it has no effect but through known names.
  static bool is_plain(const Statement& statement) {
    if (std::holds_alternative<Local>(statement.node)) return true;
    const auto* assignment = std::get_if<Assignment>(&statement.node);
    if (assignment == nullptr || assignment->target.index) return false;
    bool plain = true;
    walk_expression(assignment->value, [&](const Expression& e) {
      const auto* call = std::get_if<Call>(&e.node);
      if (call != nullptr && call->name != "exp" && call->name != "fabs" && call->name != "log" && call->name != "sqrt")
        plain = false;
      const auto* binary = std::get_if<Binary>(&e.node);
      if (binary != nullptr && binary->op > BinaryOperator::power) plain = false;
    });
    return plain;
  }

  void rewrite_run(const Block& block, std::size_t begin, std::size_t end, Block& result) {
    clear();
    Versions versions;
    const auto each = [&](const auto& visit) {
      versions = {};
      for (std::size_t k = begin; k < end; ++k) {
        visit(block[k]);
        if (const auto* assignment = std::get_if<Assignment>(&block[k].node)) versions.assign(assignment->target.name);
      }
    };
    each([&](const Statement& statement) {
      if (const auto* assignment = std::get_if<Assignment>(&statement.node)) count_all(assignment->value, versions);
    });
    each([&](const Statement& statement) {
      Statement copy = statement;
      if (auto* assignment = std::get_if<Assignment>(&copy.node)) replace_all(assignment->value, versions, result);
      result.push_back(std::move(copy));
    });
  }

  void count_all(const Expression& e, const Versions& versions) {
    for_each_child(e, [&](const Expression& child) { count_all(child, versions); });
    count(e, versions);
  }
  void replace_all(Expression& e, const Versions& versions, Block& locals) {
    for_each_child(e, [&](Expression& child) { replace_all(child, versions, locals); });
    replace(e, versions, locals);
  }

  int next_ = 0;
};

/// exp(u), exp(-u) -> E, 1/E.
class ExponentialPairs final : public RunVisitor {
 private:
  struct Pair {
    int plain = 0, negative = 0;
    std::string name;
    bool name_is_negative = false;
  };

  std::optional<Argument> argument(const Expression& e, const Versions& versions) const {
    const auto* call = std::get_if<Call>(&e.node);
    if (call == nullptr || call->name != "exp" || call->arguments.size() != 1) return std::nullopt;
    return argument_of(call->arguments[0], versions);
  }
  void count(const Expression& e, const Versions& versions) override {
    if (const auto found = argument(e, versions))
      ++(found->negative ? pairs_[found->key].negative : pairs_[found->key].plain);
  }
  void replace(Expression& e, const Versions& versions, Block& locals) override {
    const auto found = argument(e, versions);
    if (!found) return;
    Pair& pair = pairs_[found->key];
    if (pair.plain == 0 || pair.negative == 0) return;
    if (pair.name.empty()) {
      pair.name = new_name("exp");
      pair.name_is_negative = found->negative;
      declare(locals, pair.name, e);
    }
    Expression name = make_name(pair.name);
    e = found->negative == pair.name_is_negative ? std::move(name) : make_quotient(make_number(1), std::move(name));
  }
  void clear() override { pairs_.clear(); }

  std::map<std::string, Pair> pairs_;
};

/// N/(c - 1/E) -> N*E/(c*E - 1) and its like; E - 1 -> -(1 - E), E + 1 -> 1 + E, so that equal divisors look equal.
void clear_reciprocals(Expression& e) {
  for_each_child(e, [](Expression& child) { clear_reciprocals(child); });
  const Binary* quotient = as_binary(e, BinaryOperator::divide);
  if (quotient == nullptr) return;
  const Binary* sum = as_binary(*quotient->right, BinaryOperator::add);
  const Binary* difference = as_binary(*quotient->right, BinaryOperator::subtract);
  if (sum == nullptr && difference == nullptr) return;
  const Binary& divisor = sum != nullptr ? *sum : *difference;
  const Expression top = *quotient->left, left = *divisor.left, right = *divisor.right, one = make_number(1);
  const Expression *left_inverse = as_reciprocal(left), *right_inverse = as_reciprocal(right);
  if (sum != nullptr) {
    const Expression* inverse = right_inverse != nullptr ? right_inverse : left_inverse;
    if (inverse == nullptr && is_one(right) && is_plain_name(left)) e = make_quotient(top, make_sum(one, left));
    if (inverse == nullptr) return;
    const Expression rest = right_inverse != nullptr ? left : right;
    e = make_quotient(make_product(top, *inverse), make_sum(one, make_product(rest, *inverse)));
  } else if (right_inverse != nullptr) {
    e = make_quotient(make_negation(make_product(top, *right_inverse)),
                      make_difference(one, make_product(left, *right_inverse)));
  } else if (left_inverse != nullptr) {
    e = make_quotient(make_product(top, *left_inverse), make_difference(one, make_product(right, *left_inverse)));
  } else if (is_one(right) && is_plain_name(left)) {
    e = make_quotient(make_negation(top), make_difference(one, left));
  }
}

/// a/d ... b/d -> r = 1/d, a*r ... b*r.
class SharedDivisors final : public RunVisitor {
 private:
  static const Binary* quotient(const Expression& e) {
    const Binary* result = as_binary(e, BinaryOperator::divide);
    return result != nullptr && !literal_value(*result->right) ? result : nullptr;
  }
  void count(const Expression& e, const Versions& versions) override {
    if (const Binary* found = quotient(e)) ++counts_[versions.key(*found->right)];
  }
  void replace(Expression& e, const Versions& versions, Block& locals) override {
    const Binary* found = quotient(e);
    if (found == nullptr) return;
    // The divisor may hold a quotient that was replaced just now: then it has another text and stays.
    const std::string key = versions.key(*found->right);
    if (counts_[key] < 2) return;
    std::string& name = names_[key];
    if (name.empty()) {
      name = new_name("per");
      declare(locals, name, make_quotient(make_number(1), *found->right));
    }
    e = make_product(*found->left, make_name(name));
  }
  void clear() override {
    counts_.clear();
    names_.clear();
  }

  std::map<std::string, int> counts_;
  std::map<std::string, std::string> names_;
};

void for_each_value(Block& block, const std::function<void(Expression&)>& visit) {
  walk_statements(block, [&](Statement& statement) {
    if (auto* assignment = std::get_if<Assignment>(&statement.node)) visit(assignment->value);
  });
}

// ------------------------------------------------------------------------------------------------ time constants

const char* const inverse_prefix = "cw_inverse_";

/// 1/e, if that is cheaper to have than by a division: e = a/b with a number or a quotient 1/c for a.
std::optional<Expression> cheap_inverse(const Expression& e) {
  const Binary* quotient = as_binary(e, BinaryOperator::divide);
  if (quotient == nullptr) return std::nullopt;
  if (const auto top = literal_value(*quotient->left)) {
    if (*top == 0) return std::nullopt;
    return make_product(make_number(1 / *top), *quotient->right);
  }
  if (auto inverse = cheap_inverse(*quotient->left)) return make_product(std::move(*inverse), *quotient->right);
  return std::nullopt;
}

/// Variables that the steps of cnexp and euler divide by and that only plain assignments set, before every such step.
std::set<std::string> time_constants(const MechanismDescription& mechanism) {
  std::set<std::string> divisors, live;
  LivenessFinder finder(mechanism);
  LivenessFinder::Names assigned;
  for (const SolveBlock& solve : mechanism.solves) {
    live.merge(finder.live_in(solve.step, assigned));
    walk_all_expressions(solve.step, [&](const Expression& e) {
      const Binary* quotient = as_binary(e, BinaryOperator::divide);
      if (quotient != nullptr && is_plain_name(*quotient->right))
        divisors.insert(std::get<Name>(quotient->right->node).name);
    });
  }
  std::set<std::string> tabled;
  for (const Function& function : mechanism.functions) {
    if (function.table) tabled.insert(function.table->outputs.begin(), function.table->outputs.end());
  }
  std::erase_if(divisors, [&](const std::string& name) {
    const Variable* variable = mechanism.find_variable(name);
    return variable == nullptr || variable->array_size > 0 || variable->kind != VariableKind::assigned ||
           variable->storage == Storage::pointer || variable->storage == Storage::ion || live.count(name) > 0 ||
           tabled.count(name) > 0;
  });
  return divisors;
}

/// Behind each assignment of a time constant, the one of its inverse.
void add_inverses(Block& block, const std::set<std::string>& taus) {
  Block result;
  for (Statement& statement : block) {
    for_each_block(statement, [&](Block& inner) { add_inverses(inner, taus); });
    result.push_back(statement);
    const auto* assignment = std::get_if<Assignment>(&statement.node);
    if (assignment == nullptr || assignment->target.index || !taus.count(assignment->target.name)) continue;
    const std::string& tau = assignment->target.name;
    const auto cheap =
        depends_on(assignment->value, assignment->target) ? std::nullopt : cheap_inverse(assignment->value);
    Expression value = cheap ? *cheap : make_quotient(make_number(1), make_name(tau));
    result.push_back(
        {Assignment{Name{inverse_prefix + tau, {}}, assignment->target_place, std::move(value)}, statement.place});
  }
  block = std::move(result);
}

/// (a/tau)/(b/tau) -> a/b, then a/tau -> a*inverse.
void use_inverses(Expression& e, const std::set<std::string>& taus) {
  const auto over_tau = [&](const Expression& part) -> const Binary* {
    const auto* unary = std::get_if<Unary>(&part.node);
    const Expression& inner = unary != nullptr && unary->op == UnaryOperator::negate ? *unary->operand : part;
    const Binary* quotient = as_binary(inner, BinaryOperator::divide);
    const bool found = quotient != nullptr && is_plain_name(*quotient->right) &&
                       taus.count(std::get<Name>(quotient->right->node).name) > 0;
    return found ? quotient : nullptr;
  };
  if (const Binary* outer = as_binary(e, BinaryOperator::divide)) {
    const Binary *top = over_tau(*outer->left), *bottom = over_tau(*outer->right);
    if (top != nullptr && bottom != nullptr && *top->right == *bottom->right) {
      const bool minus_top = std::holds_alternative<Unary>(outer->left->node);
      const bool minus_bottom = std::holds_alternative<Unary>(outer->right->node);
      Expression ratio = make_quotient(*top->left, *bottom->left);
      e = minus_top != minus_bottom ? make_negation(std::move(ratio)) : std::move(ratio);
    }
  }
  for_each_child(e, [&](Expression& child) { use_inverses(child, taus); });
  const Binary* quotient = as_binary(e, BinaryOperator::divide);
  if (quotient == nullptr || !is_plain_name(*quotient->right)) return;
  const std::string tau = std::get<Name>(quotient->right->node).name;
  if (taus.count(tau)) e = make_product(*quotient->left, make_name(inverse_prefix + tau));
}

// ------------------------------------------------------------------------------------------------ quotients

/// Finds, for a product P*Q, whether P is n/d and Q is d*q where the product stands.
class QuotientCanceller {
 public:
  /// Straight through the statements; what an IF or a loop may assign is forgotten.
  Block rewrite(Block block) {
    for (Statement& statement : block) {
      if (auto* equation = std::get_if<Equation>(&statement.node)) {
        rewrite(*equation);
      } else if (const auto* assignment = std::get_if<Assignment>(&statement.node)) {
        assign(*assignment);
      } else {
        skip(statement);
      }
      if (may_assign_elsewhere(statement)) known_.clear();
    }
    return block;
  }

 private:
  using Factors = std::vector<Expression>;

  /// A value as it was assigned; good as long as nothing that it is made of has changed.
  struct Known {
    Expression value;
    std::string key, stamp;
  };

  void skip(const Statement& statement) {
    const Block whole{statement};
    walk_statements(whole, [&](const Statement& s) {
      if (const auto* inside = std::get_if<Assignment>(&s.node)) versions_.assign(inside->target.name);
    });
  }

  /// Whether something in the statement may change a variable otherwise than by an assignment that one sees.
  static bool may_assign_elsewhere(const Statement& statement) {
    const Block whole{statement};
    bool may = false;
    walk_statements(whole, [&](const Statement& s) {
      may = may || !(std::holds_alternative<Assignment>(s.node) || std::holds_alternative<Local>(s.node) ||
                     std::holds_alternative<Equation>(s.node) || std::holds_alternative<If>(s.node));
    });
    walk_all_expressions(whole, [&](const Expression& e) {
      const auto* call = std::get_if<Call>(&e.node);
      may = may || (call != nullptr && find_builtin(call->name) == nullptr);
    });
    return may;
  }

  void assign(const Assignment& assignment) {
    const std::string& name = assignment.target.name;
    const bool follows_itself = depends_on(assignment.value, assignment.target);
    std::string key = versions_.key(assignment.value);
    versions_.assign(name);
    known_.erase(name);
    if (!assignment.target.index && !follows_itself)
      known_[name] = {assignment.value, std::move(key), versions_.stamp(name)};
  }

  const Expression* value_of(const Expression& e) const {
    if (!is_plain_name(e)) return nullptr;
    const auto found = known_.find(std::get<Name>(e.node).name);
    if (found == known_.end()) return nullptr;
    const Known& known = found->second;
    const bool holds = versions_.key(known.value) == known.key && versions_.stamp(found->first) == known.stamp;
    return holds ? &known.value : nullptr;
  }

  /// What tells whether two factors are equal: two names may stand for one value.
  std::string key_of(const Expression& e) const {
    const Expression* value = value_of(e);
    return versions_.key(value != nullptr ? *value : e);
  }

  /// The factors of e above and below the line, as it is written.
  static void split(const Expression& e, Factors& above, Factors& below) {
    if (const Binary* product = as_binary(e, BinaryOperator::multiply)) {
      split(*product->left, above, below);
      split(*product->right, above, below);
    } else if (const Binary* quotient = as_binary(e, BinaryOperator::divide)) {
      split(*quotient->left, above, below);
      split(*quotient->right, below, above);
    } else {
      above.push_back(e);
    }
  }

  /// Puts the values of names in their places, where those are products or quotients.
  bool look_through(Factors& above, Factors& below) const {
    Factors new_above, new_below;
    bool found = false;
    const auto each = [&](const Factors& factors, Factors& same, Factors& other) {
      for (const Expression& factor : factors) {
        const Expression* value = value_of(factor);
        const bool is_product = value != nullptr && (as_binary(*value, BinaryOperator::multiply) != nullptr ||
                                                     as_binary(*value, BinaryOperator::divide) != nullptr);
        split(is_product ? *value : factor, same, other);
        found = found || is_product;
      }
    };
    each(above, new_above, new_below);
    each(below, new_below, new_above);
    above = std::move(new_above);
    below = std::move(new_below);
    return found;
  }

  /// The divisor of a name that stands for 1/d, or nothing.
  const Expression* divisor_of(const Expression& e) const {
    const Expression* value = value_of(e);
    const Binary* quotient = value != nullptr ? as_binary(*value, BinaryOperator::divide) : nullptr;
    return quotient != nullptr && is_one(*quotient->left) ? &*quotient->right : nullptr;
  }

  /// d/d -> 1, and d*per -> 1 where per stands for 1/d. @returns whether there was such a thing.
  bool cancel(Factors& above, Factors& below) const {
    for (std::size_t k = 0; k < above.size(); ++k) {
      if (literal_value(above[k])) continue;
      const std::string key = key_of(above[k]);
      const auto same = [&](const Expression& e) { return !literal_value(e) && key_of(e) == key; };
      const auto reciprocal = [&](const Expression& e) {
        const Expression* divisor = divisor_of(e);
        return divisor != nullptr && key_of(*divisor) == key;
      };
      Factors* place = &below;
      auto partner = std::find_if(below.begin(), below.end(), same);
      if (partner == below.end()) {
        place = &above;
        partner = std::find_if(above.begin(), above.end(), reciprocal);
        if (partner == above.end()) continue;
      }
      const bool shifts = place == &above && static_cast<std::size_t>(partner - above.begin()) < k;
      place->erase(partner);
      above.erase(above.begin() + static_cast<std::ptrdiff_t>(shifts ? k - 1 : k));
      return true;
    }
    return false;
  }

  static Expression product_of(const Factors& factors) {
    Expression result = make_number(1);
    for (const Expression& factor : factors) result = make_product(std::move(result), factor);
    return result;
  }

  /// Looks through no more names than it must: each one that it replaces is computed anew.
  void rewrite(Equation& equation) const {
    const auto form = linear_form(equation.rhs, equation.state);
    if (!form || !form->a || !form->b) return;
    Factors above, below;
    split(*form->b, above, below);
    while (!cancel(above, below)) {
      if (!look_through(above, below)) return;
    }
    // A division that stays would cost what was won.
    if (std::any_of(below.begin(), below.end(), [](const Expression& e) { return !literal_value(e); })) return;
    Expression drive = product_of(above);
    if (!below.empty()) drive = make_quotient(std::move(drive), product_of(below));
    equation.rhs = make_sum(std::move(drive), make_product(*form->a, Expression{equation.state, equation.state_place}));
  }

  Versions versions_;
  std::map<std::string, Known> known_;
};

}  // namespace

Block cancel_quotients(Block block) { return QuotientCanceller().rewrite(std::move(block)); }

Block share_rates(const Block& block) {
  Block result = ExponentialPairs().rewrite(block);
  for_each_value(result, clear_reciprocals);
  return SharedDivisors().rewrite(result);
}

MechanismDescription for_fast_mode(const MechanismDescription& mechanism) {
  MechanismDescription result = mechanism;
  const std::set<std::string> taus = time_constants(mechanism);
  for (const std::string& tau : taus) {
    Variable inverse;
    inverse.name = inverse_prefix + tau;
    inverse.read = inverse.written = true;
    result.variables.push_back(inverse);
  }
  for (SolveBlock& solve : result.solves) {
    for_each_value(solve.step, [&](Expression& e) { use_inverses(e, taus); });
    add_inverses(solve.step, taus);
    solve.step = share_rates(solve.step);
    for_each_value(solve.right_hand_sides, [&](Expression& e) { use_inverses(e, taus); });
    walk_statements(solve.right_hand_sides, [&](Statement& statement) {
      if (auto* equation = std::get_if<Equation>(&statement.node)) use_inverses(equation->rhs, taus);
    });
    add_inverses(solve.right_hand_sides, taus);
  }
  for (Function& function : result.functions) {
    add_inverses(function.body, taus);
    function.body = share_rates(function.body);
  }
  result.breakpoint = share_rates(result.breakpoint);
  return result;
}

}  // namespace cellwright::nmodl
