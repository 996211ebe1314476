#include "nmodl/passes/slow_gates.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "nmodl/passes/known_values.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/semantics/symbols.hpp"

namespace cellwright::nmodl {
namespace {

constexpr double largest_slope = 0.001;  // 1/(ms mV)
constexpr double lowest_mv = -100, highest_mv = 50;
/// No multiple of what formulas have their singular points at.
constexpr double step_mv = 1.37;
/// Gates are the faster the warmer it is.
constexpr double warmest_celsius = 40;

/// What a block computes from known numbers.
class Numbers {
 public:
  explicit Numbers(KnownValues<double> known) : known_(std::move(known)) {}

  void run(const Block& block) {
    for (const Statement& statement : block) run(statement);
  }

  std::optional<double> of(const Expression& e) const {
    if (const auto number = literal_value(e)) return number;
    return std::visit(
        Overloaded{[&](const Name& name) { return of(name); }, [&](const Unary& unary) { return of(unary); },
                   [&](const Binary& binary) { return of(binary); }, [&](const Call& call) { return of(call); },
                   [](const auto&) { return std::optional<double>(); }},
        e.node);
  }

 private:
  std::optional<double> of(const Name& name) const { return known_value(known_, name); }

  std::optional<double> of(const Unary& unary) const {
    const auto x = of(*unary.operand);
    if (!x) return std::nullopt;
    return unary.op == UnaryOperator::negate ? -*x : static_cast<double>(*x == 0);
  }

  std::optional<double> of(const Binary& binary) const {
    const auto left = of(*binary.left), right = of(*binary.right);
    if (!left || !right) return std::nullopt;
    switch (binary.op) {
      case BinaryOperator::less:
        return *left < *right;
      case BinaryOperator::greater:
        return *left > *right;
      case BinaryOperator::less_equal:
        return *left <= *right;
      case BinaryOperator::greater_equal:
        return *left >= *right;
      case BinaryOperator::equal:
        return *left == *right;
      default:
        return value_of(binary.op, *left, *right);
    }
  }

  std::optional<double> of(const Call& call) const {
    if (call.arguments.size() != 1) return std::nullopt;
    const auto x = of(call.arguments.front());
    if (!x) return std::nullopt;
    if (call.name == "exp") return std::exp(*x);
    if (call.name == "fabs") return std::fabs(*x);
    return std::nullopt;
  }

  void run(const Statement& statement) {
    if (const auto* local = std::get_if<Local>(&statement.node)) {
      forget(known_, *local);
    } else if (const auto* assignment = std::get_if<Assignment>(&statement.node)) {
      assign(known_, assignment->target, of(assignment->value));
    } else if (const auto* branch = std::get_if<If>(&statement.node)) {
      const auto condition = of(branch->condition);
      if (!condition) return known_.clear();
      run(*condition != 0 ? branch->then : branch->otherwise);
    } else {
      known_.clear();
    }
  }

  KnownValues<double> known_;
};

/// a, b and their derivatives by v.
struct Rates {
  const Expression *a = nullptr, *b = nullptr, *da = nullptr, *db = nullptr;
};

/// Nothing if the state depends on anything else than v.
std::optional<Rates> rates_of(const DerivativeBlock& block, int state) {
  using Kind = DerivativeOutput::Kind;
  Rates rates;
  for (const DerivativeOutput& output : block.outputs) {
    const bool is_a = output.kind == Kind::rate_a;
    if (output.of != state || (!is_a && output.kind != Kind::rate_b)) continue;
    if (output.direction > 0) return std::nullopt;
    const Expression*& place = output.direction < 0 ? (is_a ? rates.a : rates.b) : (is_a ? rates.da : rates.db);
    place = &output.value;
  }
  const bool complete = rates.a != nullptr && rates.b != nullptr && rates.da != nullptr;
  return complete ? std::optional(rates) : std::nullopt;
}

/// The derivative of a - b*x by v where it is 0; nothing unless it is the rate of a gate.
std::optional<double> slope_of_rate(const Rates& rates, const Numbers& numbers) {
  const auto a = numbers.of(*rates.a), b = numbers.of(*rates.b), da = numbers.of(*rates.da);
  const auto db = rates.db != nullptr ? numbers.of(*rates.db) : 0.0;
  if (!a || !b || !da || !db || !(*b > 0)) return std::nullopt;
  const double x = *a / *b;
  if (!(x >= 0 && x <= 1 + 1e-9)) return std::nullopt;
  return *da - *db * x;
}

bool is_concentration(const MechanismDescription& mechanism, const std::string& name) {
  return std::any_of(mechanism.ions.begin(), mechanism.ions.end(), [&](const Ion& ion) {
    return std::any_of(ion.variables.begin(), ion.variables.end(), [&](const auto& part) { return part.name == name; });
  });
}

bool is_slow(const DerivativeBlock& block, const Rates& rates) {
  for (int k = 0; lowest_mv + k * step_mv <= highest_mv; ++k) {
    const double v = lowest_mv + k * step_mv;
    Numbers numbers({{"v", v}, {"celsius", warmest_celsius}});
    numbers.run(block.body);
    const auto slope = slope_of_rate(rates, numbers);
    if (!slope || !(std::fabs(*slope) <= largest_slope)) return false;
  }
  return true;
}

}  // namespace

void find_slow_gates(const MechanismDescription& mechanism, DerivativePlan& plan) {
  for (std::size_t k = 0; k < plan.states.size(); ++k) {
    const auto rates = rates_of(plan.rates, static_cast<int>(k));
    plan.states[k].slow = rates && !is_concentration(mechanism, plan.states[k].name) && is_slow(plan.rates, *rates);
  }
}

}  // namespace cellwright::nmodl
