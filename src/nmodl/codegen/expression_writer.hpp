#pragma once
/// C++ text of NMODL expressions, as seen from a function over one lane's Frame.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "nmodl/codegen/layout.hpp"

namespace cellwright::nmodl {

/// What names mean at one point of a block, besides Variables.
struct NameScope {
  const Function* function = nullptr;    ///< its arguments and its own name hide Variables
  std::set<std::string> loop_variables;  ///< of the enclosing FROMs: integers in C++
  std::map<std::string, int> arrays;     ///< LOCAL arrays and their sizes
};

class ExpressionWriter {
 public:
  ExpressionWriter(const MechanismDescription& mechanism, const Layout& layout);

  /// A number. Costly parts that are equal for all instances become members `u0`, `u1` ... of the Frame: see hoisted().
  std::string value(const Expression& expression, const NameScope& scope);
  /// A bool.
  std::string condition(const Expression& expression, const NameScope& scope);
  /// An int, truncated: array indices and bounds of FROM.
  std::string integer(const Expression& expression, const NameScope& scope);
  /// The statement `target = value;`.
  std::string assignment(const Name& target, const Place& place, const std::string& value, const NameScope& scope);
  /// A call, for its value or its effect.
  std::string call(const Call& call, const NameScope& scope);

  /// The C++ type in which what is written from now on computes: "double", or "real" where that names a type of its
  /// own.
  void compute_in(const std::string& number) { number_ = number; }
  const std::string& number_type() const { return number_; }
  /// A literal of that type.
  std::string number(double value) const;

  /// Whether value() and condition() are right for all lanes of a row at once, too (lane_rows.hpp): sums, products,
  /// quotients, small powers and exponentials of scalars.
  bool fits_rows(const Expression& expression, const NameScope& scope) const;
  bool condition_fits_rows(const Expression& expression, const NameScope& scope) const;

  /// Lets expressions call n_<name>(f, a, ...), which is no function of the mechanism.
  void add_function(const std::string& name) { more_functions_.insert(name); }

  /// Right-hand sides of the Frame's members u0, u1 ...: functions of its members for globals, celsius and dt.
  const std::vector<std::string>& hoisted() const { return hoisted_; }

 private:
  /// A call of one of NEURON's own functions (special_calls.cpp).
  std::string special_call(const Call& call, const NameScope& scope);
  /// Evaluating it changes something: a second side of && or || then runs only when it must.
  bool has_side_effects(const Expression& expression) const;
  std::string value_in_place(const Expression& expression, const NameScope& scope);
  const Expression* exponent_of_one_minus_exp(const Binary& difference) const;
  std::string binary(const Binary& binary, const NameScope& scope);
  std::string power(const Binary& binary, const NameScope& scope);
  std::string divide(const Binary& binary, const NameScope& scope);
  std::string name(const Name& name, const Place& place, const NameScope& scope);
  const Slot* variable(const std::string& name, const NameScope& scope) const;
  bool is_hoisted(const Expression& expression, const NameScope& scope) const;
  bool is_uniform(const Expression& expression, const NameScope& scope) const;
  std::string array_text(const std::string& name, const NameScope& scope) const;
  int array_size(const std::string& name, const NameScope& scope) const;
  /// The index if it is a number; it then lies inside the array. @throws NmodlError "nmodl-index".
  bool constant_index(const Name& name, const Place& place, int size, int& index) const;

  const MechanismDescription& mechanism_;
  const Layout& layout_;
  std::string number_ = "double";
  std::vector<std::string> hoisted_;
  std::set<std::string> with_side_effects_;  ///< functions
  std::set<std::string> more_functions_;
};

/// Lets a writer compute in another type as long as it lives.
class InNumbers {
 public:
  InNumbers(ExpressionWriter& writer, const char* number) : writer_(writer), before_(writer.number_type()) {
    writer_.compute_in(number);
  }
  ~InNumbers() { writer_.compute_in(before_); }
  InNumbers(const InNumbers&) = delete;
  InNumbers& operator=(const InNumbers&) = delete;

 private:
  ExpressionWriter& writer_;
  const std::string before_;
};

/// A C++ literal that reads back as the same double.
std::string literal(double value);

/// A member of the generated Frame (scalars) or Arrays.
std::string frame_member(const std::string& variable);

}  // namespace cellwright::nmodl
