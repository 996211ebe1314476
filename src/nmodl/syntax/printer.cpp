/// The tree as NMODL text in one fixed layout. Parentheses are set only where the tree needs them, so that parsing the
/// text gives the same tree.

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

#include "cellwright/nmodl/front_end.hpp"

namespace cellwright::nmodl {
namespace {

struct OperatorText {
  std::string_view text;
  int level;
};

/// Indexed by BinaryOperator. A minus sign has level 5, `^` level 6.
constexpr std::array<OperatorText, 13> operator_texts = {{{" + ", 3},
                                                          {" - ", 3},
                                                          {"*", 4},
                                                          {"/", 4},
                                                          {"^", 6},
                                                          {" < ", 2},
                                                          {" > ", 2},
                                                          {" <= ", 2},
                                                          {" >= ", 2},
                                                          {" == ", 2},
                                                          {" != ", 2},
                                                          {" && ", 1},
                                                          {" || ", 0}}};
constexpr int unary_level = 5;
constexpr int power_level = 6;
constexpr int atom_level = 7;

std::string number_text(const Number& number) {
  if (!number.text.empty()) return number.text;
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number.value);
  return {buffer.data(), result.ptr};
}

bool is_negative(const Number& number) { return number_text(number).front() == '-'; }

int level_of(const Expression& expression) {
  return std::visit(Overloaded{[](const Binary& b) { return operator_texts[static_cast<std::size_t>(b.op)].level; },
                               [](const Unary&) { return unary_level; },
                               [](const Number& n) { return is_negative(n) ? unary_level : atom_level; },
                               [](const auto&) { return atom_level; }},
                    expression.node);
}

class Printer {
 public:
  explicit Printer(int indent = 0) : indent_(indent) {}
  std::string take() { return std::move(text_); }

  void expression(const Expression& expression) {
    std::visit([this](const auto& node) { print(node); }, expression.node);
  }
  void block_body(const Block& block) {
    for (const Statement& statement : block) {
      text_.append(static_cast<std::size_t>(indent_) * 2, ' ');
      std::visit([this](const auto& node) { print(node); }, statement.node);
      text_ += '\n';
    }
  }
  void item(const Item& item) {
    std::visit([this](const auto& node) { print(node); }, item.node);
    text_ += '\n';
  }

 private:
  template <class... Args>
  void out(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }
  void with_level(const Expression& e, int needed) {
    const bool parentheses = level_of(e) < needed;
    if (parentheses) text_ += '(';
    expression(e);
    if (parentheses) text_ += ')';
  }
  template <class List, class Print>
  void joined(const List& list, Print print_one, std::string_view separator = ", ") {
    bool first = true;
    for (const auto& entry : list) {
      if (!first) text_ += separator;
      first = false;
      print_one(entry);
    }
  }
  void names(const std::vector<Identifier>& list, std::string_view separator = ", ") {
    joined(
        list, [this](const Identifier& id) { text_ += id.name; }, separator);
  }
  void declarators(const std::vector<Declarator>& list) {
    joined(list, [this](const Declarator& d) { declarator(d); });
  }
  void declarator(const Declarator& d) {
    text_ += d.name;
    if (d.size) {
      text_ += '[';
      expression(*d.size);
      text_ += ']';
    }
  }
  void braces(const Block& block) {
    text_ += "{\n";
    ++indent_;
    block_body(block);
    --indent_;
    text_.append(static_cast<std::size_t>(indent_) * 2, ' ');
    text_ += '}';
  }

  // expressions
  void print(const Number& n) { text_ += number_text(n); }
  void print(const Name& n) {
    text_ += n.name;
    if (n.index) {
      text_ += '[';
      expression(*n.index);
      text_ += ']';
    }
  }
  void print(const Unary& u) {
    text_ += u.op == UnaryOperator::negate ? '-' : '!';
    with_level(*u.operand, unary_level);
  }
  void print(const Binary& b) {
    const OperatorText& op = operator_texts[static_cast<std::size_t>(b.op)];
    const bool power = b.op == BinaryOperator::power;
    with_level(*b.left, power ? power_level + 1 : op.level);
    text_ += op.text;
    with_level(*b.right, power ? unary_level : op.level + 1);
  }
  void print(const Call& c) {
    text_ += c.name;
    text_ += '(';
    joined(c.arguments, [this](const Expression& e) { expression(e); });
    text_ += ')';
  }
  void print(const Text& t) { out("\"{}\"", t.text); }

