#include "cellwright/optimise/stopping_criteria.hpp"

#include "cellwright/base/error.hpp"
#include "cellwright/numeric/statistics.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace cellwright::optimise {
namespace {

[[noreturn]] void refuse_memory(const std::string& name, std::size_t length) {
  throw CheckpointError(
      Diagnostic{.code = "checkpoint-state",
                 .message = fmt::format("the stopping criterion {} cannot have a memory of {} numbers", name, length)});
}

/// Python's values[begin:end] for negative begin and end.
std::span<const double> slice_from_end(std::span<const double> values, std::size_t begin, std::size_t end) {
  const std::size_t n = values.size();
  const std::size_t first = n - std::min(n, begin);
  const std::size_t last = n - std::min(n, end);
  return values.subspan(first, last > first ? last - first : 0);
}

std::vector<double> sorted(std::span<const double> values) {
  std::vector<double> result(values.begin(), values.end());
  std::sort(result.begin(), result.end());
  return result;
}

void append_bounded(std::vector<double>& values, double value, std::size_t length) {
  values.push_back(value);
  if (values.size() > length) values.erase(values.begin());
}

/// After how many generations a run may count as stagnant.
double stagnation_generations(int gen, std::size_t lambda, std::size_t problem_size) {
  return std::ceil(0.2 * gen + 120 + 30.0 * static_cast<double>(problem_size) / static_cast<double>(lambda));
}

bool nearly_equal(double a, double b, double relative) {
  return std::abs(a - b) <= relative * std::max(std::abs(a), std::abs(b));
}

}  // namespace

void StoppingCriteria::restore(std::span<const double> memory) {
  if (!memory.empty()) refuse_memory(name(), memory.size());
}

void MaxNGen::check(const StoppingParameters& parameters) {
  if (static_cast<double>(parameters.gen) > max_ngen_) criteria_met = true;
}

void Stagnation::check(const StoppingParameters& parameters) {
  const std::vector<double> fitness = sorted(parameters.fitness);
  if (static_cast<double>(best_.size()) < parameters.gen) {
    best_.push_back(fitness.front());
    // Python's round() takes the even neighbour of a half.
    const double middle = std::nearbyint(static_cast<double>(fitness.size()) / 2.0);
    median_.push_back(fitness[std::min(static_cast<std::size_t>(middle), fitness.size() - 1)]);
  }
  const double generations = stagnation_generations(parameters.gen, lambda_, problem_size_);
  if (!(static_cast<double>(best_.size()) > generations)) return;
  const auto k = static_cast<std::size_t>(generations);
  const auto not_better = [&](const std::vector<double>& course) {
    return numeric::median(slice_from_end(course, 20, 0)) >= numeric::median(slice_from_end(course, k, k - 20));
  };
  if (not_better(best_) && not_better(median_)) criteria_met = true;
}

std::vector<double> Stagnation::memory() const {
  std::vector<double> memory = best_;
  memory.insert(memory.end(), median_.begin(), median_.end());
  return memory;
}

void Stagnation::restore(std::span<const double> memory) {
  if (memory.size() % 2 != 0) refuse_memory(name(), memory.size());
  const std::size_t half = memory.size() / 2;
  best_.assign(memory.begin(), memory.begin() + static_cast<std::ptrdiff_t>(half));
  median_.assign(memory.begin() + static_cast<std::ptrdiff_t>(half), memory.end());
}

void Stagnationv2::check(const StoppingParameters& parameters) {
  constexpr std::size_t remembered = 120;
  if (static_cast<double>(generations_) < parameters.gen) {
    ++generations_;
    append_bounded(best_, numeric::minimum(parameters.fitness), remembered);
  }
  const std::span<const double> recent = slice_from_end(best_, 20, 0);
  const bool long_enough =
      static_cast<double>(generations_) > stagnation_generations(parameters.gen, lambda_, problem_size_);
  const bool not_better = numeric::median(recent) * (1 + threshold_) > numeric::median(slice_from_end(best_, 120, 100));
  const bool quiet = numeric::standard_deviation(recent) < std_threshold_ * best_.back();
  if (long_enough && not_better && quiet) criteria_met = true;
}

