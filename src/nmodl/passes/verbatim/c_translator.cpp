#include "nmodl/passes/verbatim/c_translator.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "cellwright/nmodl/builtins.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

using Kind = CExpression::Kind;
using SKind = CStatement::Kind;

/// What a C expression comes to.
struct Value {
  enum class Kind { number, handle, items, null } kind = Kind::number;
  Expression number;   ///< number
  bool whole = false;  ///< number: of an integer type
  std::string handle;  ///< handle, items (the numbers of a list): the variable
};

/// A C variable.
struct Binding {
  enum class Kind { number, array, pointer } kind = Kind::number;
  std::string name;            ///< in NMODL
  bool whole = false;          ///< number: assignments truncate
  bool constant = false;       ///< static: one value for all calls, so it must not change
  std::optional<Value> value;  ///< pointer: what it points to; nothing if that is not known
};

constexpr auto printing =
    std::to_array<std::string_view>({"fprintf", "printf", "puts", "fputs", "fflush", "assert", "putchar"});
constexpr auto interpreters = std::to_array<std::string_view>({"ifarg", "getarg", "hoc_getarg", "hoc_pgetarg",
                                                               "hoc_is_double_arg", "hoc_is_object_arg", "vector_arg",
                                                               "nrn_random_arg", "hoc_object_name", "gargstr"});

