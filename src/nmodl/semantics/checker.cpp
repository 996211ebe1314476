#include "nmodl/semantics/checker.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "cellwright/nmodl/builtins.hpp"
#include "nmodl/semantics/special_functions.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

struct LocalName {
  Place place;
  bool array = false;
  bool loop = false;
};

std::string plural(std::size_t count, const std::string& word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

std::vector<std::string> builtin_names() {
  std::vector<std::string> names;
  for (const Builtin& builtin : builtins()) names.emplace_back(builtin.spelling);
  return names;
}

class BlockChecker {
 public:
  BlockChecker(const Module& module, SymbolTable& symbols, Reporter& reporter)
      : module_(module), symbols_(symbols), reporter_(reporter) {}

  void run() {
    for (const Item& item : module_.items) {
      if (const auto* block = std::get_if<CodeBlock>(&item.node)) code_block(*block);
      if (reporter_.full()) return;
    }
    check_states();
  }

 private:
  using Scope = std::map<std::string, LocalName>;

  void code_block(const CodeBlock& block) {
    block_ = &block;
    has_table_ = false;
    scopes_.assign(1, {});
    for (const Declarator& argument : block.arguments) declare_local(argument, "argument");
    if (block.kind == CodeBlock::Kind::function) scopes_.front()[block.name.name] = {block.name.place, false, false};
    if (block.kind == CodeBlock::Kind::kinetic) {
      for (const char* flux : {"f_flux", "b_flux"}) scopes_.front()[flux] = {block.name.place, false, false};
    }
    const bool hook = block.kind == CodeBlock::Kind::before || block.kind == CodeBlock::Kind::after;
    if (hook && !hook_moment(block)) {
      reporter_.error("nmodl-syntax", block.name.place,
                      fmt::format("there is no block {} {}", block.kind == CodeBlock::Kind::before ? "BEFORE" : "AFTER",
                                  block.name.name),
                      "there are BEFORE INITIAL, AFTER INITIAL, BEFORE BREAKPOINT, AFTER SOLVE and BEFORE STEP");
    }
    if (block.kind == CodeBlock::Kind::net_receive) scopes_.front()["flag"] = {block.name.place, false, false};
    check_block(block.body);
  }

  void check_block(const Block& body) {
    scopes_.emplace_back();
    for (const Statement& statement : body) {
      std::visit([&](const auto& node) { check(node, statement.place); }, statement.node);
    }
    scopes_.pop_back();
  }

  void declare_local(const Declarator& declarator, const std::string& what) {
    const auto [it, added] =
        scopes_.back().try_emplace(declarator.name, LocalName{declarator.place, declarator.size.has_value(), false});
    if (added) return;
    reporter_.error("nmodl-redefined", declarator.place,
                    fmt::format("the {} '{}' is declared twice", what, declarator.name), "remove one of the two",
                    {reporter_.note("the first is here", it->second.place)});
  }

  const LocalName* find_local(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      if (const auto it = scope->find(name); it != scope->end()) return &it->second;
    }
    return nullptr;
  }

  // -------------------------------------------------------------------------------------------------- names
  /// The variable of a name, made if it is one that NEURON provides; nullptr after a report.
  const Variable* resolve(const std::string& name, const Place& place) {
    if (const Variable* variable = symbols_.find_variable(name)) return variable;
    if (const Symbol* symbol = symbols_.find(name)) {
      report_no_variable(name, place, *symbol);
      return nullptr;
    }
    if (is_engine_variable(name)) return add_implicit(name, VariableKind::engine, Storage::engine, place);
    if (is_initial_name(name)) return add_initial_name(name, place);
    report_undeclared(name, place);
    return nullptr;
  }

  void report_no_variable(const std::string& name, const Place& place, const Symbol& symbol) {
    const bool callable = symbol.kind == SymbolKind::function || symbol.kind == SymbolKind::procedure;
    reporter_.error("nmodl-name", place, fmt::format("'{}' is not a variable", name),
                    callable ? fmt::format("call it: {}(...)", name) : "",
                    {reporter_.note("it is declared here", symbol.place)});
  }

  void report_undeclared(const std::string& name, const Place& place) {
    if (!undeclared_.insert(name).second) return;  // once per name
    std::vector<std::string> candidates = symbols_.names(SymbolKind::variable);
    for (const Scope& scope : scopes_) {
      for (const auto& [local, where] : scope) candidates.push_back(local);
    }
    const std::string nearest = nearest_name(name, candidates);
    std::string fix = has_equation(name) ? "declare it in STATE" : "add it to ASSIGNED, PARAMETER or LOCAL";
    if (!nearest.empty()) {
      const LocalName* local = find_local(nearest);
      const Symbol* symbol = symbols_.find(nearest);
      const Place where = local != nullptr ? local->place : symbol->place;
      fix = fmt::format("did you mean '{}' (declared at {})? otherwise add '{}' to ASSIGNED or LOCAL", nearest,
                        reporter_.where(where), name);
    }
    reporter_.error("nmodl-undeclared", place, fmt::format("'{}' is not declared", name), fix);
  }

  bool has_equation(const std::string& name) const {
    bool found = false;
    for (const Item& item : module_.items) {
      const auto* block = std::get_if<CodeBlock>(&item.node);
      if (block == nullptr || block->kind != CodeBlock::Kind::derivative) continue;
      walk_statements(block->body, [&](const Statement& statement) {
        const auto* equation = std::get_if<Equation>(&statement.node);
        found |= equation != nullptr && equation->state.name == name;
      });
    }
    return found;
  }

  bool is_initial_name(const std::string& name) const {
    if (name.size() < 2 || name.back() != '0') return false;
    const Variable* state = symbols_.find_variable(name.substr(0, name.size() - 1));
    return state != nullptr && state->kind == VariableKind::state;
  }

  const Variable* add_initial_name(const std::string& name, const Place& place) {
    const Variable* variable = add_implicit(name, VariableKind::parameter, Storage::global, place);
    symbols_.find_variable(name.substr(0, name.size() - 1))->initial_name = name;
    return variable;
  }

  const Variable* add_implicit(const std::string& name, VariableKind kind, Storage storage, const Place& place) {
    Variable variable;
    variable.name = name;
    variable.kind = kind;
    variable.storage = storage;
    variable.span = span_of(module_, place);
    symbols_.symbols[name] = {SymbolKind::variable, place, symbols_.variables.size(), 0};
    symbols_.variables.push_back(std::move(variable));
    return &symbols_.variables.back();
  }

  void check_index(const Name& name, bool is_array, const Place& place) {
    if (name.index) expression(*name.index);
    if (is_array == static_cast<bool>(name.index)) return;
    reporter_.error("nmodl-array", place,
                    is_array ? fmt::format("the array '{}' needs an index", name.name)
                             : fmt::format("'{}' is not an array", name.name),
                    is_array ? fmt::format("write {}[i]", name.name) : "remove the index");
  }

  void check_read(const Name& name, const Place& place) {
    if (const LocalName* local = find_local(name.name)) {
      check_index(name, local->array, place);
      return;
    }
    const Variable* variable = resolve(name.name, place);
    if (variable != nullptr) check_index(name, variable->array_size > 0, place);
  }

  void check_target(const Name& name, const Place& place) {
    if (const LocalName* local = find_local(name.name)) {
      check_index(name, local->array, place);
      if (local->loop) {
        reporter_.error("nmodl-assign", place, fmt::format("the loop's variable '{}' cannot be assigned", name.name),
                        "use WHILE and a LOCAL variable");
      }
      return;
    }
    const Variable* found = resolve(name.name, place);
    if (found == nullptr) return;
    const Variable variable = *found;  // a copy: checking the index may add variables
    check_index(name, variable.array_size > 0, place);
    if (variable.storage == Storage::constant) {
      reporter_.error("nmodl-assign", place, fmt::format("the constant '{}' cannot be assigned", name.name),
                      "declare it in PARAMETER or ASSIGNED instead", {{"it is declared here", variable.span}});
    }
    if (variable.storage == Storage::engine && name.name != "v") {
      reporter_.error("nmodl-assign", place,
                      fmt::format("'{}' belongs to the simulator and cannot be assigned", name.name),
                      "assign a variable of your own");
    }
  }

  // -------------------------------------------------------------------------------------------- expressions
  void expression(const Expression& e) {
    std::visit(Overloaded{[&](const Name& name) { check_read(name, e.place); },
                          [&](const Call& call) { check_call(call, e.place, true); },
                          [&](const Text&) { reporter_.error("nmodl-syntax", e.place, "a text is no value"); },
                          [&](const auto&) { for_each_child(e, [&](const Expression& child) { expression(child); }); }},
               e.node);
  }

  void check_call(const Call& call, const Place& place, bool needs_value) {
    const Symbol* symbol = symbols_.find(call.name);
    if (symbol != nullptr && symbol->kind == SymbolKind::random) symbol = nullptr;
    const SpecialFunction* special = symbol == nullptr ? find_special_function(call.name) : nullptr;
    if (special != nullptr) {
      check_special_call(call, *special, place, needs_value);
      return;
    }
    for (const Expression& argument : call.arguments) expression(argument);
    if (symbol == nullptr) {
      check_builtin_call(call, place);
      return;
    }
    if (!needs_value && is_derivative_call(call, *symbol)) return;
    if (symbol->kind == SymbolKind::variable || symbol->kind == SymbolKind::solvable) {
      reporter_.error("nmodl-name", place, fmt::format("'{}' is not a FUNCTION or PROCEDURE", call.name), "",
                      {reporter_.note("it is declared here", symbol->place)});
      return;
    }
    if (needs_value && symbol->kind == SymbolKind::procedure) {
      reporter_.error("nmodl-name", place, fmt::format("the PROCEDURE '{}' has no value", call.name),
                      "make it a FUNCTION", {reporter_.note("it is declared here", symbol->place)});
    }
    check_count(call, place, symbol->arity, {reporter_.note("it is declared here", symbol->place)});
  }

  /// `states()` in INITIAL takes one step of the DERIVATIVE block, as SOLVE would.
  bool is_derivative_call(const Call& call, const Symbol& symbol) const {
    if (symbol.kind != SymbolKind::solvable || block_->kind != CodeBlock::Kind::initial) return false;
    return code_block_at(module_, symbol.index)->kind == CodeBlock::Kind::derivative && call.arguments.empty();
  }

  void check_special_call(const Call& call, const SpecialFunction& special, const Place& place, bool needs_value) {
    if (special.kind == SpecialKind::refused || call.name == "printf") return;  // refused by check_support; dropped
    const auto count = static_cast<int>(call.arguments.size());
    const bool one_bound = special.max_arguments == 3 && count == 2;  // random_uniform(r, low)
    if (count < special.min_arguments || count > special.max_arguments || one_bound) {
      check_count(call, place, static_cast<std::size_t>(special.min_arguments), {});
      return;
    }
    if (needs_value && !special.has_value) {
      reporter_.error("nmodl-name", place, fmt::format("'{}' has no value", call.name), "call it in a line of its own");
    }
    if (special.kind == SpecialKind::event && call.name != "c_net_send_at") check_event_place(call, place);
    const bool by_name = special.kind == SpecialKind::stream || special.kind == SpecialKind::pointer ||
                         special.kind == SpecialKind::vector;
    if (by_name) check_handle(call.arguments.front(), special);
    if (call.name == "state_discontinuity") check_discontinuity(call.arguments.front());
    for (std::size_t i = by_name ? 1 : 0; i < call.arguments.size(); ++i) expression(call.arguments[i]);
  }

  bool has_net_receive() const {
    return std::any_of(module_.items.begin(), module_.items.end(), [](const Item& item) {
      const auto* block = std::get_if<CodeBlock>(&item.node);
      return block != nullptr && block->kind == CodeBlock::Kind::net_receive;
    });
  }

  /// Where NEURON's translator lets events be asked for.
  void check_event_place(const Call& call, const Place& place) {
    const bool receive = block_->kind == CodeBlock::Kind::net_receive;
    if (!has_net_receive()) {
      reporter_.error("nmodl-event", place, fmt::format("'{}' needs a NET_RECEIVE block", call.name),
                      "add NET_RECEIVE (weight) { ... }");
      return;
    }
    if (receive || (block_->kind == CodeBlock::Kind::initial && call.name == "net_send")) return;
    reporter_.error(
        "nmodl-event", place,
        fmt::format("'{}' may only stand in {}NET_RECEIVE", call.name, call.name == "net_send" ? "INITIAL and " : ""),
        "move it there");
  }

  void check_handle(const Expression& argument, const SpecialFunction& special) {
    const auto* name = std::get_if<Name>(&argument.node);
    const Symbol* symbol = name != nullptr && !name->index ? symbols_.find(name->name) : nullptr;
    const Variable* variable = name != nullptr ? symbols_.find_variable(name->name) : nullptr;
    const char* wanted = "POINTER";
    bool fits = variable != nullptr && variable->storage == Storage::pointer;
    if (special.kind != SpecialKind::pointer) {
      const bool stream = special.kind == SpecialKind::stream;
      wanted = stream ? "RANDOM" : "VECTOR";
      fits = symbol != nullptr && symbol->kind == (stream ? SymbolKind::random : SymbolKind::vector);
    }
    if (fits) return;
    reporter_.error("nmodl-arguments", argument.place,
                    fmt::format("the first argument of '{}' must be the name of a {}", special.name, wanted),
                    fmt::format("declare {} name in NEURON {{ ... }}", wanted));
  }

  void check_discontinuity(const Expression& argument) {
    if (const auto* name = std::get_if<Name>(&argument.node)) {
      check_target(*name, argument.place);
      return;
    }
    reporter_.error("nmodl-arguments", argument.place,
                    "the first argument of 'state_discontinuity' must be the variable that it sets", "name a STATE");
  }

  void check_builtin_call(const Call& call, const Place& place) {
    if (const Builtin* builtin = find_builtin(call.name)) {
      check_count(call, place, static_cast<std::size_t>(builtin->arity), {});
      return;
    }
    if (!undeclared_.insert(call.name + "()").second) return;
    std::vector<std::string> candidates = builtin_names();
    for (const SymbolKind kind : {SymbolKind::function, SymbolKind::procedure}) {
      for (std::string& name : symbols_.names(kind)) candidates.push_back(std::move(name));
    }
    const std::string nearest = nearest_name(call.name, candidates);
    reporter_.error("nmodl-undeclared", place, fmt::format("the function '{}' is not declared", call.name),
                    nearest.empty() ? "add a FUNCTION of this name" : fmt::format("did you mean '{}'?", nearest));
  }

  void check_count(const Call& call, const Place& place, std::size_t wanted, std::vector<Note> notes) {
    if (call.arguments.size() == wanted) return;
    reporter_.error("nmodl-arguments", place,
                    fmt::format("'{}' takes {}, not {}", call.name, plural(wanted, "argument"), call.arguments.size()),
                    "", std::move(notes));
  }

  // --------------------------------------------------------------------------------------------- statements
  void check(const Local& node, const Place&) {
    for (const Declarator& declarator : node.variables) declare_local(declarator, "LOCAL");
  }
  void check(const Assignment& node, const Place&) {
    expression(node.value);
    check_target(node.target, node.target_place);
  }
  void check(const Protect& node, const Place& place) { check(node.assignment, place); }
  void check(const CallStatement& node, const Place& place) { check_call(node.call, place, false); }
  void check(const If& node, const Place&) {
    expression(node.condition);
    check_block(node.then);
    check_block(node.otherwise);
  }
  void check(const While& node, const Place&) {
    expression(node.condition);
    check_block(node.body);
  }
  void check(const From& node, const Place&) {
    expression(node.first);
    expression(node.last);
    if (node.step) expression(*node.step);
    scopes_.emplace_back();
    scopes_.back()[node.variable.name] = {node.variable.place, false, true};
    check_block(node.body);
    scopes_.pop_back();
  }

  void check(const Equation& node, const Place& place) {
    expression(node.rhs);
    if (block_->kind != CodeBlock::Kind::derivative) {
      reporter_.error("nmodl-solve", place,
                      fmt::format("the equation of {}' stands outside a DERIVATIVE block", node.state.name),
                      "move it into DERIVATIVE");
      return;
    }
    const Variable* found = resolve(node.state.name, node.state_place);
    if (found == nullptr) return;
    const Variable variable = *found;  // a copy: checking the index may add variables
    check_index(node.state, variable.array_size > 0, node.state_place);
    if (variable.kind != VariableKind::state) {
      reporter_.error("nmodl-solve", node.state_place,
                      fmt::format("'{}' has an equation but is not a STATE", node.state.name), "declare it in STATE",
                      {{"it is declared here", variable.span}});
    }
    if (node.state.index) return;
    const auto [it, added] = equations_.try_emplace({block_->name.name, node.state.name}, place);
    if (!added) {
      reporter_.warning("nmodl-solve", place, fmt::format("'{}' has a second equation in this block", node.state.name),
                        fmt::format("the first is at {}", reporter_.where(it->second)));
    }
  }

  void check(const TableStatement& node, const Place& place) {
    const bool function = block_->kind == CodeBlock::Kind::function;
    if (!function && block_->kind != CodeBlock::Kind::procedure) {
      reporter_.error("nmodl-table", place, "TABLE may only stand in a FUNCTION or PROCEDURE");
      return;
    }
    if (block_->arguments.size() != 1) {
      reporter_.error("nmodl-table", place, "a FUNCTION or PROCEDURE with a TABLE must have exactly one argument");
    }
    if (has_table_) reporter_.error("nmodl-table", place, "a second TABLE in the same block", "merge the two");
    has_table_ = true;
    if (function != node.outputs.empty()) {
      reporter_.error("nmodl-table", place,
                      function ? "the TABLE of a FUNCTION holds the function's value, no names"
                               : "the TABLE of a PROCEDURE needs the names that it holds");
    }
    for (const Identifier& id : node.outputs) check_target({id.name, {}}, id.place);
    for (const Identifier& id : node.depend) resolve(id.name, id.place);
    for (const Expression* e : {&node.first, &node.last, &node.count}) expression(*e);
    const auto count = literal_value(node.count);
    if (!count || *count < 1 || *count > 1e7 || *count != std::floor(*count)) {
      reporter_.error("nmodl-table", node.count.place,
                      "the number of intervals of a TABLE must be a whole number above 0");
    }
  }

  void check(const Solve& node, const Place&) {
    const bool breakpoint = block_->kind == CodeBlock::Kind::breakpoint;
    const bool anywhere_else = block_->kind != CodeBlock::Kind::initial;
    if (!breakpoint && anywhere_else) {
      reporter_.error("nmodl-solve", node.block.place, "SOLVE may only stand in BREAKPOINT or INITIAL",
                      "move it into BREAKPOINT");
    }
    if (breakpoint && !solved_.insert(node.block.name).second) {
      reporter_.error("nmodl-solve", node.block.place, fmt::format("'{}' is solved twice", node.block.name),
                      "remove one of the two SOLVEs");
    }
    const Symbol* symbol = symbols_.find(node.block.name);
    const bool solvable =
        symbol != nullptr && (symbol->kind == SymbolKind::solvable || symbol->kind == SymbolKind::procedure);
    if (!solvable) {
      const std::string nearest = nearest_name(node.block.name, symbols_.names(SymbolKind::solvable));
      reporter_.error("nmodl-solve", node.block.place, fmt::format("there is no block '{}' to solve", node.block.name),
                      nearest.empty() ? fmt::format("add DERIVATIVE {} {{ ... }}", node.block.name)
                                      : fmt::format("did you mean '{}'?", nearest));
    }
    if (node.method) check_method(node, symbol);
    if (breakpoint && node.steady_state) {
      reporter_.error("nmodl-solve", node.block.place, "STEADYSTATE may only stand in INITIAL",
                      "use METHOD in BREAKPOINT");
    }
    check_block(node.if_error);
  }

  void check_method(const Solve& node, const Symbol* symbol) {
    static constexpr auto methods = std::to_array<std::string_view>(
        {"cnexp", "euler", "derivimplicit", "sparse", "runge", "after_cvode", "cvode_t", "cvode_t_v", "cvode_v"});
    const std::string& method = node.method->name;
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
      const std::string nearest = nearest_name(method, {methods.begin(), methods.end()});
      reporter_.error(
          "nmodl-solve", node.method->place, fmt::format("there is no method '{}'", method),
          nearest.empty() ? "use cnexp, derivimplicit, euler or sparse" : fmt::format("did you mean '{}'?", nearest));
      return;
    }
    const CodeBlock* block = symbol != nullptr ? code_block_at(module_, symbol->index) : nullptr;
    if (block == nullptr) return;
    if (method == "cnexp" && block->kind != CodeBlock::Kind::derivative) {
      reporter_.error("nmodl-solve", node.method->place,
                      fmt::format("cnexp solves DERIVATIVE blocks only, and '{}' is none", node.block.name),
                      "use METHOD sparse for KINETIC, no METHOD for PROCEDURE");
      return;
    }
    check_method_fits(node, *block);
  }

  void check_method_fits(const Solve& node, const CodeBlock& block) {
    using Kind = CodeBlock::Kind;
    const std::string& method = node.method->name;
    const auto wrong = [&](const char* what, const char* fix) {
      reporter_.error("nmodl-solve", node.method->place,
                      fmt::format("{} solves {} only, and '{}' is none", method, what, node.block.name), fix);
    };
    if (method == "sparse" && block.kind != Kind::kinetic) {
      wrong("KINETIC blocks",
            block.kind == Kind::derivative ? "use METHOD cnexp or derivimplicit" : "take METHOD away");
    }
    if ((method == "derivimplicit" || method == "euler") && block.kind != Kind::derivative) {
      wrong("DERIVATIVE blocks", block.kind == Kind::kinetic ? "use METHOD sparse" : "take METHOD away");
    }
    if (method == "after_cvode" && block.kind != Kind::procedure) {
      wrong("PROCEDUREs", "use a METHOD that integrates");
    }
    if (node.steady_state && method != "sparse" && method != "derivimplicit") {
      reporter_.error("nmodl-solve", node.method->place, fmt::format("STEADYSTATE does not know {}", method),
                      "use STEADYSTATE sparse with a KINETIC block");
    }
  }

  void check(const Conductance& node, const Place&) { check_read({node.variable.name, {}}, node.variable.place); }

  void reaction_terms(const std::vector<ReactionTerm>& terms) {
    for (const ReactionTerm& term : terms) check_read(term.species, term.place);
  }
  void check(const Reaction& node, const Place&) {
    reaction_terms(node.left);
    reaction_terms(node.right);
    expression(node.forward);
    if (node.backward) expression(*node.backward);
  }
  void check(const TildeEquation& node, const Place&) {
    expression(node.left);
    expression(node.right);
  }
  void check(const Conserve& node, const Place&) {
    reaction_terms(node.terms);
    expression(node.total);
  }
  void check(const Compartment& node, const Place&) {
    scopes_.emplace_back();
    if (node.index) scopes_.back()[node.index->name] = {node.index->place, false, true};
    expression(node.volume);
    scopes_.pop_back();
    for (const Identifier& id : node.species) resolve(id.name, id.place);
  }
  void check(const Watch& node, const Place& place) {
    if (block_->kind != CodeBlock::Kind::net_receive) {
      reporter_.error("nmodl-event", place, "WATCH may only stand in NET_RECEIVE", "move it there");
    }
    for (const WatchCondition& row : node.conditions) {
      expression(row.condition);
      expression(row.flag);
      check_watch_condition(row.condition);
    }
  }

  /// The engine tests the condition at every step, when arguments and LOCALs are gone.
  void check_watch_condition(const Expression& condition) {
    const auto* comparison = std::get_if<Binary>(&condition.node);
    if (comparison == nullptr ||
        (comparison->op != BinaryOperator::less && comparison->op != BinaryOperator::greater)) {
      reporter_.error("nmodl-event", condition.place, "the condition of WATCH must be a comparison with < or >",
                      "write WATCH (a > b) flag");
      return;
    }
    walk_expression(condition, [&](const Expression& e) {
      const auto* name = std::get_if<Name>(&e.node);
      if (name == nullptr || find_local(name->name) == nullptr) return;
      reporter_.error(
          "nmodl-event", e.place,
          fmt::format("the condition of WATCH cannot use '{}', which lives during one event only", name->name),
          "copy it to an ASSIGNED variable");
    });
  }
  void check(const ForNetcons& node, const Place&) {
    scopes_.emplace_back();
    for (const Declarator& argument : node.arguments) declare_local(argument, "argument");
    check_block(node.body);
    scopes_.pop_back();
  }
  void check(const NetInitial& node, const Place& place) {
    if (block_->kind != CodeBlock::Kind::net_receive) {
      reporter_.error("nmodl-syntax", place, "INITIAL may only stand at file level or in NET_RECEIVE");
    }
    check_block(node.body);
  }
  void check(const Lag& node, const Place&) { expression(node.steps); }
  void check(const MutexLock&, const Place&) {}
  void check(const UnitsSwitch&, const Place&) {}
  void check(const Break&, const Place&) {}
  void check(const Return&, const Place&) {}
  void check(const Verbatim&, const Place&) {}

  /// A STATE that no equation, reaction or assignment changes is probably a mistake.
  void check_states() {
    std::set<std::string> changed;
    for (const Item& item : module_.items) {
      const auto* block = std::get_if<CodeBlock>(&item.node);
      if (block == nullptr || block->kind == CodeBlock::Kind::initial) continue;
      collect_changed(block->body, changed);
    }
    for (const auto& [name, symbol] : symbols_.symbols) {
      if (symbol.kind != SymbolKind::variable) continue;
      if (symbols_.variables[symbol.index].kind != VariableKind::state || changed.contains(name)) continue;
      reporter_.warning("nmodl-state", symbol.place, fmt::format("the STATE '{}' has no equation", name),
                        fmt::format("add {}' = ... to the DERIVATIVE block", name));
    }
  }

  static void collect_changed(const Block& body, std::set<std::string>& changed) {
    walk_statements(body, [&](const Statement& statement) {
      std::visit(Overloaded{[&](const Assignment& node) { changed.insert(node.target.name); },
                            [&](const Protect& node) { changed.insert(node.assignment.target.name); },
                            [&](const Equation& node) { changed.insert(node.state.name); },
                            [&](const Reaction& node) {
                              for (const auto& term : node.left) changed.insert(term.species.name);
                              for (const auto& term : node.right) changed.insert(term.species.name);
                            },
                            [](const auto&) {}},
                 statement.node);
    });
    if (!solves_by_name(body)) return;
    walk_all_expressions(body, [&](const Expression& e) {
      if (const auto* name = std::get_if<Name>(&e.node)) changed.insert(name->name);
    });
  }

  /// LINEAR and NONLINEAR blocks set every STATE that their equations mention.
  static bool solves_by_name(const Block& body) {
    return std::any_of(body.begin(), body.end(),
                       [](const Statement& s) { return std::holds_alternative<TildeEquation>(s.node); });
  }

  const Module& module_;
  SymbolTable& symbols_;
  Reporter& reporter_;
  const CodeBlock* block_ = nullptr;
  bool has_table_ = false;
  std::vector<Scope> scopes_;
  std::set<std::string> undeclared_;
  std::set<std::string> solved_;
  std::map<std::pair<std::string, std::string>, Place> equations_;
};

