// Calls of NEURON's own functions: events, streams of random numbers, pointers, lists of numbers.

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nmodl/codegen/expression_writer.hpp"
#include "nmodl/semantics/special_functions.hpp"

namespace cellwright::nmodl {
namespace {

/// The number of the stream or vector that a call's first argument names.
std::size_t index_of(const std::vector<std::string>& names, const Call& call) {
  const auto& name = std::get<Name>(call.arguments.front().node).name;
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw InternalError(fmt::format("'{}' of {}() is not there", name, call.name));
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

std::string ExpressionWriter::special_call(const Call& e, const NameScope& scope) {
  std::vector<std::string> arguments;
  std::size_t first = 1;
  switch (find_special_function(e.name)->kind) {
    case SpecialKind::stream:
      arguments.push_back(fmt::format("cw_stream(f.context, {})", index_of(mechanism_.randoms, e)));
      break;
    case SpecialKind::vector:
      arguments.push_back(fmt::format("cw_list(f.context, {})", index_of(mechanism_.vectors, e)));
      break;
    case SpecialKind::pointer: {
      const Slot& slot = layout_.slots.at(std::get<Name>(e.arguments.front().node).name);
      return fmt::format("cw_pointing(f.context, {})", slot.index);
    }
    case SpecialKind::event:
      arguments.emplace_back("f.context");
      if (e.name == "net_send") arguments.emplace_back("f.x_t");
      first = 0;
      break;
    case SpecialKind::value:
      if (e.name == "at_time") {
        arguments = {"f.x_t", "f.x_dt"};
      } else if (e.name == "c_choose") {
        return fmt::format("({} ? {} : {})", condition(e.arguments[0], scope), value(e.arguments[1], scope),
                           value(e.arguments[2], scope));
      } else if (e.name != "c_truncate") {
        arguments = {"f.x_celsius"};
      }
      first = 0;
      break;
    case SpecialKind::removed:
    case SpecialKind::refused:
      throw InternalError(fmt::format("mechanism '{}' still calls '{}'", mechanism_.name, e.name));
  }
  for (std::size_t i = first; i < e.arguments.size(); ++i) arguments.push_back(value(e.arguments[i], scope));
  return fmt::format("cw_{}({})", e.name, fmt::join(arguments, ", "));
}

}  // namespace cellwright::nmodl
