#pragma once
/// Arguments as Python's str() prints them.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/base/number_text.hpp"
#include "cellwright/optimise/parameter.hpp"

namespace cellwright::ephys {

inline std::string text_of(const std::string& text) { return text; }
inline std::string text_of(int number) { return std::to_string(number); }
inline std::string text_of(double number) { return shortest_number(number); }
inline std::string text_of(const optimise::Bounds& bounds) {
  return "[" + shortest_number(bounds.lower) + ", " + shortest_number(bounds.upper) + "]";
}

/// None where there is no value.
template <class T>
std::string text_of(const std::optional<T>& argument) {
  return argument ? text_of(*argument) : "None";
}

template <class Object>
std::string text_of(const std::shared_ptr<Object>& object) {
  return object ? object->to_string() : "None";
}

/// "['somatic', 'apical']".
template <class Object>
std::string list_text(const std::vector<std::shared_ptr<Object>>& objects) {
  std::string text;
  for (const auto& object : objects) text += (text.empty() ? "'" : ", '") + text_of(object) + "'";
  return "[" + text + "]";
}

}  // namespace cellwright::ephys