// ----------------------------------------------------------------------------------------------- call graph

void collect_calls(const Block& body, const SymbolTable& symbols, std::vector<std::pair<std::size_t, Place>>& calls) {
  const auto add = [&](const std::string& name, const Place& place) {
    const Symbol* symbol = symbols.find(name);
    if (symbol != nullptr && (symbol->kind == SymbolKind::function || symbol->kind == SymbolKind::procedure)) {
      calls.emplace_back(symbol->index, place);
    }
  };
  walk_statements(body, [&](const Statement& statement) {
    if (const auto* call = std::get_if<CallStatement>(&statement.node)) add(call->call.name, statement.place);
    for_each_expression(statement, [&](const Expression& expression) {
      walk_expression(expression, [&](const Expression& e) {
        if (const auto* call = std::get_if<Call>(&e.node)) add(call->name, e.place);
      });
    });
  });
}

/// Depth-first walk of the calls with an own stack: chains of calls may be long.
class CallGraph {
 public:
  CallGraph(const Module& module, const SymbolTable& symbols) : module_(module), symbols_(symbols) {}

  /// Visits what `root` calls; `on_cycle(call)` for calls that close a circle.
  template <class OnCycle>
  void visit(std::size_t root, const OnCycle& on_cycle) {
    if (state_[root] != 0) return;
    push(root);
    while (!stack_.empty()) {
      Frame& frame = stack_.back();
      if (frame.next == frame.calls.size()) {
        state_[frame.item] = 2;
        order_.push_back(frame.item);
        stack_.pop_back();
        continue;
      }
      const auto [callee, place] = frame.calls[frame.next++];
      if (state_[callee] == 1) on_cycle(callee, place);
      if (state_[callee] == 0) push(callee);
    }
  }
  const std::vector<std::size_t>& order() const { return order_; }

