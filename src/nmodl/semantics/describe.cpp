#include "nmodl/semantics/describe.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <nlohmann/json.hpp>

#include "nmodl/semantics/checker.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

class Builder {
 public:
  explicit Builder(PassContext& context) : context_(context), module_(context.module), symbols_(context.symbols) {}

  MechanismDescription run() {
    result_.name = symbols_.name;
    result_.kind = symbols_.kind;
    result_.title = symbols_.title;
    result_.thread_safe = symbols_.thread_safe;
    result_.marks_times = context_.marks_times;
    result_.ions = symbols_.ions;
    result_.currents = symbols_.currents;
    result_.files = module_.files;
    result_.texts = module_.texts;
    for (const auto& [kind, names] :
         {std::pair{SymbolKind::random, &result_.randoms}, {SymbolKind::vector, &result_.vectors}}) {
      *names = symbols_.names(kind);
    }
    for (const std::size_t item : reachable_functions(module_, symbols_))
      add_function(*code_block_at(module_, item), item);
    for (const Item& item : module_.items) {
      if (const auto* block = std::get_if<CodeBlock>(&item.node)) add_block(*block);
    }
    result_.breakpoint_in_state_phase = result_.currents.empty();
    add_variables();
    result_.warnings = context_.diagnostics.warnings();
    return std::move(result_);
  }

 private:
  void add_block(const CodeBlock& block) {
    if (block.kind == CodeBlock::Kind::initial) {
      result_.initial = block.body;
      for_each_solve(block.body, [&](const Solve& solve) { initial_solves_.push_back(&solve); });
    }
    if (block.kind == CodeBlock::Kind::breakpoint) {
      for_each_solve(block.body, [&](const Solve& solve) { add_solve(solve, result_.solves); });
      result_.breakpoint = block.body;
      walk_statements(block.body, [&](const Statement& statement) {
        const auto* conductance = std::get_if<Conductance>(&statement.node);
        if (conductance != nullptr) result_.conductances.push_back(conductance->variable.name);
      });
      remove_solves(result_.breakpoint);
    }
    if (block.kind == CodeBlock::Kind::before || block.kind == CodeBlock::Kind::after) {
      result_.hooks.push_back({*hook_moment(block), block.body, {}});
    }
    if (block.kind == CodeBlock::Kind::net_receive) add_net_receive(block);
  }

  /// The body as a function of the weights and `flag`.
  Function event_function(const CodeBlock& block, Block body) {
    Function function;
    function.is_procedure = true;
    for (const Declarator& argument : block.arguments) function.arguments.push_back(argument.name);
    function.arguments.emplace_back("flag");
    function.usage = usage_of(body, {function.arguments.begin(), function.arguments.end()});
    function.body = std::move(body);
    function.span = span_of(module_, block.name.place);
    return function;
  }

  void add_net_receive(const CodeBlock& block) {
    NetReceive result;
    result.weights = symbols_.weights;
    result.span = span_of(module_, block.name.place);
    Block body = block.body;
    for (const Statement& statement : body) {
      const auto* initial = std::get_if<NetInitial>(&statement.node);
      if (initial != nullptr) result.initial = event_function(block, initial->body);
    }
    std::erase_if(body, [](const Statement& s) { return std::holds_alternative<NetInitial>(s.node); });
    walk_statements(body, [&](const Statement& statement) {
      const auto* watch = std::get_if<Watch>(&statement.node);
      if (watch == nullptr) return;
      result.watches.insert(result.watches.end(), watch->conditions.begin(), watch->conditions.end());
    });
    result.body = event_function(block, std::move(body));
    result.usage = result.body.usage;
    if (result.initial) {
      const Usage& more = result.initial->usage;
      result.usage.reads.insert(result.usage.reads.end(), more.reads.begin(), more.reads.end());
      result.usage.writes.insert(result.usage.writes.end(), more.writes.begin(), more.writes.end());
    }
    result_.net_receive = std::move(result);
  }

  template <class Handle>
  void for_each_solve(const Block& body, const Handle& handle) {
    walk_statements(body, [&](const Statement& statement) {
      if (const auto* solve = std::get_if<Solve>(&statement.node)) handle(*solve);
    });
  }

