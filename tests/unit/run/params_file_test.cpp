#include "cellwright/run/params_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cellwright/base/error.hpp"
#include "temporary_folder.hpp"

namespace cellwright::run {
namespace {

using testing::ElementsAre;
using testing::Pair;

class ParamsFileTest : public testing::Test {
 protected:
  ParamsFileTest() {
    cell.parameters = {{.name = "gna", .param_name = "gna", .bounds = {{0, 1}}},
                       {.name = "cm", .param_name = "cm", .value = 1.5},
                       {.name = "gk", .param_name = "gk", .bounds = {{-2, 2}}}};
  }
  ParameterSets load(const std::string& text) { return load_params(folder.write("p.json", text), cell); }
  std::string error_of(const std::string& text) {
    try {
      load(text);
    } catch (const ConfigError& error) {
      return folder.masked(error.what());
    }
    return "no error";
  }

  model::CellModel cell;
  TemporaryFolder folder;
};

TEST_F(ParamsFileTest, ReadsOneSetInTheOrderOfTheFreeParameters) {
  const ParameterSets sets = load(R"({"gk": -1.5, "gna": 0.25})");

  EXPECT_FALSE(sets.is_list);
  EXPECT_THAT(sets.values.row(0), ElementsAre(0.25, -1.5));
  EXPECT_THAT(sets.given[0], ElementsAre(Pair("gk", -1.5), Pair("gna", 0.25)));
}

TEST_F(ParamsFileTest, ReadsAList) {
  const ParameterSets sets = load(R"([{"gk": 1, "gna": 0}, {"gk": 2, "gna": 1}])");

  EXPECT_TRUE(sets.is_list);
  EXPECT_THAT(sets.values.row(1), ElementsAre(1, 2));
}

TEST_F(ParamsFileTest, ReportsEverythingThatIsWrong) {
  EXPECT_EQ(error_of(R"({"gn": 0.5, "cm": 1, "gk": 3})"),
            R"(DIR/p.json:1:2: error: /gn: unknown parameter 'gn' [params-unknown]
  1 | {"gn": 0.5, "cm": 1, "gk": 3}
    |  ^~~~
  fix: did you mean 'gna'?
DIR/p.json:1:13: error: /cm: parameter 'cm' is frozen at 1.5 [params-frozen]
  1 | {"gn": 0.5, "cm": 1, "gk": 3}
    |             ^~~~
  fix: remove it here, or give it bounds in the cell file
DIR/p.json:1:28: error: /gk: 3.0 is not within the bounds -2 to 2 [params-bounds]
  1 | {"gn": 0.5, "cm": 1, "gk": 3}
    |                            ^
DIR/p.json:1:1: error: free parameter 'gna' is missing [params-missing]
  1 | {"gn": 0.5, "cm": 1, "gk": 3}
    | ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  fix: add it, from 0 to 1)");
}

TEST_F(ParamsFileTest, NotAnObject) {
  EXPECT_THAT(error_of("3"), testing::HasSubstr("must be an object: full name -> value [params-type]"));
}

}  // namespace
}  // namespace cellwright::run
