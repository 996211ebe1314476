#include "nmodl/passes/tangent.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cellwright/nmodl/builtins.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/semantics/symbols.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

/// A STATE that was taken for linear and is not: the block is differentiated anew.
struct IsCoupled {
  std::string state;
};

std::string key_of(const std::string& name, int element) {
  return element < 0 ? name : fmt::format("{}[{}]", name, element);
}

/// How a direction or an array element shows in a name.
std::string spelled(const std::string& name, int element) {
  return element < 0 ? name : fmt::format("{}_{}", name, element);
}

bool is_zero(const Expression& e) {
  const auto* number = std::get_if<Number>(&e.node);
  return number != nullptr && number->value == 0;
}

bool is_leaf(const Expression& e) {
  if (literal_value(e)) return true;
  const auto* name = std::get_if<Name>(&e.node);
  return name != nullptr && (!name->index || literal_value(*name->index));
}

/// A value and its derivatives.
struct Dual {
  Expression value;
  Partials partials;
};

class Tangent {
 public:
  Tangent(const MechanismDescription& mechanism, const std::vector<Direction>& directions, Flattener& names,
          const std::set<std::string>& coupled)
      : mechanism_(mechanism), directions_(directions), names_(names), coupled_(coupled) {}

  TangentBlock run(const Block& flat) {
    find_arrays(flat);
    Block body;
    seed(body);
    block(flat, body);
    TangentBlock result;
    for (StateRate& rate : rates_) {
      rate.d_rate = partials_of(rate.rate);
      rate.da = partials_of(rate.a);
      rate.db = partials_of(rate.b);
    }
    result.rates = std::move(rates_);
    for (auto& [key, partials] : state_) result.partials[key] = partials;
    result.body = with_declarations(std::move(body));
    result.slopes = std::move(slopes_);
    return result;
  }

 private:
  using State = std::map<std::string, Partials>;

  // ------------------------------------------------------------------------------------------------- names

  /// Arrays whose elements are not all addressed by numbers are treated as a whole.
  void find_arrays(const Block& flat) {
    const auto note = [&](const Name& name) {
      if (name.index && !literal_value(*name.index)) dynamic_.insert(name.name);
    };
    walk_all_expressions(flat, [&](const Expression& e) {
      if (const auto* name = std::get_if<Name>(&e.node)) note(*name);
    });
    walk_statements(flat, [&](const Statement& s) {
      if (const auto* assignment = std::get_if<Assignment>(&s.node)) note(assignment->target);
      if (const auto* equation = std::get_if<Equation>(&s.node)) note(equation->state);
      if (const auto* local = std::get_if<Local>(&s.node)) {
        for (const Declarator& d : local->variables) {
          if (d.size) local_sizes_[d.name] = static_cast<int>(literal_value(*d.size).value_or(0));
        }
      }
    });
  }

  int size_of(const std::string& array) const {
    const auto local = local_sizes_.find(array);
    if (local != local_sizes_.end()) return local->second;
    const Variable* variable = mechanism_.find_variable(array);
    return variable != nullptr ? variable->array_size : 0;
  }

  /// Which element of an array a name is; -1: a scalar, or an array that is treated as a whole.
  int element_of(const Name& name) const {
    if (size_of(name.name) == 0 || dynamic_.contains(name.name)) return -1;
    return name.index ? static_cast<int>(literal_value(*name.index).value_or(0)) : 0;
  }

  std::string key(const Name& name) const { return key_of(name.name, element_of(name)); }

  std::string declare(const std::string& stem, int size = 0) {
    const std::string name = names_.fresh_name(stem);
    declared_.emplace_back(name, size);
    return name;
  }

