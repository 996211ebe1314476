#pragma once
/// The fixed beginning of every generated file.

namespace cellwright::nmodl {

extern const char* const generated_prelude;

/// More of it for mechanisms with events, streams of random numbers, pointers or lists: struct Context and its
/// functions.
extern const char* const context_prelude;

}  // namespace cellwright::nmodl
