// KINETIC, LINEAR and NONLINEAR blocks, derivimplicit, BEFORE and AFTER, CONDUCTANCE: compiled at run time and compared
// with solutions written here, in long double.
#include <cmath>

#include <gmock/gmock.h>

#include "unit/nmodl/compiled_mod.hpp"

namespace cellwright::nmodl::test {
namespace {

using Real = long double;

class Systems : public ::testing::TestWithParam<NumericMode> {};
INSTANTIATE_TEST_SUITE_P(Nmodl, Systems, ::testing::Values(NumericMode::strict, NumericMode::fast),
                         [](const auto& test) { return test.param == NumericMode::strict ? "strict" : "fast"; });

double difference(double value, Real expected) {
  return static_cast<double>(std::fabs(static_cast<Real>(value) - expected) /
                             std::max<Real>(std::fabs(expected), 1e-9L));
}

double potential(std::size_t lane) { return -80 + 13.0 * static_cast<double>(lane); }

void set_potentials(TestBlock& block) {
  for (std::size_t lane = 0; lane < lanes; ++lane) block.v.at(0, lane) = potential(lane);
}

// ---------------------------------------------------------------------------------------------------- KINETIC

TEST_P(Systems, a_linear_scheme_takes_an_implicit_euler_step) {
  const CompiledMod mod(R"(
NEURON { SUFFIX gate RANGE net, seen }
ASSIGNED { v net seen }
STATE { c o }
INITIAL { c = 0.75 o = 0.25 }
BREAKPOINT { SOLVE flip METHOD sparse }
KINETIC flip {
  ~ c <-> o (exp(v/20), 0.5)
  net = f_flux - b_flux
  seen = o
}
)",
                        GetParam());
  TestBlock block(*mod, 1);
  set_potentials(block);
  block.initialise();

  block.state();

  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const Real rate = std::exp(static_cast<Real>(potential(lane)) / 20), dt = 0.025L;
    // o = o_old + dt*(rate*(1 - o) - o/2)
    const Real o = (0.25L + dt * rate) / (1 + dt * (rate + 0.5L));
    EXPECT_LT(difference(block.var("o").at(0, lane), o), 1e-13) << lane;
    EXPECT_LT(difference(block.var("c").at(0, lane), 1 - o), 1e-13) << lane;
    EXPECT_LT(difference(block.var("net").at(0, lane), rate * (1 - o) - 0.5L * o), 1e-11) << lane;
    EXPECT_EQ(block.var("seen").at(0, lane), block.var("o").at(0, lane));
  }
}

const char* const buffer_text = R"(
NEURON { SUFFIX buffer RANGE influx, ratio }
PARAMETER { influx = 0.3 ratio = 2 }
STATE { a b ab }
INITIAL { a = 0.1 b = 1 ab = 0.2 }
BREAKPOINT { SOLVE bind METHOD sparse }
KINETIC bind {
  COMPARTMENT ratio { a }
  ~ 2 a + b <-> ab (3, 0.7)
  ~ a << (influx)
  ~ ab -> (0.05)
}
)";

/// The three balances of buffer_text at the new values.
std::array<Real, 3> balances(Real a, Real b, Real ab, Real influx, Real ratio) {
  const Real net = 3 * a * a * b - 0.7L * ab, dt = 0.025L;
  return {ratio * (a - 0.1L) / dt + 2 * net - influx, (b - 1) / dt + net, (ab - 0.2L) / dt - net + 0.05L * ab};
}

TEST_P(Systems, a_nonlinear_scheme_balances_every_state) {
  const CompiledMod mod(buffer_text, GetParam());
  TestBlock block(*mod, 1);
  for (std::size_t lane = 0; lane < lanes; ++lane) block.param("influx").at(0, lane) = 0.5 * static_cast<double>(lane);
  block.initialise();

  block.state();

  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const auto rest = balances(block.var("a").at(0, lane), block.var("b").at(0, lane), block.var("ab").at(0, lane),
                               0.5L * static_cast<Real>(lane), 2);
    for (const Real r : rest) EXPECT_LT(std::fabs(r), 1e-9L) << lane;
  }
}

TEST_P(Systems, negative_states_of_a_nonlinear_scheme_become_zero) {
  const CompiledMod mod(R"(
NEURON { SUFFIX drain }
STATE { a b }
INITIAL { a = 0.001 b = 1 }
BREAKPOINT { SOLVE go METHOD sparse }
KINETIC go { ~ a << (-5)  ~ a + b <-> a (1, 1) }
)",
                        GetParam());
  TestBlock block(*mod, 1);
  block.initialise();

  block.state();

  EXPECT_EQ(block.var("a").at(0, 0), 0);
}