  /// Declares what the body uses, at its beginning.
  Block with_declarations(Block body) const {
    std::set<std::string> used;
    walk_all_expressions(body, [&](const Expression& e) {
      if (const auto* name = std::get_if<Name>(&e.node)) used.insert(name->name);
    });
    walk_statements(body, [&](const Statement& s) {
      if (const auto* assignment = std::get_if<Assignment>(&s.node)) used.insert(assignment->target.name);
    });
    for (const StateRate& rate : rates_) used.insert({rate.rate, rate.a, rate.b});
    Local local;
    for (const auto& [name, size] : declared_) {
      if (!used.contains(name)) continue;
      std::optional<Expression> length;
      if (size > 0) length = make_number(size);
      local.variables.push_back({name, std::move(length), {}});
    }
    if (!local.variables.empty()) body.insert(body.begin(), Statement{std::move(local), {}});
    return body;
  }

  std::string direction_name(int direction) const {
    const Direction& d = directions_[static_cast<std::size_t>(direction)];
    return spelled(d.variable, d.element);
  }

  /// The local that holds a derivative of a variable.
  const std::string& partial_name(const Name& variable, int direction) {
    const int element = element_of(variable);
    std::string& name = partial_names_[{key_of(variable.name, element), direction}];
    if (name.empty()) {
      const int size = dynamic_.contains(variable.name) ? size_of(variable.name) : 0;
      name = declare(fmt::format("{}_d{}", spelled(variable.name, element), direction_name(direction)), size);
      if (size > 0) dynamic_.insert(name);
    }
    return name;
  }

  Partials partials_of(const std::string& scalar) const {
    const auto found = state_.find(scalar);
    return found == state_.end() ? Partials{} : found->second;
  }

  void seed(Block& out) {
    for (std::size_t k = 0; k < directions_.size(); ++k) {
      const Direction& d = directions_[k];
      const int direction = static_cast<int>(k);
      if (d.element < 0 || !dynamic_.contains(d.variable)) {
        state_[key_of(d.variable, d.element)][direction] = make_number(1);
        continue;
      }
      const std::string name = partial_name({d.variable, {}}, direction);
      out.push_back({Assignment{{name, make_number(d.element)}, {}, make_number(1)}, {}});
      state_[d.variable][direction] = make_name(name);
    }
  }

  // ------------------------------------------------------------------------------------------------- shared values

  /// A leaf of that value: the expression itself, or a local that is assigned here.
  Expression bind(Expression value, Block& out) {
    if (is_leaf(value)) return value;
    for (const auto& [known, name] : shared_) {
      if (known == value) return make_name(name);
    }
    const std::string name = declare("share");
    out.push_back({Assignment{{name, {}}, {}, value}, value.place});
    shared_.emplace_back(std::move(value), name);
    return make_name(name);
  }

  void forget_shared(const std::string& assigned) {
    std::erase_if(shared_, [&](const auto& entry) { return depends_on(entry.first, {assigned, {}}); });
  }

  // ------------------------------------------------------------------------------------------------- expressions

  static void add_partial(Partials& partials, int direction, Expression term) {
    if (is_zero(term)) return;
    const auto [it, is_new] = partials.try_emplace(direction, term);
    if (!is_new) it->second = make_sum(std::move(it->second), std::move(term));
  }

  Dual dual(const Expression& e, Block& out) {
    return std::visit(Overloaded{[&](const Name& node) {
                                   return Dual{e, name_partials(node)};
                                 },
                                 [&](const Unary& node) { return unary(e, node, out); },
                                 [&](const Binary& node) { return binary(e, node, out); },
                                 [&](const Call& node) { return call(e, node, out); },
                                 [&](const auto&) {
                                   return Dual{e, {}};
                                 }},
                      e.node);
  }

  Partials name_partials(const Name& name) const {
    const auto found = state_.find(key(name));
    if (found == state_.end()) return {};
    if (!dynamic_.contains(name.name)) return found->second;
    Partials result;
    for (const auto& [direction, array] : found->second) {
      result[direction] = {Name{std::get<Name>(array.node).name, name.index}, {}};
    }
    return result;
  }

