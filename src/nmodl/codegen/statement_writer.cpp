#include "nmodl/codegen/statement_writer.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "nmodl/codegen/effects.hpp"
#include "nmodl/semantics/special_functions.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

/// Loops of at most so many rounds are written out for the vectoriser.
constexpr double max_unrolled_rounds = 64;

std::string parameter_list(const Function& function) {
  std::string text = "Frame& f, Arrays& a";
  for (const std::string& argument : function.arguments) text += ", double l_" + argument;
  return text;
}

int declared_size(const Declarator& declarator) {
  if (!declarator.size) return 0;
  const auto* number = std::get_if<Number>(&declarator.size->node);
  if (!number || number->value < 1 || number->value > 1e6) {
    throw InternalError(fmt::format("LOCAL array '{}' has no size", declarator.name));
  }
  return static_cast<int>(number->value);
}

/// The scalars that a loop's body assigns and that live longer than one turn, with the place of an assignment.
std::map<std::string, Place> assigned_outside(const Block& body) {
  std::map<std::string, Place> result;
  std::set<std::string> locals;
  walk_statements(body, [&](const Statement& statement) {
    if (const auto* assignment = std::get_if<Assignment>(&statement.node); assignment && !assignment->target.index)
      result.emplace(assignment->target.name, assignment->target_place);
    if (const auto* local = std::get_if<Local>(&statement.node))
      for (const Declarator& variable : local->variables) locals.insert(variable.name);
  });
  std::erase_if(result, [&](const auto& entry) { return locals.contains(entry.first); });
  return result;
}

}  // namespace

NmodlError unsupported(const std::string& message, const SourceSpan& span, const std::string& fix) {
  return NmodlError(Diagnostic{.code = "nmodl-unsupported", .message = message, .span = span, .fix = fix});
}

void StatementWriter::block(CodeText& code, const Block& block, NameScope scope) { statements(code, block, scope); }

void StatementWriter::statements(CodeText& code, const Block& block, NameScope& scope) {
  for (const Statement& s : block) statement(code, s, scope);
}

void StatementWriter::statement(CodeText& code, const Statement& s, NameScope& scope) {
  std::visit(
      Overloaded{
          [&](const Local& e) { local(code, e, scope); },
          [&](const Assignment& e) {
            std::string value = expressions_.value(e.value, scope);
            if (!selected_.empty())
              value = fmt::format("cw_select({}, {}, {})", selected_, value,
                                  expressions_.value(Expression{e.target, e.target_place}, scope));
            code.line(expressions_.assignment(e.target, e.target_place, value, scope), s.place);
          },
          [&](const CallStatement& e) {
            if (!is_time_mark(e)) code.line(expressions_.call(e.call, scope) + ";", s.place);
          },
          [&](const If& e) { if_else(code, e, s.place, scope); }, [&](const From& e) { from(code, e, s.place, scope); },
          [&](const While& e) { loop_while(code, e, s.place, scope); },
          [&](const Watch& e) {
            for (const WatchCondition& row : e.conditions) {
              code.line(fmt::format("cw_watch(f.context, {}, {});", next_watch_++, expressions_.value(row.flag, scope)),
                        s.place);
            }
          },
          [&](const Break&) { code.line("break;", s.place); },
          [&](const Return&) {
            const bool has_value = scope.function && !scope.function->is_procedure;
            code.line(has_value ? fmt::format("return l_{};", scope.function->name) : "return;", s.place);
          },
          [&](const Solve& e) { solve(code, find_solve(mechanism_, e.block.name), e.steady_state); },
          [&](const auto&) {
            throw InternalError(
                fmt::format("mechanism '{}': a statement was not lowered (line {})", mechanism_.name, s.place.line));
          }},
      s.node);
}

void StatementWriter::solve(CodeText& code, const SolveBlock& solved, bool steady_state) {
  if (solved.system) {
    code.line(fmt::format("{}_{}(f, a);", steady_state ? 'y' : 'q', solved.name));
    return;
  }
  code.open("{");
  block(code, solved.step, {});
  code.close();
}

