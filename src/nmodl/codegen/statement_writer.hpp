#pragma once
/// C++ text of NMODL statements, functions and tables, over one lane's Frame.

#include <set>
#include <string>

#include "nmodl/codegen/code_text.hpp"
#include "nmodl/codegen/expression_writer.hpp"

namespace cellwright::nmodl {

class StatementWriter {
 public:
  StatementWriter(const MechanismDescription& mechanism, const Layout& layout)
      : mechanism_(mechanism), expressions_(mechanism, layout) {}

  void block(CodeText& code, const Block& block, NameScope scope);
  /// The same, and what is LOCAL there stays in `scope`, for value().
  void statements(CodeText& code, const Block& block, NameScope& scope);
  std::string value(const Expression& expression, const NameScope& scope) {
    return expressions_.value(expression, scope);
  }
  std::string number(double value) const { return expressions_.number(value); }
  ExpressionWriter& expressions() { return expressions_; }
  /// Whether a block can be written for all lanes of a row at once: assignments to scalars, under conditions or not,
  /// and calls of `procedures`, which can be.
  bool fits_rows(const Block& block, const std::set<std::string>& procedures) const;
  /// Writes conditions as selections, for one lane or for all lanes of a row at once, from now on.
  void select_values(bool select) { selects_ = select; }
  /// Advances a SOLVEd block.
  void solve(CodeText& code, const SolveBlock& solved, bool steady_state);
  /// The function n_<name>; with a TABLE also e_<name>, which computes what the table holds.
  void function(CodeText& code, const Function& function);
  /// The function `name` over one event's weights and flag, from the body or INITIAL of a NET_RECEIVE.
  void event_function(CodeText& code, const std::string& name, const Function& function);
  /// What cw_mechanism::watch returns for one condition.
  void watch_value(CodeText& code, int number, const WatchCondition& condition);
  /// The function n_<name>(x): the derivative by x of one output of a function's table, which was written before.
  void table_slope(CodeText& code, const Function& function, int output, const std::string& name);
  /// The function n_ghk_slope: the derivative of ghk by the potential.
  void special_slope(CodeText& code, const std::string& name);
  /// Fills function's table into `table` at `offset`, for the lane whose values `f` holds.
  void fill_table(CodeText& code, const Function& function);
  /// ExpressionWriter::hoisted of all that was written so far.
  const std::vector<std::string>& hoisted() const { return expressions_.hoisted(); }
  /// Values per lane that the tables written so far need.
  long table_values() const { return table_values_; }

 private:
  void statement(CodeText& code, const Statement& statement, NameScope& scope);
  void local(CodeText& code, const Local& local, NameScope& scope);
  void if_else(CodeText& code, const If& statement, const Place& place, const NameScope& scope);
  void select_branches(CodeText& code, const If& statement, const Place& place, const NameScope& scope);
  void loop_while(CodeText& code, const While& loop, const Place& place, const NameScope& scope);
  void from(CodeText& code, const From& loop, const Place& place, NameScope scope);
  void body(CodeText& code, const Function& function, const std::string& prefix);
  void look_up(CodeText& code, const Function& function);
  std::vector<std::string> table_targets(const Function& function, const NameScope& scope);

  const MechanismDescription& mechanism_;
  ExpressionWriter expressions_;
  std::map<std::string, long> table_begin_;
  long table_values_ = 0;
  bool selects_ = false;
  std::string selected_;  ///< the condition under which what is written next counts; empty: always
  int next_condition_ = 0;
  int next_watch_ = 0;  ///< number of the next WATCH condition
};

/// NmodlError for a construct that the generator refuses.
NmodlError unsupported(const std::string& message, const SourceSpan& span, const std::string& fix);

}  // namespace cellwright::nmodl
