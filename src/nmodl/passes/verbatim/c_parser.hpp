#pragma once
/// A parser for the part of C that VERBATIM blocks of published mechanisms are made of.

#include <memory>
#include <optional>

#include "nmodl/passes/verbatim/c_tokens.hpp"

namespace cellwright::nmodl {

struct CExpression {
  enum class Kind { number, name, text, call, unary, binary, choice, cast, index, assign } kind = Kind::number;
  std::string text;  ///< name, number, operator; call: the function; cast: the type ("int", "double", "*" for pointers)
  std::vector<CExpression> parts;
  Place place;
};

struct CStatement {
  enum class Kind {
    block,
    if_else,
    while_loop,
    do_loop,
    for_loop,
    give_back,
    leave,
    evaluate,
    declare,
    nmodl
  } kind = Kind::block;
  /// declare: the type as in a cast; for_loop: nothing
  std::string type, name;
  bool is_static = false;
  std::optional<CExpression> size;        ///< declare: of an array
  std::vector<CExpression> initial;       ///< declare: the values
  std::optional<CExpression> expression;  ///< condition, value, or what is evaluated
  std::optional<CExpression> step;        ///< for_loop
  std::vector<CStatement> first;          ///< for_loop: before it
  std::vector<CStatement> body, otherwise;
  const Statement* statement = nullptr;  ///< nmodl
  Place place;
};

struct CFunction {
  std::string name;
  std::vector<std::string> arguments;
  bool has_value = true;
  std::vector<CStatement> body;
  Place place;
  std::optional<Refusal> refusal;  ///< the body is not understood: for whoever calls it
};

/// The statements of a block. @throws Refusal
std::vector<CStatement> parse_c_statements(const std::vector<CToken>& tokens);

/// What stands outside all blocks: functions and constants. A function whose body is not understood is there with its
/// refusal, since often nobody calls it; anything else that is not understood ends the list.
struct CDeclarations {
  std::vector<CFunction> functions;
  std::vector<CStatement> variables;
  std::optional<Refusal> refusal;  ///< what ended the list
};
CDeclarations parse_c_declarations(const std::vector<CToken>& tokens);

}  // namespace cellwright::nmodl
