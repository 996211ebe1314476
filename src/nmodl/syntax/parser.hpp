#pragma once
/// Recursive-descent parser of NMODL. It reports every problem to a Reporter and goes on behind it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cellwright/nmodl/ast.hpp"
#include "nmodl/syntax/lexer.hpp"

namespace cellwright::nmodl {

class Parser {
 public:
  /// Parentheses, blocks and loops may be nested so deep.
  static constexpr int max_nesting = 100;
  /// Operators in one expression.
  static constexpr int max_operators = 1000;

  Parser(std::string_view text, int file, Reporter& reporter);

  /// All items up to the end of the text; never throws for bad text.
  std::vector<Item> parse_items();
  /// One expression that fills the whole text (builtins' derivatives, tests). Problems go to the reporter.
  std::optional<Expression> parse_single_expression();

 private:
  /// Thrown after a problem was reported, caught where parsing can go on.
  struct SyntaxError {};
  class DepthGuard;

  // tokens (parser.cpp)
  const Token& current() const { return current_; }
  Token take();
  Token peek_second();
  bool accept(std::string_view symbol_or_keyword);
  Token expect(std::string_view symbol_or_keyword, const std::string& after);
  [[noreturn]] void fail(const Place& place, const std::string& message, const std::string& fix = "");
  [[noreturn]] void fail_here(const std::string& expected);
  [[noreturn]] void fail_unclosed(const Token& open, const std::string& expected);
  std::string describe_current() const;
  void skip_line(const Token& start);
  void skip_to_block_end();
  Place join(const Place& first) const;

  // expressions (parser_expressions.cpp)
  Expression expression();
  Expression binary(int level);
  Expression unary();
  Expression power();
  Expression primary();
  Expression number();
  Expression name_or_call();
  Expression make_binary(BinaryOperator op, Expression left, Expression right);
  void count_operator();
  void skip_unit();
  std::vector<Expression> call_arguments();
  Name variable();
  Expression signed_number();

  // names (parser_expressions.cpp)
  Identifier identifier(const std::string& what);
  std::vector<Identifier> identifier_list(const std::string& what);
  Declarator declarator(const std::string& what);
  std::optional<Expression> optional_size();
  std::optional<std::string> optional_unit();
  std::string unit_text();

  // statements (parser_statements.cpp)
  Block block(const std::string& owner, bool may_declare = true);
  void block_statement(Block& body);
  bool ends_block();
  Statement statement();
  Statement named_statement();
  [[noreturn]] void fail_at_target(const Token& before, const Token& start, const std::string& name);
  Statement local_statement();
  Statement if_statement();
  Statement from_statement();
  Statement while_statement();
  Statement table_statement();
  Statement solve_statement();
  Statement conductance_statement();
  Statement tilde_statement();
  Statement reaction(const Place& start);
  Statement conserve_statement();
  Statement compartment_statement();
  Statement watch_statement();
  Statement for_netcons_statement();
  Statement protect_statement();
  Statement verbatim_statement();
  Statement lag_statement();
  std::vector<ReactionTerm> reaction_side();
  ReactionTerm reaction_term();
  bool line_is_reaction();
  std::vector<Declarator> formal_arguments();

  // file level (parser_items.cpp)
  void item(std::vector<Item>& items);
  Item parse_item();
  NeuronBlock neuron_block();
  NeuronStatement neuron_statement();
  NeuronStatement use_ion();
  UnitsBlock units_block();
  UnitDefinition unit_definition();
  DefinitionBlock definition_block(DefinitionBlock::Kind kind);
  Definition definition(DefinitionBlock::Kind kind);
  void definition_value(Definition& result, DefinitionBlock::Kind kind);
  void definition_limits(Definition& result, DefinitionBlock::Kind kind);
  CodeBlock code_block();
  CodeBlock code_block_head(const Token& keyword);
  /// Parses entries up to '}'; an entry that fails is skipped to the end of its line.
  template <class Entry>
  void braced(const std::string& owner, Entry entry);

  Lexer lexer_;
  Reporter& reporter_;
  Token current_;
  Token previous_;
  int nesting_ = 0;
  int operators_ = 0;
  int expression_depth_ = 0;
};

}  // namespace cellwright::nmodl
