#include "cellwright/ephys/fields.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace cellwright::ephys {
namespace {

template <class T>
bool take(const Value& value, T& target) {
  const T* item = std::get_if<T>(&value.content);
  if (item == nullptr) return false;
  target = *item;
  return true;
}

/// None, or a list or dictionary without members.
bool says_nothing(const Value& value) {
  const auto* list = std::get_if<List>(&value.content);
  const auto* dict = std::get_if<Dict>(&value.content);
  return std::holds_alternative<std::nullptr_t>(value.content) || (list && list->empty()) || (dict && dict->empty());
}

}  // namespace

bool take_value(const Value& value, bool& target) { return take(value, target); }
bool take_value(const Value& value, std::int64_t& target) { return take(value, target); }
bool take_value(const Value& value, std::string& target) { return take(value, target); }

bool take_value(const Value& value, int& target) {
  std::int64_t number = 0;
  if (!take(value, number) || number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max())
    return false;
  target = static_cast<int>(number);
  return true;
}

bool take_value(const Value& value, std::uint32_t& target) {
  std::int64_t number = 0;
  if (!take(value, number) || number < 0 || number > std::numeric_limits<std::uint32_t>::max()) return false;
  target = static_cast<std::uint32_t>(number);
  return true;
}

bool take_value(const Value& value, double& target) {
  if (take(value, target)) return true;
  if (std::int64_t number = 0; take(value, number)) return target = static_cast<double>(number), true;
  if (!std::holds_alternative<std::nullptr_t>(value.content)) return false;
  target = std::numeric_limits<double>::quiet_NaN();
  return true;
}

bool take_value(const Value& value, std::filesystem::path& target) {
  std::string text;
  if (!take(value, text)) return false;
  target = text;
  return true;
}

bool take_value(const Value& value, optimise::Bounds& target) {
  std::vector<double> ends;
  if (!take_value(value, ends) || ends.size() != 2) return false;
  target = {ends[0], ends[1]};
  return true;
}

Value to_value(const model::TrunkDirection& direction) {
  if (std::holds_alternative<model::RadialDirection>(direction)) return {std::string("radial")};
  List list;
  for (const double component : std::get<std::array<double, 3>>(direction)) list.push_back({component});
  return {std::move(list)};
}

bool take_value(const Value& value, model::TrunkDirection& target) {
  if (std::string text; take_value(value, text)) {
    if (text != "radial") return false;
    target = model::RadialDirection{};
    return true;
  }
  std::vector<double> components;
  if (!take_value(value, components) || components.size() != 3) return false;
  target = std::array{components[0], components[1], components[2]};
  return true;
}

const Value* FieldReader::find(std::string_view name) {
  known_.emplace_back(name);
  for (std::size_t i = 0; i < dict_.size(); ++i) {
    if (dict_[i].first != name) continue;
    used_[i] = true;
    return &dict_[i].second;
  }
  return nullptr;
}

void FieldReader::throw_bad_value(const std::string& name) const {
  throw ConfigError(
      Diagnostic{.code = "serializer-field",
                 .message = fmt::format("a {} cannot have this kind of value as its '{}'", class_name_, name)});
}

void FieldReader::check_all_used() const {
  for (std::size_t i = 0; i < dict_.size(); ++i) {
    if (used_[i] || says_nothing(dict_[i].second)) continue;
    const std::string near = nearest_name(dict_[i].first, known_);
    throw ConfigError(Diagnostic{.code = "serializer-field",
                                 .message = fmt::format("a {} has no field '{}'", class_name_, dict_[i].first),
                                 .fix = near.empty() ? "" : fmt::format("did you mean '{}'?", near)});
  }
}

}  // namespace cellwright::ephys
