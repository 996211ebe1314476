#pragma once
/// The keys of the cell file and of the problem file as data: one row per key and type. The loader's unknown-key
/// errors, `cellwright schema` and the reference page all read these rows.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cellwright::run {

/// The JSON shape of a key's value.
enum class ValueType {
  text,
  number,
  number_or_null,
  integer,
  boolean,
  object,          ///< of type `element`, inline
  list,            ///< of `element`: a type of the schema, "text", "number" or "pair" ([low, high])
  map,             ///< name -> `element`
  pair,            ///< two numbers
  text_or_list,    ///< one text or a list of texts
  text_or_numbers  ///< one text or a list of numbers
};

/// What this version does with a key.
enum class KeySupport {
  supported,
  ignored,     ///< known and without effect, because published files carry it
  unsupported  ///< part of the contract, refused by this version with a clear error
};

/// One key of one type.
struct KeyRow {
  std::string_view name;
  ValueType type = ValueType::text;
  std::string_view element;        ///< for object, list and map: the type of what is inside
  std::string_view unit;           ///< "" if it has none
  std::string_view default_value;  ///< as JSON text; "" if there is none
  std::string_view doc;            ///< one sentence
  KeySupport support = KeySupport::supported;
  std::string_view choices = {};  ///< allowed texts, separated by '|'; "" for any
  bool required = false;
  bool or_path = false;  ///< may also be the path of a JSON file that holds the value
};

/// One type of object in the cell file.
struct TypeSchema {
  std::string_view name;
  std::string_view doc;
  std::span<const KeyRow> keys;
  bool open = false;  ///< further keys are allowed (feature_settings: eFEL's settings by name)
};

/// All types, the cell file itself ("cell") first.
std::span<const TypeSchema> cell_file_schema();

/// All types of the problem file (a user's own evaluator), the file itself ("problem") first.
std::span<const TypeSchema> problem_file_schema();

/// The type of that name, of either file. @throws InternalError if there is none.
const TypeSchema& schema_of(std::string_view type_name);

/// The row of `key`, or nullptr.
const KeyRow* find_key(const TypeSchema& type, std::string_view key);

/// The names of the keys of a type, unsupported ones left out if asked: candidates for nearest_name().
std::vector<std::string> key_names(const TypeSchema& type, bool with_unsupported = true);

/// The parts of a '|'-separated list.
std::vector<std::string> split_choices(std::string_view choices);

/// True for keys that are comments: "comment..." and "__...".
bool is_comment_key(std::string_view key);

/// The JSON Schema (draft 2020-12) of the cell file, indented, ending in a newline.
std::string json_schema();
/// The same of the problem file.
std::string problem_json_schema();

/// The reference page of the keys of the cell file and the problem file as Markdown: one table per type.
std::string schema_markdown();

}  // namespace cellwright::run
