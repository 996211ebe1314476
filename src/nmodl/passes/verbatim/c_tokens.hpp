#pragma once
/// Tokens of the C code in VERBATIM blocks, after a small preprocessor.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cellwright/nmodl/ast.hpp"

namespace cellwright::nmodl {

/// Why C code cannot be translated.
struct Refusal {
  Place place;
  std::string reason;
};

struct CToken {
  enum class Kind { name, number, text, symbol, nmodl, end } kind = Kind::end;
  std::string text;
  Place place;
  const Statement* statement = nullptr;  ///< nmodl: a statement between two VERBATIM blocks

  bool is(std::string_view symbol_or_name) const {
    return (kind == Kind::symbol || kind == Kind::name) && text == symbol_or_name;
  }
};

/// Reads the VERBATIM blocks of a file in their order: macros and open conditions last from one to the next. What
/// NEURON 9 defines counts as defined (NRN_VERSION_GTEQ...), CORENEURON_BUILD and everything else does not.
class CReader {
 public:
  /// The tokens of one block, without comments, directives and what conditions leave out; macros are replaced.
  /// @throws Refusal
  std::vector<CToken> read(const Verbatim& verbatim, const Place& place);
  /// Function-like macros with nothing in them: calls without effect.
  const std::set<std::string>& silent() const { return silent_; }

 private:
  struct Cursor;
  bool active() const;
  void directive(const std::string& line, const Place& place);
  bool condition(const std::vector<CToken>& tokens, const Place& place) const;
  bool is_defined(const std::string& name) const;
  void define(const std::vector<CToken>& tokens, bool function_like);
  void append(std::vector<CToken>& tokens, const CToken& token, int depth) const;

  std::map<std::string, std::vector<CToken>> macros_;
  std::set<std::string> silent_;
  std::vector<bool> conditions_;
};

}  // namespace cellwright::nmodl
