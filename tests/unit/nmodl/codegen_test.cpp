// Mods compiled at run time, run on hand-made blocks and compared with formulas written here, in long double.
#include <bit>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "unit/nmodl/compiled_mod.hpp"

namespace cellwright::nmodl::test {
namespace {

using Real = long double;

class InBothModes : public ::testing::TestWithParam<NumericMode> {};
INSTANTIATE_TEST_SUITE_P(Codegen, InBothModes, ::testing::Values(NumericMode::strict, NumericMode::fast),
                         [](const auto& test) { return test.param == NumericMode::strict ? "strict" : "fast"; });

/// Relative difference, of numbers that are not zero.
double difference(double value, Real expected) {
  return static_cast<double>(std::fabs((static_cast<Real>(value) - expected) / expected));
}

// ------------------------------------------------------------------------------------------------------- channel

const char* const channel = R"(
NEURON {
  SUFFIX chan
  USEION na READ ena WRITE ina
  NONSPECIFIC_CURRENT il
  RANGE gbar, gl, el, g
  GLOBAL minf, mtau
}
PARAMETER { gbar = 0.1 (S/cm2)  gl = 0.0003 (S/cm2)  el = -54 (mV)  q10 = 3 }
ASSIGNED { v (mV) celsius (degC) ena (mV) ina (mA/cm2) il (mA/cm2) g (S/cm2) minf mtau (ms) }
STATE { m h }
INITIAL { rates(v)  m = minf  h = 0.5 }
BREAKPOINT {
  SOLVE states METHOD cnexp
  g = gbar*m^3*h
  ina = g*(v - ena)
  il = gl*(v - el)*(1 + 0.001*v)
}
DERIVATIVE states {
  rates(v)
  m' = (minf - m)/mtau
  h' = alpha(v)*(1 - h) - 0.125*exp(-(v + 65)/80)*h
}
FUNCTION alpha(u (mV)) {
  if (fabs(u + 55) < 1e-6) {
    alpha = 0.1
  } else if (u > 1000) {
    alpha = 7
  } else {
    alpha = 0.01*(u + 55)/(1 - exp(-(u + 55)/10))
  }
}
PROCEDURE rates(u (mV)) {
  LOCAL q
  q = q10^((celsius - 6.3)/10)
  minf = 1/(1 + exp(-(u + 40)/9))
  mtau = 1/(q*(0.2 + exp((u + 30)/25)))
}
)";

struct ChannelModel {
  Real celsius, gbar, gl, el, ena, dt;
  Real m = 0, h = 0;

  static Real alpha(Real u) {
    return std::fabs(u + 55) < 1e-6L ? 0.1L : 0.01L * (u + 55) / (1 - std::exp(-(u + 55) / 10));
  }
  static Real minf(Real u) { return 1 / (1 + std::exp(-(u + 40) / 9)); }
  Real mtau(Real u) const { return 1 / (std::pow(3.0L, (celsius - 6.3L) / 10) * (0.2L + std::exp((u + 30) / 25))); }
  void advance(Real v) {
    m = minf(v) + (m - minf(v)) * std::exp(-dt / mtau(v));
    const Real rate = alpha(v) + 0.125L * std::exp(-(v + 65) / 80);
    h = alpha(v) / rate + (h - alpha(v) / rate) * std::exp(-dt * rate);
  }
  Real ina(Real v) const { return gbar * m * m * m * h * (v - ena); }
  Real il(Real v) const { return gl * (v - el) * (1 + 0.001L * v); }
};

constexpr std::size_t n_instances = 3;

/// Instance 1, lane 2 stands on the singular point of alpha.
double potential(std::size_t instance, std::size_t lane) {
  return instance == 1 && lane == 2 ? -55 : -90 + 31 * static_cast<double>(instance) + 6.5 * static_cast<double>(lane);
}

void set_up_channel(TestBlock& block) {
  for (std::size_t i = 0; i < n_instances; ++i) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      block.v.at(i, lane) = potential(i, lane);
      block.celsius.at(0, lane) = 6.3 + 4.0 * static_cast<double>(lane);
      block.param("gbar").at(i, lane) = 0.05 + 0.01 * static_cast<double>(i + lane);
      block.ions[0].e.at(i, lane) = 50 + static_cast<double>(lane);
      block.ions[0].i.at(i, lane) = 0.25;
      block.rhs.at(i, lane) = 2;
      block.d.at(i, lane) = 3;
    }
  }
}

