/// Balances: KINETIC schemes by `sparse`, and DERIVATIVE blocks that are linear by `derivimplicit`. Implicit Euler:
///   volume*(x - old)/dt = flux(x)
/// by Newton's method with the matrix volume/dt + matrix; rows of conservations hold the constraint instead. One round
/// is exact for a linear system. NEURON's rules for the others (neuron-semantics 5.7): rounds until the changes' sum is
/// at most 1e-6, at most 22; negative unknowns become 0 in each; a steady state is a step of 1e9 ms.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nmodl/codegen/effects.hpp"
#include "nmodl/codegen/system_writer.hpp"

namespace cellwright::nmodl {
namespace {

int size_of(const ImplicitSystem& system) { return static_cast<int>(system.unknowns.size()); }

const ImplicitSystem::Conservation* conservation_of(const ImplicitSystem& system, int row, std::size_t* number) {
  for (std::size_t c = 0; c < system.conservations.size(); ++c) {
    if (system.conservations[c].row != row) continue;
    if (number != nullptr) *number = c;
    return &system.conservations[c];
  }
  return nullptr;
}

int element_index(const EliminationPlan& plan, int row, int column) {
  for (std::size_t e = 0; e < plan.elements.size(); ++e) {
    if (plan.elements[e] == ImplicitSystem::Entry{row, column}) return static_cast<int>(e);
  }
  throw InternalError("an element of the matrix is not planned");
}

}  // namespace

void SystemWriter::balance(CodeText& code, const SolveBlock& solve) {
  balance_round(code, solve);
  const bool steady = solve.method == SolveMethod::sparse && is_solved_for_steady_state(solve.name);
  if (steady || !solve.system->is_linear) balance_iteration(code, solve);
  if (solve.system->is_linear) {
    balance_once(code, solve);
  } else {
    code.line(fmt::format("CW_INLINE void q_{0}(Frame& f, Arrays& a) {{ i_{0}(f, a, false); }}", solve.name));
    code.blank();
  }
  if (steady) balance_steady_state(code, solve);
}

/// volume*(old - x)/dt + flux, or what a conservation misses.
std::string SystemWriter::right_side(const ImplicitSystem& system, int row) const {
  std::size_t number = 0;
  if (conservation_of(system, row, &number) != nullptr) return fmt::format("l_{}_missing[{}]", system.prefix, number);
  const std::string volume = system.has_volumes ? fmt::format(" * l_{}_volume[{}]", system.prefix, row) : "";
  return fmt::format("l_{0}_flux[{1}] - per_dt * ({2} - old[{1}]){3}", system.prefix, row, unknown(system, row),
                     volume);
}

/// An element before elimination; "0.0" where it only fills in.
std::string SystemWriter::coefficient(const ImplicitSystem& system, int row, int column) {
  if (const auto* conservation = conservation_of(system, row, nullptr)) {
    for (std::size_t k = 0; k < conservation->columns.size(); ++k) {
      if (conservation->columns[k] == column) {
        return fmt::format("l_{}_weight[{}]", system.prefix, conservation->first_weight + static_cast<int>(k));
      }
    }
    return "0.0";
  }
  std::string text =
      row != column ? ""
                    : (system.has_volumes ? fmt::format("per_dt * l_{}_volume[{}]", system.prefix, row) : "per_dt");
  for (std::size_t e = 0; e < system.entries.size(); ++e) {
    if (system.entries[e] != ImplicitSystem::Entry{row, column}) continue;
    text += fmt::format("{}l_{}_matrix[{}]", text.empty() ? "" : " + ", system.prefix, e);
  }
  return text.empty() ? "0.0" : text;
}

/// r_<block>: Newton's changes of the unknowns, from their values and those at the beginning of the step.
void SystemWriter::balance_round(CodeText& code, const SolveBlock& solve) {
  const ImplicitSystem& system = *solve.system;
  const EliminationPlan plan = plan_elimination(system);
  if (!plan.is_unrolled) elimination_tables(code, solve, plan);
  code.open(fmt::format("{} void r_{}(Frame& f, Arrays& a, const double (&old)[{}], double (&change)[{}]) {{",
                        goes_lane_by_lane(solve) ? "[[maybe_unused]] static" : "CW_INLINE", solve.name, size_of(system),
                        size_of(system)));
  statements_.block(code, solve.step, {});
  code.line("const double per_dt = 1.0 / f.x_dt;");
  if (plan.is_unrolled) {
    unrolled_elimination(code, system, plan);
  } else {
    table_elimination(code, system, plan);
    code.line(fmt::format("cw_eliminate(t_{0}, o_{0}, {1}, m, change);", solve.name, size_of(system)));
  }
  code.close();
  code.blank();
}

void SystemWriter::unrolled_elimination(CodeText& code, const ImplicitSystem& system,
                                        const EliminationPlan& plan) const {
  for (const ImplicitSystem::Entry& e : plan.elements) {
    code.line(fmt::format("double m{}_{} = {};", e.row, e.column, coefficient(system, e.row, e.column)));
  }
  for (int row = 0; row < size_of(system); ++row) {
    code.line(fmt::format("double b{} = {};", row, right_side(system, row)));
  }
  for (const EliminationPlan::Step& step : plan.steps) {
    const int p = step.pivot;
    code.line(fmt::format("const double i{0} = cw_reciprocal(m{0}_{0});", p));
    for (const EliminationPlan::Row& row : step.rows) {
      code.open("{");
      code.line(fmt::format("const double r = m{0}_{1} * i{1};", row.row, p));
      code.line(fmt::format("b{} -= r * b{};", row.row, p));
      for (const int c : row.columns) code.line(fmt::format("m{0}_{1} -= r * m{2}_{1};", row.row, c, p));
      code.close();
    }
  }
  for (auto step = plan.steps.rbegin(); step != plan.steps.rend(); ++step) {
    const int p = step->pivot;
    for (const int c : step->right) code.line(fmt::format("b{0} -= m{0}_{1} * b{1};", p, c));
    code.line(fmt::format("change[{0}] = b{0} *= i{0};", p));
  }
}

void SystemWriter::table_elimination(CodeText& code, const ImplicitSystem& system, const EliminationPlan& plan) const {
  code.line(fmt::format("double m[{}] = {{}};", plan.elements.size()));
  for (std::size_t e = 0; e < plan.elements.size(); ++e) {
    const std::string text = coefficient(system, plan.elements[e].row, plan.elements[e].column);
    if (text != "0.0") code.line(fmt::format("m[{}] = {};", e, text));
  }
  for (int row = 0; row < size_of(system); ++row) {
    code.line(fmt::format("change[{}] = {};", row, right_side(system, row)));
  }
}

/// t_<block>, per step: pivot, its element, number of columns to the right, number of rows; (column, element) of each
/// column; of each row: row, its element in the pivot's column, its elements in those columns. o_<block>: where steps
/// begin.
void SystemWriter::elimination_tables(CodeText& code, const SolveBlock& solve, const EliminationPlan& plan) const {
  std::vector<int> table, begins;
  for (const EliminationPlan::Step& step : plan.steps) {
    const int p = step.pivot;
    begins.push_back(static_cast<int>(table.size()));
    const auto put = [&](auto... values) { (table.push_back(static_cast<int>(values)), ...); };
    put(p, element_index(plan, p, p), step.right.size(), step.rows.size());
    for (const int c : step.right) put(c, element_index(plan, p, c));
    for (const EliminationPlan::Row& row : step.rows) {
      put(row.row, element_index(plan, row.row, p));
      for (const int c : row.columns) put(element_index(plan, row.row, c));
    }
  }
  code.line(fmt::format("const int32_t t_{}[] = {{{}}};", solve.name, fmt::join(table, ", ")));
  code.line(fmt::format("const int32_t o_{}[] = {{{}}};", solve.name, fmt::join(begins, ", ")));
}

void SystemWriter::balance_once(CodeText& code, const SolveBlock& solve) {
  const ImplicitSystem& system = *solve.system;
  code.open(fmt::format("CW_INLINE void q_{}(Frame& f, Arrays& a) {{", solve.name));
  save_unknowns(code, system);
  code.line(fmt::format("double change[{}];", size_of(system)));
  code.line(fmt::format("r_{}(f, a, old, change);", solve.name));
  for (int k = 0; k < size_of(system); ++k) code.line(fmt::format("{} += change[{}];", unknown(system, k), k));
  if (system.ends_with_update) code.line(fmt::format("r_{}(f, a, old, change);", solve.name));
  code.close();
  code.blank();
}

void SystemWriter::balance_iteration(CodeText& code, const SolveBlock& solve) {
  const ImplicitSystem& system = *solve.system;
  code.open(fmt::format("[[maybe_unused]] void i_{}(Frame& f, Arrays& a, bool single) {{", solve.name));
  save_unknowns(code, system);
  code.line(fmt::format("double change[{}];", size_of(system)));
  code.line("double size = 1;");
  code.open("for (int round = 0; size > 1e-6; ++round) {");
  code.line(fmt::format("r_{}(f, a, old, change);", solve.name));
  code.line("size = 0;");
  for (int k = 0; k < size_of(system); ++k) {
    const std::string x = unknown(system, k);
    code.line(fmt::format("{0} += change[{1}];", x, k));
    code.line(fmt::format("if (!single && {0} < 0) {0} = 0;", x));
    code.line(fmt::format("size += __builtin_fabs(change[{}]);", k));
  }
  code.line("if (round > 20) return;");
  code.line("if (single) break;");
  code.close();
  code.line(fmt::format("r_{}(f, a, old, change);", solve.name));
  code.close();
  code.blank();
}

void SystemWriter::balance_steady_state(CodeText& code, const SolveBlock& solve) {
  const ImplicitSystem& system = *solve.system;
  code.open(fmt::format("void y_{}(Frame& f, Arrays& a) {{", solve.name));
  code.line("const double dt = f.x_dt;");
  code.line("f.x_dt = 1e9;");
  if (system.is_linear) {
    code.line(fmt::format("i_{}(f, a, false);", solve.name));
  } else {
    code.open("for (int attempt = 0; attempt < 7; ++attempt) {");
    code.line(fmt::format("i_{}(f, a, true);", solve.name));
    code.line("bool negative = false;");
    for (int k = 0; k < size_of(system); ++k) {
      const std::string x = unknown(system, k);
      code.line(fmt::format("if ({0} < -1e-6) {0} = 0, negative = true;", x));
    }
    code.line("if (negative) continue;");
    code.line(fmt::format("i_{}(f, a, false);", solve.name));
    code.line("break;");
    code.close();
  }
  code.line("f.x_dt = dt;");
  code.close();
  code.blank();
}

}  // namespace cellwright::nmodl
