#include "nmodl/codegen/expression_writer.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cellwright/nmodl/builtins.hpp"
#include "nmodl/codegen/effects.hpp"
#include "nmodl/passes/usual_exponentials.hpp"
#include "nmodl/semantics/special_functions.hpp"
#include "nmodl/semantics/symbols.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

constexpr int max_product_exponent = 8;

std::optional<int> small_exponent(const Expression& expression) {
  const auto* number = std::get_if<Number>(&expression.node);
  if (!number || number->value < 1 || number->value > max_product_exponent) return std::nullopt;
  const int exponent = static_cast<int>(number->value);
  if (exponent != number->value) return std::nullopt;
  return exponent;
}

std::string_view comparison_text(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::less:
      return "<";
    case BinaryOperator::greater:
      return ">";
    case BinaryOperator::less_equal:
      return "<=";
    case BinaryOperator::greater_equal:
      return ">=";
    case BinaryOperator::equal:
      return "==";
    case BinaryOperator::not_equal:
      return "!=";
    default:
      return "";
  }
}

/// Contains something worth computing once for all instances: a function, a power or a division by a variable.
bool is_costly(const Expression& expression) {
  return std::visit(Overloaded{[](const Call&) { return true; }, [](const Unary& e) { return is_costly(*e.operand); },
                               [](const Binary& e) {
                                 const bool by_number = std::holds_alternative<Number>(e.right->node);
                                 if (e.op == BinaryOperator::divide && !by_number) return true;
                                 if (e.op == BinaryOperator::power && !small_exponent(*e.right)) return true;
                                 return is_costly(*e.left) || is_costly(*e.right);
                               },
                               [](const auto&) { return false; }},
                    expression.node);
}

/// The x of -x, else nullptr.
const Expression* negated(const Expression& expression) {
  const auto* unary = std::get_if<Unary>(&expression.node);
  return unary != nullptr && unary->op == UnaryOperator::negate ? &*unary->operand : nullptr;
}

/// sign * top / bottom, found by looking through signs.
struct Quotient {
  bool negative = false;
  const Expression* top = nullptr;
  const Expression* bottom = nullptr;
};

std::optional<Quotient> as_quotient(const Expression& expression) {
  if (const Expression* operand = negated(expression)) {
    std::optional<Quotient> inner = as_quotient(*operand);
    if (inner) inner->negative = !inner->negative;
    return inner;
  }
  const auto* binary = std::get_if<Binary>(&expression.node);
  if (!binary || binary->op != BinaryOperator::divide) return std::nullopt;
  return Quotient{false, &*binary->left, &*binary->right};
}

/// Whether a name is t, which a row of floats has too few digits for.
bool is_time(const std::string& name, const Slot& slot) { return slot.table == Table::engine && name == "t"; }

/// 1 or -1 if the expression is that number, else 0.
int unit_sign(const Expression& expression) {
  if (const Expression* operand = negated(expression)) return -unit_sign(*operand);
  const auto* number = std::get_if<Number>(&expression.node);
  if (!number || std::fabs(number->value) != 1) return 0;
  return number->value > 0 ? 1 : -1;
}

}  // namespace

std::string literal(double value) {
  if (std::isnan(value)) return "__builtin_nan(\"\")";
  if (std::isinf(value)) return value > 0 ? "__builtin_inf()" : "(-__builtin_inf())";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return value < 0 || text.front() == '-' ? "(" + text + ")" : text;
}

std::string frame_member(const std::string& variable) { return "x_" + variable; }

ExpressionWriter::ExpressionWriter(const MechanismDescription& mechanism, const Layout& layout)
    : mechanism_(mechanism), layout_(layout) {
  EffectsFinder effects(mechanism);
  for (const Function& function : mechanism.functions) {
    if (effects.has_side_effects(function)) with_side_effects_.insert(function.name);
  }
}

bool ExpressionWriter::has_side_effects(const Expression& expression) const {
  bool found = false;
  walk_expression(expression, [&](const Expression& e) {
    const auto* call = std::get_if<Call>(&e.node);
    if (call == nullptr) return;
    const SpecialFunction* special = find_special_function(call->name);
    found = found || with_side_effects_.count(call->name) > 0 || (special != nullptr && is_ordered(*special));
  });
  return found;
}