ChannelModel channel_model(TestBlock& block, std::size_t i, std::size_t lane) {
  ChannelModel model{
      block.celsius.at(0, lane), block.param("gbar").at(i, lane), 0.0003L, -54, block.ions[0].e.at(i, lane),
      block.dt.at(0, lane)};
  model.m = ChannelModel::minf(potential(i, lane));
  model.h = 0.5L;
  return model;
}

TEST_P(InBothModes, cnexp_follows_the_exact_solution) {
  const CompiledMod mod(channel, GetParam());
  TestBlock block(*mod, n_instances);
  set_up_channel(block);
  block.initialise();
  for (int step = 0; step < 40; ++step) block.state();
  for (std::size_t i = 0; i < n_instances; ++i) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      ChannelModel model = channel_model(block, i, lane);
      for (int step = 0; step < 40; ++step) model.advance(potential(i, lane));
      EXPECT_LT(difference(block.var("m").at(i, lane), model.m), 2e-14) << i << " " << lane;
      EXPECT_LT(difference(block.var("h").at(i, lane), model.h), 2e-14) << i << " " << lane;
    }
  }
}

TEST_P(InBothModes, currents_and_conductance_are_summed_as_neuron_does) {
  const CompiledMod mod(channel, GetParam());
  TestBlock block(*mod, n_instances);
  set_up_channel(block);
  block.initialise();
  block.current();
  for (std::size_t i = 0; i < n_instances; ++i) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const ChannelModel model = channel_model(block, i, lane);
      const Real v = potential(i, lane), above = v + 0.001;
      const Real current = model.ina(v) + model.il(v);
      const Real slope = (model.ina(above) + model.il(above) - current) / 0.001L;
      EXPECT_LT(difference(block.ions[0].i.at(i, lane), 0.25L + model.ina(v)), 1e-14);
      EXPECT_LT(difference(block.var("ina").at(i, lane), model.ina(v)), 1e-14);
      EXPECT_LT(difference(block.var("il").at(i, lane), model.il(v)), 1e-14);
      EXPECT_LT(difference(block.rhs.at(i, lane), 2 - current), 1e-14);
      // The difference quotient multiplies round-off by 1000: NEURON's has the same noise.
      EXPECT_NEAR(block.d.at(i, lane), static_cast<double>(3 + slope), 1e-12);
    }
  }
}

TEST_P(InBothModes, every_lane_position_gives_the_same_bits) {
  const CompiledMod mod(channel, GetParam());
  TestBlock block(*mod, 2);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    block.v.at(0, lane) = -37.123;
    block.v.at(1, lane) = -90 + static_cast<double>(lane);  // neighbours that differ
    block.ions[0].e.fill_row(0, 50);
  }
  block.initialise();
  for (int step = 0; step < 5; ++step) {
    block.current();
    block.state();
  }
  for (std::size_t lane = 1; lane < lanes; ++lane) {
    for (Rows* row : {&block.var("m"), &block.var("h"), &block.var("g"), &block.rhs, &block.d, &block.ions[0].i}) {
      EXPECT_EQ(std::bit_cast<std::uint64_t>(row->at(0, lane)), std::bit_cast<std::uint64_t>(row->at(0, 0))) << lane;
    }
  }
}

// ----------------------------------------------------------------------------------------------------- transients

const char* const with_memory = R"(
NEURON { SUFFIX memo NONSPECIFIC_CURRENT i RANGE seen, last, maybe, always, either, later }
ASSIGNED { v (mV) i (mA/cm2) seen last maybe always either later }
STATE { m }
INITIAL { seen = 0  maybe = 1  last = v  m = 0  always = 2  later = 3 }
BREAKPOINT { SOLVE states METHOD cnexp  i = 1e-5*m*(v + 60)*later }
DERIVATIVE states {
  seen = seen + 1
  if (v > last) { maybe = 2 }
  last = v
  rate(v)
  if (v > 0) { either = 1 } else { either = -1 }
  m' = (always + either - m)/(maybe + 1)
}
PROCEDURE rate(u) { always = 1/(1 + exp(-u/10)) }
)";

TEST(Codegen, transient_variables_are_those_that_every_phase_assigns_first) {
  const CompiledMod mod(with_memory, NumericMode::fast);
  std::vector<std::string> transients;
  for (int k = 0; k < mod->n_vars; ++k) {
    if (mod->var[k].transient) transients.emplace_back(mod->var[k].name);
  }
  EXPECT_THAT(transients, ::testing::UnorderedElementsAre("i", "always", "either"));
}