void StatementWriter::local(CodeText& code, const Local& e, NameScope& scope) {
  for (const Declarator& declarator : e.variables) {
    const int size = declared_size(declarator);
    if (size > 0) {
      scope.arrays[declarator.name] = size;
      code.line(fmt::format("{} l_{}[{}] = {{}};", expressions_.number_type(), declarator.name, size));
    } else {
      code.line(fmt::format("{} l_{} = 0;", expressions_.number_type(), declarator.name));
    }
  }
}

bool StatementWriter::fits_rows(const Block& block, const std::set<std::string>& procedures) const {
  const auto value_fits = [&](const Expression& e) { return expressions_.fits_rows(e, {}); };
  return std::all_of(block.begin(), block.end(), [&](const Statement& statement) {
    if (const auto* local = std::get_if<Local>(&statement.node))
      return std::none_of(local->variables.begin(), local->variables.end(), [](const Declarator& d) { return d.size; });
    if (const auto* assignment = std::get_if<Assignment>(&statement.node))
      return value_fits(Expression{assignment->target, {}}) && value_fits(assignment->value);
    if (const auto* branch = std::get_if<If>(&statement.node))
      return expressions_.condition_fits_rows(branch->condition, {}) && fits_rows(branch->then, {}) &&
             fits_rows(branch->otherwise, {});
    const auto* call = std::get_if<CallStatement>(&statement.node);
    return call != nullptr && procedures.contains(call->call.name) &&
           std::all_of(call->call.arguments.begin(), call->call.arguments.end(), value_fits);
  });
}

/// Both branches are computed, and the values of one of them are kept.
void StatementWriter::select_branches(CodeText& code, const If& e, const Place& place, const NameScope& scope) {
  const std::string outside = selected_, condition = fmt::format("where{}", next_condition_++);
  const auto within = [&](const std::string& text) {
    return outside.empty() ? text : fmt::format("({} & {})", outside, text);
  };
  code.open("{");
  code.line(fmt::format("const auto {} = {};", condition, expressions_.condition(e.condition, scope)), place);
  for (const auto& [block, where] : {std::pair{&e.then, condition}, std::pair{&e.otherwise, "(!" + condition + ")"}}) {
    if (block->empty()) continue;
    selected_ = within(where);
    code.open("{");
    this->block(code, *block, scope);
    code.close();
  }
  code.close();
  selected_ = outside;
}

void StatementWriter::if_else(CodeText& code, const If& e, const Place& place, const NameScope& scope) {
  if (selects_) return select_branches(code, e, place, scope);
  code.open(fmt::format("if ({}) {{", expressions_.condition(e.condition, scope)), place);
  block(code, e.then, scope);
  code.close();
  if (e.otherwise.empty()) return;
  code.open("else {");
  block(code, e.otherwise, scope);
  code.close();
}

/// A loop that never ends would take the program with it, and no time limit reaches into it: after most_turns its
/// results become NaN, so that the lane fails.
void StatementWriter::loop_while(CodeText& code, const While& e, const Place& place, const NameScope& scope) {
  constexpr long most_turns = 10'000'000;
  code.open("{ long cw_turns = 0;");
  code.open(fmt::format("while ({}) {{", expressions_.condition(e.condition, scope)), place);
  code.open(fmt::format("if (++cw_turns > {}) {{", most_turns));
  for (const auto& [name, target_place] : assigned_outside(e.body))
    code.line(expressions_.assignment(Name{name, {}}, target_place, "__builtin_nan(\"\")", scope), target_place);
  code.line("break;");
  code.close();
  block(code, e.body, scope);
  code.close();
  code.close();
}

