#include "nmodl/codegen/single_step.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "nmodl/codegen/derivatives.hpp"

namespace cellwright::nmodl {

/// x + change, with what was rounded off before and will be from now on. (With the arithmetic in a function of its own,
/// one level further down, GCC 12 no longer makes vectors of the loop.)
void SingleStepWriter::advances(CodeText& code) {
  for (std::size_t k = 0; k < plan_.rests.size(); ++k) {
    const KeptRest& rest = plan_.rests[k];
    if (rest.advance.empty()) continue;
    statements_.expressions().add_function(rest.advance);
    code.line("template <class real>");
    code.open(
        fmt::format("CW_INLINE void n_{}(FrameOf<real>& f, ArraysOf<real>& a, Same<real> change) {{", rest.advance));
    code.line(fmt::format("const real all = change + f.rest{}, sum = {} + all;", k, place_of(rest)));
    code.line(fmt::format("f.rest{} = all - (sum - {});", k, place_of(rest)));
    code.line(fmt::format("{} = sum;", place_of(rest)));
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

void SingleStepWriter::current(CodeText& code) {
  write_outputs(code, statements_, *plan_.current, "output");
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
    code.line(fmt::format("ion{0}_i[slot{0} + lane] += f.{1}{2};", ion, frame_member(current.name), scaled));
  }
}

void SingleStepWriter::state(CodeText& code) {
  const InNumbers reals(statements_.expressions(), "real");
  NameScope scope;
  statements_.statements(code, *plan_.state, scope);
}

}  // namespace cellwright::nmodl
