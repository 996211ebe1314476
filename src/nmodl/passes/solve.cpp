/// Turns the equations of SOLVEd DERIVATIVE blocks into assignments of the new states.
///
/// METHOD cnexp, in the order of the text, other names at their current values:
///   m' = (mInf - m)/mTau   ->   m = m + (1 - exp(dt*(-1/mTau)))*(-(mInf/mTau)/(-1/mTau) - m)
///   m' = a*m               ->   m = m + (1 - exp(dt*a))*(-m)
///   m' = b                 ->   m = m + dt*b
/// METHOD euler, all right-hand sides first:
///   m' = f   h' = g        ->   LOCAL m_slope, h_slope  m_slope = f  h_slope = g  m = m + dt*m_slope  h = h +
///   dt*h_slope
/// The numbers are those of NEURON's translator; an equation that is not linear in its own STATE is refused for cnexp,
/// where NEURON changes the method silently (functions, denominators) or computes something else (products).

#include <set>

#include <fmt/format.h>

#include "nmodl/passes/pass.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

struct Reason {
  std::string text;
  Place place;
};

/// Why an expression is not linear in x: the innermost place that is to blame.
std::optional<Reason> nonlinear_reason(const Expression& e, const Name& x) {
  if (!depends_on(e, x) || linear_form(e, x)) return std::nullopt;
  std::optional<Reason> inner;
  for_each_child(e, [&](const Expression& child) {
    if (!inner) inner = nonlinear_reason(child, x);
  });
  if (inner) return inner;
  if (const auto* call = std::get_if<Call>(&e.node)) {
    return Reason{fmt::format("'{}' is an argument of {}()", x.name, call->name), e.place};
  }
  const auto* binary = std::get_if<Binary>(&e.node);
  if (binary == nullptr) return Reason{fmt::format("'{}' cannot be told from its other elements", x.name), e.place};
  switch (binary->op) {
    case BinaryOperator::multiply:
      return Reason{fmt::format("'{}' stands on both sides of a product", x.name), e.place};
    case BinaryOperator::divide:
      return Reason{fmt::format("'{}' stands in a denominator", x.name), e.place};
    case BinaryOperator::power:
      return Reason{fmt::format("'{}' stands in a power", x.name), e.place};
    default:
      return Reason{fmt::format("'{}' stands in a comparison", x.name), e.place};
  }
}

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
      record(equation, statement.place, form);
      statement.node = Assignment{equation.state, equation.state_place, cnexp_update(equation, *form)};
    });
  }

  void euler() {
    Local slopes;
    Block updates;
    collect_locals();
    each_equation([&](Statement& statement, const Equation& equation) {
      if (equation.state.index && !literal_value(*equation.state.index)) {
        context_.reporter.error("nmodl-solve", statement.place, "euler needs a number as the index of an array STATE",
                                "write one equation for each element");
        return;
      }
      record(equation, statement.place, linear_form(equation.rhs, equation.state));
      const std::string slope = fresh_name(equation.state.name + "_slope");
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

  void record(const Equation& equation, const Place& place, const std::optional<LinearForm>& form) {
    StateEquation result;
    result.state = equation.state.name;
    if (equation.state.index) {
      if (const auto index = literal_value(*equation.state.index)) result.element = static_cast<int>(*index);
    }
    result.rhs = equation.rhs;
    result.linear = form.has_value();
    if (form) {
      result.a = form->a;
      result.b = form->b;
      if (form->a && form->b) result.target = linear_target(equation.rhs, equation.state, *form);
    }
    result.span = span_of(context_.module, place);
    context_.equations[block_.name.name].push_back(std::move(result));
  }

  void collect_locals() {
    walk_statements(block_.body, [this](const Statement& statement) {
      if (const auto* local = std::get_if<Local>(&statement.node)) {
        for (const Declarator& declarator : local->variables) taken_.insert(declarator.name);
      }
      if (const auto* loop = std::get_if<From>(&statement.node)) taken_.insert(loop->variable.name);
    });
  }

  std::string fresh_name(std::string name) {
    while (context_.symbols.find(name) != nullptr || !taken_.insert(name).second) name += "_";
    return name;
  }

  PassContext& context_;
  CodeBlock& block_;
  std::set<std::string> taken_;
};

/// The method of each SOLVEd block; two different ones for one block are refused.
std::map<std::string, Identifier> solve_methods(PassContext& context) {
  std::map<std::string, Identifier> methods;
  for (const Item& item : context.module.items) {
    const auto* block = std::get_if<CodeBlock>(&item.node);
    if (block == nullptr) continue;
    walk_statements(block->body, [&](const Statement& statement) {
      const auto* solve = std::get_if<Solve>(&statement.node);
      if (solve == nullptr || !solve->method) return;
      const auto [it, added] = methods.try_emplace(solve->block.name, *solve->method);
      if (added || it->second.name == solve->method->name) return;
      context.reporter.error("nmodl-solve", solve->method->place,
                             fmt::format("'{}' is solved by two different methods", solve->block.name),
                             "use one method", {context.reporter.note("the other method is here", it->second.place)});
    });
  }
  return methods;
}

}  // namespace

void solve_pass(PassContext& context) {
  const std::map<std::string, Identifier> methods = solve_methods(context);
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
