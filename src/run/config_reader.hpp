#pragma once
/// Reading one JSON object of a type of the schema: everything the schema knows (unknown, unsupported and missing keys,
/// types, choices) is checked here once; the loader only adds what takes several values to judge.

#include <optional>
#include <string>
#include <string_view>

#include "cellwright/base/error.hpp"
#include "cellwright/run/schema.hpp"
#include "cellwright/text/located_json.hpp"

namespace cellwright::run {

/// "" or " (did you mean 'x'?)"-like text for the fix line of an unknown name.
std::string suggest(const std::string& word, const std::vector<std::string>& candidates, const std::string& what);

class ObjectReader {
 public:
  /// Checks `value` against `type` and adds what is wrong to `problems`.
  ObjectReader(const text::JsonValue& value, const TypeSchema& type, DiagnosticList& problems);

  /// False if the value is not an object or asks for something that this version does not do: nothing else can be said
  /// about it then.
  bool usable() const { return usable_; }

  const text::JsonValue& value() const { return *value_; }
  /// The value of a key if it is there and of the schema's type.
  const text::JsonValue* get(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;  ///< finite numbers only; others were reported
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<std::string> text(std::string_view key) const;
  std::optional<std::int64_t> integer(std::string_view key) const;

 private:
  void check_member(const text::JsonMember& member);
  void check_unknown(const text::JsonMember& member);
  void check_missing();

  const text::JsonValue* value_;
  const TypeSchema* type_;
  DiagnosticList* problems_;
  std::vector<std::string> valid_keys_;
  bool usable_ = true;
};

/// True if `value` has the shape that the row asks for; otherwise adds what is wrong to `problems`.
bool has_type(const text::JsonValue& value, const KeyRow& row, DiagnosticList& problems);

}  // namespace cellwright::run