TEST_P(Systems, loops_write_out_reactions_between_elements) {
  const CompiledMod mod(R"(
NEURON { SUFFIX shells }
DEFINE N 3
PARAMETER { width[N] }
STATE { ca[N] }
LOCAL size[N]
INITIAL { FROM i = 0 TO N - 1 { size[i] = 1 + i ca[i] = 2*i } }
BREAKPOINT { SOLVE spread METHOD sparse }
KINETIC spread {
  COMPARTMENT i, size[i] { ca }
  FROM i = 0 TO N - 2 {
    LOCAL k
    k = 0.5*(i + 1)
    ~ ca[i] <-> ca[i + 1] (k, k)
  }
}
)",
                        GetParam());
  TestBlock block(*mod, 1);
  block.initialise();

  block.state();

  const Real x = block.var("ca").at(0, 0), y = block.var("ca[1]").at(0, 0), z = block.var("ca[2]").at(0, 0);
  EXPECT_LT(std::fabs(x / 0.025L - 0.5L * (y - x)), 1e-12L);
  EXPECT_LT(std::fabs(2 * (y - 2) / 0.025L - 0.5L * (x - y) - (z - y)), 1e-12L);
  EXPECT_LT(std::fabs(3 * (z - 4) / 0.025L - (y - z)), 1e-12L);
}

TEST_P(Systems, conserve_and_steady_state_determine_the_occupancies) {
  const CompiledMod mod(R"(
NEURON { SUFFIX ring RANGE total }
PARAMETER { total = 3 }
ASSIGNED { v }
STATE { a b c }
INITIAL { SOLVE turn STEADYSTATE sparse }
BREAKPOINT { SOLVE turn METHOD sparse }
KINETIC turn {
  ~ a <-> b (exp(v/30), 1)
  ~ b <-> c (2, 0.25)
  CONSERVE a + b + c = total
}
)",
                        GetParam());
  TestBlock block(*mod, 1);
  set_potentials(block);

  block.initialise();

  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const Real up = std::exp(static_cast<Real>(potential(lane)) / 30), b = 3 / (1 / up + 1 + 8);
    const double left = 2e-9 / static_cast<double>(up);  // of the start, after an implicit step of 1e9 ms
    EXPECT_LT(difference(block.var("a").at(0, lane), b / up), left) << lane;
    EXPECT_LT(difference(block.var("c").at(0, lane), 8 * b), left) << lane;
    EXPECT_LT(difference(block.var("a").at(0, lane) + block.var("b").at(0, lane) + block.var("c").at(0, lane), 3),
              1e-14);
  }
}

/// n states, each with reactions to all others: more operations than are written out.
std::string dense_scheme(int n) {
  std::string text = "NEURON { SUFFIX dense }\nSTATE { s[" + std::to_string(n) + "] }\nINITIAL { s[0] = 1 }\n" +
                     "BREAKPOINT { SOLVE all METHOD sparse }\nKINETIC all {\n";
  for (int i = 0; i < n; ++i) {
    for (int j = i + 1; j < n; ++j) {
      text += "~ s[" + std::to_string(i) + "] <-> s[" + std::to_string(j) + "] (0.5, 0.5)\n";
    }
  }
  return text + "}\n";
}

TEST_P(Systems, a_large_scheme_is_eliminated_by_tables) {
  const int n = 24;
  const CompiledMod mod(dense_scheme(n), GetParam());
  TestBlock block(*mod, 1);
  block.initialise();

  block.state();

  // By symmetry all but the first are equal: y = dt/2*(x - y), x + (n - 1)*y = 1.
  const Real y = 0.0125L / (1 + 0.0125L * n);
  EXPECT_LT(difference(block.var("s").at(0, 3), 1 - (n - 1) * y), 1e-13);
  for (int k = 1; k < n; ++k) EXPECT_LT(difference(block.var("s[" + std::to_string(k) + "]").at(0, 3), y), 1e-13);
}

// ---------------------------------------------------------------------------------------------- derivimplicit