  Dual unary(const Expression& e, const Unary& node, Block& out) {
    if (node.op != UnaryOperator::negate) return {e, {}};
    Dual result = dual(*node.operand, out);
    result.value = {Unary{UnaryOperator::negate, std::move(result.value)}, e.place};
    for (auto& [direction, d] : result.partials) d = make_negation(std::move(d));
    return result;
  }

  Dual binary(const Expression& e, const Binary& node, Block& out) {
    switch (node.op) {
      case BinaryOperator::add:
      case BinaryOperator::subtract:
        return sum(e, node, out);
      case BinaryOperator::multiply:
        return product(e, node, out);
      case BinaryOperator::divide:
        return quotient(e, node, out);
      case BinaryOperator::power:
        return power(e, *node.left, *node.right, out);
      default:
        return {e, {}};
    }
  }

  Dual sum(const Expression& e, const Binary& node, Block& out) {
    Dual left = dual(*node.left, out);
    Dual right = dual(*node.right, out);
    const bool difference = node.op == BinaryOperator::subtract;
    for (auto& [direction, d] : right.partials) {
      const auto [it, is_new] = left.partials.try_emplace(direction, difference ? make_negation(d) : d);
      if (is_new) continue;
      it->second = difference ? make_difference(std::move(it->second), d) : make_sum(std::move(it->second), d);
    }
    return {{Binary{node.op, std::move(left.value), std::move(right.value)}, e.place}, std::move(left.partials)};
  }

  Dual product(const Expression& e, const Binary& node, Block& out) {
    Dual left = dual(*node.left, out);
    Dual right = dual(*node.right, out);
    if (!left.partials.empty()) right.value = bind(std::move(right.value), out);
    if (!right.partials.empty()) left.value = bind(std::move(left.value), out);
    Dual result{{Binary{node.op, left.value, right.value}, e.place}, {}};
    for (const auto& [direction, d] : left.partials)
      add_partial(result.partials, direction, make_product(d, right.value));
    for (const auto& [direction, d] : right.partials)
      add_partial(result.partials, direction, make_product(left.value, d));
    return result;
  }

  /// q = f/g: q' = (f' - q*g')/g. Divisions are dear: all have the same reciprocal.
  Dual quotient(const Expression& e, const Binary& node, Block& out) {
    Dual top = dual(*node.left, out);
    Dual bottom = dual(*node.right, out);
    if (top.partials.empty() && bottom.partials.empty())
      return {{Binary{node.op, std::move(top.value), std::move(bottom.value)}, e.place}, {}};
    if (literal_value(bottom.value)) {
      for (auto& [direction, d] : top.partials) d = make_quotient(std::move(d), bottom.value);
      return {{Binary{node.op, std::move(top.value), std::move(bottom.value)}, e.place}, std::move(top.partials)};
    }
    const Expression inverse = bind(make_quotient(make_number(1), std::move(bottom.value)), out);
    Dual result{make_product(std::move(top.value), inverse), std::move(top.partials)};
    if (!bottom.partials.empty()) result.value = bind(std::move(result.value), out);
    for (const auto& [direction, d] : bottom.partials) {
      Expression& so_far = result.partials.try_emplace(direction, make_number(0)).first->second;
      so_far = make_difference(std::move(so_far), make_product(result.value, d));
    }
    for (auto& [direction, d] : result.partials) d = make_product(std::move(d), inverse);
    return result;
  }