TEST_P(InBothModes, lean_phases_do_the_same_without_memory_for_transients) {
  const CompiledMod mod(with_memory, GetParam());
  TestBlock whole(*mod, n_instances), lean(*mod, n_instances);
  std::vector<cw_real*> pointers(lean.block.var, lean.block.var + mod->n_vars);
  for (int k = 0; k < mod->n_vars; ++k) {
    if (mod->var[k].transient) pointers[static_cast<std::size_t>(k)] = nullptr;
  }
  lean.block.var = pointers.data();
  for (TestBlock* block : {&whole, &lean}) {
    for (std::size_t i = 0; i < n_instances; ++i) {
      for (std::size_t lane = 0; lane < lanes; ++lane) block->v.at(i, lane) = potential(i, lane);
    }
  }
  mod->init(&whole.block);
  mod->lean_init(&lean.block);
  for (int step = 0; step < 3; ++step) {
    mod->current(&whole.block);
    mod->state(&whole.block);
    mod->lean_current(&lean.block);
    mod->lean_state(&lean.block);
    whole.v.at(1, 3) += 5;
    lean.v.at(1, 3) += 5;
  }
  for (std::size_t i = 0; i < n_instances; ++i) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      for (const char* name : {"m", "seen", "last", "maybe"})
        EXPECT_EQ(whole.var(name).at(i, lane), lean.var(name).at(i, lane)) << name;
      EXPECT_EQ(whole.rhs.at(i, lane), lean.rhs.at(i, lane));
      EXPECT_EQ(whole.d.at(i, lane), lean.d.at(i, lane));
    }
  }
}

TEST(Codegen, describes_the_mechanism) {
  const CompiledMod mod(channel, NumericMode::fast);
  EXPECT_STREQ(mod->name, "chan");
  EXPECT_EQ(mod->kind, CW_DENSITY);
  EXPECT_EQ(mod->numeric_mode, static_cast<std::uint32_t>(CW_FAST));
  ASSERT_EQ(mod->n_params, 3);
  EXPECT_STREQ(mod->param[0].name, "gbar");
  EXPECT_STREQ(mod->param[0].unit, "S/cm2");
  EXPECT_EQ(mod->param[0].default_value, 0.1);
  EXPECT_EQ(mod->n_states, 2);
  EXPECT_STREQ(mod->var[0].name, "m");
  ASSERT_EQ(mod->n_globals, 3);
  ASSERT_EQ(mod->n_ions, 1);
  EXPECT_STREQ(mod->ion[0].name, "na");
  EXPECT_EQ(mod->ion[0].reads, static_cast<std::uint32_t>(CW_ION_E));
  EXPECT_EQ(mod->ion[0].writes, static_cast<std::uint32_t>(CW_ION_I));
  EXPECT_EQ(mod->table_values, 0);
  EXPECT_EQ(mod->build_tables, nullptr);
  EXPECT_EQ(mod->fixed_step_only, 0);
  EXPECT_EQ(mod->writes_concentration, 0);
}

// --------------------------------------------------------------------------------------------------------- TABLE

const char* const tabled = R"(
NEURON { SUFFIX tab RANGE x, low, f GLOBAL a, b }
PARAMETER { x = 0 low = -10 scale = 2 }
ASSIGNED { celsius a b f }
INITIAL { both(x) f = single(x) }
PROCEDURE both(u) {
  TABLE a, b DEPEND celsius, scale FROM low TO 30 WITH 16
  a = scale*exp(u/20)*celsius
  b = u*u
}
FUNCTION single(u) {
  TABLE DEPEND scale FROM 0 TO 1 WITH 3
  single = sqrt(u)*scale
}
)";

/// neuron-semantics 5.8.
template <class Function>
Real interpolate(Real x, double low, double high, int count, Function f) {
  const double step = (high - low) / count;
  std::vector<Real> entries;
  double at = low;
  for (int k = 0; k <= count; ++k, at += step) entries.push_back(f(static_cast<Real>(at)));
  const Real position = (x - low) * (1 / static_cast<Real>(step));
  if (position <= 0) return entries.front();
  if (position >= count) return entries.back();
  const auto row = static_cast<std::size_t>(position);
  return entries[row] + (position - static_cast<Real>(row)) * (entries[row + 1] - entries[row]);
}

