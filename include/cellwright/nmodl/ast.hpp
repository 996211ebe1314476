#pragma once
/// The syntax tree of an NMODL file: plain structs in std::variant, owned by value, visited with std::visit and
/// `Overloaded`.
///
/// The whole language has nodes here; what the compiler cannot translate is refused later, by name, with its line.
/// Comments and the units after numbers and names inside expressions have no node. Places never take part in ==.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cellwright/base/error.hpp"
#include "cellwright/nmodl/box.hpp"

namespace cellwright::nmodl {

/// Joins lambdas into one visitor: std::visit(Overloaded{[](const Number&) {...}, [](const auto&) {...}}, e.node).
template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

/// Where a node stands: `file` indexes Module::files; line and column count from 1 (0: made by a pass).
struct Place {
  int file = 0;
  int line = 0;
  int column = 0;
  int length = 1;
  friend bool operator==(const Place&, const Place&) { return true; }
};

// ------------------------------------------------------------------------------------------------ expressions

struct Expression;

struct Number {
  double value = 0;
  std::string text;  ///< as written, "" if a pass made it; not compared
  friend bool operator==(const Number& a, const Number& b) { return a.value == b.value; }
};

/// A variable, with an index if it is an array element.
struct Name {
  std::string name;
  Box<Expression> index;
  bool operator==(const Name&) const = default;
};

enum class UnaryOperator { negate, logical_not };
struct Unary {
  UnaryOperator op;
  Box<Expression> operand;
  bool operator==(const Unary&) const = default;
};

/// `power` is `^`: C's pow() on doubles.
enum class BinaryOperator {
  add,
  subtract,
  multiply,
  divide,
  power,
  less,
  greater,
  less_equal,
  greater_equal,
  equal,
  not_equal,
  logical_and,
  logical_or
};
struct Binary {
  BinaryOperator op;
  Box<Expression> left, right;
  bool operator==(const Binary&) const = default;
};

struct Call {
  std::string name;
  std::vector<Expression> arguments;
  bool operator==(const Call&) const;
};

/// A quoted text, legal only as an argument (printf).
struct Text {
  std::string text;
  bool operator==(const Text&) const = default;
};

struct Expression {
  std::variant<Number, Name, Unary, Binary, Call, Text> node;
  Place place;
  bool operator==(const Expression&) const = default;
};
inline bool Call::operator==(const Call& other) const { return name == other.name && arguments == other.arguments; }

// ------------------------------------------------------------------------------------------------- statements

struct Statement;
using Block = std::vector<Statement>;

/// A name that is declared or listed: `size` is the array size as written, a number or a DEFINEd name, or absent.
struct Declarator {
  std::string name;
  std::optional<Expression> size;
  Place place;
  bool operator==(const Declarator&) const = default;
};

/// A name in a list (RANGE, DEPEND, COMPARTMENT ...).
struct Identifier {
  std::string name;
  Place place;
  bool operator==(const Identifier&) const = default;
};

struct Local {
  std::vector<Declarator> variables;
  bool operator==(const Local&) const = default;
};
struct Assignment {
  Name target;
  Place target_place;
  Expression value;
  bool operator==(const Assignment&) const = default;
};
/// `x' = rhs`, `x'' = rhs`.
struct Equation {
  Name state;
  int order = 1;
  Place state_place;
  Expression rhs;
  bool operator==(const Equation&) const = default;
};
/// A call whose value is not used.
struct CallStatement {
  Call call;
  bool operator==(const CallStatement&) const = default;
};
/// `ELSE IF` is an If alone in `otherwise`.
struct If {
  Expression condition;
  Block then;
  Block otherwise;
  bool has_else = false;
  bool operator==(const If&) const;
};
/// FROM variable = first TO last BY step { body }: the variable is local to the loop and counts in whole numbers.
struct From {
  Identifier variable;
  Expression first, last;
  std::optional<Expression> step;
  Block body;
  bool operator==(const From&) const;
};
struct While {
  Expression condition;
  Block body;
  bool operator==(const While&) const;
};
/// TABLE outputs DEPEND depend FROM first TO last WITH count. In a FUNCTION `outputs` is empty.
struct TableStatement {
  std::vector<Identifier> outputs;
  std::vector<Identifier> depend;
  Expression first, last;
  Expression count;
  bool operator==(const TableStatement&) const = default;
};
/// SOLVE block [METHOD method | STEADYSTATE method] [IFERROR {...}].
struct Solve {
  Identifier block;
  std::optional<Identifier> method;
  bool steady_state = false;
  Block if_error;
  bool operator==(const Solve&) const;
};
struct Conductance {
  Identifier variable;
  std::optional<Identifier> ion;
  bool operator==(const Conductance&) const = default;
};

/// One term of a reaction or of CONSERVE: `2 A`, `A[3]`.
struct ReactionTerm {
  Expression coefficient;  ///< Number 1 if not written
  Name species;
  Place place;
  bool operator==(const ReactionTerm&) const = default;
};
/// `~ left <-> right (forward, backward)`, `~ left -> (forward)`, `~ left << (forward)`.
struct Reaction {
  enum class Kind { reversible, sink, source } kind = Kind::reversible;
  std::vector<ReactionTerm> left, right;
  Expression forward;
  std::optional<Expression> backward;
  bool operator==(const Reaction&) const = default;
};
/// `~ left = right` of LINEAR and NONLINEAR blocks.
struct TildeEquation {
  Expression left, right;
  bool operator==(const TildeEquation&) const = default;
};
struct Conserve {
  std::vector<ReactionTerm> terms;
  Expression total;
  bool operator==(const Conserve&) const = default;
};
/// COMPARTMENT [index,] volume { species } and LONGITUDINAL_DIFFUSION [index,] flux { species }.
struct Compartment {
  bool diffusion = false;
  std::optional<Identifier> index;
  Expression volume;
  std::vector<Identifier> species;
  bool operator==(const Compartment&) const = default;
};

struct WatchCondition {
  Expression condition;  ///< left > right or left < right
  Expression flag;
  bool operator==(const WatchCondition&) const = default;
};
struct Watch {
  std::vector<WatchCondition> conditions;
  bool operator==(const Watch&) const = default;
};
struct ForNetcons {
  std::vector<Declarator> arguments;
  Block body;
  bool operator==(const ForNetcons&) const;
};
/// The INITIAL block inside NET_RECEIVE.
struct NetInitial {
  Block body;
  bool operator==(const NetInitial&) const;
};
/// PROTECT before an assignment.
struct Protect {
  Assignment assignment;
  bool operator==(const Protect&) const = default;
};
struct MutexLock {
  bool lock = true;
  bool operator==(const MutexLock&) const = default;
};
/// UNITSON, UNITSOFF.
struct UnitsSwitch {
  bool on = true;
  bool operator==(const UnitsSwitch&) const = default;
};
struct Verbatim {
  std::string text;  ///< everything between VERBATIM and ENDVERBATIM
  bool operator==(const Verbatim&) const = default;
};
/// LAG name BY steps: only seen in very old files.
struct Lag {
  Identifier variable;
  Expression steps;
  bool operator==(const Lag&) const = default;
};

/// Ends a loop or the running block; only made by passes from C code (`return value;` assigns the function's name
/// first).
struct Break {
  bool operator==(const Break&) const = default;
};
struct Return {
  bool operator==(const Return&) const = default;
};

struct Statement {
  std::variant<Local, Assignment, Equation, CallStatement, If, From, While, TableStatement, Solve, Conductance,
               Reaction, TildeEquation, Conserve, Compartment, Watch, ForNetcons, NetInitial, Protect, MutexLock,
               UnitsSwitch, Verbatim, Lag, Break, Return>
      node;
  Place place;
  bool operator==(const Statement&) const = default;
};

inline bool If::operator==(const If& o) const {
  return condition == o.condition && then == o.then && otherwise == o.otherwise && has_else == o.has_else;
}
inline bool From::operator==(const From& o) const {
  return variable == o.variable && first == o.first && last == o.last && step == o.step && body == o.body;
}
inline bool While::operator==(const While& o) const { return condition == o.condition && body == o.body; }
inline bool Solve::operator==(const Solve& o) const {
  return block == o.block && method == o.method && steady_state == o.steady_state && if_error == o.if_error;
}
inline bool ForNetcons::operator==(const ForNetcons& o) const { return arguments == o.arguments && body == o.body; }
inline bool NetInitial::operator==(const NetInitial& o) const { return body == o.body; }

// ------------------------------------------------------------------------------------------------- file level

/// A signed number as declarations have it (PARAMETER gbar = -1e-3), or a DEFINEd name.
using Literal = Expression;

struct Title {
  std::string text;
  bool operator==(const Title&) const = default;
};
struct Define {
  Identifier name;
  Expression value;
  bool operator==(const Define&) const = default;
};
struct Include {
  std::string path;
  bool operator==(const Include&) const = default;
};

// NEURON { ... }
struct MechanismName {
  enum class Kind { suffix, point_process, artificial_cell } kind;
  Identifier name;
  bool operator==(const MechanismName&) const = default;
};
struct UseIon {
  Identifier ion;
  std::vector<Identifier> reads, writes;
  std::optional<Literal> valence;
  std::optional<std::string> represents;
  bool operator==(const UseIon&) const = default;
};
/// RANGE, GLOBAL, POINTER, BBCOREPOINTER, EXTERNAL, NONSPECIFIC_CURRENT, ELECTRODE_CURRENT and their names.
struct NameList {
  enum class Kind {
    range,
    global,
    pointer,
    bbcore_pointer,
    external,
    nonspecific_current,
    electrode_current,
    section,
    vector  ///< made by the pass "verbatim": values that the model gives as a list
  } kind;
  std::vector<Identifier> names;
  bool operator==(const NameList&) const = default;
};
struct RandomDeclaration {
  std::vector<Identifier> names;
  bool operator==(const RandomDeclaration&) const = default;
};
struct ThreadSafe {
  bool operator==(const ThreadSafe&) const = default;
};
struct NeuronStatement {
  std::variant<MechanismName, UseIon, NameList, RandomDeclaration, ThreadSafe> node;
  Place place;
  bool operator==(const NeuronStatement&) const = default;
};
struct NeuronBlock {
  std::vector<NeuronStatement> statements;
  bool operator==(const NeuronBlock&) const = default;
};

/// `(mV) = (millivolt)` (name starts with '('), or `FARADAY = (faraday) (coulomb)`, or `X = 3 (mV)`.
struct UnitDefinition {
  enum class Kind { alias, factor, number } kind;
  Identifier name;       ///< alias: the new unit's name without parentheses
  std::string from, to;  ///< unit texts without parentheses; alias: `from` is the definition
  double value = 0;      ///< number only
  Place place;
  bool operator==(const UnitDefinition&) const = default;
};
struct UnitsBlock {
  std::vector<UnitDefinition> definitions;
  bool operator==(const UnitsBlock&) const = default;
};

/// A line of PARAMETER, CONSTANT, ASSIGNED, STATE: name[size] = value FROM low TO high START start (unit) <low, high>.
struct Definition {
  Declarator variable;
  std::optional<Literal> value;
  std::optional<Literal> from, to, start;
  std::optional<std::string> unit;   ///< without parentheses; "" for `()`
  std::optional<Literal> low, high;  ///< the limits <low, high>; in STATE the second is absent: <tolerance>
  bool operator==(const Definition&) const = default;
};
struct DefinitionBlock {
  enum class Kind { parameter, constant, assigned, state, independent } kind;
  std::vector<Definition> definitions;
  bool operator==(const DefinitionBlock&) const = default;
};

/// INITIAL, BREAKPOINT, DERIVATIVE name, PROCEDURE name(arguments), ... : a block that holds statements.
struct CodeBlock {
  enum class Kind {
    initial,
    breakpoint,
    derivative,
    kinetic,
    linear,
    nonlinear,
    discrete,
    procedure,
    function,
    function_table,
    net_receive,
    constructor,
    destructor,
    before,
    after
  } kind;
  Identifier name;  ///< DERIVATIVE, KINETIC, ..., PROCEDURE, FUNCTION; BEFORE/AFTER: the moment (BREAKPOINT ...)
  std::vector<Declarator> arguments;  ///< PROCEDURE, FUNCTION, NET_RECEIVE; their units are dropped
  std::vector<Identifier> solve_for;  ///< SOLVEFOR of KINETIC, LINEAR ...
  Block body;
  bool operator==(const CodeBlock&) const = default;
};

/// A part of the file that stands outside all blocks.
struct Item {
  std::variant<Title, Define, Include, UnitsSwitch, NeuronBlock, UnitsBlock, DefinitionBlock, CodeBlock, Local,
               Verbatim>
      node;
  Place place;
  bool operator==(const Item&) const = default;
};

/// One NMODL file with what it includes.
struct Module {
  std::vector<std::string> files;  ///< [0] is the file itself; not compared
  std::vector<std::string> texts;  ///< the texts of `files`, for carets; not compared
  std::vector<Item> items;
  friend bool operator==(const Module& a, const Module& b) { return a.items == b.items; }
};

/// The SourceSpan of a place in a module.
SourceSpan span_of(const Module& module, const Place& place);

}  // namespace cellwright::nmodl
