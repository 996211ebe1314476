#include "config_reader.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace cellwright::run {
namespace {

using text::JsonMember;
using text::JsonValue;

std::string quoted_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += fmt::format("{}'{}'", list.empty() ? "" : ", ", name);
  return list;
}

std::string_view expectation(ValueType type) {
  switch (type) {
    case ValueType::text:
      return "a text";
    case ValueType::number:
      return "a number";
    case ValueType::number_or_null:
      return "a number or null";
    case ValueType::integer:
      return "a whole number";
    case ValueType::boolean:
      return "true or false";
    case ValueType::object:
    case ValueType::map:
      return "an object";
    case ValueType::list:
      return "a list";
    case ValueType::pair:
      return "a list of two numbers";
    case ValueType::text_or_list:
      return "a text or a list of texts";
    case ValueType::text_or_numbers:
      return "a text or a list of numbers";
  }
  return "another value";
}

bool is_finite_number(const JsonValue& value) { return value.is_number() && std::isfinite(value.as_number()); }

bool all_texts(const JsonValue& value) {
  return std::ranges::all_of(value.as_array(), [](const JsonValue& item) { return item.is_string(); });
}

bool has_shape(const JsonValue& value, const KeyRow& row) {
  switch (row.type) {
    case ValueType::text:
      return value.is_string();
    case ValueType::number:
      return is_finite_number(value);
    case ValueType::number_or_null:
      return value.is_null() || is_finite_number(value);
    case ValueType::integer:
      return value.is_integer();
    case ValueType::boolean:
      return value.is_boolean();
    case ValueType::object:
    case ValueType::map:
      return value.is_object();
    case ValueType::list:
      return value.is_array() && (row.element != "text" || all_texts(value)) &&
             (row.element != "number" || std::ranges::all_of(value.as_array(), is_finite_number));
    case ValueType::pair:
      return value.is_array() && value.as_array().size() == 2 &&
             std::ranges::all_of(value.as_array(), is_finite_number);
    case ValueType::text_or_list:
      return value.is_string() || (value.is_array() && all_texts(value));
    case ValueType::text_or_numbers:
      return value.is_string() || (value.is_array() && std::ranges::all_of(value.as_array(), is_finite_number));
  }
  return false;
}

std::string found_instead(const JsonValue& value) {
  if (value.is_number() && !std::isfinite(value.as_number())) return "a number that is not finite";
  if (value.is_number() && !value.is_integer()) return fmt::format("the number {}", value.as_number());
  if (value.is_array()) return fmt::format("a list of {}", value.as_array().size());
  return std::string(to_string(value.type()));
}

void check_choice(const JsonValue& value, const KeyRow& row, DiagnosticList& problems) {
  const std::vector<std::string> known = split_choices(row.choices);
  if (known.empty() || std::ranges::count(known, value.as_string()) > 0) return;
  problems.add(value.diagnostic("config-choice", fmt::format("'{}' is not a value of this key", value.as_string()),
                                suggest(value.as_string(), known, "one of")));
}

}  // namespace

std::string suggest(const std::string& word, const std::vector<std::string>& candidates, const std::string& what) {
  const std::string near = nearest_name(word, candidates);
  if (!near.empty()) return fmt::format("did you mean '{}'?", near);
  return candidates.empty() ? std::string() : fmt::format("{} {}", what, quoted_list(candidates));
}

bool has_type(const JsonValue& value, const KeyRow& row, DiagnosticList& problems) {
  if (has_shape(value, row)) return true;
  problems.add(value.diagnostic("config-type",
                                fmt::format("must be {}{}, not {}", expectation(row.type),
                                            row.or_path ? " or the path of a JSON file" : "", found_instead(value))));
  return false;
}

ObjectReader::ObjectReader(const JsonValue& value, const TypeSchema& type, DiagnosticList& problems)
    : value_(&value), type_(&type), problems_(&problems) {
  if (!value.is_object()) {
    problems.add(value.diagnostic("config-type", fmt::format("must be an object, not {}", found_instead(value))));
    usable_ = false;
    return;
  }
  for (const JsonMember& member : value.as_object()) check_member(member);
  if (usable_) check_missing();
}

void ObjectReader::check_member(const JsonMember& member) {
  if (is_comment_key(member.key)) return;
  const KeyRow* row = find_key(*type_, member.key);
  if (row == nullptr) return check_unknown(member);
  if (row->support == KeySupport::ignored) return;
  if (row->support == KeySupport::unsupported) {
    problems_->add(
        member.diagnostic("config-unsupported", fmt::format("'{}' is not supported yet in this version", member.key)));
    usable_ = false;
    return;
  }
  if (row->or_path && member.value.is_string()) {
    valid_keys_.push_back(member.key);  // the loader opens the file
    return;
  }
  if (!has_type(member.value, *row, *problems_)) return;
  if (row->type == ValueType::text) check_choice(member.value, *row, *problems_);
  valid_keys_.push_back(member.key);
}

void ObjectReader::check_unknown(const JsonMember& member) {
  if (type_->open) return;
  problems_->add(member.diagnostic("config-unknown-key", fmt::format("unknown key '{}'", member.key),
                                   suggest(member.key, key_names(*type_, false), "known keys are")));
}

void ObjectReader::check_missing() {
  for (const KeyRow& row : type_->keys) {
    if (!row.required || value_->find(row.name) != nullptr) continue;
    problems_->add(value_->diagnostic("config-missing-key", fmt::format("key '{}' is missing", row.name),
                                      fmt::format("add '{}': {}", row.name, row.doc)));
  }
}

const JsonValue* ObjectReader::get(std::string_view key) const {
  return std::ranges::count(valid_keys_, key) > 0 ? value_->find(key) : nullptr;
}

std::optional<double> ObjectReader::number(std::string_view key) const {
  const JsonValue* found = get(key);
  return found == nullptr || found->is_null() ? std::nullopt : std::optional(found->as_number());
}

std::optional<bool> ObjectReader::boolean(std::string_view key) const {
  const JsonValue* found = get(key);
  return found == nullptr ? std::nullopt : std::optional(found->as_boolean());
}

std::optional<std::string> ObjectReader::text(std::string_view key) const {
  const JsonValue* found = get(key);
  return found == nullptr ? std::nullopt : std::optional(found->as_string());
}

std::optional<std::int64_t> ObjectReader::integer(std::string_view key) const {
  const JsonValue* found = get(key);
  return found == nullptr ? std::nullopt : std::optional(found->as_integer());
}

}  // namespace cellwright::run
