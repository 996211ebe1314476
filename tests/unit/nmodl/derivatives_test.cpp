// What the compiler derives for variable steps: the blocks as text, and their numbers against finite differences.
#include "nmodl/passes/derivatives.hpp"

#include <gmock/gmock.h>

#include "cellwright/nmodl/mechanism_library.hpp"
#include "unit/nmodl/compiled_mod.hpp"
#include "unit/nmodl/derivative_check.hpp"

namespace cellwright::nmodl::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string derived(const std::string& text) {
  const MechanismDescription mechanism = compile_front_end(text, "test.mod");
  return print_derivatives(mechanism, plan_derivatives(mechanism));
}

TEST(Derivatives, OfLinearStatesAreThoseOfAandB) {
  EXPECT_EQ(derived(R"(
NEURON { SUFFIX x NONSPECIFIC_CURRENT i RANGE g }
PARAMETER { g = 1 }
ASSIGNED { v i minf }
STATE { m }
BREAKPOINT { SOLVE s METHOD cnexp  i = g*m^2*(v + 70) }
DERIVATIVE s { rates(v)  m' = (minf - m)/5 }
PROCEDURE rates(u) { minf = 1/(1 + exp(-u)) }
)"),
            R"(rates {
  LOCAL share, share_2, share_3, minf_dv, m_a, m_b, m_a_dv
  share = -v
  share_2 = exp(share)
  share_3 = 1/(1 + share_2)
  minf_dv = -(share_3*-share_2)*share_3
  minf = share_3
  m_a_dv = minf_dv/5
  m_a = minf/5
  m_b = -(-1/5)
}
  a(m) = m_a
  d a(m) / d v = m_a_dv
  b(m) = m_b
currents {
  LOCAL share_4, share_5, i_dv, i_dm
  share_4 = v + 70
  share_5 = g*m^2
  i_dv = share_5
  i_dm = g*(2*m)*share_4
  i = share_5*share_4
}
  i = i
  d i / d v = i_dv
  d i / d m = i_dm
)");
}

TEST(Derivatives, SayWhyThereAreNone) {
  EXPECT_EQ(derived("NEURON { SUFFIX x RANGE y } ASSIGNED { y dt } BREAKPOINT { SOLVE p } PROCEDURE p() { y = y*dt }"),
            "none: it SOLVEs the PROCEDURE 'p', which advances by a step of its own\n");
  EXPECT_EQ(derived("NEURON { SUFFIX x NONSPECIFIC_CURRENT i } ASSIGNED { v i dt } BREAKPOINT { i = v*dt }"),
            "none: it reads dt\n");
  EXPECT_EQ(derived("NEURON { SUFFIX x NONSPECIFIC_CURRENT i } ASSIGNED { v i y } "
                    "BREAKPOINT { y = y + v i = y }"),
            "none: it keeps 'y' from step to step\n");
  EXPECT_EQ(derived("NEURON { SUFFIX x NONSPECIFIC_CURRENT i RANDOM r } ASSIGNED { i } BREAKPOINT { i = noise() } "
                    "FUNCTION noise() { LOCAL k noise = 0 FROM k = 0 TO 2 { noise = noise + random_uniform(r) } }"),
            "none: it draws random numbers in its equations\n");
}

TEST(Derivatives, TakeNoNoticeOfWhatIsLeftOver) {
  const std::string with_left_over = derived(
      "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } STATE { m } ASSIGNED { v i dt tau m_exp } BREAKPOINT { SOLVE s METHOD "
      "cnexp i = m*v } DERIVATIVE s { rates() m' = (1 - m)/tau } PROCEDURE rates() { tau = 2 m_exp = 1 - exp(-dt/tau) "
      "}");
  EXPECT_EQ(with_left_over.find("dt"), std::string::npos) << with_left_over;
  EXPECT_NE(with_left_over.find("a(m) ="), std::string::npos) << with_left_over;
}

