/// The schema's rows as JSON Schema and as a reference page.

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/features/feature.hpp"
#include "cellwright/features/settings.hpp"
#include "cellwright/run/schema.hpp"
#include "cellwright/text/json_writer.hpp"

namespace cellwright::run {
namespace {

using text::JsonStyle;
using text::JsonWriter;

bool is_schema_type(std::string_view name) {
  const auto has_name = [&](const TypeSchema& type) { return type.name == name; };
  return std::ranges::any_of(cell_file_schema(), has_name) || std::ranges::any_of(problem_file_schema(), has_name);
}

void write_shape(JsonWriter& json, const KeyRow& row);

void write_type(JsonWriter& json, std::string_view type) { json.member("type", type); }

/// What stands inside a list or a map.
void write_element(JsonWriter& json, std::string_view element) {
  json.begin_object(JsonStyle::one_line);
  if (element == "text" || element == "number") {
    write_type(json, element == "text" ? "string" : "number");
  } else if (element == "insertion") {  // section list -> suffixes
    write_type(json, "array");
    json.key("items").begin_object().key("anyOf").begin_array();
    json.begin_object().member("type", "string").end_object();
    json.begin_object().member("$ref", "#/$defs/insertion").end_object();
    json.end_array().end_object();
  } else if (is_schema_type(element) || element == "protocol_features") {
    json.member("$ref", fmt::format("#/$defs/{}", element));
  } else {
    write_type(json, "object");
  }
  json.end_object();
}

void write_types(JsonWriter& json, std::string_view first, std::string_view second) {
  json.key("type").begin_array(JsonStyle::one_line).value(first).value(second).end_array();
}

void write_list(JsonWriter& json, std::string_view element) {
  write_type(json, "array");
  json.key("items");
  write_element(json, element);
}

void write_pair(JsonWriter& json) {
  write_list(json, "number");
  json.member("minItems", 2).member("maxItems", 2);
}

void write_text(JsonWriter& json, const KeyRow& row) {
  write_type(json, "string");
  const std::vector<std::string> choices = split_choices(row.choices);
  if (choices.empty()) return;
  json.key("enum").begin_array(JsonStyle::one_line);
  for (const std::string& choice : choices) json.value(std::string_view(choice));
  json.end_array();
}

void write_text_or_list(JsonWriter& json, std::string_view element) {
  json.key("anyOf").begin_array(JsonStyle::one_line);
  json.begin_object().member("type", "string").end_object();
  json.begin_object();
  write_list(json, element);
  json.end_object().end_array();
}

/// Comments may stand among the keys of every object.
void allow_comments(JsonWriter& json) {
  json.key("patternProperties").begin_object(JsonStyle::one_line).member("^(__|comment)", true).end_object();
}

void write_map(JsonWriter& json, std::string_view element) {
  write_type(json, "object");
  allow_comments(json);
  json.key("additionalProperties");
  write_element(json, element);
}

void write_shape(JsonWriter& json, const KeyRow& row) {
  switch (row.type) {
    case ValueType::text:
      return write_text(json, row);
    case ValueType::number:
      return write_type(json, "number");
    case ValueType::number_or_null:
      return write_types(json, "number", "null");
    case ValueType::integer:
      return write_type(json, "integer");
    case ValueType::boolean:
      return write_type(json, "boolean");
    case ValueType::object:
      json.member("$ref", fmt::format("#/$defs/{}", row.element));
      return;
    case ValueType::list:
      return write_list(json, row.element);
    case ValueType::map:
      return write_map(json, row.element);
    case ValueType::pair:
      return write_pair(json);
    case ValueType::text_or_list:
      return write_text_or_list(json, "text");
    case ValueType::text_or_numbers:
      return write_text_or_list(json, "number");
  }
}

std::string description(const KeyRow& row) {
  std::string text(row.doc);
  if (!row.unit.empty()) text += fmt::format(" Unit: {}.", row.unit);
  if (!row.default_value.empty()) text += fmt::format(" Default: {}.", row.default_value);
  if (row.or_path) text += " May be the path of a JSON file.";
  return text;
}

void write_key(JsonWriter& json, const KeyRow& row) {
  json.key(row.name).begin_object();
  json.member("description", std::string_view(description(row)));
  if (row.support == KeySupport::ignored) {
    // any value: the key has no effect
  } else if (row.or_path) {
    json.key("anyOf").begin_array();
    json.begin_object(JsonStyle::one_line).member("type", "string").end_object();
    json.begin_object();
    write_shape(json, row);
    json.end_object().end_array();
  } else {
    write_shape(json, row);
  }
  json.end_object();
}

/// The keys of an open object that stand in no row of the schema. @returns true if still more keys are allowed.
bool write_further_keys(JsonWriter& json, const TypeSchema& type) {
  if (type.name != "feature_setting") return type.open;
  for (const features::SettingInfo& setting : features::settings_table()) {
    const bool has_row = std::ranges::any_of(type.keys, [&](const KeyRow& row) { return row.name == setting.name; });
    if (has_row) continue;
    std::string text = fmt::format("eFEL setting ({}): {}.", setting.type, setting.meaning);
    if (!setting.unit.empty()) text += fmt::format(" Unit: {}.", setting.unit);
    json.key(setting.name).begin_object(JsonStyle::one_line);
    json.member("description", std::string_view(text)).end_object();
  }
  return false;
}

void write_object_type(JsonWriter& json, const TypeSchema& type) {
  json.member("description", type.doc);
  json.member("type", "object");
  json.key("properties").begin_object();
  for (const KeyRow& row : type.keys) {
    if (row.support != KeySupport::unsupported) write_key(json, row);
  }
  const bool more = write_further_keys(json, type);
  json.end_object();
  allow_comments(json);
  json.member("additionalProperties", more);
  json.key("required").begin_array(JsonStyle::one_line);
  for (const KeyRow& row : type.keys) {
    if (row.required && row.support == KeySupport::supported) json.value(row.name);
  }
  json.end_array();
}

/// [mean, std] with a std above 0.
void write_target(JsonWriter& json) {
  write_type(json, "array");
  json.key("prefixItems").begin_array(JsonStyle::one_line);
  json.begin_object().member("type", "number").end_object();
  json.begin_object().member("type", "number").member("exclusiveMinimum", 0).end_object();
  json.end_array();
  json.member("minItems", 2).member("maxItems", 2);
}

/// location -> feature -> [mean, std]: one protocol's part of `features`.
void write_protocol_features(JsonWriter& json) {
  json.key("protocol_features").begin_object();
  json.member("description", "location -> eFEL feature -> [mean, std].");
  json.member("type", "object");
  allow_comments(json);
  json.key("additionalProperties").begin_object().member("type", "object");
  allow_comments(json);
  json.key("propertyNames").begin_object().key("anyOf").begin_array();
  json.begin_object(JsonStyle::one_line).member("pattern", "^(__|comment)").end_object();
  json.begin_object().key("enum").begin_array(JsonStyle::one_line);
  for (const features::Feature& feature : features::all_features()) json.value(std::string_view(feature.name));
  json.end_array().end_object();
  json.end_array().end_object();
  json.key("additionalProperties").begin_object();
  write_target(json);
  json.end_object().end_object().end_object();
}

std::string_view type_word(const KeyRow& row) {
  switch (row.type) {
    case ValueType::text:
      return "text";
    case ValueType::number:
      return "number";
    case ValueType::number_or_null:
      return "number or null";
    case ValueType::integer:
      return "whole number";
    case ValueType::boolean:
      return "true or false";
    case ValueType::object:
      return "object";
    case ValueType::list:
      return "list";
    case ValueType::map:
      return "name -> value";
    case ValueType::pair:
      return "[lower, upper]";
    case ValueType::text_or_list:
      return "text or list of texts";
    case ValueType::text_or_numbers:
      return "text or list of numbers";
  }
  return "";
}

std::string markdown_doc(const KeyRow& row) {
  std::string text(row.doc);
  if (!row.choices.empty()) text += fmt::format(" One of: {}.", fmt::join(split_choices(row.choices), ", "));
  if (row.or_path) text += " May be the path of a JSON file.";
  if (row.required) text += " **Required.**";
  if (row.support == KeySupport::unsupported) text += " *Not supported yet in this version.*";
  return text;
}

/// @param with_features the definition of the cell file's targets is needed as well.
std::string schema_of_file(std::span<const TypeSchema> types, std::string_view title, bool with_features) {
  JsonWriter json;
  json.begin_object();
  json.member("$schema", "https://json-schema.org/draft/2020-12/schema");
  json.member("title", title);
  write_object_type(json, types.front());
  json.key("$defs").begin_object();
  if (with_features) write_protocol_features(json);
  for (const TypeSchema& type : types.subspan(1)) {
    json.key(type.name).begin_object();
    write_object_type(json, type);
    json.end_object();
  }
  json.end_object().end_object();
  return json.take() + "\n";
}

std::string markdown_tables(std::span<const TypeSchema> types) {
  std::string page;
  for (const TypeSchema& type : types) {
    page += fmt::format("\n## {}\n\n{}\n\n| key | type | unit | default | meaning |\n|---|---|---|---|---|\n",
                        type.name, type.doc);
    for (const KeyRow& row : type.keys) {
      page += fmt::format("| `{}` | {} | {} | {} | {} |\n", row.name, type_word(row), row.unit, row.default_value,
                          markdown_doc(row));
    }
  }
  return page;
}

}  // namespace

std::string json_schema() { return schema_of_file(cell_file_schema(), "cellwright cell file", true); }

std::string problem_json_schema() { return schema_of_file(problem_file_schema(), "cellwright problem file", false); }

std::string schema_markdown() {
  return "# Keys of the cell file\n\nGenerated from the program's schema by `cellwright schema --markdown`. Keys that "
         "begin with `__` or "
         "`comment` are ignored.\n" +
         markdown_tables(cell_file_schema()) + "\n# Keys of the problem file\n" +
         markdown_tables(problem_file_schema());
}

}  // namespace cellwright::run
