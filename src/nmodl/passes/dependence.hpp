#pragma once
/// What statements read and assign, through the functions that they call, before the description is built.

#include <map>
#include <set>
#include <string>

#include "nmodl/passes/pass.hpp"

namespace cellwright::nmodl {

struct Dependence {
  std::set<std::string> reads, writes;
};

class DependenceFinder {
 public:
  explicit DependenceFinder(const PassContext& context) : context_(context) {}

  Dependence of(const Expression& expression);
  /// One statement without the blocks in it.
  Dependence of(const Statement& statement);
  /// Everything that depends on `sources` after any number of runs of the block, `sources` themselves included. Only
  /// statements for which `counts(statement)` holds. Nothing if a branch or a loop depends on them.
  template <class Counts>
  std::optional<std::set<std::string>> tainted(const Block& block, std::set<std::string> sources, const Counts& counts);

 private:
  void add(const Expression& expression, Dependence& result);
  void add_call(const std::string& name, Dependence& result);
  const Dependence& of_function(const std::string& name, const CodeBlock& function);

  const PassContext& context_;
  std::map<std::string, Dependence> functions_;
};

bool have_common(const std::set<std::string>& a, const std::set<std::string>& b);

}  // namespace cellwright::nmodl

#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {

template <class Counts>
std::optional<std::set<std::string>> DependenceFinder::tainted(const Block& block, std::set<std::string> sources,
                                                               const Counts& counts) {
  bool branches = false;
  for (std::size_t before = 0; before != sources.size() && !branches;) {
    before = sources.size();
    walk_statements(block, [&](const Statement& statement) {
      if (!counts(statement)) return;
      const Dependence own = of(statement);
      if (!have_common(own.reads, sources)) return;
      const auto& node = statement.node;
      branches = branches || std::holds_alternative<If>(node) || std::holds_alternative<While>(node) ||
                 std::holds_alternative<From>(node);
      sources.insert(own.writes.begin(), own.writes.end());
    });
  }
  if (branches) return std::nullopt;
  return sources;
}

}  // namespace cellwright::nmodl
