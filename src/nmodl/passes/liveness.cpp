/// What a flat block reads, writes and needs.

#include <algorithm>

#include "nmodl/passes/tangent.hpp"
#include "nmodl/semantics/symbols.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

void add_names(const Expression& e, std::set<std::string>& names) {
  walk_expression(e, [&](const Expression& inner) {
    if (const auto* name = std::get_if<Name>(&inner.node)) names.insert(name->name);
  });
}

/// The variables that a statement of its own, not the blocks in it, assigns.
std::vector<std::string> targets(const MechanismDescription& mechanism, const Statement& s) {
  if (const auto* assignment = std::get_if<Assignment>(&s.node)) return {assignment->target.name};
  const auto* call = std::get_if<CallStatement>(&s.node);
  const Function* function = call != nullptr ? mechanism.find_function(call->call.name) : nullptr;
  if (function == nullptr) return {};
  return function->table ? function->table->outputs : function->usage.writes;
}

class LiveFinder {
 public:
  LiveFinder(const MechanismDescription& mechanism, std::set<std::string> wanted)
      : mechanism_(mechanism), needed_(std::move(wanted)) {}

  Block run(const Block& body) {
    for (std::size_t before = 0; before != needed_.size();) {
      before = needed_.size();
      collect(body);
    }
    return filtered(body);
  }

 private:
  bool is_live(const Statement& s) const {
    const auto names = targets(mechanism_, s);
    if (std::any_of(names.begin(), names.end(), [&](const auto& name) { return needed_.contains(name); })) return true;
    bool live = false;
    for_each_block(s, [&](const Block& inner) {
      live = live || std::any_of(inner.begin(), inner.end(), [&](const Statement& t) { return is_live(t); });
    });
    return live;
  }

  void collect(const Block& body) {
    for (const Statement& s : body) {
      if (!is_live(s)) continue;
      for_each_expression(s, [&](const Expression& e) { add_names(e, needed_); });
      for_each_block(s, [&](const Block& inner) { collect(inner); });
    }
  }

  Block filtered(const Block& body) const {
    Block result;
    for (const Statement& s : body) {
      if (const auto* local = std::get_if<Local>(&s.node)) {
        Local kept = *local;
        std::erase_if(kept.variables, [&](const Declarator& d) { return !needed_.contains(d.name); });
        if (!kept.variables.empty()) result.push_back({std::move(kept), s.place});
      } else if (is_live(s)) {
        result.push_back(s);
        for_each_block(result.back(), [&](Block& inner) { inner = filtered(inner); });
        if (auto* branch = std::get_if<If>(&result.back().node)) branch->has_else = !branch->otherwise.empty();
      }
    }
    return result;
  }

  const MechanismDescription& mechanism_;
  std::set<std::string> needed_;
};

/// Follows what is certainly assigned; elements of arrays by themselves where their indices are numbers.
class ExposedFinder {
 public:
  explicit ExposedFinder(const MechanismDescription& mechanism) : mechanism_(mechanism) {}

  std::set<std::string> run(const Block& body) {
    block(body);
    return std::move(exposed_);
  }

 private:
  static std::string key(const Name& name) {
    const auto index = name.index ? literal_value(*name.index) : std::nullopt;
    return index ? name.name + " " + std::to_string(static_cast<int>(*index)) : name.name;
  }

  void read(const Expression& e) {
    walk_expression(e, [&](const Expression& inner) {
      const auto* name = std::get_if<Name>(&inner.node);
      if (name == nullptr || mechanism_.find_variable(name->name) == nullptr) return;
      if (!is_assigned(*name)) exposed_.insert(name->name);
    });
  }

  bool is_assigned(const Name& name) const {
    if (assigned_.contains(key(name)) || assigned_.contains(name.name)) return true;
    const int size = mechanism_.find_variable(name.name)->array_size;
    const bool any = name.index && !literal_value(*name.index);
    for (int k = 0; any && k < size; ++k) {
      if (!assigned_.contains(key({name.name, Expression{Number{static_cast<double>(k), ""}, {}}}))) return false;
    }
    return any && size > 0;
  }

  void block(const Block& body) {
    for (const Statement& s : body) statement(s);
  }

  void statement(const Statement& s) {
    for_each_expression(s, [&](const Expression& e) { read(e); });
    if (const auto* branch = std::get_if<If>(&s.node)) {
      const std::set<std::string> before = assigned_;
      block(branch->then);
      const std::set<std::string> after_then = std::exchange(assigned_, before);
      block(branch->otherwise);
      std::erase_if(assigned_, [&](const std::string& name) { return !after_then.contains(name); });
      return;
    }
    const std::set<std::string> before = assigned_;
    bool is_loop = false;
    for_each_block(s, [&](const Block& inner) {
      is_loop = true;
      block(inner);
    });
    if (is_loop) assigned_ = before;
    if (const auto* assignment = std::get_if<Assignment>(&s.node)) {
      assigned_.insert(key(assignment->target));
    } else {
      for (const std::string& name : targets(mechanism_, s)) assigned_.insert(name);
    }
  }

  const MechanismDescription& mechanism_;
  std::set<std::string> assigned_, exposed_;
};

}  // namespace

Block without_dead_statements(const MechanismDescription& mechanism, const Block& body,
                              const std::set<std::string>& wanted) {
  return LiveFinder(mechanism, wanted).run(body);
}

std::set<std::string> read_before_written(const MechanismDescription& mechanism, const Block& flat) {
  return ExposedFinder(mechanism).run(flat);
}

std::set<std::string> written(const MechanismDescription& mechanism, const Block& flat) {
  std::set<std::string> names;
  walk_statements(flat, [&](const Statement& s) {
    for (const std::string& name : targets(mechanism, s)) {
      if (mechanism.find_variable(name) != nullptr) names.insert(name);
    }
  });
  return names;
}

}  // namespace cellwright::nmodl