  static void remove_solves(Block& body) {
    std::erase_if(body, [](const Statement& s) {
      return std::holds_alternative<Solve>(s.node) || std::holds_alternative<Conductance>(s.node);
    });
    for (Statement& statement : body) for_each_block(statement, [](Block& inner) { remove_solves(inner); });
  }

  void add_solve(const Solve& solve, std::vector<SolveBlock>& target) {
    for (const SolveBlock& existing : target) {
      if (existing.name == solve.block.name) return;
    }
    const CodeBlock& block = *code_block_at(module_, symbols_.find(solve.block.name)->index);
    SolveBlock result;
    result.name = solve.block.name;
    result.span = span_of(module_, solve.block.place);
    result.step = block.body;
    std::erase_if(result.step, [](const Statement& s) { return std::holds_alternative<TableStatement>(s.node); });
    result.method = solve_method(block, solve);
    result.after_step = solve.method && solve.method->name == "after_cvode";
    if (const auto found = context_.equations.find(block.name.name); found != context_.equations.end()) {
      result.equations = found->second;
    }
    if (const auto found = context_.right_hand_sides.find(result.name); found != context_.right_hand_sides.end()) {
      result.right_hand_sides = found->second;
    }
    result.usage = usage_of(result.step, {});
    if (const auto found = context_.systems.find(block.name.name); found != context_.systems.end()) {
      result.system = found->second;
      add_unknowns(*result.system, result.usage);
    }
    target.push_back(std::move(result));
  }

  static SolveMethod solve_method(const CodeBlock& block, const Solve& solve) {
    switch (block.kind) {
      case CodeBlock::Kind::kinetic:
        return SolveMethod::sparse;
      case CodeBlock::Kind::linear:
        return SolveMethod::linear;
      case CodeBlock::Kind::nonlinear:
        return SolveMethod::nonlinear;
      case CodeBlock::Kind::derivative:
        if (solve.method->name == "derivimplicit") return SolveMethod::derivimplicit;
        return solve.method->name == "euler" ? SolveMethod::euler : SolveMethod::cnexp;
      default:
        return SolveMethod::procedure;
    }
  }

  /// The unknowns are read and assigned behind `step`.
  static void add_unknowns(const ImplicitSystem& system, Usage& usage) {
    std::set<std::string> reads(usage.reads.begin(), usage.reads.end());
    std::set<std::string> writes(usage.writes.begin(), usage.writes.end());
    for (const Unknown& unknown : system.unknowns) {
      reads.insert(unknown.state);
      writes.insert(unknown.state);
    }
    using Kind = ImplicitSystem::Kind;
    if (system.kind == Kind::balance || system.kind == Kind::slopes) reads.insert("dt");
    usage = {{reads.begin(), reads.end()}, {writes.begin(), writes.end()}};
  }

  void add_function(const CodeBlock& block, std::size_t item) {
    Function function;
    function.name = block.name.name;
    function.is_procedure = block.kind == CodeBlock::Kind::procedure;
    function.body = block.body;
    function.span = span_of(module_, module_.items[item].place);
    for (const Declarator& argument : block.arguments) function.arguments.push_back(argument.name);
    for (const Statement& statement : block.body) {
      if (const auto* table = std::get_if<TableStatement>(&statement.node))
        function.table = lookup_table(*table, statement.place);
    }
    std::erase_if(function.body, [](const Statement& s) { return std::holds_alternative<TableStatement>(s.node); });
    std::set<std::string> own(function.arguments.begin(), function.arguments.end());
    own.insert(function.name);
    function.usage = usage_of(function.body, own);
    result_.functions.push_back(std::move(function));
  }

  LookupTable lookup_table(const TableStatement& node, const Place& place) const {
    LookupTable table;
    for (const Identifier& id : node.outputs) table.outputs.push_back(id.name);
    for (const Identifier& id : node.depend) table.depend.push_back(id.name);
    table.first = node.first;
    table.last = node.last;
    table.count = static_cast<int>(*literal_value(node.count));
    table.span = span_of(module_, place);
    return table;
  }

