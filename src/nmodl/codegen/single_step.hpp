#pragma once
/// C++ text of the fixed step's phases in single precision, and in fast double precision of `state`; but for the loops
/// over instances and lanes, loads and stores.

#include <optional>
#include <set>
#include <string>

#include "nmodl/codegen/code_text.hpp"
#include "nmodl/codegen/effects.hpp"
#include "nmodl/codegen/layout.hpp"
#include "nmodl/codegen/statement_writer.hpp"
#include "nmodl/passes/single_step.hpp"

namespace cellwright::nmodl {

/// The solved blocks in two parts: what computes rates, and the calls of KeptRest::advance behind it.
struct SplitState {
  static constexpr int instances = 16;  ///< that go through one part before they go through the other

  Block rates, advances;
  Effects advances_effects;      ///< with those of the procedures
  std::set<std::string> passed;  ///< Variables that `rates` assigns and `advances` reads
};

class SingleStepWriter {
 public:
  SingleStepWriter(const MechanismDescription& mechanism, const Layout& layout, const SingleStepPlan& plan,
                   StatementWriter& statements)
      : mechanism_(mechanism), layout_(layout), plan_(plan), statements_(statements) {}

  /// The procedures KeptRest::advance.
  void advances(CodeText& code);
  /// BREAKPOINT; adds the currents and their derivatives to rhs, d and the ions. @pre plan.current
  /// @param rows  as for statements()
  void current(CodeText& code, bool rows);
  /// The solved blocks, or a part of them.
  /// @param rows  where all lanes of a row may be computed at once.
  void statements(CodeText& code, const Block& block, bool rows);
  /// Whether they may.
  bool fits_rows(const Block& block) const;
  bool current_fits_rows() const;
  /// Nothing where an instance may see what another has done, or where the second part needs more of the first than
  /// scalar ASSIGNEDs.
  /// @param state  plan.state or plan.usual_state
  std::optional<SplitState> split(const Block& state, EffectsFinder& effects) const;

  /// Where a state stands in Frame or Arrays.
  static std::string place_of(const KeptRest& rest);

 private:
  /// Of the reals `output<k>` of plan.current: the currents, or their derivatives by v.
  std::string sum(bool electrode, bool of_slopes) const;
  const KeptRest* advanced_by(const Statement& statement) const;
  bool is_scalar_of_instance(const std::string& variable) const;

  const MechanismDescription& mechanism_;
  const Layout& layout_;
  const SingleStepPlan& plan_;
  StatementWriter& statements_;
};

}  // namespace cellwright::nmodl
