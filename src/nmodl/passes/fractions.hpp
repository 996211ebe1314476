#pragma once
/// Which variables of a block are quotients, and of what: what passes know that bring divisions together.
///
///   a = 0.1*(v + 40)/(1 - exp(-v))   ->   divisor = 1 - exp(-v)   a_top = v + 40   a is 0.1 * a_top / divisor

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nmodl/passes/flatten.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/passes/versions.hpp"

namespace cellwright::nmodl {

/// Variables that are multiplied, sorted.
using Factors = std::vector<std::string>;

/// The smallest product that both divide.
Factors least_multiple(const Factors& a, const Factors& b);
/// `a` without those of `b`, one for one.
Factors without(const Factors& a, const Factors& b);
Expression times(Expression e, const Factors& factors);
Expression scaled(double coefficient, Expression e);

/// coefficient * top * (the product of `above`) / (the product of `below`); nothing is in both.
struct Fraction {
  double coefficient = 1;
  Expression top = make_number(1);
  Factors above, below;  ///< variables that hold divisors

  /// Without the coefficient, times `more` of which all of `below` are part.
  Expression times_all(const Factors& more) const;
};

/// Walks over a flat block (Flattener) and copies it, with variables of its own for divisors and for what stands above
/// them: what these are made of may change before they are needed. Looks through what is assigned in straight runs;
/// what an IF or a loop assigns, what a function returns, is taken as it is.
class FractionFinder {
 public:
  /// @param names  the Flattener, for further names
  explicit FractionFinder(Flattener& names) : names_(names) {}

  /// Copies a statement that is no Equation.
  void visit(const Statement& statement);
  /// Appends a statement as it is.
  void append(Statement statement) { block_.push_back(std::move(statement)); }
  /// Appends a new variable. @returns its name
  std::string declare(const std::string& stem, Expression value);
  /// Of the values that variables have now.
  Fraction of(const Expression& e);
  /// What has been copied.
  const Block& block() const { return block_; }
  Block take() { return std::move(block_); }

 private:
  void forget(const Statement& statement);
  void assign(const Assignment& assignment);
  std::optional<Fraction> of(const Binary& e, const Expression& whole);
  Fraction quotient(const Fraction& a, const Fraction& b);
  std::string divisor(const Expression& e);

  Flattener& names_;
  Block block_;
  Versions versions_;
  std::map<std::string, Fraction> known_;        ///< variables that are numbers or have something below
  std::map<std::string, std::string> divisors_;  ///< by the text of what is divided by
};

}  // namespace cellwright::nmodl
