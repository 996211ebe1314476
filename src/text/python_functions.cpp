#include "text/python_functions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>

namespace cellwright::text {
namespace {

using Arguments = std::span<const PythonValue>;

template <double (*function)(double)>
PythonValue real(Arguments a) {
  return {function(a[0].number), false};
}
template <double (*function)(double, double)>
PythonValue real2(Arguments a) {
  return {function(a[0].number, a[1].number), false};
}
template <double (*function)(double)>
PythonValue whole(Arguments a) {
  return {function(a[0].number), true};
}

/// Python rounds halves to even.
double round_half_even(double x) { return std::nearbyint(x); }
double degrees(double x) { return x * (180.0 / std::numbers::pi); }
double radians(double x) { return x * (std::numbers::pi / 180.0); }

PythonValue logarithm(Arguments a) {
  const double numerator = std::log(a[0].number);
  return {a.size() == 1 ? numerator : numerator / std::log(a[1].number), false};
}

PythonValue extreme(Arguments a, bool largest) {
  PythonValue best = a[0];
  for (const PythonValue& value : a.subspan(1)) {
    if (largest ? value.number > best.number : value.number < best.number) best = value;
  }
  return best;
}

constexpr std::size_t any = std::numeric_limits<std::size_t>::max();

const std::array functions = std::to_array<PythonFunction>({
    {"abs", 1, 1,
     [](Arguments a) {
       return PythonValue{std::fabs(a[0].number), a[0].integer};
     }},
    {"bool", 1, 1,
     [](Arguments a) {
       return PythonValue{a[0].number != 0 ? 1.0 : 0.0, true};
     }},
    {"float", 1, 1,
     [](Arguments a) {
       return PythonValue{a[0].number, false};
     }},
    {"int", 1, 1, whole<std::trunc>},
    {"max", 2, any, [](Arguments a) { return extreme(a, true); }},
    {"min", 2, any, [](Arguments a) { return extreme(a, false); }},
    {"pow", 2, 2, [](Arguments a) { return python_power(a[0], a[1]); }},
    {"round", 1, 1, whole<round_half_even>},
    {"math.acos", 1, 1, real<std::acos>},
    {"math.acosh", 1, 1, real<std::acosh>},
    {"math.asin", 1, 1, real<std::asin>},
    {"math.asinh", 1, 1, real<std::asinh>},
    {"math.atan", 1, 1, real<std::atan>},
    {"math.atan2", 2, 2, real2<std::atan2>},
    {"math.atanh", 1, 1, real<std::atanh>},
    {"math.ceil", 1, 1, whole<std::ceil>},
    {"math.copysign", 2, 2, real2<std::copysign>},
    {"math.cos", 1, 1, real<std::cos>},
    {"math.cosh", 1, 1, real<std::cosh>},
    {"math.degrees", 1, 1, real<degrees>},
    {"math.erf", 1, 1, real<std::erf>},
    {"math.erfc", 1, 1, real<std::erfc>},
    {"math.exp", 1, 1, real<std::exp>},
    {"math.expm1", 1, 1, real<std::expm1>},
    {"math.fabs", 1, 1, real<std::fabs>},
    {"math.floor", 1, 1, whole<std::floor>},
    {"math.fmod", 2, 2, real2<std::fmod>},
    {"math.gamma", 1, 1, real<std::tgamma>},
    {"math.hypot", 2, 2, real2<std::hypot>},
    {"math.lgamma", 1, 1, real<std::lgamma>},
    {"math.log", 1, 2, logarithm},
    {"math.log10", 1, 1, real<std::log10>},
    {"math.log1p", 1, 1, real<std::log1p>},
    {"math.log2", 1, 1, real<std::log2>},
    {"math.pow", 2, 2, real2<std::pow>},
    {"math.radians", 1, 1, real<radians>},
    {"math.sin", 1, 1, real<std::sin>},
    {"math.sinh", 1, 1, real<std::sinh>},
    {"math.sqrt", 1, 1, real<std::sqrt>},
    {"math.tan", 1, 1, real<std::tan>},
    {"math.tanh", 1, 1, real<std::tanh>},
    {"math.trunc", 1, 1, whole<std::trunc>},
});

struct Constant {
  std::string_view name;
  PythonValue value;
};

const std::array constants = std::to_array<Constant>({
    {"True", {1, true}},
    {"False", {0, true}},
    {"math.e", {std::numbers::e, false}},
    {"math.inf", {std::numeric_limits<double>::infinity(), false}},
    {"math.nan", {std::numeric_limits<double>::quiet_NaN(), false}},
    {"math.pi", {std::numbers::pi, false}},
    {"math.tau", {2 * std::numbers::pi, false}},
});

bool all_finite(Arguments arguments) {
  return std::all_of(arguments.begin(), arguments.end(), [](const PythonValue& v) { return std::isfinite(v.number); });
}

}  // namespace

const PythonFunction* find_python_function(std::string_view name) {
  const auto found =
      std::find_if(functions.begin(), functions.end(), [&](const PythonFunction& f) { return f.name == name; });
  return found == functions.end() ? nullptr : &*found;
}

std::optional<PythonValue> find_python_constant(std::string_view name) {
  const auto found =
      std::find_if(constants.begin(), constants.end(), [&](const Constant& c) { return c.name == name; });
  return found == constants.end() ? std::nullopt : std::optional(found->value);
}

std::vector<std::string> python_names() {
  std::vector<std::string> names;
  for (const PythonFunction& function : functions) names.emplace_back(function.name);
  for (const Constant& constant : constants) names.emplace_back(constant.name);
  return names;
}

PythonValue call_python_function(const PythonFunction& function, std::span<const PythonValue> arguments) {
  const PythonValue result = function.call(arguments);
  if (std::isfinite(result.number) || !all_finite(arguments)) return result;
  throw PythonValueError{
      fmt::format("{}: {}", function.name, std::isnan(result.number) ? "math domain error" : "math range error")};
}

PythonValue python_power(PythonValue a, PythonValue b) {
  if (a.number == 0 && b.number < 0) throw PythonValueError{"0 cannot be raised to a negative power"};
  if (a.number < 0 && b.number != std::trunc(b.number)) throw PythonValueError{"the power is a complex number"};
  const double result = std::pow(a.number, b.number);
  if (std::isinf(result) && std::isfinite(a.number) && std::isfinite(b.number))
    throw PythonValueError{"the power is too large"};
  return {result, a.integer && b.integer && b.number >= 0};
}

}  // namespace cellwright::text
