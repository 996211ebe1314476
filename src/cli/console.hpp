#pragma once
/// What the program prints: results on stdout, everything else on stderr.

#include <string>
#include <string_view>
#include <vector>

#include "cellwright/base/error.hpp"

namespace cellwright::cli {

/// Options that every command has.
struct Verbosity {
  bool quiet = false;    ///< -q: only errors and warnings
  bool verbose = false;  ///< -v: also what is going on inside
};

class Console {
 public:
  Console();

  void set_verbosity(Verbosity verbosity) { verbosity_ = verbosity; }
  bool quiet() const { return verbosity_.quiet; }
  bool verbose() const { return verbosity_.verbose; }
  bool stderr_is_terminal() const { return stderr_is_terminal_; }
  /// Columns of the terminal behind stderr; 80 if unknown.
  int terminal_columns() const;

  /// Results, on stdout.
  void print(std::string_view text) const;
  /// A line for people on stderr, silent with -q.
  void note(std::string_view line) const;
  /// The same, with -v only.
  void detail(std::string_view line) const;
  /// Text as it is on stderr, for progress bars.
  void raw(std::string_view text) const;
  void diagnostic(const Diagnostic& diagnostic) const;
  void diagnostics(const std::vector<Diagnostic>& diagnostics) const;
  void usage_error(const std::string& message, const std::string& fix) const;

  /// Text emphasised on a terminal that wants colour.
  std::string bold(std::string_view text) const;

  /// Flushes stdout. @throws Error "stdout" if something could not be written.
  void finish() const;

 private:
  Verbosity verbosity_;
  bool stderr_is_terminal_ = false;
  bool colour_stdout_ = false, colour_stderr_ = false;
};

/// Columns of text, left-aligned but for those in `right_aligned`; two blanks between columns.
std::string format_table(const std::vector<std::vector<std::string>>& rows, const std::vector<bool>& right_aligned);

}  // namespace cellwright::cli
