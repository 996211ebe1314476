#pragma once
/// Where each variable of a mechanism lives in the tables of the mechanism ABI.

#include <map>
#include <string>
#include <vector>

#include "cellwright/nmodl/mechanism_description.hpp"

namespace cellwright::nmodl {

/// The table that holds a variable's value between the calls of generated code.
enum class Table { constant, param, var, global, ion, engine, pointer };

struct Slot {
  Table table = Table::var;
  int index = 0;                    ///< first row of `param`, `var` or `global`; index of the ion or the pointer
  IonRole role = IonRole::current;  ///< Table::ion
  int array_size = 0;               ///< 0: scalar
  double value = 0;                 ///< Table::constant
  bool uniform = false;             ///< equal for all instances and never assigned: constants, globals, celsius, dt
};

/// One row of a descriptor's table. An array `x` of 3 has three rows: "x" with array_size 3, then "x[1]" and "x[2]".
struct TableEntry {
  std::string name, unit;
  double default_value = 0;
  int array_size = 1;
  int state_initial = -1;  ///< states only, as cw_mechanism::state_initial
};

/// RANGE PARAMETERs that the mechanism assigns become states that start at the parameter's value: parameter rows are
/// shared by instances and must not be written. Ion currents have a row in `var` besides the ion's, so that a
/// mechanism's own part of a current can be recorded.
struct Layout {
  std::map<std::string, Slot> slots;              ///< of every Variable
  std::map<std::string, int> own_current;         ///< written ion currents: row of `var`
  std::vector<TableEntry> params, vars, globals;  ///< by row
  std::vector<TableEntry> pointers;               ///< by index of `pointer`
  int n_states = 0;                               ///< rows at the beginning of `vars`
};

Layout make_layout(const MechanismDescription& mechanism);

}  // namespace cellwright::nmodl
