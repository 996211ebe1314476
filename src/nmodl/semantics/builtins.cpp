#include "cellwright/nmodl/builtins.hpp"

#include <algorithm>
#include <array>

namespace cellwright::nmodl {
namespace {

// d/dx of floor and ceil is zero almost everywhere; of fmod by x it is 1.
constexpr auto table = std::to_array<Builtin>({
    {"acos", 1, "-1/sqrt(1 - x*x)", "", "acos"},
    {"asin", 1, "1/sqrt(1 - x*x)", "", "asin"},
    {"atan", 1, "1/(1 + x*x)", "", "atan"},
    {"atan2", 2, "y/(x*x + y*y)", "-x/(x*x + y*y)", "atan2"},
    {"ceil", 1, "", "", "ceil"},
    {"cos", 1, "-sin(x)", "", "cos"},
    {"cosh", 1, "sinh(x)", "", "cosh"},
    {"exp", 1, "exp(x)", "", "exp"},
    {"fabs", 1, "x/fabs(x)", "", "fabs"},
    {"floor", 1, "", "", "floor"},
    {"fmod", 2, "1", "-(x - fmod(x, y))/y", "fmod"},
    {"log", 1, "1/x", "", "log"},
    {"log10", 1, "1/(x*2.302585092994046)", "", "log10"},
    {"pow", 2, "y*pow(x, y - 1)", "pow(x, y)*log(x)", "pow"},
    {"sin", 1, "cos(x)", "", "sin"},
    {"sinh", 1, "cosh(x)", "", "sinh"},
    {"sqrt", 1, "0.5/sqrt(x)", "", "sqrt"},
    {"tan", 1, "1 + tan(x)*tan(x)", "", "tan"},
    {"tanh", 1, "1 - tanh(x)*tanh(x)", "", "tanh"},
});
static_assert(std::is_sorted(table.begin(), table.end(),
                             [](const Builtin& a, const Builtin& b) { return a.spelling < b.spelling; }));

}  // namespace

std::span<const Builtin> builtins() { return table; }

const Builtin* find_builtin(std::string_view spelling) {
  const auto row = std::find_if(table.begin(), table.end(), [&](const Builtin& b) { return b.spelling == spelling; });
  return row == table.end() ? nullptr : &*row;
}

}  // namespace cellwright::nmodl