TEST_P(Systems, linear_equations_are_solved_at_once) {
  const CompiledMod mod(R"(
NEURON { SUFFIX pool RANGE seen }
ASSIGNED { v seen }
STATE { x y }
INITIAL { x = 1 y = 2 }
BREAKPOINT { SOLVE s METHOD derivimplicit }
DERIVATIVE s {
  LOCAL drive
  drive = exp(v/25)
  x' = drive - 3*x + y
  y' = (x - 4*y)/2
  seen = x
}
)",
                        GetParam());
  TestBlock block(*mod, 1);
  set_potentials(block);
  block.initialise();

  block.state();

  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const Real h = 0.025L, drive = std::exp(static_cast<Real>(potential(lane)) / 25);
    // (1 + 3h)x - hy = 1 + h*drive, -h/2*x + (1 + 2h)y = 2
    const Real determinant = (1 + 3 * h) * (1 + 2 * h) - h * h / 2;
    const Real x = ((1 + h * drive) * (1 + 2 * h) + 2 * h) / determinant;
    const Real y = ((1 + 3 * h) * 2 + h / 2 * (1 + h * drive)) / determinant;
    EXPECT_LT(difference(block.var("x").at(0, lane), x), 1e-13) << lane;
    EXPECT_LT(difference(block.var("y").at(0, lane), y), 1e-13) << lane;
    EXPECT_EQ(block.var("seen").at(0, lane), block.var("x").at(0, lane));
  }
}

TEST_P(Systems, nonlinear_equations_converge_in_each_lane) {
  const CompiledMod mod(R"(
NEURON { SUFFIX decay RANGE k }
PARAMETER { k = 1 }
STATE { x }
INITIAL { x = 2 }
BREAKPOINT { SOLVE s }
DERIVATIVE s { x' = -k*x*x }
)",
                        GetParam());
  TestBlock block(*mod, 1);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    block.param("k").at(0, lane) = std::pow(10.0, static_cast<double>(lane) - 3);
  }
  block.initialise();

  block.state();

  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const Real hk = 0.025L * static_cast<Real>(block.param("k").at(0, lane));
    const Real x = (std::sqrt(1 + 8 * hk) - 1) / (2 * hk);  // hk*x*x + x - 2 = 0
    EXPECT_LT(difference(block.var("x").at(0, lane), x), 1e-9) << lane;
  }
}

TEST_P(Systems, equations_without_solution_give_nan_in_their_lane_only) {
  const CompiledMod mod(R"(
NEURON { SUFFIX blow RANGE k }
PARAMETER { k = 1 }
STATE { x }
INITIAL { x = 1 }
BREAKPOINT { SOLVE s METHOD derivimplicit }
DERIVATIVE s { x' = k*(x*x + 1) }
)",
                        GetParam());
  TestBlock block(*mod, 1);
  block.param("k").at(0, 2) = 1000;  // x = 1 + 25*(x*x + 1) has no real root
  block.initialise();

  block.state();

  for (std::size_t lane = 0; lane < lanes; ++lane) {
    EXPECT_EQ(std::isnan(block.var("x").at(0, lane)), lane == 2) << lane;
  }
}

// --------------------------------------------------------------------------------------- LINEAR and NONLINEAR

TEST_P(Systems, linear_blocks_search_for_pivots) {
  const CompiledMod mod(R"(
NEURON { SUFFIX algebra RANGE k }
PARAMETER { k = 3 }
STATE { x y z }
INITIAL { SOLVE eq }
LINEAR eq {
  LOCAL two
  two = 2
  ~ y + z = 5
  ~ two*(x - y)/k = z - 4
  ~ x + k*z = 7
}
)",
                        GetParam());
  TestBlock block(*mod, 1);
  for (std::size_t lane = 0; lane < lanes; ++lane) block.param("k").at(0, lane) = 2 + static_cast<double>(lane);

  block.initialise();

  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const double k = 2 + static_cast<double>(lane);
    const double x = block.var("x").at(0, lane), y = block.var("y").at(0, lane), z = block.var("z").at(0, lane);
    EXPECT_NEAR(y + z, 5, 1e-12);
    EXPECT_NEAR(2 * (x - y) / k, z - 4, 1e-12);
    EXPECT_NEAR(x + k * z, 7, 1e-12);
  }
}

