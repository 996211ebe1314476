// How fast algorithms find low sums of scores, on test functions and on cells:
//
//   optimiser_quality ALGORITHM OFFSPRING PROBLEM EVALUATIONS LAST_SEED [FIRST_SEED]
//   optimiser_quality serve PROBLEM
//
// ALGORITHM is a name of the registry; PROBLEM a test function below or the path of a cell file. Prints one line a
// seed: the evaluations after which the best sum of scores fell, and that sum, as JSON; and of cells "found", the
// evaluation of the first individual whose scores are all at most 1 and sum up to a tenth at most of the best of 100
// random ones (the README's criterion), null if there is none. `serve` evaluates for other programs: it prints the bounds
// and the number of objectives, then answers each line, a JSON array of individuals, with the array of their scores.
#include "cellwright/optimise/algorithm_registry.hpp"
#include "cellwright/run/cell_evaluator.hpp"
#include "cellwright/run/problem.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <numbers>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace {

using namespace cellwright;
using namespace cellwright::optimise;
using Scores = std::vector<double>;
using Values = std::span<const double>;

constexpr double pi = std::numbers::pi;

/// A fixed number in [-1, 1) for two indices: test functions need constants without a pattern, the same everywhere.
double scatter(std::size_t i, std::size_t k) {
  const double x = std::sin(12.9898 * static_cast<double>(i + 1) + 78.233 * static_cast<double>(k + 1)) * 43758.5453;
  return 2 * (x - std::floor(x)) - 1;
}

/// The constants of the test functions, computed once: [parameter, objective] in [-1, 1), and where the optimum lies,
/// away from the middle.
struct Constants {
  Table<double> factors = Table<double>(20, 35);
  std::vector<double> optimum = std::vector<double>(20);

  Constants() {
    for (std::size_t i = 0; i < 20; ++i) {
      for (std::size_t k = 0; k < 35; ++k) factors(i, k) = scatter(i, k);
      optimum[i] = 0.6 * scatter(i, 99);
    }
  }
};

/// |linear combination - wanted| in units of a deviation, as features are scored.
Scores features(const Constants& c, Values v, double curvature) {
  Scores scores;
  for (std::size_t k = 0; k < 35; ++k) {
    double sum = 0;
    for (std::size_t i = 0; i < v.size(); ++i) {
      const double d = v[i] - c.optimum[i];
      sum += c.factors(i, k) * (d + curvature * d * d * d);
    }
    scores.push_back(5 * std::abs(sum));
  }
  return scores;
}

/// As features, but a model that is far off does not even fire: the score of failure.
Scores failing_features(const Constants& c, Values v) {
  Scores scores = features(c, v, 0.5);
  for (std::size_t k = 0; k < scores.size(); ++k)
    if (scores[k] > 12) scores[k] = 250;
  return scores;
}

Scores coarse_features(const Constants& c, Values v) {
  Scores scores = features(c, v, 0.0);
  for (double& score : scores) score = std::floor(2 * score) / 2;
  return scores;
}

Scores sphere(const Constants& c, Values v) {
  Scores scores;
  for (std::size_t i = 0; i < v.size(); ++i) scores.push_back(20 * (v[i] - c.optimum[i]) * (v[i] - c.optimum[i]));
  return scores;
}

Scores ellipsoid(const Constants& c, Values v) {
  Scores scores;
  const std::size_t n = v.size();
  for (std::size_t k = 0; k < n; ++k) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += (c.factors(i, k) + (i == k ? 2.0 : 0.0)) * (v[i] - c.optimum[i]);
    scores.push_back(std::pow(10.0, 3.0 * static_cast<double>(k) / static_cast<double>(n - 1)) * sum * sum);
  }
  return scores;
}

Scores rosenbrock(const Constants& c, Values v) {
  Scores scores;
  for (std::size_t i = 0; i + 1 < v.size(); ++i) {
    const double x = 1 + v[i] - c.optimum[i];
    const double y = 1 + v[i + 1] - c.optimum[i + 1];
    scores.push_back(100 * (y - x * x) * (y - x * x) + (1 - x) * (1 - x));
  }
  return scores;
}

Scores rastrigin(const Constants& c, Values v) {
  Scores scores;
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double d = 3 * (v[i] - c.optimum[i]);
    scores.push_back(d * d + 2 * (1 - std::cos(2 * pi * d)));
  }
  return scores;
}

Scores zdt1(Values v) {
  double g = 0;
  for (std::size_t i = 1; i < v.size(); ++i) g += (v[i] + 1) / 2;
  g = 1 + 9 * g / static_cast<double>(v.size() - 1);
  const double f = (v[0] + 1) / 2;
  return {f, g * (1 - std::sqrt(f / g))};
}

Scores dtlz(Values v, bool many_fronts) {
  constexpr std::size_t m = 5;
  double g = 0;
  for (std::size_t i = m - 1; i < v.size(); ++i) {
    const double d = (v[i] + 1) / 2 - 0.5;
    g += many_fronts ? 1 + d * d - std::cos(8 * pi * d) : d * d;
  }
  Scores scores;
  for (std::size_t k = 0; k < m; ++k) {
    double f = 1 + g;
    for (std::size_t i = 0; i + k + 1 < m; ++i) f *= std::cos((v[i] + 1) / 4 * pi);
    if (k > 0) f *= std::sin((v[m - k - 1] + 1) / 4 * pi);
    scores.push_back(f);
  }
  return scores;
}

