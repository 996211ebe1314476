/// x = 2*3 + a  ->  x = 6 + a: arithmetic between numbers, with the very result that it would have at run time.

#include <cmath>

#include "nmodl/passes/pass.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

void fold(Expression& expression) {
  for_each_child(expression, [](Expression& child) { fold(child); });
  const auto* binary = std::get_if<Binary>(&expression.node);
  if (binary == nullptr) return;
  const auto left = literal_value(*binary->left);
  const auto right = literal_value(*binary->right);
  if (!left || !right) return;
  const auto value = value_of(binary->op, *left, *right);
  if (!value || !std::isfinite(*value)) return;  // 1/0 stays as it is written
  const Place place = expression.place;
  expression = make_number(*value);
  expression.place = place;
}

}  // namespace

void fold_block(Block& block) {
  walk_statements(block, [](Statement& statement) {
    for_each_expression(statement, [](Expression& expression) { fold(expression); });
  });
}

void fold_pass(PassContext& context) {
  for (Item& item : context.module.items) {
    if (auto* block = std::get_if<CodeBlock>(&item.node)) fold_block(block->body);
  }
}

}  // namespace cellwright::nmodl
