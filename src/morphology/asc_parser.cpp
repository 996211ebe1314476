/// A recursive descent reader that accepts what NEURON's Import3d_Neurolucida3 accepts and draws the same conclusions,
/// the surprising ones included: they are marked below. neuron-semantics.md sections 1.6 and 1.7.

#include "morphology/asc_parser.hpp"

#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "cellwright/morphology/reader.hpp"
#include "morphology/asc_tokens.hpp"
#include "morphology/text_lines.hpp"

namespace cellwright::morphology {
namespace {

using Kind = AscTokenKind;

/// Branches within branches, or sets within sets. Guards the call stack; NEURON's own gives in far earlier.
constexpr int deepest_nesting = 1000;

class AscParser {
 public:
  AscParser(std::string_view text, const std::string& file_name)
      : file_name_(file_name), lines_(split_lines(text)), tokens_(split_asc(lines_)) {}

  AscContent parse() {
    objects();
    if (current().kind != Kind::end_of_file) {
      content_.warnings.push_back(problem(Severity::warning, "asc-trailing", current(),
                                          "everything from here on is ignored, as NEURON does",
                                          "check the parentheses before this place"));
    }
    return std::move(content_);
  }

 private:
  struct Property {
    std::string_view name;
    std::size_t item_count = 0;
  };

  struct Nesting {
    explicit Nesting(AscParser& owner) : parser(owner) {
      if (++parser.depth_ > deepest_nesting) {
        parser.fail("asc-depth", parser.current(), fmt::format("more than {} nested branches", deepest_nesting),
                    "a real tree has far fewer: check the parentheses");
      }
    }
    ~Nesting() { --parser.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    AscParser& parser;
  };

  // --- tokens ---

  const AscToken& peek(std::size_t ahead) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  const AscToken& current() const { return peek(0); }
  bool at(Kind kind) const { return current().kind == kind; }
  bool next_is(Kind kind) const { return peek(1).kind == kind; }
  void advance() { at_ = std::min(at_ + 1, tokens_.size() - 1); }

  void expect(Kind kind, const char* what) const {
    if (!at(kind)) fail_expected(what);
  }
  void take(Kind kind, const char* what) {
    expect(kind, what);
    advance();
  }
  void optional_comma() {
    if (at(Kind::comma)) advance();
  }

  // --- messages ---

  Diagnostic problem(Severity severity, const char* code, const AscToken& token, std::string message,
                     std::string fix) const {
    Diagnostic diagnostic{.severity = severity, .code = code, .message = std::move(message), .fix = std::move(fix)};
    diagnostic.span = {.file = file_name_,
                       .line = token.line,
                       .column = token.column,
                       .length = std::max<int>(1, static_cast<int>(token.text.size()))};
    if (token.line > 0 && token.column > 0) {
      diagnostic.source_line = printable(lines_[static_cast<std::size_t>(token.line) - 1]);
    }
    return diagnostic;
  }

  [[noreturn]] void fail(const char* code, const AscToken& token, std::string message, std::string fix) const {
    throw MorphologyError(problem(Severity::error, code, token, std::move(message), std::move(fix)));
  }

  [[noreturn]] void fail_expected(const char* what) const {
    const AscToken& token = current();
    const bool end = token.kind == Kind::end_of_file;
    const std::string found = end ? "the end of the file" : fmt::format("'{}'", printable(token.text));
    Diagnostic diagnostic =
        problem(Severity::error, "asc-syntax", token, fmt::format("expected {}, found {}", what, found),
                end ? "the file seems to be cut off: get it anew, or close what is open"
                    : "NEURON does not read this file either; check the parentheses before this place");
    if (const AscToken* open = innermost_open()) {
      diagnostic.notes.push_back(
          {.text = "this '(' is still open", .span = {.file = file_name_, .line = open->line, .column = open->column}});
    }
    throw MorphologyError(std::move(diagnostic));
  }

  const AscToken* innermost_open() const {
    int closed = 0;
    for (std::size_t i = at_; i-- > 0;) {
      if (tokens_[i].kind == Kind::close_paren) ++closed;
      if (tokens_[i].kind == Kind::open_paren && closed-- == 0) return &tokens_[i];
    }
    return nullptr;
  }

  // --- objects ---

  void objects() {
    const Nesting nesting(*this);
    object();
    for (optional_comma(); at(Kind::open_paren); optional_comma()) object();
  }

  void object() {
    expect(Kind::open_paren, "'('");
    switch (peek(1).kind) {
      case Kind::string:
        contour();
        break;
      case Kind::label:
        marker_or_property();
        break;
      case Kind::open_paren:
        tree_or_text();
        break;
      case Kind::set_word:
        set();
        break;
      default:
        advance();
        fail_expected("a contour's name in quotes, a property's name or a tree");
    }
  }

