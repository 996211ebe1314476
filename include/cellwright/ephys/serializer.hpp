#pragma once
/// Objects to and from dictionaries and JSON, as `bluepyopt.ephys.serializer`.
///
/// The form is BluePyOpt's: the fields of an object by name, and under "class" the name of its class
/// ("<class 'bluepyopt.ephys.locations.NrnSeclistLocation'>"), so that dictionaries made by BluePyOpt can be read.
/// Where BluePyOpt leaves fields out, these are written too: what comes back is the same object. Objects that several
/// others share (the scaler that a MetaParameter changes, the mechanism of a NrnPointProcessLocation) are written once,
/// with an "id", and are {"ref": id} from there on.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cellwright/text/json_writer.hpp"
#include "cellwright/text/located_json.hpp"

namespace cellwright::ephys {

class DictMixin;
struct Value;
using List = std::vector<Value>;
/// Members in order.
using Dict = std::vector<std::pair<std::string, Value>>;

/// What a field can hold: Python's None, bool, int, float, str, list and dict, or another object.
struct Value {
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, List, Dict, std::shared_ptr<DictMixin>> content;
};

/// Base of everything that can be written as a dictionary.
class DictMixin {
 public:
  DictMixin() = default;
  DictMixin(const DictMixin&) = default;
  DictMixin& operator=(const DictMixin&) = default;
  virtual ~DictMixin() = default;

  /// BluePyOpt's full name of the class: "bluepyopt.ephys.locations.NrnSeclistLocation".
  virtual std::string class_name() const = 0;
  /// The last part of it.
  std::string short_class_name() const;
  /// The constructor's arguments that make an equal object, by name and in order. Other objects are not copied.
  virtual Dict fields() const = 0;
  /// Sets a number by its name: what a MetaParameter does. @throws ConfigError "ephys-attribute" if there is none such.
  virtual void set_attribute(const std::string& attribute, double value);

  /// fields() and "class", with the objects among them written as dictionaries too.
  Dict to_dict() const;
};

/// The object that a dictionary describes: the opposite of to_dict().
/// @throws ConfigError "serializer-class" for an unknown class, "serializer-field" for a field that the class does not
///   have or whose value it cannot take, "serializer-reference" for an unknown "ref", and what the constructor throws.
std::shared_ptr<DictMixin> instantiator(const Dict& dict);

/// The same for an object of a known class. @throws ConfigError "serializer-class" if it is of another one.
template <class Class>
std::shared_ptr<Class> from_dict(const Dict& dict);

/// The names of all classes that instantiator() knows.
std::vector<std::string> serialised_classes();

/// to_dict() as JSON text, without a line end. Doubles are written so that they read back exactly.
std::string to_json(const DictMixin& object, text::JsonStyle style = text::JsonStyle::pretty);
/// @throws ConfigError as instantiator().
std::shared_ptr<DictMixin> from_json(const text::JsonValue& json);

/// A JSON value as it is, objects of the API not yet made.
Value value_of_json(const text::JsonValue& json);

/// @throws ConfigError "serializer-class".
[[noreturn]] void throw_other_class(const DictMixin& object, const std::string& wanted);

template <class Class>
std::shared_ptr<Class> from_dict(const Dict& dict) {
  std::shared_ptr<DictMixin> object = instantiator(dict);
  std::shared_ptr<Class> result = std::dynamic_pointer_cast<Class>(object);
  if (!result) throw_other_class(*object, Class::python_name);
  return result;
}

}  // namespace cellwright::ephys
