/// Renames arguments, LOCALs and loop variables that hide a name further out:
///   ASSIGNED { x } ... PROCEDURE p(v) { LOCAL x  x = v }   ->   PROCEDURE p(v_arg) { LOCAL x_local  x_local = v_arg }

#include <set>

#include "nmodl/passes/pass.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

class LocalRenamer {
 public:
  explicit LocalRenamer(const SymbolTable& symbols, CodeBlock& block) : block_(block) {
    for (const std::string& name : symbols.all_names()) used_.insert(name);
    for (const char* name : {"v", "t", "dt", "celsius", "area", "diam"}) used_.insert(name);
    collect_used();
  }

  void run() {
    scopes_.emplace_back();
    for (Declarator& argument : block_.arguments) declare(argument.name, "_arg");
    rename_block(block_.body);
  }

 private:
  /// Names that locals of this block have: fresh names must differ from them too.
  void collect_used() {
    walk_statements(block_.body, [&](const Statement& statement) {
      if (const auto* local = std::get_if<Local>(&statement.node)) {
        for (const Declarator& declarator : local->variables) local_names_.insert(declarator.name);
      }
      if (const auto* loop = std::get_if<From>(&statement.node)) local_names_.insert(loop->variable.name);
    });
    for (const Declarator& argument : block_.arguments) local_names_.insert(argument.name);
  }

  bool hides(const std::string& name) const {
    if (used_.contains(name)) return true;
    for (const auto& scope : scopes_) {
      if (scope.contains(name)) return true;
    }
    return false;
  }

  void declare(std::string& name, const char* ending) {
    std::string fresh = name;
    if (hides(name)) {
      do {
        fresh += ending;
      } while (used_.contains(fresh) || local_names_.contains(fresh));
      local_names_.insert(fresh);
    }
    scopes_.back()[name] = fresh;
    if (fresh != name) scopes_.back()[fresh] = fresh;
    name = fresh;
  }

  void rename(std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      if (const auto it = scope->find(name); it != scope->end()) {
        name = it->second;
        return;
      }
    }
  }

  void rename_expression(Expression& expression) const {
    walk_expression(expression, [&](Expression& e) {
      if (auto* name = std::get_if<Name>(&e.node)) rename(name->name);
    });
  }

  void rename_block(Block& block) {
    scopes_.emplace_back();
    for (Statement& statement : block) rename_statement(statement);
    scopes_.pop_back();
  }

  void rename_statement(Statement& statement) {
    for_each_expression(statement, [&](Expression& expression) { rename_expression(expression); });
    if (auto* local = std::get_if<Local>(&statement.node)) {
      for (Declarator& declarator : local->variables) declare(declarator.name, "_local");
    }
    if (auto* assignment = std::get_if<Assignment>(&statement.node)) rename(assignment->target.name);
    if (auto* loop = std::get_if<From>(&statement.node)) {
      scopes_.emplace_back();
      declare(loop->variable.name, "_local");
      rename_block(loop->body);
      scopes_.pop_back();
      return;
    }
    for_each_block(statement, [&](Block& inner) { rename_block(inner); });
  }

  CodeBlock& block_;
  std::set<std::string> used_;
  std::set<std::string> local_names_;
  std::vector<std::map<std::string, std::string>> scopes_;
};

}  // namespace

void locals_pass(PassContext& context) {
  for (Item& item : context.module.items) {
    if (auto* block = std::get_if<CodeBlock>(&item.node)) LocalRenamer(context.symbols, *block).run();
  }
}

}  // namespace cellwright::nmodl
