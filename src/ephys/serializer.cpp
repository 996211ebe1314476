#include "cellwright/ephys/serializer.hpp"

#include <map>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "ephys/instantiators.hpp"

namespace cellwright::ephys {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

ConfigError serializer_error(std::string code, std::string message, std::string fix = "") {
  return ConfigError(Diagnostic{.code = std::move(code), .message = std::move(message), .fix = std::move(fix)});
}

/// "<class 'name'>", as Python's repr() of a class.
std::string class_tag(const std::string& name) { return fmt::format("<class '{}'>", name); }

/// Which objects occur more than once below a root. Locations are values: they are written wherever they stand.
class SharedObjects {
 public:
  explicit SharedObjects(const DictMixin& root) { visit_fields(root); }
  bool is_shared(const DictMixin* object) const { return counts_.at(object) > 1; }

 private:
  void visit_fields(const DictMixin& object) {
    for (const auto& [name, value] : object.fields()) visit(value);
  }
  void visit(const Value& value) {
    if (const auto* list = std::get_if<List>(&value.content)) {
      for (const Value& item : *list) visit(item);
    } else if (const auto* dict = std::get_if<Dict>(&value.content)) {
      for (const auto& [name, item] : *dict) visit(item);
    } else if (const auto* object = std::get_if<std::shared_ptr<DictMixin>>(&value.content)) {
      if (++counts_[object->get()] == 1 || is_location(**object)) visit_fields(**object);
      if (is_location(**object)) counts_[object->get()] = 1;
    }
  }

  std::map<const DictMixin*, int> counts_;
};

/// Writes objects as dictionaries.
class DictWriter {
 public:
  explicit DictWriter(const DictMixin& root) : shared_(root) {}

  Dict write(const DictMixin& object) {
    Dict result;
    for (const auto& [name, value] : object.fields()) result.emplace_back(name, write(value));
    result.emplace_back("class", Value{class_tag(object.class_name())});
    return result;
  }

 private:
  Value write(const Value& value) {
    return std::visit(Overloaded{[this](const List& list) {
                                   List result;
                                   for (const Value& item : list) result.push_back(write(item));
                                   return Value{std::move(result)};
                                 },
                                 [this](const Dict& dict) {
                                   Dict result;
                                   for (const auto& [name, item] : dict) result.emplace_back(name, write(item));
                                   return Value{std::move(result)};
                                 },
                                 [this](const std::shared_ptr<DictMixin>& object) { return write_shared(*object); },
                                 [](const auto& scalar) { return Value{scalar}; }},
                      value.content);
  }

  Value write_shared(const DictMixin& object) {
    if (!shared_.is_shared(&object)) return {write(object)};
    const auto known = ids_.find(&object);
    if (known != ids_.end()) return {Dict{{"ref", {known->second}}}};
    const std::int64_t id = static_cast<std::int64_t>(ids_.size()) + 1;
    ids_.emplace(&object, id);
    Dict result = write(object);
    result.emplace_back("id", Value{id});
    return {std::move(result)};
  }

  SharedObjects shared_;
  std::map<const DictMixin*, std::int64_t> ids_;
};

const Value* find_member(const Dict& dict, std::string_view name) {
  for (const auto& [key, value] : dict) {
    if (key == name) return &value;
  }
  return nullptr;
}

/// Makes objects of dictionaries, the inner ones first.
class DictReader {
 public:
  std::shared_ptr<DictMixin> make(const Dict& dict) {
    const std::string name = class_of(dict);
    Dict fields;
    const Value* id = nullptr;
    for (const auto& [key, value] : dict) {
      if (key == "id") {
        id = &value;
      } else if (key != "class") {
        fields.emplace_back(key, read(value));
      }
    }
    std::shared_ptr<DictMixin> object = find_instantiator(name).make(fields);
    if (id != nullptr) known_[number_of(*id)] = object;
    return object;
  }

 private:
  Value read(const Value& value) {
    if (const auto* list = std::get_if<List>(&value.content)) {
      List result;
      for (const Value& item : *list) result.push_back(read(item));
      return {std::move(result)};
    }
    const auto* dict = std::get_if<Dict>(&value.content);
    if (dict == nullptr) return value;
    if (find_member(*dict, "class") != nullptr) return {make(*dict)};
    if (const Value* reference = find_member(*dict, "ref"); reference != nullptr && dict->size() == 1)
      return {find_reference(number_of(*reference))};
    Dict result;
    for (const auto& [name, item] : *dict) result.emplace_back(name, read(item));
    return {std::move(result)};
  }

