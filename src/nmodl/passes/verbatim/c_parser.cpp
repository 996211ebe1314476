#include "nmodl/passes/verbatim/c_parser.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace cellwright::nmodl {
namespace {

using Kind = CExpression::Kind;

constexpr int max_depth = 100;

constexpr auto type_words = std::to_array<std::string_view>(
    {"IvocVect", "Object", "Point_process", "Rand",     "bool",     "char", "const",           "double",
     "extern",   "float",  "int",           "int32_t",  "int64_t",  "long", "nrnran123_State", "short",
     "size_t",   "static", "uint32_t",      "uint64_t", "unsigned", "void"});

bool is_type_word(const CToken& token) {
  return token.kind == CToken::Kind::name &&
         std::find(type_words.begin(), type_words.end(), token.text) != type_words.end();
}

struct BinaryLevel {
  std::string_view symbol;
  int level;
};
constexpr auto binary_levels = std::to_array<BinaryLevel>({{"||", 1},
                                                           {"&&", 2},
                                                           {"==", 3},
                                                           {"!=", 3},
                                                           {"<", 4},
                                                           {">", 4},
                                                           {"<=", 4},
                                                           {">=", 4},
                                                           {"+", 5},
                                                           {"-", 5},
                                                           {"*", 6},
                                                           {"/", 6},
                                                           {"%", 6}});

class CParser {
 public:
  explicit CParser(const std::vector<CToken>& tokens) : tokens_(tokens) {
    if (!tokens.empty()) end_.place = tokens.back().place;
  }

  std::vector<CStatement> statements() {
    std::vector<CStatement> result;
    while (at_ < tokens_.size()) statement(result);
    return result;
  }

  void declarations(CDeclarations& result) {
    while (at_ < tokens_.size()) {
      if (accept(";")) continue;
      const std::size_t start = at_;
      const std::string type = type_name().type;
      const CToken name = take();
      if (name.kind == CToken::Kind::name && current().is("(")) {
        CFunction function;
        function.name = name.text;
        function.place = name.place;
        function.has_value = type != "void";
        function.arguments = arguments();
        if (accept(";")) continue;
        function_body(function);
        result.functions.push_back(std::move(function));
        continue;
      }
      at_ = start;
      declaration(result.variables);
    }
  }

 private:
  struct Type {
    std::string type;
    bool is_static = false;
  };

  const CToken& current() const { return peek(0); }
  const CToken& peek(std::size_t ahead) const { return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : end_; }
  CToken take() {
    CToken token = current();
    if (at_ < tokens_.size()) ++at_;
    return token;
  }
  bool accept(std::string_view symbol) {
    if (!current().is(symbol)) return false;
    ++at_;
    return true;
  }
  [[noreturn]] void fail() const {
    if (current().kind == CToken::Kind::end) throw Refusal{end_.place, "C code that goes on where the block ends"};
    if (current().kind == CToken::Kind::nmodl)
      throw Refusal{current().place, "an NMODL statement inside a C expression"};
    throw Refusal{current().place, fmt::format("the C code at '{}'", current().text)};
  }
  void expect(std::string_view symbol) {
    if (!accept(symbol)) fail();
  }

  struct Depth {
    explicit Depth(CParser& parser) : parser_(parser) {
      if (++parser_.depth_ > max_depth) throw Refusal{parser_.current().place, "C code that is nested so deeply"};
    }
    ~Depth() { --parser_.depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;
    CParser& parser_;
  };

  void function_body(CFunction& function) {
    const std::size_t start = at_;
    try {
      function.body = braces();
    } catch (const Refusal& refusal) {
      function.refusal = refusal;
      at_ = start;
      skip_enclosed("{", "}");
    }
  }

  // ------------------------------------------------------------------------------------------------ statements

  std::vector<CStatement> braces() {
    expect("{");
    std::vector<CStatement> body;
    while (!current().is("}")) {
      if (current().kind == CToken::Kind::end) fail();
      statement(body);
    }
    expect("}");
    return body;
  }

  std::vector<CStatement> body() {
    std::vector<CStatement> result;
    statement(result);
    return result;
  }

