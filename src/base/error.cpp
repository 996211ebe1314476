#include "cellwright/base/error.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace cellwright {
namespace {

std::string join_formatted(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics) {
    if (!text.empty()) text += '\n';
    text += d.format();
  }
  return text;
}

std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substitute, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// The white space in front of the caret: tabs stay tabs so that the caret stands below its column; the further bytes
/// of a UTF-8 character take no column.
std::string caret_indent(const std::string& line, int column) {
  std::string indent;
  for (int i = 0; i + 1 < column && i < static_cast<int>(line.size()); ++i) {
    const bool continues_character = (static_cast<unsigned char>(line[i]) & 0xc0U) == 0x80U;
    if (!continues_character) indent += line[i] == '\t' ? '\t' : ' ';
  }
  return indent;
}

/// Quoted text comes from files: what a terminal would obey (escape sequences, carriage returns) becomes a question
/// mark.
std::string without_control_characters(std::string text) {
  for (char& c : text) {
    const bool is_control = (c >= 0 && c < ' ' && c != '\n' && c != '\t') || c == 0x7f;
    if (is_control) c = '?';
  }
  return text;
}

/// The part of a source line that is shown, and where the span stands in it: columns from 1, in bytes.
struct QuotedLine {
  std::string text;
  int column = 0;
  int length = 0;
};

constexpr std::size_t longest_quoted_line = 160;

/// Files written by programs have lines of any length: a long one is shown around the place only.
QuotedLine quote(const std::string& line, const SourceSpan& span) {
  if (line.size() <= longest_quoted_line) return {line, span.column, span.length};
  const auto continues_character = [&](std::size_t i) {
    return i < line.size() && (static_cast<unsigned char>(line[i]) & 0xc0U) == 0x80U;
  };
  const std::size_t at = std::min(line.size(), static_cast<std::size_t>(std::max(0, span.column - 1)));
  std::size_t first = at > longest_quoted_line / 4 ? at - longest_quoted_line / 4 : 0;
  while (continues_character(first)) ++first;
  std::size_t last = std::min(line.size(), first + longest_quoted_line);
  while (continues_character(last)) ++last;
  const std::string before = first > 0 ? "..." : "";
  QuotedLine quoted{before + line.substr(first, last - first) + (last < line.size() ? "..." : "")};
  if (span.column > 0) quoted.column = static_cast<int>(before.size() + at - first) + 1;
  quoted.length = std::min(span.length, static_cast<int>(last - std::min(at, last)));
  return quoted;
}

}  // namespace

std::string to_string(const SourceSpan& span) {
  std::string text = span.file;
  if (span.line > 0) text += fmt::format("{}{}", text.empty() ? "line " : ":", span.line);
  if (span.line > 0 && span.column > 0) text += fmt::format(":{}", span.column);
  return text;
}

std::string Diagnostic::format() const {
  const std::string place = to_string(span);
  std::string text = fmt::format("{}{}{}: {}", place, place.empty() ? "" : ": ",
                                 severity == Severity::error ? "error" : "warning", message);
  if (!code.empty()) text += fmt::format(" [{}]", code);
  if (!source_line.empty() && span.line > 0) {
    const std::string number = std::to_string(span.line);
    const QuotedLine quoted = quote(source_line, span);
    text += fmt::format("\n  {} | {}", number, quoted.text);
    if (quoted.column > 0) {
      text += fmt::format("\n  {} | {}^{}", std::string(number.size(), ' '), caret_indent(quoted.text, quoted.column),
                          std::string(static_cast<std::size_t>(std::max(0, quoted.length - 1)), '~'));
    }
  }
  for (const Note& note : notes) {
    const std::string where = to_string(note.span);
    text += fmt::format("\n  note: {}{}{}", where, where.empty() ? "" : ": ", note.text);
  }
  if (!fix.empty()) text += fmt::format("\n  fix: {}", fix);
  return without_control_characters(std::move(text));
}

Error::Error(Diagnostic diagnostic) : Error(std::vector<Diagnostic>{std::move(diagnostic)}) {}

Error::Error(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(join_formatted(diagnostics)), diagnostics_(std::move(diagnostics)) {}

const std::string& Error::code() const {
  const auto first = std::find_if(diagnostics_.begin(), diagnostics_.end(),
                                  [](const Diagnostic& d) { return d.severity == Severity::error; });
  return (first == diagnostics_.end() ? diagnostics_.front() : *first).code;
}

InternalError::InternalError(const std::string& what)
    : Error(Diagnostic{.code = "internal",
                       .message = what,
                       .fix = "this is a bug in cellwright; please report it with the files that show it"}) {}

void DiagnosticList::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::error) {
    if (full()) return;
    ++error_count_;
    if (full())
      diagnostic.notes.push_back(
          {.text = fmt::format("this is error {} of the file: those after it are not shown", max_errors_)});
  }
  items_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> DiagnosticList::warnings() const {
  std::vector<Diagnostic> result;
  std::copy_if(items_.begin(), items_.end(), std::back_inserter(result),
               [](const Diagnostic& d) { return d.severity == Severity::warning; });
  return result;
}

std::string nearest_name(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string wanted = lower(word);
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(wanted, lower(candidate));
    // Something must be alike: 'u' is no misspelt 'g'.
    const bool nothing_alike = distance >= std::min(word.size(), candidate.size());
    if (distance < best_distance && !nothing_alike) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace cellwright