  // statements
  void print(const Local& s) {
    text_ += "LOCAL ";
    declarators(s.variables);
  }
  void print(const Assignment& s) {
    print(s.target);
    text_ += " = ";
    expression(s.value);
  }
  void print(const Equation& s) {
    print(s.state);
    text_.append(static_cast<std::size_t>(s.order), '\'');
    text_ += " = ";
    expression(s.rhs);
  }
  void print(const CallStatement& s) { print(s.call); }
  void print(const If& s) {
    text_ += "IF (";
    expression(s.condition);
    text_ += ") ";
    braces(s.then);
    if (!s.has_else) return;
    text_ += " ELSE ";
    if (s.otherwise.size() == 1 && std::holds_alternative<If>(s.otherwise.front().node)) {
      print(std::get<If>(s.otherwise.front().node));
    } else {
      braces(s.otherwise);
    }
  }
  void print(const From& s) {
    out("FROM {} = ", s.variable.name);
    expression(s.first);
    text_ += " TO ";
    expression(s.last);
    if (s.step) {
      text_ += " BY ";
      expression(*s.step);
    }
    text_ += ' ';
    braces(s.body);
  }
  void print(const While& s) {
    text_ += "WHILE (";
    expression(s.condition);
    text_ += ") ";
    braces(s.body);
  }
  void print(const TableStatement& s) {
    text_ += "TABLE ";
    names(s.outputs);
    if (!s.outputs.empty()) text_ += ' ';
    if (!s.depend.empty()) {
      text_ += "DEPEND ";
      names(s.depend);
      text_ += ' ';
    }
    text_ += "FROM ";
    expression(s.first);
    text_ += " TO ";
    expression(s.last);
    text_ += " WITH ";
    expression(s.count);
  }
  void print(const Solve& s) {
    out("SOLVE {}", s.block.name);
    if (s.method) out(" {} {}", s.steady_state ? "STEADYSTATE" : "METHOD", s.method->name);
    if (s.if_error.empty()) return;
    text_ += " IFERROR ";
    braces(s.if_error);
  }
  void print(const Conductance& s) {
    out("CONDUCTANCE {}", s.variable.name);
    if (s.ion) out(" USEION {}", s.ion->name);
  }
  void terms(const std::vector<ReactionTerm>& list) {
    joined(
        list,
        [this](const ReactionTerm& term) {
          if (!(term.coefficient.node == Expression{Number{1, ""}, {}}.node)) {
            expression(term.coefficient);
            text_ += ' ';
          }
          print(term.species);
        },
        " + ");
  }
  void print(const Reaction& s) {
    text_ += "~ ";
    terms(s.left);
    text_ += s.kind == Reaction::Kind::reversible ? " <-> " : s.kind == Reaction::Kind::sink ? " -> " : " << ";
    terms(s.right);
    text_ += s.right.empty() ? "(" : " (";
    expression(s.forward);
    if (s.backward) {
      text_ += ", ";
      expression(*s.backward);
    }
    text_ += ')';
  }
  void print(const TildeEquation& s) {
    text_ += "~ ";
    expression(s.left);
    text_ += " = ";
    expression(s.right);
  }
  void print(const Conserve& s) {
    text_ += "CONSERVE ";
    terms(s.terms);
    text_ += " = ";
    expression(s.total);
  }
  void print(const Compartment& s) {
    text_ += s.diffusion ? "LONGITUDINAL_DIFFUSION " : "COMPARTMENT ";
    if (s.index) out("{}, ", s.index->name);
    expression(s.volume);
    text_ += " {";
    names(s.species, " ");
    text_ += '}';
  }
  void print(const Watch& s) {
    text_ += "WATCH ";
    joined(s.conditions, [this](const WatchCondition& c) {
      text_ += '(';
      expression(c.condition);
      text_ += ") ";
      expression(c.flag);
    });
  }
  void print(const ForNetcons& s) {
    text_ += "FOR_NETCONS (";
    declarators(s.arguments);
    text_ += ") ";
    braces(s.body);
  }
  void print(const NetInitial& s) {
    text_ += "INITIAL ";
    braces(s.body);
  }
  void print(const Protect& s) {
    text_ += "PROTECT ";
    print(s.assignment);
  }
  void print(const MutexLock& s) { text_ += s.lock ? "MUTEXLOCK" : "MUTEXUNLOCK"; }
  void print(const UnitsSwitch& s) { text_ += s.on ? "UNITSON" : "UNITSOFF"; }
  void print(const Break&) { text_ += "BREAK"; }
  void print(const Return&) { text_ += "RETURN"; }
  void print(const Verbatim& s) { out("VERBATIM{}ENDVERBATIM", s.text); }
  void print(const Lag& s) {
    out("LAG {} BY ", s.variable.name);
    expression(s.steps);
  }

