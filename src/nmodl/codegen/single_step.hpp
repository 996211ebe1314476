#pragma once
/// C++ text of the fixed step's phases in single precision, but for the loops over instances and lanes, loads and
/// stores.

#include "nmodl/codegen/code_text.hpp"
#include "nmodl/codegen/layout.hpp"
#include "nmodl/codegen/statement_writer.hpp"
#include "nmodl/passes/single_step.hpp"

namespace cellwright::nmodl {

class SingleStepWriter {
 public:
  SingleStepWriter(const MechanismDescription& mechanism, const Layout& layout, const SingleStepPlan& plan,
                   StatementWriter& statements)
      : mechanism_(mechanism), layout_(layout), plan_(plan), statements_(statements) {}

  /// The procedures KeptRest::advance.
  void advances(CodeText& code);
  /// BREAKPOINT; adds the currents and their derivatives to rhs, d and the ions. @pre plan.current
  void current(CodeText& code);
  /// The solved blocks. @pre plan.state
  void state(CodeText& code);

  /// Where a state stands in Frame or Arrays.
  static std::string place_of(const KeptRest& rest);

 private:
  /// Of the reals `output<k>` of plan.current: the currents, or their derivatives by v.
  std::string sum(bool electrode, bool of_slopes) const;

  const MechanismDescription& mechanism_;
  const Layout& layout_;
  const SingleStepPlan& plan_;
  StatementWriter& statements_;
};

}  // namespace cellwright::nmodl
