#include "nmodl/semantics/symbols.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace cellwright::nmodl {
namespace {

constexpr auto engine_variables = std::to_array<std::string_view>({"v", "t", "dt", "celsius", "area", "diam"});

/// NEURON's translator writes defaults of PARAMETERs with six significant digits (C's %g), so that PI = 3.14159265
/// becomes 3.14159; CONSTANTs and numbers in expressions keep all of theirs.
double six_digits(double value) {
  const std::string text = fmt::format("{:g}", value);
  double rounded = value;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  return rounded;
}

std::string kind_text(VariableKind kind) {
  switch (kind) {
    case VariableKind::parameter:
      return "PARAMETER";
    case VariableKind::constant:
      return "CONSTANT";
    case VariableKind::assigned:
      return "ASSIGNED";
    case VariableKind::state:
      return "STATE";
    case VariableKind::file_local:
      return "LOCAL";
    case VariableKind::engine:
      return "NEURON variable";
  }
  return "";
}

class Collector {
 public:
  Collector(const Module& module, Reporter& reporter) : module_(module), reporter_(reporter) {}

  SymbolTable run() {
    for (std::size_t i = 0; i < module_.items.size(); ++i) {
      std::visit([&](const auto& node) { declare(node, i); }, module_.items[i].node);
    }
    for (const Item& item : module_.items) {
      if (const auto* block = std::get_if<NeuronBlock>(&item.node)) neuron_block(*block, item.place);
    }
    if (!has_name_) {
      report_missing_name();
    }
    apply_neuron_block();
    link_initial_names();
    return std::move(table_);
  }

 private:
  void report_missing_name() {
    for (const Item& item : module_.items) {
      if (!std::holds_alternative<NeuronBlock>(item.node)) continue;
      reporter_.error("nmodl-neuron", item.place, "the NEURON block does not name the mechanism",
                      "add SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL and a name");
      return;
    }
    reporter_.error("nmodl-neuron", {0, 1, 1, 1},
                    "the NEURON block with SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL is missing",
                    "add NEURON { SUFFIX name ... }");
  }

  // ------------------------------------------------------------------------------------------- declarations
  void declare(const Title& title, std::size_t) { table_.title = title.text; }
  void declare(const Define&, std::size_t) {}
  void declare(const Include&, std::size_t) {}
  void declare(const UnitsSwitch&, std::size_t) {}
  void declare(const Verbatim&, std::size_t) {}
  void declare(const NeuronBlock& block, std::size_t) {
    for (const NeuronStatement& statement : block.statements) {
      if (const auto* random = std::get_if<RandomDeclaration>(&statement.node)) {
        for (const Identifier& id : random->names) add_symbol(id.name, {SymbolKind::random, id.place, 0, 0}, "RANDOM");
      }
      const auto* list = std::get_if<NameList>(&statement.node);
      if (list == nullptr || list->kind != NameList::Kind::vector) continue;
      for (const Identifier& id : list->names) add_symbol(id.name, {SymbolKind::vector, id.place, 0, 0}, "VECTOR");
    }
  }

  void declare(const UnitsBlock& block, std::size_t) {
    for (const UnitDefinition& definition : block.definitions) {
      if (definition.kind == UnitDefinition::Kind::alias) {
        if (const auto unit = parse_unit(definition.from, definition.place)) define_unit(definition, *unit);
        continue;
      }
      double value = definition.value;
      if (definition.kind == UnitDefinition::Kind::factor) {
        const auto factor = unit_factor(definition);
        if (!factor) continue;
        value = *factor;
      }
      Variable variable =
          make_variable(definition.name.name, VariableKind::constant, Storage::constant, definition.name.place);
      variable.value = value;
      variable.unit = definition.to;
      variable.has_unit = true;
      add_variable(std::move(variable), definition.name.place);
    }
  }

  void declare(const DefinitionBlock& block, std::size_t) {
    if (block.kind == DefinitionBlock::Kind::independent) return;  // t, whatever it says
    for (const Definition& definition : block.definitions) declare_definition(definition, block.kind);
  }

  void declare(const Local& local, std::size_t) {
    for (const Declarator& declarator : local.variables) {
      Variable variable = make_variable(declarator.name, VariableKind::file_local, Storage::global, declarator.place);
      variable.array_size = array_size(declarator);
      add_variable(std::move(variable), declarator.place);
    }
  }

