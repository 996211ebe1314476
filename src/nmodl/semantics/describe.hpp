#pragma once
/// Builds the MechanismDescription of a module that all passes have been through.

#include "nmodl/passes/pass.hpp"

namespace cellwright::nmodl {

MechanismDescription build_description(PassContext& context);

}  // namespace cellwright::nmodl
