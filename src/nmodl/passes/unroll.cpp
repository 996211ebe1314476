/// Writes out the loops over equations and reactions, whose elements must be known when the code is generated:
///   FROM i = 0 TO 1 { ~ ca[i] <-> ca[i + 1] (d[i], d[i]) }  ->  ~ ca[0] <-> ca[1] (d[0], d[0])
///                                                               ~ ca[1] <-> ca[2] (d[1], d[1])
/// Only in KINETIC, LINEAR, NONLINEAR and DERIVATIVE blocks solved by derivimplicit; other loops stay.

#include <algorithm>

#include <fmt/format.h>

#include "nmodl/passes/fresh_names.hpp"
#include "nmodl/passes/methods.hpp"
#include "nmodl/passes/pass.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

constexpr double max_rounds = 1000;

bool holds_equations(const Block& block) {
  bool found = false;
  walk_statements(block, [&](const Statement& s) {
    found = found || std::holds_alternative<Reaction>(s.node) || std::holds_alternative<TildeEquation>(s.node) ||
            std::holds_alternative<Conserve>(s.node) || std::holds_alternative<Compartment>(s.node) ||
            std::holds_alternative<Equation>(s.node);
  });
  return found;
}

/// Numbers and names put in the place of names, everywhere in a block.
class Replacer {
 public:
  explicit Replacer(std::map<std::string, Expression> by_name) : by_name_(std::move(by_name)) {}

  void apply(Block& block) const {
    walk_statements(block, [this](Statement& statement) {
      for_each_expression(statement, [this](Expression& e) { replace(e); });
      if (auto* local = std::get_if<Local>(&statement.node)) {
        for (Declarator& declarator : local->variables) rename(declarator.name);
      }
      if (auto* assignment = std::get_if<Assignment>(&statement.node)) rename(assignment->target.name);
    });
  }

 private:
  void replace(Expression& e) const {
    for_each_child(e, [this](Expression& child) { replace(child); });
    auto* name = std::get_if<Name>(&e.node);
    if (name == nullptr) return;
    const auto found = by_name_.find(name->name);
    if (found == by_name_.end()) return;
    const auto* other = std::get_if<Name>(&found->second.node);
    if (other != nullptr) {
      name->name = other->name;
    } else {
      const Place place = e.place;
      e = found->second;
      e.place = place;
    }
  }
  void rename(std::string& name) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return;
    if (const auto* other = std::get_if<Name>(&found->second.node)) name = other->name;
  }

  std::map<std::string, Expression> by_name_;
};

class Unroller {
 public:
  Unroller(PassContext& context, CodeBlock& block) : context_(context), block_(block), names_(context.symbols, block) {}

  void run() {
    unroll(block_.body);
    fold_block(block_.body);
    if (new_locals_.variables.empty()) return;
    block_.body.insert(block_.body.begin(), Statement{std::move(new_locals_), block_.name.place});
  }

 private:
  void unroll(Block& block) {
    Block result;
    for (Statement& statement : block) {
      auto* loop = std::get_if<From>(&statement.node);
      if (loop != nullptr && holds_equations(loop->body)) {
        write_out(*loop, statement.place, result);
        continue;
      }
      for_each_block(statement, [this](Block& inner) { unroll(inner); });
      result.push_back(std::move(statement));
    }
    block = std::move(result);
  }

  void write_out(const From& loop, const Place& place, Block& result) {
    const auto first = literal_value(loop.first), last = literal_value(loop.last);
    const auto step = loop.step ? literal_value(*loop.step) : std::optional<double>(1);
    if (!first || !last || !step || *step < 1 || *last - *first >= max_rounds) {
      context_.reporter.error("nmodl-loop", place,
                              fmt::format("the bounds of a loop over equations or reactions must be numbers, with at "
                                          "most {} rounds",
                                          max_rounds),
                              "use a DEFINEd name or a number");
      return;
    }
    for (double i = *first; i <= *last; i += *step) {
      Block copy = loop.body;
      hoist_locals(copy);
      replace_variable(copy, loop.variable.name, i);
      unroll(copy);
      std::move(copy.begin(), copy.end(), std::back_inserter(result));
    }
  }

  static void replace_variable(Block& body, const std::string& variable, double value) {
    std::map<std::string, Expression> by_name;
    by_name.emplace(variable, make_number(value));
    Replacer(std::move(by_name)).apply(body);
    fold_block(body);
  }

  /// LOCALs of the loop's own block: each round has its own, at the top of the whole block.
  void hoist_locals(Block& body) {
    std::map<std::string, Expression> fresh;
    for (Statement& statement : body) {
      auto* local = std::get_if<Local>(&statement.node);
      if (local == nullptr) continue;
      for (Declarator& declarator : local->variables) {
        const std::string name = names_.take(declarator.name);
        fresh.emplace(declarator.name, make_name(name));
        declarator.name = name;
        new_locals_.variables.push_back(declarator);
      }
    }
    std::erase_if(body, [](const Statement& s) { return std::holds_alternative<Local>(s.node); });
    Replacer(std::move(fresh)).apply(body);
  }

  PassContext& context_;
  CodeBlock& block_;
  FreshNames names_;
  Local new_locals_;
};

}  // namespace

void unroll_pass(PassContext& context) {
  const std::map<std::string, Identifier> methods = solve_methods(context.module);
  for (Item& item : context.module.items) {
    auto* block = std::get_if<CodeBlock>(&item.node);
    if (block == nullptr) continue;
    using Kind = CodeBlock::Kind;
    const auto method = methods.find(block->name.name);
    const bool implicit =
        block->kind == Kind::derivative && method != methods.end() && method->second.name == "derivimplicit";
    if (block->kind == Kind::kinetic || block->kind == Kind::linear || block->kind == Kind::nonlinear || implicit) {
      Unroller(context, *block).run();
    }
  }
}

}  // namespace cellwright::nmodl
