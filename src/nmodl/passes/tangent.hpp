#pragma once
/// Forward differentiation of a whole block of statements: beside every variable that depends on one of the directions
/// it computes the variable's derivative.
///
///   g = gbar*m^2          ->   g_dm = gbar*(2*m)
///   i = g*(v - e)              g = gbar*m^2
///                              i_dv = g
///                              i_dm = g_dm*(v - e)
///                              i = g*(v - e)
///
/// Each branch of an IF gets the derivatives of its own statements; conditions, comparisons, indices and rounding count
/// as constant. Loops are differentiated round by round. A function with a TABLE has the slope of the piece of its
/// interpolation, 0 outside the table. What derivative and value share (exp, quotients) is computed once.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "nmodl/passes/flatten.hpp"

namespace cellwright::nmodl {

/// A variable by which derivatives are taken: v, an ion variable, a STATE or an element of one.
struct Direction {
  std::string variable;
  int element = -1;  ///< index into an array STATE; -1: scalar
  bool is_state = false;
  bool operator==(const Direction&) const = default;
};

/// Derivatives by number of the direction; what is missing is zero.
using Partials = std::map<int, Expression>;

/// What a STATE's equations came to.
struct StateRate {
  std::string state;
  int element = -1;
  bool linear = false;      ///< x' = a - b*x, a and b free of all STATEs
  std::string rate;         ///< not linear: the variable that holds x'
  std::string a, b;         ///< linear: the variables that hold a and b
  Partials d_rate, da, db;  ///< expressions at the end of the block
};

/// The slope that a block needs of the `output`th value in a function's table: a call `name(x)`.
struct TableSlope {
  std::string function;
  int output = 0;
  std::string name;
};

struct TangentBlock {
  Block body;                    ///< statements as lowered ones (mechanism_description.hpp), with calls of slopes
  std::vector<StateRate> rates;  ///< of each STATE with an equation in the block, in the order of the text
  std::map<std::string, Partials> partials;  ///< at the end of the body, of scalars and "x[k]"
  std::vector<TableSlope> slopes;
};

/// Differentiates a flat block.
/// @param flat   from Flattener::flatten, or several such after each other.
/// @param names  the Flattener, for further names.
/// @throws NotDifferentiable
TangentBlock differentiate_block(const MechanismDescription& mechanism, const Block& flat,
                                 const std::vector<Direction>& directions, Flattener& names);

/// Takes out the statements that do not contribute to the variables in `wanted`.
Block without_dead_statements(const MechanismDescription& mechanism, const Block& body,
                              const std::set<std::string>& wanted);

/// Variables that a block may read before it has assigned them.
std::set<std::string> read_before_written(const MechanismDescription& mechanism, const Block& flat);
/// Variables that a block may assign.
std::set<std::string> written(const MechanismDescription& mechanism, const Block& flat);

}  // namespace cellwright::nmodl
