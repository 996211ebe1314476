#pragma once
/// The functions that NEURON's NMODL has besides mathematics (builtins.hpp): one table row each.

#include <string_view>

#include "cellwright/nmodl/ast.hpp"

namespace cellwright::nmodl {

/// What a function works on. `stream`, `pointer` and `vector`: its first argument names one.
enum class SpecialKind {
  event,    ///< asks the event queue: net_send ...
  stream,   ///< a RANDOM
  pointer,  ///< a POINTER
  vector,   ///< a list of numbers of the model; only made by the pass "verbatim"
  value,    ///< a number from numbers and what the engine gives: at_time, nernst
  removed,  ///< rewritten or dropped by a pass before code is generated
  refused
};

struct SpecialFunction {
  std::string_view name;
  SpecialKind kind;
  int min_arguments, max_arguments;
  std::string_view hint;  ///< refused: what to do instead
  bool has_value;
};

/// The row of a name or nullptr.
const SpecialFunction* find_special_function(std::string_view name);

/// The call draws random numbers or asks the event queue: it must happen exactly as often as it is written, and not for
/// several lanes at once.
bool is_ordered(const SpecialFunction& function);

/// at_time(t) as a statement: it tells a variable step a time and does nothing in a fixed one.
inline bool is_time_mark(const CallStatement& statement) { return statement.call.name == "at_time"; }

}  // namespace cellwright::nmodl
