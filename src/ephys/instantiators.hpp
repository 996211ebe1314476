#pragma once
/// The one table of classes that can be made from dictionaries.

#include <memory>
#include <string>

#include "cellwright/ephys/serializer.hpp"

namespace cellwright::ephys {

struct Instantiator {
  const char* class_name;
  std::shared_ptr<DictMixin> (*make)(const Dict& fields);
};

/// @throws ConfigError "serializer-class" with the nearest name.
const Instantiator& find_instantiator(const std::string& class_name);

/// Whether the object is a location: these have no state, so that two equal ones are as good as one shared.
bool is_location(const DictMixin& object);

}  // namespace cellwright::ephys