TEST_P(InBothModes, a_table_interpolates_and_saturates) {
  const CompiledMod mod(tabled, GetParam());
  TestBlock block(*mod, 1);
  const double xs[] = {-11, -10, -9.9, 0.3, 0.999, 29.99, 30, 1e300};
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    block.param("x").at(0, lane) = xs[lane % 8];
    block.celsius.at(0, lane) = lane < 4 ? 6.3 : 36;
  }
  block.initialise();
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const Real x = xs[lane % 8], celsius = block.celsius.at(0, lane);
    const Real a = interpolate(x, -10, 30, 16, [&](Real u) { return 2 * std::exp(u / 20) * celsius; });
    EXPECT_LT(difference(block.global("a").at(0, lane), a), 1e-14) << lane;
    const Real b = interpolate(x, -10, 30, 16, [](Real u) { return u * u; });
    EXPECT_NEAR(block.global("b").at(0, lane), static_cast<double>(b), 1e-11) << lane;
    const Real f = interpolate(x, 0, 1, 3, [](Real u) { return 2 * std::sqrt(u); });
    EXPECT_NEAR(block.var("f").at(0, lane), static_cast<double>(f), 1e-14) << lane;
  }
}

TEST_P(InBothModes, lanes_share_a_table_when_everything_it_depends_on_is_equal) {
  const CompiledMod mod(tabled, GetParam());
  TestBlock block(*mod, 1);
  block.celsius.at(0, 3) = 20;
  block.param("low").at(0, 5) = -12;
  block.param("x").at(0, 6) = 7;  // no part of the table
  block.initialise();
  const auto size = static_cast<std::int32_t>(mod->table_values);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const auto own = static_cast<std::int32_t>(lane) * size;
    EXPECT_EQ(block.table_offset[lane], lane == 3 || lane == 5 ? own : 0) << lane;
  }
}

TEST_P(InBothModes, a_table_gives_nan_for_nan) {
  const CompiledMod mod(tabled, GetParam());
  TestBlock block(*mod, 1);
  block.param("x").at(0, 1) = std::numeric_limits<double>::quiet_NaN();
  block.initialise();
  EXPECT_TRUE(std::isnan(block.global("a").at(0, 1)));
  EXPECT_TRUE(std::isnan(block.var("f").at(0, 1)));
  EXPECT_FALSE(std::isnan(block.global("a").at(0, 0)));
}

TEST(Codegen, refuses_a_table_of_something_not_known_before_initial) {
  const char* text = R"(
NEURON { SUFFIX bad RANGE q, a }
ASSIGNED { v q a }
INITIAL { q = 2  rates(v) }
PROCEDURE rates(u) {
  TABLE a FROM 0 TO 1 WITH 10
  a = q*u
}
)";
  try {
    generate_cpp(compile_front_end(text, "bad.mod"));
    FAIL();
  } catch (const NmodlError& error) {
    EXPECT_EQ(error.diagnostics().front().message, "the TABLE of 'rates' depends on 'q', which is not a PARAMETER");
    EXPECT_EQ(error.diagnostics().front().span.line, 6);
  }
}

// ------------------------------------------------------------------------------------------------ point processes

TEST_P(InBothModes, an_electrode_current_has_the_other_sign_and_a_point_the_area) {
  const CompiledMod mod(R"(
NEURON { POINT_PROCESS Clamp ELECTRODE_CURRENT i RANGE del, dur, amp, rs }
PARAMETER { del = 1 dur = 2 amp = 0.5 (nA) rs = 4 }
ASSIGNED { v t i (nA) }
BREAKPOINT {
  if (t >= del && t < del + dur) { i = amp + (0 - v)/rs } else { i = 0 }
}
)",
                        GetParam());
  TestBlock block(*mod, 2);
  block.area = {100, 314};
  for (std::size_t lane = 0; lane < lanes; ++lane) block.t.at(0, lane) = static_cast<double>(lane) * 0.5;
  block.v.fill_row(0, -60);
  block.v.fill_row(1, -30);
  block.initialise();
  block.current();
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const bool on = lane >= 2 && lane < 6;
      const double scale = 100 / block.area[i];
      const double current = on ? 0.5 - block.v.at(i, lane) / 4 : 0;
      EXPECT_NEAR(block.rhs.at(i, lane), current * scale, 1e-13) << lane;
      EXPECT_NEAR(block.d.at(i, lane), on ? 0.25 * scale : 0, 1e-10) << lane;
    }
  }
  EXPECT_EQ(mod->kind, CW_POINT_PROCESS);
  EXPECT_EQ(mod->state, nullptr);
}

