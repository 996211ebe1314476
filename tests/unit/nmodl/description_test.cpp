#include <gmock/gmock.h>

#include "cellwright/nmodl/front_end.hpp"
#include "golden_cases.hpp"

namespace cellwright::nmodl {
namespace {

using testing::ElementsAre;

MechanismDescription compile_data(const std::string& file) {
  return compile_front_end(std::filesystem::path(test::data_folder + file));
}

double unit_constant(const std::string& definition) {
  return compile_front_end("NEURON { SUFFIX x }\nUNITS { (mV) = (millivolt) F = " + definition + " }", "case.mod")
      .find_variable("F")
      ->value;
}

TEST(MechanismDescription, OfAChannelWithATable) {
  const MechanismDescription channel = compile_data("potassium.mod");

  EXPECT_EQ(channel.name, "kdemo");
  EXPECT_EQ(channel.kind, MechanismKind::density);
  ASSERT_EQ(channel.ions.size(), 1U);
  EXPECT_EQ(channel.ions[0].name, "k");
  ASSERT_EQ(channel.currents.size(), 1U);
  EXPECT_EQ(channel.currents[0].name, "ik");
  EXPECT_FALSE(channel.breakpoint_in_state_phase);
  EXPECT_EQ(channel.find_variable("gbar")->storage, Storage::range);
  EXPECT_EQ(channel.find_variable("gbar")->value, 0.01);
  EXPECT_EQ(channel.find_variable("vhalf")->storage, Storage::global);
  EXPECT_EQ(channel.find_variable("vhalf")->value, -35);
  EXPECT_EQ(channel.find_variable("ninf")->storage, Storage::global);
  EXPECT_TRUE(channel.find_variable("ninf")->written);
  EXPECT_EQ(channel.find_variable("ek")->storage, Storage::ion);
  EXPECT_EQ(channel.find_variable("n")->kind, VariableKind::state);
  EXPECT_TRUE(channel.uses("celsius"));
  EXPECT_TRUE(channel.uses("dt"));
  EXPECT_FALSE(channel.uses("area"));
  ASSERT_EQ(channel.functions.size(), 2U);
  EXPECT_EQ(channel.functions[0].name, "linoid");
  const Function& settle = channel.functions[1];
  EXPECT_THAT(settle.arguments, ElementsAre("v_arg"));
  ASSERT_TRUE(settle.table);
  EXPECT_THAT(settle.table->outputs, ElementsAre("ninf", "ntau"));
  EXPECT_THAT(settle.table->depend, ElementsAre("celsius", "q10"));
  EXPECT_EQ(settle.table->count, 200);
  EXPECT_THAT(settle.usage.reads, ElementsAre("celsius", "q10", "vhalf"));
  EXPECT_THAT(settle.usage.writes, ElementsAre("ninf", "ntau"));
  EXPECT_EQ(print_nmodl(channel.solves[0].step),
            "settle(v)\nn = n + (1 - exp(dt*(-1/ntau)))*(-(ninf/ntau)/(-1/ntau) - n)\n");
  EXPECT_EQ(print_nmodl(*channel.solves[0].equations[0].target), "ninf");
  EXPECT_EQ(print_nmodl(channel.breakpoint), "g = gbar*n^4\nik = g*(v - ek)\n");
}

TEST(MechanismDescription, OfAPoolThatWritesAConcentration) {
  const MechanismDescription pool = compile_data("calcium_pool.mod");

  EXPECT_TRUE(pool.currents.empty());
  EXPECT_TRUE(pool.breakpoint_in_state_phase);
  const Variable& cai = *pool.find_variable("cai");
  EXPECT_EQ(cai.kind, VariableKind::state);
  EXPECT_EQ(cai.storage, Storage::ion);
  EXPECT_EQ(pool.find_variable("FARADAY")->storage, Storage::constant);
  EXPECT_EQ(pool.find_variable("FARADAY")->value, 96485.33212331001);
  ASSERT_EQ(pool.ions[0].variables.size(), 2U);
  EXPECT_TRUE(pool.ions[0].variables[0].read);
  EXPECT_TRUE(pool.ions[0].variables[1].written);
  EXPECT_EQ(pool.ions[0].variables[1].role, IonRole::inside);
}

TEST(MechanismDescription, OfAnElectrode) {
  const MechanismDescription clamp = compile_data("ramp_clamp.mod");

  EXPECT_EQ(clamp.kind, MechanismKind::point_process);
  EXPECT_EQ(clamp.currents[0].kind, CurrentKind::electrode);
  EXPECT_EQ(clamp.find_variable("elapsed")->array_size, 2);
  EXPECT_EQ(clamp.find_variable("calls")->kind, VariableKind::file_local);
  EXPECT_TRUE(clamp.uses("t"));
}

// nocmodl 9.0.2 writes `double pi = 3.14159;` for the PARAMETER, and the CONSTANT as it stands.
TEST(MechanismDescription, DefaultsOfParametersHaveSixDigitsAsInNeuron) {
  const MechanismDescription mechanism = compile_front_end(
      "NEURON { SUFFIX six RANGE big }\n"
      "PARAMETER { pi = 3.14159265358979 big = -9876543.21 small = 0.000123456789 }\n"
      "CONSTANT { e = 2.718281828459045 }\nASSIGNED { x }\nINITIAL { x = pi + big + small + e }",
      "case.mod");

  EXPECT_EQ(mechanism.find_variable("pi")->value, 3.14159);
  EXPECT_EQ(mechanism.find_variable("big")->value, -9.87654e+06);
  EXPECT_EQ(mechanism.find_variable("small")->value, 0.000123457);
  EXPECT_EQ(mechanism.find_variable("e")->value, 2.718281828459045);
}

TEST(MechanismDescription, AsJson) {
  const MechanismDescription mechanism = compile_front_end(
      "TITLE leak\nNEURON { SUFFIX lk NONSPECIFIC_CURRENT i RANGE g }\n"
      "PARAMETER { g = 0.001 (S/cm2) <0, 1> e = -70 }\nBREAKPOINT { i = g*(v - e) }",
      "case.mod");

  EXPECT_EQ(describe_json(mechanism), R"({
  "suffix": "lk",
  "kind": "density",
  "title": "leak",
  "ions": [],
  "currents": [
    {
      "name": "i",
      "kind": "nonspecific"
    }
  ],
  "range_parameters": [
    {
      "name": "g",
      "unit": "S/cm2",
      "default": 0.001,
      "limits": [
        0.0,
        1.0
      ]
    }
  ],
  "global_parameters": [
    {
      "name": "e",
      "unit": null,
      "default": -70.0
    }
  ],
  "range_assigned": [
    {
      "name": "i",
      "unit": null
    }
  ],
  "states": [],
  "pointers": [],
  "random": [],
  "lists": [],
  "weights": null
})");
}

TEST(MechanismDescription, OfAPointProcessWithEventsAsJson) {
  const MechanismDescription mechanism = compile_front_end(
      "NEURON { ARTIFICIAL_CELL cell POINTER p RANDOM r }\nASSIGNED { space }\n"
      "NET_RECEIVE (w, last (ms)) { WATCH (p > 1) 2 }\n"
      "INITIAL {\nVERBATIM\nvoid* vv = *((void**)(&space));\nif (vv && vector_capacity(vv) > "
      "2)\nENDVERBATIM\nnet_send(1, 2)\n}",
      "case.mod");

  EXPECT_EQ(describe_json(mechanism), R"({
  "suffix": "cell",
  "kind": "artificial cell",
  "title": "",
  "ions": [],
  "currents": [],
  "range_parameters": [],
  "global_parameters": [],
  "range_assigned": [],
  "states": [],
  "pointers": [
    {
      "name": "p",
      "unit": null
    }
  ],
  "random": [
    "r"
  ],
  "lists": [
    "space"
  ],
  "weights": [
    "w",
    "last"
  ]
})");
  EXPECT_EQ(mechanism.net_receive->watches.size(), 1U);
}

