#include "nmodl/passes/system_builder.hpp"

#include <cmath>

#include <fmt/format.h>

#include "nmodl/passes/symbolic.hpp"

namespace cellwright::nmodl {

SystemBuilder::SystemBuilder(PassContext& context_, CodeBlock& block_, ImplicitSystem::Kind kind)
    : context(context_), block(block_) {
  system.kind = kind;
  system.prefix = FreshNames(context.symbols, block).take_prefix(block.name.name);
}

std::optional<int> SystemBuilder::unknown(const Name& name, const Place& place) {
  const Variable* variable = context.symbols.find_variable(name.name);
  if (variable == nullptr || variable->kind != VariableKind::state) return std::nullopt;
  int element = -1;
  if (name.index) {
    const auto index = literal_value(*name.index);
    if (!index || *index < 0 || *index >= variable->array_size || *index != std::floor(*index)) {
      context.reporter.error(
          "nmodl-index", place,
          index ? fmt::format("index {} is outside the array '{}' of size {}", *index, name.name, variable->array_size)
                : fmt::format("the index of '{}' must be a number here", name.name),
          index ? "indices count from 0" : "use a number, a DEFINEd name or the variable of a FROM loop");
      return std::nullopt;
    }
    element = static_cast<int>(*index);
  }
  const auto [it, added] = numbers_.try_emplace({name.name, element}, size());
  if (added) system.unknowns.push_back({name.name, element < 0 ? std::nullopt : std::optional<int>(element)});
  return it->second;
}

std::optional<int> SystemBuilder::find(const Name& name) const {
  int element = -1;
  if (name.index) element = static_cast<int>(literal_value(*name.index).value_or(-1));
  const auto found = numbers_.find({name.name, element});
  return found == numbers_.end() ? std::nullopt : std::optional<int>(found->second);
}

Name SystemBuilder::name_of(int unknown) const {
  const Unknown& u = system.unknowns[static_cast<std::size_t>(unknown)];
  if (!u.element) return {u.state, {}};
  return {u.state, Box<Expression>(make_number(*u.element))};
}

int SystemBuilder::entry(int row, int column) {
  const auto [it, added] = entries_.try_emplace({row, column}, static_cast<int>(system.entries.size()));
  if (added) system.entries.push_back({row, column});
  return it->second;
}

Expression SystemBuilder::element(const std::string& array, int index) const {
  return {Name{system.prefix + "_" + array, Box<Expression>(make_number(index))}, {}};
}

Statement SystemBuilder::assign(const std::string& array, int index, Expression value, const Place& place) const {
  return {Assignment{std::get<Name>(element(array, index).node), place, std::move(value)}, place};
}

Statement SystemBuilder::add(const std::string& array, int index, Expression value, const Place& place) const {
  return assign(array, index, make_sum(element(array, index), std::move(value)), place);
}

void SystemBuilder::declare(const std::string& array, int n) {
  if (n == 0) return;
  arrays_.variables.push_back({system.prefix + "_" + array, make_number(n), block.name.place});
}

void SystemBuilder::declare_scalar(const std::string& name) {
  arrays_.variables.push_back({name, std::nullopt, block.name.place});
}

void SystemBuilder::finish() {
  if (!arrays_.variables.empty()) {
    block.body.insert(block.body.begin(), Statement{std::move(arrays_), block.name.place});
  }
  context.systems[block.name.name] = std::move(system);
}

}  // namespace cellwright::nmodl