TEST_P(InBothModes, a_point_process_adds_to_an_ion_by_area) {
  const CompiledMod mod(R"(
NEURON { POINT_PROCESS Leak USEION k READ ek WRITE ik RANGE g }
PARAMETER { g = 0.002 (uS) }
ASSIGNED { v ek ik (nA) }
BREAKPOINT { ik = g*(v - ek) }
)",
                        GetParam());
  TestBlock block(*mod, 1);
  block.area = {250};
  block.ions[0].e.fill_row(0, -77);
  block.initialise();
  block.current();
  EXPECT_NEAR(block.ions[0].i.at(0, 4), 0.002 * 12 * 100 / 250, 1e-15);
  EXPECT_NEAR(block.var("ik").at(0, 4), 0.002 * 12, 1e-15);
  EXPECT_NEAR(block.rhs.at(0, 4), -0.002 * 12 * 100 / 250, 1e-15);
}

// --------------------------------------------------------------------------------------- phases and storage

TEST_P(InBothModes, breakpoint_runs_twice_at_two_potentials_on_a_private_v) {
  const CompiledMod mod(R"(
NEURON { SUFFIX twice NONSPECIFIC_CURRENT i RANGE calls, seen }
ASSIGNED { v i calls seen }
BREAKPOINT {
  calls = calls + 1
  if (v == -65) { v = v + 10 }
  seen = v
  i = 0.5*v
}
)",
                        GetParam());
  TestBlock block(*mod, 1);
  block.initialise();
  block.current();
  EXPECT_EQ(block.var("calls").at(0, 0), 2);
  EXPECT_EQ(block.var("seen").at(0, 0), -55);
  EXPECT_EQ(block.v.at(0, 0), -65);
  EXPECT_NEAR(block.rhs.at(0, 0), 27.5, 1e-14);
  EXPECT_NEAR(block.d.at(0, 0), 0.5 * (-64.999 + 55) / 0.001, 1e-9);
}

TEST_P(InBothModes, without_a_current_breakpoint_runs_once_after_the_solves) {
  const CompiledMod mod(R"(
NEURON { SUFFIX pool USEION ca READ ica WRITE cai RANGE decay, calls, seen }
PARAMETER { decay = 80 (ms) floor = 1e-4 (mM) }
ASSIGNED { ica cai calls seen }
STATE { c }
INITIAL { c = 2e-4  cai = c }
BREAKPOINT {
  SOLVE flow METHOD cnexp
  calls = calls + 1
  seen = c
  cai = c
}
DERIVATIVE flow { c' = -ica*0.5 - (c - floor)/decay }
)",
                        GetParam());
  TestBlock block(*mod, 1);
  block.ions[0].i.fill_row(0, -0.01);
  block.initialise();
  EXPECT_EQ(block.ions[0].ci.at(0, 0), 2e-4);
  block.state();
  const Real target = (0.005L + 1e-4L / 80) * 80;
  const Real c = target + (2e-4L - target) * std::exp(-0.025L / 80);
  EXPECT_EQ(mod->current, nullptr);
  EXPECT_EQ(mod->writes_concentration, 1);
  EXPECT_LT(difference(block.ions[0].ci.at(0, 5), c), 1e-13);
  EXPECT_EQ(block.var("seen").at(0, 5), block.ions[0].ci.at(0, 5));
  EXPECT_EQ(block.var("calls").at(0, 5), 1);
  EXPECT_EQ(block.ions[0].i.at(0, 5), -0.01);
}

TEST_P(InBothModes, states_start_at_x0_and_assigned_range_parameters_are_per_instance) {
  const CompiledMod mod(R"(
NEURON { SUFFIX start RANGE n0, k, got, plain }
PARAMETER { n0 = 0.25 p0 = 4 k = 3 }
ASSIGNED { v got plain }
STATE { n p w }
INITIAL { got = n + 10*p + 100*w  k = k*2  plain = k }
)",
                        GetParam());
  TestBlock block(*mod, 2);
  block.param("n0").at(1, 3) = 0.5;
  block.initialise();
  EXPECT_EQ(block.var("got").at(0, 3), 40.25);
  EXPECT_EQ(block.var("got").at(1, 3), 40.5);
  EXPECT_EQ(block.var("plain").at(1, 3), 6);
  EXPECT_EQ(block.param("k").at(1, 3), 3);
}