TEST_P(Systems, singular_linear_blocks_give_nan) {
  const CompiledMod mod(R"(
NEURON { SUFFIX twice RANGE k }
PARAMETER { k = 1 }
STATE { x y }
INITIAL { SOLVE eq }
LINEAR eq { ~ x + y = 2  ~ k*x + y = 3 }
)",
                        GetParam());
  TestBlock block(*mod, 1);
  block.param("k").at(0, 1) = 2;

  block.initialise();

  EXPECT_TRUE(std::isnan(block.var("x").at(0, 0)));
  EXPECT_NEAR(block.var("x").at(0, 1), 1, 1e-14);
}

TEST_P(Systems, nonlinear_blocks_find_a_root_near_the_present_values) {
  const CompiledMod mod(R"(
NEURON { SUFFIX root }
STATE { x y }
INITIAL { x = 1 y = 0.5 }
BREAKPOINT { SOLVE eq }
NONLINEAR eq { ~ x*x + y = 2  ~ x - y*y*y = 0.3 }
)",
                        GetParam());
  TestBlock block(*mod, 1);
  block.initialise();

  block.state();

  const double x = block.var("x").at(0, 5), y = block.var("y").at(0, 5);
  EXPECT_NEAR(x * x + y, 2, 1e-8);
  EXPECT_NEAR(x - y * y * y, 0.3, 1e-8);
}

// ---------------------------------------------------------------------------------------------------- the rest

TEST_P(Systems, conductance_replaces_the_difference_quotient) {
  const CompiledMod mod(R"(
NEURON { SUFFIX hint USEION k READ ek WRITE ik NONSPECIFIC_CURRENT i RANGE g, gl, runs }
PARAMETER { g = 0.25 gl = 0.5 }
ASSIGNED { v ek ik i runs }
BREAKPOINT {
  CONDUCTANCE g USEION k
  CONDUCTANCE gl
  ik = 7*g*(v - ek)
  i = gl*v*v
  runs = runs + 1
}
)",
                        GetParam());
  TestBlock block(*mod, 1);
  block.initialise();

  block.current();

  EXPECT_EQ(block.d.at(0, 4), 0.75);
  EXPECT_EQ(block.var("runs").at(0, 4), 1);
}

TEST_P(Systems, before_and_after_blocks_are_hooks) {
  const CompiledMod mod(R"(
NEURON { SUFFIX hooks RANGE a, b }
ASSIGNED { v a b }
BEFORE STEP { a = v }
AFTER SOLVE { a = 1 }
BEFORE STEP { b = a + 1 }
)",
                        GetParam());
  TestBlock block(*mod, 1);
  set_potentials(block);

  mod->hook[CW_BEFORE_STEP](&block.block);

  EXPECT_EQ(block.var("b").at(0, 3), potential(3) + 1);
  ASSERT_NE(mod->hook[CW_AFTER_SOLVE], nullptr);
  mod->hook[CW_AFTER_SOLVE](&block.block);
  EXPECT_EQ(block.var("a").at(0, 3), 1);
  EXPECT_EQ(mod->hook[CW_BEFORE_INITIAL], nullptr);
  EXPECT_EQ(mod->hook[CW_AFTER_INITIAL], nullptr);
  EXPECT_EQ(mod->hook[CW_BEFORE_BREAKPOINT], nullptr);
}

TEST(SystemDescriptions, schemes_need_no_fixed_step_unless_their_text_reads_dt) {
  const auto description = compile_front_end(std::string(buffer_text), "buffer.mod");

  EXPECT_NE(generate_cpp(description).find(".fixed_step_only = 0"), std::string::npos);
  ASSERT_TRUE(description.solves.front().system.has_value());
  const ImplicitSystem& system = *description.solves.front().system;
  EXPECT_EQ(system.unknowns.size(), 3U);
  EXPECT_FALSE(system.is_linear);
  EXPECT_FALSE(system.ends_with_update);
}

TEST(SystemDescriptions, cnexp_gives_way_to_derivimplicit_with_a_warning) {
  const auto description = compile_front_end(std::string("NEURON { SUFFIX x }\nSTATE { m }\n"
                                                         "BREAKPOINT { SOLVE s METHOD cnexp }\n"
                                                         "DERIVATIVE s { m' = 1/(1 + m) }\n"),
                                             "x.mod");

  EXPECT_EQ(description.solves.front().method, SolveMethod::derivimplicit);
  ASSERT_EQ(description.warnings.size(), 1U);
  EXPECT_EQ(description.warnings.front().message,
            "'s' is solved by derivimplicit instead of cnexp: 'm' stands in a denominator");
}

}  // namespace
}  // namespace cellwright::nmodl::test
