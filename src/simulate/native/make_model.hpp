#pragma once

#include <memory>

#include "cellwright/compile/compiled_model.hpp"
#include "cellwright/simulate/native_simulator.hpp"

namespace cellwright::simulate::native {

/// A NativeModel of either precision, whose mechanisms must be compiled for it (native_model.cpp).
std::unique_ptr<PreparedModel> make_double_model(compile::CompiledModel model, const NativeSettings& settings);
std::unique_ptr<PreparedModel> make_float_model(compile::CompiledModel model, const NativeSettings& settings);

}  // namespace cellwright::simulate::native
