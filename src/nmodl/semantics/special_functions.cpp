#include "nmodl/semantics/special_functions.hpp"

#include <algorithm>
#include <array>

namespace cellwright::nmodl {
namespace {

using enum SpecialKind;

constexpr std::string_view declare_random =
    "declare RANDOM r in NEURON { ... } and draw with random_uniform(r), random_negexp(r, mean) or "
    "random_normal(r, mean, deviation)";

constexpr auto table = std::to_array<SpecialFunction>({
    {"at_time", value, 1, 1, "", true},
    {"c_choose", value, 3, 3, "", true},  // C's ?:, from the pass "verbatim"
    {"erf", refused, 1, 1, "write it as a FUNCTION", true},
    {"exprand", refused, 1, 1, declare_random, true},
    {"factorial", refused, 1, 1, "write it as a FUNCTION", true},
    {"first_time", refused, 0, 0, "set a variable in INITIAL", true},
    {"gauss", refused, 3, 3, declare_random, true},
    {"ghk", value, 4, 4, "", true},
    {"net_event", event, 1, 1, "", false},
    {"net_move", event, 1, 1, "", false},
    {"net_send", event, 2, 2, "", false},
    {"nernst", value, 3, 3, "", true},
    {"normrand", refused, 2, 2, declare_random, true},
    {"nrn_ghk", refused, 4, 4, "write ghk(v, inside, outside, valence)", true},
    {"nrn_pointing", pointer, 1, 1, "", true},
    {"poisrand", refused, 1, 1, declare_random, true},
    {"poisson", refused, 1, 1, declare_random, true},
    {"printf", removed, 1, 100, "", false},
    {"prterr", removed, 1, 1, "", false},
    {"random_dpick", stream, 1, 1, "", true},
    {"random_ipick", stream, 1, 1, "", true},
    {"random_is_set", stream, 1, 1, "", true},
    {"random_negexp", stream, 1, 2, "", true},
    {"random_normal", stream, 1, 3, "", true},
    {"random_setids", stream, 4, 4, "", false},
    {"random_setseq", stream, 2, 2, "", false},
    {"random_uniform", stream, 1, 3, "", true},
    {"scop_random", refused, 0, 1, declare_random, true},
    {"set_seed", refused, 1, 1, declare_random, false},
    {"setseed", refused, 1, 1, declare_random, false},
    {"state_discontinuity", removed, 2, 2, "", false},
    {"c_net_send_at", event, 2, 2, "", false},  // NEURON's artcell_net_send
    {"c_truncate", value, 1, 1, "", true},      // C's conversion to int
    {"vector_element", SpecialKind::vector, 2, 2, "", true},
    {"vector_is_set", SpecialKind::vector, 1, 1, "", true},
    {"vector_size", SpecialKind::vector, 1, 1, "", true},
});

}  // namespace

const SpecialFunction* find_special_function(std::string_view name) {
  const auto row = std::find_if(table.begin(), table.end(), [&](const SpecialFunction& f) { return f.name == name; });
  return row == table.end() ? nullptr : &*row;
}

bool is_ordered(const SpecialFunction& function) {
  return function.kind == SpecialKind::event || function.kind == SpecialKind::stream;
}

}  // namespace cellwright::nmodl
