#include <array>
#include <charconv>
#include <cmath>

#include "nmodl/syntax/parser_internal.hpp"

namespace cellwright::nmodl {
namespace {

struct OperatorRow {
  std::string_view symbol;
  int level;  ///< higher binds tighter
  BinaryOperator op;
};

constexpr std::array<OperatorRow, 12> operators = {{{"||", 0, BinaryOperator::logical_or},
                                                    {"&&", 1, BinaryOperator::logical_and},
                                                    {"==", 2, BinaryOperator::equal},
                                                    {"!=", 2, BinaryOperator::not_equal},
                                                    {"<", 2, BinaryOperator::less},
                                                    {">", 2, BinaryOperator::greater},
                                                    {"<=", 2, BinaryOperator::less_equal},
                                                    {">=", 2, BinaryOperator::greater_equal},
                                                    {"+", 3, BinaryOperator::add},
                                                    {"-", 3, BinaryOperator::subtract},
                                                    {"*", 4, BinaryOperator::multiply},
                                                    {"/", 4, BinaryOperator::divide}}};
constexpr int tightest_level = 4;

const OperatorRow* find_operator(const Token& token, int level) {
  if (token.kind != TokenKind::symbol) return nullptr;
  for (const OperatorRow& row : operators) {
    if (row.level == level && row.symbol == token.text) return &row;
  }
  return nullptr;
}

}  // namespace

Expression Parser::expression() {
  const DepthGuard guard(*this);
  if (expression_depth_ == 0) operators_ = 0;
  ++expression_depth_;
  struct Restore {
    int& depth;
    ~Restore() { --depth; }
  } restore{expression_depth_};
  return binary(0);
}

void Parser::count_operator() {
  if (++operators_ > max_operators) {
    fail(current().place, fmt::format("more than {} operators in one expression", max_operators),
         "split it with LOCAL variables");
  }
}

Expression Parser::make_binary(BinaryOperator op, Expression left, Expression right) {
  const Place start = left.place;
  return {Binary{op, std::move(left), std::move(right)}, join(start)};
}

Expression Parser::binary(int level) {
  if (level > tightest_level) return unary();
  Expression left = binary(level + 1);
  while (const OperatorRow* row = find_operator(current(), level)) {
    count_operator();
    take();
    left = make_binary(row->op, std::move(left), binary(level + 1));
  }
  return left;
}

Expression Parser::unary() {
  const Token start = current();
  if (start.is("-") || start.is("!")) {
    const DepthGuard guard(*this);
    count_operator();
    take();
    Expression operand = unary();
    const UnaryOperator op = start.is("-") ? UnaryOperator::negate : UnaryOperator::logical_not;
    return {Unary{op, std::move(operand)}, join(start.place)};
  }
  return power();
}

/// `^` binds tighter than a minus on its left, looser than one on its right, and groups from the right.
Expression Parser::power() {
  Expression base = primary();
  if (!current().is("^")) return base;
  const DepthGuard guard(*this);
  count_operator();
  take();
  return make_binary(BinaryOperator::power, std::move(base), unary());
}

Expression Parser::primary() {
  const Token start = current();
  if (start.kind == TokenKind::number) return number();
  if (start.kind == TokenKind::name) return name_or_call();
  if (start.is("(")) {
    take();
    Expression inner = expression();
    if (!accept(")")) fail_unclosed(start, "')'");
    return inner;
  }
  if (start.is("+")) {
    fail(start.place, "NMODL has no unary '+'", "leave the '+' out");
  }
  if (start.kind == TokenKind::bad && start.text == "%")
    fail(start.place, "NMODL has no '%' operator", "use fmod(a, b)");
  fail_here("an expression");
}

/// A number and the unit in parentheses that may follow it.
Expression Parser::number() {
  const Token token = take();
  Number result;
  result.text = std::string(token.text);
  const auto [end, error] = std::from_chars(token.text.data(), token.text.data() + token.text.size(), result.value,
                                            std::chars_format::general);
  if (error == std::errc::result_out_of_range) {
    fail(token.place, fmt::format("the number {} does not fit a double", token.text));
  }
  if (error != std::errc() || end != token.text.data() + token.text.size()) {
    fail(token.place, fmt::format("'{}' is not a number", token.text));
  }
  if (current().is("(")) skip_unit();
  return {result, token.place};
}

void Parser::skip_unit() { unit_text(); }

/// At '(': the unit text up to ')'.
std::string Parser::unit_text() {
  const Token open = current();
  std::optional<std::string> text = lexer_.raw_until_parenthesis();
  if (!text) fail(open.place, "this unit has no closing ')' on its line");
  current_ = lexer_.next();
  previous_ = open;
  previous_.place.length = static_cast<int>(text->size()) + 2;
  return *text;
}

std::optional<std::string> Parser::optional_unit() {
  if (!current().is("(")) return std::nullopt;
  return unit_text();
}

Expression Parser::name_or_call() {
  const Token name = current();
  if (!peek_second().is("(")) return {variable(), join(name.place)};
  take();
  count_operator();
  Call call{std::string(name.text), call_arguments()};
  return {std::move(call), join(name.place)};
}

std::vector<Expression> Parser::call_arguments() {
  const Token open = expect("(", "the function's name");
  std::vector<Expression> arguments;
  if (accept(")")) return arguments;
  do {
    if (current().kind == TokenKind::text) {
      const Token text = take();
      arguments.push_back({Text{std::string(text.text)}, text.place});
    } else {
      arguments.push_back(expression());
    }
  } while (accept(","));
  if (!accept(")")) fail_unclosed(open, "',' or ')' in the argument list");
  return arguments;
}

Name Parser::variable() {
  Name name{identifier("a variable").name, {}};
  if (accept("[")) {
    count_operator();
    name.index = expression();
    if (!accept("]")) fail_here("']' after the index");
  }
  return name;
}

/// -1e-3, or a DEFINEd name.
Expression Parser::signed_number() {
  const Token start = current();
  if (accept("-")) {
    Expression value = signed_number();
    return {Unary{UnaryOperator::negate, std::move(value)}, join(start.place)};
  }
  if (start.kind == TokenKind::name) {
    take();
    return {Name{std::string(start.text), {}}, start.place};
  }
  if (start.kind != TokenKind::number) fail_here("a number");
  const Token token = take();
  double value = 0;
  const auto result =
      std::from_chars(token.text.data(), token.text.data() + token.text.size(), value, std::chars_format::general);
  if (result.ec != std::errc()) fail(token.place, fmt::format("the number {} does not fit a double", token.text));
  return {Number{value, std::string(token.text)}, token.place};
}

Identifier Parser::identifier(const std::string& what) {
  if (current().kind != TokenKind::name) fail_here(what);
  const Token token = take();
  return {std::string(token.text), token.place};
}

std::vector<Identifier> Parser::identifier_list(const std::string& what) {
  std::vector<Identifier> names;
  do {
    names.push_back(identifier(what));
  } while (accept(","));
  return names;
}

Declarator Parser::declarator(const std::string& what) {
  const Identifier name = identifier(what);
  return {name.name, optional_size(), name.place};
}

std::optional<Expression> Parser::optional_size() {
  if (!accept("[")) return std::nullopt;
  if (current().kind != TokenKind::number && current().kind != TokenKind::name) fail_here("the array's size");
  Expression size = signed_number();
  if (!accept("]")) fail_here("']' after the array's size");
  return size;
}

}  // namespace cellwright::nmodl