  void declare(const CodeBlock& block, std::size_t index) {
    using Kind = CodeBlock::Kind;
    SymbolKind kind = SymbolKind::solvable;
    switch (block.kind) {
      case Kind::function:
        kind = SymbolKind::function;
        break;
      case Kind::procedure:
        kind = SymbolKind::procedure;
        break;
      case Kind::function_table:
        kind = SymbolKind::function_table;
        break;
      case Kind::derivative:
      case Kind::kinetic:
      case Kind::linear:
      case Kind::nonlinear:
      case Kind::discrete:
        break;
      case Kind::net_receive:
        for (const Declarator& argument : block.arguments) table_.weights.push_back(argument.name);
        single_block(block);
        return;
      default:
        single_block(block);
        return;
    }
    add_symbol(block.name.name, {kind, block.name.place, index, block.arguments.size()}, "block");
  }

  /// INITIAL, BREAKPOINT, NET_RECEIVE may stand once.
  void single_block(const CodeBlock& block) {
    using Kind = CodeBlock::Kind;
    if (block.kind == Kind::before || block.kind == Kind::after) return;
    const auto [it, added] = single_blocks_.try_emplace(block.kind, block.name.place);
    if (added) return;
    const std::string_view word = block.kind == Kind::initial       ? "INITIAL"
                                  : block.kind == Kind::breakpoint  ? "BREAKPOINT"
                                  : block.kind == Kind::net_receive ? "NET_RECEIVE"
                                  : block.kind == Kind::constructor ? "CONSTRUCTOR"
                                                                    : "DESTRUCTOR";
    reporter_.error("nmodl-redefined", block.name.place, fmt::format("there is a second {} block", word),
                    "merge it with the first", {reporter_.note("the first is here", it->second)});
  }

  void declare_definition(const Definition& definition, DefinitionBlock::Kind kind) {
    const Declarator& declarator = definition.variable;
    Variable variable = make_variable(declarator.name, VariableKind::assigned, Storage::instance, declarator.place);
    if (kind == DefinitionBlock::Kind::parameter) {
      variable.kind = VariableKind::parameter;
      variable.storage = Storage::global;
    } else if (kind == DefinitionBlock::Kind::constant) {
      variable.kind = VariableKind::constant;
      variable.storage = Storage::constant;
    } else if (kind == DefinitionBlock::Kind::state) {
      variable.kind = VariableKind::state;
      variable.storage = Storage::range;
    }
    if (definition.value) variable.value = number(*definition.value);
    if (variable.kind == VariableKind::parameter) variable.value = six_digits(variable.value);
    if (definition.unit) {
      variable.has_unit = true;
      variable.unit = *definition.unit;
    }
    if (definition.low && definition.high) variable.limits = Limits{number(*definition.low), number(*definition.high)};
    variable.array_size = array_size(declarator);
    if (is_engine_variable(variable.name)) {
      variable.kind = VariableKind::engine;
      variable.storage = Storage::engine;
      variable.value = 0;
    }
    add_variable(std::move(variable), declarator.place);
  }

  Variable make_variable(const std::string& name, VariableKind kind, Storage storage, const Place& place) const {
    Variable variable;
    variable.name = name;
    variable.kind = kind;
    variable.storage = storage;
    variable.span = span_of(module_, place);
    return variable;
  }

  void add_variable(Variable variable, const Place& place) {
    const std::string what = kind_text(variable.kind);
    const std::string name = variable.name;
    if (add_symbol(name, {SymbolKind::variable, place, table_.variables.size(), 0}, what)) {
      table_.variables.push_back(std::move(variable));
    }
  }

  bool add_symbol(const std::string& name, const Symbol& symbol, const std::string& what) {
    const auto [it, added] = table_.symbols.try_emplace(name, symbol);
    if (added) return true;
    const bool clash = (symbol.kind == SymbolKind::variable) != (it->second.kind == SymbolKind::variable);
    reporter_.error("nmodl-redefined", symbol.place,
                    clash ? fmt::format("'{}' names both a variable and a block or function", name)
                          : fmt::format("'{}' is declared twice", name),
                    clash ? "rename one of them" : "remove one of the two declarations",
                    {reporter_.note("the first declaration is here", it->second.place)});
    (void)what;
    return false;
  }

