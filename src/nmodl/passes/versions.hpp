#pragma once
/// Which value a variable has at a place in a block: how often it has been assigned before.

#include <map>
#include <string>

#include <fmt/format.h>

#include "cellwright/nmodl/front_end.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {

/// Equal text with equal versions is equal.
class Versions {
 public:
  void assign(const std::string& name) { ++versions_[name]; }
  std::string stamp(const std::string& name) const {
    const auto found = versions_.find(name);
    return fmt::format("{}#{}", name, found == versions_.end() ? 0 : found->second);
  }
  /// The text of e and the versions of all names in it.
  std::string key(const Expression& e) const {
    std::string text = print_nmodl(e);
    walk_expression(e, [&](const Expression& part) {
      if (const auto* name = std::get_if<Name>(&part.node)) text += " " + stamp(name->name);
    });
    return text;
  }

 private:
  std::map<std::string, int> versions_;
};

}  // namespace cellwright::nmodl
