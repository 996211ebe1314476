#pragma once
/// Small algebra on expressions: builders that simplify, derivatives, linear forms.

#include <optional>
#include <string>

#include "cellwright/nmodl/ast.hpp"

namespace cellwright::nmodl {

/// A number; negative ones as a minus sign before a Number, as the parser makes them.
Expression make_number(double value);
Expression make_name(const std::string& name);

bool is_one(const Expression& e);

// Builders. They leave out what changes no bit of the result (0 + e, 1*e, e/1, --e) and fold zeros (0*e = 0), so that
// what comes out is readable.
Expression make_sum(Expression left, Expression right);
Expression make_difference(Expression left, Expression right);
Expression make_product(Expression left, Expression right);
Expression make_quotient(Expression left, Expression right);
Expression make_power(Expression base, Expression exponent);
Expression make_negation(Expression operand);
Expression make_call(const std::string& name, Expression argument);

/// The value of a sum, difference, product, quotient or power of numbers; nothing for other operators.
std::optional<double> value_of(BinaryOperator op, double left, double right);

/// The same expression rebuilt through the builders.
Expression simplify(const Expression& expression);

/// True if the variable occurs; an array element counts if its index is the same text or not a plain number.
bool depends_on(const Expression& expression, const Name& variable);

/// d expression / d variable, everything else held constant. Nothing if the variable goes through a function that has
/// no row in builtins() or through a comparison.
std::optional<Expression> differentiate(const Expression& expression, const Name& variable);

/// The tree of a derivative's text in builtins().
std::optional<Expression> parse_derivative(std::string_view text);

/// rhs = a*x + b. Absent a or b: identically zero.
struct LinearForm {
  std::optional<Expression> a, b;
};

/// The linear form of rhs in x, decided on its text as NEURON does: sums, differences, products with x on one side,
/// division by what is free of x. Function results and other variables count as constants. Nothing if not linear.
std::optional<LinearForm> linear_form(const Expression& rhs, const Name& x);

/// For a linear rhs with a and b: -b/a without the factors that a and b share.
Expression linear_target(const Expression& rhs, const Name& x, const LinearForm& form);

}  // namespace cellwright::nmodl
