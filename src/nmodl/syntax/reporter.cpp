#include "nmodl/syntax/reporter.hpp"

namespace cellwright::nmodl {

std::string line_of(const std::string& text, int line) {
  std::size_t begin = 0;
  for (int i = 1; i < line; ++i) {
    begin = text.find('\n', begin);
    if (begin == std::string::npos) return "";
    ++begin;
  }
  std::string result = text.substr(begin, text.find('\n', begin) - begin);
  if (!result.empty() && result.back() == '\r') result.pop_back();
  return result;
}

SourceSpan span_of(const Module& module, const Place& place) {
  const auto file = static_cast<std::size_t>(place.file);
  return {file < module.files.size() ? module.files[file] : "", place.line, place.column, place.length};
}

void Reporter::error(const std::string& code, const Place& place, const std::string& message, const std::string& fix,
                     std::vector<Note> notes) {
  add(Severity::error, code, place, message, fix, std::move(notes));
}

void Reporter::warning(const std::string& code, const Place& place, const std::string& message,
                       const std::string& fix) {
  add(Severity::warning, code, place, message, fix, {});
}

void Reporter::add(Severity severity, const std::string& code, const Place& place, const std::string& message,
                   const std::string& fix, std::vector<Note> notes) {
  const auto file = static_cast<std::size_t>(place.file);
  list_.add({.severity = severity,
             .code = code,
             .message = message,
             .span = span_of(module_, place),
             .source_line = file < module_.texts.size() ? line_of(module_.texts[file], place.line) : "",
             .fix = fix,
             .notes = std::move(notes)});
}

}  // namespace cellwright::nmodl
