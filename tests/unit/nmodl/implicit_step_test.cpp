// One iteration of an implicit step: against the equations that it solves, and lane by lane.
#include <cmath>
#include <random>

#include <gmock/gmock.h>

#include "cellwright/nmodl/mechanism_library.hpp"
#include "unit/nmodl/compiled_mod.hpp"

namespace cellwright::nmodl::test {
namespace {

constexpr std::size_t instances = 5;
constexpr std::size_t points = instances * static_cast<std::size_t>(lanes);

/// A block with what an implicit step needs besides, at random places: v from -90 to 40 mV or, where it is not to be
/// usual, from 251 to 400, histories from 0 to 1.
class StepBlock {
 public:
  StepBlock(const cw_mechanism& mechanism, unsigned seed, bool usual = true)
      : usual_(usual), block_(mechanism, instances), a0_(1), weight_(CW_HISTORY_POINTS), random_(seed) {
    block_.block.v_is_usual = &usual_;
    for (auto& ion : block_.ions) {
      ion.e = filled(-90, 60);
      ion.ci = filled(1e-4, 1e-3);
      ion.co = filled(2, 3);
    }
    for (std::size_t k = 0; k < block_.views.size(); ++k) {
      block_.views[k].e = block_.ions[k].e.data();
      block_.views[k].ci = block_.ions[k].ci.data();
      block_.views[k].co = block_.ions[k].co.data();
      slopes_of_ions_.push_back(Rows(instances));
      block_.views[k].i_slope = slopes_of_ions_.back().data();
    }
    block_.initialise();
    fill(block_.v, points, usual ? -90 : 251, usual ? 40 : 400);
    fill(a0_, static_cast<std::size_t>(lanes), 5, 100);
    fill(weight_, static_cast<std::size_t>(lanes) * CW_HISTORY_POINTS, -40, 40);
    for (int s = 0; s < mechanism.derivatives->n_states; ++s) {
      for (int p = 0; p < CW_HISTORY_POINTS; ++p) history_.push_back(filled(0, 1));
      slopes_.emplace_back(instances);
    }
    for (Rows& rows : history_) history_pointers_.push_back(rows.data());
    for (Rows& rows : slopes_) slope_pointers_.push_back(rows.data());
  }

  TestBlock& block() { return block_; }
  /// An unusual v for one instance in one lane.
  void move_away(std::size_t i, std::size_t lane) {
    block_.v.at(i, lane) = 2 * CW_USUAL_V;
    usual_ = 0;
  }
  std::size_t n_states() const { return slopes_.size(); }
  Rows& state(std::size_t s) {
    return block_.vars[static_cast<std::size_t>(block_.mechanism.derivatives->state[s].var)];
  }
  Rows& slope(std::size_t s) { return slopes_[s]; }
  double a0(std::size_t lane) { return a0_.at(0, lane); }
  /// The sum over a state's history.
  double history(std::size_t s, std::size_t i, std::size_t lane) {
    double sum = 0;
    for (std::size_t p = 0; p < CW_HISTORY_POINTS; ++p)
      sum += weight_.at(p, lane) * history_[s * CW_HISTORY_POINTS + p].at(i, lane);
    return sum;
  }

  /// All that the step leaves behind, one number after the other.
  std::vector<double> run() {
    block_.rhs = filled(0, 0);
    block_.d = filled(0, 0);
    block_.block.rhs = block_.rhs.data();
    block_.block.d = block_.d.data();
    for (std::size_t k = 0; k < block_.views.size(); ++k) {
      for (std::size_t q = 0; q < points; ++q) block_.views[k].i[q] = block_.views[k].i_slope[q] = 0;
    }
    const cw_implicit_step step{a0_.data(), weight_.data(), history_pointers_.data(), slope_pointers_.data()};
    block_.mechanism.derivatives->implicit(&block_.block, &step);
    std::vector<double> all;
    const auto add = [&](const cw_real* rows) { all.insert(all.end(), rows, rows + points); };
    for (std::size_t s = 0; s < n_states(); ++s) {
      add(state(s).data());
      add(slope(s).data());
    }
    add(block_.rhs.data());
    add(block_.d.data());
    for (const cw_ion_view& view : block_.views) {
      add(view.i);
      add(view.i_slope);
    }
    return all;
  }

