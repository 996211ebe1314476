#include "nmodl/passes/collect_factors.hpp"

#include "nmodl/passes/symbolic.hpp"
#include "nmodl/semantics/symbols.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

/// factor * rest; a number has the rest 1.
struct Scaled {
  double factor = 1;
  Expression rest = make_number(1);
};

Expression whole(Scaled scaled) {
  if (scaled.factor == -1) return make_negation(std::move(scaled.rest));
  return make_product(make_number(scaled.factor), std::move(scaled.rest));
}

Scaled collect(const Expression& e);

Scaled sum(Scaled a, Scaled b) {
  if (is_one(a.rest) && is_one(b.rest)) return {a.factor + b.factor, make_number(1)};
  if (a.factor == b.factor) return {a.factor, make_sum(a.rest, std::move(b.rest))};
  if (a.factor == -b.factor) return {a.factor, make_difference(a.rest, std::move(b.rest))};
  const double sign = a.factor < 0 ? -1 : 1;
  a.factor *= sign;
  b.factor *= sign;
  if (b.factor >= 0) return {sign, make_sum(whole(std::move(a)), whole(std::move(b)))};
  b.factor = -b.factor;
  return {sign, make_difference(whole(std::move(a)), whole(std::move(b)))};
}

Scaled collect(const Binary& e, const Place& place) {
  Scaled left = collect(*e.left), right = collect(*e.right);
  switch (e.op) {
    case BinaryOperator::add:
      return sum(std::move(left), std::move(right));
    case BinaryOperator::subtract:
      right.factor = -right.factor;
      return sum(std::move(left), std::move(right));
    case BinaryOperator::multiply:
      return {left.factor * right.factor, make_product(std::move(left.rest), std::move(right.rest))};
    case BinaryOperator::divide:
      if (right.factor == 0) break;
      return {left.factor / right.factor, make_quotient(std::move(left.rest), std::move(right.rest))};
    default:
      break;
  }
  return {1, {Binary{e.op, whole(std::move(left)), whole(std::move(right))}, place}};
}

Scaled collect(const Expression& e) {
  if (const auto number = literal_value(e)) return {*number, make_number(1)};
  if (const auto* binary = std::get_if<Binary>(&e.node)) return collect(*binary, e.place);
  if (const auto* unary = std::get_if<Unary>(&e.node); unary != nullptr && unary->op == UnaryOperator::negate) {
    Scaled result = collect(*unary->operand);
    result.factor = -result.factor;
    return result;
  }
  Expression copy = e;
  for_each_child(copy, [](Expression& child) { child = collect_factors(child); });
  return {1, std::move(copy)};
}

}  // namespace

Expression collect_factors(const Expression& expression) { return whole(collect(expression)); }

void collect_factors(Block& block) {
  walk_statements(block, [](Statement& s) {
    if (auto* assignment = std::get_if<Assignment>(&s.node)) assignment->value = collect_factors(assignment->value);
  });
}

}  // namespace cellwright::nmodl
