#include <algorithm>
#include <array>

#include "nmodl/syntax/habits.hpp"
#include "nmodl/syntax/parser_internal.hpp"

namespace cellwright::nmodl {
namespace {

/// Keywords that begin an item of the file and nothing inside a block (INITIAL may stand in NET_RECEIVE).
constexpr std::array<std::string_view, 23> item_keywords = {
    "AFTER",       "ASSIGNED", "BEFORE",    "BREAKPOINT",     "CONSTANT",  "CONSTRUCTOR", "DEFINE",  "DERIVATIVE",
    "DESTRUCTOR",  "DISCRETE", "FUNCTION",  "FUNCTION_TABLE", "INCLUDE",   "INDEPENDENT", "KINETIC", "LINEAR",
    "NET_RECEIVE", "NEURON",   "NONLINEAR", "PARAMETER",      "PROCEDURE", "STATE",       "UNITS"};

}  // namespace

/// True at a word that can only begin a new item of the file: a '}' is missing before it.
bool Parser::ends_block() {
  if (current().kind != TokenKind::keyword) return false;
  return std::find(item_keywords.begin(), item_keywords.end(), current().text) != item_keywords.end();
}

/// A block in braces. After an error inside it parsing goes on with the next line.
Block Parser::block(const std::string& owner, bool may_declare) {
  const DepthGuard guard(*this);
  const Token open = expect("{", owner);
  Block body;
  bool at_start = may_declare;
  while (!current().is("}") && current().kind != TokenKind::end && !ends_block() && !reporter_.full()) {
    const Token start = current();
    try {
      if (start.is("LOCAL") && !at_start) {
        fail(start.place, "LOCAL must stand at the beginning of its block", "move it behind the '{'");
      }
      if (!start.is("LOCAL") && !start.is("VERBATIM") && !start.is("UNITSOFF") && !start.is("UNITSON"))
        at_start = false;
      body.push_back(statement());
    } catch (const SyntaxError&) {
      at_start = at_start || start.is("LOCAL");
      skip_line(start);
    }
  }
  if (reporter_.full()) throw SyntaxError{};
  if (!accept("}")) {
    reporter_.error("nmodl-syntax", current().place,
                    fmt::format("expected '}}' at the end of {}, found {}", owner, describe_current()),
                    "close the block", {reporter_.note("it begins here", open.place)});
    throw SyntaxError{};
  }
  return body;
}

Statement Parser::statement() {
  const Token start = current();
  if (start.kind == TokenKind::name) return named_statement();
  if (start.is("LOCAL")) return local_statement();
  if (start.is("IF") || start.is("if")) return if_statement();
  if (start.is("FROM")) return from_statement();
  if (start.is("WHILE") || start.is("while")) return while_statement();
  if (start.is("TABLE")) return table_statement();
  if (start.is("SOLVE")) return solve_statement();
  if (start.is("CONDUCTANCE")) return conductance_statement();
  if (start.is("~")) return tilde_statement();
  if (start.is("CONSERVE")) return conserve_statement();
  if (start.is("COMPARTMENT") || start.is("LONGITUDINAL_DIFFUSION")) return compartment_statement();
  if (start.is("WATCH")) return watch_statement();
  if (start.is("FOR_NETCONS")) return for_netcons_statement();
  if (start.is("INITIAL")) {
    take();
    Block body = block("INITIAL");
    return {NetInitial{std::move(body)}, start.place};
  }
  if (start.is("PROTECT")) return protect_statement();
  if (start.is("VERBATIM")) return verbatim_statement();
  if (start.is("LAG")) return lag_statement();
  if (start.is("MUTEXLOCK") || start.is("MUTEXUNLOCK")) {
    take();
    return {MutexLock{start.is("MUTEXLOCK")}, start.place};
  }
  if (start.is("UNITSON") || start.is("UNITSOFF")) {
    take();
    return {UnitsSwitch{start.is("UNITSON")}, start.place};
  }
  if (start.kind == TokenKind::bad && start.text == "%") {
    fail(start.place, "NMODL has no '%' operator", "use fmod(a, b)");
  }
  if (start.kind == TokenKind::bad && start.text == ";") fail(start.place, "NMODL statements have no ';'", "remove it");
  fail_here("a statement");
}

/// name = ..., name[i] = ..., name' = ..., name(...).
Statement Parser::named_statement() {
  const Token before = previous_, start = current(), second = peek_second();
  if (!second.is("=")) {
    const std::string fix = foreign_statement_fix(start.text);
    if (!fix.empty()) fail(start.place, fmt::format("NMODL has no statement '{}'", start.text), fix);
  }
  if (second.is("(")) {
    take();
    Call call{std::string(start.text), call_arguments()};
    return {CallStatement{std::move(call)}, join(start.place)};
  }
  Name target = variable();
  const Place target_place = join(start.place);
  int order = 0;
  while (accept("'")) ++order;
  if (current().is("==")) fail(current().place, "'==' compares; an assignment is written with '='", "write '='");
  if (!current().is("=")) fail_at_target(before, start, target.name);
  take();
  Expression value = expression();
  if (order > 0) {
    return {Equation{std::move(target), order, target_place, std::move(value)}, join(start.place)};
  }
  return {Assignment{std::move(target), target_place, std::move(value)}, join(start.place)};
}

/// What stands behind a name that begins a statement makes no statement of it.
void Parser::fail_at_target(const Token& before, const Token& start, const std::string& name) {
  const bool behind_operand = before.place.line == start.place.line &&
                              (before.kind == TokenKind::name || before.kind == TokenKind::number || before.is(")"));
  std::string fix = behind_operand ? fmt::format("is an operator missing before '{}'?", name) : "";
  if (current().place.line > start.place.line) {
    fail(start.place, fmt::format("'{}' alone is no statement", name), fix);
  }
  if (current().is("/") && name.size() > 1 && name.front() == 'd') {
    fix = fmt::format("write the equation of a STATE as {}' = ...", name.substr(1));
  }
  if (fix.empty()) fail_here(fmt::format("'=' or '(' after '{}'", name));
  fail(current().place, fmt::format("expected '=' or '(' after '{}', found {}", name, describe_current()), fix);
}

Statement Parser::local_statement() {
  const Token start = take();
  Local local;
  do {
    local.variables.push_back(declarator("a name after LOCAL"));
  } while (accept(","));
  return {std::move(local), join(start.place)};
}

Statement Parser::if_statement() {
  const DepthGuard guard(*this);
  const Token start = take();
  expect("(", "IF");
  If result;
  result.condition = expression();
  if (current().is("=")) fail(current().place, "'=' assigns; a comparison is written with '=='", "write '=='");
  if (!accept(")")) fail_here("')' after the condition");
  result.then = block("IF");
  if (current().is("ELSE") || current().is("else")) {
    take();
    result.has_else = true;
    if (current().is("IF") || current().is("if")) {
      result.otherwise.push_back(if_statement());
    } else {
      result.otherwise = block("ELSE");
    }
  }
  return {std::move(result), start.place};
}

Statement Parser::from_statement() {
  const Token start = take();
  From loop;
  loop.variable = identifier("the loop's variable");
  expect("=", "the loop's variable");
  loop.first = expression();
  expect("TO", "the first value");
  loop.last = expression();
  if (accept("BY")) loop.step = expression();
  loop.body = block("FROM");
  return {std::move(loop), start.place};
}

Statement Parser::while_statement() {
  const Token start = take();
  expect("(", "WHILE");
  While loop;
  loop.condition = expression();
  if (!accept(")")) fail_here("')' after the condition");
  loop.body = block("WHILE");
  return {std::move(loop), start.place};
}

Statement Parser::table_statement() {
  const Token start = take();
  TableStatement table;
  if (current().kind == TokenKind::name) table.outputs = identifier_list("a name after TABLE");
  if (accept("DEPEND")) table.depend = identifier_list("a name after DEPEND");
  expect("FROM", "TABLE and its names");
  table.first = expression();
  expect("TO", "the first value");
  table.last = expression();
  expect("WITH", "the last value");
  table.count = expression();
  return {std::move(table), join(start.place)};
}

Statement Parser::solve_statement() {
  const Token start = take();
  Solve solve;
  solve.block = identifier("the name of a block after SOLVE");
  if (current().is("METHOD") || current().is("STEADYSTATE")) {
    solve.steady_state = take().is("STEADYSTATE");
    solve.method = identifier("the name of a method");
  }
  const Place place = join(start.place);
  if (accept("IFERROR")) solve.if_error = block("IFERROR");
  return {std::move(solve), place};
}

Statement Parser::conductance_statement() {
  const Token start = take();
  Conductance conductance;
  conductance.variable = identifier("a variable after CONDUCTANCE");
  if (accept("USEION")) conductance.ion = identifier("the ion's name");
  return {std::move(conductance), join(start.place)};
}

/// True if the terms behind '~' lead to '<->', '->' or '<<': a reaction, not an equation.
bool Parser::line_is_reaction() {
  const Token start = current();
  Token token = start;
  int brackets = 0;
  while (token.kind != TokenKind::end && !token.is("}")) {
    const bool term =
        token.kind == TokenKind::name || token.kind == TokenKind::number || token.is("+") || token.is("*");
    if (token.is("[")) ++brackets;
    if (token.is("]")) --brackets;
    if (!term && brackets == 0 && !token.is("]")) break;
    token = lexer_.next();
  }
  lexer_.rewind(start);
  current_ = lexer_.next();
  return token.is("<->") || token.is("->") || token.is("<<");
}

Statement Parser::tilde_statement() {
  const Token start = take();
  if (line_is_reaction()) return reaction(start.place);
  TildeEquation equation;
  equation.left = expression();
  if (!accept("=")) fail_here("'=', '<->', '->' or '<<' after '~'");
  equation.right = expression();
  return {std::move(equation), join(start.place)};
}

Statement Parser::reaction(const Place& start) {
  Reaction result;
  result.left = reaction_side();
  if (accept("<<")) {
    result.kind = Reaction::Kind::source;
  } else if (accept("->")) {
    result.kind = Reaction::Kind::sink;
  } else {
    expect("<->", "the left side of a reaction");
    result.right = reaction_side();
  }
  expect("(", "the reaction");
  result.forward = expression();
  if (result.kind == Reaction::Kind::reversible) {
    expect(",", "the forward rate");
    result.backward = expression();
  }
  if (!accept(")")) fail_here("')' after the rates");
  return {std::move(result), join(start)};
}

std::vector<ReactionTerm> Parser::reaction_side() {
  std::vector<ReactionTerm> terms;
  do {
    terms.push_back(reaction_term());
  } while (accept("+"));
  return terms;
}

/// `A`, `2 A`, `2A`, `A[i]`.
ReactionTerm Parser::reaction_term() {
  ReactionTerm term;
  term.place = current().place;
  term.coefficient = {Number{1, ""}, term.place};
  if (current().kind == TokenKind::number) {
    term.coefficient = signed_number();
    accept("*");
  }
  term.species = variable();
  return term;
}

Statement Parser::conserve_statement() {
  const Token start = take();
  Conserve conserve;
  conserve.terms = reaction_side();
  expect("=", "the left side of CONSERVE");
  conserve.total = expression();
  return {std::move(conserve), join(start.place)};
}

Statement Parser::compartment_statement() {
  const Token start = take();
  Compartment compartment;
  compartment.diffusion = start.is("LONGITUDINAL_DIFFUSION");
  if (current().kind == TokenKind::name && peek_second().is(",")) {
    compartment.index = identifier("the index");
    take();
  }
  compartment.volume = expression();
  expect("{", std::string(start.text));
  while (current().kind == TokenKind::name) {
    compartment.species.push_back(identifier("a state"));
    accept(",");
  }
  if (!accept("}")) fail_here("a state or '}'");
  return {std::move(compartment), start.place};
}

Statement Parser::watch_statement() {
  const Token start = take();
  Watch watch;
  do {
    expect("(", "WATCH");
    WatchCondition row;
    row.condition = expression();
    if (!accept(")")) fail_here("')' after the condition");
    row.flag = expression();
    watch.conditions.push_back(std::move(row));
  } while (accept(","));
  return {std::move(watch), join(start.place)};
}

Statement Parser::for_netcons_statement() {
  const Token start = take();
  ForNetcons loop;
  loop.arguments = formal_arguments();
  loop.body = block("FOR_NETCONS");
  return {std::move(loop), start.place};
}

Statement Parser::protect_statement() {
  const Token start = take();
  Statement inner = named_statement();
  auto* assignment = std::get_if<Assignment>(&inner.node);
  if (assignment == nullptr) fail(start.place, "PROTECT needs an assignment behind it");
  return {Protect{std::move(*assignment)}, join(start.place)};
}

Statement Parser::verbatim_statement() {
  const Token start = current();
  std::optional<std::string> text = lexer_.raw_until("ENDVERBATIM");
  current_ = lexer_.next();
  if (!text) fail(start.place, "this VERBATIM has no ENDVERBATIM", "add a line ENDVERBATIM after it");
  return {Verbatim{std::move(*text)}, start.place};
}

Statement Parser::lag_statement() {
  const Token start = take();
  Lag lag;
  lag.variable = identifier("a variable after LAG");
  expect("BY", "the variable");
  lag.steps = expression();
  return {std::move(lag), join(start.place)};
}

/// (name [unit], ...): the arguments of a FUNCTION, PROCEDURE, NET_RECEIVE.
std::vector<Declarator> Parser::formal_arguments() {
  std::vector<Declarator> arguments;
  expect("(", "the name");
  if (accept(")")) return arguments;
  do {
    arguments.push_back(declarator("the name of an argument"));
    optional_unit();
  } while (accept(","));
  if (!accept(")")) fail_here("',' or ')' after an argument");
  return arguments;
}

}  // namespace cellwright::nmodl
