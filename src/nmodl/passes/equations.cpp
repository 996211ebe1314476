/// Keeps each DERIVATIVE block as it is written, for the derivatives of a variable step: the pass "solve" replaces its
/// equations by the fixed step's updates. The module stays as it is.

#include "nmodl/passes/pass.hpp"

namespace cellwright::nmodl {

void equations_pass(PassContext& context) {
  for (const Item& item : context.module.items) {
    const auto* block = std::get_if<CodeBlock>(&item.node);
    if (block == nullptr || block->kind != CodeBlock::Kind::derivative) continue;
    context.right_hand_sides[block->name.name] = block->body;
  }
}

}  // namespace cellwright::nmodl
