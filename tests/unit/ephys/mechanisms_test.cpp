#include "cellwright/ephys/mechanisms.hpp"

#include <gmock/gmock.h>

#include "error_text.hpp"

namespace cellwright::ephys {
namespace {

const auto somatic = [] { return NrnSeclistLocation::make("somatic", {.seclist_name = "somatic"}); };

TEST(NrnMODMechanism, HashPyGivesBluePyOptsNumbers) {
  EXPECT_EQ(NrnMODMechanism::hash_py(""), 0u);
  EXPECT_EQ(NrnMODMechanism::hash_py("a"), 97u);
  EXPECT_EQ(NrnMODMechanism::hash_py("soma[0].0.5"), 1940962635u);
  EXPECT_EQ(NrnMODMechanism::hash_py("axon[0].0.5"), 12725153u);
  EXPECT_EQ(NrnMODMechanism::hash_py("dend[12].0.16666666666666666"), 1158489574u);
}

TEST(NrnMODMechanism, AddsItselfForEachList) {
  const auto mechanism = NrnMODMechanism::make(
      "hh", {.suffix = "hh", .locations = {somatic(), NrnSeclistLocation::make("axonal", {.seclist_name = "axonal"})}});
  model::CellModel cell;

  mechanism->add_to(cell);

  ASSERT_EQ(cell.mechanisms.size(), 2);
  EXPECT_EQ(cell.mechanisms[0].suffix, "hh");
  EXPECT_EQ(cell.mechanisms[0].location.seclist_name, "somatic");
  EXPECT_EQ(cell.mechanisms[1].location.seclist_name, "axonal");
  EXPECT_EQ(mechanism->to_string(), "hh: hh at ['somatic', 'axonal']");
}

TEST(NrnMODMechanism, PrefixIsTheOldNameOfSuffix) {
  EXPECT_EQ(NrnMODMechanism::make("hh", {.prefix = "hh"})->suffix, "hh");
  EXPECT_EQ(error_of([] { NrnMODMechanism::make("hh", {.suffix = "hh", .prefix = "hh"}); }),
            "error: NrnMODMechanism 'hh' has both a suffix and a prefix [ephys-argument]\n"
            "  fix: leave out prefix, the old name of suffix");
}

TEST(NrnMODMechanism, PreparesItsRandomStreamsInHoc) {
  const auto quiet = NrnMODMechanism::make("k", {.suffix = "StochKv", .locations = {somatic()}});
  const auto noisy =
      NrnMODMechanism::make("k", {.suffix = "StochKv", .locations = {somatic()}, .deterministic = false});

  EXPECT_EQ(NrnMODMechanism::make("hh", {.suffix = "hh"})->generate_reinitrng_hoc_block(), "");
  EXPECT_EQ(quiet->generate_reinitrng_hoc_block(), "    forsec somatic { deterministic_StochKv = 1 }\n");
  EXPECT_EQ(noisy->generate_reinitrng_hoc_block(),
            "    forsec somatic { for (x, 0) {\n"
            "      setdata_StochKv(x)\n"
            "      sf.tail(secname(), \"\\\\.\", name)\n"
            "      sprint(full_str, \"%s.%.19g\", name, x)\n"
            "      if (channel_seed_set) { setRNG_StochKv(gid, hash_str(full_str), channel_seed) }\n"
            "      if (!channel_seed_set) { setRNG_StochKv(gid, hash_str(full_str)) }\n"
            "    } }\n");
}

TEST(NrnMODMechanism, OnlyStochasticOnesCanBeNoisy) {
  model::CellModel cell;

  NrnMODMechanism::make("k", {.suffix = "StochKv", .locations = {somatic()}, .deterministic = false})->add_to(cell);

  EXPECT_FALSE(cell.mechanisms[0].deterministic);
  EXPECT_EQ(
      error_of([&] {
        NrnMODMechanism::make("k", {.suffix = "Kv", .locations = {somatic()}, .deterministic = false})->add_to(cell);
      }),
      "error: mechanism 'k' cannot be other than deterministic: there is no \"Stoch\" in its suffix 'Kv' "
      "[ephys-mechanism]");
}

TEST(NrnMODMechanism, ASingleSectionIsNoPlaceForIt) {
  const auto section = NrnSeclistSecLocation::make("first", {.seclist_name = "somatic", .sec_index = 0});
  model::CellModel cell;

  EXPECT_EQ(error_of([&] { NrnMODMechanism::make("hh", {.suffix = "hh", .locations = {section}})->add_to(cell); }),
            "error: mechanism 'hh' cannot be at location 'first', which is a NrnSeclistSecLocation [ephys-location]");
}

TEST(NrnMODPointProcessMechanism, IsMadeAtCompartments) {
  const auto soma = NrnSeclistCompLocation::make("soma", {.seclist_name = "somatic", .sec_index = 0, .comp_x = 0.5});
  const auto synapse = NrnMODPointProcessMechanism::make("syn", {.suffix = "ExpSyn", .locations = {soma}});
  model::CellModel cell;

  synapse->add_to(cell);

  ASSERT_EQ(cell.point_processes.size(), 1);
  EXPECT_EQ(cell.point_processes[0].name, "syn");
  EXPECT_EQ(cell.point_processes[0].suffix, "ExpSyn");
  EXPECT_EQ(cell.point_processes[0].locations.size(), 1);
  synapse->locations = {somatic()};
  EXPECT_THROW(synapse->add_to(cell), ConfigError);
}

}  // namespace
}  // namespace cellwright::ephys
