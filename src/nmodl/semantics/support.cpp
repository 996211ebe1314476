/// What the code generator can do: one row per construct. To widen the compiler, implement it and set its row to true.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "nmodl/semantics/checker.hpp"
#include "nmodl/semantics/special_functions.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

struct Construct {
  std::string_view name;
  bool supported;
  std::string_view hint;
};

constexpr std::string_view neuron_hint = "simulate this model with NEURON";

constexpr auto constructs = std::to_array<Construct>({
    // mechanisms
    {"POINT_PROCESS", true, ""},
    {"ARTIFICIAL_CELL", true, ""},
    {"POINTER", true, ""},
    {"BBCOREPOINTER", true, ""},
    {"EXTERNAL", false, neuron_hint},
    {"RANDOM", true, ""},
    // blocks
    {"KINETIC", true, ""},
    {"LINEAR", true, ""},
    {"NONLINEAR", true, ""},
    {"DISCRETE", false, "write it as a PROCEDURE"},
    {"FUNCTION_TABLE", false, "write the values as a FUNCTION"},
    {"NET_RECEIVE", true, ""},
    {"CONSTRUCTOR", false, neuron_hint},
    {"DESTRUCTOR", false, neuron_hint},
    {"BEFORE", true, ""},
    {"AFTER", true, ""},
    // methods
    {"METHOD cnexp", true, ""},
    {"METHOD euler", true, ""},
    {"METHOD derivimplicit", true, ""},
    {"METHOD sparse", true, ""},
    {"METHOD runge", false, "use METHOD derivimplicit or cnexp"},
    {"METHOD after_cvode", true, ""},
    {"METHOD cvode_t", false, neuron_hint},
    {"METHOD cvode_t_v", false, neuron_hint},
    {"METHOD cvode_v", false, neuron_hint},
    {"SOLVE of a KINETIC block without METHOD", false, "write METHOD sparse"},
    {"STEADYSTATE", true, ""},
    {"SOLVE of a PROCEDURE", true, ""},
    // statements
    {"TABLE", true, ""},
    {"CONDUCTANCE", true, ""},
    {"WATCH", true, ""},
    {"FOR_NETCONS", false, neuron_hint},
    {"LONGITUDINAL_DIFFUSION", false, neuron_hint},
    {"LAG", false, ""},
    {"IFERROR", false, "remove IFERROR"},
    {"second-order equation", false, "write it as two first-order equations"},
});

const Construct* find_construct(std::string_view name) {
  const auto row =
      std::find_if(constructs.begin(), constructs.end(), [&](const Construct& c) { return c.name == name; });
  return row == constructs.end() ? nullptr : &*row;
}

class SupportChecker {
 public:
  SupportChecker(const Module& module, const SymbolTable& symbols, Reporter& reporter)
      : module_(module), symbols_(symbols), reporter_(reporter) {}

  void run() {
    for (const Item& item : module_.items) {
      std::visit(Overloaded{[&](const NeuronBlock& block) { neuron_block(block); },
                            [&](const CodeBlock& block) { code_block_kind(block, item.place); }, [](const auto&) {}},
                 item.node);
    }
    for (const std::size_t item : entry_blocks(module_, symbols_)) body(*code_block_at(module_, item));
    for (const std::size_t item : reachable_functions(module_, symbols_)) body(*code_block_at(module_, item));
  }

 private:
  void use(std::string_view construct, const Place& place) {
    const Construct* row = find_construct(construct);
    if (row != nullptr && row->supported) return;
    reporter_.error("nmodl-unsupported", place, fmt::format("{} is not supported", construct),
                    row != nullptr ? std::string(row->hint) : std::string(neuron_hint));
  }

  void neuron_block(const NeuronBlock& block) {
    for (const NeuronStatement& statement : block.statements) {
      if (const auto* name = std::get_if<MechanismName>(&statement.node)) {
        if (name->kind == MechanismName::Kind::artificial_cell) use("ARTIFICIAL_CELL", statement.place);
      }
      if (std::holds_alternative<RandomDeclaration>(statement.node)) use("RANDOM", statement.place);
      if (const auto* list = std::get_if<NameList>(&statement.node)) {
        if (list->kind == NameList::Kind::pointer) use("POINTER", statement.place);
        if (list->kind == NameList::Kind::bbcore_pointer) use("BBCOREPOINTER", statement.place);
        if (list->kind == NameList::Kind::external) use("EXTERNAL", statement.place);
      }
    }
  }