  void marker_or_property() {
    if (peek(2).kind == Kind::open_paren) {
      marker();
    } else {
      property();
    }
  }

  void marker() {
    advance();
    advance();
    properties();
    points();
    take(Kind::close_paren, "')' at the end of the marker");
  }

  void set() {
    advance();
    advance();
    take(Kind::string, "the set's name in quotes");
    if (!at(Kind::close_paren)) objects();
    take(Kind::close_paren, "')' at the end of the set");
  }

  void contour() {
    advance();
    const AscToken& name = current();
    advance();
    const std::size_t begin = points_.size();
    properties();
    points();
    if (name.text == "CellBody" || name.text == "Cell Body" || name.text == "Soma") {
      if (points_.size() - begin > 2) {
        section_type_ = SectionType::soma;
        add_section(begin, true);
      } else {
        content_.warnings.push_back(problem(Severity::warning, "asc-small-contour", name,
                                            "a soma contour of fewer than 3 points is ignored, as NEURON does",
                                            "draw the contour with at least 3 points"));
      }
    }
    take(Kind::close_paren, "a point or ')' at the end of the contour");
  }

  /// Both are properties and points at first; only a text has a string in quotes after its point.
  void tree_or_text() {
    // NEURON remembers one place to come back to; sets within a text's properties could need more.
    if (in_text_attempt_) fail_expected("no tree or text within the properties of another one");
    const std::size_t start = at_;
    in_text_attempt_ = true;
    const bool was_text = text();
    in_text_attempt_ = false;
    if (was_text) return;
    at_ = start;
    tree();
  }

  bool text() {
    advance();
    properties();
    point();
    if (!at(Kind::string) || !next_is(Kind::close_paren)) return false;
    advance();
    advance();
    return true;
  }

  // --- properties ---

  void properties() {
    properties_.clear();
    while (at(Kind::open_paren) && (next_is(Kind::label) || next_is(Kind::set_word))) {
      if (next_is(Kind::label)) {
        property();
      } else {
        set();
      }
      optional_comma();
    }
  }

  void property() {
    advance();
    Property property{.name = current().text, .item_count = 1};
    advance();
    for (; at(Kind::number) || at(Kind::string) || at(Kind::label) || at(Kind::rgb_word); ++property.item_count) {
      if (at(Kind::rgb_word)) {
        colour();
      } else {
        advance();
      }
    }
    properties_.push_back(property);
    take(Kind::close_paren, "')' at the end of the property");
  }

  /// RGB (r, g, b)
  void colour() {
    advance();
    take(Kind::open_paren, "'(' after RGB");
    take(Kind::number, "a number");
    optional_comma();
    take(Kind::number, "a number");
    optional_comma();
    take(Kind::number, "a number");
    take(Kind::close_paren, "')' after the colour");
  }

  // --- trees ---

  void tree() {
    parent_ = -1;
    advance();
    properties();
    section_type_ = 0;
    if (!properties_.empty()) {
      // The last property before the first point names the tree.
      const std::string_view name = properties_.back().name;
      if (name == "Axon") section_type_ = SectionType::axon;
      if (name == "Dendrite") section_type_ = SectionType::dend;
      if (name == "Apical") section_type_ = SectionType::apic;
    }
    branch();
    take(Kind::close_paren, "a point, a branching or ')' at the end of the tree");
    parent_ = -1;
  }

  void branch() {
    const Nesting nesting(*this);
    const int parent = parent_;
    const std::size_t begin = points_.size();
    tree_points();
    add_section(begin, false);
    parent_ = static_cast<int>(content_.sections.size()) - 1;
    branch_end();
    parent_ = parent;
  }

  void tree_points() {
    tree_point();
    for (optional_comma(); at(Kind::open_paren) && next_is(Kind::number); optional_comma()) tree_point();
  }

  void tree_point() {
    if (next_is(Kind::label)) {
      marker_or_property();  // the points of a marker become points of the branch, as in NEURON
      return;
    }
    point();
    while (at(Kind::open_spine)) spine();
  }

  /// Read and dropped.
  void spine() {
    advance();
    properties();
    if (!properties_.empty() && properties_.front().name == "Class" && properties_.front().item_count < 3) {
      fail_expected("a spine's class as number and name before this place");
    }
    const std::size_t count = points_.size();
    point();
    points_.resize(count);
    point_tokens_.resize(count);
    take(Kind::close_spine, "'>' at the end of the spine");
  }