  /// What a block reads and writes, with what its callees do. Callees are known already: functions come callees first.
  Usage usage_of(const Block& body, std::set<std::string> locals) {
    std::set<std::string> reads, writes;
    walk_statements(body, [&](const Statement& statement) {
      if (const auto* local = std::get_if<Local>(&statement.node)) {
        for (const Declarator& declarator : local->variables) locals.insert(declarator.name);
      }
      if (const auto* loop = std::get_if<From>(&statement.node)) locals.insert(loop->variable.name);
    });
    const auto call = [&](const std::string& name) {
      const Function* function = result_.find_function(name);
      if (function == nullptr) return;
      reads.insert(function->usage.reads.begin(), function->usage.reads.end());
      writes.insert(function->usage.writes.begin(), function->usage.writes.end());
    };
    walk_statements(body, [&](const Statement& statement) {
      if (const auto* assignment = std::get_if<Assignment>(&statement.node)) {
        if (!locals.contains(assignment->target.name)) writes.insert(assignment->target.name);
      }
      if (const auto* call_statement = std::get_if<CallStatement>(&statement.node)) call(call_statement->call.name);
      for_each_expression(statement, [&](const Expression& expression) {
        walk_expression(expression, [&](const Expression& e) {
          if (const auto* name = std::get_if<Name>(&e.node); name != nullptr && !locals.contains(name->name))
            reads.insert(name->name);
          if (const auto* inner = std::get_if<Call>(&e.node)) {
            call(inner->name);
            if (inner->name == "at_time") reads.insert({"t", "dt"});
          }
        });
      });
    });
    return {{reads.begin(), reads.end()}, {writes.begin(), writes.end()}};
  }

  void add_variables() {
    for (const Solve* solve : initial_solves_) {
      const bool in_breakpoint = std::any_of(result_.solves.begin(), result_.solves.end(),
                                             [&](const SolveBlock& s) { return s.name == solve->block.name; });
      if (!in_breakpoint) add_solve(*solve, result_.initial_solves);
    }
    result_.initial_usage = usage_of(result_.initial, {});
    result_.breakpoint_usage = usage_of(result_.breakpoint, {});
    for (HookBlock& hook : result_.hooks) hook.usage = usage_of(hook.body, {});
    std::set<std::string> reads, writes;
    collect_usage(reads, writes);
    // `dt` comes in with the lowered equations.
    for (const char* name : {"v", "t", "dt", "celsius", "area", "diam"}) {
      if (symbols_.find(name) == nullptr && reads.contains(name)) {
        Variable variable;
        variable.name = name;
        variable.kind = VariableKind::engine;
        variable.storage = Storage::engine;
        symbols_.variables.push_back(std::move(variable));
      }
    }
    for (const bool engine : {false, true}) {
      for (const Variable& declared : symbols_.variables) {
        if ((declared.storage == Storage::engine) != engine) continue;
        Variable variable = declared;
        variable.read = reads.contains(variable.name);
        variable.written = writes.contains(variable.name);
        if (!engine || variable.read || variable.written) result_.variables.push_back(std::move(variable));
      }
    }
  }

  void collect_usage(std::set<std::string>& reads, std::set<std::string>& writes) const {
    const auto add = [&](const Usage& usage) {
      reads.insert(usage.reads.begin(), usage.reads.end());
      writes.insert(usage.writes.begin(), usage.writes.end());
    };
    add(result_.initial_usage);
    add(result_.breakpoint_usage);
    for (const HookBlock& hook : result_.hooks) add(hook.usage);
    reads.insert(result_.conductances.begin(), result_.conductances.end());
    for (const SolveBlock& solve : result_.solves) add(solve.usage);
    for (const SolveBlock& solve : result_.initial_solves) add(solve.usage);
    if (result_.net_receive) add(result_.net_receive->usage);
    for (const Function& function : result_.functions) {
      if (!function.table) continue;
      reads.insert(function.table->depend.begin(), function.table->depend.end());
      for (const Expression* e : {&function.table->first, &function.table->last}) {
        walk_expression(*e, [&](const Expression& inner) {
          if (const auto* name = std::get_if<Name>(&inner.node)) reads.insert(name->name);
        });
      }
    }
  }