  // items
  void print(const Title& i) { out("TITLE {}", i.text); }
  void print(const Define& i) {
    out("DEFINE {} ", i.name.name);
    expression(i.value);
  }
  void print(const Include& i) { out("INCLUDE \"{}\"", i.path); }
  void print(const NeuronBlock& i) {
    text_ += "NEURON {\n";
    for (const NeuronStatement& statement : i.statements) {
      text_ += "  ";
      std::visit([this](const auto& node) { print(node); }, statement.node);
      text_ += '\n';
    }
    text_ += '}';
  }
  void print(const MechanismName& s) {
    const auto kind = s.kind;
    out("{} {}",
        kind == MechanismName::Kind::suffix          ? "SUFFIX"
        : kind == MechanismName::Kind::point_process ? "POINT_PROCESS"
                                                     : "ARTIFICIAL_CELL",
        s.name.name);
  }
  void print(const UseIon& s) {
    out("USEION {}", s.ion.name);
    if (!s.reads.empty()) text_ += " READ ";
    names(s.reads);
    if (!s.writes.empty()) text_ += " WRITE ";
    names(s.writes);
    if (s.valence) {
      text_ += " VALENCE ";
      expression(*s.valence);
    }
    if (s.represents) out(" REPRESENTS {}", *s.represents);
  }
  void print(const NameList& s) {
    static constexpr std::array<std::string_view, 9> words = {
        "RANGE", "GLOBAL", "POINTER", "BBCOREPOINTER", "EXTERNAL", "NONSPECIFIC_CURRENT", "ELECTRODE_CURRENT",
        "",      "VECTOR"};
    out("{} ", words[static_cast<std::size_t>(s.kind)]);
    names(s.names);
  }
  void print(const RandomDeclaration& s) {
    text_ += "RANDOM ";
    names(s.names);
  }
  void print(const ThreadSafe&) { text_ += "THREADSAFE"; }
  void print(const UnitsBlock& i) {
    text_ += "UNITS {\n";
    for (const UnitDefinition& d : i.definitions) {
      if (d.kind == UnitDefinition::Kind::alias) out("  ({}) = ({})\n", d.name.name, d.from);
      if (d.kind == UnitDefinition::Kind::factor) out("  {} = ({}) ({})\n", d.name.name, d.from, d.to);
      if (d.kind == UnitDefinition::Kind::number) {
        out("  {} = {} ({})\n", d.name.name, number_text(Number{d.value, ""}), d.to);
      }
    }
    text_ += '}';
  }
  void optional_literal(std::string_view word, const std::optional<Literal>& literal) {
    if (!literal) return;
    text_ += word;
    expression(*literal);
  }
  void print(const DefinitionBlock& i) {
    static constexpr std::array<std::string_view, 5> words = {"PARAMETER", "CONSTANT", "ASSIGNED", "STATE",
                                                              "INDEPENDENT"};
    out("{} {{\n", words[static_cast<std::size_t>(i.kind)]);
    for (const Definition& d : i.definitions) definition(d);
    text_ += '}';
  }
  void definition(const Definition& d) {
    text_ += "  ";
    declarator(d.variable);
    optional_literal(" = ", d.value);
    optional_literal(" FROM ", d.from);
    optional_literal(" TO ", d.to);
    optional_literal(" START ", d.start);
    if (d.unit) out(" ({})", *d.unit);
    if (d.low) {
      text_ += " <";
      expression(*d.low);
      optional_literal(", ", d.high);
      text_ += '>';
    }
    text_ += '\n';
  }
  void print(const CodeBlock& i) {
    static constexpr std::array<std::string_view, 15> words = {
        "INITIAL",  "BREAKPOINT",     "DERIVATIVE",  "KINETIC",     "LINEAR",     "NONLINEAR", "DISCRETE", "PROCEDURE",
        "FUNCTION", "FUNCTION_TABLE", "NET_RECEIVE", "CONSTRUCTOR", "DESTRUCTOR", "BEFORE",    "AFTER"};
    text_ += words[static_cast<std::size_t>(i.kind)];
    if (!i.name.name.empty()) out(" {}", i.name.name);
    const bool callable = i.kind == CodeBlock::Kind::procedure || i.kind == CodeBlock::Kind::function ||
                          i.kind == CodeBlock::Kind::function_table || i.kind == CodeBlock::Kind::net_receive;
    if (callable) {
      text_ += '(';
      declarators(i.arguments);
      text_ += ')';
    }
    if (i.kind == CodeBlock::Kind::function_table) return;
    if (!i.solve_for.empty()) text_ += " SOLVEFOR ";
    names(i.solve_for);
    text_ += ' ';
    braces(i.body);
  }

  std::string text_;
  int indent_;
};

}  // namespace

std::string print_nmodl(const Module& module) {
  std::string text;
  for (const Item& item : module.items) {
    Printer printer;
    printer.item(item);
    if (!text.empty()) text += '\n';
    text += printer.take();
  }
  return text;
}

std::string print_nmodl(const Expression& expression) {
  Printer printer;
  printer.expression(expression);
  return printer.take();
}

std::string print_nmodl(const Block& block, int indent) {
  Printer printer(indent);
  printer.block_body(block);
  return printer.take();
}

}  // namespace cellwright::nmodl