  void branch_end() {
    optional_comma();
    if (at(Kind::open_paren)) {
      while (next_is(Kind::label)) skip_marker();
    }
    optional_comma();
    if (at(Kind::open_paren)) {
      advance();
      split();
      take(Kind::close_paren, "'|' or ')' at the end of the branches");
    } else if (at(Kind::label)) {
      advance();  // Normal, Incomplete, High, ...
    }
  }

  void split() {
    branch();
    while (at(Kind::bar)) {
      advance();
      branch();
    }
  }

  void skip_marker() {
    take(Kind::open_paren, "'(' of a marker");
    for (int open = 1; open > 0; advance()) {
      if (at(Kind::open_paren)) ++open;
      if (at(Kind::close_paren)) --open;
      if (at(Kind::end_of_file)) fail_expected("')' at the end of the marker");
    }
  }

  // --- points ---

  void points() {
    point();
    for (optional_comma(); at(Kind::open_paren); optional_comma()) point();
  }

  /// (x y [z [diameter [label] [bezier group]]])
  void point() {
    expect(Kind::open_paren, "'(' of a point");
    const std::size_t token = at_;
    advance();
    RawPoint point;
    point.x = coordinate();
    optional_comma();
    point.y = coordinate();
    optional_comma();
    if (at(Kind::number)) {
      point.z = coordinate();
      optional_comma();
      if (at(Kind::number)) {
        point.diam = coordinate();
        after_diameter();
      }
    }
    points_.push_back(point);
    point_tokens_.push_back(token);
    take(Kind::close_paren, "')' at the end of the point");
  }

  void after_diameter() {
    optional_comma();
    if (at(Kind::label)) advance();
    optional_comma();
    if (!at(Kind::open_paren)) return;
    advance();
    for (int k = 0; k < 4; ++k) {
      if (k > 0) optional_comma();
      take(Kind::number, "a number of the bezier group");
    }
    take(Kind::close_paren, "')' at the end of the bezier group");
  }

  double coordinate() {
    expect(Kind::number, "a number");
    const AscToken& token = current();
    if (!(std::abs(token.number) <= max_coordinate_um)) {
      fail("asc-number", token, fmt::format("'{}' is not a length below 1e9 um", printable(token.text)),
           "write a decimal number of um, such as 12.5");
    }
    advance();
    return token.number;
  }

  // --- sections ---

  /// The points from `begin` on become a section. @param contour its points are an outline, whose 4th number means
  /// nothing.
  void add_section(std::size_t begin, bool contour) {
    if (begin == points_.size()) fail_expected("a point of the branch before this place");
    if (!contour) check_diameters(begin);
    ImportSection section{
        .type = section_type_, .parent = contour ? -1 : parent_, .line = tokens_[point_tokens_[begin]].line};
    if (parent_ >= 0 && !contour) {
      const RawPoint& end = content_.sections[static_cast<std::size_t>(parent_)].points.back();
      const RawPoint& first = points_[begin];
      const bool apart = !hoc_equal(end.x, first.x) || !hoc_equal(end.y, first.y) || !hoc_equal(end.z, first.z);
      if (apart) section.points.push_back({end.x, end.y, end.z, first.diam});
    }
    section.points.insert(section.points.end(), points_.begin() + static_cast<std::ptrdiff_t>(begin), points_.end());
    content_.sections.push_back(std::move(section));
    content_.is_contour.push_back(contour);
  }

  /// True if four numbers stand behind the token '(' of a point.
  bool has_diameter(std::size_t open) const {
    int numbers = 0;
    for (std::size_t k = open + 1; tokens_[k].kind == Kind::number || tokens_[k].kind == Kind::comma; ++k) {
      numbers += tokens_[k].kind == Kind::number;
    }
    return numbers >= 4;
  }

  void check_diameters(std::size_t begin) const {
    for (std::size_t i = begin; i < points_.size(); ++i) {
      if (static_cast<float>(points_[i].diam) > 0.0F) continue;  // it is stored in single precision
      const std::string what =
          has_diameter(point_tokens_[i])
              ? fmt::format("the point's diameter (4th number) is {}, not greater than 0", points_[i].diam)
              : "the point has no diameter (4th number)";
      fail("asc-diameter", tokens_[point_tokens_[i]], what,
           "give the point its diameter in um, or remove it from the file");
    }
  }

  const std::string& file_name_;
  std::vector<std::string_view> lines_;
  std::vector<AscToken> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool in_text_attempt_ = false;

  std::vector<RawPoint> points_;
  std::vector<std::size_t> point_tokens_;  ///< where each point begins
  std::vector<Property> properties_;
  int section_type_ = 0;
  int parent_ = -1;
  AscContent content_;
};

}  // namespace

AscContent parse_asc(std::string_view text, const std::string& file_name) { return AscParser(text, file_name).parse(); }

}  // namespace cellwright::morphology