  double number(const Expression& expression) {
    if (const auto value = literal_value(expression)) return *value;
    reporter_.error("nmodl-number", expression.place, "a number is needed here", "write a number or a DEFINEd name");
    return 0;
  }

  int array_size(const Declarator& declarator) {
    if (!declarator.size) return 0;
    const double value = number(*declarator.size);
    if (value >= 1 && value <= 1e6 && value == std::floor(value)) return static_cast<int>(value);
    reporter_.error("nmodl-number", declarator.size->place,
                    fmt::format("the size of '{}' must be a whole number from 1 to 1000000", declarator.name));
    return 1;
  }

  // -------------------------------------------------------------------------------------------------- units
  std::optional<UnitValue> parse_unit(const std::string& text, const Place& place) {
    std::string unknown;
    const auto unit = units_.parse(text, unknown);
    if (unit) return unit;
    const std::string nearest = units_.nearest(unknown);
    reporter_.error("nmodl-unit", place, fmt::format("the unit '{}' in ({}) is not known", unknown, text),
                    nearest.empty() ? fmt::format("define it before: ({}) = (...)", unknown)
                                    : fmt::format("did you mean '{}'?", nearest));
    return std::nullopt;
  }

  void define_unit(const UnitDefinition& definition, const UnitValue& unit) {
    // Units with an operator in their name are remarks such as (mA/cm2) = (...); they define nothing.
    if (units_.define(definition.name.name, unit)) return;
    reporter_.error("nmodl-unit", definition.place,
                    fmt::format("the unit ({}) is defined twice with different values", definition.name.name),
                    "remove one of the two definitions");
  }

  std::optional<double> unit_factor(const UnitDefinition& definition) {
    const auto from = parse_unit(definition.from, definition.place);
    const auto to = parse_unit(definition.to, definition.place);
    if (!from || !to) return std::nullopt;
    if (from->powers != to->powers) {
      reporter_.error("nmodl-unit", definition.place,
                      fmt::format("({}) and ({}) measure different things", definition.from, definition.to),
                      "use two units of the same dimension");
      return std::nullopt;
    }
    return from->factor / to->factor;
  }

  // ------------------------------------------------------------------------------------------------- NEURON
  void neuron_block(const NeuronBlock& block, const Place&) {
    for (const NeuronStatement& statement : block.statements) {
      std::visit(Overloaded{[&](const MechanismName& node) { mechanism_name(node, statement.place); },
                            [&](const UseIon& node) {
                              ions_.push_back({&node, statement.place});
                            },
                            [&](const NameList& node) { lists_.push_back(&node); },
                            [&](const ThreadSafe&) { table_.thread_safe = true; }, [](const RandomDeclaration&) {}},
                 statement.node);
    }
  }

  void mechanism_name(const MechanismName& node, const Place& place) {
    if (has_name_) {
      reporter_.error("nmodl-neuron", place, "the mechanism has two names",
                      "keep one SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL",
                      {reporter_.note("the first is here", name_place_)});
      return;
    }
    has_name_ = true;
    name_place_ = place;
    table_.name = node.name.name;
    table_.kind = node.kind == MechanismName::Kind::suffix          ? MechanismKind::density
                  : node.kind == MechanismName::Kind::point_process ? MechanismKind::point_process
                                                                    : MechanismKind::artificial_cell;
  }

  void apply_neuron_block() {
    for (const auto& [ion, place] : ions_) use_ion(*ion, place);
    for (const NameList* list : lists_) name_list(*list);
  }

  void name_list(const NameList& list) {
    for (const Identifier& id : list.names) {
      switch (list.kind) {
        case NameList::Kind::range:
          visible(id, "RANGE", Storage::range);
          break;
        case NameList::Kind::global:
          visible(id, "GLOBAL", Storage::global);
          break;
        case NameList::Kind::pointer:
        case NameList::Kind::bbcore_pointer:
          pointer(id);
          break;
        case NameList::Kind::nonspecific_current:
          current(id, CurrentKind::nonspecific);
          break;
        case NameList::Kind::electrode_current:
          current(id, CurrentKind::electrode);
          break;
        case NameList::Kind::external:
        case NameList::Kind::section:
        case NameList::Kind::vector:
          break;
      }
    }
  }