  /// f^g: g*f^(g - 1)*f' + f^g*log(f)*g'. `e` is the power or the call pow(f, g).
  Dual power(const Expression& e, const Expression& f, const Expression& g, Block& out) {
    Dual base = dual(f, out);
    Dual exponent = dual(g, out);
    if (base.partials.empty() && exponent.partials.empty()) return {e, {}};
    base.value = bind(std::move(base.value), out);
    exponent.value = bind(std::move(exponent.value), out);
    Dual result{{Binary{BinaryOperator::power, base.value, exponent.value}, e.place}, {}};
    if (!base.partials.empty()) {
      const auto number = literal_value(exponent.value);
      Expression lower = number ? make_number(*number - 1) : make_difference(exponent.value, make_number(1));
      Expression slope = make_product(exponent.value, make_power(base.value, std::move(lower)));
      if (base.partials.size() > 1) slope = bind(std::move(slope), out);
      for (const auto& [direction, d] : base.partials) add_partial(result.partials, direction, make_product(slope, d));
    }
    if (!exponent.partials.empty()) {
      result.value = bind(std::move(result.value), out);
      const Expression slope = bind(make_product(result.value, make_call("log", base.value)), out);
      for (const auto& [direction, d] : exponent.partials)
        add_partial(result.partials, direction, make_product(slope, d));
    }
    return result;
  }

  Dual call(const Expression& e, const Call& node, Block& out) {
    if (node.name == "pow" && node.arguments.size() == 2) return power(e, node.arguments[0], node.arguments[1], out);
    const Function* function = mechanism_.find_function(node.name);
    const Builtin* builtin = find_builtin(node.name);
    std::vector<Dual> arguments;
    bool active = false;
    for (const Expression& argument : node.arguments) {
      arguments.push_back(dual(argument, out));
      active = active || !arguments.back().partials.empty();
    }
    if (!active) return {e, {}};
    Call same{node.name, {}};
    for (Dual& argument : arguments) {
      argument.value = bind(std::move(argument.value), out);
      same.arguments.push_back(argument.value);
    }
    Dual result{bind({same, e.place}, out), {}};
    for (std::size_t k = 0; k < arguments.size(); ++k) {
      if (arguments[k].partials.empty()) continue;
      Expression slope = function  ? table_slope(*function, 0, same.arguments[0])
                         : builtin ? builtin_slope(*builtin, k, same, result.value)
                                   : special_slope(k, same);
      if (arguments[k].partials.size() > 1) slope = bind(std::move(slope), out);
      for (const auto& [direction, d] : arguments[k].partials) {
        add_partial(result.partials, direction, make_product(d, slope));
      }
    }
    return result;
  }

  /// Puts the arguments for x and y, and the call's own value where the formula has it again (exp, tanh).
  static void substitute(Expression& formula, const Call& call, const Expression& value) {
    if (const auto* name = std::get_if<Name>(&formula.node)) {
      formula = Expression(call.arguments[name->name == "x" ? 0 : 1]);
      return;
    }
    for_each_child(formula, [&](Expression& child) { substitute(child, call, value); });
    const auto* inner = std::get_if<Call>(&formula.node);
    if (inner != nullptr && *inner == call) formula = Expression(value);
  }

  static Expression builtin_slope(const Builtin& builtin, std::size_t argument, const Call& call,
                                  const Expression& value) {
    if (builtin.spelling == "fabs") {
      // x/fabs(x) without the hole at 0
      const auto sign = [&](BinaryOperator op) {
        return Expression{Binary{op, call.arguments[0], make_number(0)}, {}};
      };
      return {Binary{BinaryOperator::subtract, sign(BinaryOperator::greater), sign(BinaryOperator::less)}, {}};
    }
    const std::string_view text = argument == 0 ? builtin.derivative : builtin.derivative_y;
    if (text.empty()) return make_number(0);
    Expression formula = *parse_derivative(text);
    substitute(formula, call, value);
    return formula;
  }

  /// nernst and ghk. nernst(1, e, z) is RT/(zF); ghk is linear in both concentrations.
  Expression special_slope(std::size_t argument, const Call& call) {
    const auto& a = call.arguments;
    if (call.name == "nernst" && argument < 2) {
      const Expression unit{Call{"nernst", {make_number(1), make_number(std::exp(1.0)), a[2]}}, {}};
      const Expression slope = make_quotient(unit, a[argument]);
      return argument == 0 ? make_negation(slope) : slope;
    }
    if (call.name == "ghk" && argument == 0) {
      slopes_.push_back({"ghk", 0, "ghk_slope"});
      return {Call{"ghk_slope", a}, {}};
    }
    if (call.name == "ghk" && argument < 3) {
      const bool inside = argument == 1;
      return {Call{"ghk", {a[0], make_number(inside ? 1 : 0), make_number(inside ? 0 : 1), a[3]}}, {}};
    }
    throw NotDifferentiable{fmt::format("it calls {}() with an argument that varies", call.name)};
  }

