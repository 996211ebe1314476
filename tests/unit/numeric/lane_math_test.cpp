#include "cellwright/numeric/lane_math.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "cellwright/base/file.hpp"
#include "unit/numeric/lane_math_kernels.hpp"

namespace cellwright::numeric {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// ---- the reference: long double, whose 64-bit mantissa makes its own error negligible ----

long double flushed_exp(long double x, long double smallest) { return x < smallest ? 0.0L : std::exp(x); }

long double exprelr(long double x) {
  if (x == 0) return 1;
  if (std::isinf(x)) return x > 0 ? 0.0L : static_cast<long double>(infinity);
  return x / std::expm1(x);
}

long double within_trig_range(long double x, long double value) { return std::fabs(x) <= 1e6L ? value : not_a_number; }

struct Function {
  const char* name;
  double limit;        // documented error, double
  double limit_float;  // documented error, float
  double low;          // the range of arguments to sample densely
  double high;
  std::function<long double(long double)> reference;
  std::function<long double(long double)> reference_float = reference;
};

Function exponential(const char* name, double limit) {
  using Real = long double;
  return {name,
          limit,
          4.5,
          -750,
          712,
          [](Real x) { return flushed_exp(x, -708.39); },
          [](Real x) { return flushed_exp(x, static_cast<float>(-87.33)); }};
}

std::vector<Function> functions() {
  using Real = long double;
  return {
      exponential("exp", 1.1),
      exponential("exp_15", 800),
      exponential("exp_10", 470'000),
      {"expm1", 1.25, 1.05, -60, 712, [](Real x) { return std::expm1(x); }},
      {"log", 1.0, 1.0, 0, 4, [](Real x) { return std::log(x); }},
      {"log10", 0.75, 0.51, 0, 4, [](Real x) { return std::log10(x); }},
      {"sqrt", 0.501, 0.501, 0, 4, [](Real x) { return std::sqrt(x); }},
      {"sinh", 2.5, 0.51, -712, 712, [](Real x) { return std::sinh(x); }},
      {"cosh", 1.25, 0.51, -712, 712, [](Real x) { return std::cosh(x); }},
      {"tanh", 2.6, 0.51, -25, 25, [](Real x) { return std::tanh(x); }},
      {"sin", 0.85, 0.51, -1e6, 1e6, [](Real x) { return within_trig_range(x, std::sin(x)); }},
      {"cos", 0.85, 0.51, -1e6, 1e6, [](Real x) { return within_trig_range(x, std::cos(x)); }},
      {"floor", 0, 0, -100, 100, [](Real x) { return std::floor(x); }},
      {"fabs", 0, 0, -100, 100, [](Real x) { return std::fabs(x); }},
      {"exprelr", 3.25, 3.0, -60, 760, exprelr},
  };
}

/// |got - want| in units of the last place of want, with an unbounded exponent above and denormal numbers below.
template <class Real>
double error_in_ulp(Real got, long double want) {
  using Limits = std::numeric_limits<Real>;
  if (std::isnan(want)) return std::isnan(got) ? 0 : infinity;
  if (std::isnan(got)) return infinity;
  if (got == static_cast<Real>(want) && (std::isinf(got) || got == 0)) {
    return std::signbit(got) == std::signbit(want) ? 0 : infinity;
  }
  const auto beyond = std::copysign(std::ldexp(1.0L, Limits::max_exponent), static_cast<long double>(got));
  const long double seen = std::isinf(got) ? beyond : static_cast<long double>(got);
  int exponent = 0;
  std::frexp(want, &exponent);
  const int last_place = std::clamp(exponent, Limits::min_exponent, int{Limits::max_exponent}) - Limits::digits;
  return static_cast<double>(std::fabs(seen - want) / std::ldexp(1.0L, last_place));
}

// ---- samples ----

/// SplitMix64: the same samples in every run and with every library.
class Bits {
 public:
  explicit Bits(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  double uniform(double low, double high) { return low + (high - low) * (static_cast<double>(next() >> 11) * 0x1p-53); }

 private:
  std::uint64_t state_;
};

const std::vector<double> special_values{0.0,
                                         -0.0,
                                         infinity,
                                         -infinity,
                                         not_a_number,
                                         5e-324,
                                         -5e-324,
                                         1e-310,
                                         -1e-310,
                                         0x1p-1022,
                                         -0x1p-1022,
                                         1.0,
                                         -1.0,
                                         0x1.fffffffffffffp+1023,
                                         -0x1.fffffffffffffp+1023,
                                         1e-20,
                                         -1e-20};

/// Special values, then in turn: dense over low .. high, random there, random near 0 or 1, any bit pattern.
std::vector<double> samples(const Function& function, std::size_t count) {
  Bits bits(7);
  std::vector<double> x = special_values;
  while (x.size() < count) {
    const double along = static_cast<double>(x.size()) / static_cast<double>(count);
    x.push_back(function.low + (function.high - function.low) * along);
    x.push_back(bits.uniform(function.low, function.high));
    x.push_back(bits.uniform(function.low < 0 ? -2 : 0, 2));
    x.push_back(std::bit_cast<double>(bits.next()));
  }
  x.resize(count);
  return x;
}

/// For float: the same, with any float bit pattern in every fourth place.
std::vector<float> as_float(const std::vector<double>& x) {
  Bits bits(8);
  std::vector<float> result;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool pattern = i >= special_values.size() && (i - special_values.size()) % 4 == 3;
    result.push_back(pattern ? std::bit_cast<float>(static_cast<std::uint32_t>(bits.next()))
                             : static_cast<float>(x[i]));
  }
  return result;
}

// ---- the checks, for any build of the kernels ----

using Kernels = std::map<std::string, LaneKernel>;

Kernels by_name(const LaneKernel* rows) {
  Kernels kernels;
  for (; rows->name != nullptr; ++rows) kernels[rows->name] = *rows;
  return kernels;
}

template <class Real, class Kernel, class Reference>
void check_error(const std::string& name, Kernel kernel, const std::vector<Real>& x, const Reference& reference,
                 double limit) {
  std::vector<Real> result(x.size());
  kernel(result.data(), x.data(), x.size());
  double worst = 0;
  Real worst_x = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double error = error_in_ulp(result[i], reference(static_cast<long double>(x[i])));
    if (error > worst) {
      worst = error;
      worst_x = x[i];
    }
  }
  EXPECT_LE(worst, limit) << name << fmt::format("({:a}), {} bytes", worst_x, sizeof(Real));
}

void check_unary_errors(const Kernels& kernels) {
  constexpr std::size_t count = 160'000;
  for (const Function& function : functions()) {
    const LaneKernel& kernel = kernels.at(function.name);
    const std::vector<double> x = samples(function, count);
    check_error(function.name, kernel.unary, x, function.reference, function.limit);
    check_error(function.name, kernel.unary_float, as_float(x), function.reference_float, function.limit_float);
  }
}

/// For what decays: arguments up to 0.
void check_one_minus_exp(const Kernels& kernels) {
  const Function function{"one_minus_exp", 0, 1.1, -100, 0, [](long double x) { return -std::expm1(x); }};
  std::vector<float> x = as_float(samples(function, 160'000));
  for (float& value : x) value = std::isnan(value) ? value : -std::fabs(value);
  check_error(function.name, kernels.at(function.name).unary_float, x, function.reference, function.limit_float);
}

/// In single precision errors grow with the argument; rates have small ones.
void check_exp_of_small_arguments(const Kernels& kernels) {
  const Function function{"exp", 0, 1.4, -10, 10, [](long double x) { return std::exp(x); }};
  std::vector<float> x = as_float(samples(function, 160'000));
  std::erase_if(x, [](float value) { return !(std::fabs(value) <= 10); });
  ASSERT_GT(x.size(), 50'000U);
  check_error(function.name, kernels.at(function.name).unary_float, x, function.reference, function.limit_float);
}

/// What is computed without limits has the bits of what is computed with them.
template <class Real, class Kernel>
void check_within(const char* name, Kernel limited, Kernel within) {
  std::vector<Real> x;
  for (int k = 0; k < 160'000; ++k) x.push_back(static_cast<Real>(-87 + 174.0 * k / 159'999));
  std::vector<Real> with(x.size()), without(x.size());
  limited(with.data(), x.data(), x.size());
  within(without.data(), x.data(), x.size());
  EXPECT_EQ(with, without) << name << ", " << sizeof(Real) << " bytes";
}

void check_exp_within(const Kernels& kernels) {
  for (const std::string name : {"exp_15", "exp_10"}) {
    const LaneKernel &limited = kernels.at(name), &within = kernels.at(name + "_within");
    check_within<double>(name.c_str(), limited.unary, within.unary);
    check_within<float>(name.c_str(), limited.unary_float, within.unary_float);
  }
}

/// 2^x where it may be asked for, in units of the last place, and 2^x - 1 near 0, of itself.
template <class Real, class Kernel>
void check_exp2(Kernel kernel, double limit_ulp, double limit_near_0) {
  std::vector<Real> x;
  for (int k = 0; k < 160'000; ++k) x.push_back(static_cast<Real>(-125 + 250.0 * k / 159'999));
  for (int k = 0; k < 16'000; ++k) x.push_back(static_cast<Real>(-0.5 + 1.0 * k / 15'999));
  std::vector<Real> result(x.size());
  kernel(result.data(), x.data(), x.size());
  double worst = 0, worst_near_0 = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const long double exact = std::exp2(static_cast<long double>(x[k]));
    worst = std::max(worst, error_in_ulp(result[k], exact));
    if (std::fabs(x[k]) < Real(1e-3) || std::fabs(x[k]) > Real(0.5)) continue;  // nearer to 0 rounding counts
    worst_near_0 = std::max(worst_near_0, static_cast<double>(std::fabs((result[k] - exact) / (exact - 1))));
  }
  EXPECT_LE(worst, limit_ulp) << sizeof(Real) << " bytes";
  EXPECT_LE(worst_near_0, limit_near_0) << sizeof(Real) << " bytes";
}

struct Arguments {
  std::vector<double> x;
  std::vector<double> y;
};

/// Every pair of special values; powers of moderate size; powers over the whole range; bases near 1 with large
/// exponents.
Arguments pow_samples(std::size_t count) {
  std::vector<double> special = special_values;
  special.insert(special.end(),
                 {2, -2, 3, -3, 0.5, -0.5, 1e300, -1e300, 0x1.0000000000001p52, 0x1p53, 1 + 0x1p-52, 1 - 0x1p-53});
  Arguments arguments;
  const auto add = [&](double x, double y) {
    arguments.x.push_back(x);
    arguments.y.push_back(y);
  };
  for (const double x : special) {
    for (const double y : special) add(x, y);
  }
  Bits bits(9);
  while (arguments.x.size() < count) {
    add(bits.uniform(0, 10), bits.uniform(-10, 10));
    const double x = std::bit_cast<double>(bits.next() >> 1);
    add(x, bits.uniform(-746, 712) / std::log(x));
    add(bits.uniform(0.9995, 1.0005), bits.uniform(-7e5, 7e5));
    add(std::bit_cast<double>(bits.next()), std::bit_cast<double>(bits.next()));
  }
  arguments.x.resize(count);
  arguments.y.resize(count);
  return arguments;
}

template <class Real, class Kernel>
void check_pow_error(Kernel kernel, const Arguments& arguments, double limit) {
  const std::vector<Real> x(arguments.x.begin(), arguments.x.end());
  const std::vector<Real> y(arguments.y.begin(), arguments.y.end());
  std::vector<Real> result(x.size());
  kernel(result.data(), x.data(), y.data(), x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double error =
        error_in_ulp(result[i], std::pow(static_cast<long double>(x[i]), static_cast<long double>(y[i])));
    ASSERT_LE(error, limit) << fmt::format("pow({:a}, {:a}) = {:a}", x[i], y[i], result[i]);
  }
}

void check_pow(const Kernels& kernels) {
  const Arguments arguments = pow_samples(160'000);
  check_pow_error<double>(kernels.at("pow").binary, arguments, 1.25);
  check_pow_error<float>(kernels.at("pow").binary_float, arguments, 0.51);
}

/// Powers that are doubles come out exact.
void check_exact_powers(const Kernels& kernels) {
  for (int base = 2; base <= 12; ++base) {
    double exact = 1;
    for (int exponent = 0; exact < 0x1p53; ++exponent, exact *= base) {
      const std::vector<double> x(kernel_lanes, -base);
      const std::vector<double> y(kernel_lanes, exponent);
      std::vector<double> result(kernel_lanes);
      kernels.at("pow").binary(result.data(), x.data(), y.data(), kernel_lanes);
      EXPECT_EQ(result[0], exponent % 2 == 0 ? exact : -exact) << base << "^" << exponent;
    }
  }
}

void check_extremes(const Kernels& kernels) {
  std::vector<double> x;
  std::vector<double> y;
  for (const double a : special_values) {
    for (const double b : special_values) {
      if (a == 0 && b == 0) continue;  // C leaves the sign open
      x.push_back(a);
      y.push_back(b);
    }
  }
  x.resize(x.size() / kernel_lanes * kernel_lanes);
  std::vector<double> smaller(x.size());
  std::vector<double> larger(x.size());
  kernels.at("fmin").binary(smaller.data(), x.data(), y.data(), x.size());
  kernels.at("fmax").binary(larger.data(), x.data(), y.data(), x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(error_in_ulp(smaller[i], std::fmin(x[i], y[i])), 0) << x[i] << " " << y[i];
    EXPECT_EQ(error_in_ulp(larger[i], std::fmax(x[i], y[i])), 0) << x[i] << " " << y[i];
  }
}

/// Neither position nor neighbours change a lane's bits.
void check_lane_independence(const Kernels& kernels) {
  constexpr std::size_t count = 4096;
  for (const Function& function : functions()) {
    const std::vector<double> x = samples(function, count);
    std::vector<double> permuted(count);
    const auto place = [](std::size_t i) { return (i * 1237 + 5) % count; };  // 1237 is odd: a permutation
    for (std::size_t i = 0; i < count; ++i) permuted[place(i)] = x[i];
    std::vector<double> result(count);
    std::vector<double> permuted_result(count);
    kernels.at(function.name).unary(result.data(), x.data(), count);
    kernels.at(function.name).unary(permuted_result.data(), permuted.data(), count);
    for (std::size_t i = 0; i < count; ++i) {
      const double other = permuted_result[place(i)];
      const bool same = std::bit_cast<std::uint64_t>(result[i]) == std::bit_cast<std::uint64_t>(other);
      ASSERT_TRUE(same || (std::isnan(result[i]) && std::isnan(other))) << function.name << " of " << x[i];
    }
  }
}

void check_all(const Kernels& kernels) {
  check_unary_errors(kernels);
  check_one_minus_exp(kernels);
  check_exp_of_small_arguments(kernels);
  check_exp_within(kernels);
  const LaneKernel& exp2 = kernels.at("exp2_10_within");
  check_exp2<double>(exp2.unary, 420'000, 6e-10);
  check_exp2<float>(exp2.unary_float, 2.5, 1e-4);  // the latter by rounding
  check_exp2<double>(kernels.at("exp2_15_within").unary, 3, 3e-13);
  check_exp2<float>(kernels.at("exp2_15_within").unary_float, 2.5, 1e-4);
  check_pow(kernels);
  check_exact_powers(kernels);
  check_extremes(kernels);
  check_lane_independence(kernels);
}

TEST(LaneMath, KeepsItsErrorsInTheProjectsOwnBuild) { check_all(by_name(cellwright_lane_kernels())); }

// ---- the flags of generated code ----

struct Build {
  const char* name;
  const char* flags;
  const char* packed;  // an arithmetic instruction that only vector code has
};

class LaneMathBuild : public testing::TestWithParam<Build> {
 protected:
  LaneMathBuild() { std::filesystem::create_directories(folder_); }
  ~LaneMathBuild() override { std::filesystem::remove_all(folder_); }

  /// The kernels as assembly text and, from the same text, as a shared object.
  void compile() const {
    const std::string source = CELLWRIGHT_SOURCE_DIR;
    run(fmt::format(
        "c++ -std=c++20 -O3 -fopenmp-simd -fno-trapping-math -fPIC {} -DCELLWRIGHT_TEST_SIMD -I'{}/include' "
        "-I'{}/tests' -S -o '{}' '{}/tests/unit/numeric/lane_math_kernels.cpp'",
        GetParam().flags, source, source, file("kernels.s"), source));
    run(fmt::format("c++ -shared -o '{}' '{}'", file("kernels.so"), file("kernels.s")));
  }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }

 private:
  static void run(const std::string& command) { ASSERT_EQ(std::system(command.c_str()), 0) << command; }

  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / fmt::format("lane_math_{}_{}", GetParam().name, ::getpid());
};

void check_is_vector_code(const std::string& assembly, const std::string& packed) {
  const auto count = [&](const std::string& pattern) {
    const std::regex regex(pattern);
    return std::distance(std::sregex_iterator(assembly.begin(), assembly.end(), regex), std::sregex_iterator());
  };
  EXPECT_GT(count(packed), 100);
  EXPECT_EQ(count("\\tcall"), 0);
  EXPECT_EQ(count("\\tv?(add|sub|mul|div|sqrt|max|min|fn?m(add|sub)[0-9]*|round|rndscale)s[sd]\\t"), 0);
}

bool this_machine_runs(const std::string& flags) {
  if (flags.find("v4") != std::string::npos) {
    return __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  }
  if (flags.find("v3") != std::string::npos) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return true;
}

TEST_P(LaneMathBuild, IsVectorCodeAndKeepsItsErrors) {
  ASSERT_NO_FATAL_FAILURE(compile());
  check_is_vector_code(read_file(file("kernels.s")), GetParam().packed);
  if (!this_machine_runs(GetParam().flags)) GTEST_SKIP() << "this machine lacks the instructions to run it";
  void* library = ::dlopen(file("kernels.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << ::dlerror();
  using Table = const LaneKernel* (*)();
  const auto table = reinterpret_cast<Table>(::dlsym(library, "cellwright_lane_kernels"));
  ASSERT_NE(table, nullptr);

  check_all(by_name(table()));

  ::dlclose(library);
}

INSTANTIATE_TEST_SUITE_P(
    Flags, LaneMathBuild,
    testing::Values(Build{"v2", "-march=x86-64-v2 -ffp-contract=fast", "\\tmulpd\\t"},
                    Build{"v3", "-march=x86-64-v3 -ffp-contract=fast", "\\tvfmadd[0-9]*pd\\t[^\\n]*%ymm"},
                    Build{"v3_off", "-march=x86-64-v3 -ffp-contract=off", "\\tvmulpd\\t[^\\n]*%ymm"},
                    Build{"v4", "-march=x86-64-v4 -ffp-contract=fast", "\\tvfmadd[0-9]*pd\\t[^\\n]*%zmm"},
                    Build{"v4_off_no_errno", "-march=x86-64-v4 -ffp-contract=off -fno-math-errno",
                          "\\tvmulpd\\t[^\\n]*%zmm"}),
    [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace cellwright::numeric
