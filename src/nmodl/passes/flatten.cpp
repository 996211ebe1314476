#include "nmodl/passes/flatten.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "nmodl/passes/symbolic.hpp"
#include "nmodl/passes/tangent.hpp"
#include "nmodl/semantics/special_functions.hpp"
#include "nmodl/semantics/symbols.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

constexpr double max_rounds = 64;  ///< of a loop that is written out

bool assigns(const Block& body, const std::string& name) {
  bool found = false;
  walk_statements(body, [&](const Statement& s) {
    const auto* assignment = std::get_if<Assignment>(&s.node);
    found = found || (assignment != nullptr && assignment->target.name == name);
  });
  return found;
}

/// An index truncated as at run time, if it is a number.
Expression folded_index(const Expression& index) {
  const auto value = constant_value(index);
  return value && std::fabs(*value) < 1e9 ? make_number(std::trunc(*value)) : index;
}

bool is_logical(BinaryOperator op) { return op == BinaryOperator::logical_and || op == BinaryOperator::logical_or; }

Statement local_statement(const std::string& name, const Place& place) {
  return {Local{{{name, std::nullopt, place}}}, place};
}

}  // namespace

std::optional<double> constant_value(const Expression& expression) {
  if (const auto number = literal_value(expression)) return number;
  if (const auto* unary = std::get_if<Unary>(&expression.node); unary && unary->op == UnaryOperator::negate) {
    const auto value = constant_value(*unary->operand);
    return value ? std::optional(-*value) : std::nullopt;
  }
  const auto* binary = std::get_if<Binary>(&expression.node);
  if (binary == nullptr) return std::nullopt;
  const auto left = constant_value(*binary->left);
  const auto right = constant_value(*binary->right);
  if (!left || !right) return std::nullopt;
  return value_of(binary->op, *left, *right);
}

Flattener::Flattener(const MechanismDescription& mechanism) : mechanism_(&mechanism) {
  for (const Variable& variable : mechanism.variables) taken_.insert(variable.name);
  for (const Function& function : mechanism.functions) taken_.insert(function.name);
}

std::string Flattener::fresh_name(const std::string& stem) {
  std::string name = stem;
  for (int k = 2; !taken_.insert(name).second; ++k) name = fmt::format("{}_{}", stem, k);
  return name;
}

Block Flattener::flatten(const Block& in) {
  Block out;
  Names names;
  block(in, names, out);
  return out;
}