TEST(MechanismDescription, InitialNamesOfStates) {
  const MechanismDescription mechanism = compile_front_end(
      "NEURON { SUFFIX x }\nPARAMETER { m0 = 0.3 }\nSTATE { m h n }\nINITIAL { h = h0 }\n"
      "BREAKPOINT { SOLVE s METHOD cnexp }\nDERIVATIVE s { m' = -m h' = -h n' = -n }",
      "case.mod");

  EXPECT_EQ(mechanism.find_variable("m")->initial_name, "m0");
  EXPECT_EQ(mechanism.find_variable("h")->initial_name, "h0");
  EXPECT_EQ(mechanism.find_variable("h0")->storage, Storage::global);
  EXPECT_EQ(mechanism.find_variable("n")->initial_name, "");
  EXPECT_TRUE(mechanism.warnings.empty());
}

/// The right-hand numbers are those that NEURON 9.0.2's nocmodl writes for the same definitions.
TEST(Units, HaveNeuronsValues) {
  EXPECT_EQ(unit_constant("(faraday) (coulomb)"), 0x1.78e555060882cp+16);
  EXPECT_EQ(unit_constant("(faraday) (kilocoulombs)"), 0x1.81f0fae775425p+6);
  EXPECT_EQ(unit_constant("(faraday) (10000 coulomb)"), 0x1.34c0c8b92a9b7p+3);
  EXPECT_EQ(unit_constant("(k-mole) (joule/degC)"), 0x1.0a1013e8990bep+3);
  EXPECT_EQ(unit_constant("(millivolt) (volts)"), 0x1.0624dd2f1a9fcp-10);
  EXPECT_EQ(unit_constant("(kilomillivolt) (volts)"), 1);
  EXPECT_EQ(unit_constant("(1/2 volt) (millivolt)"), 500);
  EXPECT_EQ(unit_constant("(2 pi) (degree)"), 0x1.1abe4b73fefb5p+11);
  EXPECT_EQ(unit_constant("(joule2/volt) (joule-coulomb)"), 1);
  EXPECT_EQ(unit_constant("(e) (coulomb)"), 0x1.7a4da290c1653p-63);
  EXPECT_EQ(unit_constant("3.5 (mV)"), 3.5);
}

}  // namespace
}  // namespace cellwright::nmodl
