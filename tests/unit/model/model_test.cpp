#include <gmock/gmock.h>

#include "cellwright/model/cell_model.hpp"
#include "cellwright/model/protocol.hpp"

namespace cellwright::model {
namespace {

TEST(SweepProtocol, LastsAsLongAsItsLongestStimulus) {
  SweepProtocol protocol;
  EXPECT_EQ(protocol.total_duration_ms(), 0);

  protocol.stimuli = {NrnSquarePulse{.total_duration_ms = 200}, NrnSquarePulse{.total_duration_ms = 3000}};

  EXPECT_EQ(protocol.total_duration_ms(), 3000);
}

TEST(CellModel, FreeParametersAreThoseWithoutValueInFileOrder) {
  CellModel cell;
  cell.parameters = {{.name = "a", .value = 1}, {.name = "b", .bounds = {{0, 1}}}, {.name = "c", .bounds = {{0, 2}}}};

  const auto free = cell.free_parameters();

  ASSERT_EQ(free.size(), 2U);
  EXPECT_EQ(free[0]->name, "b");
  EXPECT_EQ(free[1]->name, "c");
}

TEST(CellModel, TheLastMetaParameterOfAnAttributeCountsAndFreeOnesWriteAfterFrozenOnes) {
  const auto meta = [](const char* name, std::optional<double> value) {
    return CellParameter{.name = name,
                         .kind = ParameterKind::meta,
                         .value = value,
                         .bounds = {{0, 1}},
                         .object = FeatureTarget{"f"},
                         .attr_name = "exp_mean"};
  };
  CellModel cell;
  cell.parameters = {meta("a", 1.0), meta("b", std::nullopt), meta("c", std::nullopt), meta("d", 2.0)};

  const CellParameter* found = cell.meta_parameter(FeatureTarget{"f"}, "exp_mean");

  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->name, "c");
  EXPECT_EQ(cell.column_of(*found), 1);
  EXPECT_EQ(cell.meta_parameter(FeatureTarget{"g"}, "exp_mean"), nullptr);
}

TEST(HashPy, IsBluePyOpts) {
  EXPECT_EQ(hash_py(""), 0U);
  EXPECT_EQ(hash_py("a"), 97U);
  EXPECT_EQ(hash_py("soma[0].0.5"), 1940962635U);
  EXPECT_EQ(hash_py("dend[12].0.16666666666666666"), 1158489574U);
}

TEST(Stimulus, NamesItsNumbers) {
  Stimulus ramp = NrnRampPulse{};

  EXPECT_THAT(attribute_names(ramp), testing::ElementsAre("ramp_amplitude_start", "ramp_amplitude_end", "ramp_delay",
                                                          "ramp_duration", "total_duration"));
  set_attribute(ramp, "ramp_delay", 7);

  EXPECT_EQ(std::get<NrnRampPulse>(ramp).ramp_delay_ms, 7);
  EXPECT_THROW(set_attribute(ramp, "amp", 1), InternalError);
}

}  // namespace
}  // namespace cellwright::model