Block Flattener::flatten_with_times(const Block& block, std::vector<std::string>& times) {
  const std::size_t known = times.size();
  times_ = &times;
  const Block body = flatten(block);
  times_ = nullptr;
  Block out;
  for (std::size_t k = known; k < times.size(); ++k) {
    out.push_back(local_statement(times[k], {}));
    out.push_back({Assignment{{times[k], {}}, {}, make_number(-1)}, {}});
  }
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

void Flattener::add(Block& out, Statement statement) {
  if (++statements_ > max_statements)
    throw NotDifferentiable{"its blocks are too long when functions are put in place"};
  out.push_back(std::move(statement));
}

void Flattener::block(const Block& in, Names& names, Block& out) {
  for (const Statement& s : in) statement(s, names, out);
}

void Flattener::statement(const Statement& s, Names& names, Block& out) {
  std::visit(
      Overloaded{[&](const Local& e) { local(e, s.place, names, out); },
                 [&](const Assignment& e) {
                   Expression value = expression(e.value, names, out);
                   add(out, {Assignment{target(e.target, names, out), e.target_place, std::move(value)}, s.place});
                 },
                 [&](const Equation& e) {
                   Equation equation = e;
                   equation.rhs = expression(e.rhs, names, out);
                   equation.state = target(e.state, names, out);
                   add(out, {std::move(equation), s.place});
                 },
                 [&](const CallStatement& e) { call_statement(e, s.place, names, out); },
                 [&](const If& e) {
                   If result{expression(e.condition, names, out), {}, {}, e.has_else};
                   block(e.then, names, result.then);
                   block(e.otherwise, names, result.otherwise);
                   add(out, {std::move(result), s.place});
                 },
                 [&](const From& e) { from(e, s.place, names, out); },
                 [&](const While& e) { loop_while(e, s.place, names, out); }, [&](const Conductance&) {},
                 [&](const auto&) {
                   throw NotDifferentiable{fmt::format("line {} holds a statement without derivative", s.place.line)};
                 }},
      s.node);
}

void Flattener::local(const Local& in, const Place& place, Names& names, Block& out) {
  Local result = in;
  for (Declarator& declarator : result.variables) {
    const std::string name = fresh_name(declarator.name);
    names.insert_or_assign(declarator.name, make_name(name));
    declarator.name = name;
  }
  add(out, {std::move(result), place});
}

void Flattener::call_statement(const CallStatement& in, const Place& place, Names& names, Block& out) {
  if (in.call.name == "printf") return;
  if (is_time_mark(in)) {
    if (times_ == nullptr) return;
    times_->push_back(fresh_name("jump_time"));
    add(out, {Assignment{{times_->back(), {}}, {}, expression(in.call.arguments.front(), names, out)}, place});
    return;
  }
  Call call{in.call.name, {}};
  for (const Expression& argument : in.call.arguments) call.arguments.push_back(expression(argument, names, out));
  const Function* function = mechanism_->find_function(call.name);
  if (function != nullptr && !function->table) {
    put_in_place(*function, call.arguments, place, out);
  } else {
    add(out, {CallStatement{std::move(call)}, place});
  }
}

void Flattener::from(const From& in, const Place& place, Names& names, Block& out) {
  From loop{in.variable, expression(in.first, names, out), expression(in.last, names, out), std::nullopt, {}};
  if (in.step) loop.step = expression(*in.step, names, out);
  const auto first = constant_value(loop.first), last = constant_value(loop.last);
  const auto step = loop.step ? constant_value(*loop.step) : std::optional(1.0);
  if (first && last && step && std::trunc(*step) >= 1 && *last - *first < max_rounds * std::trunc(*step)) {
    for (double k = std::trunc(*first); k <= std::trunc(*last); k += std::trunc(*step)) {
      names.insert_or_assign(in.variable.name, make_number(k));
      block(in.body, names, out);
    }
    return;
  }
  loop.variable.name = fresh_name(in.variable.name);
  names.insert_or_assign(in.variable.name, make_name(loop.variable.name));
  block(in.body, names, loop.body);
  add(out, {std::move(loop), place});
}

/// What the condition calls is put before the loop and at the end of its body.
void Flattener::loop_while(const While& in, const Place& place, Names& names, Block& out) {
  Block before;
  While loop{expression(in.condition, names, before), {}};
  block(in.body, names, loop.body);
  for (const Statement& s : before) {
    const auto* local = std::get_if<Local>(&s.node);
    if (local == nullptr) {
      add(loop.body, s);
      continue;
    }
    for (const Declarator& declarator : local->variables) {
      if (declarator.size) throw NotDifferentiable{"a WHILE condition calls a function with LOCAL arrays"};
      add(loop.body, {Assignment{{declarator.name, {}}, place, make_number(0)}, place});
    }
  }
  for (Statement& s : before) add(out, std::move(s));
  add(out, {std::move(loop), place});
}

Name Flattener::target(const Name& in, Names& names, Block& out) {
  Name result = in;
  if (in.index) result.index = folded_index(expression(*in.index, names, out));
  const auto found = names.find(in.name);
  if (found == names.end()) return result;
  if (const auto* name = std::get_if<Name>(&found->second.node)) result.name = name->name;
  return result;
}

Expression Flattener::expression(const Expression& in, Names& names, Block& out) {
  if (const auto* name = std::get_if<Name>(&in.node)) {
    const auto found = names.find(name->name);
    if (found != names.end() && !std::holds_alternative<Name>(found->second.node)) return found->second;
    return {target(*name, names, out), in.place};
  }
  Expression result = in;
  if (auto* call = std::get_if<Call>(&result.node)) {
    for (Expression& argument : call->arguments) argument = expression(argument, names, out);
    const Function* function = mechanism_->find_function(call->name);
    if (function == nullptr || function->table) return result;
    return {Name{put_in_place(*function, call->arguments, in.place, out), {}}, in.place};
  }
  if (auto* binary = std::get_if<Binary>(&result.node); binary != nullptr && is_logical(binary->op)) {
    *binary->left = expression(*binary->left, names, out);
    Block maybe;  // not run where the left side decides
    *binary->right = expression(*binary->right, names, maybe);
    if (!written(*mechanism_, maybe).empty())
      throw NotDifferentiable{"a condition calls a function that assigns variables"};
    for (Statement& s : maybe) add(out, std::move(s));
    return result;
  }
  for_each_child(result, [&](Expression& child) { child = expression(child, names, out); });
  return result;
}

std::string Flattener::put_in_place(const Function& function, const std::vector<Expression>& arguments,
                                    const Place& place, Block& out) {
  Names names;
  for (std::size_t i = 0; i < function.arguments.size() && i < arguments.size(); ++i) {
    const std::string& formal = function.arguments[i];
    const auto* name = std::get_if<Name>(&arguments[i].node);
    const bool steady =
        literal_value(arguments[i]) || (name && !name->index && !function.usage.writes_name(name->name));
    if (steady && !assigns(function.body, formal)) {
      names.emplace(formal, arguments[i]);
      continue;
    }
    const std::string local = fresh_name(formal);
    add(out, local_statement(local, place));
    add(out, {Assignment{{local, {}}, place, arguments[i]}, place});
    names.emplace(formal, make_name(local));
  }
  std::string result;
  if (!function.is_procedure) {
    result = fresh_name(function.name);
    add(out, local_statement(result, place));
    names.insert_or_assign(function.name, make_name(result));
  }
  block(function.body, names, out);
  return result;
}

}  // namespace cellwright::nmodl