 private:
  struct Frame {
    std::size_t item;
    std::vector<std::pair<std::size_t, Place>> calls;
    std::size_t next = 0;
  };
  void push(std::size_t item) {
    state_[item] = 1;
    Frame frame{item, {}, 0};
    if (const CodeBlock* block = code_block_at(module_, item)) collect_calls(block->body, symbols_, frame.calls);
    stack_.push_back(std::move(frame));
  }

  const Module& module_;
  const SymbolTable& symbols_;
  std::map<std::size_t, int> state_;  ///< 1: being visited, 2: done
  std::vector<Frame> stack_;
  std::vector<std::size_t> order_;
};

void check_recursion(const Module& module, const SymbolTable& symbols, Reporter& reporter) {
  CallGraph graph(module, symbols);
  for (std::size_t i = 0; i < module.items.size(); ++i) {
    if (code_block_at(module, i) == nullptr) continue;
    graph.visit(i, [&](std::size_t callee, const Place& place) {
      const CodeBlock* block = code_block_at(module, callee);
      reporter.error("nmodl-recursion", place,
                     fmt::format("'{}' calls itself, directly or through others", block->name.name),
                     "write it as a WHILE loop", {reporter.note("it is declared here", block->name.place)});
    });
  }
}

}  // namespace

void check_blocks(const Module& module, SymbolTable& symbols, Reporter& reporter) {
  BlockChecker(module, symbols, reporter).run();
  check_recursion(module, symbols, reporter);
}