class DerivativesInBothModes : public ::testing::TestWithParam<NumericMode> {};
INSTANTIATE_TEST_SUITE_P(Derivatives, DerivativesInBothModes, ::testing::Values(NumericMode::strict, NumericMode::fast),
                         [](const auto& test) { return test.param == NumericMode::strict ? "strict" : "fast"; });

TEST_P(DerivativesInBothModes, OfBuiltInsAgreeWithDifferences) {
  for (const std::string& name : builtin_mechanism_names()) {
    const cw_mechanism& mechanism = *find_builtin_mechanism(name, GetParam());
    if (mechanism.kind == CW_ARTIFICIAL_CELL) continue;  // neither equations nor currents
    ASSERT_NE(mechanism.derivatives, nullptr) << name;

    const DerivativeReport report = DerivativeChecker(mechanism, 7).run(4);

    EXPECT_THAT(report.failures, IsEmpty()) << name;
    EXPECT_GE(report.compared, 100) << name;
    EXPECT_LT(report.skipped, report.compared / 10) << name;
  }
}

/// Every way in which a value may reach an equation or a current.
const char* const everything = R"(
NEURON {
  POINT_PROCESS every
  USEION ca READ eca, cai, cao, ica WRITE ica
  NONSPECIFIC_CURRENT i
  RANGE g, n
}
PARAMETER { g = 2  n = 2.5 }
ASSIGNED { v celsius eca cai cao ica i alpha gate[3] total later tabled }
STATE { m h c x[2] }
INITIAL { m = 0.2  h = 0.3  c = 0.1  x[0] = 0.4  x[1] = 0.6  rates(v) }
BREAKPOINT {
  LOCAL k
  SOLVE states METHOD euler
  rates(v)
  k = 0
  total = 0
  WHILE (k < n) { total = total + gate[k]*m  k = k + 1 }
  later = tanh(v/40) + pow(h, 1.5)
  i = g*total*x[0]*(v + 70) + fabs(v)^0.5 + later
  ica = ghk(v, cai, cao, 2)*m*h + 0.001*(v - nernst(cai, cao, 2))
}
DERIVATIVE states {
  rates(v)
  IF (v == -50) { v = v + 0.001 }
  m' = (alpha - m)/(1 + tabled)
  h' = alpha*(1 - h) - 0.1*exp(-v/20)*h*h
  c' = -0.01*ica - c/20 + later
  x[0]' = vtrap(v + 40, 9)*(1 - x[0] - x[1])
  IF (v > -30) { x[1]' = x[0]*x[1] } ELSE { x[1]' = -x[1]/3 }
}
FUNCTION vtrap(x1, y1) {
  IF (fabs(x1/y1) < 1e-6) { vtrap = y1*(1 - x1/y1/2) } ELSE { vtrap = x1/(exp(x1/y1) - 1) }
}
PROCEDURE rates(u) { LOCAL j
  look(u)
  alpha = 1/(1 + exp(-(u + 40)/9))
  j = 5
  FROM k = 0 TO 2 { gate[k] = alpha^(k + 1)*cai + log(cao + j*k) }
}
PROCEDURE look(u) {
  TABLE tabled FROM -120 TO 80 WITH 20
  tabled = exp(u/50)
}
)";

TEST_P(DerivativesInBothModes, OfEveryConstructAgreeWithDifferences) {
  const CompiledMod mod(everything, GetParam(), true);
  ASSERT_NE(mod->derivatives, nullptr) << mod->no_derivatives;

  const DerivativeReport report = DerivativeChecker(*mod, 11).run(8);

  EXPECT_THAT(report.failures, IsEmpty());
  EXPECT_GE(report.compared, 5000);
  EXPECT_GE(report.values, 1000);
  EXPECT_LT(report.skipped, report.compared / 20);
  EXPECT_LT(report.worst, 1e-5);
}

}  // namespace
}  // namespace cellwright::nmodl::test
