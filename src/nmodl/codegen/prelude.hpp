#pragma once
/// The fixed beginning of every generated file.

namespace cellwright::nmodl {

extern const char* const generated_prelude;

}  // namespace cellwright::nmodl
