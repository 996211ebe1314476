#pragma once
/// From the C code of VERBATIM blocks to NMODL statements.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "nmodl/passes/verbatim/c_parser.hpp"

namespace cellwright::nmodl {

/// What a variable that holds a C pointer refers to.
struct Handle {
  enum class Kind { stream, list } kind = Kind::stream;
  /// stream: no code gives it a Random123 generator, only the interpreter's Random objects; the project's stream then
  /// stands in for them and is always there
  bool always_set = false;
};

/// What the translator knows of the whole file.
struct CContext {
  std::map<std::string, Handle> handles;        ///< by variable
  std::map<std::string, std::string> flags;     ///< variables that tell whether a stream is set, and the stream
  std::set<std::string> variables;              ///< NMODL variables, also v, t, dt ...
  std::set<std::string> functions, procedures;  ///< of NMODL
  std::map<std::string, CFunction> c_functions;
  std::map<std::string, double> constants;
  std::set<std::string> silent;          ///< macros without effect
  std::set<std::string> used_functions;  ///< filled: C functions that translated code calls
};

/// A block that may hold VERBATIM, as its C code sees it.
struct COwner {
  CodeBlock::Kind kind = CodeBlock::Kind::procedure;
  std::string name;                 ///< FUNCTION, PROCEDURE
  std::set<std::string> arguments;  ///< also `flag`
};

/// The block with its VERBATIM statements, at any depth, translated; `reader` must have read what stands before.
/// @throws Refusal
Block translate_block(const Block& body, const COwner& owner, CContext& context, CReader& reader);

/// A C function as an NMODL FUNCTION or PROCEDURE. @throws Refusal
CodeBlock translate_function(const CFunction& function, CContext& context);

}  // namespace cellwright::nmodl
