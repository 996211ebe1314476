#include "nmodl/codegen/derivatives.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "cellwright/abi/mechanism_abi.h"
#include "nmodl/codegen/implicit_step.hpp"

namespace cellwright::nmodl {
namespace {

using Kind = DerivativeOutput::Kind;

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::rate:
      return "CW_RATE";
    case Kind::rate_a:
      return "CW_RATE_A";
    case Kind::rate_b:
      return "CW_RATE_B";
    case Kind::current:
      return "CW_CURRENT";
    case Kind::ion_value:
      return "CW_ION_VALUE";
    case Kind::denominator:  // only in implicit steps
    case Kind::time:         // has a function of its own
      break;
  }
  return "";
}

/// A C array of rows, or a null pointer where there is none.
void write_array(CodeText& code, const char* type, const char* name, std::size_t size,
                 const std::function<std::string(std::size_t)>& row) {
  if (size == 0) {
    code.line(fmt::format("constexpr const {}* {} = nullptr;", type, name));
    return;
  }
  code.open(fmt::format("const {} {}[] = {{", type, name));
  for (std::size_t k = 0; k < size; ++k) code.line(row(k) + ",");
  code.close("};");
}

}  // namespace

void write_outputs(CodeText& code, StatementWriter& statements, const DerivativeBlock& block, const char* stem) {
  for (std::size_t k = 0; k < block.outputs.size(); ++k) code.line(fmt::format("real {}{} = 0;", stem, k));
  const InNumbers reals(statements.expressions(), "real");
  code.open("{");
  NameScope scope;
  statements.statements(code, block.body, scope);
  for (std::size_t k = 0; k < block.outputs.size(); ++k)
    code.line(fmt::format("{}{} = {};", stem, k, statements.value(block.outputs[k].value, scope)));
  code.close("}");
}

const char* ion_array(IonRole role) {
  switch (role) {
    case IonRole::reversal_potential:
      return "e";
    case IonRole::current:
      return "i";
    case IonRole::inside:
      return "ci";
    case IonRole::outside:
      return "co";
  }
  return "";
}

int ion_bit(IonRole role) {
  switch (role) {
    case IonRole::reversal_potential:
      return CW_ION_E;
    case IonRole::current:
      return CW_ION_I;
    case IonRole::inside:
      return CW_ION_CI;
    case IonRole::outside:
      return CW_ION_CO;
  }
  return 0;
}

void DerivativesWriter::states(CodeText& code) const {
  write_array(code, "cw_rate_state", "rate_states", plan_.states.size(), [&](std::size_t k) {
    const DerivedState& state = plan_.states[k];
    const Slot& slot = layout_.slots.at(state.name);
    if (slot.table == Table::ion) {
      return fmt::format("{{-1, {}, {}, {:d}, 0}}", slot.index, ion_bit(slot.role), state.linear);
    }
    if (slot.table != Table::var) throw InternalError(fmt::format("STATE '{}' has no row", state.name));
    return fmt::format("{{{}, -1, 0, {:d}, {:d}}}", slot.index + std::max(0, state.element), state.linear,
                       ImplicitStepWriter::is_slow(mechanism_, plan_, static_cast<int>(k)));
  });
}

void DerivativesWriter::currents(CodeText& code) const {
  write_array(code, "cw_current", "derived_currents", mechanism_.currents.size(), [&](std::size_t k) {
    const Current& current = mechanism_.currents[k];
    const Slot& slot = layout_.slots.at(current.name);
    const auto own = layout_.own_current.find(current.name);
    const int var = own != layout_.own_current.end() ? own->second : slot.table == Table::var ? slot.index : -1;
    return fmt::format("{{{}, {}, {:d}}}", var, current.kind == CurrentKind::ion ? slot.index : -1,
                       current.kind == CurrentKind::electrode);
  });
}

void DerivativesWriter::ion_values(CodeText& code) const {
  write_array(code, "cw_ion_value", "ion_values", plan_.ion_values.size(), [&](std::size_t k) {
    const Slot& slot = layout_.slots.at(plan_.ion_values[k]);
    return fmt::format("{{{}, {}}}", slot.index, ion_bit(slot.role));
  });
}

std::string DerivativesWriter::output_row(const DerivativeOutput& output) const {
  const auto row = [&](const char* by, int index, int quantity) {
    return fmt::format("{{{}, {}, {}, {}, {}}}", kind_name(output.kind), output.of, by, index, quantity);
  };
  if (output.direction < 0) return row("CW_BY_NOTHING", 0, 0);
  const Direction& direction = plan_.directions[static_cast<std::size_t>(output.direction)];
  if (direction.is_state) return row("CW_BY_STATE", output.direction - 1, 0);  // behind v, in the order of the states
  if (output.direction == 0) return row("CW_BY_V", 0, 0);
  const Slot& slot = layout_.slots.at(direction.variable);
  return row("CW_BY_ION", slot.index, ion_bit(slot.role));
}

void DerivativesWriter::outputs(CodeText& code, const char* name, const DerivativeBlock& block) const {
  write_array(code, "cw_output", name, block.outputs.size(),
              [&](std::size_t k) { return output_row(block.outputs[k]); });
}

void DerivativesWriter::descriptor(CodeText& code) const {
  states(code);
  currents(code);
  ion_values(code);
  outputs(code, "rate_outputs", plan_.rates);
  outputs(code, "current_outputs", plan_.currents);
  code.open("const cw_derivatives derivatives = {");
  code.line(fmt::format(".n_states = {}, .n_currents = {}, .n_ion_values = {},", plan_.states.size(),
                        mechanism_.currents.size(), plan_.ion_values.size()));
  code.line(fmt::format(".n_rate_outputs = {}, .n_current_outputs = {},", plan_.rates.outputs.size(),
                        plan_.currents.outputs.size()));
  code.line(".state = rate_states, .current = derived_currents, .ion_value = ion_values,");
  code.line(".rate_output = rate_outputs, .current_output = current_outputs,");
  code.line(fmt::format(".rates = {},", plan_.rates.outputs.empty() ? "nullptr" : "derive_rates"));
  code.line(fmt::format(".currents = {},", plan_.currents.outputs.empty() ? "nullptr" : "derive_currents"));
  const bool implicit = mechanism_.kind != MechanismKind::artificial_cell && ImplicitStepWriter::is_needed(plan_);
  code.line(fmt::format(".implicit = {}, .coupled = {:d},", implicit ? "implicit_step" : "nullptr",
                        ImplicitStepWriter::is_coupled(mechanism_, plan_)));
  code.line(fmt::format(".n_jumps = {}, .jumps = {},", plan_.times.outputs.size(),
                        plan_.times.outputs.empty() ? "nullptr" : "derive_times"));
  code.close("};");
}

}  // namespace cellwright::nmodl