const Slot* ExpressionWriter::variable(const std::string& name, const NameScope& scope) const {
  if (scope.function) {
    const auto& arguments = scope.function->arguments;
    if (name == scope.function->name) return nullptr;
    if (std::find(arguments.begin(), arguments.end(), name) != arguments.end()) return nullptr;
  }
  const auto found = layout_.slots.find(name);
  return found == layout_.slots.end() ? nullptr : &found->second;
}

bool ExpressionWriter::is_uniform(const Expression& expression, const NameScope& scope) const {
  return std::visit(
      Overloaded{[](const Number&) { return true; },
                 [&](const Name& e) {
                   const Slot* slot = variable(e.name, scope);
                   return slot && slot->uniform && slot->array_size == 0;
                 },
                 [&](const Unary& e) { return is_uniform(*e.operand, scope); },
                 [&](const Binary& e) { return is_uniform(*e.left, scope) && is_uniform(*e.right, scope); },
                 [&](const Call& e) {
                   if (!find_builtin(e.name)) return false;
                   return std::all_of(e.arguments.begin(), e.arguments.end(),
                                      [&](const Expression& a) { return is_uniform(a, scope); });
                 },
                 [](const Text&) { return false; }},
      expression.node);
}

bool ExpressionWriter::is_hoisted(const Expression& expression, const NameScope& scope) const {
  return is_costly(expression) && is_uniform(expression, scope);
}

bool ExpressionWriter::fits_rows(const Expression& expression, const NameScope& scope) const {
  if (is_hoisted(expression, scope)) return true;
  return std::visit(
      Overloaded{[](const Number&) { return true; },
                 [&](const Name& e) {
                   const Slot* slot = variable(e.name, scope);
                   return !e.index && !scope.loop_variables.contains(e.name) && array_size(e.name, scope) == 0 &&
                          (slot == nullptr || (slot->table != Table::pointer && !is_time(e.name, *slot)));
                 },
                 [&](const Unary& e) { return e.op == UnaryOperator::negate && fits_rows(*e.operand, scope); },
                 [&](const Binary& e) {
                   if (e.op == BinaryOperator::power) return small_exponent(*e.right) && fits_rows(*e.left, scope);
                   const bool computes = e.op == BinaryOperator::add || e.op == BinaryOperator::subtract ||
                                         e.op == BinaryOperator::multiply || e.op == BinaryOperator::divide;
                   return computes && fits_rows(*e.left, scope) && fits_rows(*e.right, scope);
                 },
                 [&](const Call& e) {
                   const bool is_known =
                       e.name == "exp" || e.name == usual_exp || e.name == usual_exp2 || e.name == "fabs";
                   return is_known && mechanism_.find_function(e.name) == nullptr && e.arguments.size() == 1 &&
                          fits_rows(e.arguments.front(), scope);
                 },
                 [](const Text&) { return false; }},
      expression.node);
}

bool ExpressionWriter::condition_fits_rows(const Expression& expression, const NameScope& scope) const {
  if (const auto* unary = std::get_if<Unary>(&expression.node); unary && unary->op == UnaryOperator::logical_not)
    return condition_fits_rows(*unary->operand, scope);
  if (const auto* e = std::get_if<Binary>(&expression.node)) {
    if (e->op == BinaryOperator::logical_and || e->op == BinaryOperator::logical_or)
      return condition_fits_rows(*e->left, scope) && condition_fits_rows(*e->right, scope);
    if (!comparison_text(e->op).empty()) return fits_rows(*e->left, scope) && fits_rows(*e->right, scope);
  }
  return fits_rows(expression, scope);
}

std::string ExpressionWriter::value(const Expression& expression, const NameScope& scope) {
  if (!is_hoisted(expression, scope)) return value_in_place(expression, scope);
  const InNumbers doubles(*this, "double");  // computed once for all instances, and the same for all phases
  std::string text = value_in_place(expression, scope);
  const auto found = std::find(hoisted_.begin(), hoisted_.end(), text);
  const auto index = found - hoisted_.begin();
  if (found == hoisted_.end()) hoisted_.push_back(std::move(text));
  return fmt::format("f.u{}", index);
}

std::string ExpressionWriter::value_in_place(const Expression& expression, const NameScope& scope) {
  return std::visit(
      Overloaded{[&](const Number& e) { return number(e.value); },
                 [&](const Name& e) { return name(e, expression.place, scope); },
                 [&](const Unary& e) {
                   if (e.op == UnaryOperator::negate) return fmt::format("(-{})", value(*e.operand, scope));
                   return fmt::format("({} ? {} : {})", condition(*e.operand, scope), number(0), number(1));
                 },
                 [&](const Binary& e) { return binary(e, scope); }, [&](const Call& e) { return call(e, scope); },
                 [&](const Text&) { return number(0); }},
      expression.node);
}

