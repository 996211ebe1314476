#pragma once
/// What a mechanism is and does, checked and lowered: all that the code generator, the engine's tables and the command
/// `cellwright nmodl` need. Made by compile_front_end() (front_end.hpp).
///
/// The blocks hold a small part of the syntax tree only (`lowered`):
///   statements   Local, Assignment, CallStatement (a PROCEDURE or a built-in), If, From, While; nothing else,
///                except Solve in `initial` (executed in place, see MechanismDescription::initial), Watch in
///                `net_receive`, and Break and Return from C code
///   expressions  Number, Name (index: an expression), Unary, Binary, Call (a FUNCTION, a row of builtins.hpp, or a row
///   of
///                special_functions.hpp, whose first argument may name a RANDOM, a vector or a POINTER)
/// A name in a block means, innermost first: FROM variable or LOCAL of an enclosing block, argument of the function,
/// then a Variable of the description. Locals are renamed so that none hides another or a Variable. DEFINEd names are
/// already numbers.

#include <optional>
#include <string>
#include <vector>

#include "cellwright/nmodl/ast.hpp"

namespace cellwright::nmodl {

enum class MechanismKind { density, point_process, artificial_cell };

/// Where a variable's value lives.
enum class Storage {
  constant,  ///< CONSTANT or a constant of UNITS: `value`, never changes
  global,    ///< one value for the mechanism: PARAMETER that is not RANGE, GLOBAL, file-level LOCAL
  range,     ///< one value per instance (segment), visible from outside as name_SUFFIX
  instance,  ///< one value per instance, not visible from outside
  ion,       ///< belongs to an ion of the segment: loaded at entry of a phase, stored at exit if written
  engine,    ///< v, t, dt, celsius, area, diam: given by the engine
  pointer    ///< POINTER: refers to another mechanism's variable
};

enum class VariableKind { parameter, constant, assigned, state, file_local, engine };

struct Limits {
  double low = 0, high = 0;
};

struct Variable {
  std::string name;
  VariableKind kind = VariableKind::assigned;
  Storage storage = Storage::instance;
  double value = 0;              ///< default of a PARAMETER, value of a constant; 0 otherwise
  std::string unit;              ///< as written, without parentheses; "" if none
  bool has_unit = false;         ///< a unit was written
  std::optional<Limits> limits;  ///< documentation only, as in NEURON: never enforced
  int array_size = 0;            ///< 0: scalar
  bool read = false;             ///< some block or function reads it
  bool written = false;      ///< some block or function assigns it (a STATE: also by its equation). A `global` that is
                             ///< written is scratch space that every instance overwrites
  std::string initial_name;  ///< STATE x: "x0" if a PARAMETER of that name exists, else "" (the state starts at 0)
  SourceSpan span;
};

/// The part an ion variable plays. x = ca: eca, ica, cai, cao.
enum class IonRole { reversal_potential, current, inside, outside };

struct IonVariable {
  std::string name;  ///< such as "eca"; also the name of its Variable
  IonRole role;
  bool read = false, written = false;
};

struct Ion {
  std::string name;  ///< such as "ca"
  std::vector<IonVariable> variables;
  std::optional<double> valence;  ///< as given by VALENCE or CHARGE
  SourceSpan span;
};

enum class CurrentKind { ion, nonspecific, electrode };

struct Current {
  std::string name;  ///< the Variable that holds it; mA/cm2 in a density mechanism, nA in a point process
  CurrentKind kind;
  std::string ion;  ///< ion currents: the ion's name
};

/// What a block or function reads and assigns, itself and in everything it calls: names of Variables.
struct Usage {
  std::vector<std::string> reads, writes;
  bool reads_name(const std::string& name) const;
  bool writes_name(const std::string& name) const;
};

/// TABLE of a function. Abscissae: x = first, then x += (last - first)/count, count + 1 entries. Look-up: see
/// neuron-semantics 5.8 (saturates outside [first, last], linear inside, NaN gives NaN).
struct LookupTable {
  std::vector<std::string> outputs;  ///< Variables that the procedure sets; empty for a FUNCTION (its own value)
  std::vector<std::string> depend;   ///< rebuild when one of these Variables changed
  Expression first, last;            ///< may read PARAMETERs and constants
  int count = 1;
  SourceSpan span;
};

/// A FUNCTION (its value is what `body` last assigned to the function's own name, 0 at first; the name may be read)
/// or a PROCEDURE.
struct Function {
  std::string name;
  bool is_procedure = false;
  std::vector<std::string> arguments;  ///< by value; may be assigned; renamed like locals
  Block body;                          ///< without TABLE
  std::optional<LookupTable> table;
  Usage usage;
  SourceSpan span;
};

/// x' = rhs of a DERIVATIVE block, as analysed on its text.
struct StateEquation {
  std::string state;
  std::optional<int> element;  ///< index into an array state
  Expression rhs;
  bool linear = false;             ///< rhs = a*x + b
  std::optional<Expression> a, b;  ///< if linear; a absent: identically zero; b absent: zero
  /// If linear with a and b: -b/a with their common factors cancelled, xinf in (xinf - x)/tau. It differs from -b/a
  /// by round-off only and needs one division less.
  std::optional<Expression> target;
  SourceSpan span;
};

/// How the state phase advances one SOLVEd block.
enum class SolveMethod {
  cnexp,          ///< `step` assigns the new states, exactly, block order
  euler,          ///< `step` assigns the new states from the old ones
  procedure,      ///< `step` is the body of the PROCEDURE (no METHOD, or after_cvode)
  derivimplicit,  ///< implicit Euler of a DERIVATIVE block: `system`
  sparse,         ///< implicit Euler of a KINETIC scheme: `system`
  linear,         ///< a LINEAR block: `system`
  nonlinear       ///< a NONLINEAR block: `system`
};

/// A STATE, or an element of one, that an ImplicitSystem determines.
struct Unknown {
  std::string state;
  std::optional<int> element;
  bool operator==(const Unknown&) const = default;
};

/// A system of equations in n unknowns. SolveBlock::step fills its coefficients, LOCAL arrays that it declares at its
/// top and whose names begin with `prefix`; the code generator adds what solves the system behind it.
///
///   Kind      arrays (sizes)                                   equations
///   balance   flux[n], matrix[entries], volume[n] (only if     volume[k]*x[k]' = flux[k]
///             has_volumes), missing[c], weight[w]
///   slopes    slope[n]                                         x[k]' = slope[k]
///   linear    matrix[n*n] row by row, right[n]                 matrix*x = right
///   residuals residual[n]                                      residual[k] = 0
///
/// balance: `matrix` holds minus the derivatives of `flux` by the unknowns at `entries`; rates count as constants.
/// A conservation replaces the balance of one row in the fixed step (NEURON's variable step ignores it):
/// sum over its columns of weight*x = missing + the same sum at the present x.
struct ImplicitSystem {
  enum class Kind { balance, slopes, linear, residuals };
  struct Entry {
    int row = 0, column = 0;
    bool operator==(const Entry&) const = default;
  };
  /// CONSERVE number c: weight[first_weight ...] belong to `columns`, in their order.
  struct Conservation {
    int row = 0;
    std::vector<int> columns;
    int first_weight = 0;
  };
  Kind kind = Kind::balance;
  std::string prefix;  ///< of the arrays: <prefix>_flux ...
  std::vector<Unknown> unknowns;
  std::vector<Entry> entries;
  std::vector<Conservation> conservations;
  bool has_volumes = false;
  bool is_linear = true;          ///< balance: one solution is exact; else Newton's method
  bool ends_with_update = false;  ///< balance: statements of the block depend on unknowns: run at the solution again
};

/// One SOLVE of BREAKPOINT. `step` runs once per step with the new v, t = t_{k+1} and the full dt.
struct SolveBlock {
  std::string name;
  SolveMethod method = SolveMethod::cnexp;
  bool after_step = false;               ///< METHOD after_cvode: it only recomputes values, once a step is done
  Block step;                            ///< lowered; with a system: what computes its coefficients
  std::optional<ImplicitSystem> system;  ///< derivimplicit, sparse, linear, nonlinear
  std::vector<StateEquation> equations;  ///< DERIVATIVE blocks, in textual order
  Block right_hand_sides;  ///< the statements with their Equations x' = f, which `step` replaces: for variable steps
  Usage usage;
  SourceSpan span;
};

/// NET_RECEIVE: one event for one instance.
struct NetReceive {
  std::vector<std::string> weights;  ///< the arguments as written, in order
  Function body;                     ///< arguments: the weights (assignments to them persist), then `flag`
  std::optional<Function> initial;   ///< its INITIAL block: once per connection at initialisation
  /// Conditions of its WATCH statements, in order of the text.
  std::vector<WatchCondition> watches;
  Usage usage;
  SourceSpan span;
};

/// A BEFORE or AFTER block.
struct HookBlock {
  enum class Moment { before_initial, after_initial, before_breakpoint, after_solve, before_step } moment;
  Block body;
  Usage usage;
};

struct MechanismDescription {
  std::string name;  ///< SUFFIX or POINT_PROCESS name
  MechanismKind kind = MechanismKind::density;
  std::string title;
  bool thread_safe = false;
  bool marks_times = false;  ///< it changes by jumps at times that it tells by at_time()