std::vector<double> Stagnationv2::memory() const {
  std::vector<double> memory{static_cast<double>(generations_)};
  memory.insert(memory.end(), best_.begin(), best_.end());
  return memory;
}

void Stagnationv2::restore(std::span<const double> memory) {
  if (memory.empty() || memory.size() > 121 || !(memory[0] >= 0 && memory[0] < 1e9))
    refuse_memory(name(), memory.size());
  generations_ = static_cast<std::size_t>(memory[0]);
  best_.assign(memory.begin() + 1, memory.end());
}

TolHistFun::TolHistFun(std::size_t lambda, std::size_t problem_size)
    : length_(10 + static_cast<std::size_t>(
                       std::ceil(30.0 * static_cast<double>(problem_size) / static_cast<double>(lambda)))) {}

void TolHistFun::check(const StoppingParameters& parameters) {
  append_bounded(mins_, numeric::minimum(parameters.fitness), length_);
  if (mins_.size() == length_ && numeric::maximum(mins_) - numeric::minimum(mins_) < 1e-12) criteria_met = true;
}

void TolHistFun::restore(std::span<const double> memory) {
  if (memory.size() > length_) refuse_memory(name(), memory.size());
  mins_.assign(memory.begin(), memory.end());
}

EqualFunVals::EqualFunVals(std::size_t lambda, std::size_t problem_size)
    : problem_size_(problem_size), k_(static_cast<std::size_t>(std::ceil(0.1 + static_cast<double>(lambda) / 4.0))) {}

void EqualFunVals::check(const StoppingParameters& parameters) {
  const std::vector<double> fitness = sorted(parameters.fitness);
  const double kth = fitness[fitness.size() - std::min(k_, fitness.size())];
  append_bounded(equal_, nearly_equal(fitness.front(), kth, 1e-6) ? 1.0 : 0.0, problem_size_);
  const double count = numeric::python_sum(equal_);
  if (parameters.gen > static_cast<int>(problem_size_) && count > static_cast<double>(problem_size_) / 3.0)
    criteria_met = true;
}

void EqualFunVals::restore(std::span<const double> memory) {
  if (memory.size() > problem_size_) refuse_memory(name(), memory.size());
  equal_.assign(memory.begin(), memory.end());
}

void TolX::check(const StoppingParameters& parameters) {
  constexpr double tolerance = 1e-12;
  for (std::size_t i = 0; i < parameters.pc.size(); ++i)
    if (!(parameters.pc[i] < tolerance && std::sqrt((*parameters.C)(i, i)) < tolerance)) return;
  criteria_met = true;
}

void TolUpSigma::check(const StoppingParameters& parameters) {
  const double largest = parameters.diagD.back();
  if (parameters.sigma / sigma0_ > largest * largest * 1e20) criteria_met = true;
}

void ConditionCov::check(const StoppingParameters& parameters) {
  if (parameters.cond > 1e14) criteria_met = true;
}

void NoEffectAxis::check(const StoppingParameters& parameters) {
  const std::size_t k = static_cast<std::size_t>(parameters.gen) % problem_size_;
  const std::size_t axis = k == 0 ? 0 : problem_size_ - k;
  for (std::size_t i = 0; i < problem_size_; ++i) {
    const double moved =
        parameters.centroid[i] + 0.1 * parameters.sigma * parameters.diagD[axis] * (*parameters.B)(axis, i);
    if (parameters.centroid[i] != moved) return;
  }
  criteria_met = true;
}

void NoEffectCoor::check(const StoppingParameters& parameters) {
  for (std::size_t i = 0; i < parameters.centroid.size(); ++i) {
    const double moved = parameters.centroid[i] + 0.2 * parameters.sigma * (*parameters.C)(i, i);
    if (parameters.centroid[i] == moved) criteria_met = true;
  }
}

}  // namespace cellwright::optimise