  void statement(std::vector<CStatement>& to) {
    const Depth depth(*this);
    if (accept(";")) return;
    CStatement result;
    result.place = current().place;
    if (current().kind == CToken::Kind::nmodl) {
      result.kind = CStatement::Kind::nmodl;
      result.statement = take().statement;
    } else if (current().is("{")) {
      result.body = braces();
    } else if (current().is("if")) {
      if_else(result);
    } else if (current().is("while") || current().is("do") || current().is("for")) {
      loop(result);
    } else if (accept("return")) {
      result.kind = CStatement::Kind::give_back;
      if (!current().is(";")) result.expression = expression();
      expect(";");
    } else if (accept("break")) {
      result.kind = CStatement::Kind::leave;
      expect(";");
    } else if (is_type_word(current())) {
      declaration(to);
      return;
    } else {
      result.kind = CStatement::Kind::evaluate;
      result.expression = expression();
      expect(";");
    }
    to.push_back(std::move(result));
  }

  void if_else(CStatement& result) {
    result.kind = CStatement::Kind::if_else;
    take();
    expect("(");
    result.expression = expression();
    expect(")");
    result.body = body();
    if (accept("else")) result.otherwise = body();
  }

  void loop(CStatement& result) {
    const std::string word = take().text;
    result.kind = word == "while" ? CStatement::Kind::while_loop
                  : word == "do"  ? CStatement::Kind::do_loop
                                  : CStatement::Kind::for_loop;
    if (word == "do") {
      result.body = body();
      if (!accept("while")) fail();
    }
    expect("(");
    if (word == "for") {
      statement(result.first);
      result.expression = current().is(";") ? CExpression{Kind::number, "1", {}, current().place} : expression();
      expect(";");
      if (!current().is(")")) result.step = expression();
    } else {
      result.expression = expression();
    }
    expect(")");
    if (word == "do") {
      expect(";");
    } else {
      result.body = body();
    }
  }

  /// Words of a type without the stars.
  Type type_name() {
    Type type;
    if (!is_type_word(current())) fail();
    while (is_type_word(current())) {
      const std::string word = take().text;
      if (word == "static") type.is_static = true;
      if (word == "const" || word == "static" || word == "extern") continue;
      if (type.type != "double") type.type = word == "double" || word == "float" || word == "void" ? word : "int";
      if (word == "IvocVect" || word == "Object" || word == "Point_process" || word == "Rand" ||
          word == "nrnran123_State")
        type.type = "*";
    }
    while (accept("*")) type.type = "*";
    return type;
  }

  void declaration(std::vector<CStatement>& to) {
    Type type = type_name();
    const std::string base = type.type;
    bool first = true;
    do {
      if (!first) {
        type.type = base;
        while (accept("*")) type.type = "*";
      }
      first = false;
      while (accept("const")) continue;
      CStatement result;
      result.kind = CStatement::Kind::declare;
      result.type = type.type;
      result.is_static = type.is_static;
      result.place = current().place;
      if (current().kind != CToken::Kind::name) fail();
      result.name = take().text;
      if (current().is("(")) {  // a prototype
        skip_enclosed("(", ")");
        continue;
      }
      if (accept("[")) {
        result.size = expression();
        expect("]");
      }
      if (accept("=")) initial_values(result);
      to.push_back(std::move(result));
    } while (accept(","));
    expect(";");
  }

  void initial_values(CStatement& result) {
    if (!accept("{")) {
      result.initial.push_back(assignment());
      return;
    }
    do {
      result.initial.push_back(assignment());
    } while (accept(","));
    expect("}");
  }

  void skip_enclosed(std::string_view first, std::string_view last) {
    if (!current().is(first)) fail();
    int open = 0;
    do {
      if (current().kind == CToken::Kind::end) fail();
      if (current().is(first)) ++open;
      if (current().is(last)) --open;
      take();
    } while (open > 0);
  }

  std::vector<std::string> arguments() {
    expect("(");
    std::vector<std::string> names;
    while (!accept(")")) {
      if (current().kind == CToken::Kind::end) fail();
      const CToken token = take();
      const bool ends = current().is(",") || current().is(")");
      if (token.kind == CToken::Kind::name && ends && !is_type_word(token)) names.push_back(token.text);
      accept(",");
    }
    return names;
  }

