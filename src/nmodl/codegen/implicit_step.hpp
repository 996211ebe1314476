#pragma once
/// C++ text of cw_derivatives.implicit (abi/mechanism_abi.h) but for the loops over instances and lanes.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cellwright/abi/mechanism_abi.h"
#include "nmodl/codegen/code_text.hpp"
#include "nmodl/codegen/layout.hpp"
#include "nmodl/codegen/statement_writer.hpp"
#include "nmodl/passes/derivatives.hpp"

namespace cellwright::nmodl {

class ImplicitStepWriter {
 public:
  /// @param rates  plan.rates, or plan.usual_rates if it has_usual_rates().
  ImplicitStepWriter(const MechanismDescription& mechanism, const Layout& layout, const DerivativePlan& plan,
                     const DerivativeBlock& rates, StatementWriter& statements)
      : mechanism_(mechanism),
        layout_(layout),
        plan_(plan),
        rates_(rates),
        statements_(statements),
        summed_(own_currents(mechanism, plan)) {}

  /// Whether the states of a plan have to be solved for together.
  static bool is_coupled(const MechanismDescription& mechanism, const DerivativePlan& plan);
  /// Whether a state is taken for independent of the new v.
  static bool is_slow(const MechanismDescription& mechanism, const DerivativePlan& plan, int state) {
    return plan.states[static_cast<std::size_t>(state)].slow && !is_coupled(mechanism, plan);
  }
  /// Whether steps with usual v have equations of their own.
  static bool has_usual_rates(const MechanismDescription& mechanism, const DerivativePlan& plan) {
    return !plan.usual_rates.outputs.empty() && !is_coupled(mechanism, plan);
  }
  /// Whether there is anything to do.
  static bool is_needed(const DerivativePlan& plan) {
    return !plan.rates.outputs.empty() || !plan.currents.outputs.empty();
  }

  /// Pointers that the body needs, before the loops.
  void pointers(CodeText& code) const;
  /// Where ion_currents finds the currents of one instance.
  void kept_currents(CodeText& code) const;
  /// What is done for one instance in one lane, after the loads.
  void body(CodeText& code);
  /// What is done for one instance in all lanes, behind the body: the ions' currents, where somebody reads them.
  void ion_currents(CodeText& code) const;
  /// The same for one lane.
  void ion_currents_of_lane(CodeText& code) const;
  /// Pointers to the rows that the step of an instance changes; null where it does not.
  std::vector<std::string> rows() const;

 private:
  using Kind = DerivativeOutput::Kind;

  /// The output's number, -1: it is zero.
  static int find(const DerivativeBlock& block, Kind kind, int of, int direction);
  static std::string value(const DerivativeBlock& block, const char* stem, Kind kind, int of, int direction);
  /// Everything through which an output follows v, as a sum; `zero` if there is nothing.
  std::string slope(const DerivativeBlock& block, const char* stem, Kind kind, int of, bool with_states) const;
  std::string ion_slope(const std::string& variable) const;
  static std::string history(int state);

  /// The current in MechanismDescription::currents whose sum over all mechanisms the direction is, where the mechanism
  /// itself writes it: -1 if it is something else.
  static int own_current(const MechanismDescription& mechanism, const Direction& direction);
  /// The own currents that rates depend on.
  static std::set<int> own_currents(const MechanismDescription& mechanism, const DerivativePlan& plan);
  void sum_own_currents(CodeText& code);
  std::string through_own_currents(Kind kind, int of, int state) const;
  void linear_states(CodeText& code);
  void linear_state(CodeText& code, int state);
  bool is_slow(int state) const { return is_slow(mechanism_, plan_, state); }
  std::string partial(int state, int by) const;
  void coupled_states(CodeText& code);
  void eliminate(CodeText& code);
  void store_state(CodeText& code, int state);
  /// Where the state's row begins, and its place in this lane.
  std::string state_row(int state) const;
  std::string state_place(int state) const;
  std::string frame_place(int state) const;
  void currents(CodeText& code);
  void ion_values(CodeText& code);
  void add_ion_currents(CodeText& code, int current) const;
  bool carries_ion(std::size_t current) const;

  const MechanismDescription& mechanism_;
  const Layout& layout_;
  const DerivativePlan& plan_;
  const DerivativeBlock& rates_;
  StatementWriter& statements_;
  std::set<int> summed_;  ///< own currents whose sum over all mechanisms the rates depend on
  std::map<std::pair<int, int>, std::string> matrix_;  ///< the elements that are not zero
};

}  // namespace cellwright::nmodl