void StatementWriter::from(CodeText& code, const From& e, const Place& place, NameScope scope) {
  const std::string first = expressions_.integer(e.first, scope);
  const std::string last = expressions_.integer(e.last, scope);
  const std::string step = e.step ? expressions_.integer(*e.step, scope) : "1";
  scope.loop_variables.insert(e.variable.name);
  const auto* low = std::get_if<Number>(&e.first.node);
  const auto* high = std::get_if<Number>(&e.last.node);
  if (low && high && high->value - low->value < max_unrolled_rounds) {
    code.line(fmt::format("#pragma GCC unroll {}", static_cast<int>(max_unrolled_rounds)));
  }
  code.open(fmt::format("for (int l_{0} = {1}; l_{0} <= {2}; l_{0} += {3}) {{", e.variable.name, first, last, step),
            place);
  block(code, e.body, scope);
  code.close();
}

void StatementWriter::body(CodeText& code, const Function& function, const std::string& prefix) {
  const char* result = function.is_procedure ? "void" : "double";
  code.open(fmt::format("CW_INLINE {} {}{}({}) {{", result, prefix, function.name, parameter_list(function)));
  if (!function.is_procedure) code.line(fmt::format("double l_{} = 0;", function.name));
  block(code, function.body, {.function = &function, .loop_variables = {}, .arrays = {}});
  if (!function.is_procedure) code.line(fmt::format("return l_{};", function.name));
  code.close();
}

void StatementWriter::event_function(CodeText& code, const std::string& name, const Function& function) {
  code.open(fmt::format("CW_INLINE void {}(Frame& f, Arrays& a, double* weight, double l_flag) {{", name));
  for (std::size_t i = 0; i + 1 < function.arguments.size(); ++i) {
    code.line(fmt::format("[[maybe_unused]] double& l_{} = weight[{}];", function.arguments[i], i));
  }
  block(code, function.body, {.function = &function, .loop_variables = {}, .arrays = {}});
  code.close();
  code.blank();
}

void StatementWriter::watch_value(CodeText& code, int number, const WatchCondition& condition) {
  const auto& comparison = std::get<Binary>(condition.condition.node);
  const std::string left = expressions_.value(*comparison.left, {}), right = expressions_.value(*comparison.right, {});
  const bool above = comparison.op == BinaryOperator::greater;
  code.line(fmt::format("if (condition == {}) return {} - {};", number, above ? left : right, above ? right : left),
            condition.condition.place);
}

void StatementWriter::function(CodeText& code, const Function& function) {
  body(code, function, function.table ? "e_" : "n_");
  if (function.table) look_up(code, function);
}

std::vector<std::string> StatementWriter::table_targets(const Function& function, const NameScope& scope) {
  std::vector<std::string> targets;
  for (const std::string& output : function.table->outputs) {
    const Expression e{Name{output, {}}, {}};
    targets.push_back(expressions_.value(e, scope));
  }
  if (targets.empty()) targets.emplace_back("l_" + function.name);
  return targets;
}

/// Rows of one entry per output, count + 2 of them: the last entry stands twice, so that the end needs no branch.
void StatementWriter::look_up(CodeText& code, const Function& function) {
  const LookupTable& table = *function.table;
  const NameScope scope;
  if (function.arguments.size() != 1) {
    throw unsupported(fmt::format("TABLE in '{}', which does not have exactly one argument", function.name), table.span,
                      "take the TABLE statement away or give the function one argument");
  }
  const InNumbers reals(expressions_, "real");
  const std::vector<std::string> targets = table_targets(function, scope);
  const auto width = static_cast<long>(targets.size());
  table_begin_[function.name] = table_values_;
  const std::string first = expressions_.value(table.first, scope), last = expressions_.value(table.last, scope);
  code.line("template <class real>");
  code.open(fmt::format("CW_INLINE {} n_{}(FrameOf<real>& f, ArraysOf<real>& a, Same<real> l_{}) {{",
                        function.is_procedure ? "void" : "real", function.name, function.arguments.front()));
  code.line(fmt::format("const real first = {}, last = {};", first, last));
  code.line(fmt::format("const real per_step = real(1) / ((last - first) / {});", number(table.count)));
  code.line(fmt::format("const real position = per_step * (l_{} - first);", function.arguments.front()));
  code.line(
      fmt::format("const real inside = position > 0 ? (position < {0} ? position : {0}) : 0;", number(table.count)));
  code.line("const int32_t row = static_cast<int32_t>(inside);");
  // The last term is 0, or NaN for NaN (and infinity). Tests for NaN would become branches around the loads below,
  // and the compiler could no longer load for all lanes at once.
  code.line("const real part = (inside - real(row)) + (position - position);");
  code.line(fmt::format("const int32_t at = f.table_offset + {} + row * {};", table_values_, width));
  for (long k = 0; k < width; ++k) {
    code.line(fmt::format("const real low{0} = f.table[at + {0}];", k));
    code.line(fmt::format("const real entry{0} = low{0} + part * (f.table[at + {1}] - low{0});", k, width + k));
    if (function.is_procedure) {
      code.line(fmt::format("{} = entry{};", targets[static_cast<std::size_t>(k)], k));
    } else {
      code.line(fmt::format("return entry{};", k));
    }
  }
  code.close();
  table_values_ += width * (table.count + 2);
}