template <class List>
bool has(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::optional<double> constant_value(const Expression& e) {
  const auto* number = std::get_if<Number>(&e.node);
  return number != nullptr ? std::optional<double>(number->value) : std::nullopt;
}

Expression call(const std::string& name, std::vector<Expression> arguments, const Place& place) {
  return {Call{name, std::move(arguments)}, place};
}

std::optional<BinaryOperator> binary_operator(const std::string& text) {
  static const std::map<std::string, BinaryOperator> operators = {
      {"+", BinaryOperator::add},         {"-", BinaryOperator::subtract},       {"*", BinaryOperator::multiply},
      {"/", BinaryOperator::divide},      {"<", BinaryOperator::less},           {">", BinaryOperator::greater},
      {"<=", BinaryOperator::less_equal}, {">=", BinaryOperator::greater_equal}, {"==", BinaryOperator::equal},
      {"!=", BinaryOperator::not_equal},  {"&&", BinaryOperator::logical_and},   {"||", BinaryOperator::logical_or}};
  const auto found = operators.find(text);
  return found == operators.end() ? std::nullopt : std::optional(found->second);
}

class Translator {
 public:
  Translator(const COwner& owner, CContext& context, CReader* reader, std::string picked_as)
      : owner_(owner), context_(context), reader_(reader), picked_as_(std::move(picked_as)) {
    scopes_.emplace_back();
  }

  /// NMODL statements, VERBATIM among them: C code may begin in one block and end in another.
  Block nmodl_block(const Block& body) {
    std::vector<CToken> tokens;
    for (const Statement& statement : body) {
      if (const auto* verbatim = std::get_if<Verbatim>(&statement.node)) {
        const std::vector<CToken> more = reader_->read(*verbatim, statement.place);
        tokens.insert(tokens.end(), more.begin(), more.end());
      } else {
        tokens.push_back({CToken::Kind::nmodl, "", statement.place, &statement});
      }
    }
    scopes_.emplace_back();
    Block result;
    for (const CStatement& statement : parse_c_statements(tokens)) translate(statement, result);
    scopes_.pop_back();
    return result;
  }

  Block c_block(const std::vector<CStatement>& statements) {
    auto before = pointers();
    scopes_.emplace_back();
    Block result;
    for (const CStatement& statement : statements) translate(statement, result);
    scopes_.pop_back();
    forget_changed(before);
    return result;
  }

  void bind_argument(const std::string& name) {
    scopes_.back()[name] = {Binding::Kind::number, name, false, false, {}};
  }

 private:
  using Scope = std::map<std::string, Binding>;

  [[noreturn]] static void refuse(const Place& place, const std::string& reason) { throw Refusal{place, reason}; }

  // -------------------------------------------------------------------------------------------------- names

  Binding* find(const std::string& name) {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      if (const auto it = scope->find(name); it != scope->end()) return &it->second;
    }
    return nullptr;
  }

  /// What pointers point to now, to find out what a branch has changed.
  std::vector<std::map<std::string, std::string>> pointers() const {
    std::vector<std::map<std::string, std::string>> result;
    for (const Scope& scope : scopes_) {
      result.emplace_back();
      for (const auto& [name, binding] : scope) {
        if (binding.kind == Binding::Kind::pointer) result.back()[name] = binding.value ? binding.value->handle : "?";
      }
    }
    return result;
  }

  /// A pointer that a branch or loop has changed could point to either behind it.
  void forget_changed(const std::vector<std::map<std::string, std::string>>& before) {
    for (std::size_t i = 0; i < before.size(); ++i) {
      for (const auto& [name, handle] : before[i]) {
        Binding& binding = scopes_[i].at(name);
        if ((binding.value ? binding.value->handle : "?") != handle) binding.value.reset();
      }
    }
  }

  /// The NMODL name behind the translator's names: _lx is the local x or the function's own name, _p_x the pointer x.
  std::string plain_name(const std::string& name) const {
    if (name.starts_with("_p_") && context_.handles.contains(name.substr(3))) return name.substr(3);
    if (name.starts_with("_l")) {
      const std::string rest = name.substr(2);
      if (rest == owner_.name || owner_.arguments.contains(rest) || nmodl_locals_.contains(rest)) return rest;
    }
    return name;
  }

  Value name_value(const CExpression& e) {
    if (const Binding* binding = find(e.text)) {
      if (binding->kind == Binding::Kind::number) return number({Name{binding->name, {}}, e.place}, binding->whole);
      if (binding->kind == Binding::Kind::array)
        refuse(e.place, fmt::format("the array '{}' without an index", e.text));
      if (binding->value) return *binding->value;
      refuse(e.place, fmt::format("'{}', of which it is not clear what it points to", e.text));
    }
    if (e.text == "NULL" || e.text == "nullptr") return {Value::Kind::null, {}, false, ""};
    if (e.text == "M_PI") return number(make_number(3.141592653589793), false);
    // Steps are fixed where such a mechanism runs: it then solves a PROCEDURE, or its equations read dt.
    if (e.text == "cvode_active_") return number(make_number(0), true);
    const auto constant = context_.constants.find(e.text);
    if (constant != context_.constants.end()) return number(make_number(constant->second), false);
    const std::string name = plain_name(e.text);
    if (context_.handles.contains(name)) return {Value::Kind::handle, {}, false, name};
    const auto flag = context_.flags.find(name);
    if (flag != context_.flags.end()) return number(is_set(flag->second, e.place), true);
    const bool local = name != e.text || owner_.arguments.contains(name) || nmodl_locals_.contains(name);
    if (local || context_.variables.contains(name)) return number({Name{name, {}}, e.place}, false);
    refuse(e.place, fmt::format("'{}', which is not known here", e.text));
  }

  static Value number(Expression e, bool whole) { return {Value::Kind::number, std::move(e), whole, ""}; }

  Expression is_set(const std::string& handle, const Place& place) const {
    const Handle& known = context_.handles.at(handle);
    if (known.kind == Handle::Kind::list) return call("vector_is_set", {{Name{handle, {}}, place}}, place);
    if (known.always_set) return make_number(1);
    return call("random_is_set", {{Name{handle, {}}, place}}, place);
  }

  // -------------------------------------------------------------------------------------------- expressions

  Value evaluate(const CExpression& e) {
    switch (e.kind) {
      case Kind::number:
        return literal(e);
      case Kind::name:
        return name_value(e);
      case Kind::text:
        refuse(e.place, "a text as a value");
      case Kind::call:
        return call_value(e);
      case Kind::unary:
        return unary(e);
      case Kind::binary:
        return binary(e);
      case Kind::choice:
        return number(call("c_choose", {truth(e.parts[0]), plain(e.parts[1]), plain(e.parts[2])}, e.place), false);
      case Kind::cast:
        return cast(e);
      case Kind::index:
        return element(e);
      case Kind::assign:
        refuse(e.place, "an assignment inside an expression");
    }
    refuse(e.place, "this C expression");
  }

  static Value literal(const CExpression& e) {
    double value = 0;
    const char* end = e.text.data() + e.text.size();
    const auto [stop, error] = std::from_chars(e.text.data(), end, value);
    const std::string rest(stop, end);
    if (error != std::errc() || (!rest.empty() && rest != "f" && rest != "L" && rest != "u" && rest != "U")) {
      refuse(e.place, fmt::format("the number '{}'", e.text));
    }
    return number(make_number(value), e.text.find_first_of(".eEf") == std::string::npos);
  }

  /// A number. @throws Refusal for pointers
  Expression plain(const CExpression& e) { return plain_value(e).number; }
  Value plain_value(const CExpression& e) {
    Value value = evaluate(e);
    if (value.kind != Value::Kind::number) refuse(e.place, "a pointer where a number is needed");
    return value;
  }

  /// A condition.
  Expression truth(const CExpression& e) {
    const Value value = evaluate(e);
    if (value.kind == Value::Kind::number) return value.number;
    if (value.kind == Value::Kind::null) return make_number(0);
    return is_set(value.handle, e.place);
  }

  Value unary(const CExpression& e) {
    if (e.text == "!") {
      const Expression inner = truth(e.parts[0]);
      if (const auto known = constant_value(inner)) return number(make_number(*known == 0 ? 1 : 0), true);
      return number({Unary{UnaryOperator::logical_not, inner}, e.place}, true);
    }
    if (e.text == "++" || e.text == "--") refuse(e.place, fmt::format("'{}' inside an expression", e.text));
    Value inner = evaluate(e.parts[0]);
    if (e.text == "&" || e.text == "*") {  // a handle is its address and what stands there
      if (inner.kind != Value::Kind::handle) refuse(e.place, fmt::format("the operator '{}' here", e.text));
      return inner;
    }
    if (inner.kind != Value::Kind::number) refuse(e.place, "arithmetic with a pointer");
    if (e.text == "-") inner.number = make_negation(inner.number);
    return inner;
  }

  Value binary(const CExpression& e) {
    if (e.text == "&&" || e.text == "||") return logical(e);
    if (e.text == "==" || e.text == "!=") {
      if (const auto compared = compare_with_null(e)) return *compared;
    }
    const Value left = plain_value(e.parts[0]), right = plain_value(e.parts[1]);
    const bool whole = left.whole && right.whole;
    if (e.text == "%") {
      if (!whole) refuse(e.place, "'%' of numbers that are not whole");
      return number(call("fmod", {left.number, right.number}, e.place), true);
    }
    const auto op = binary_operator(e.text);
    if (!op) refuse(e.place, fmt::format("the operator '{}'", e.text));
    Expression result{Binary{*op, left.number, right.number}, e.place};
    const bool comparison = *op >= BinaryOperator::less;
    if (whole && *op == BinaryOperator::divide) result = call("c_truncate", {std::move(result)}, e.place);
    return number(std::move(result), whole || comparison);
  }

  Value logical(const CExpression& e) {
    const bool both = e.text == "&&";
    const Expression left = truth(e.parts[0]);
    if (const auto known = constant_value(left)) {
      if ((*known != 0) != both) return number(make_number(both ? 0 : 1), true);
      return number(truth(e.parts[1]), true);
    }
    return number(
        {Binary{both ? BinaryOperator::logical_and : BinaryOperator::logical_or, left, truth(e.parts[1])}, e.place},
        true);
  }

  std::optional<Value> compare_with_null(const CExpression& e) {
    const Value left = evaluate(e.parts[0]), right = evaluate(e.parts[1]);
    if (left.kind == Value::Kind::number && right.kind == Value::Kind::number) return std::nullopt;
    if (left.kind != Value::Kind::handle || right.kind != Value::Kind::null)
      refuse(e.place, "a comparison of pointers");
    Expression set = is_set(left.handle, e.place);
    if (e.text == "!=") return number(std::move(set), true);
    return number({Unary{UnaryOperator::logical_not, std::move(set)}, e.place}, true);
  }

  Value cast(const CExpression& e) {
    Value inner = evaluate(e.parts[0]);
    if (e.text == "*") {
      const auto known = inner.kind == Value::Kind::number ? constant_value(inner.number) : std::nullopt;
      if (known && *known == 0) return {Value::Kind::null, {}, false, ""};
      if (inner.kind == Value::Kind::number) refuse(e.place, "a number as a pointer");
      return inner;
    }
    if (inner.kind != Value::Kind::number) refuse(e.place, "a pointer as a number");
    if (e.text == "void") return inner;
    if (e.text != "int") {
      inner.whole = false;
      return inner;
    }
    return truncated(std::move(inner), e.place);
  }

  static Value truncated(Value value, const Place& place) {
    if (value.whole) return value;
    if (const auto known = constant_value(value.number)) return number(make_number(std::trunc(*known)), true);
    return number(call("c_truncate", {value.number}, place), true);
  }

  Value element(const CExpression& e) {
    const Binding* binding = e.parts[0].kind == Kind::name ? find(e.parts[0].text) : nullptr;
    if (binding != nullptr && binding->kind == Binding::Kind::array) {
      Expression index = plain(e.parts[1]);  // not inside of the braces: see give_back
      return number({Name{binding->name, Box<Expression>(std::move(index))}, e.place}, binding->whole);
    }
    const Value base = evaluate(e.parts[0]);
    if (base.kind != Value::Kind::items) refuse(e.place, "this index");
    Expression index = plain(e.parts[1]);
    return number(call("vector_element", {{Name{base.handle, {}}, e.place}, std::move(index)}, e.place), false);
  }

  std::string handle_argument(const CExpression& e, Handle::Kind kind) {
    if (e.parts.empty()) refuse(e.place, fmt::format("'{}' without arguments", e.text));
    const Value value = evaluate(e.parts[0]);
    if (value.kind == Value::Kind::handle && context_.handles.at(value.handle).kind == kind) return value.handle;
    refuse(e.parts[0].place, fmt::format("this argument of '{}'", e.text));
  }

  Value call_value(const CExpression& e) {
    const std::string& name = e.text;
    if (has(interpreters, name))
      refuse(e.place, fmt::format("'{}', which talks to NEURON's interpreter or queue", name));
    if (name == "vector_capacity" || name == "vector_vec") {
      const std::string list = handle_argument(e, Handle::Kind::list);
      if (name == "vector_vec") return {Value::Kind::items, {}, false, list};
      return number(call("vector_size", {{Name{list, {}}, e.place}}, e.place), true);
    }
    if (name.starts_with("nrnran123_") || name == "nrn_random_pick") return draw(e);
    std::vector<Expression> arguments;
    for (const CExpression& part : e.parts) arguments.push_back(plain(part));
    const bool of_nmodl = context_.functions.contains(name) || context_.procedures.contains(name);
    if (!of_nmodl && context_.c_functions.contains(name)) {
      context_.used_functions.insert(name);
    } else if (!of_nmodl && (find_builtin(name) == nullptr || name == "abs")) {
      refuse(e.place, fmt::format("the C function '{}'", name));
    }
    return number(call(name, std::move(arguments), e.place), false);
  }

  Value draw(const CExpression& e) {
    static const std::map<std::string, std::string> names = {
        {"nrnran123_dblpick", "random_uniform"}, {"nrnran123_uniform", "random_uniform"},
        {"nrnran123_negexp", "random_negexp"},   {"nrnran123_normal", "random_normal"},
        {"nrnran123_ipick", "random_ipick"},     {"nrnran123_setseq", "random_setseq"}};
    const std::string stream = handle_argument(e, Handle::Kind::stream);
    std::vector<Expression> arguments = {{Name{stream, {}}, e.place}};
    if (e.text == "nrn_random_pick") {
      if (picked_as_.empty()) {
        refuse(e.place,
               "'nrn_random_pick' without scop_random or exprand beside it, which would tell the distribution");
      }
      return number(call(picked_as_, std::move(arguments), e.place), false);
    }
    const auto found = names.find(e.text);
    if (found == names.end()) refuse(e.place, fmt::format("'{}'", e.text));
    for (std::size_t i = 1; i < e.parts.size(); ++i) arguments.push_back(plain(e.parts[i]));
    if (e.text == "nrnran123_setseq" && arguments.size() == 3) {  // sequence and word in one number
      Expression position = make_sum(make_product(make_number(4), arguments[1]), arguments[2]);
      if (constant_value(arguments[1]) == 0.0) position = arguments[2];
      arguments = {arguments[0], std::move(position)};
    }
    return number(call(found->second, std::move(arguments), e.place), e.text == "nrnran123_ipick");
  }

  // --------------------------------------------------------------------------------------------- statements

  void translate(const CStatement& s, Block& to) {
    switch (s.kind) {
      case SKind::nmodl:
        nmodl(*s.statement, to);
        return;
      case SKind::block:
        for (Statement& inner : wrapped(c_block(s.body), s.place)) to.push_back(std::move(inner));
        return;
      case SKind::if_else:
        if_else(s, to);
        return;
      case SKind::while_loop:
      case SKind::do_loop:
      case SKind::for_loop:
        loop(s, to);
        return;
      case SKind::give_back:
        give_back(s, to);
        return;
      case SKind::leave:
        to.push_back({Break{}, s.place});
        return;
      case SKind::declare:
        declare(s, to);
        return;
      case SKind::evaluate:
        evaluate_statement(*s.expression, to);
        return;
    }
  }

  /// A block of its own needs a scope only if it declares something.
  static Block wrapped(Block inner, const Place& place) {
    const bool declares = std::any_of(inner.begin(), inner.end(),
                                      [](const Statement& s) { return std::holds_alternative<Local>(s.node); });
    if (!declares) return inner;
    Block result;
    result.push_back({If{make_number(1), std::move(inner), {}, false}, place});
    return result;
  }

  void nmodl(const Statement& statement, Block& to) {
    Statement copy = statement;
    if (const auto* local = std::get_if<Local>(&copy.node)) {
      for (const Declarator& declarator : local->variables) nmodl_locals_.insert(declarator.name);
    }
    for_each_block(copy, [&](Block& inner) { inner = nmodl_block(inner); });
    to.push_back(std::move(copy));
  }

  void if_else(const CStatement& s, Block& to) {
    const Expression condition = truth(*s.expression);
    if (const auto known = constant_value(condition)) {
      for (Statement& inner : wrapped(c_block(*known != 0 ? s.body : s.otherwise), s.place))
        to.push_back(std::move(inner));
      return;
    }
    If result;
    result.condition = condition;
    result.then = c_block(s.body);
    result.otherwise = c_block(s.otherwise);
    result.has_else = !result.otherwise.empty();
    if (!result.then.empty() || result.has_else) to.push_back({std::move(result), s.place});
  }

  void loop(const CStatement& s, Block& to) {
    const bool has_first = s.kind == SKind::for_loop;
    const bool declares = has_first && std::any_of(s.first.begin(), s.first.end(),
                                                   [](const CStatement& f) { return f.kind == SKind::declare; });
    Block outer;
    scopes_.emplace_back();
    for (const CStatement& first : s.first) translate(first, outer);
    While result;
    result.condition = s.kind == SKind::do_loop ? make_number(1) : truth(*s.expression);
    result.body = c_block(s.body);
    if (s.step) evaluate_statement(*s.step, result.body);
    if (s.kind == SKind::do_loop) {
      Block leave;
      leave.push_back({Break{}, s.place});
      Expression stop{Unary{UnaryOperator::logical_not, truth(*s.expression)}, s.place};
      result.body.push_back({If{std::move(stop), std::move(leave), {}, false}, s.place});
    }
    scopes_.pop_back();
    outer.push_back({std::move(result), s.place});
    if (declares) outer = wrapped(std::move(outer), s.place);
    for (Statement& inner : outer) to.push_back(std::move(inner));
  }

  void give_back(const CStatement& s, Block& to) {
    const bool function = owner_.kind == CodeBlock::Kind::function;
    const bool allowed = function || owner_.kind == CodeBlock::Kind::procedure ||
                         owner_.kind == CodeBlock::Kind::net_receive || owner_.kind == CodeBlock::Kind::initial;
    if (!allowed) refuse(s.place, "'return' in this block");
    if (function && s.expression) {
      // Not inside of the braces: where it throws there, GCC 12 destroys the members before it twice.
      Expression value = plain(*s.expression);
      to.push_back({Assignment{{owner_.name, {}}, s.place, std::move(value)}, s.place});
    }
    to.push_back({Return{}, s.place});
  }

  void declare(const CStatement& s, Block& to) {
    Binding binding;
    binding.name = s.name;
    binding.constant = s.is_static;
    if (owner_.arguments.contains(s.name) || nmodl_locals_.contains(s.name) || s.name == owner_.name)
      binding.name += "_c";
    if (s.type == "*") {
      binding.kind = Binding::Kind::pointer;
      if (!s.initial.empty()) binding.value = evaluate(s.initial[0]);
      scopes_.back()[s.name] = binding;
      return;
    }
    binding.whole = s.type == "int";
    binding.kind = s.size ? Binding::Kind::array : Binding::Kind::number;
    Local local;
    local.variables.push_back({binding.name, std::nullopt, s.place});
    if (s.size) {
      const auto size = constant_value(plain(*s.size));
      if (!size || *size < 1 || *size > 1e6) refuse(s.place, "an array whose size is no number");
      local.variables[0].size = make_number(*size);
    }
    std::vector<Expression> values;
    for (const CExpression& initial : s.initial) values.push_back(converted(initial, binding.whole));
    if (s.is_static && s.initial.empty()) refuse(s.place, fmt::format("the static variable '{}'", s.name));
    scopes_.back()[s.name] = binding;
    to.push_back({std::move(local), s.place});
    for (std::size_t i = 0; i < values.size(); ++i) {
      Name target{binding.name, {}};
      if (s.size) target.index = Box<Expression>(make_number(static_cast<double>(i)));
      to.push_back({Assignment{std::move(target), s.place, values[i]}, s.place});
    }
  }

  Expression converted(const CExpression& e, bool to_whole) {
    Value value = plain_value(e);
    return to_whole ? truncated(std::move(value), e.place).number : value.number;
  }

  void evaluate_statement(const CExpression& e, Block& to) {
    if (e.kind == Kind::assign) {
      assign(e, to);
    } else if (e.kind == Kind::unary && (e.text == "++" || e.text == "--")) {
      const CExpression one{Kind::number, "1", {}, e.place};
      assign({Kind::assign, e.text == "++" ? "+=" : "-=", {e.parts[0], one}, e.place}, to);
    } else if (e.kind == Kind::call) {
      call_statement(e, to);
    } else {
      refuse(e.place, "a C statement without effect");
    }
  }

  void call_statement(const CExpression& e, Block& to) {
    if (has(printing, e.text) || context_.silent.contains(e.text)) return;
    if (e.text == "hoc_execerror") {
      // NEURON stops here; the value that is not a number makes the simulation of this individual fail.
      if (owner_.kind != CodeBlock::Kind::function) refuse(e.place, "'hoc_execerror' outside a FUNCTION");
      to.push_back({Assignment{{owner_.name, {}}, e.place, make_quotient(make_number(0), make_number(0))}, e.place});
      std::get<Assignment>(to.back().node).value = {Binary{BinaryOperator::divide, make_number(0), make_number(0)},
                                                    e.place};
      return;
    }
    if (e.text == "artcell_net_send" && e.parts.size() == 5) {  // queue item, weights, cell, absolute time, flag
      Expression time = plain(e.parts[3]), flag = plain(e.parts[4]);
      to.push_back({CallStatement{Call{"c_net_send_at", {std::move(time), std::move(flag)}}}, e.place});
      return;
    }
    const Value value = call_value(e);
    if (value.kind != Value::Kind::number) refuse(e.place, "a C statement without effect");
    to.push_back({CallStatement{std::get<Call>(value.number.node)}, e.place});
  }

  void assign(const CExpression& e, Block& to) {
    const CExpression& left = e.parts[0];
    Binding* binding = left.kind == Kind::name ? find(left.text) : nullptr;
    if (binding != nullptr && binding->kind == Binding::Kind::pointer) {
      if (e.text != "=") refuse(e.place, "arithmetic with a pointer");
      binding->value = evaluate(e.parts[1]);
      return;
    }
    if (binding != nullptr && binding->constant)
      refuse(e.place, fmt::format("the static variable '{}' that changes", left.text));
    const Value old =
        left.kind == Kind::name || left.kind == Kind::index ? target(left) : Value{Value::Kind::null, {}, false, ""};
    const auto* name = std::get_if<Name>(&old.number.node);
    if (old.kind != Value::Kind::number || name == nullptr) refuse(left.place, "an assignment to what this points to");
    CExpression right = e.parts[1];
    if (e.text != "=") right = {Kind::binary, e.text.substr(0, 1), {left, right}, e.place};
    to.push_back({Assignment{*name, left.place, converted(right, old.whole)}, e.place});
  }

  /// What stands to the left of '='.
  Value target(const CExpression& left) {
    if (left.kind == Kind::name && !find(left.text)) {
      const std::string name = plain_name(left.text);
      if (context_.flags.contains(name)) return number({Name{name, {}}, left.place}, false);
    }
    return evaluate(left);
  }

  const COwner& owner_;
  CContext& context_;
  CReader* reader_;
  std::string picked_as_;  ///< what nrn_random_pick draws; "" if that is not known
  std::vector<Scope> scopes_;
  std::set<std::string> nmodl_locals_;
};