std::string ExpressionWriter::number(double value) const {
  return number_ == "double" ? literal(value) : fmt::format("{}({})", number_, literal(value));
}

/// The x of 1 - exp(x), where that is to be computed in reals; else nullptr.
const Expression* ExpressionWriter::exponent_of_one_minus_exp(const Binary& difference) const {
  const auto* one = std::get_if<Number>(&difference.left->node);
  const auto* call = std::get_if<Call>(&difference.right->node);
  if (number_ == "double" || one == nullptr || one->value != 1 || call == nullptr) return nullptr;
  if (call->name != "exp" && call->name != usual_exp) return nullptr;
  return mechanism_.find_function("exp") == nullptr && call->arguments.size() == 1 ? &call->arguments.front() : nullptr;
}

std::string ExpressionWriter::binary(const Binary& e, const NameScope& scope) {
  switch (e.op) {
    case BinaryOperator::add:
      return fmt::format("({} + {})", value(*e.left, scope), value(*e.right, scope));
    case BinaryOperator::subtract:
      if (const Expression* exponent = exponent_of_one_minus_exp(e))
        return fmt::format("cw_one_minus_exp({})", value(*exponent, scope));
      return fmt::format("({} - {})", value(*e.left, scope), value(*e.right, scope));
    case BinaryOperator::multiply:
      if (const Expression* factor = negated(*e.right); factor != nullptr && number_ != "double")
        return fmt::format("(-({} * {}))", value(*e.left, scope),
                           value(*factor, scope));  // a sign that may find a constant
      return fmt::format("({} * {})", value(*e.left, scope), value(*e.right, scope));
    case BinaryOperator::divide:
      return divide(e, scope);
    case BinaryOperator::power:
      return power(e, scope);
    default:
      return fmt::format("({} ? {} : {})", condition(Expression{e, {}}, scope), number(1), number(0));
  }
}

std::string ExpressionWriter::power(const Binary& e, const NameScope& scope) {
  if (const auto exponent = small_exponent(*e.right)) {
    return fmt::format("cw_power<{}>({})", *exponent, value(*e.left, scope));
  }
  return fmt::format("cw_pow({}, {})", value(*e.left, scope), value(*e.right, scope));
}

/// In the fast mode a number's reciprocal multiplies.
/// (p/r)/(q/r), the steady state that cnexp computes, needs one division in the fast mode, and none where q is 1 or -1.
std::string ExpressionWriter::divide(const Binary& e, const NameScope& scope) {
  const std::string plain = fmt::format("({} / {})", value(*e.left, scope), value(*e.right, scope));
  if (const auto divisor = literal_value(*e.right); divisor && std::isnormal(*divisor) && std::isnormal(1 / *divisor))
    return fmt::format("CW_CHOOSE({}, ({} * {}))", plain, value(*e.left, scope), number(1 / *divisor));
  const std::optional<Quotient> left = as_quotient(*e.left);
  const std::optional<Quotient> right = as_quotient(*e.right);
  if (!left || !right || !(*left->bottom == *right->bottom)) return plain;
  const int sign = unit_sign(*right->top);
  const bool negative = (left->negative != right->negative) != (sign < 0);
  std::string fast = value(*left->top, scope);
  if (sign == 0) fast = fmt::format("({} / {})", fast, value(*right->top, scope));
  return fmt::format("CW_CHOOSE({}, {}{})", plain, negative ? "-" : "", fast);
}

std::string ExpressionWriter::condition(const Expression& expression, const NameScope& scope) {
  if (const auto* unary = std::get_if<Unary>(&expression.node); unary && unary->op == UnaryOperator::logical_not) {
    return fmt::format("(!{})", condition(*unary->operand, scope));
  }
  if (const auto* e = std::get_if<Binary>(&expression.node)) {
    // & and | where the second side is free of effects: a branch less lets loops over lanes become vectors.
    if (e->op == BinaryOperator::logical_and || e->op == BinaryOperator::logical_or) {
      const bool both = e->op == BinaryOperator::logical_and;
      const char* text = has_side_effects(*e->right) ? (both ? "&&" : "||") : (both ? "&" : "|");
      return fmt::format("({} {} {})", condition(*e->left, scope), text, condition(*e->right, scope));
    }
    const std::string_view text = comparison_text(e->op);
    if (!text.empty()) return fmt::format("({} {} {})", value(*e->left, scope), text, value(*e->right, scope));
  }
  return fmt::format("({} != {})", value(expression, scope), number(0));
}

