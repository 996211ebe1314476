#include "nmodl/codegen/single_step.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "nmodl/codegen/derivatives.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {

/// x + change; of floats with what was rounded off before and will be from now on. (With the arithmetic in a function
/// of its own, one level further down, GCC 12 no longer makes vectors of the loop.)
void SingleStepWriter::advances(CodeText& code) {
  for (std::size_t k = 0; k < plan_.rests.size(); ++k) {
    const KeptRest& rest = plan_.rests[k];
    if (rest.advance.empty()) continue;
    statements_.expressions().add_function(rest.advance);
    code.line("template <class real>");
    code.open(
        fmt::format("CW_INLINE void n_{}(FrameOf<real>& f, ArraysOf<real>& a, Same<real> change) {{", rest.advance));
    code.line("#if CW_SINGLE");
    code.line(fmt::format("const real all = change + f.rest{}, sum = {} + all;", k, place_of(rest)));
    code.line(fmt::format("f.rest{} = all - (sum - {});", k, place_of(rest)));
    code.line(fmt::format("{} = sum;", place_of(rest)));
    code.line("#else");
    code.line(fmt::format("{0} = {0} + change;", place_of(rest)));
    code.line("#endif");
    code.close();
    code.blank();
  }
}

std::string SingleStepWriter::place_of(const KeptRest& rest) {
  if (rest.element < 0) return "f." + frame_member(rest.state);
  return fmt::format("a.{}[{}]", frame_member(rest.state), rest.element);
}

/// i1 + i2 ... of the membrane or of the electrode currents, in NEURON's order, or their derivatives by v; empty: there
/// are none.
std::string SingleStepWriter::sum(bool electrode, bool of_slopes) const {
  std::string text;
  for (std::size_t k = 0; k < plan_.current->outputs.size(); ++k) {
    const DerivativeOutput& output = plan_.current->outputs[k];
    const Current& current = mechanism_.currents[static_cast<std::size_t>(output.of)];
    if ((current.kind == CurrentKind::electrode) != electrode || (output.direction == 0) != of_slopes) continue;
    text += fmt::format("{}output{}", text.empty() ? "" : " + ", k);
  }
  return text;
}

void SingleStepWriter::current(CodeText& code, bool rows) {
  statements_.select_values(rows);
  write_outputs(code, statements_, *plan_.current, "output");
  statements_.select_values(false);
  const bool point = mechanism_.kind == MechanismKind::point_process;
  if (point) code.line("const real scale = 1.e2 / area;");
  const char* scaled = point ? " * scale" : "";
  for (const bool electrode : {false, true}) {
    const std::string at = sum(electrode, false);
    if (at.empty()) continue;
    std::string slope = sum(electrode, true);
    for (const std::string& name : mechanism_.conductances)
      slope += fmt::format("{}f.{}", slope.empty() ? "" : " + ", frame_member(name));
    code.line(fmt::format("rhs[node * W + lane] {}= ({}){};", electrode ? '+' : '-', at, scaled));
    if (!slope.empty()) code.line(fmt::format("d[node * W + lane] {}= ({}){};", electrode ? '-' : '+', slope, scaled));
  }
  for (const Current& current : mechanism_.currents) {
    if (current.kind != CurrentKind::ion) continue;
    const int ion = layout_.slots.at(current.name).index;
    code.line(
        fmt::format("if (ion{0}_i) ion{0}_i[slot{0} + lane] += f.{1}{2};", ion, frame_member(current.name), scaled));
  }
}

void SingleStepWriter::statements(CodeText& code, const Block& block, bool rows) {
  const InNumbers reals(statements_.expressions(), "real");
  NameScope scope;
  statements_.select_values(rows);
  statements_.statements(code, block, scope);
  statements_.select_values(false);
}

bool SingleStepWriter::fits_rows(const Block& block) const {
  std::set<std::string> advances;
  for (const KeptRest& rest : plan_.rests) {
    if (rest.element < 0) advances.insert(rest.advance);
  }
  return statements_.fits_rows(block, advances);
}

bool SingleStepWriter::current_fits_rows() const {
  const auto& outputs = plan_.current->outputs;
  return statements_.fits_rows(plan_.current->body, {}) &&
         std::all_of(outputs.begin(), outputs.end(), [&](const DerivativeOutput& output) {
           return statements_.expressions().fits_rows(output.value, {});
         });
}

const KeptRest* SingleStepWriter::advanced_by(const Statement& statement) const {
  const auto* call = std::get_if<CallStatement>(&statement.node);
  if (call == nullptr) return nullptr;
  const auto rest = std::find_if(plan_.rests.begin(), plan_.rests.end(),
                                 [&](const KeptRest& r) { return r.advance == call->call.name; });
  return rest == plan_.rests.end() ? nullptr : &*rest;
}

bool SingleStepWriter::is_scalar_of_instance(const std::string& variable) const {
  const Slot& slot = layout_.slots.at(variable);
  return slot.table == Table::var && slot.array_size == 0;
}

std::optional<SplitState> SingleStepWriter::split(const Block& all, EffectsFinder& effects) const {
  const auto behind =
      std::find_if(all.begin(), all.end(), [&](const Statement& s) { return advanced_by(s) != nullptr; });
  SplitState result{{all.begin(), behind}, {behind, all.end()}, {}, {}};
  const Effects rates = effects.of(result.rates);
  result.advances_effects = effects.of(result.advances);
  for (const Statement& statement : result.advances) {
    const KeptRest* const rest = advanced_by(statement);
    if (rest == nullptr) return std::nullopt;
    result.advances_effects.writes.insert(rest->state);
    bool has_locals = false;
    for_each_expression(statement, [&](const Expression& argument) {
      walk_expression(argument, [&](const Expression& e) {
        const auto* name = std::get_if<Name>(&e.node);
        has_locals = has_locals || (name != nullptr && !layout_.slots.contains(name->name));
      });
    });
    if (has_locals) return std::nullopt;
  }
  for (const std::string& name : result.advances_effects.reads) {
    if (rates.writes.contains(name)) result.passed.insert(name);
  }
  std::set<std::string> own = result.passed;
  own.insert(result.advances_effects.writes.begin(), result.advances_effects.writes.end());
  for (const std::string& name : rates.writes) {
    if (layout_.slots.at(name).table != Table::engine) own.insert(name);  // v moves in the frame alone
  }
  const bool alone =
      std::all_of(own.begin(), own.end(), [&](const std::string& n) { return is_scalar_of_instance(n); });
  if (result.passed.empty() || !alone || !layout_.pointers.empty()) return std::nullopt;
  return result;
}

}  // namespace cellwright::nmodl