void StatementWriter::table_slope(CodeText& code, const Function& function, int output, const std::string& name) {
  const LookupTable& table = *function.table;
  const auto width = static_cast<long>(std::max<std::size_t>(1, table.outputs.size()));
  const InNumbers reals(expressions_, "real");
  const std::string first = expressions_.value(table.first, {}), last = expressions_.value(table.last, {});
  expressions_.add_function(name);
  code.line("template <class real>");
  code.open(fmt::format("CW_INLINE real n_{}(FrameOf<real>& f, ArraysOf<real>& a, Same<real> x) {{", name));
  code.line(fmt::format("const real first = {}, last = {};", first, last));
  code.line(fmt::format("const real per_step = real(1) / ((last - first) / {});", number(table.count)));
  code.line("const real position = per_step * (x - first);");
  code.line(fmt::format("const bool inside = (position > 0) & (position < {});", number(table.count)));
  code.line("const int32_t row = static_cast<int32_t>(inside ? position : real(0));");
  code.line(fmt::format("const int32_t at = f.table_offset + {} + row * {};", table_begin_.at(function.name) + output,
                        width));
  code.line(fmt::format("return inside ? (f.table[at + {}] - f.table[at]) * per_step : real(0);", width));
  code.close();
  code.blank();
}

void StatementWriter::special_slope(CodeText& code, const std::string& name) {
  expressions_.add_function(name);
  code.line("template <class real>");
  code.open(fmt::format(
      "CW_INLINE real n_{}(FrameOf<real>& f, ArraysOf<real>&, double v, double ci, double co, double z) {{", name));
  code.line(fmt::format("return static_cast<real>(cw_{}(f.x_celsius, v, ci, co, z));", name));
  code.close();
  code.blank();
}

void StatementWriter::fill_table(CodeText& code, const Function& function) {
  const LookupTable& table = *function.table;
  const NameScope scope;
  const std::vector<std::string> targets = table_targets(function, scope);
  code.open("{");
  code.line(fmt::format("const double first = {}, last = {};", expressions_.value(table.first, scope),
                        expressions_.value(table.last, scope)));
  code.line(fmt::format("const double step = (last - first) / {};", literal(table.count)));
  code.line(fmt::format("cw_real* to = table + f.table_offset + {};", table_begin_.at(function.name)));
  code.line("double x = first;");
  code.open(fmt::format("for (int k = 0; k <= {}; ++k, x += step) {{", table.count));
  if (function.is_procedure) {
    code.line(fmt::format("e_{}(f, a, x);", function.name));
    for (const std::string& target : targets) code.line(fmt::format("*to++ = {};", target));
  } else {
    code.line(fmt::format("*to++ = e_{}(f, a, x);", function.name));
  }
  code.close();
  code.line(fmt::format("for (int k = 0; k < {0}; ++k, ++to) *to = to[-{0}];", targets.size()));
  code.close();
}

}  // namespace cellwright::nmodl
