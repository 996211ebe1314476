#include "cellwright/run/rank_startup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace cellwright::run {
namespace {

using testing::Eq;
using testing::HasSubstr;
using testing::Optional;

RankReport report() {
  return {.version = "1.2.3",
          .build = "0123456789abcdef",
          .host = "node7",
          .instruction_set = "x",
          .engine = "NEURON 9.0.2",
          .problem_hash = "aabbccddeeff",
          .files = {{"/p/cell.json", "1"}, {"/p/Ih.mod", "2"}},
          .place = {},
          .errors = {}};
}

std::string message(const RankReport& other) {
  const auto found = difference(report(), other, 5);
  return found ? found->message : "none";
}

TEST(RankStartup, EqualRanksHaveNoDifference) { EXPECT_EQ(message(report()), "none"); }

TEST(RankStartup, NamesWhatDiffers) {
  RankReport version = report(), build = report(), file = report(), missing = report(), problem = report(),
             engine = report();
  version.version = "1.2.4";
  build.build = "ffff456789abcdef";
  file.files["/p/Ih.mod"] = "3";
  missing.files.erase("/p/cell.json");
  problem.problem_hash = "0000ccddeeff";
  engine.engine = "NEURON 8.2.7";

  EXPECT_EQ(message(version), "rank 5 on node7 runs version 1.2.4 of cellwright, rank 0 version 1.2.3");
  EXPECT_EQ(message(build), "rank 5 on node7 runs another build of cellwright 1.2.3 (ffff4567) than rank 0 (01234567)");
  EXPECT_EQ(message(engine), "rank 5 on node7 simulates with NEURON 8.2.7, rank 0 with NEURON 9.0.2");
  EXPECT_EQ(message(file), "rank 5 on node7 has another content of '/p/Ih.mod' than rank 0");
  EXPECT_EQ(message(missing), "rank 5 on node7 has another content of '/p/cell.json' than rank 0");
  EXPECT_THAT(message(problem), HasSubstr("has another problem than rank 0 (0000ccdd instead of aabbccdd)"));
}

TEST(RankStartup, ComparesCommandLinesButForThreadsAndFolder) {
  EXPECT_EQ(different_arguments({"optimise", "a.json", "--threads", "2"}, {"optimise", "a.json", "--threads=4"}),
            std::nullopt);
  EXPECT_THAT(different_arguments({"optimise", "a.json"}, {"optimise", "b.json"}),
              Optional(Eq("it was started with 'b.json' where rank 0 was with 'a.json'")));
  EXPECT_THAT(different_arguments({"optimise", "a.json", "-v"}, {"optimise", "a.json"}),
              Optional(Eq("it was started with '' where rank 0 was with '-v'")));
}

TEST(InputFiles, ArriveWithTheirFolders) {
  TemporaryFolder from, to;
  from.write("cell.json", "{}");
  std::filesystem::create_directory(from.path() / "mod");
  from.write("mod/a.mod", std::string("NEURON\0{", 8));

  const std::vector<InputFile> inputs =
      unpack_inputs(pack_inputs(read_inputs({from.path() / "cell.json"}, {from.path() / "mod"})));
  write_inputs(inputs, to.path());

  ASSERT_EQ(inputs.size(), 2U);
  EXPECT_EQ(read_file(mirrored_path(to.path(), from.path() / "cell.json")), "{}");
  EXPECT_EQ(read_file(mirrored_path(to.path(), from.path() / "mod" / "a.mod")), std::string("NEURON\0{", 8));
  EXPECT_THROW(unpack_inputs("abc"), DistributionError);
}

}  // namespace
}  // namespace cellwright::run
