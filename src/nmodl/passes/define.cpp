/// DEFINE N 3 ... ASSIGNED { a[N] } ... a[N - 1]  ->  the number 3 wherever N stands.

#include <fmt/format.h>

#include "nmodl/passes/pass.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

struct NamedNumber {
  Number value;
  Place place;
};
using Definitions = std::map<std::string, NamedNumber>;

Definitions collect(PassContext& context) {
  Definitions definitions;
  for (const Item& item : context.module.items) {
    const auto* define = std::get_if<Define>(&item.node);
    if (define == nullptr) continue;
    const auto value = literal_value(define->value);
    if (!value || *value < 0 || *value != static_cast<double>(static_cast<long long>(*value))) {
      context.reporter.error("nmodl-number", define->value.place, "DEFINE needs a whole number that is not negative");
      continue;
    }
    const auto [it, added] = definitions.try_emplace(define->name.name, NamedNumber{{*value, ""}, define->name.place});
    if (!added) {
      context.reporter.error("nmodl-redefined", define->name.place,
                             fmt::format("'{}' is DEFINEd twice", define->name.name), "remove one of the two",
                             {context.reporter.note("the first is here", it->second.place)});
    }
  }
  return definitions;
}

class Substituter {
 public:
  explicit Substituter(const Definitions& definitions) : definitions_(definitions) {}

  void apply(Expression& expression) const {
    walk_expression(expression, [&](Expression& e) {
      const auto* name = std::get_if<Name>(&e.node);
      if (name == nullptr || name->index) return;
      const auto it = definitions_.find(name->name);
      if (it != definitions_.end()) e.node = it->second.value;
    });
  }
  void apply(std::optional<Expression>& expression) const {
    if (expression) apply(*expression);
  }
  void apply(DefinitionBlock& block) const {
    for (Definition& definition : block.definitions) {
      apply(definition.variable.size);
      for (auto* part : {&definition.value, &definition.from, &definition.to, &definition.start, &definition.low,
                         &definition.high}) {
        apply(*part);
      }
    }
  }
  void apply(Local& local) const {
    for (Declarator& declarator : local.variables) apply(declarator.size);
  }
  void apply(CodeBlock& block) const {
    walk_statements(block.body, [&](Statement& statement) {
      for_each_expression(statement, [&](Expression& expression) { apply(expression); });
    });
  }
  void apply(NeuronBlock& block) const {
    for (NeuronStatement& statement : block.statements) {
      if (auto* ion = std::get_if<UseIon>(&statement.node)) apply(ion->valence);
    }
  }

 private:
  const Definitions& definitions_;
};

}  // namespace

void define_pass(PassContext& context) {
  const Definitions definitions = collect(context);
  if (definitions.empty()) return;
  const Substituter substituter(definitions);
  for (Item& item : context.module.items) {
    std::visit(Overloaded{[&](DefinitionBlock& block) { substituter.apply(block); },
                          [&](CodeBlock& block) { substituter.apply(block); },
                          [&](NeuronBlock& block) { substituter.apply(block); },
                          [&](Local& local) { substituter.apply(local); }, [](auto&) {}},
               item.node);
  }
}

}  // namespace cellwright::nmodl
