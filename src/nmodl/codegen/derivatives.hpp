#pragma once
/// C++ text of a mechanism's cw_derivatives (abi/mechanism_abi.h) but for the loops over instances and lanes.

#include "nmodl/codegen/code_text.hpp"
#include "nmodl/codegen/layout.hpp"
#include "nmodl/codegen/statement_writer.hpp"
#include "nmodl/passes/derivatives.hpp"

namespace cellwright::nmodl {

class DerivativesWriter {
 public:
  DerivativesWriter(const MechanismDescription& mechanism, const Layout& layout, const DerivativePlan& plan)
      : mechanism_(mechanism), layout_(layout), plan_(plan) {}

  /// The tables of states, currents and outputs, and `derivatives` itself. Its functions are derive_rates and
  /// derive_currents.
  void descriptor(CodeText& code) const;

 private:
  void states(CodeText& code) const;
  void currents(CodeText& code) const;
  void ion_values(CodeText& code) const;
  void outputs(CodeText& code, const char* name, const DerivativeBlock& block) const;
  std::string output_row(const DerivativeOutput& output) const;

  const MechanismDescription& mechanism_;
  const Layout& layout_;
  const DerivativePlan& plan_;
};

/// Runs a block and keeps its outputs in reals `<stem>0`, `<stem>1` ...
void write_outputs(CodeText& code, StatementWriter& statements, const DerivativeBlock& block, const char* stem);

/// The member of cw_ion_view, and the cw_ion_quantity, of a role.
const char* ion_array(IonRole role);
int ion_bit(IonRole role);

}  // namespace cellwright::nmodl
