/// Newton's method for DERIVATIVE blocks (implicit Euler) and NONLINEAR blocks, with NEURON's stopping rule: cw_newton
/// of the prelude. LINEAR blocks by elimination with row pivots: cw_linear.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nmodl/codegen/system_writer.hpp"

namespace cellwright::nmodl {

void SystemWriter::newton(CodeText& code, const SolveBlock& solve) {
  const ImplicitSystem& system = *solve.system;
  const auto n = system.unknowns.size();
  const bool slopes = system.kind == ImplicitSystem::Kind::slopes;
  code.open(
      fmt::format("void r_{}(Frame& f, Arrays& a, [[maybe_unused]] const double (&old)[{}], double (&value)[{}]) {{",
                  solve.name, n, n));
  statements_.block(code, solve.step, {});
  for (int k = 0; k < static_cast<int>(n); ++k) {
    code.line(slopes ? fmt::format("value[{0}] = l_{1}_slope[{0}] - ({2} - old[{0}]) / f.x_dt;", k, system.prefix,
                                   unknown(system, k))
                     : fmt::format("value[{0}] = l_{1}_residual[{0}];", k, system.prefix));
  }
  code.close();
  code.blank();
  code.open(fmt::format("void q_{}(Frame& f, Arrays& a) {{", solve.name));
  save_unknowns(code, system);
  std::vector<std::string> pointers;
  for (int k = 0; k < static_cast<int>(n); ++k) pointers.push_back("&" + unknown(system, k));
  code.line(fmt::format("double* const x[{}] = {{{}}};", n, fmt::join(pointers, ", ")));
  code.line(fmt::format("cw_newton<{0}>(x, [&](double (&value)[{0}]) {{ r_{1}(f, a, old, value); }});", n, solve.name));
  code.close();
  code.blank();
}

void SystemWriter::linear(CodeText& code, const SolveBlock& solve) {
  const ImplicitSystem& system = *solve.system;
  const auto n = system.unknowns.size();
  code.open(fmt::format("void q_{}(Frame& f, Arrays& a) {{", solve.name));
  statements_.block(code, solve.step, {});
  code.line(fmt::format("cw_linear<{0}>(l_{1}_matrix, l_{1}_right);", n, system.prefix));
  for (int k = 0; k < static_cast<int>(n); ++k) {
    code.line(fmt::format("{} = l_{}_right[{}];", unknown(system, k), system.prefix, k));
  }
  code.close();
  code.blank();
}

}  // namespace cellwright::nmodl
