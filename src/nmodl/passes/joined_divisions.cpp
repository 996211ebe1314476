#include "nmodl/passes/joined_divisions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "nmodl/passes/fractions.hpp"
#include "nmodl/passes/usual_exponentials.hpp"

namespace cellwright::nmodl {
namespace {

/// Of one set; each makes a product more for each variable.
constexpr std::size_t most_divisors = 3;
/// Of the product of all divisors and of what is divided by it: what a float can hold, with room.
constexpr double largest_product = 1e33, largest_numerator = 1e37, smallest_product = 1e-35;
/// What a divisor that vanishes at a singular point is at least beside it.
constexpr double singular = 1e-7;

class Joiner {
 public:
  explicit Joiner(Flattener& names) : finder_(names) {}

  std::optional<Block> run(const Block& flat, const std::vector<std::set<std::string>>& together) {
    for (const Statement& statement : flat) finder_.visit(statement);
    values_ = usual_values(finder_.block());
    bool found = false;
    for (const std::set<std::string>& variables : together) found = join(variables) || found;
    return found ? std::optional(finder_.take()) : std::nullopt;
  }

 private:
  bool join(const std::set<std::string>& variables) {
    std::vector<std::pair<std::string, Fraction>> fractions;
    Factors divisors;
    for (const std::string& variable : variables) {
      Fraction fraction = finder_.of(make_name(variable));
      if (fraction.below.empty()) continue;
      divisors = least_multiple(divisors, fraction.below);
      fractions.emplace_back(variable, std::move(fraction));
    }
    if (divisors.size() < 2 || divisors.size() > most_divisors) return false;
    double too_large = largest_of(divisors) / largest_product;
    for (const auto& [variable, fraction] : fractions) {
      const double numerator = std::abs(fraction.coefficient) * largest_of(fraction.top) * largest_of(fraction.above) *
                               largest_of(without(divisors, fraction.below));
      too_large = std::max(too_large, numerator / largest_numerator);
    }
    if (!std::isfinite(too_large)) return false;
    const double scale = std::exp2(-std::ceil(std::max(0.0, std::log2(too_large))));
    if (!(smallest_of(divisors) * scale >= smallest_product)) return false;
    const std::string per =
        finder_.declare("joined", make_quotient(make_number(1), times(make_number(scale), divisors)));
    for (const auto& [variable, fraction] : fractions) {
      // The numerator is ready when the division is.
      Expression numerator = times(make_number(scale * fraction.coefficient), without(divisors, fraction.below));
      numerator = make_product(times(std::move(numerator), fraction.above), fraction.top);
      finder_.append({Assignment{Name{variable, {}}, {}, make_product(std::move(numerator), make_name(per))}, {}});
    }
    return true;
  }

  /// Infinite where it is not known.
  double largest_of(const std::string& variable) const {
    const auto found = values_.find(variable);
    if (found == values_.end()) return std::numeric_limits<double>::infinity();
    return std::max(std::abs(found->second.low), std::abs(found->second.high));
  }
  double largest_of(const Factors& factors) const {
    double product = 1;
    for (const std::string& factor : factors) product *= largest_of(factor);
    return product;
  }
  double largest_of(const Expression& top) const {
    if (is_one(top)) return 1;
    const auto* name = std::get_if<Name>(&top.node);
    return name != nullptr ? largest_of(name->name) : std::numeric_limits<double>::infinity();
  }
  double smallest_of(const Factors& factors) const {
    double product = 1;
    for (const std::string& factor : factors) {
      const Interval& value = values_.at(factor);
      const bool passes_zero = value.low <= 0 && value.high >= 0;
      product *= passes_zero ? singular : std::min(std::abs(value.low), std::abs(value.high));
    }
    return product;
  }

  FractionFinder finder_;
  std::map<std::string, Interval> values_;
};

}  // namespace

std::optional<Block> with_joined_divisions(const Block& flat, const std::vector<std::set<std::string>>& together,
                                           Flattener& names) {
  return Joiner(names).run(flat, together);
}

}  // namespace cellwright::nmodl
