#include "cli/console.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace cellwright::cli {
namespace {

constexpr std::string_view red = "\x1b[1;31m", yellow = "\x1b[1;33m", bold_on = "\x1b[1m", off = "\x1b[0m";

bool wants_colour(int descriptor) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term != nullptr && std::string_view(term) == "dumb";
  return ::isatty(descriptor) != 0 && (no_color == nullptr || *no_color == '\0') && !dumb;
}

void write(std::FILE* stream, std::string_view text) { std::fwrite(text.data(), 1, text.size(), stream); }

/// Terminal columns that UTF-8 text takes: its characters (no wide ones occur in our tables).
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

Console::Console()
    : stderr_is_terminal_(::isatty(STDERR_FILENO) != 0),
      colour_stdout_(wants_colour(STDOUT_FILENO)),
      colour_stderr_(wants_colour(STDERR_FILENO)) {}

int Console::terminal_columns() const {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void Console::print(std::string_view text) const { write(stdout, text); }

void Console::note(std::string_view line) const {
  if (!quiet()) write(stderr, fmt::format("{}\n", line));
}

void Console::detail(std::string_view line) const {
  if (verbose() && !quiet()) write(stderr, fmt::format("{}\n", line));
}

void Console::raw(std::string_view text) const {
  write(stderr, text);
  std::fflush(stderr);
}

void Console::diagnostic(const Diagnostic& diagnostic) const {
  std::string text = diagnostic.format();
  if (colour_stderr_) {
    const bool is_error = diagnostic.severity == Severity::error;
    const std::string_view word = is_error ? "error:" : "warning:";
    const std::size_t place = text.find(word, to_string(diagnostic.span).size());
    if (place != std::string::npos)
      text.replace(place, word.size(), fmt::format("{}{}{}", is_error ? red : yellow, word, off));
  }
  write(stderr, text + "\n");
}

void Console::diagnostics(const std::vector<Diagnostic>& diagnostics) const {
  for (const Diagnostic& item : diagnostics) diagnostic(item);
}

void Console::usage_error(const std::string& message, const std::string& fix) const {
  diagnostic({.code = "usage", .message = message, .fix = fix});
}

std::string Console::bold(std::string_view text) const {
  return colour_stdout_ ? fmt::format("{}{}{}", bold_on, text, off) : std::string(text);
}

void Console::finish() const {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw Error(Diagnostic{
      .code = "stdout", .message = "the output could not be written", .fix = "is the disk full or the pipe closed?"});
}

std::string format_table(const std::vector<std::vector<std::string>>& rows, const std::vector<bool>& right_aligned) {
  std::vector<std::size_t> widths(right_aligned.size(), 0);
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width(row[c]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = " ";
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string padding(widths[c] - width(row[c]), ' ');
      line += ' ' + (right_aligned[c] ? padding + row[c] : row[c] + padding) + ' ';
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

}  // namespace cellwright::cli
