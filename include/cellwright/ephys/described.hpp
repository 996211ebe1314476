#pragma once
/// How a class tells its fields once, for dictionaries, JSON and MetaParameter alike.
///
/// The arguments of a class are a struct whose static function `fields` names its members in order:
/// @code
/// struct NrnSeclistLocationArguments {
///   std::optional<std::string> seclist_name;
///   static void fields(auto& self, auto&& visit) { visit("seclist_name", self.seclist_name); }
/// };
/// @endcode

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "cellwright/base/error.hpp"
#include "cellwright/ephys/base.hpp"
#include "cellwright/ephys/fields.hpp"

namespace cellwright::ephys {

/// Gives `Class` its name, its dictionary and the shorthand make(). Class has `static constexpr const char*
/// python_name`, `arguments()`, and a constructor from its name (where it has one), Arguments and the comment (a
/// BaseEPhys).
template <class Class, class Base, class Arguments>
class Described : public Base {
  static constexpr bool commented = std::is_base_of_v<BaseEPhys, Base>;

 public:
  using Base::Base;

  /// A shared object: `NrnSeclistLocation::make("somatic", {.seclist_name = "somatic"})`.
  static std::shared_ptr<Class> make(std::string name, Arguments arguments = {}, std::string comment = "") requires(
      std::is_constructible_v<Class, std::string, Arguments, std::string>) {
    return std::make_shared<Class>(std::move(name), std::move(arguments), std::move(comment));
  }
  /// The same for a class that has a name but no comment.
  static std::shared_ptr<Class> make(std::string name, Arguments arguments = {}) requires(
      !commented && std::is_constructible_v<Class, std::string, Arguments>) {
    return std::make_shared<Class>(std::move(name), std::move(arguments));
  }
  /// The same for a class whose name is not an argument.
  static std::shared_ptr<Class> make(Arguments arguments = {}, std::string comment = "") requires(
      std::is_constructible_v<Class, Arguments, std::string>) {
    return std::make_shared<Class>(std::move(arguments), std::move(comment));
  }
  /// The same for a class without name and comment.
  static std::shared_ptr<Class> make(Arguments arguments = {}) requires(!commented &&
                                                                        std::is_constructible_v<Class, Arguments>) {
    return std::make_shared<Class>(std::move(arguments));
  }

  std::string class_name() const override { return Class::python_name; }

  Dict fields() const override {
    Dict dict;
    const Class& self = static_cast<const Class&>(*this);
    if constexpr (std::is_constructible_v<Class, std::string, Arguments>) {
      if constexpr (requires { self.name(); }) {
        dict.emplace_back("name", to_value(self.name()));
      } else {
        dict.emplace_back("name", to_value(self.name));
      }
    }
    if constexpr (commented) dict.emplace_back("comment", to_value(self.comment));
    const Arguments& arguments = self.arguments();
    Arguments::fields(arguments, FieldWriter{dict});
    return dict;
  }

  /// The object that fields() describe.
  static std::shared_ptr<DictMixin> from_fields(const Dict& dict) {
    FieldReader reader(dict, Class::python_name);
    constexpr bool named = std::is_constructible_v<Class, std::string, Arguments>;
    std::string name, comment;
    Arguments arguments;
    if constexpr (named) reader("name", name);
    if constexpr (commented) reader("comment", comment);
    Arguments::fields(arguments, reader);
    reader.check_all_used();
    if constexpr (named && commented) {
      return std::make_shared<Class>(std::move(name), std::move(arguments), std::move(comment));
    } else if constexpr (named) {
      return std::make_shared<Class>(std::move(name), std::move(arguments));
    } else if constexpr (commented) {
      return std::make_shared<Class>(std::move(arguments), std::move(comment));
    } else {
      return std::make_shared<Class>(std::move(arguments));
    }
  }

  void set_attribute(const std::string& attribute, double value) override {
    bool done = false;
    if constexpr (std::is_base_of_v<Arguments, Class>)
      Arguments::fields(static_cast<Arguments&>(static_cast<Class&>(*this)), NumberSetter{attribute, value, done});
    if (!done) Base::set_attribute(attribute, value);
  }
};

/// A class whose attributes are the arguments of its constructor.
template <class Class, class Base, class Arguments>
class Record : public Described<Class, Base, Arguments>, public Arguments {
 public:
  explicit Record(Arguments given) : Arguments(std::move(given)) {}
  const Arguments& arguments() const { return *this; }
};

/// The same with a name and a comment.
template <class Class, class Base, class Arguments>
class NamedRecord : public Described<Class, Base, Arguments>, public Arguments {
 public:
  explicit NamedRecord(std::string object_name, Arguments given = {}, std::string object_comment = "")
      : Described<Class, Base, Arguments>(std::move(object_name), std::move(object_comment)),
        Arguments(std::move(given)) {}
  const Arguments& arguments() const { return *this; }
};

/// The value of an argument that may be left out in a constructor but is needed now.
/// @throws ConfigError "ephys-argument": "NrnSeclistLocation 'x' has no seclist_name".
template <class T>
const T& required(const std::optional<T>& argument, const DictMixin& owner, const std::string& owner_name,
                  const char* argument_name);
[[noreturn]] void throw_missing_argument(const DictMixin& owner, const std::string& owner_name,
                                         const char* argument_name);

template <class T>
const T& required(const std::optional<T>& argument, const DictMixin& owner, const std::string& owner_name,
                  const char* argument_name) {
  if (!argument) throw_missing_argument(owner, owner_name, argument_name);
  return *argument;
}

}  // namespace cellwright::ephys
