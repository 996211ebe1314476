#include "nmodl/passes/pass.hpp"

#include <array>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "nmodl/semantics/checker.hpp"
#include "nmodl/semantics/oversights.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

constexpr auto table = std::to_array<Pass>({
    {"include", "", "whole", include_pass},
    {"define", "whole", "numbers", define_pass},
    {"verbatim", "numbers", "nmodl-only", verbatim_pass},
    {"check", "numbers nmodl-only", "symbols", check_pass},
    {"tidy", "symbols", "plain", tidy_pass},
    {"fold", "", "", fold_pass},
    {"locals", "symbols", "unique-names", locals_pass},
    {"methods", "symbols plain", "methods", methods_pass},
    {"unroll", "unique-names methods", "no-loops", unroll_pass},
    {"equations", "symbols plain unique-names no-loops", "equations", equations_pass},
    {"kinetic", "unique-names no-loops", "no-reactions", kinetic_pass},
    {"linear", "unique-names no-loops", "no-tilde", linear_pass},
    {"implicit", "unique-names no-loops methods equations", "", implicit_pass},
    {"solve", "symbols plain unique-names methods equations", "lowered", solve_pass},
});

std::set<std::string> words(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::set<std::string> result;
  for (std::string word; stream >> word;) result.insert(word);
  return result;
}

}  // namespace

std::span<const Pass> passes() { return table; }

void run_passes(PassContext& context, const DumpCallback& dump) { run_passes(context, table, dump); }

void run_passes(PassContext& context, std::span<const Pass> chosen, const DumpCallback& dump) {
  std::set<std::string> facts;
  for (const Pass& pass : chosen) {
    for (const std::string& need : words(pass.needs)) {
      if (!facts.contains(need)) throw InternalError(fmt::format("pass '{}' needs '{}' first", pass.name, need));
    }
    pass.run(context);
    context.diagnostics.throw_if_errors<NmodlError>();
    facts.merge(words(pass.gives));
    if (dump) dump(std::string(pass.name), print_nmodl(context.module));
  }
}

void check_pass(PassContext& context) {
  context.symbols = collect_symbols(context.module, context.reporter);
  check_blocks(context.module, context.symbols, context.reporter);
  if (!context.diagnostics.has_errors()) check_oversights(context.module, context.symbols, context.reporter);
  if (!context.diagnostics.has_errors()) check_support(context.module, context.symbols, context.reporter);
}

}  // namespace cellwright::nmodl
