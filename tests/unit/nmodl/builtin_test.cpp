// The built-in mechanisms against numbers that NEURON 9.0.2 (PyPI) gave for its own hh and pas in one segment:
//   h.celsius = c; h.finitialize(v); seg.hh.minf ...
#include <cmath>

#include <gmock/gmock.h>

#include "cellwright/nmodl/mechanism_library.hpp"
#include "nmodl/builtin/variants.hpp"
#include "unit/nmodl/test_block.hpp"

namespace cellwright::nmodl::test {
namespace {

struct HhRates {
  double celsius, v;
  double values[6];  ///< minf, mtau, hinf, htau, ninf, ntau
};
constexpr HhRates neuron_rates[] = {
    {6.3,
     -120,
     {0.0005329778846169563, 0.03574760784411865, 0.9962871741539278, 2.473267872311834, 0.025446654154322342,
      5.033751453365069}},
    {6.3,
     -77.3,
     {0.011461380807270447, 0.12482400263553847, 0.9001029327997404, 6.952658585040528, 0.15567838618803176,
      5.791862663727318}},
    {6.3,
     -65,
     {0.05293248525724958, 0.2367668786856876, 0.5961207535084603, 8.516010764406575, 0.3176769140606974,
      5.458584687514421}},
    {6.3,
     -55,
     {0.15805238900582083, 0.3668595168949243, 0.2626322421615716, 6.1858194860492866, 0.47548378767952965,
      4.754837876795296}},
    {6.3,
     -40,
     {0.5006486315783902, 0.5006486315783902, 0.05044149224155692, 2.515115817274061, 0.6785909741451827,
      3.514512409392594}},
    {6.3,
     -39.999,
     {0.5006748902896898, 0.5006494015788527, 0.05043643062332398, 2.514979447463598, 0.6786017963071455,
      3.5144367908861263}},
    {6.3,
     30.1,
     {0.9971141854207596, 0.1421157306911758, 0.0006031987078535829, 1.0008850347455325, 0.9571813798846551,
      1.1245584170232428}},
    {6.3,
     140,
     {0.9999701540173902, 0.07142638017953491, 1.828778963398621e-05, 0.9999830831443808, 0.989851174897981,
      0.6386135427366768}},
    {23.7,
     -77.3,
     {0.011461380807270447, 0.01845470559874747, 0.9001029327997404, 1.0279214302249617, 0.15567838618803176,
      0.8563026186522341}},
    {23.7,
     -54.5,
     {0.1661688188334441, 0.05523517346741795, 0.24975506633912176, 0.8908519766778321, 0.483234859309738,
      0.6968850250167626}},
    {23.7,
     -12.34,
     {0.932192697201199, 0.04669786120582529, 0.0055242074277120495, 0.16229703659217917, 0.8698660977292578,
      0.29725877316541754}},
    {23.7,
     100,
     {0.9999701540173902, 0.01056009093095881, 1.828778963398621e-05, 0.147843307485024, 0.989851174897981,
      0.09441633559043631}},
};

/// All variants that this processor can run.
std::vector<const cw_mechanism*> variants(const std::string& name) {
  std::vector<const cw_mechanism*> found = {find_builtin_variant(name, NumericMode::strict, InstructionSet::baseline)};
  for (int set = 0; set <= static_cast<int>(numeric::best_instruction_set()); ++set) {
    found.push_back(find_builtin_variant(name, NumericMode::fast, static_cast<InstructionSet>(set)));
  }
  return found;
}

TEST(Builtins, hh_has_neurons_rates_by_table) {
  for (const cw_mechanism* hh : variants("hh")) {
    const std::size_t n = std::size(neuron_rates);
    TestBlock block(*hh, n);
    for (std::size_t i = 0; i < n; ++i) block.v.fill_row(i, neuron_rates[i].v);
    for (std::size_t lane = 1; lane < lanes; lane += 2) block.celsius.at(0, lane) = 23.7;
    block.initialise();
    const char* const names[] = {"minf", "mtau", "hinf", "htau", "ninf", "ntau"};
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t lane = neuron_rates[i].celsius == 6.3 ? 4 : 5;
      for (std::size_t k = 0; k < 6; ++k) {
        const double expected = neuron_rates[i].values[k];
        EXPECT_NEAR(block.var(names[k]).at(i, lane), expected, 4e-15 * expected)
            << names[k] << " at " << neuron_rates[i].v;
      }
      EXPECT_EQ(block.var("m").at(i, lane), block.var("minf").at(i, lane));
    }
  }
}

TEST(Builtins, the_strict_hh_table_equals_neurons_to_the_last_bits) {
  const cw_mechanism* hh = find_builtin_variant("hh", NumericMode::strict, InstructionSet::baseline);
  TestBlock block(*hh, 1);
  block.v.fill_row(0, -39.999);
  block.initialise();
  EXPECT_DOUBLE_EQ(block.var("minf").at(0, 0), 0.5006748902896898);
  EXPECT_DOUBLE_EQ(block.var("ntau").at(0, 0), 3.5144367908861263);
}

TEST(Builtins, hh_has_neurons_currents_and_defaults) {
  for (const cw_mechanism* hh : variants("hh")) {
    TestBlock block(*hh, 1);
    block.v.fill_row(0, -50);
    block.ions[0].e.fill_row(0, 50);
    block.ions[1].e.fill_row(0, -77);
    block.initialise();
    block.current();
    const double ina = -0.0290518812769627, ik = 0.08947199809027229, il = 0.001289999999999999;
    EXPECT_NEAR(block.ions[0].i.at(0, 3), ina, 1e-15);
    EXPECT_NEAR(block.ions[1].i.at(0, 3), ik, 1e-15);
    EXPECT_NEAR(block.var("il").at(0, 3), il, 1e-17);
    EXPECT_NEAR(block.var("gna").at(0, 3), 0.000290518812769627, 1e-17);
    EXPECT_NEAR(block.var("gk").at(0, 3), 0.0033137777070471218, 1e-17);
    EXPECT_NEAR(block.rhs.at(0, 3), -(ina + ik + il), 1e-15);
    EXPECT_NEAR(block.d.at(0, 3), 0.000290518812769627 + 0.0033137777070471218 + 0.0003, 1e-12);
  }
}

TEST(Builtins, pas_has_neurons_current_and_defaults) {
  for (const cw_mechanism* pas : variants("pas")) {
    TestBlock block(*pas, 1);
    block.v.fill_row(0, -50);
    block.initialise();
    block.current();
    EXPECT_DOUBLE_EQ(block.var("i").at(0, 0), 0.02);
    EXPECT_DOUBLE_EQ(block.rhs.at(0, 0), -0.02);
    EXPECT_NEAR(block.d.at(0, 0), 0.001, 1e-12);
    EXPECT_EQ(pas->state, nullptr);
  }
}

TEST(Builtins, are_listed_and_fit_this_program) {
  EXPECT_THAT(builtin_mechanism_names(),
              ::testing::ElementsAre("Exp2Syn", "ExpSyn", "NetStim", "SEClamp", "hh", "pas"));
  EXPECT_EQ(find_builtin_mechanism("hH", NumericMode::fast), nullptr);
  for (const std::string& name : builtin_mechanism_names()) {
    for (const cw_mechanism* mechanism : variants(name)) {
      check_descriptor(mechanism, NumericMode::fast, name);
      EXPECT_EQ(mechanism->name, name);
    }
    for (int set = 0; set <= static_cast<int>(numeric::best_instruction_set()); ++set) {
      const auto* single = find_builtin_variant(name, NumericMode::single, static_cast<InstructionSet>(set));
      check_descriptor(single, NumericMode::single, name);
      EXPECT_EQ(single->name, name);
    }
    EXPECT_EQ(find_builtin_mechanism(name, NumericMode::strict)->numeric_mode, static_cast<std::uint32_t>(CW_STRICT));
    EXPECT_EQ(find_builtin_mechanism(name, NumericMode::fast)->numeric_mode, static_cast<std::uint32_t>(CW_FAST));
  }
}

}  // namespace
}  // namespace cellwright::nmodl::test
