#include "nmodl/codegen/implicit_step.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "nmodl/codegen/derivatives.hpp"

namespace cellwright::nmodl {
namespace {

/// What is identically zero.
constexpr const char* zero = "real(0)";

}  // namespace

bool ImplicitStepWriter::is_coupled(const MechanismDescription& mechanism, const DerivativePlan& plan) {
  return std::any_of(plan.states.begin(), plan.states.end(), [](const DerivedState& s) { return !s.linear; }) ||
         !own_currents(mechanism, plan).empty();
}

std::set<int> ImplicitStepWriter::own_currents(const MechanismDescription& mechanism, const DerivativePlan& plan) {
  std::set<int> result;
  for (const DerivativeOutput& output : plan.rates.outputs) {
    if (output.direction >= 0)
      result.insert(own_current(mechanism, plan.directions[static_cast<std::size_t>(output.direction)]));
  }
  result.erase(-1);
  return result;
}

int ImplicitStepWriter::own_current(const MechanismDescription& mechanism, const Direction& direction) {
  for (std::size_t k = 0; k < mechanism.currents.size(); ++k) {
    if (!direction.is_state && mechanism.currents[k].name == direction.variable) return static_cast<int>(k);
  }
  return -1;
}

int ImplicitStepWriter::find(const DerivativeBlock& block, Kind kind, int of, int direction) {
  for (std::size_t k = 0; k < block.outputs.size(); ++k) {
    const DerivativeOutput& output = block.outputs[k];
    if (output.kind == kind && output.of == of && output.direction == direction) return static_cast<int>(k);
  }
  return -1;
}

std::string ImplicitStepWriter::value(const DerivativeBlock& block, const char* stem, Kind kind, int of,
                                      int direction) {
  const int k = find(block, kind, of, direction);
  return k < 0 ? zero : fmt::format("{}{}", stem, k);
}

/// How the ion variable follows v; empty for reversal potentials, which are those of the predicted concentrations.
std::string ImplicitStepWriter::ion_slope(const std::string& variable) const {
  const Slot& slot = layout_.slots.at(variable);
  if (slot.table != Table::ion || slot.role == IonRole::reversal_potential) return "";
  if (const int own = own_current(mechanism_, {variable}); summed_.contains(own))
    return fmt::format("sum_slope{}", own);
  return fmt::format("ion{0}_{1}_slope[slot{0} + lane]", slot.index, ion_array(slot.role));
}

std::string ImplicitStepWriter::slope(const DerivativeBlock& block, const char* stem, Kind kind, int of,
                                      bool with_states) const {
  std::string sum;
  for (std::size_t k = 0; k < block.outputs.size(); ++k) {
    const DerivativeOutput& output = block.outputs[k];
    if (output.kind != kind || output.of != of || output.direction < 0) continue;
    const Direction& direction = plan_.directions[static_cast<std::size_t>(output.direction)];
    std::string factor;
    if (direction.is_state) {
      if (!with_states || is_slow(output.direction - 1)) continue;
      factor = fmt::format(" * dx{}", output.direction - 1);  // behind v, in the order of the states
    } else if (output.direction > 0) {
      factor = ion_slope(direction.variable);
      if (factor.empty()) continue;
      factor = " * " + factor;
    }
    sum += fmt::format("{}{}{}{}", sum.empty() ? "" : " + ", stem, k, factor);
  }
  return sum.empty() ? zero : sum;
}

// --------------------------------------------------------------------------------------------------- around the body

std::string ImplicitStepWriter::state_row(int state) const {
  const Slot& slot = layout_.slots.at(plan_.states[static_cast<std::size_t>(state)].name);
  if (slot.table == Table::ion) return fmt::format("state{} + slot{}", state, slot.index);
  return fmt::format("state{} + own", state);
}

std::string ImplicitStepWriter::state_place(int state) const { return fmt::format("({})[lane]", state_row(state)); }

std::string ImplicitStepWriter::frame_place(int state) const {
  const DerivedState& s = plan_.states[static_cast<std::size_t>(state)];
  if (layout_.slots.at(s.name).array_size == 0) return "f." + frame_member(s.name);
  return fmt::format("a.{}[{}]", frame_member(s.name), std::max(0, s.element));
}

void ImplicitStepWriter::pointers(CodeText& code) const {
  code.line("[[maybe_unused]] cw_real *const rhs = b->rhs, *const d = b->d;");
  code.line("[[maybe_unused]] const cw_real* const all_a0 = step->a0;");
  code.line("[[maybe_unused]] const cw_real* const weight = step->weight;");
  for (std::size_t k = 0; k < plan_.states.size(); ++k) {
    const DerivedState& state = plan_.states[k];
    const Slot& slot = layout_.slots.at(state.name);
    const std::string place = slot.table == Table::ion
                                  ? fmt::format("b->ion[{}].{}", slot.index, ion_array(slot.role))
                                  : fmt::format("b->var[{}]", slot.index + std::max(0, state.element));
    code.line(fmt::format("cw_real* const state{} = {};", k, place));
    if (!is_slow(static_cast<int>(k))) code.line(fmt::format("cw_real* const slope{0} = step->slope[{0}];", k));
    for (int p = 0; p < CW_HISTORY_POINTS; ++p)
      code.line(fmt::format("const cw_real* const point{0}_{1} = step->point[{0} * CW_HISTORY_POINTS + {1}];", k, p));
  }
  for (std::size_t ion = 0; ion < mechanism_.ions.size(); ++ion) {
    for (const IonRole role : {IonRole::current, IonRole::inside, IonRole::outside}) {
      code.line(fmt::format("[[maybe_unused]] cw_real* const ion{0}_{1}_slope = b->ion[{0}].{1}_slope;", ion,
                            ion_array(role)));
    }
    code.line(fmt::format("[[maybe_unused]] cw_real* const ion{0}_current = b->ion[{0}].i;", ion));
  }
}

bool ImplicitStepWriter::carries_ion(std::size_t current) const {
  return mechanism_.currents[current].kind == CurrentKind::ion && !plan_.currents.outputs.empty();
}

void ImplicitStepWriter::kept_currents(CodeText& code) const {
  for (std::size_t k = 0; k < mechanism_.currents.size(); ++k) {
    if (carries_ion(k)) code.line(fmt::format("alignas(64) real kept_i{0}[W], kept_di{0}[W];", k));
  }
}

std::vector<std::string> ImplicitStepWriter::rows() const {
  std::vector<std::string> rows;
  for (int k = 0; k < static_cast<int>(plan_.states.size()); ++k) {
    const Slot& slot = layout_.slots.at(plan_.states[static_cast<std::size_t>(k)].name);
    rows.push_back(state_row(k));
    if (!is_slow(k)) rows.push_back(fmt::format("slope{} + own", k));
    if (slot.table == Table::ion && slot.role != IonRole::reversal_potential)
      rows.push_back(fmt::format("ion{0}_{1}_slope + slot{0}", slot.index, ion_array(slot.role)));
  }
  if (!mechanism_.currents.empty() && !plan_.currents.outputs.empty())
    rows.insert(rows.end(), {"rhs + node * W", "d + node * W"});
  for (std::size_t k = 0; k < mechanism_.currents.size(); ++k) {
    if (!carries_ion(k)) continue;
    const int ion = layout_.slots.at(mechanism_.currents[k].name).index;
    rows.push_back(fmt::format("ion{0}_i_slope ? ion{0}_current + slot{0} : nullptr", ion));
    rows.push_back(fmt::format("ion{0}_i_slope ? ion{0}_i_slope + slot{0} : nullptr", ion));
  }
  for (const std::string& name : plan_.ion_values) {
    const Slot& slot = layout_.slots.at(name);
    rows.push_back(fmt::format("b->ion[{0}].{1} + slot{0}", slot.index, ion_array(slot.role)));
    if (slot.role != IonRole::reversal_potential)
      rows.push_back(fmt::format("ion{0}_{1}_slope + slot{0}", slot.index, ion_array(slot.role)));
  }
  return rows;
}

void ImplicitStepWriter::body(CodeText& code) {
  if (!rates_.outputs.empty()) {
    sum_own_currents(code);
    write_outputs(code, statements_, rates_, "rate");
    code.line("f.x_v = all_v[node * W + lane];  // rates may have moved their copy off a singular point");
    code.line("const real a0 = all_a0[lane];");
    if (is_coupled(mechanism_, plan_)) {
      coupled_states(code);
    } else {
      linear_states(code);
    }
    for (std::size_t k = 0; k < plan_.states.size(); ++k) store_state(code, static_cast<int>(k));
  }
  if (plan_.currents.outputs.empty()) return;
  write_outputs(code, statements_, plan_.currents, "current");
  currents(code);
  ion_values(code);
}

/// An ion's current that the equations read is the sum over all mechanisms. What others add is there; what the
/// mechanism itself adds is computed at the predicted states, with its derivatives.
void ImplicitStepWriter::sum_own_currents(CodeText& code) {
  if (summed_.empty()) return;
  write_outputs(code, statements_, plan_.currents, "own");
  code.line("f.x_v = all_v[node * W + lane];");
  const bool point = mechanism_.kind == MechanismKind::point_process;
  code.line(fmt::format("const real own_scale = {};", point ? "1.e2 / area" : "1"));
  for (const int k : summed_) {
    const std::string& name = mechanism_.currents[static_cast<std::size_t>(k)].name;
    const int ion = layout_.slots.at(name).index;
    code.line(fmt::format("f.{} = ion{}_current[slot{} + lane] + own_scale * {};", frame_member(name), ion, ion,
                          value(plan_.currents, "own", Kind::current, k, -1)));
    code.line(fmt::format("const real sum_slope{0} = ion{1}_i_slope[slot{1} + lane] + own_scale * {2};", k, ion,
                          value(plan_.currents, "own", Kind::current, k, 0)));
  }
}

/// What a rate follows a state by way of the mechanism's own ion currents, with a plus sign before it; empty: nothing.
std::string ImplicitStepWriter::through_own_currents(Kind kind, int of, int state) const {
  std::string sum;
  for (std::size_t k = 0; k < rates_.outputs.size(); ++k) {
    const DerivativeOutput& output = rates_.outputs[k];
    if (output.kind != kind || output.of != of || output.direction < 0) continue;
    const int own = own_current(mechanism_, plan_.directions[static_cast<std::size_t>(output.direction)]);
    const int by_state = own < 0 ? -1 : find(plan_.currents, Kind::current, own, state + 1);
    if (by_state >= 0) sum += fmt::format(" + rate{} * own_scale * own{}", k, by_state);
  }
  return sum;
}

// --------------------------------------------------------------------------------------------------- states

/// H of a state.
std::string ImplicitStepWriter::history(int state) {
  std::string points;
  for (int p = 0; p < CW_HISTORY_POINTS; ++p) points += fmt::format("point{}_{}, ", state, p);
  return fmt::format("cw_history(weight, {}own + lane, lane)", points);
}

void ImplicitStepWriter::linear_states(CodeText& code) {
  for (int k = 0; k < static_cast<int>(plan_.states.size()); ++k) linear_state(code, k);
}

/// D x' = A - B x with x' = a0 x + H: x = (A - H D)/(a0 D + B), and its derivative by v.
void ImplicitStepWriter::linear_state(CodeText& code, int k) {
  const std::string a = value(rates_, "rate", Kind::rate_a, k, -1);
  const std::string b = value(rates_, "rate", Kind::rate_b, k, -1);
  const std::string da = slope(rates_, "rate", Kind::rate_a, k, false);
  const std::string db = slope(rates_, "rate", Kind::rate_b, k, false);
  const std::string base = fmt::format("point{}_0[own + lane]", k);
  if (find(rates_, Kind::denominator, k, -1) < 0) {
    code.line(fmt::format("const real inverse{} = real(1) / (a0 + {});", k, b));
    code.line(
        fmt::format("const real x{0} = cw_linear_state({1}, {2}, {3}, inverse{0}, {4});", k, a, b, history(k), base));
    if (is_slow(k)) return;
    code.line(db == zero ? fmt::format("const real dx{0} = ({1}) * inverse{0};", k, da)
                         : fmt::format("const real dx{0} = (({1}) - ({2}) * x{0}) * inverse{0};", k, da, db));
    return;
  }
  const std::string d = value(rates_, "rate", Kind::denominator, k, -1);
  const std::string dd = slope(rates_, "rate", Kind::denominator, k, false);
  code.line(fmt::format("const real inverse{} = real(1) / (a0 * {} + {});", k, d, b));
  code.line(fmt::format("const real history{} = {};", k, history(k)));
  code.line(fmt::format("const real change{0} = cw_linear_change({1}, {2}, {3}, history{0}, {4}) * inverse{0};", k, a,
                        b, d, base));
  code.line(fmt::format("const real x{0} = cw_changed({1}, change{0});", k, base));
  if (is_slow(k)) return;
  code.line(
      fmt::format("const real dx{0} = (({1}) - ({2}) * x{0} - ({3}) * (a0 * change{0} + history{0})) * inverse{0};", k,
                  da, db, dd));
}

/// The derivative of a state's rate by another state; `zero` if there is none.
std::string ImplicitStepWriter::partial(int state, int by) const {
  if (!plan_.states[static_cast<std::size_t>(state)].linear) {
    return value(rates_, "rate", Kind::rate, state, by + 1) + through_own_currents(Kind::rate, state, by);
  }
  std::string result = state == by ? "-" + value(rates_, "rate", Kind::rate_b, state, -1) : zero;
  result += through_own_currents(Kind::rate_a, state, by);
  const std::string by_b = through_own_currents(Kind::rate_b, state, by);
  if (!by_b.empty()) result += fmt::format(" - (0{}) * {}", by_b, frame_place(state));
  return result;
}

/// One Newton iteration from the predicted states: (a0 - J) y = f - a0 x - H, and (a0 - J) dx = df/dv.
void ImplicitStepWriter::coupled_states(CodeText& code) {
  const int n = static_cast<int>(plan_.states.size());
  matrix_.clear();
  for (int i = 0; i < n; ++i) {
    const std::string x = frame_place(i);
    const bool linear = plan_.states[static_cast<std::size_t>(i)].linear;
    const std::string b = value(rates_, "rate", Kind::rate_b, i, -1);
    const std::string rate = linear ? fmt::format("({} - {} * {})", value(rates_, "rate", Kind::rate_a, i, -1), b, x)
                                    : value(rates_, "rate", Kind::rate, i, -1);
    const std::string by_v = linear ? fmt::format("({}) - ({}) * {}", slope(rates_, "rate", Kind::rate_a, i, false),
                                                  slope(rates_, "rate", Kind::rate_b, i, false), x)
                                    : slope(rates_, "rate", Kind::rate, i, false);
    code.line(
        fmt::format("real y{0} = cw_residual({1}, a0, {2}, {3}, point{0}_0[own + lane]);", i, rate, x, history(i)));
    code.line(fmt::format("real dx{} = {};", i, by_v));
    for (int j = 0; j < n; ++j) {
      const std::string element = partial(i, j);
      if (i != j && element == zero) continue;
      matrix_[{i, j}] = fmt::format("m{}_{}", i, j);
      code.line(fmt::format("real m{}_{} = {}({});", i, j, i == j ? "a0 - " : "-", element));
    }
  }
  eliminate(code);
  for (int k = 0; k < n; ++k) code.line(fmt::format("const real x{0} = {1} + y{0};", k, frame_place(k)));
}

/// Gaussian elimination without pivots, written out for the elements that are there: a0 is large where they differ
/// much. A pivot that vanishes makes the lane's step infinite, and it is done again with a smaller one.
void ImplicitStepWriter::eliminate(CodeText& code) {
  const int n = static_cast<int>(plan_.states.size());
  for (int k = 0; k < n; ++k) {
    code.line(fmt::format("const real pivot{0} = real(1) / m{0}_{0};", k));
    for (int i = k + 1; i < n; ++i) {
      if (!matrix_.contains({i, k})) continue;
      const std::string factor = fmt::format("factor{}_{}", i, k);
      code.line(fmt::format("const real {} = m{}_{} * pivot{};", factor, i, k, k));
      for (int j = k + 1; j < n; ++j) {
        if (!matrix_.contains({k, j})) continue;
        const bool is_new = matrix_.try_emplace({i, j}, fmt::format("m{}_{}", i, j)).second;
        code.line(fmt::format("{}m{}_{} {}= {} * m{}_{};", is_new ? "real " : "", i, j, is_new ? "" : "-",
                              (is_new ? "-" : "") + factor, k, j));
      }
      code.line(fmt::format("y{} -= {} * y{};", i, factor, k));
      code.line(fmt::format("dx{} -= {} * dx{};", i, factor, k));
    }
  }
  for (int k = n - 1; k >= 0; --k) {
    for (const char* right : {"y", "dx"}) {
      for (int j = k + 1; j < n; ++j) {
        if (matrix_.contains({k, j})) code.line(fmt::format("{0}{1} -= m{1}_{2} * {0}{2};", right, k, j));
      }
      code.line(fmt::format("{0}{1} *= pivot{1};", right, k));
    }
  }
}

void ImplicitStepWriter::store_state(CodeText& code, int state) {
  const Slot& slot = layout_.slots.at(plan_.states[static_cast<std::size_t>(state)].name);
  code.line(fmt::format("{} = x{};", state_place(state), state));
  if (!is_slow(state)) code.line(fmt::format("slope{0}[own + lane] = dx{0};", state));
  code.line(fmt::format("{} = x{};", frame_place(state), state));
  if (slot.table == Table::ion && slot.role != IonRole::reversal_potential)
    code.line(fmt::format("ion{0}_{1}_slope[slot{0} + lane] = dx{2};", slot.index, ion_array(slot.role), state));
}

// --------------------------------------------------------------------------------------------------- currents

void ImplicitStepWriter::currents(CodeText& code) {
  const bool point = mechanism_.kind == MechanismKind::point_process;
  if (point) code.line("const real scale = 1.e2 / area;");
  const char* scaled = point ? " * scale" : "";
  for (std::size_t k = 0; k < mechanism_.currents.size(); ++k) {
    const int of = static_cast<int>(k);
    code.line(
        fmt::format("const real i{} = {}{};", k, value(plan_.currents, "current", Kind::current, of, -1), scaled));
    code.line(
        fmt::format("const real di{} = ({}){};", k, slope(plan_.currents, "current", Kind::current, of, true), scaled));
    if (!carries_ion(k)) continue;
    code.line(fmt::format("kept_i{0}[lane] = i{0};", k));
    code.line(fmt::format("kept_di{0}[lane] = di{0};", k));
  }
  std::string sum, slopes;
  for (std::size_t k = 0; k < mechanism_.currents.size(); ++k) {
    const bool electrode = mechanism_.currents[k].kind == CurrentKind::electrode;
    const char* sign = electrode ? "-" : sum.empty() ? "" : "+";
    sum += fmt::format("{}i{}", sign, k);
    slopes += fmt::format("{}di{}", sign, k);
  }
  if (sum.empty()) return;
  code.line(fmt::format("rhs[node * W + lane] -= {};", sum));
  code.line(fmt::format("d[node * W + lane] += {};", slopes));
}

void ImplicitStepWriter::ion_currents(CodeText& code) const {
  for (std::size_t k = 0; k < mechanism_.currents.size(); ++k) {
    if (!carries_ion(k)) continue;
    code.open(fmt::format("if (ion{}_i_slope) {{", layout_.slots.at(mechanism_.currents[k].name).index));
    code.line("#pragma omp simd");
    code.open("for (int lane = 0; lane < W; ++lane) {");
    add_ion_currents(code, static_cast<int>(k));
    code.close();
    code.close();
  }
}

void ImplicitStepWriter::ion_currents_of_lane(CodeText& code) const {
  for (std::size_t k = 0; k < mechanism_.currents.size(); ++k) {
    if (!carries_ion(k)) continue;
    code.open(fmt::format("if (ion{}_i_slope) {{", layout_.slots.at(mechanism_.currents[k].name).index));
    add_ion_currents(code, static_cast<int>(k));
    code.close();
  }
}

void ImplicitStepWriter::add_ion_currents(CodeText& code, int current) const {
  const int ion = layout_.slots.at(mechanism_.currents[static_cast<std::size_t>(current)].name).index;
  code.line(fmt::format("ion{0}_current[slot{0} + lane] += kept_i{1}[lane];", ion, current));
  code.line(fmt::format("ion{0}_i_slope[slot{0} + lane] += kept_di{1}[lane];", ion, current));
}

/// Concentrations and reversal potentials that BREAKPOINT assigns.
void ImplicitStepWriter::ion_values(CodeText& code) {
  for (std::size_t k = 0; k < plan_.ion_values.size(); ++k) {
    const int of = static_cast<int>(k);
    const Slot& slot = layout_.slots.at(plan_.ion_values[k]);
    code.line(fmt::format("b->ion[{0}].{1}[slot{0} + lane] = {2};", slot.index, ion_array(slot.role),
                          value(plan_.currents, "current", Kind::ion_value, of, -1)));
    if (slot.role == IonRole::reversal_potential) continue;
    code.line(fmt::format("ion{0}_{1}_slope[slot{0} + lane] = {2};", slot.index, ion_array(slot.role),
                          slope(plan_.currents, "current", Kind::ion_value, of, true)));
  }
}

}  // namespace cellwright::nmodl