IndividualFunction test_function(const std::string& name) {
  const auto c = std::make_shared<const Constants>();
  if (name == "features") return [c](Values v) { return features(*c, v, 0.0); };
  if (name == "bent_features") return [c](Values v) { return features(*c, v, 2.0); };
  if (name == "zdt1") return zdt1;
  if (name == "dtlz2") return [](Values v) { return dtlz(v, false); };
  if (name == "dtlz3") return [](Values v) { return dtlz(v, true); };
  using Function = Scores (*)(const Constants&, Values);
  const std::map<std::string, Function> functions{{"failing_features", failing_features},
                                                  {"coarse_features", coarse_features},
                                                  {"sphere", sphere},
                                                  {"ellipsoid", ellipsoid},
                                                  {"rosenbrock", rosenbrock},
                                                  {"rastrigin", rastrigin}};
  const auto found = functions.find(name);
  if (found == functions.end()) return {};
  return [c, function = found->second](Values v) { return function(*c, v); };
}

std::shared_ptr<Evaluator> make_problem(const std::string& name) {
  const IndividualFunction function = test_function(name);
  if (!function) return run::make_cell_evaluator(run::load_problem(name), 1);
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < 20; ++i) parameters.emplace_back(fmt::format("p{}", i), -1.0, 1.0);
  const Scores scores = function(std::vector<double>(20, 0.1));
  std::vector<std::string> names;
  for (std::size_t k = 0; k < scores.size(); ++k) names.push_back(fmt::format("f{}", k));
  return make_evaluator(std::move(parameters), std::move(names), function);
}

/// The best sum of scores of the 100 random individuals with which IBEA begins.
double best_random_sum(Evaluator& evaluator, std::int64_t seed) {
  const auto algorithm =
      make_algorithm("ibea", evaluator.parameters(), evaluator.objectives(), {.seed = seed, .offspring_size = 100});
  const ObjectiveTable scores = evaluator.evaluate(algorithm->ask());
  double best = INFINITY;
  for (std::size_t i = 0; i < scores.values.rows(); ++i)
    best = std::min(best, sum_left_to_right(scores.values.row(i)));
  return best;
}

std::string curve(Evaluator& evaluator, const std::string& name, std::int64_t seed, std::size_t offspring,
                  std::int64_t evaluations) {
  const auto algorithm =
      make_algorithm(name, evaluator.parameters(), evaluator.objectives(), {.seed = seed, .offspring_size = offspring});
  const double good_sum = best_random_sum(evaluator, seed) / 10;
  double best = INFINITY;
  std::string found = "null";
  std::string points;
  while (algorithm->state().evaluations < evaluations && algorithm->finished().empty()) {
    const EvaluatedBatch& batch = algorithm->tell(evaluator.evaluate(algorithm->ask()));
    for (std::size_t i = 0; i < batch.objectives.values.rows(); ++i) {
      const std::span<const double> scores = batch.objectives.values.row(i);
      const double sum = sum_left_to_right(scores);
      const std::int64_t evaluation = batch.first_id + static_cast<std::int64_t>(i);
      if (found == "null" && sum <= good_sum && std::ranges::max(scores) <= 1) found = fmt::format("{}", evaluation);
      if (!(sum < best)) continue;
      best = sum;
      points += fmt::format("{}[{}, {:.6g}]", points.empty() ? "" : ", ", evaluation, sum);
    }
  }
  return fmt::format(R"({{"algorithm": "{}", "offspring": {}, "seed": {}, "evaluations": {}, "found": {}, "curve": [{}]}})",
                     name, offspring, seed, algorithm->state().evaluations, found, points);
}

int serve(Evaluator& evaluator) {
  nlohmann::json lower, upper;
  for (const Parameter& parameter : evaluator.parameters()) {
    lower.push_back(parameter.bounds()->lower);
    upper.push_back(parameter.bounds()->upper);
  }
  std::cout << nlohmann::json{{"lower", lower}, {"upper", upper}, {"objectives", evaluator.objectives().size()}}
            << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    const auto individuals = nlohmann::json::parse(line).get<std::vector<std::vector<double>>>();
    Table<double> parameters(individuals.size(), lower.size());
    for (std::size_t i = 0; i < individuals.size(); ++i) std::ranges::copy(individuals[i], parameters.row(i).begin());
    const ObjectiveTable scores = evaluator.evaluate(std::as_const(parameters).view());
    nlohmann::json rows = nlohmann::json::array();
    for (std::size_t i = 0; i < individuals.size(); ++i)
      rows.push_back(std::vector<double>(scores.values.row(i).begin(), scores.values.row(i).end()));
    std::cout << rows << std::endl;
  }
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const bool serves = count == 3 && std::string(words[1]) == "serve";
  if (!serves && count != 6 && count != 7) {
    std::cerr << "optimiser_quality ALGORITHM OFFSPRING PROBLEM EVALUATIONS LAST_SEED [FIRST_SEED]\n"
                 "optimiser_quality serve PROBLEM\n";
    return 2;
  }
  try {
    const std::shared_ptr<Evaluator> evaluator = make_problem(words[serves ? 2 : 3]);
    if (serves) return serve(*evaluator);
    for (std::int64_t seed = count == 7 ? std::stoll(words[6]) : 1; seed <= std::stoll(words[5]); ++seed)
      std::cout << curve(*evaluator, words[1], seed, std::stoul(words[2]), std::stoll(words[4])) << std::endl;
  } catch (const std::exception& error) {
    std::cerr << "optimiser_quality: " << error.what() << '\n';
    return 1;
  }
}