  // ------------------------------------------------------------------------------------------------- tables

  Expression table_slope(const Function& function, int output, const Expression& argument) {
    const auto same = [&](const TableSlope& s) { return s.function == function.name && s.output == output; };
    auto found = std::find_if(slopes_.begin(), slopes_.end(), same);
    if (found == slopes_.end()) {
      slopes_.push_back({function.name, output, fmt::format("{}_slope_{}", function.name, output)});
      found = slopes_.end() - 1;
    }
    return make_call(found->name, argument);
  }

  void call_statement(const Statement& s, const Call& node, Block& out) {
    const Function* function = mechanism_.find_function(node.name);
    if (function == nullptr) {
      if (find_builtin(node.name) != nullptr) return;
      throw NotDifferentiable{fmt::format("it calls {}()", node.name)};
    }
    Dual argument = dual(node.arguments.at(0), out);
    argument.value = bind(std::move(argument.value), out);
    for (std::size_t k = 0; function->table && k < function->table->outputs.size(); ++k) {
      const Name output{function->table->outputs[k], {}};
      Partials partials;
      if (!argument.partials.empty()) {
        const Expression slope = bind(table_slope(*function, static_cast<int>(k), argument.value), out);
        for (const auto& [direction, d] : argument.partials) add_partial(partials, direction, make_product(d, slope));
      }
      assign_partials(output, partials, s.place, out);
    }
    out.push_back({CallStatement{Call{node.name, {argument.value}}}, s.place});
    if (!function->table) return;
    for (const std::string& output : function->table->outputs) forget_shared(output);
  }

  // ------------------------------------------------------------------------------------------------- statements

  void block(const Block& in, Block& out) {
    for (const Statement& s : in) statement(s, out);
  }

  void statement(const Statement& s, Block& out) {
    std::visit(Overloaded{[&](const Local& node) { local(s, node, out); },
                          [&](const Assignment& node) {
                            Dual value = dual(node.value, out);
                            assign(node.target, std::move(value), s.place, out);
                          },
                          [&](const Equation& node) { equation(node, s.place, out); },
                          [&](const CallStatement& node) { call_statement(s, node.call, out); },
                          [&](const If& node) { if_else(node, s.place, out); },
                          [&](const From& node) {
                            From result = node;
                            loop(node.body, result.body, out);
                            out.push_back({std::move(result), s.place});
                          },
                          [&](const While& node) {
                            While result = node;
                            loop(node.body, result.body, out);
                            out.push_back({std::move(result), s.place});
                          },
                          [&](const auto&) { throw NotDifferentiable{"it holds a statement without derivative"}; }},
               s.node);
  }

  void local(const Statement& s, const Local& node, Block& out) {
    for (const Declarator& d : node.variables) {
      if (in_loop_ && dynamic_.contains(d.name)) throw NotDifferentiable{"it has a LOCAL array inside a loop"};
      state_.erase(d.name);
      for (int k = 0; k < size_of(d.name); ++k) state_.erase(key_of(d.name, k));
    }
    out.push_back(s);
  }

