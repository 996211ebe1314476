#pragma once
/// Lines of generated C++, some of which stand for a line of the mod file.

#include <string>
#include <vector>

#include "cellwright/nmodl/ast.hpp"

namespace cellwright::nmodl {

class CodeText {
 public:
  /// Adds a line at the present indentation.
  void line(std::string text);
  /// Adds a line that translates the statement at `place`.
  void line(std::string text, const Place& place);
  void open(const std::string& text) {
    line(text);
    ++indent_;
  }
  void open(const std::string& text, const Place& place) {
    line(text, place);
    ++indent_;
  }
  void close(const std::string& text = "}") {
    --indent_;
    line(text);
  }
  void blank() { lines_.push_back({"", 0, 0}); }
  /// Adds the lines of another text below the present indentation.
  void append(const CodeText& other);

  /// The text with #line directives: places by the names of `mod_files`, everything else by `own_name`.
  std::string print(const std::vector<std::string>& mod_files, const std::string& own_name) const;

 private:
  struct Line {
    std::string text;
    int file;
    int mod_line;  ///< 0: not from a mod file
  };
  std::vector<Line> lines_;
  int indent_ = 0;
};

}  // namespace cellwright::nmodl
