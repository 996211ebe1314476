#pragma once
/// The words of a Neurolucida ASC file.

#include <string_view>
#include <vector>

namespace cellwright::morphology {

enum class AscTokenKind {
  end_of_file,
  number,
  open_paren,
  close_paren,
  comma,
  bar,
  open_spine,
  close_spine,
  set_word,
  rgb_word,
  string,
  label,
  unknown
};

struct AscToken {
  AscTokenKind kind = AscTokenKind::end_of_file;
  std::string_view text;  ///< as written; a string without its quotes
  double number = 0.0;
  int line = 0;
  int column = 0;
};

/// All words up to and with end_of_file. `;` starts a comment to the end of the line; what is no word is `unknown`.
std::vector<AscToken> split_asc(const std::vector<std::string_view>& lines);

}  // namespace cellwright::morphology