  // ------------------------------------------------------------------------------------------------ expressions

  CExpression expression() { return assignment(); }

  CExpression assignment() {
    const Depth depth(*this);
    CExpression left = choice();
    const CToken& op = current();
    if (!op.is("=") && !op.is("+=") && !op.is("-=") && !op.is("*=") && !op.is("/=")) return left;
    const CToken taken = take();
    CExpression right = assignment();
    return {Kind::assign, taken.text, {std::move(left), std::move(right)}, taken.place};
  }

  CExpression choice() {
    CExpression condition = binary(1);
    if (!current().is("?")) return condition;
    const Place place = take().place;
    CExpression yes = assignment();
    expect(":");
    CExpression no = assignment();
    return {Kind::choice, "?", {std::move(condition), std::move(yes), std::move(no)}, place};
  }

  CExpression binary(int level) {
    CExpression left = unary();
    while (true) {
      const auto* const row = std::find_if(binary_levels.begin(), binary_levels.end(),
                                           [&](const BinaryLevel& b) { return current().is(b.symbol); });
      if (row == binary_levels.end() || row->level < level) return left;
      const CToken op = take();
      CExpression right = binary(row->level + 1);
      left = {Kind::binary, op.text, {std::move(left), std::move(right)}, op.place};
    }
  }

  CExpression unary() {
    const Depth depth(*this);
    for (const char* op : {"-", "+", "!", "&", "*", "++", "--"}) {
      if (!current().is(op)) continue;
      const CToken token = take();
      return {Kind::unary, token.text, {unary()}, token.place};
    }
    if (current().is("(") && is_type_word(peek(1))) {
      const Place place = take().place;
      const std::string type = type_name().type;
      expect(")");
      return {Kind::cast, type, {unary()}, place};
    }
    return postfix();
  }

  CExpression postfix() {
    CExpression result = primary();
    while (true) {
      const CToken token = current();
      if (accept("[")) {
        CExpression index = expression();
        expect("]");
        result = {Kind::index, "[]", {std::move(result), std::move(index)}, token.place};
      } else if (token.is("++") || token.is("--")) {
        take();
        result = {Kind::unary, token.text, {std::move(result)}, token.place};
      } else if (accept(".")) {
        member(result);
      } else if (result.kind == Kind::name && accept("(")) {
        result.kind = Kind::call;
        while (!accept(")")) {
          if (current().kind == CToken::Kind::end) fail();
          if (accept("_threadargs_") || accept("_threadargscomma_") || accept(",")) continue;
          result.parts.push_back(assignment());
        }
      } else {
        return result;
      }
    }
  }

  /// x.y, x.get<type>(): only legal where it is not looked at.
  void member(CExpression& result) {
    const CToken name = take();
    if (name.kind != CToken::Kind::name) fail();
    if (accept("<")) {
      type_name();
      expect(">");
      skip_enclosed("(", ")");
    }
    result = {Kind::text, name.text, {}, name.place};
  }

  CExpression primary() {
    const CToken token = take();
    if (token.kind == CToken::Kind::name) return {Kind::name, token.text, {}, token.place};
    if (token.kind == CToken::Kind::number) return {Kind::number, token.text, {}, token.place};
    if (token.kind == CToken::Kind::text) {
      while (current().kind == CToken::Kind::text) take();
      return {Kind::text, token.text, {}, token.place};
    }
    if (token.is("(")) {
      CExpression inner = expression();
      expect(")");
      return inner;
    }
    if (token.kind != CToken::Kind::end) --at_;
    fail();
  }

  const std::vector<CToken>& tokens_;
  CToken end_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::vector<CStatement> parse_c_statements(const std::vector<CToken>& tokens) { return CParser(tokens).statements(); }

CDeclarations parse_c_declarations(const std::vector<CToken>& tokens) {
  CDeclarations result;
  try {
    CParser(tokens).declarations(result);
  } catch (const Refusal& refusal) {
    result.refusal = refusal;
  }
  return result;
}

}  // namespace cellwright::nmodl
