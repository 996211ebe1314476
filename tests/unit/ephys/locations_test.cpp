#include "cellwright/ephys/locations.hpp"

#include <gmock/gmock.h>

#include "cellwright/ephys/mechanisms.hpp"
#include "error_text.hpp"

namespace cellwright::ephys {
namespace {

using testing::VariantWith;

TEST(NrnSeclistCompLocation, HoldsItsArgumentsAndBecomesAValue) {
  const auto location =
      NrnSeclistCompLocation::make("soma", {.seclist_name = "somatic", .sec_index = 0, .comp_x = 0.5}, "the middle");

  EXPECT_EQ(location->name, "soma");
  EXPECT_EQ(location->comment, "the middle");
  EXPECT_EQ(location->to_string(), "somatic[0](0.5)");
  const auto value = std::get<model::NrnSeclistCompLocation>(location->snapshot());
  EXPECT_EQ(value.name, "soma");
  EXPECT_EQ(value.seclist_name, "somatic");
  EXPECT_EQ(value.sec_index, 0);
  EXPECT_EQ(value.comp_x, 0.5);
}

TEST(Location, AMissingArgumentIsMissedWhenItIsUsed) {
  const auto location = NrnSeclistCompLocation::make("soma", {.seclist_name = "somatic"});

  EXPECT_EQ(location->to_string(), "somatic[None](None)");
  EXPECT_EQ(error_of([&] { location->snapshot(); }),
            "error: NrnSeclistCompLocation 'soma' has no sec_index [ephys-argument]\n"
            "  fix: give it to the constructor: {.sec_index = ...}");
}

TEST(Location, TextsAreThoseOfBluePyOpt) {
  const auto synapse = NrnMODPointProcessMechanism::make("expsyn", {.suffix = "ExpSyn"});

  EXPECT_EQ(NrnSectionCompLocation::make("a", {.sec_name = "apic[3]", .comp_x = 0.25})->to_string(), "apic[3](0.25)");
  EXPECT_EQ(NrnSeclistLocation::make("a", {.seclist_name = "axonal"})->to_string(), "axonal");
  EXPECT_EQ(NrnSeclistSecLocation::make("a", {.seclist_name = "basal", .sec_index = 2})->to_string(), "basal[2]");
  EXPECT_EQ(NrnPointProcessLocation::make("a", {.pprocess_mech = synapse})->to_string(), "expsyn");
  EXPECT_EQ(NrnSomaDistanceCompLocation::make("a", {.soma_distance = 660, .seclist_name = "apical"})->to_string(),
            "660.000000 micron from soma in apical");
}

TEST(NrnSecSomaDistanceCompLocation, NeedsASection) {
  const auto location = NrnSecSomaDistanceCompLocation::make("tip", {.soma_distance = 100, .seclist_name = "apical"});

  EXPECT_THROW(location->snapshot(), EPhysLocInstantiateException);
  location->sec_index = 7;
  EXPECT_THAT(location->snapshot(), VariantWith<model::NrnSecSomaDistanceCompLocation>(
                                        testing::Field(&model::NrnSecSomaDistanceCompLocation::sec_index, 7)));
}

TEST(NrnTrunkSomaDistanceCompLocation, GoesAlongYUnlessToldOtherwise) {
  const auto location = NrnTrunkSomaDistanceCompLocation::make("tip", {.soma_distance = 100, .seclist_name = "apical"});

  const auto along_y = std::get<model::NrnTrunkSomaDistanceCompLocation>(location->snapshot());
  location->direction = model::RadialDirection{};
  const auto radial = std::get<model::NrnTrunkSomaDistanceCompLocation>(location->snapshot());

  EXPECT_EQ(std::get<0>(along_y.direction), (std::array{0.0, 1.0, 0.0}));
  EXPECT_TRUE(std::holds_alternative<model::RadialDirection>(radial.direction));
}

TEST(LocationAs, RefusesAKindThatCannotBeUsed) {
  const std::shared_ptr<Location> list = NrnSeclistLocation::make("somatic", {.seclist_name = "somatic"});

  EXPECT_NO_THROW(location_as<model::ParameterLocation>(list, "parameter 'cm'"));
  EXPECT_EQ(error_of([&] { location_as<model::CompLocation>(list, "a NrnSquarePulse"); }),
            "error: a NrnSquarePulse cannot be at location 'somatic', which is a NrnSeclistLocation [ephys-location]");
  EXPECT_EQ(error_of([&] { location_as<model::CompLocation>(nullptr, "a NrnSquarePulse"); }),
            "error: a NrnSquarePulse has no location [ephys-location]\n  fix: give it one");
}

}  // namespace
}  // namespace cellwright::ephys
