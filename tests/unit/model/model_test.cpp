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

}  // namespace
}  // namespace cellwright::model
