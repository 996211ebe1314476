#include <array>

#include "nmodl/syntax/parser_internal.hpp"

namespace cellwright::nmodl {
namespace {

struct BlockKeyword {
  std::string_view keyword;
  CodeBlock::Kind kind;
  bool has_name;
  bool has_arguments;
};

constexpr std::array<BlockKeyword, 15> block_keywords = {
    {{"INITIAL", CodeBlock::Kind::initial, false, false},
     {"BREAKPOINT", CodeBlock::Kind::breakpoint, false, false},
     {"DERIVATIVE", CodeBlock::Kind::derivative, true, false},
     {"KINETIC", CodeBlock::Kind::kinetic, true, false},
     {"LINEAR", CodeBlock::Kind::linear, true, false},
     {"NONLINEAR", CodeBlock::Kind::nonlinear, true, false},
     {"DISCRETE", CodeBlock::Kind::discrete, true, false},
     {"PROCEDURE", CodeBlock::Kind::procedure, true, true},
     {"FUNCTION", CodeBlock::Kind::function, true, true},
     {"FUNCTION_TABLE", CodeBlock::Kind::function_table, true, true},
     {"NET_RECEIVE", CodeBlock::Kind::net_receive, false, true},
     {"CONSTRUCTOR", CodeBlock::Kind::constructor, false, false},
     {"DESTRUCTOR", CodeBlock::Kind::destructor, false, false},
     {"BEFORE", CodeBlock::Kind::before, false, false},
     {"AFTER", CodeBlock::Kind::after, false, false}}};

struct DefinitionKeyword {
  std::string_view keyword;
  DefinitionBlock::Kind kind;
};

constexpr std::array<DefinitionKeyword, 5> definition_keywords = {
    {{"PARAMETER", DefinitionBlock::Kind::parameter},
     {"CONSTANT", DefinitionBlock::Kind::constant},
     {"ASSIGNED", DefinitionBlock::Kind::assigned},
     {"STATE", DefinitionBlock::Kind::state},
     {"INDEPENDENT", DefinitionBlock::Kind::independent}}};

struct NameListKeyword {
  std::string_view keyword;
  NameList::Kind kind;
};

constexpr std::array<NameListKeyword, 7> name_list_keywords = {
    {{"RANGE", NameList::Kind::range},
     {"GLOBAL", NameList::Kind::global},
     {"POINTER", NameList::Kind::pointer},
     {"BBCOREPOINTER", NameList::Kind::bbcore_pointer},
     {"EXTERNAL", NameList::Kind::external},
     {"NONSPECIFIC_CURRENT", NameList::Kind::nonspecific_current},
     {"ELECTRODE_CURRENT", NameList::Kind::electrode_current}}};

template <class Rows>
const auto* find_row(const Rows& rows, const Token& token) {
  for (const auto& row : rows) {
    if (token.is(row.keyword)) return &row;
  }
  return static_cast<decltype(rows.data())>(nullptr);
}

std::vector<std::string> item_words() {
  std::vector<std::string> words = {"NEURON", "UNITS", "TITLE", "DEFINE", "INCLUDE", "LOCAL", "VERBATIM", "COMMENT"};
  for (const auto& row : block_keywords) words.emplace_back(row.keyword);
  for (const auto& row : definition_keywords) words.emplace_back(row.keyword);
  return words;
}

}  // namespace

/// One item; an unknown one is reported and skipped with its block.
void Parser::item(std::vector<Item>& items) {
  const Token start = current();
  try {
    items.push_back(parse_item());
  } catch (const SyntaxError&) {
    // A block that failed inside has parsed on by itself; what is left belongs to a broken head.
    while (current().kind != TokenKind::end && !ends_block() && !current().is("INITIAL")) {
      if (current().is("{")) {
        skip_to_block_end();
        return;
      }
      if (current().begin != start.begin &&
          (current().is("LOCAL") || current().is("TITLE") || current().is("VERBATIM")))
        return;
      take();
    }
  }
}

Item Parser::parse_item() {
  const Token start = current();
  if (start.is("TITLE")) {
    Title title{lexer_.rest_of_line()};
    current_ = lexer_.next();
    return {std::move(title), start.place};
  }
  if (start.is("DEFINE")) {
    take();
    Define define{identifier("a name after DEFINE"), {}};
    if (current().kind != TokenKind::number && !current().is("-")) fail_here("a whole number");
    define.value = signed_number();
    return {std::move(define), join(start.place)};
  }
  if (start.is("INCLUDE")) {
    take();
    if (current().kind != TokenKind::text) fail_here("a file name in quotes after INCLUDE");
    const Token path = take();
    return {Include{std::string(path.text)}, path.place};
  }
  if (start.is("UNITSON") || start.is("UNITSOFF")) {
    take();
    return {UnitsSwitch{start.is("UNITSON")}, start.place};
  }
  if (start.is("LOCAL") || start.is("VERBATIM")) {
    Statement statement = start.is("LOCAL") ? local_statement() : verbatim_statement();
    if (auto* local = std::get_if<Local>(&statement.node)) return {std::move(*local), statement.place};
    return {std::move(std::get<Verbatim>(statement.node)), statement.place};
  }
  if (start.is("NEURON")) return {neuron_block(), start.place};
  if (start.is("UNITS")) return {units_block(), start.place};
  if (const auto* row = find_row(definition_keywords, start)) return {definition_block(row->kind), start.place};
  if (find_row(block_keywords, start) != nullptr) return {code_block(), start.place};
  if (start.is("}")) fail(start.place, "this '}' closes no block");
  const std::string nearest = nearest_name(std::string(start.text), item_words());
  fail(start.place, fmt::format("expected a block such as NEURON or PARAMETER, found {}", describe_current()),
       nearest.empty() ? "" : fmt::format("did you mean {}?", nearest));
}

// --------------------------------------------------------------------------------------------------- NEURON

NeuronBlock Parser::neuron_block() {
  take();
  NeuronBlock result;
  braced("NEURON", [&] { result.statements.push_back(neuron_statement()); });
  return result;
}

NeuronStatement Parser::neuron_statement() {
  const Token start = current();
  if (start.is("SUFFIX") || start.is("POINT_PROCESS") || start.is("ARTIFICIAL_CELL")) {
    take();
    const auto kind = start.is("SUFFIX")          ? MechanismName::Kind::suffix
                      : start.is("POINT_PROCESS") ? MechanismName::Kind::point_process
                                                  : MechanismName::Kind::artificial_cell;
    MechanismName name{kind, identifier(fmt::format("a name after {}", start.text))};
    return {std::move(name), join(start.place)};
  }
  if (start.is("USEION")) return use_ion();
  if (start.is("THREADSAFE")) {
    take();
    return {ThreadSafe{}, start.place};
  }
  if (start.is("RANDOM")) {
    take();
    return {RandomDeclaration{identifier_list("a name after RANDOM")}, join(start.place)};
  }
  if (const auto* row = find_row(name_list_keywords, start)) {
    take();
    return {NameList{row->kind, identifier_list(fmt::format("a name after {}", start.text))}, join(start.place)};
  }
  std::vector<std::string> words = {"SUFFIX", "POINT_PROCESS", "ARTIFICIAL_CELL", "USEION", "THREADSAFE", "RANDOM"};
  for (const auto& row : name_list_keywords) words.emplace_back(row.keyword);
  const std::string nearest = nearest_name(std::string(start.text), words);
  std::string fix = nearest.empty() ? "" : fmt::format("did you mean {}?", nearest);
  const bool in_list =
      start.kind == TokenKind::name && previous_.kind == TokenKind::name && previous_.place.line == start.place.line;
  if (nearest.empty() && in_list) fix = fmt::format("write a comma between '{}' and '{}'", previous_.text, start.text);
  fail(start.place, fmt::format("'{}' is not a statement of the NEURON block", start.text), fix);
}

NeuronStatement Parser::use_ion() {
  const Token start = take();
  UseIon result;
  result.ion = identifier("the ion's name after USEION");
  if (accept("READ")) result.reads = identifier_list("a name after READ");
  if (accept("WRITE")) result.writes = identifier_list("a name after WRITE");
  if (current().is("READ")) {
    if (result.writes.empty()) fail(current().place, "READ stands twice", "make one list, with commas");
    fail(current().place, "READ must stand before WRITE", "swap the two lists");
  }
  if (accept("VALENCE") || accept("CHARGE")) result.valence = signed_number();
  if (current().is("REPRESENTS")) {
    result.represents = lexer_.raw_word();
    current_ = lexer_.next();
  }
  return {std::move(result), join(start.place)};
}

// ---------------------------------------------------------------------------------------------------- UNITS

UnitsBlock Parser::units_block() {
  take();
  UnitsBlock result;
  braced("UNITS", [&] { result.definitions.push_back(unit_definition()); });
  return result;
}

UnitDefinition Parser::unit_definition() {
  const Token start = current();
  UnitDefinition result;
  if (start.is("(")) {
    result.kind = UnitDefinition::Kind::alias;
    result.name = {unit_text(), start.place};
    result.name.place.length = previous_.place.length;
    expect("=", "the new unit");
    if (!current().is("(")) fail_here("a unit in parentheses");
    result.from = unit_text();
  } else {
    result.name = identifier("a unit in parentheses or a constant's name");
    expect("=", "the constant's name");
    if (current().is("(")) {
      result.kind = UnitDefinition::Kind::factor;
      result.from = unit_text();
      if (!current().is("(")) fail_here("a second unit in parentheses");
      result.to = unit_text();
    } else {
      result.kind = UnitDefinition::Kind::number;
      const Expression value = signed_number();
      if (const auto* number_value = std::get_if<Number>(&value.node)) result.value = number_value->value;
      if (!std::holds_alternative<Number>(value.node)) fail(value.place, "expected a positive number");
      if (const auto unit = optional_unit()) result.to = *unit;
    }
  }
  result.place = join(start.place);
  return result;
}

// ---------------------------------------------------------------------------------------------- definitions

DefinitionBlock Parser::definition_block(DefinitionBlock::Kind kind) {
  const Token keyword = take();
  DefinitionBlock result{kind, {}};
  braced(std::string(keyword.text), [&] {
    if (current().is("UNITSON") || current().is("UNITSOFF")) {
      take();
    } else {
      result.definitions.push_back(definition(kind));
    }
  });
  return result;
}

Definition Parser::definition(DefinitionBlock::Kind kind) {
  Definition result;
  if (current().is("/") && previous_.kind == TokenKind::name) {
    fail(current().place, "expected a name, found '/'", "units stand in parentheses: (S/cm2)");
  }
  result.variable = declarator("a name");
  if (current().is("=")) definition_value(result, kind);
  while (current().is("FROM") || current().is("START") || current().is("WITH")) {
    const Token word = take();
    if (word.is("START")) {
      result.start = signed_number();
    } else if (word.is("WITH")) {
      signed_number();  // INDEPENDENT { t FROM 0 TO 1 WITH 1 (ms) }: without meaning in NEURON
    } else {
      result.from = signed_number();
      expect("TO", "the lower bound");
      result.to = signed_number();
    }
  }
  result.unit = optional_unit();
  if (current().is("<")) definition_limits(result, kind);
  return result;
}

/// = number; ASSIGNED and STATE have none.
void Parser::definition_value(Definition& result, DefinitionBlock::Kind kind) {
  const Token equals = take();
  const bool is_state = kind == DefinitionBlock::Kind::state;
  if (is_state || kind == DefinitionBlock::Kind::assigned) {
    fail(equals.place,
         fmt::format("'{}' cannot have a value in {}", result.variable.name, is_state ? "STATE" : "ASSIGNED"),
         is_state ? fmt::format("set {0} in INITIAL, or declare a PARAMETER {0}0", result.variable.name)
                  : "declare it in PARAMETER, or assign it in INITIAL");
  }
  result.value = signed_number();
  for (const std::string_view symbol : {"+", "-", "*", "/", "^"}) {
    if (current().is(symbol))
      fail(current().place, "the value must be a number, not an expression", "write the result");
  }
}

/// <low, high>, in STATE and ASSIGNED also <tolerance>.
void Parser::definition_limits(Definition& result, DefinitionBlock::Kind kind) {
  take();
  result.low = signed_number();
  if (kind == DefinitionBlock::Kind::parameter || current().is(",")) {
    expect(",", "the lower limit");
    result.high = signed_number();
  }
  expect(">", "the limits");
}

// ---------------------------------------------------------------------------------------------- code blocks

CodeBlock Parser::code_block() {
  const Token keyword = take();
  CodeBlock result = code_block_head(keyword);
  if (result.kind == CodeBlock::Kind::function_table) return result;
  std::string owner(keyword.text);
  if (!result.name.name.empty()) owner += " " + result.name.name;
  result.body = block(owner);
  return result;
}

CodeBlock Parser::code_block_head(const Token& keyword) {
  const BlockKeyword& row = *find_row(block_keywords, keyword);
  CodeBlock result;
  result.kind = row.kind;
  result.name.place = keyword.place;
  if (row.has_name) result.name = identifier(fmt::format("a name after {}", keyword.text));
  if (row.kind == CodeBlock::Kind::before || row.kind == CodeBlock::Kind::after) {
    const Token moment = current();
    if (!moment.is("INITIAL") && !moment.is("BREAKPOINT") && !moment.is("STEP") && !moment.is("SOLVE")) {
      fail_here(fmt::format("INITIAL, BREAKPOINT, SOLVE or STEP after {}", keyword.text));
    }
    take();
    result.name = {std::string(moment.text), moment.place};
  }
  if (row.has_arguments) {
    result.arguments = formal_arguments();
    optional_unit();
  }
  if (accept("SOLVEFOR")) result.solve_for = identifier_list("a state after SOLVEFOR");
  return result;
}

}  // namespace cellwright::nmodl
