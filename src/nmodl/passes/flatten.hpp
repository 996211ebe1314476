#pragma once
/// A block with the bodies of all FUNCTIONs and PROCEDUREs that it calls put in place.
///
///   BREAKPOINT { rates(v)  i = g(m)*v }   ->   minf = 1/(1 + exp(-v))  LOCAL g_1  g_1 = 2*m  i = g_1*v
///
/// FROM loops between numbers are written out, so that their array indices become numbers. Functions with a TABLE stay
/// calls. Locals, arguments and results get names that occur nowhere else in the mechanism.

#include <map>
#include <set>
#include <string>

#include "cellwright/nmodl/mechanism_description.hpp"

namespace cellwright::nmodl {

/// Why a mechanism has no derivatives, as the end of "...: <reason>".
struct NotDifferentiable {
  std::string reason;
};

class Flattener {
 public:
  explicit Flattener(const MechanismDescription& mechanism);

  /// `block` lowered (mechanism_description.hpp), with Equations. Several calls may be made for blocks that will follow
  /// each other: no name is given twice.
  /// @throws NotDifferentiable for a statement that is not lowered, or more than max_statements of them.
  Block flatten(const Block& block);

  /// The same, and at_time(t) becomes an assignment of t to a variable of its own, which starts as -1.
  /// @param times  gets the names of these variables besides.
  Block flatten_with_times(const Block& block, std::vector<std::string>& times);

  /// `stem`, or stem_2, stem_3 ... if that is taken.
  std::string fresh_name(const std::string& stem);

  static constexpr int max_statements = 20000;

 private:
  /// What the locals, arguments and FROM variables of one function's call are in the result.
  using Names = std::map<std::string, Expression>;

  void block(const Block& in, Names& names, Block& out);
  void statement(const Statement& in, Names& names, Block& out);
  void local(const Local& in, const Place& place, Names& names, Block& out);
  void call_statement(const CallStatement& in, const Place& place, Names& names, Block& out);
  void from(const From& in, const Place& place, Names& names, Block& out);
  void loop_while(const While& in, const Place& place, Names& names, Block& out);
  Expression expression(const Expression& in, Names& names, Block& out);
  Name target(const Name& in, Names& names, Block& out);
  /// Puts the call in place; the name that holds the result of a FUNCTION.
  std::string put_in_place(const Function& function, const std::vector<Expression>& arguments, const Place& place,
                           Block& out);
  void add(Block& out, Statement statement);

  const MechanismDescription* mechanism_;
  std::set<std::string> taken_;
  std::vector<std::string>* times_ = nullptr;  ///< of flatten_with_times, while it runs
  int statements_ = 0;
};

/// The value of an expression of numbers.
std::optional<double> constant_value(const Expression& expression);

}  // namespace cellwright::nmodl