TEST_P(InBothModes, a_loop_that_never_ends_gives_nan) {
  const CompiledMod mod(R"(
NEURON { SUFFIX endless RANGE x, y, turns }
ASSIGNED { v x y turns }
INITIAL {
  x = 1  y = 2  turns = 0
  WHILE (x > 0) { LOCAL step
    step = 1
    IF (v > 5) { x = x - step }
    turns = turns + 1
  }
}
)",
                        GetParam());
  TestBlock block(*mod, 1);
  for (std::size_t lane = 0; lane < lanes; ++lane) block.v.at(0, lane) = lane % 2 == 0 ? 10 : 0;
  block.initialise();
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    EXPECT_EQ(std::isnan(block.var("x").at(0, lane)), lane % 2 == 1) << lane;
    EXPECT_EQ(std::isnan(block.var("turns").at(0, lane)), lane % 2 == 1) << lane;
    EXPECT_EQ(block.var("y").at(0, lane), 2);
  }
}

TEST_P(InBothModes, loops_and_arrays) {
  const CompiledMod mod(R"(
DEFINE N 5
NEURON { SUFFIX loops RANGE sum, rounds, picked, total, outside }
PARAMETER { last = 3 which = 2 }
ASSIGNED { v a[N] sum rounds picked total outside }
INITIAL {
  LOCAL b[3], x
  FROM i = 0 TO N-1 { a[i] = i*i }
  sum = 0
  FROM i = 0 TO last { sum = sum + a[i] }
  FROM i = 0 TO 2 { b[i] = a[i+1] }
  picked = b[which]
  x = 1000
  rounds = 0
  WHILE (x > v*v) { x = x/2  rounds = rounds + 1 }
  total = 0
  FROM i = 0 TO 4 BY 2 { total = total + a[i] }
  outside = a[which + 3]
}
)",
                        GetParam());
  TestBlock block(*mod, 1);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    block.v.at(0, lane) = static_cast<double>(lane) + 1;
    block.global("last").at(0, lane) = static_cast<double>(lane % 4);
  }
  block.initialise();
  const double sums[] = {0, 1, 5, 14};
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    int rounds = 0;
    for (double x = 1000; x > block.v.at(0, lane) * block.v.at(0, lane); x /= 2) ++rounds;
    EXPECT_EQ(block.var("sum").at(0, lane), sums[lane % 4]);
    EXPECT_EQ(block.var("rounds").at(0, lane), rounds);
    EXPECT_EQ(block.var("picked").at(0, lane), 9);
    EXPECT_EQ(block.var("total").at(0, lane), 20);
    EXPECT_TRUE(std::isnan(block.var("outside").at(0, lane)));
  }
}

TEST_P(InBothModes, an_array_takes_consecutive_rows) {
  const CompiledMod mod(R"(
NEURON { SUFFIX arr RANGE w, y }
PARAMETER { w[3] = 2 }
ASSIGNED { v y[2] }
INITIAL { y[0] = w[0] + w[2]  y[1] = 7 }
)",
                        GetParam());
  ASSERT_EQ(mod->n_params, 3);
  EXPECT_EQ(mod->param[0].array_size, 3);
  EXPECT_STREQ(mod->param[1].name, "w[1]");
  TestBlock block(*mod, 1);
  block.param("w[2]").fill_row(0, 40);
  block.initialise();
  EXPECT_EQ(block.var("y").at(0, 6), 42);
  EXPECT_EQ(block.var("y[1]").at(0, 6), 7);
}

