#include "cellwright/morphology/modifiers.hpp"

#include <algorithm>
#include <mutex>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cellwright/morphology/transform.hpp"

namespace cellwright::morphology {
namespace {

[[noreturn]] void fail(std::string message, std::string fix) {
  throw MorphologyError(
      Diagnostic{.code = "morphology-modifier", .message = std::move(message), .fix = std::move(fix)});
}

double number_of(const ModifierArguments& arguments, const std::string& name, double otherwise) {
  const auto found = arguments.find(name);
  return found == arguments.end() ? otherwise : found->second;
}

Modifier replace_axon_modifier() {
  return {.change =
              [](const Morphology& cell, const ModifierArguments& arguments) {
                return replace_axon(cell, number_of(arguments, "axon_stub_length", 60),
                                    number_of(arguments, "axon_nseg_frequency", 40));
              },
          .argument_names = {"axon_stub_length", "axon_nseg_frequency"}};
}

/// The modifiers of the process: a name in a file must mean something wherever the file is read.
class Registry {
 public:
  static Registry& of_process() {
    static Registry registry;
    return registry;
  }

  bool add(const std::string& name, Modifier modifier) {
    const std::lock_guard lock(mutex_);
    return modifiers_.try_emplace(name, std::move(modifier)).second;
  }

  std::vector<std::string> names() {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> result;
    for (const auto& [name, modifier] : modifiers_) result.push_back(name);
    return result;
  }

  /// A copy: the caller runs it without the lock.
  Modifier find(const std::string& name) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = modifiers_.find(name);
      if (found != modifiers_.end()) return found->second;
    }
    const std::vector<std::string> known = names();
    const std::string near = nearest_name(name, known);
    fail(fmt::format("there is no morph_modifier '{}'", name),
         near.empty() ? fmt::format("known: {}", fmt::join(known, ", ")) : fmt::format("did you mean '{}'?", near));
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Modifier> modifiers_ = {{"replace_axon", replace_axon_modifier()}};
};

Modifier find_checked(const std::string& name, const ModifierArguments& arguments) {
  Modifier modifier = Registry::of_process().find(name);
  const std::vector<std::string>& known = modifier.argument_names;
  for (const auto& [argument, value] : arguments) {
    if (std::ranges::count(known, argument) > 0) continue;
    const std::string near = nearest_name(argument, known);
    fail(fmt::format("the morph_modifier '{}' takes no argument '{}'", name, argument),
         near.empty() ? fmt::format("it takes: {}", known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", ")))
                      : fmt::format("did you mean '{}'?", near));
  }
  return modifier;
}

}  // namespace

void add_modifier(const std::string& name, Modifier modifier) {
  if (name.empty() || !modifier.change) fail("a morph_modifier needs a name and a function", "give both");
  if (Registry::of_process().add(name, std::move(modifier))) return;
  fail(fmt::format("there is a morph_modifier '{}' already", name), "choose another name");
}

std::vector<std::string> modifier_names() { return Registry::of_process().names(); }

void check_modifier(const std::string& name, const ModifierArguments& arguments) { find_checked(name, arguments); }

Morphology modify(const Morphology& cell, const std::string& name, const ModifierArguments& arguments) {
  return find_checked(name, arguments).change(cell, arguments);
}

}  // namespace cellwright::morphology