  void code_block_kind(const CodeBlock& block, const Place& place) {
    using Kind = CodeBlock::Kind;
    switch (block.kind) {
      case Kind::kinetic:
        use("KINETIC", place);
        break;
      case Kind::linear:
        use("LINEAR", place);
        break;
      case Kind::nonlinear:
        use("NONLINEAR", place);
        break;
      case Kind::discrete:
        use("DISCRETE", place);
        break;
      case Kind::function_table:
        use("FUNCTION_TABLE", place);
        break;
      case Kind::net_receive:
        use("NET_RECEIVE", place);
        break;
      case Kind::constructor:
        use("CONSTRUCTOR", place);
        break;
      case Kind::destructor:
        use("DESTRUCTOR", place);
        break;
      case Kind::before:
        use("BEFORE", place);
        break;
      case Kind::after:
        use("AFTER", place);
        break;
      default:
        break;
    }
  }

  void body(const CodeBlock& block) {
    // What cannot be compiled at all was reported with its head.
    using Kind = CodeBlock::Kind;
    if (block.kind != Kind::initial && block.kind != Kind::breakpoint && block.kind != Kind::derivative &&
        block.kind != Kind::procedure && block.kind != Kind::function && block.kind != Kind::kinetic &&
        block.kind != Kind::linear && block.kind != Kind::nonlinear && block.kind != Kind::before &&
        block.kind != Kind::after && block.kind != Kind::net_receive) {
      return;
    }
    kind_ = block.kind;
    walk_statements(block.body, [&](const Statement& statement) { check(statement); });
  }

  void check(const Statement& statement) {
    const Place& place = statement.place;
    std::visit(Overloaded{[&](const TableStatement&) { use("TABLE", place); },
                          [&](const Solve& solve) { solve_statement(solve, place); },
                          [&](const Conductance&) { use("CONDUCTANCE", place); },
                          [&](const Reaction&) { only_in_kinetic("a reaction", place); },
                          [&](const TildeEquation&) {
                            const bool fits = kind_ == CodeBlock::Kind::linear || kind_ == CodeBlock::Kind::nonlinear;
                            if (!fits) use("a '~' equation outside LINEAR", place);
                          },
                          [&](const Conserve&) { only_in_kinetic("CONSERVE", place); },
                          [&](const Compartment& compartment) {
                            only_in_kinetic("COMPARTMENT", place);
                            if (compartment.diffusion) use("LONGITUDINAL_DIFFUSION", place);
                          },
                          [&](const Watch&) { use("WATCH", place); },
                          [&](const ForNetcons&) { use("FOR_NETCONS", place); }, [&](const NetInitial&) {},
                          [&](const Lag&) { use("LAG", place); },
                          [&](const Equation& equation) {
                            if (equation.order > 1) use("second-order equation", place);
                          },
                          [&](const CallStatement& call) { function_call(call.call.name, place); }, [](const auto&) {}},
               statement.node);
    for_each_expression(statement, [&](const Expression& expression) {
      walk_expression(expression, [&](const Expression& e) {
        if (const auto* call = std::get_if<Call>(&e.node)) function_call(call->name, e.place);
      });
    });
  }

  void only_in_kinetic(const std::string& what, const Place& place) {
    if (kind_ != CodeBlock::Kind::kinetic) use(what + " outside KINETIC", place);
  }

  void function_call(const std::string& name, const Place& place) {
    const SpecialFunction* special = symbols_.find(name) == nullptr ? find_special_function(name) : nullptr;
    if (special == nullptr || special->kind != SpecialKind::refused) return;
    reporter_.error("nmodl-unsupported", place, fmt::format("{} is not supported", name), std::string(special->hint));
  }

  void solve_statement(const Solve& solve, const Place& place) {
    if (!solve.if_error.empty()) use("IFERROR", place);
    const Symbol* symbol = symbols_.find(solve.block.name);
    const CodeBlock* block = symbol != nullptr ? code_block_at(module_, symbol->index) : nullptr;
    if (block == nullptr) return;
    if (block->kind == CodeBlock::Kind::procedure) {
      use(solve.method ? "METHOD " + solve.method->name : "SOLVE of a PROCEDURE", place);
    } else if (block->kind == CodeBlock::Kind::derivative) {
      use("METHOD " + (solve.method ? solve.method->name : "derivimplicit"),
          solve.method ? solve.method->place : place);
    } else if (block->kind == CodeBlock::Kind::kinetic) {
      use(solve.method ? "METHOD " + solve.method->name : "SOLVE of a KINETIC block without METHOD",
          solve.method ? solve.method->place : place);
    }
  }

  const Module& module_;
  const SymbolTable& symbols_;
  Reporter& reporter_;
  CodeBlock::Kind kind_ = CodeBlock::Kind::initial;  ///< of the block that is being checked
};

}  // namespace

void check_support(const Module& module, const SymbolTable& symbols, Reporter& reporter) {
  SupportChecker(module, symbols, reporter).run();
}

}  // namespace cellwright::nmodl
