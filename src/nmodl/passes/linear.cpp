/// Turns the equations of LINEAR and NONLINEAR blocks into assignments of the system's coefficients:
///   LINEAR eq { ~ a*x + y = c }       ->  eq_matrix[0] = a   eq_matrix[1] = 1   eq_right[0] = c
///   NONLINEAR eq { ~ x*x + y = 2 }    ->  eq_residual[0] = 2 - (x*x + y)
/// The unknowns are the STATEs in the equations; eq_matrix is the whole matrix, row by row.

#include <fmt/format.h>

#include "nmodl/passes/nonlinear.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/passes/system_builder.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

class EquationLowering {
 public:
  EquationLowering(PassContext& context, CodeBlock& block)
      : context_(context),
        block_(block),
        linear_(block.kind == CodeBlock::Kind::linear),
        builder_(context, block, linear_ ? ImplicitSystem::Kind::linear : ImplicitSystem::Kind::residuals) {}

  void run() {
    int equations = 0;
    walk_statements(block_.body, [&](const Statement& statement) {
      const auto* equation = std::get_if<TildeEquation>(&statement.node);
      if (equation == nullptr) return;
      ++equations;
      collect(equation->left);
      collect(equation->right);
    });
    if (context_.diagnostics.has_errors()) return;
    if (equations != builder_.size() || equations == 0) {
      context_.reporter.error(
          "nmodl-linear", block_.name.place,
          fmt::format("'{}' has {} equations for {} STATEs", block_.name.name, equations, builder_.size()),
          "write one equation for each STATE that stands in them");
      return;
    }
    builder_.system.is_linear = linear_;
    lower(block_.body);
    builder_.declare("matrix", linear_ ? equations * equations : 0);
    builder_.declare(linear_ ? "right" : "residual", equations);
    builder_.finish();
  }

 private:
  void collect(const Expression& expression) {
    walk_expression(expression, [this](const Expression& e) {
      if (const auto* name = std::get_if<Name>(&e.node)) builder_.unknown(*name, e.place);
    });
  }

  void lower(Block& body) {
    Block result;
    for (Statement& statement : body) {
      const auto* equation = std::get_if<TildeEquation>(&statement.node);
      if (equation == nullptr) {
        for_each_block(statement, [this](Block& inner) { lower(inner); });
        result.push_back(std::move(statement));
      } else if (linear_) {
        linear_row(*equation, statement.place, result);
      } else {
        Expression residual = make_difference(equation->right, equation->left);
        result.push_back(builder_.assign("residual", row_++, std::move(residual), statement.place));
      }
    }
    body = std::move(result);
  }

  void linear_row(const TildeEquation& equation, const Place& place, Block& result) {
    Expression rest = make_difference(equation.left, equation.right);
    for (int k = 0; k < builder_.size(); ++k) {
      const Name x = builder_.name_of(k);
      const auto form = linear_form(rest, x);
      if (!form || (form->a && has_unknown(*form->a))) {
        refuse(rest, x, place);
        return;
      }
      if (form->a) {
        result.push_back(builder_.assign("matrix", row_ * builder_.size() + k, *form->a, place));
      }
      rest = form->b ? *form->b : make_number(0);
    }
    result.push_back(builder_.assign("right", row_++, make_negation(rest), place));
  }

  bool has_unknown(const Expression& expression) const {
    for (int k = 0; k < builder_.size(); ++k) {
      if (depends_on(expression, builder_.name_of(k))) return true;
    }
    return false;
  }

  void refuse(const Expression& rest, const Name& x, const Place& place) {
    const auto reason = nonlinear_reason(rest, x);
    context_.reporter.error("nmodl-nonlinear", reason ? reason->place : place,
                            fmt::format("an equation of the LINEAR block '{}' is not linear in its STATEs: {}",
                                        block_.name.name, reason ? reason->text : "two of them are multiplied"),
                            "make the block NONLINEAR");
  }

  PassContext& context_;
  CodeBlock& block_;
  const bool linear_;
  SystemBuilder builder_;
  int row_ = 0;
};

}  // namespace

void linear_pass(PassContext& context) {
  for (Item& item : context.module.items) {
    auto* block = std::get_if<CodeBlock>(&item.node);
    if (block == nullptr) continue;
    const bool linear = block->kind == CodeBlock::Kind::linear;
    if (linear || block->kind == CodeBlock::Kind::nonlinear) EquationLowering(context, *block).run();
  }
}

}  // namespace cellwright::nmodl