  void visible(const Identifier& id, const char* word, Storage storage) {
    Variable* variable = table_.find_variable(id.name);
    if (variable == nullptr) {
      const std::string nearest = nearest_name(id.name, table_.names(SymbolKind::variable));
      reporter_.warning("nmodl-undeclared", id.place,
                        fmt::format("{} names '{}', which is not declared", word, id.name),
                        nearest.empty() ? fmt::format("declare it or remove it from {}", word)
                                        : fmt::format("did you mean '{}'?", nearest));
      return;
    }
    if (variable->storage == Storage::ion || variable->storage == Storage::engine) return;
    if (variable->storage == Storage::constant) {
      reporter_.warning("nmodl-neuron", id.place,
                        fmt::format("{} names the constant '{}': it stays a constant", word, id.name));
      return;
    }
    if (variable->kind == VariableKind::state) {
      if (storage == Storage::global) {
        reporter_.error("nmodl-neuron", id.place, fmt::format("the STATE '{}' cannot be GLOBAL", id.name),
                        "remove it from GLOBAL");
      }
      return;
    }
    const auto [it, added] = visibility_.try_emplace(id.name, storage, id.place);
    if (!added && it->second.first != storage) {
      reporter_.error("nmodl-neuron", id.place, fmt::format("'{}' is both RANGE and GLOBAL", id.name),
                      "remove it from one of the two", {reporter_.note("it was named here before", it->second.second)});
      return;
    }
    variable->storage = storage;
  }

  void pointer(const Identifier& id) {
    Variable* variable = table_.find_variable(id.name);
    if (variable == nullptr) {
      add_variable(make_variable(id.name, VariableKind::assigned, Storage::pointer, id.place), id.place);
    } else {
      variable->storage = Storage::pointer;
    }
  }

  void current(const Identifier& id, CurrentKind kind) {
    Variable* variable = table_.find_variable(id.name);
    if (variable == nullptr) {
      const Symbol* symbol = table_.find(id.name);
      if (symbol == nullptr) {
        add_variable(make_variable(id.name, VariableKind::assigned, Storage::range, id.place), id.place);
      } else {
        reporter_.error("nmodl-neuron", id.place, fmt::format("the current '{}' is not a variable", id.name), "",
                        {reporter_.note("it is declared here", symbol->place)});
      }
    } else if (variable->storage == Storage::ion || variable->storage == Storage::engine ||
               variable->storage == Storage::constant) {
      reporter_.error("nmodl-neuron", id.place, fmt::format("'{}' cannot be a current of its own", id.name),
                      "declare an ASSIGNED variable for the current");
      return;
    } else {
      variable->storage = Storage::range;
    }
    if (add_current(id, {id.name, kind, ""})) return;
    reporter_.error("nmodl-neuron", id.place, fmt::format("the current '{}' is listed twice", id.name), "list it once");
  }

  bool add_current(const Identifier&, Current current) {
    for (const Current& other : table_.currents) {
      if (other.name == current.name) return false;
    }
    table_.currents.push_back(std::move(current));
    return true;
  }

  void use_ion(const UseIon& node, const Place& place) {
    for (const Ion& other : table_.ions) {
      if (other.name == node.ion.name) {
        reporter_.error("nmodl-ion", place, fmt::format("the ion '{}' is used twice", node.ion.name),
                        "merge the two USEION statements");
        return;
      }
    }
    Ion ion;
    ion.name = node.ion.name;
    ion.span = span_of(module_, place);
    if (node.valence) ion.valence = number(*node.valence);
    for (const Identifier& id : node.reads) ion_variable(ion, id, false);
    for (const Identifier& id : node.writes) ion_variable(ion, id, true);
    table_.ions.push_back(std::move(ion));
  }

