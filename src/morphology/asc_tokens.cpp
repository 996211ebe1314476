#include "morphology/asc_tokens.hpp"

#include <charconv>
#include <cmath>

namespace cellwright::morphology {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_char(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f'; }

/// The words of one line.
class LineScanner {
 public:
  LineScanner(std::string_view line, int number, std::vector<AscToken>& out)
      : line_(line), number_(number), out_(out) {}

  void scan() {
    while (skip_blanks()) {
      const char c = line_[at_];
      if (c == ';') return;
      if (c == '"') {
        take_string();
      } else if (!take_sign(c) && !take_number() && !take_word()) {
        push(AscTokenKind::unknown, 1);
      }
    }
  }

 private:
  bool skip_blanks() {
    while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
    return at_ < line_.size();
  }

  void push(AscTokenKind kind, std::size_t length, double number = 0.0) {
    out_.push_back({kind, line_.substr(at_, length), number, number_, static_cast<int>(at_) + 1});
    at_ += length;
  }

  bool take_sign(char c) {
    switch (c) {
      case '(':
        push(AscTokenKind::open_paren, 1);
        return true;
      case ')':
        push(AscTokenKind::close_paren, 1);
        return true;
      case ',':
        push(AscTokenKind::comma, 1);
        return true;
      case '|':
        push(AscTokenKind::bar, 1);
        return true;
      case '<':
        push(AscTokenKind::open_spine, 1);
        return true;
      case '>':
        push(AscTokenKind::close_spine, 1);
        return true;
      default:
        return false;
    }
  }

  bool take_number() {
    std::size_t start = at_;
    if (line_[start] == '+' || line_[start] == '-') ++start;
    if (start < line_.size() && line_[start] == '.') ++start;
    if (start >= line_.size() || !is_digit(line_[start])) return false;
    const std::size_t plus = line_[at_] == '+' ? 1 : 0;
    double value = 0.0;
    const auto [stop, error] = std::from_chars(line_.data() + at_ + plus, line_.data() + line_.size(), value);
    if (error == std::errc::result_out_of_range) value = INFINITY;  // refused where a coordinate is needed
    push(AscTokenKind::number, static_cast<std::size_t>(stop - line_.data()) - at_, value);
    return true;
  }

  void take_string() {
    const std::size_t close = line_.find('"', at_ + 1);
    if (close == line_.npos) {
      push(AscTokenKind::unknown, line_.size() - at_);
      return;
    }
    push(AscTokenKind::string, close + 1 - at_);
    std::string_view& text = out_.back().text;
    text = text.substr(1, text.size() - 2);
  }

  bool take_word() {
    std::size_t end = at_;
    while (end < line_.size() && is_word_char(line_[end])) ++end;
    if (end == at_) return false;
    const std::string_view word = line_.substr(at_, end - at_);
    AscTokenKind kind = AscTokenKind::label;
    if (word == "Set" || word == "set" || word == "SET") kind = AscTokenKind::set_word;
    if (word == "RGB") kind = AscTokenKind::rgb_word;
    push(kind, end - at_);
    return true;
  }

  std::string_view line_;
  int number_;
  std::vector<AscToken>& out_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<AscToken> split_asc(const std::vector<std::string_view>& lines) {
  std::vector<AscToken> tokens;
  for (std::size_t i = 0; i < lines.size(); ++i) LineScanner(lines[i], static_cast<int>(i) + 1, tokens).scan();
  tokens.push_back({.kind = AscTokenKind::end_of_file, .line = static_cast<int>(lines.size())});
  return tokens;
}

}  // namespace cellwright::morphology
