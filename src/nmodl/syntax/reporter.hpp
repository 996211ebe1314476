#pragma once
/// Turns places of a module into diagnostics with file, line and caret.

#include <string>
#include <vector>

#include "cellwright/base/error.hpp"
#include "cellwright/nmodl/ast.hpp"

namespace cellwright::nmodl {

/// The text of line `line` (from 1) without its line end.
std::string line_of(const std::string& text, int line);

/// Collects the problems of one module. Both referred objects must outlive it.
class Reporter {
 public:
  Reporter(const Module& module, DiagnosticList& list) : module_(module), list_(list) {}

  void error(const std::string& code, const Place& place, const std::string& message, const std::string& fix = "",
             std::vector<Note> notes = {});
  void warning(const std::string& code, const Place& place, const std::string& message, const std::string& fix = "");
  Note note(const std::string& text, const Place& place) const { return {text, span_of(module_, place)}; }
  /// "file:line:column" of a place.
  std::string where(const Place& place) const { return to_string(span_of(module_, place)); }
  bool full() const { return list_.full(); }
  DiagnosticList& list() { return list_; }
  const Module& module() const { return module_; }

 private:
  void add(Severity severity, const std::string& code, const Place& place, const std::string& message,
           const std::string& fix, std::vector<Note> notes);

  const Module& module_;
  DiagnosticList& list_;
};

}  // namespace cellwright::nmodl