  PassContext& context_;
  const Module& module_;
  SymbolTable& symbols_;
  MechanismDescription result_;
  std::vector<const Solve*> initial_solves_;
};

bool contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

using Json = nlohmann::ordered_json;

Json variable_json(const Variable& variable) {
  Json json = {{"name", variable.name}};
  json["unit"] = variable.has_unit ? Json(variable.unit) : Json(nullptr);
  if (variable.kind == VariableKind::parameter) json["default"] = variable.value;
  if (variable.limits) json["limits"] = {variable.limits->low, variable.limits->high};
  if (variable.array_size > 0) json["size"] = variable.array_size;
  return json;
}

Json ion_json(const Ion& ion) {
  Json json = {{"name", ion.name}, {"reads", Json::array()}, {"writes", Json::array()}};
  for (const IonVariable& variable : ion.variables) {
    if (variable.read) json["reads"].push_back(variable.name);
    if (variable.written) json["writes"].push_back(variable.name);
  }
  json["valence"] = ion.valence ? Json(*ion.valence) : Json(nullptr);
  return json;
}

std::string kind_name(MechanismKind kind) {
  switch (kind) {
    case MechanismKind::density:
      return "density";
    case MechanismKind::point_process:
      return "point process";
    case MechanismKind::artificial_cell:
      return "artificial cell";
  }
  return "";
}

std::string current_kind_name(CurrentKind kind) {
  switch (kind) {
    case CurrentKind::ion:
      return "ion";
    case CurrentKind::nonspecific:
      return "nonspecific";
    case CurrentKind::electrode:
      return "electrode";
  }
  return "";
}

}  // namespace

MechanismDescription build_description(PassContext& context) { return Builder(context).run(); }

bool Usage::reads_name(const std::string& name) const { return contains(reads, name); }
bool Usage::writes_name(const std::string& name) const { return contains(writes, name); }

const Variable* MechanismDescription::find_variable(const std::string& variable_name) const {
  const auto it =
      std::find_if(variables.begin(), variables.end(), [&](const Variable& v) { return v.name == variable_name; });
  return it == variables.end() ? nullptr : &*it;
}

const Function* MechanismDescription::find_function(const std::string& function_name) const {
  const auto it =
      std::find_if(functions.begin(), functions.end(), [&](const Function& f) { return f.name == function_name; });
  return it == functions.end() ? nullptr : &*it;
}

bool MechanismDescription::uses(const std::string& engine_variable) const {
  const Variable* variable = find_variable(engine_variable);
  return variable != nullptr && variable->storage == Storage::engine;
}

std::string describe_json(const MechanismDescription& mechanism) {
  Json json = {{"suffix", mechanism.name}, {"kind", kind_name(mechanism.kind)}, {"title", mechanism.title}};
  for (const char* key :
       {"ions", "currents", "range_parameters", "global_parameters", "range_assigned", "states", "pointers"}) {
    json[key] = Json::array();
  }
  for (const Ion& ion : mechanism.ions) json["ions"].push_back(ion_json(ion));
  for (const Current& current : mechanism.currents) {
    json["currents"].push_back({{"name", current.name}, {"kind", current_kind_name(current.kind)}});
  }
  for (const Variable& variable : mechanism.variables) {
    if (variable.kind == VariableKind::state) {
      json["states"].push_back(variable_json(variable));
    } else if (variable.kind == VariableKind::parameter && variable.storage == Storage::range) {
      json["range_parameters"].push_back(variable_json(variable));
    } else if (variable.kind == VariableKind::parameter && variable.storage == Storage::global) {
      json["global_parameters"].push_back(variable_json(variable));
    } else if (variable.kind == VariableKind::assigned && variable.storage == Storage::range) {
      json["range_assigned"].push_back(variable_json(variable));
    } else if (variable.storage == Storage::pointer) {
      json["pointers"].push_back(variable_json(variable));
    }
  }
  json["random"] = mechanism.randoms;
  json["lists"] = mechanism.vectors;
  json["weights"] = mechanism.net_receive ? Json(mechanism.net_receive->weights) : Json(nullptr);
  return json.dump(2);
}

}  // namespace cellwright::nmodl