  void ion_variable(Ion& ion, const Identifier& id, bool write) {
    const std::array<std::string, 4> names = {"e" + ion.name, "i" + ion.name, ion.name + "i", ion.name + "o"};
    const auto found = std::find(names.begin(), names.end(), id.name);
    if (found == names.end()) {
      reporter_.error("nmodl-ion", id.place, fmt::format("'{}' is not a variable of the ion '{}'", id.name, ion.name),
                      fmt::format("use {}, {}, {} or {}", names[0], names[1], names[2], names[3]));
      return;
    }
    const auto role = static_cast<IonRole>(found - names.begin());
    auto existing = std::find_if(ion.variables.begin(), ion.variables.end(),
                                 [&](const IonVariable& variable) { return variable.role == role; });
    if (existing == ion.variables.end()) {
      ion.variables.push_back({id.name, role, false, false});
      existing = ion.variables.end() - 1;
      declare_ion_variable(id);
    }
    (write ? existing->written : existing->read) = true;
    if (write && role == IonRole::current) add_current(id, {id.name, CurrentKind::ion, ion.name});
  }

  void declare_ion_variable(const Identifier& id) {
    Variable* variable = table_.find_variable(id.name);
    if (variable == nullptr) {
      add_variable(make_variable(id.name, VariableKind::assigned, Storage::ion, id.place), id.place);
      return;
    }
    if (variable->storage == Storage::constant) {
      reporter_.error("nmodl-ion", id.place, fmt::format("the ion variable '{}' is declared as a constant", id.name),
                      "declare it in ASSIGNED", {{"it is declared here", variable->span}});
      return;
    }
    if (variable->kind == VariableKind::parameter) variable->kind = VariableKind::assigned;
    variable->storage = Storage::ion;
    variable->value = 0;
  }

  /// STATE x starts at x0 where such a name exists.
  void link_initial_names() {
    for (Variable& variable : table_.variables) {
      if (variable.kind != VariableKind::state) continue;
      const Variable* initial = table_.find_variable(variable.name + "0");
      if (initial != nullptr && initial->kind == VariableKind::parameter) variable.initial_name = initial->name;
    }
  }

  const Module& module_;
  Reporter& reporter_;
  SymbolTable table_;
  UnitTable units_;
  bool has_name_ = false;
  Place name_place_;
  std::map<CodeBlock::Kind, Place> single_blocks_;
  std::vector<std::pair<const UseIon*, Place>> ions_;
  std::vector<const NameList*> lists_;
  std::map<std::string, std::pair<Storage, Place>> visibility_;
};

}  // namespace

const Symbol* SymbolTable::find(const std::string& symbol_name) const {
  const auto it = symbols.find(symbol_name);
  return it == symbols.end() ? nullptr : &it->second;
}

Variable* SymbolTable::find_variable(const std::string& variable_name) {
  const Symbol* symbol = find(variable_name);
  return symbol != nullptr && symbol->kind == SymbolKind::variable ? &variables[symbol->index] : nullptr;
}

const Variable* SymbolTable::find_variable(const std::string& variable_name) const {
  const Symbol* symbol = find(variable_name);
  return symbol != nullptr && symbol->kind == SymbolKind::variable ? &variables[symbol->index] : nullptr;
}

std::vector<std::string> SymbolTable::names(SymbolKind kind_wanted) const {
  std::vector<std::string> result;
  for (const auto& [symbol_name, symbol] : symbols) {
    if (symbol.kind == kind_wanted) result.push_back(symbol_name);
  }
  return result;
}

std::vector<std::string> SymbolTable::all_names() const {
  std::vector<std::string> result;
  for (const auto& [symbol_name, symbol] : symbols) result.push_back(symbol_name);
  return result;
}

bool is_engine_variable(const std::string& name) {
  return std::find(engine_variables.begin(), engine_variables.end(), name) != engine_variables.end();
}

SymbolTable collect_symbols(const Module& module, Reporter& reporter) { return Collector(module, reporter).run(); }

const CodeBlock* code_block_at(const Module& module, std::size_t item) {
  return item < module.items.size() ? std::get_if<CodeBlock>(&module.items[item].node) : nullptr;
}

CodeBlock* code_block_at(Module& module, std::size_t item) {
  return item < module.items.size() ? std::get_if<CodeBlock>(&module.items[item].node) : nullptr;
}

std::optional<double> literal_value(const Expression& expression) {
  if (const auto* number = std::get_if<Number>(&expression.node)) return number->value;
  const auto* unary = std::get_if<Unary>(&expression.node);
  if (unary == nullptr || unary->op != UnaryOperator::negate) return std::nullopt;
  const auto value = literal_value(*unary->operand);
  return value ? std::optional<double>(-*value) : std::nullopt;
}

}  // namespace cellwright::nmodl
