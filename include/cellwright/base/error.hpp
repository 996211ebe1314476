#pragma once
/// Errors that reach a user: one hierarchy, each error made of located diagnostics.
///
/// Parsers collect several Diagnostic values in a DiagnosticList and throw once; everything else throws an Error with
/// one Diagnostic. The text is plain (no colour); the command line adds colour on a terminal.

#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace cellwright {

/// A place in a text file. `line` and `column` count from 1; 0 means "not known". `column` and `length` count bytes.
struct SourceSpan {
  std::string file;
  int line = 0;
  int column = 0;
  int length = 1;
  bool operator==(const SourceSpan&) const = default;
};

/// "file:line:column", leaving out what is not known.
std::string to_string(const SourceSpan& span);

enum class Severity { error, warning };

/// A second place or remark that belongs to a diagnostic ("first defined here").
struct Note {
  std::string text;
  SourceSpan span;
};

/// One problem: what is wrong, where, and how to mend it.
struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;         ///< stable identifier such as "nmodl-undeclared"
  std::string message;      ///< what is wrong, one line
  SourceSpan span;          ///< where; may be empty
  std::string source_line;  ///< the text of the offending line, for the caret display; may be empty
  std::string fix;          ///< how to mend it; may be empty
  std::vector<Note> notes;

  /// The printed form:
  /// @code
  /// mechanisms/Ih.mod:42:11: error: 'mInff' is not declared [nmodl-undeclared]
  ///   42 |     m' = (mInff - m)/mTau
  ///      |           ^~~~~
  ///   fix: did you mean 'mInf' (declared at mechanisms/Ih.mod:28:5)?
  /// @endcode
  std::string format() const;
};

/// Base of every error that the library throws on purpose.
class Error : public std::runtime_error {
 public:
  explicit Error(Diagnostic diagnostic);
  /// @param diagnostics at least one.
  explicit Error(std::vector<Diagnostic> diagnostics);
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
  /// The code of the first diagnostic that is an error: warnings may stand before it.
  const std::string& code() const;

 private:
  std::vector<Diagnostic> diagnostics_;
};

// Errors that the user can mend; the span is set where the problem has a place in a file.
struct ConfigError : Error {
  using Error::Error;
};
struct MorphologyError : Error {
  using Error::Error;
};
struct NmodlError : Error {
  using Error::Error;
};
struct ModelError : Error {
  using Error::Error;
};
struct ToolchainError : Error {
  using Error::Error;
};
// Run-time errors.
struct SimulationError : Error {
  using Error::Error;
};
struct FeatureError : Error {
  using Error::Error;
};
struct DistributionError : Error {
  using Error::Error;
};
struct CheckpointError : Error {
  using Error::Error;
};
/// A bug in cellwright: the message asks for a report.
struct InternalError : Error {
  explicit InternalError(const std::string& what);
};

/// Collects the diagnostics of one input; throws them together.
class DiagnosticList {
 public:
  /// What a parser of a language may find in one file: after so many errors most follow from earlier ones.
  static constexpr std::size_t parser_limit = 20;

  /// Collects every error.
  DiagnosticList() = default;
  /// Collects so many errors; the last of them says that more may follow.
  explicit DiagnosticList(std::size_t max_errors) : max_errors_(max_errors) {}

  void add(Diagnostic diagnostic);
  bool has_errors() const { return error_count_ > 0; }
  /// True once as many errors were collected as the list takes: a parser then gives up.
  bool full() const { return error_count_ >= max_errors_; }
  const std::vector<Diagnostic>& items() const { return items_; }
  /// Only the warnings, for a caller that goes on.
  std::vector<Diagnostic> warnings() const;

  /// Throws E with all collected diagnostics if there is an error among them.
  template <class E>
  void throw_if_errors() const {
    if (has_errors()) throw E(items_);
  }

 private:
  std::vector<Diagnostic> items_;
  std::size_t error_count_ = 0;
  std::size_t max_errors_ = std::numeric_limits<std::size_t>::max();
};

/// The candidate nearest to `word` by edit distance (case-insensitive), or "" if none is near enough to suggest.
std::string nearest_name(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace cellwright