TEST_P(InBothModes, functions_and_operators) {
  const CompiledMod mod(R"(
NEURON { SUFFIX ops RANGE x, y, r1, r2, r3, r4, r5, r6, r7, r8, r9 }
PARAMETER { x = 0.7 y = 2.5 }
ASSIGNED { v r1 r2 r3 r4 r5 r6 r7 r8 r9 }
INITIAL {
  r1 = x^3 + 2^y + pow(x, 0.5)
  r2 = -x^2
  r3 = exp(x) + log(y) + log10(y) + sqrt(y) + fabs(-x)
  r4 = sin(x) + cos(x) + tan(x) + sinh(x) + cosh(x) + tanh(x)
  r5 = floor(-x) + ceil(x) + fmod(y, 2) + atan2(x, y)
  r6 = (x < y) + (x > y)*10 + (x == x)*100 + !(x < y)*1000
  if (x < y && !(x > y) || x == y) { r7 = 1 } else { r7 = 2 }
  r8 = 7/2*x - y/5
  side(x)
  r9 = twice(twice(x)) + r9
}
FUNCTION twice(z) { z = z + z  twice = z }
PROCEDURE side(z) { r9 = 100*z }
)",
                        GetParam());
  TestBlock block(*mod, 1);
  block.initialise();
  const Real x = block.param("x").at(0, 0), y = 2.5L;
  const auto value = [&](const char* name) { return block.var(name).at(0, 2); };
  EXPECT_LT(difference(value("r1"), x * x * x + std::pow(2.0L, y) + std::sqrt(x)), 1e-15);
  EXPECT_LT(difference(value("r2"), -x * x), 1e-15);
  EXPECT_LT(difference(value("r3"), std::exp(x) + std::log(y) + std::log10(y) + std::sqrt(y) + x), 1e-15);
  EXPECT_LT(
      difference(value("r4"), std::sin(x) + std::cos(x) + std::tan(x) + std::sinh(x) + std::cosh(x) + std::tanh(x)),
      1e-15);
  EXPECT_LT(difference(value("r5"), -1 + 1 + 0.5L + std::atan2(x, y)), 1e-15);
  EXPECT_EQ(value("r6"), 101);
  EXPECT_EQ(value("r7"), 1);
  EXPECT_LT(difference(value("r8"), 3.5L * x - 0.5L), 1e-15);
  EXPECT_LT(difference(value("r9"), 4 * x + 100 * x), 1e-15);
}

TEST_P(InBothModes, a_function_may_have_a_builtins_name) {
  const CompiledMod mod(R"(
NEURON { SUFFIX own RANGE x }
ASSIGNED { v x }
INITIAL { x = ghk(v, 2) }
FUNCTION ghk(v, w) { ghk = v*w + 1 }
)",
                        GetParam());
  TestBlock block(*mod, 1);
  block.initialise();
  EXPECT_EQ(block.var("x").at(0, 0), -129);
}

TEST_P(InBothModes, a_procedure_that_is_solved_sees_dt_and_the_new_time) {
  const CompiledMod mod(R"(
NEURON { SUFFIX old RANGE n, at }
ASSIGNED { v dt t at }
STATE { n }
INITIAL { n = 1 }
BREAKPOINT { SOLVE step }
PROCEDURE step() { n = n*(1 - dt/2)  at = t }
)",
                        GetParam());
  TestBlock block(*mod, 1);
  block.initialise();
  block.t.fill_row(0, 0.025);
  block.state();
  EXPECT_EQ(block.var("n").at(0, 0), 1 - 0.025 / 2);
  EXPECT_EQ(block.var("at").at(0, 0), 0.025);
  EXPECT_EQ(mod->fixed_step_only, 1);
}

TEST(Codegen, names_the_mod_file_line_by_line) {
  const std::string code = generate_cpp(compile_front_end(channel, "folder/chan.mod"));
  EXPECT_NE(code.find("#line 15 \"chan.mod\"\n  f.x_g ="), std::string::npos);
  EXPECT_EQ(code.find("folder/"), std::string::npos);
}

TEST(IonCurrents, ThatNobodyLooksAtAreLeftOut) {
  const std::string text =
      "NEURON { SUFFIX leak USEION na READ ena WRITE ina }\nPARAMETER { g = 0.1 }\nASSIGNED { v ena ina }\n"
      "BREAKPOINT { ina = g*(v - ena) }\n";
  for (const NumericMode mode : {NumericMode::strict, NumericMode::fast}) {
    const CompiledMod leak(text, mode);
    TestBlock with(*leak, 3), without(*leak, 3);
    without.views[0].i = nullptr;
    for (TestBlock* block : {&with, &without}) leak->lean_current(&block->block);
    EXPECT_DOUBLE_EQ(with.ions[0].i.at(2, 1), -6.5);
    EXPECT_EQ(without.ions[0].i.at(2, 1), 0);
    EXPECT_EQ(without.rhs.at(2, 1), with.rhs.at(2, 1));
    EXPECT_EQ(without.d.at(2, 1), with.d.at(2, 1));
  }
}

}  // namespace
}  // namespace cellwright::nmodl::test
