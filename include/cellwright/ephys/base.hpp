#pragma once
/// What all objects of the API have in common, as `bluepyopt.ephys.base`.

#include <string>
#include <utility>

#include "cellwright/ephys/serializer.hpp"

namespace cellwright::ephys {

/// An object with a name and a comment.
class BaseEPhys : public DictMixin {
 public:
  explicit BaseEPhys(std::string object_name = "", std::string object_comment = "")
      : name(std::move(object_name)), comment(std::move(object_comment)) {}

  /// "Class: name (comment)".
  virtual std::string to_string() const;

  std::string name;
  std::string comment;
};

}  // namespace cellwright::ephys