 private:
  void fill(Rows& rows, std::size_t count, double low, double high) {
    for (std::size_t k = 0; k < count; ++k)
      rows.data()[k] = low + (high - low) * (static_cast<double>(random_() >> 5) / static_cast<double>(1U << 27));
  }
  Rows filled(double low, double high) {
    Rows rows(instances);
    fill(rows, points, low, high);
    return rows;
  }

  std::int32_t usual_;
  TestBlock block_;
  Rows a0_, weight_;
  std::vector<Rows> history_, slopes_, slopes_of_ions_;
  std::vector<const cw_real*> history_pointers_;
  std::vector<cw_real*> slope_pointers_;
  std::mt19937 random_;
};

const std::string trap = R"(
NEURON { SUFFIX trap USEION na READ ena WRITE ina RANGE g }
PARAMETER { g = 0.1 }
ASSIGNED { v (mV) ena ina mtau minf htau hinf }
STATE { m h }
BREAKPOINT { SOLVE s METHOD cnexp  ina = g*m*m*m*h*(v - ena) }
DERIVATIVE s { rates()  m' = (minf - m)/mtau  h' = (hinf - h)/htau }
PROCEDURE rates() {
  LOCAL a, b, q
  q = 2.3^((34 - 21)/10)
  IF (v == -32) { v = v + 0.0001 }
  a = 0.182*(v + 32)/(1 - exp(-(v + 32)/6))
  b = 0.124*(-v - 32)/(1 - exp(-(-v - 32)/6))
  mtau = (1/(a + b))/q
  minf = a/(a + b)
  a = -0.015*(v + 60)/(1 - exp((v + 60)/6))
  b = -0.015*(-v - 60)/(1 - exp((-v - 60)/6))
  htau = (1/(a + b))/q
  hinf = a/(a + b)
}
)";

const std::string two_times = R"(
NEURON { SUFFIX two USEION k READ ek WRITE ik NONSPECIFIC_CURRENT i RANGE g }
PARAMETER { g = 0.02 }
ASSIGNED { v (mV) ek ik i minf mtau }
STATE { m n }
BREAKPOINT { SOLVE s METHOD cnexp  ik = g*m*(v - ek)  i = 0.001*n*v }
DERIVATIVE s {
  minf = 1/(1 + exp((v - 18.7)/(-9.7)))
  mtau = 0.2*20/(1 + exp((v + 46.56)/(-44.14)))
  m' = (minf - m)/mtau
  n' = (1/(1 + exp(-(v + 35)/8)) - n)/(2 + 90/(exp((v + 40)/20) + exp(-(v + 40)/25)))
}
)";

const std::string coupled = R"(
NEURON { SUFFIX scheme NONSPECIFIC_CURRENT i RANGE g }
PARAMETER { g = 0.01 }
ASSIGNED { v (mV) i }
STATE { c o d }
BREAKPOINT { SOLVE s METHOD sparse  i = g*o*(v + 80) }
KINETIC s { ~ c <-> o (exp(v/20), exp(-v/25))  ~ o <-> d (0.1, 0.02) }
)";

class ImplicitStep : public testing::TestWithParam<std::string> {
 protected:
  CompiledMod mod_{GetParam(), NumericMode::fast, true};
};
class ImplicitStepOfLinearStates : public ImplicitStep {};

