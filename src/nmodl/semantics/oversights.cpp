#include "nmodl/semantics/oversights.hpp"

#include <set>

#include <fmt/format.h>

#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

using Kind = CodeBlock::Kind;

bool is_solvable(Kind kind) {
  return kind == Kind::derivative || kind == Kind::kinetic || kind == Kind::linear || kind == Kind::nonlinear ||
         kind == Kind::discrete;
}

std::string keyword(Kind kind) {
  return kind == Kind::derivative ? "DERIVATIVE"
         : kind == Kind::kinetic  ? "KINETIC"
         : kind == Kind::linear   ? "LINEAR"
         : kind == Kind::discrete ? "DISCRETE"
                                  : "NONLINEAR";
}

class Oversights {
 public:
  Oversights(const Module& module, const SymbolTable& symbols, Reporter& reporter)
      : module_(module), symbols_(symbols), reporter_(reporter) {}

  void run() {
    for_each_block_of_code([&](const CodeBlock& block) { gather(block); });
    if (has_verbatim_) return;
    for_each_block_of_code([&](const CodeBlock& block) { check(block); });
    for (const Current& current : symbols_.currents) check_current(current.name);
  }

 private:
  template <class Visit>
  void for_each_block_of_code(const Visit& visit) const {
    for (const Item& item : module_.items) {
      if (const auto* block = std::get_if<CodeBlock>(&item.node)) visit(*block);
    }
  }

  void gather(const CodeBlock& block) {
    walk_statements(block.body, [&](const Statement& statement) {
      std::visit(Overloaded{[&](const Assignment& node) { assigned_.insert(node.target.name); },
                            [&](const Protect& node) { assigned_.insert(node.assignment.target.name); },
                            [&](const TableStatement& node) {
                              for (const Identifier& id : node.outputs) assigned_.insert(id.name);
                            },
                            [&](const Solve& node) { solved_.insert(node.block.name); },
                            [&](const CallStatement& node) { solved_.insert(node.call.name); },
                            [&](const Verbatim&) { has_verbatim_ = true; }, [](const auto&) {}},
                 statement.node);
    });
  }

  void check(const CodeBlock& block) {
    if (block.kind == Kind::function) check_function(block);
    if (block.kind == Kind::derivative) check_derivative(block);
    if (is_solvable(block.kind) && !solved_.contains(block.name.name)) {
      reporter_.warning("nmodl-solve", block.name.place,
                        fmt::format("the {} block '{}' is never solved", keyword(block.kind), block.name.name),
                        fmt::format("add SOLVE {} to BREAKPOINT", block.name.name));
    }
  }

  void check_function(const CodeBlock& block) {
    bool has_value = false;
    walk_statements(block.body, [&](const Statement& statement) {
      const auto* assignment = std::get_if<Assignment>(&statement.node);
      has_value |= assignment != nullptr && assignment->target.name == block.name.name;
      has_value |= std::holds_alternative<TableStatement>(statement.node);
    });
    if (has_value) return;
    reporter_.warning("nmodl-function", block.name.place,
                      fmt::format("the FUNCTION '{}' never sets its value, which stays 0", block.name.name),
                      fmt::format("assign it: {} = ...", block.name.name));
  }

  void check_derivative(const CodeBlock& block) {
    bool has_equation = false;
    walk_statements(block.body, [&](const Statement& statement) {
      has_equation |= std::holds_alternative<Equation>(statement.node);
    });
    if (has_equation) return;
    reporter_.error("nmodl-solve", block.name.place,
                    fmt::format("the DERIVATIVE block '{}' has no equation", block.name.name),
                    "write the equation of a STATE x as x' = ...");
  }

  void check_current(const std::string& name) {
    const Symbol* symbol = symbols_.find(name);
    if (symbol == nullptr || assigned_.contains(name)) return;
    reporter_.warning("nmodl-current", symbol->place,
                      fmt::format("the current '{}' is never assigned and stays 0", name),
                      fmt::format("assign it in BREAKPOINT: {} = ...", name));
  }

  const Module& module_;
  const SymbolTable& symbols_;
  Reporter& reporter_;
  std::set<std::string> assigned_, solved_;
  bool has_verbatim_ = false;
};

}  // namespace

void check_oversights(const Module& module, const SymbolTable& symbols, Reporter& reporter) {
  Oversights(module, symbols, reporter).run();
}

}  // namespace cellwright::nmodl