/// `return` at the very end of a block ends it no earlier.
void remove_last_return(Block& body) {
  if (!body.empty() && std::holds_alternative<Return>(body.back().node)) body.pop_back();
}

/// What a Random object of the interpreter must draw here: as the code beside it that stands in for it.
std::string picked_distribution(const Block& body) {
  std::string result;
  walk_statements(body, [&](const Statement& statement) {
    if (const auto* verbatim = std::get_if<Verbatim>(&statement.node)) {
      if (verbatim->text.find("nrnran123_dblpick") != std::string::npos) result = "random_uniform";
      if (verbatim->text.find("nrnran123_negexp") != std::string::npos) result = "random_negexp";
    }
    for_each_expression(statement, [&](const Expression& expression) {
      walk_expression(expression, [&](const Expression& e) {
        const auto* inner = std::get_if<Call>(&e.node);
        if (inner == nullptr) return;
        if (inner->name == "scop_random") result = "random_uniform";
        if (inner->name == "exprand") result = "random_negexp";
      });
    });
  });
  return result;
}

}  // namespace

Block translate_block(const Block& body, const COwner& owner, CContext& context, CReader& reader) {
  Translator translator(owner, context, &reader, picked_distribution(body));
  Block result = translator.nmodl_block(body);
  remove_last_return(result);
  return result;
}

CodeBlock translate_function(const CFunction& function, CContext& context) {
  COwner owner;
  owner.kind = function.has_value ? CodeBlock::Kind::function : CodeBlock::Kind::procedure;
  owner.name = function.name;
  owner.arguments = {function.arguments.begin(), function.arguments.end()};
  Translator translator(owner, context, nullptr, "");
  for (const std::string& argument : function.arguments) translator.bind_argument(argument);
  CodeBlock result;
  result.kind = owner.kind;
  result.name = {function.name, function.place};
  for (const std::string& argument : function.arguments)
    result.arguments.push_back({argument, std::nullopt, function.place});
  result.body = translator.c_block(function.body);
  remove_last_return(result.body);
  return result;
}

}  // namespace cellwright::nmodl
