#include "text/python_expression_parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "text/python_functions.hpp"

namespace cellwright::text {
namespace {

using Node = PythonExpression::Node;

/// Deeper nesting than this is no distribution but an attack on the stack.
constexpr int max_depth = 200;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '.'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

struct BinaryRow {
  std::string_view text;
  BinaryOperator operation;
};
/// Left-associative operators from loose to tight, one row a level; longer spellings first within a level.
const std::vector<std::vector<BinaryRow>> binary_levels = {
    {{"|", BinaryOperator::bit_or}},
    {{"^", BinaryOperator::bit_xor}},
    {{"&", BinaryOperator::bit_and}},
    {{"<<", BinaryOperator::shift_left}, {">>", BinaryOperator::shift_right}},
    {{"+", BinaryOperator::add}, {"-", BinaryOperator::subtract}},
    {{"//", BinaryOperator::floor_divide},
     {"/", BinaryOperator::divide},
     {"*", BinaryOperator::multiply},
     {"%", BinaryOperator::modulo}},
};

struct ComparisonRow {
  std::string_view text;
  Comparison comparison;
};
const std::array comparison_rows = std::to_array<ComparisonRow>({{"<=", Comparison::less_equal},
                                                                 {">=", Comparison::greater_equal},
                                                                 {"==", Comparison::equal},
                                                                 {"!=", Comparison::not_equal},
                                                                 {"<", Comparison::less},
                                                                 {">", Comparison::greater}});

template <class Content>
NodePointer make(Content content) {
  return std::make_unique<Node>(Node{std::move(content), false});
}

class Parser {
 public:
  Parser(std::string_view text, const std::vector<std::string>& placeholders, const SourceSpan& span)
      : text_(text), placeholders_(placeholders), span_(span) {}

  NodePointer parse() {
    NodePointer result = conditional();
    skip_space();
    if (position_ < text_.size()) fail("expression-syntax", "unexpected text");
    return result;
  }

 private:
  [[noreturn]] void fail(const char* code, const std::string& message, std::string fix = "") const {
    const std::string near =
        position_ < text_.size() ? fmt::format(" at '{}'", text_.substr(position_, 12)) : std::string(" at its end");
    throw ConfigError(
        Diagnostic{.code = code,
                   .message = fmt::format("'{}': {}{} (position {})", text_, message, near, position_ + 1),
                   .span = span_,
                   .fix = std::move(fix)});
  }
  void skip_space() {
    while (position_ < text_.size() && is_space(text_[position_])) ++position_;
  }
  bool starts_with(std::string_view token) const { return text_.substr(position_).starts_with(token); }
  bool accept(std::string_view token) {
    skip_space();
    if (!starts_with(token)) return false;
    position_ += token.size();
    return true;
  }
  bool accept_word(std::string_view word) {
    skip_space();
    const std::size_t end = position_ + word.size();
    if (!starts_with(word) || (end < text_.size() && is_word(text_[end]))) return false;
    position_ = end;
    return true;
  }
  void expect(std::string_view token) {
    if (!accept(token)) fail("expression-syntax", fmt::format("expected '{}'", token));
  }

  /// Counts the nesting for as long as it lives.
  struct Depth {
    explicit Depth(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > max_depth) parser_.fail("expression-syntax", "the expression is nested too deeply");
    }
    ~Depth() { --parser_.depth_; }
    Parser& parser_;
  };

  NodePointer conditional() {
    const Depth depth(*this);
    NodePointer value = logic(true);
    if (!accept_word("if")) return value;
    NodePointer condition = logic(true);
    if (!accept_word("else")) fail("expression-syntax", "expected 'else'");
    return make(ConditionalNode{std::move(condition), std::move(value), conditional()});
  }

  NodePointer logic(bool is_or) {
    NodePointer left = is_or ? logic(false) : negation();
    while (accept_word(is_or ? "or" : "and")) {
      NodePointer right = is_or ? logic(false) : negation();
      left = make(LogicNode{is_or, std::move(left), std::move(right)});
    }
    return left;
  }

  NodePointer negation() {
    if (!accept_word("not")) return comparison();
    const Depth depth(*this);
    return make(UnaryNode{'!', negation()});
  }

  std::optional<Comparison> comparison_operator() {
    skip_space();
    if (starts_with("<<") || starts_with(">>")) return std::nullopt;
    for (const ComparisonRow& row : comparison_rows) {
      if (accept(row.text)) return row.comparison;
    }
    return std::nullopt;
  }

  NodePointer comparison() {
    NodePointer first = binary(0);
    auto operation = comparison_operator();
    if (!operation) return first;
    CompareNode node;
    node.operands.push_back(std::move(first));
    for (; operation; operation = comparison_operator()) {
      node.comparisons.push_back(*operation);
      node.operands.push_back(binary(0));
    }
    return make(std::move(node));
  }

  std::optional<BinaryOperator> binary_operator(std::size_t level) {
    skip_space();
    if (starts_with("**")) return std::nullopt;
    for (const BinaryRow& row : binary_levels[level]) {
      if (accept(row.text)) return row.operation;
    }
    return std::nullopt;
  }

  NodePointer binary(std::size_t level) {
    if (level == binary_levels.size()) return unary();
    NodePointer left = binary(level + 1);
    while (const auto operation = binary_operator(level)) {
      NodePointer right = binary(level + 1);
      left = make(BinaryNode{*operation, std::move(left), std::move(right)});
    }
    return left;
  }

  NodePointer unary() {
    skip_space();
    const Depth depth(*this);
    for (const char sign : {'-', '+', '~'}) {
      if (accept(std::string_view(&sign, 1))) return make(UnaryNode{sign, unary()});
    }
    NodePointer base = primary();
    if (!accept("**")) return base;
    return make(BinaryNode{BinaryOperator::power, std::move(base), unary()});
  }