  std::vector<Variable>
      variables;          ///< in order of declaration, engine variables last; only engine variables that are used
  std::vector<Ion> ions;  ///< in order of USEION
  std::vector<Current> currents;  ///< ions' in order of USEION, then non-specific and electrode in order of the file:
                                  ///< NEURON sums them in this order
  /// Executed once per instance at initialisation, after states were set to x0 or 0. A Solve in it names a block of
  /// `solves`, or of `initial_solves` if BREAKPOINT does not solve it; with steady_state it goes to the steady state.
  Block initial;
  Usage initial_usage;
  Block breakpoint;  ///< without SOLVE: the current function
  Usage breakpoint_usage;
  /// True if there is no current: `breakpoint` then runs at the end of the state phase, once per step.
  bool breakpoint_in_state_phase = false;
  std::vector<SolveBlock> solves;  ///< state phase, in the order of the SOLVEs in BREAKPOINT
  std::vector<SolveBlock> initial_solves;
  std::optional<NetReceive> net_receive;
  std::vector<std::string> randoms;  ///< RANDOM variables: streams of random numbers
  std::vector<std::string> vectors;  ///< lists of numbers that the model gives to each instance
  std::vector<HookBlock> hooks;      ///< BEFORE and AFTER blocks, in order of the file
  /// Variables whose sum is dI/dv (CONDUCTANCE): BREAKPOINT then runs once, at v. Empty: the difference quotient.
  std::vector<std::string> conductances;
  std::vector<Function> functions;  ///< callees before callers; recursion is refused; only what is called
  std::vector<Diagnostic> warnings;

  std::vector<std::string> files;  ///< the file and all it included, as opened; texts go into the cache key
  std::vector<std::string> texts;

  const Variable* find_variable(const std::string& variable_name) const;
  const Function* find_function(const std::string& function_name) const;
  /// A block or function reads this name of v, t, dt, celsius, area, diam.
  bool uses(const std::string& engine_variable) const;
};

}  // namespace cellwright::nmodl
