/// Turns DERIVATIVE blocks that are solved by derivimplicit into assignments of the system's coefficients:
///   x' = a*x + b*y + c     ->  s_flux[0] = a*x + b*y + c   s_matrix[0] = -a   s_matrix[1] = -b
/// if all equations are linear in all their STATEs, which one solution then determines; else
///   x' = f                 ->  s_slope[0] = f
/// for Newton's method.

#include <set>

#include "nmodl/passes/dependence.hpp"
#include "nmodl/passes/methods.hpp"
#include "nmodl/passes/state_equation.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/passes/system_builder.hpp"

namespace cellwright::nmodl {
namespace {

bool is_equation(const Statement& statement) { return std::holds_alternative<Equation>(statement.node); }

class ImplicitLowering {
 public:
  ImplicitLowering(PassContext& context, CodeBlock& block)
      : context_(context), builder_(context, block, ImplicitSystem::Kind::slopes) {}

  void run() {
    for_each_equation([this](Statement& statement, const Equation& equation) {
      builder_.unknown(equation.state, equation.state_place);
      context_.equations[builder_.block.name.name].push_back(
          analyse_equation(context_.module, equation, statement.place));
    });
    if (context_.diagnostics.has_errors()) return;
    const bool linear = is_linear();
    builder_.system.is_linear = linear;
    if (linear) builder_.system.kind = ImplicitSystem::Kind::balance;
    for_each_equation([&](Statement& statement, const Equation& equation) {
      if (!linear) statement = builder_.assign("slope", *builder_.find(equation.state), equation.rhs, statement.place);
    });
    if (linear) lower_linear(builder_.block.body);
    builder_.declare(linear ? "flux" : "slope", builder_.size());
    if (linear) builder_.declare("matrix", static_cast<int>(builder_.system.entries.size()));
    builder_.finish();
  }

 private:
  template <class Handle>
  void for_each_equation(const Handle& handle) {
    walk_statements(builder_.block.body, [&](Statement& statement) {
      if (!is_equation(statement)) return;
      const Equation copy = std::get<Equation>(statement.node);
      handle(statement, copy);
    });
  }

  /// All equations are linear in all unknowns, and nothing that they read depends on an unknown in another way.
  bool is_linear() {
    std::set<std::string> unknowns;
    for (const Unknown& unknown : builder_.system.unknowns) unknowns.insert(unknown.state);
    DependenceFinder finder(context_);
    const auto tainted =
        finder.tainted(builder_.block.body, unknowns, [](const Statement& s) { return !is_equation(s); });
    if (!tainted) return false;
    builder_.system.ends_with_update = others_read(finder, *tainted);
    bool linear = true;
    for_each_equation([&](Statement&, const Equation& equation) {
      linear = linear && coefficients(equation.rhs) && !reads_hidden(finder, equation.rhs, *tainted, unknowns);
    });
    return linear;
  }

  bool others_read(DependenceFinder& finder, const std::set<std::string>& names) {
    bool reads = false;
    walk_statements(builder_.block.body, [&](const Statement& statement) {
      reads = reads || (!is_equation(statement) && have_common(finder.of(statement).reads, names));
    });
    return reads;
  }

  /// True if the expression reads what depends on an unknown, in a way that its text does not show.
  static bool reads_hidden(DependenceFinder& finder, const Expression& rhs, const std::set<std::string>& tainted,
                           const std::set<std::string>& unknowns) {
    for (const std::string& name : finder.of(rhs).reads) {
      if (tainted.contains(name) && !unknowns.contains(name)) return true;
    }
    bool hidden = false;  // a FUNCTION that reads an unknown itself
    walk_expression(rhs, [&](const Expression& e) {
      if (const auto* call = std::get_if<Call>(&e.node)) {
        const Expression bare{Call{call->name, {}}, {}};
        hidden = hidden || have_common(finder.of(bare).reads, tainted);
      }
    });
    return hidden;
  }

  /// The factors of the unknowns, absent ones for zeros; nothing if the expression is not linear in all of them.
  std::optional<std::vector<std::optional<Expression>>> coefficients(const Expression& rhs) const {
    std::vector<std::optional<Expression>> result;
    Expression rest = rhs;
    for (int k = 0; k < builder_.size(); ++k) {
      const auto form = linear_form(rest, builder_.name_of(k));
      if (!form || (form->a && has_unknown(*form->a))) return std::nullopt;
      result.push_back(form->a);
      rest = form->b ? *form->b : make_number(0);
    }
    if (has_unknown(rest)) return std::nullopt;
    return result;
  }

  bool has_unknown(const Expression& expression) const {
    for (int k = 0; k < builder_.size(); ++k) {
      if (depends_on(expression, builder_.name_of(k))) return true;
    }
    return false;
  }

  void lower_linear(Block& body) {
    Block result;
    for (Statement& statement : body) {
      if (!is_equation(statement)) {
        for_each_block(statement, [this](Block& inner) { lower_linear(inner); });
        result.push_back(std::move(statement));
        continue;
      }
      const Equation equation = std::get<Equation>(statement.node);
      const int row = *builder_.find(equation.state);
      result.push_back(builder_.assign("flux", row, equation.rhs, statement.place));
      const auto factors = *coefficients(equation.rhs);
      for (int k = 0; k < builder_.size(); ++k) {
        const auto& factor = factors[static_cast<std::size_t>(k)];
        if (!factor) continue;
        result.push_back(builder_.assign("matrix", builder_.entry(row, k), make_negation(*factor), statement.place));
      }
    }
    body = std::move(result);
  }

  PassContext& context_;
  SystemBuilder builder_;
};

}  // namespace

void implicit_pass(PassContext& context) {
  const std::map<std::string, Identifier> methods = solve_methods(context.module);
  for (Item& item : context.module.items) {
    auto* block = std::get_if<CodeBlock>(&item.node);
    if (block == nullptr || block->kind != CodeBlock::Kind::derivative) continue;
    const auto method = methods.find(block->name.name);
    if (method != methods.end() && method->second.name == "derivimplicit") ImplicitLowering(context, *block).run();
  }
}

}  // namespace cellwright::nmodl
