#include "nmodl/codegen/system_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

template <class Handle>
void for_each_steady_state(const MechanismDescription& mechanism, const Handle& handle) {
  const auto visit = [&](const Block& block) {
    walk_statements(block, [&](const Statement& statement) {
      const auto* solve = std::get_if<Solve>(&statement.node);
      if (solve != nullptr && solve->steady_state) handle(*solve);
    });
  };
  visit(mechanism.initial);
}

}  // namespace

bool has_steady_state(const MechanismDescription& mechanism) {
  bool found = false;
  for_each_steady_state(mechanism, [&](const Solve&) { found = true; });
  return found;
}

bool SystemWriter::is_solved_for_steady_state(const std::string& block) const {
  bool found = false;
  for_each_steady_state(mechanism_, [&](const Solve& solve) { found = found || solve.block.name == block; });
  return found;
}

void SystemWriter::write(CodeText& code, const SolveBlock& solve) {
  switch (solve.system->kind) {
    case ImplicitSystem::Kind::balance:
      balance(code, solve);
      break;
    case ImplicitSystem::Kind::slopes:
    case ImplicitSystem::Kind::residuals:
      newton(code, solve);
      break;
    case ImplicitSystem::Kind::linear:
      linear(code, solve);
      break;
  }
  if (solve.method == SolveMethod::derivimplicit && is_solved_for_steady_state(solve.name)) {
    short_steady_state(code, solve);
  }
}

/// NEURON 9 takes one step of 1e-9 ms where a mod asks for the steady state by derivimplicit.
void SystemWriter::short_steady_state(CodeText& code, const SolveBlock& solve) const {
  code.open(fmt::format("void y_{}(Frame& f, Arrays& a) {{", solve.name));
  code.line("const double dt = f.x_dt;");
  code.line("f.x_dt = 1e-9;");
  code.line(fmt::format("q_{}(f, a);", solve.name));
  code.line("f.x_dt = dt;");
  code.close();
  code.blank();
}

std::string SystemWriter::unknown(const ImplicitSystem& system, int k) const {
  const Unknown& u = system.unknowns[static_cast<std::size_t>(k)];
  if (u.element) return fmt::format("a.{}[{}]", frame_member(u.state), *u.element);
  return "f." + frame_member(u.state);
}

void SystemWriter::save_unknowns(CodeText& code, const ImplicitSystem& system) const {
  std::vector<std::string> values;
  for (int k = 0; k < static_cast<int>(system.unknowns.size()); ++k) values.push_back(unknown(system, k));
  code.line(fmt::format("const double old[{}] = {{{}}};", values.size(), fmt::join(values, ", ")));
}

}  // namespace cellwright::nmodl