/// x' = a0 x + H is what the equations say: A - B x; compared at the x that the step leaves, for usual v and any.
TEST_P(ImplicitStepOfLinearStates, SolvesTheEquations) {
  for (const bool usual : {true, false}) {
    StepBlock step(*mod_, 3, usual);
    step.run();
    std::vector<Rows> outputs;
    std::vector<cw_real*> out;
    for (int k = 0; k < mod_->derivatives->n_rate_outputs; ++k) outputs.emplace_back(instances);
    for (Rows& rows : outputs) out.push_back(rows.data());
    mod_->derivatives->rates(&step.block().block, out.data());
    for (std::size_t s = 0; s < step.n_states(); ++s) {
      std::size_t a = 0, b = 0;
      for (std::size_t k = 0; k < outputs.size(); ++k) {
        const cw_output& row = mod_->derivatives->rate_output[k];
        if (row.of != static_cast<int>(s) || row.by != CW_BY_NOTHING) continue;
        (row.kind == CW_RATE_A ? a : b) = k;
      }
      for (std::size_t i = 0; i < instances; ++i) {
        for (std::size_t lane = 0; lane < static_cast<std::size_t>(lanes); ++lane) {
          const double x = step.state(s).at(i, lane), rate_b = outputs[b].at(i, lane);
          const double right = outputs[a].at(i, lane) - step.history(s, i, lane);
          EXPECT_NEAR(x * (step.a0(lane) + rate_b), right, 1e-8 * (std::fabs(right) + step.a0(lane) + rate_b));
        }
      }
    }
  }
}

/// Slopes of states, and d, are what changes when v does; but for gates that are slow.
TEST_P(ImplicitStep, KnowsHowAllFollowsV) {
  constexpr double change = 1e-4;
  for (const bool usual : {true, false}) {
    StepBlock middle(*mod_, 5, usual), low(*mod_, 5, usual), high(*mod_, 5, usual);
    for (std::size_t q = 0; q < points; ++q) {
      low.block().v.data()[q] -= change;
      high.block().v.data()[q] += change;
    }
    middle.run();
    low.run();
    high.run();
    bool any_slow = mod_->derivatives->coupled != 0;  // a scheme is computed at states that were predicted
    for (std::size_t s = 0; s < middle.n_states(); ++s) {
      const bool slow = mod_->derivatives->state[s].slow != 0;
      any_slow = any_slow || slow;
      for (std::size_t q = 0; q < points && !slow; ++q) {
        const double seen = (high.state(s).data()[q] - low.state(s).data()[q]) / (2 * change);
        if (mod_->derivatives->coupled) continue;
        EXPECT_NEAR(middle.slope(s).data()[q], seen, 1e-6 + 1e-5 * std::fabs(seen));
      }
    }
    for (std::size_t q = 0; q < points && !any_slow; ++q) {
      const double seen = (low.block().rhs.data()[q] - high.block().rhs.data()[q]) / (2 * change);
      EXPECT_NEAR(middle.block().d.data()[q], seen, 1e-6 * (1 + std::fabs(seen)));
    }
  }
}

TEST_P(ImplicitStep, UnusualVOfOneLaneChangesNothingInOthers) {
  const auto odd = [](std::size_t i) { return i % static_cast<std::size_t>(lanes); };
  StepBlock step(*mod_, 7), other(*mod_, 7), alone(*mod_, 7);
  for (std::size_t i = 0; i < instances; ++i) {
    other.move_away(i, odd(i));
    for (std::size_t lane = 0; lane < static_cast<std::size_t>(lanes); ++lane) alone.move_away(i, lane);
  }
  const std::vector<double> usual = step.run(), mixed = other.run(), unusual = alone.run();
  for (std::size_t k = 0; k < usual.size(); ++k) {
    const std::size_t i = k % points / static_cast<std::size_t>(lanes), lane = k % static_cast<std::size_t>(lanes);
    EXPECT_EQ(mixed[k], lane == odd(i) ? unusual[k] : usual[k]) << k;
    EXPECT_TRUE(std::isfinite(mixed[k])) << k;
  }
}

INSTANTIATE_TEST_SUITE_P(Mechanisms, ImplicitStepOfLinearStates, testing::Values(trap, two_times));
INSTANTIATE_TEST_SUITE_P(Mechanisms, ImplicitStep, testing::Values(trap, two_times, coupled));

}  // namespace
}  // namespace cellwright::nmodl::test