  /// The derivatives of what is about to be assigned, from the old values.
  void assign_partials(const Name& target, Partials partials, const Place& place, Block& out) {
    const bool whole = dynamic_.contains(target.name);
    Partials& now = state_[key(target)];
    if (whole) {
      for (const auto& [direction, array] : now) partials.try_emplace(direction, make_number(0));
    }
    Partials result;
    for (auto& [direction, d] : partials) {
      if (!whole && literal_value(d)) {
        if (!is_zero(d)) result[direction] = std::move(d);
        continue;
      }
      Name name{partial_name(target, direction), {}};
      result[direction] = {name, {}};
      if (!whole && d == result[direction]) continue;
      if (whole) name.index = target.index ? target.index : Box<Expression>(make_number(0));
      out.push_back({Assignment{std::move(name), place, std::move(d)}, place});
    }
    state_[key(target)] = std::move(result);
  }

  void assign(const Name& target, Dual value, const Place& place, Block& out) {
    // x = exp(x): the value was shared, and is what is assigned
    assign_partials(target, std::move(value.partials), place, out);
    out.push_back({Assignment{target, place, std::move(value.value)}, place});
    forget_shared(target.name);
  }

  // ------------------------------------------------------------------------------------------------- equations

  StateRate& rate_of(const Name& state, bool linear) {
    const int element = element_of(state);
    for (StateRate& rate : rates_) {
      if (rate.state == state.name && rate.element == element) return rate;
    }
    StateRate rate{.state = state.name, .element = element, .linear = linear};
    const std::string stem = spelled(state.name, element);
    if (linear) {
      rate.a = declare(stem + "_a");
      rate.b = declare(stem + "_b");
    } else {
      const int size = dynamic_.contains(state.name) ? size_of(state.name) : 0;
      rate.rate = declare(stem + "_rate", size);
      if (size > 0) {
        dynamic_.insert(rate.rate);
        local_sizes_[rate.rate] = size;
      }
    }
    rates_.push_back(std::move(rate));
    return rates_.back();
  }

  bool depends_on_states(const Expression& e, const Name& except) const {
    bool found = false;
    walk_expression(e, [&](const Expression& inner) {
      const auto* name = std::get_if<Name>(&inner.node);
      if (name == nullptr || *name == except) return;
      for (const auto& [direction, d] : name_partials(*name)) {
        found = found || directions_[static_cast<std::size_t>(direction)].is_state;
      }
    });
    return found;
  }

  void equation(const Equation& e, const Place& place, Block& out) {
    const std::string state = key(e.state);
    const bool whole = dynamic_.contains(e.state.name);
    if (whole || coupled_.contains(state)) {
      StateRate& rate = rate_of(e.state, false);
      const Name target{rate.rate, whole ? e.state.index : Box<Expression>()};
      assign(target, dual(e.rhs, out), place, out);
      return;
    }
    const auto form = linear_form(e.rhs, e.state);
    if (!form || depends_on_states(e.rhs, e.state)) throw IsCoupled{state};
    const StateRate rate = rate_of(e.state, true);
    const auto part = [&](const std::string& name, const std::optional<Expression>& value, bool negate) {
      Expression text = value ? *value : make_number(0);
      if (negate && value) text = make_negation(std::move(text));
      assign({name, {}}, dual(text, out), place, out);
    };
    part(rate.a, form->b, false);
    part(rate.b, form->a, true);
  }

  // ------------------------------------------------------------------------------------------------- branches, loops

  static std::set<std::string> locals_of(const Block& block) {
    std::set<std::string> names;
    for (const Statement& s : block) {
      const auto* local = std::get_if<Local>(&s.node);
      if (local == nullptr) continue;
      for (const Declarator& d : local->variables) names.insert(d.name);
    }
    return names;
  }

  void drop_locals(State& state, const Block& block) const {
    for (const std::string& name : locals_of(block)) {
      state.erase(name);
      for (int k = 0; k < size_of(name); ++k) state.erase(key_of(name, k));
    }
  }

  static Name name_of_key(const std::string& key) {
    const std::size_t bracket = key.find('[');
    if (bracket == std::string::npos) return {key, {}};
    return {key.substr(0, bracket), make_number(std::stoi(key.substr(bracket + 1)))};
  }

