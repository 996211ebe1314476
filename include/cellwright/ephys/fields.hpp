#pragma once
/// Fields of objects to and from the values of dictionaries.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "cellwright/ephys/serializer.hpp"
#include "cellwright/model/location.hpp"
#include "cellwright/optimise/parameter.hpp"

namespace cellwright::ephys {

/// Values by name in the order of their insertion, as Python's dict.
template <class T>
using OrderedMap = std::vector<std::pair<std::string, T>>;

inline Value to_value(bool flag) { return {flag}; }
inline Value to_value(int number) { return {std::int64_t{number}}; }
inline Value to_value(std::int64_t number) { return {number}; }
inline Value to_value(std::uint32_t number) { return {std::int64_t{number}}; }
inline Value to_value(double number) { return {number}; }
inline Value to_value(const std::string& text) { return {text}; }
inline Value to_value(const std::filesystem::path& path) { return {path.string()}; }
inline Value to_value(const optimise::Bounds& bounds) { return {List{{bounds.lower}, {bounds.upper}}}; }
Value to_value(const model::TrunkDirection& direction);  ///< "radial" or a list of three numbers
template <class T>
Value to_value(const std::optional<T>& optional);
template <class T>
Value to_value(const std::vector<T>& list);
template <class T>
Value to_value(const OrderedMap<T>& map);
template <class T>
Value to_value(const std::shared_ptr<T>& object) {
  if (!object) return {nullptr};
  return {std::static_pointer_cast<DictMixin>(object)};
}

template <class T>
Value to_value(const std::optional<T>& optional) {
  return optional ? to_value(*optional) : Value{nullptr};
}
template <class T>
Value to_value(const std::vector<T>& list) {
  List result;
  for (const T& item : list) result.push_back(to_value(item));
  return {std::move(result)};
}
template <class T>
Value to_value(const OrderedMap<T>& map) {
  Dict result;
  for (const auto& [name, item] : map) result.emplace_back(name, to_value(item));
  return {std::move(result)};
}

/// Each takes a value of its kind and leaves `target` alone otherwise. @returns whether it took it.
bool take_value(const Value& value, bool& target);
bool take_value(const Value& value, int& target);
bool take_value(const Value& value, std::int64_t& target);
bool take_value(const Value& value, std::uint32_t& target);
bool take_value(const Value& value, double& target);  ///< whole numbers too; None is NaN, as in JSON
bool take_value(const Value& value, std::string& target);
bool take_value(const Value& value, std::filesystem::path& target);
bool take_value(const Value& value, optimise::Bounds& target);
bool take_value(const Value& value, model::TrunkDirection& target);

template <class T>
bool take_value(const Value& value, std::optional<T>& target);
template <class T>
bool take_value(const Value& value, std::vector<T>& target);
template <class T>
bool take_value(const Value& value, OrderedMap<T>& target);
template <class T>
bool take_value(const Value& value, std::shared_ptr<T>& target) {
  if (std::holds_alternative<std::nullptr_t>(value.content)) return target = nullptr, true;
  const auto* object = std::get_if<std::shared_ptr<DictMixin>>(&value.content);
  if (object == nullptr) return false;
  std::shared_ptr<T> same = std::dynamic_pointer_cast<T>(*object);
  if (!same) return false;
  target = std::move(same);
  return true;
}

template <class T>
bool take_value(const Value& value, std::optional<T>& target) {
  if (std::holds_alternative<std::nullptr_t>(value.content)) return target.reset(), true;
  T item{};
  if (!take_value(value, item)) return false;
  target = std::move(item);
  return true;
}
template <class T>
bool take_value(const Value& value, std::vector<T>& target) {
  if (std::holds_alternative<std::nullptr_t>(value.content)) return target.clear(), true;
  const List* list = std::get_if<List>(&value.content);
  if (list == nullptr) return false;
  std::vector<T> result(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (!take_value((*list)[i], result[i])) return false;
  }
  target = std::move(result);
  return true;
}
template <class T>
bool take_value(const Value& value, OrderedMap<T>& target) {
  if (std::holds_alternative<std::nullptr_t>(value.content)) return target.clear(), true;
  const Dict* dict = std::get_if<Dict>(&value.content);
  if (dict == nullptr) return false;
  OrderedMap<T> result;
  for (const auto& [name, item] : *dict) {
    T taken{};
    if (!take_value(item, taken)) return false;
    result.emplace_back(name, std::move(taken));
  }
  target = std::move(result);
  return true;
}

/// Collects the fields of a struct of arguments.
struct FieldWriter {
  Dict& dict;
  template <class T>
  void operator()(const char* name, const T& field) const {
    dict.emplace_back(name, to_value(field));
  }
};

/// Fills a struct of arguments from a dictionary; fields that are not in it keep their defaults.
class FieldReader {
 public:
  FieldReader(const Dict& dict, std::string class_name)
      : dict_(dict), class_name_(std::move(class_name)), used_(dict.size()) {}

  template <class T>
  void operator()(const char* name, T& field) {
    const Value* value = find(name);
    if (value != nullptr && !take_value(*value, field)) throw_bad_value(name);
  }
  /// @throws ConfigError "serializer-field" naming the first member that was no field, unless it is None or empty.
  void check_all_used() const;

 private:
  const Value* find(std::string_view name);
  [[noreturn]] void throw_bad_value(const std::string& name) const;

  const Dict& dict_;
  std::string class_name_;
  std::vector<bool> used_;
  std::vector<std::string> known_;
};

/// Sets one number of a struct of arguments by its name.
struct NumberSetter {
  const std::string& name;
  double value;
  bool& done;
  template <class T>
  void operator()(const char* field_name, T& field) const {
    if constexpr (std::is_same_v<T, double> || std::is_same_v<T, std::optional<double>>) {
      if (name == field_name) field = value, done = true;
    }
  }
};

}  // namespace cellwright::ephys