std::vector<std::size_t> entry_blocks(const Module& module, const SymbolTable& symbols) {
  std::vector<std::size_t> entries;
  const auto add = [&](std::size_t item) {
    if (std::find(entries.begin(), entries.end(), item) == entries.end()) entries.push_back(item);
  };
  for (std::size_t i = 0; i < module.items.size(); ++i) {
    const CodeBlock* block = code_block_at(module, i);
    if (block == nullptr) continue;
    using Kind = CodeBlock::Kind;
    const bool entry = block->kind == Kind::initial || block->kind == Kind::breakpoint ||
                       block->kind == Kind::net_receive || block->kind == Kind::before || block->kind == Kind::after ||
                       block->kind == Kind::constructor || block->kind == Kind::destructor;
    if (!entry) continue;
    add(i);
    walk_statements(block->body, [&](const Statement& statement) {
      const auto* solve = std::get_if<Solve>(&statement.node);
      if (solve == nullptr) return;
      if (const Symbol* symbol = symbols.find(solve->block.name)) {
        if (symbol->kind != SymbolKind::variable && symbol->kind != SymbolKind::random &&
            symbol->kind != SymbolKind::vector)
          add(symbol->index);
      }
    });
  }
  return entries;
}

std::optional<HookBlock::Moment> hook_moment(const CodeBlock& block) {
  using Moment = HookBlock::Moment;
  const bool before = block.kind == CodeBlock::Kind::before;
  const std::string& name = block.name.name;
  if (name == "INITIAL") return before ? Moment::before_initial : Moment::after_initial;
  if (before && name == "BREAKPOINT") return Moment::before_breakpoint;
  if (!before && name == "SOLVE") return Moment::after_solve;
  if (before && name == "STEP") return Moment::before_step;
  return std::nullopt;
}

std::vector<std::size_t> reachable_functions(const Module& module, const SymbolTable& symbols) {
  CallGraph graph(module, symbols);
  for (const std::size_t entry : entry_blocks(module, symbols)) graph.visit(entry, [](std::size_t, const Place&) {});
  std::vector<std::size_t> functions;
  for (const std::size_t item : graph.order()) {
    const CodeBlock* block = code_block_at(module, item);
    if (block->kind == CodeBlock::Kind::function || block->kind == CodeBlock::Kind::procedure)
      functions.push_back(item);
  }
  return functions;
}

}  // namespace cellwright::nmodl