  /// Brings both states to the same form, by assignments at the end of their blocks.
  State join(State one, Block& end_of_one, State other, Block& end_of_other) {
    State result;
    for (State* state : {&one, &other}) {
      for (const auto& [key, partials] : *state) {
        for (const auto& [direction, d] : partials) result[key].try_emplace(direction, d);
      }
    }
    for (auto& [key, partials] : result) {
      for (auto& [direction, d] : partials) d = joined(key, direction, one, end_of_one, other, end_of_other);
    }
    return result;
  }

  Expression joined(const std::string& key, int direction, State& one, Block& end_of_one, State& other,
                    Block& end_of_other) {
    const auto value = [&](State& state) {
      const auto it = state[key].find(direction);
      return it == state[key].end() ? make_number(0) : it->second;
    };
    const Expression first = value(one), second = value(other);
    if (first == second || dynamic_.contains(key)) return is_zero(first) ? second : first;
    const Expression name = make_name(partial_name(name_of_key(key), direction));
    const auto settle = [&](const Expression& d, Block& block) {
      if (!(d == name)) block.push_back({Assignment{std::get<Name>(name.node), {}, d}, {}});
    };
    settle(first, end_of_one);
    settle(second, end_of_other);
    return name;
  }

  using Shared = std::vector<std::pair<Expression, std::string>>;

  /// Those of `before` that are still in `after`.
  static Shared kept(const Shared& before, const Shared& after) {
    Shared result;
    for (const auto& entry : before) {
      if (std::find(after.begin(), after.end(), entry) != after.end()) result.push_back(entry);
    }
    return result;
  }

  void if_else(const If& node, const Place& place, Block& out) {
    If result{node.condition, {}, {}, node.has_else};
    const State before = state_;
    const Shared shared_before = shared_;
    block(node.then, result.then);
    drop_locals(state_, node.then);
    State after_then = std::move(state_);
    const Shared shared_then = std::move(shared_);
    state_ = before;
    shared_ = shared_before;
    block(node.otherwise, result.otherwise);
    drop_locals(state_, node.otherwise);
    shared_ = kept(kept(shared_before, shared_then), shared_);
    state_ = join(std::move(after_then), result.then, std::move(state_), result.otherwise);
    result.has_else = !result.otherwise.empty();
    out.push_back({std::move(result), place});
  }

  /// A body that may run any number of times: its derivatives on entry are those of before the loop or of its own end.
  void loop(const Block& in, Block& body, Block& before_loop) {
    const bool outer = std::exchange(in_loop_, true);
    for (;;) {
      State entry = state_;
      shared_.clear();
      body.clear();
      block(in, body);
      drop_locals(state_, in);
      Block before;
      State both = join(entry, before, std::move(state_), body);
      for (Statement& s : before) before_loop.push_back(std::move(s));
      state_ = both;
      if (both == entry) break;
    }
    shared_.clear();
    in_loop_ = outer;
  }

  const MechanismDescription& mechanism_;
  const std::vector<Direction>& directions_;
  Flattener& names_;
  const std::set<std::string>& coupled_;
  State state_;
  Shared shared_;
  bool in_loop_ = false;
  std::set<std::string> dynamic_;
  std::map<std::string, int> local_sizes_;
  std::vector<std::pair<std::string, int>> declared_;
  std::map<std::pair<std::string, int>, std::string> partial_names_;
  std::vector<StateRate> rates_;
  std::vector<TableSlope> slopes_;
};

}  // namespace

TangentBlock differentiate_block(const MechanismDescription& mechanism, const Block& flat,
                                 const std::vector<Direction>& directions, Flattener& names) {
  std::set<std::string> coupled;
  for (;;) {
    Flattener attempt = names;
    try {
      TangentBlock result = Tangent(mechanism, directions, attempt, coupled).run(flat);
      names = attempt;
      return result;
    } catch (const IsCoupled& state) {
      coupled.insert(state.state);
    }
  }
}

}  // namespace cellwright::nmodl