  static std::string class_of(const Dict& dict) {
    const Value* tag = find_member(dict, "class");
    const auto* text = tag == nullptr ? nullptr : std::get_if<std::string>(&tag->content);
    if (text == nullptr) throw serializer_error("serializer-class", "the dictionary of an object has no \"class\"");
    const std::string prefix = "<class '", suffix = "'>";
    if (!text->starts_with(prefix) || !text->ends_with(suffix))
      throw serializer_error("serializer-class", fmt::format("\"{}\" is no class", *text),
                             "write \"<class 'bluepyopt.ephys.locations.NrnSeclistLocation'>\" or the like");
    return text->substr(prefix.size(), text->size() - prefix.size() - suffix.size());
  }

  static std::int64_t number_of(const Value& value) {
    const auto* number = std::get_if<std::int64_t>(&value.content);
    if (number == nullptr) throw serializer_error("serializer-reference", "\"id\" and \"ref\" must be whole numbers");
    return *number;
  }

  std::shared_ptr<DictMixin> find_reference(std::int64_t id) const {
    const auto found = known_.find(id);
    if (found == known_.end())
      throw serializer_error("serializer-reference", fmt::format("no object before this one has the \"id\" {}", id));
    return found->second;
  }

  std::map<std::int64_t, std::shared_ptr<DictMixin>> known_;
};

void write_json(text::JsonWriter& writer, const Value& value);

void write_members(text::JsonWriter& writer, const Dict& dict) {
  writer.begin_object();
  for (const auto& [name, item] : dict) {
    writer.key(name);
    write_json(writer, item);
  }
  writer.end_object();
}

void write_json(text::JsonWriter& writer, const Value& value) {
  std::visit(Overloaded{[&](const List& list) {
                          writer.begin_array();
                          for (const Value& item : list) write_json(writer, item);
                          writer.end_array();
                        },
                        [&](const Dict& dict) { write_members(writer, dict); },
                        [&](const std::shared_ptr<DictMixin>& object) { write_members(writer, object->to_dict()); },
                        [&](const auto& scalar) { writer.value(scalar); }},
             value.content);
}

}  // namespace

std::string DictMixin::short_class_name() const {
  const std::string name = class_name();
  return name.substr(name.rfind('.') + 1);
}

void DictMixin::set_attribute(const std::string& attribute, double /*value*/) {
  throw ConfigError(
      Diagnostic{.code = "ephys-attribute",
                 .message = fmt::format("a {} has no number called '{}'", short_class_name(), attribute)});
}

Dict DictMixin::to_dict() const { return DictWriter(*this).write(*this); }

std::shared_ptr<DictMixin> instantiator(const Dict& dict) { return DictReader().make(dict); }

std::string to_json(const DictMixin& object, text::JsonStyle style) {
  text::JsonWriter writer(style);
  write_json(writer, {object.to_dict()});
  return writer.take();
}

Value value_of_json(const text::JsonValue& json) {
  switch (json.type()) {
    case text::JsonType::null:
      return {nullptr};
    case text::JsonType::boolean:
      return {json.as_boolean()};
    case text::JsonType::number:
      if (json.is_integer()) return {json.as_integer()};
      return {json.as_number()};
    case text::JsonType::string:
      return {json.as_string()};
    case text::JsonType::array:
      break;
    case text::JsonType::object: {
      Dict dict;
      for (const text::JsonMember& member : json.as_object())
        dict.emplace_back(member.key, value_of_json(member.value));
      return {std::move(dict)};
    }
  }
  List list;
  for (const text::JsonValue& item : json.as_array()) list.push_back(value_of_json(item));
  return {std::move(list)};
}

std::shared_ptr<DictMixin> from_json(const text::JsonValue& json) {
  json.as_object();  // throws where it is none
  return instantiator(std::get<Dict>(value_of_json(json).content));
}

void throw_other_class(const DictMixin& object, const std::string& wanted) {
  throw serializer_error("serializer-class",
                         fmt::format("the dictionary is that of a {}, not of a {}", object.class_name(), wanted));
}

}  // namespace cellwright::ephys
