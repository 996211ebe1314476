#pragma once
/// The METHOD of each SOLVEd block.

#include <map>
#include <string>

#include "cellwright/nmodl/ast.hpp"

namespace cellwright::nmodl {

/// Block name -> the first METHOD that a SOLVE gives it, STEADYSTATE ones included.
std::map<std::string, Identifier> solve_methods(const Module& module);

}  // namespace cellwright::nmodl