std::string ExpressionWriter::integer(const Expression& expression, const NameScope& scope) {
  if (const auto* number = std::get_if<Number>(&expression.node)) {
    return fmt::format("{}", static_cast<long>(std::clamp(number->value, -1e9, 1e9)));
  }
  return fmt::format("cw_int({})", value(expression, scope));
}

int ExpressionWriter::array_size(const std::string& array, const NameScope& scope) const {
  const auto local = scope.arrays.find(array);
  if (local != scope.arrays.end()) return local->second;
  const Slot* slot = variable(array, scope);
  return slot ? slot->array_size : 0;
}

std::string ExpressionWriter::array_text(const std::string& array, const NameScope& scope) const {
  return scope.arrays.count(array) ? "l_" + array : "a." + frame_member(array);
}

bool ExpressionWriter::constant_index(const Name& array, const Place& place, int size, int& index) const {
  const auto* number = std::get_if<Number>(&array.index->node);
  if (!number) return false;
  if (!(number->value > -1 && number->value < size)) {
    Module files;
    files.files = mechanism_.files;
    files.texts = mechanism_.texts;
    throw NmodlError(Diagnostic{
        .code = "nmodl-index",
        .message = fmt::format("index {} is outside the array '{}' of size {}", number->value, array.name, size),
        .span = span_of(files, place),
        .fix = "indices count from 0"});
  }
  index = static_cast<int>(number->value);
  return true;
}

std::string ExpressionWriter::name(const Name& e, const Place& place, const NameScope& scope) {
  const int size = array_size(e.name, scope);
  if (size > 0) {
    int index = 0;
    const std::string array = array_text(e.name, scope);
    // An array without index is its first element, as in NEURON.
    if (!e.index || constant_index(e, place, size, index)) return fmt::format("{}[{}]", array, index);
    return fmt::format("cw_get({}, {})", array, integer(*e.index, scope));
  }
  const Slot* slot = variable(e.name, scope);
  if (slot && slot->table == Table::constant) return number(slot->value);
  // Beside t a double always; a product with it would become one.
  if (slot && e.name == "dt" && number_ != "double") return fmt::format("{}(f.x_dt)", number_);
  if (slot) return "f." + frame_member(e.name);
  if (scope.loop_variables.count(e.name)) return fmt::format("static_cast<{}>(l_{})", number_, e.name);
  return "l_" + e.name;
}

std::string ExpressionWriter::assignment(const Name& target, const Place& place, const std::string& text,
                                         const NameScope& scope) {
  const int size = array_size(target.name, scope);
  if (size > 0) {
    int index = 0;
    const std::string array = array_text(target.name, scope);
    if (!target.index || constant_index(target, place, size, index))
      return fmt::format("{}[{}] = {};", array, index, text);
    return fmt::format("cw_set({}, {}, {});", array, integer(*target.index, scope), text);
  }
  const Slot* slot = variable(target.name, scope);
  if (slot && slot->table == Table::constant) {
    throw InternalError(fmt::format("mechanism '{}' assigns the constant '{}'", mechanism_.name, target.name));
  }
  return fmt::format("{}{} = {};", slot ? "f.x_" : "l_", target.name, text);
}

std::string ExpressionWriter::call(const Call& e, const NameScope& scope) {
  const bool is_special = find_special_function(e.name) != nullptr && mechanism_.find_function(e.name) == nullptr;
  if (is_special) return special_call(e, scope);
  std::vector<std::string> arguments;
  const bool is_function = mechanism_.find_function(e.name) != nullptr || more_functions_.contains(e.name);
  if (is_function) arguments = {"f", "a"};
  for (const Expression& argument : e.arguments) arguments.push_back(value(argument, scope));
  if (!is_function && !find_builtin(e.name) && e.name != usual_exp && e.name != usual_exp2) {
    throw InternalError(fmt::format("mechanism '{}' calls '{}', which is not there", mechanism_.name, e.name));
  }
  return fmt::format("{}{}({})", is_function ? "n_" : "cw_", e.name, fmt::join(arguments, ", "));
}

}  // namespace cellwright::nmodl