  NodePointer primary() {
    skip_space();
    if (position_ == text_.size()) fail("expression-syntax", "a value is missing");
    const char c = text_[position_];
    if (c == '(') return parenthesised();
    if (c == '{') return placeholder();
    if (is_digit(c) || c == '.') return number();
    if (is_letter(c)) return name();
    fail("expression-syntax", "a value is missing");
  }

  NodePointer parenthesised() {
    expect("(");
    NodePointer inner = conditional();
    expect(")");
    inner->parenthesised = true;
    return inner;
  }

  NodePointer placeholder() {
    const std::size_t start = position_;
    const std::size_t end = text_.find('}', start);
    if (end == std::string_view::npos) fail("expression-placeholder", "'{' is not closed");
    const std::string name(text_.substr(start + 1, end - start - 1));
    const auto found = std::find(placeholders_.begin(), placeholders_.end(), name);
    if (found == placeholders_.end()) {
      const std::string nearest = nearest_name(name, placeholders_);
      fail("expression-placeholder", fmt::format("there is no value '{{{}}}'", name),
           nearest.empty() ? fmt::format("values are: {{{}}}", fmt::join(placeholders_, "}, {"))
                           : fmt::format("did you mean '{{{}}}'?", nearest));
    }
    if ((start > 0 && is_word(text_[start - 1])) ||
        (end + 1 < text_.size() && (is_word(text_[end + 1]) || text_[end + 1] == '{'))) {
      fail("expression-placeholder", "the placeholder would merge with the text beside it",
           "put an operator or a space between them");
    }
    position_ = end + 1;
    return make(PlaceholderNode{static_cast<std::size_t>(found - placeholders_.begin())});
  }

  NodePointer number() {
    double value = 0;
    const char* first = text_.data() + position_;
    const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), value);
    if (error != std::errc() || end == first || (end < text_.data() + text_.size() && is_word(*end))) {
      fail("expression-syntax", "this is not a number");
    }
    const std::string_view spelling(first, static_cast<std::size_t>(end - first));
    position_ += spelling.size();
    return make(NumberNode{{value, spelling.find_first_of(".eE") == std::string_view::npos}});
  }

  NodePointer name() {
    const std::size_t start = position_;
    std::size_t end = start;
    while (end < text_.size() && is_word(text_[end])) ++end;
    const std::string_view word = text_.substr(start, end - start);
    if (const auto constant = find_python_constant(word)) {
      position_ = end;
      return make(NumberNode{*constant});
    }
    const PythonFunction* function = find_python_function(word);
    if (!function) {
      const std::string nearest = nearest_name(std::string(word), python_names());
      fail("expression-name", fmt::format("the name '{}' is not known", word),
           nearest.empty() ? "only arithmetic, comparisons and the functions of `math` are allowed"
                           : fmt::format("did you mean '{}'?", nearest));
    }
    position_ = end;
    return call(*function);
  }

  NodePointer call(const PythonFunction& function) {
    expect("(");
    CallNode node{&function, {}};
    if (!accept(")")) {
      do {
        node.arguments.push_back(conditional());
      } while (accept(","));
      expect(")");
    }
    if (node.arguments.size() < function.least_arguments || node.arguments.size() > function.most_arguments) {
      fail("expression-syntax", fmt::format("{} does not take {} argument{}", function.name, node.arguments.size(),
                                            node.arguments.size() == 1 ? "" : "s"));
    }
    return make(std::move(node));
  }

  std::string_view text_;
  const std::vector<std::string>& placeholders_;
  const SourceSpan& span_;
  std::size_t position_ = 0;
  int depth_ = 0;
};

bool any_uses(const std::vector<NodePointer>& nodes, std::size_t placeholder) {
  return std::any_of(nodes.begin(), nodes.end(), [&](const NodePointer& n) { return node_uses(*n, placeholder); });
}

struct UsesPlaceholder {
  std::size_t placeholder;
  bool of(const NodePointer& node) const { return node_uses(*node, placeholder); }
  bool operator()(const NumberNode&) const { return false; }
  bool operator()(const PlaceholderNode& n) const { return n.index == placeholder; }
  bool operator()(const UnaryNode& n) const { return of(n.operand); }
  bool operator()(const BinaryNode& n) const { return of(n.left) || of(n.right); }
  bool operator()(const CompareNode& n) const { return any_uses(n.operands, placeholder); }
  bool operator()(const LogicNode& n) const { return of(n.left) || of(n.right); }
  bool operator()(const ConditionalNode& n) const { return of(n.condition) || of(n.if_true) || of(n.if_false); }
  bool operator()(const CallNode& n) const { return any_uses(n.arguments, placeholder); }
};

}  // namespace

std::shared_ptr<const Node> parse_python_expression(std::string_view text, const std::vector<std::string>& placeholders,
                                                    const SourceSpan& span) {
  return Parser(text, placeholders, span).parse();
}

const char* operator_text(BinaryOperator operation) {
  switch (operation) {
    case BinaryOperator::bit_and:
      return "&";
    case BinaryOperator::bit_or:
      return "|";
    case BinaryOperator::bit_xor:
      return "^";
    case BinaryOperator::shift_left:
      return "<<";
    case BinaryOperator::shift_right:
      return ">>";
    default:
      return "arithmetic";
  }
}

bool node_uses(const Node& node, std::size_t placeholder) {
  return std::visit(UsesPlaceholder{placeholder}, node.content);
}

}  // namespace cellwright::text
