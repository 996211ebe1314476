/// Turns the equations of SOLVEd DERIVATIVE blocks into assignments of the new states.
///
/// METHOD cnexp, in the order of the text, other names at their current values:
///   m' = (mInf - m)/mTau   ->   m = m + (1 - exp(dt*(-1/mTau)))*(-(mInf/mTau)/(-1/mTau) - m)
///   m' = a*m               ->   m = m + (1 - exp(dt*a))*(-m)
///   m' = b                 ->   m = m + dt*b
/// METHOD euler, all right-hand sides first:
///   m' = f   h' = g        ->   LOCAL m_slope, h_slope  m_slope = f  h_slope = g  m = m + dt*m_slope  h = h +
///   dt*h_slope
/// The numbers are those of NEURON's translator. A product of a STATE with itself is refused for cnexp, where NEURON
/// computes something else; the pass "methods" has changed the method where NEURON does.

#include <fmt/format.h>

#include "nmodl/passes/fresh_names.hpp"
#include "nmodl/passes/methods.hpp"
#include "nmodl/passes/nonlinear.hpp"
#include "nmodl/passes/pass.hpp"
#include "nmodl/passes/state_equation.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

Expression state_expression(const Equation& equation) { return {equation.state, equation.state_place}; }

/// x + (1 - exp(dt*a))*(-b/a - x), as NEURON writes it.
Expression cnexp_update(const Equation& equation, const LinearForm& form) {
  const Expression x = state_expression(equation);
  if (!form.a) return form.b ? make_sum(x, make_product(make_name("dt"), *form.b)) : x;
  Expression exponential = make_call("exp", make_product(make_name("dt"), *form.a));
  Expression weight{Binary{BinaryOperator::subtract, make_number(1), std::move(exponential)}, {}};
  if (!form.b) return make_sum(x, {Binary{BinaryOperator::multiply, std::move(weight), make_negation(x)}, {}});
  Expression minus_b{Unary{UnaryOperator::negate, *form.b}, {}};
  Expression quotient{Binary{BinaryOperator::divide, std::move(minus_b), *form.a}, {}};
  Expression distance{Binary{BinaryOperator::subtract, std::move(quotient), x}, {}};
  return make_sum(x, {Binary{BinaryOperator::multiply, std::move(weight), std::move(distance)}, {}});
}

class BlockSolver {
 public:
  BlockSolver(PassContext& context, CodeBlock& block) : context_(context), block_(block) {}

  void cnexp() {
    each_equation([this](Statement& statement, const Equation& equation) {
      const auto form = linear_form(equation.rhs, equation.state);
      if (!form) {
        refuse(equation, statement.place);
        return;
      }
      record(equation, statement.place);
      statement.node = Assignment{equation.state, equation.state_place, cnexp_update(equation, *form)};
    });
  }

  void euler() {
    Local slopes;
    Block updates;
    FreshNames names(context_.symbols, block_);
    each_equation([&](Statement& statement, const Equation& equation) {
      if (equation.state.index && !literal_value(*equation.state.index)) {
        context_.reporter.error("nmodl-solve", statement.place, "euler needs a number as the index of an array STATE",
                                "write one equation for each element");
        return;
      }
      record(equation, statement.place);
      const std::string slope = names.take(equation.state.name + "_slope");
      slopes.variables.push_back({slope, std::nullopt, statement.place});
      Expression update = make_sum(state_expression(equation), make_product(make_name("dt"), make_name(slope)));
      updates.push_back({Assignment{equation.state, equation.state_place, std::move(update)}, statement.place});
      statement.node = Assignment{{slope, {}}, statement.place, equation.rhs};
    });
    if (slopes.variables.empty()) return;
    block_.body.insert(block_.body.begin(), Statement{std::move(slopes), block_.name.place});
    for (Statement& update : updates) block_.body.push_back(std::move(update));
  }

 private:
  /// Calls handle(statement, equation) with a copy of the equation: the handler replaces the statement.
  template <class Handle>
  void each_equation(const Handle& handle) {
    walk_statements(block_.body, [&](Statement& statement) {
      const auto* equation = std::get_if<Equation>(&statement.node);
      if (equation == nullptr) return;
      const Equation copy = *equation;
      handle(statement, copy);
    });
  }

  void refuse(const Equation& equation, const Place& place) {
    const auto reason = nonlinear_reason(equation.rhs, equation.state);
    context_.reporter.error("nmodl-nonlinear", reason ? reason->place : place,
                            fmt::format("cnexp needs an equation that is linear in its own STATE: {}",
                                        reason ? reason->text : "this one is not"),
                            "use METHOD derivimplicit for this block");
  }

  void record(const Equation& equation, const Place& place) {
    context_.equations[block_.name.name].push_back(analyse_equation(context_.module, equation, place));
  }

  PassContext& context_;
  CodeBlock& block_;
};

}  // namespace

void solve_pass(PassContext& context) {
  const std::map<std::string, Identifier> methods = solve_methods(context.module);
  for (Item& item : context.module.items) {
    auto* block = std::get_if<CodeBlock>(&item.node);
    if (block == nullptr || block->kind != CodeBlock::Kind::derivative) continue;
    const auto method = methods.find(block->name.name);
    if (method == methods.end()) continue;
    BlockSolver solver(context, *block);
    if (method->second.name == "cnexp") solver.cnexp();
    if (method->second.name == "euler") solver.euler();
  }
}

}  // namespace cellwright::nmodl
