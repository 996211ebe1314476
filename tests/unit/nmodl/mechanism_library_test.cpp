#include "cellwright/nmodl/mechanism_library.hpp"

#include <gmock/gmock.h>

#include "cellwright/base/error.hpp"
#include "nmodl/toolchain/mod_file_scan.hpp"
#include "support/temporary_folder.hpp"

namespace cellwright::nmodl {
namespace {

using ::testing::HasSubstr;

std::string mod(const std::string& name) {
  return "NEURON { SUFFIX " + name + " NONSPECIFIC_CURRENT i }\nASSIGNED { v i }\nBREAKPOINT { i = 0.001*v }\n";
}

class MechanismLibraryTest : public ::testing::Test {
 protected:
  MechanismLibrary load(const std::vector<std::string>& wanted) const {
    return MechanismLibrary({{mods_.path()}, NumericMode::fast, {.compiler = {}, .cache_folder = cache_.path()}},
                            wanted);
  }
  std::string error_of(const std::vector<std::string>& wanted) const {
    try {
      load(wanted);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
  std::string path(const std::string& name) const { return (mods_.path() / name).string(); }

  cellwright::test::TemporaryFolder mods_, cache_;
};

TEST_F(MechanismLibraryTest, finds_by_the_name_inside_and_leaves_the_rest_alone) {
  mods_.write("any_name.mod", mod("Ih"));
  mods_.write("broken.mod", "NEURON { SUFFIX broken }\nBREAKPOINT { this is ( not NMODL");
  mods_.write("below/Im.mod", mod("Im"));
  mods_.write("notes.txt", mod("Ih"));
  const MechanismLibrary library = load({"Ih", "pas", "Ih"});
  EXPECT_EQ(library.mechanisms().size(), 2U);
  EXPECT_EQ(library.at("Ih").origin, MechanismOrigin::compiled);
  EXPECT_EQ(library.at("pas").origin, MechanismOrigin::builtin);
  EXPECT_STREQ(library.at("Ih").descriptor->name, "Ih");
  EXPECT_EQ(library.at("Ih").source, mods_.path() / "any_name.mod");  // mechanisms are ordered by file name
  EXPECT_EQ(library.at("pas").source, "");
  EXPECT_EQ(library.find("broken"), nullptr);
  EXPECT_THROW(library.at("broken"), InternalError);
  EXPECT_THAT(error_of({"Im"}), HasSubstr("mechanism 'Im' is not built in"));
}

TEST_F(MechanismLibraryTest, suggests_a_near_name_and_says_where_it_looked) {
  mods_.write("a.mod", mod("SKv3_1"));
  EXPECT_EQ(error_of({"Skv3_1"}),
            "error: mechanism 'Skv3_1' is not built in and no .mod file has it as SUFFIX or "
            "POINT_PROCESS (searched '" +
                mods_.path().string() + "') [mechanism-unknown]\n  fix: did you mean 'SKv3_1'?");
}

TEST_F(MechanismLibraryTest, tells_what_the_file_of_that_name_holds) {
  mods_.write("CaPool.mod", mod("CaDynamics_E2"));
  EXPECT_THAT(error_of({"CaPool"}), HasSubstr("'" + path("CaPool.mod") + "' holds the mechanism 'CaDynamics_E2'"));
}

TEST_F(MechanismLibraryTest, refuses_one_name_twice) {
  mods_.write("a.mod", mod("Ih"));
  mods_.write("b.mod", mod("Ih"));
  EXPECT_EQ(error_of({"Ih"}), "error: mechanism 'Ih' of '" + path("a.mod") + "' is also in '" + path("b.mod") +
                                  "' [mechanism-duplicate]\n  fix: rename one of them (its SUFFIX or POINT_PROCESS) "
                                  "or take one file away");
  EXPECT_EQ(error_of({"pas"}), "no error");
}

TEST_F(MechanismLibraryTest, refuses_a_builtins_name) {
  mods_.write("my_hh.mod", mod("hh"));
  EXPECT_THAT(error_of({"hh"}), HasSubstr("mechanism 'hh' of '" + path("my_hh.mod") +
                                          "' is also the name of a built-in mechanism [mechanism-duplicate]"));
}

TEST_F(MechanismLibraryTest, reports_all_wrong_files_together) {
  mods_.write("a.mod", "NEURON { SUFFIX a }\nBREAKPOINT { x = 1 }\n");
  mods_.write("b.mod", "NEURON { SUFFIX b }\nBREAKPOINT { y = 1 }\n");
  const std::string text = error_of({"a", "b"});
  EXPECT_THAT(text, HasSubstr("a.mod:2:"));
  EXPECT_THAT(text, HasSubstr("b.mod:2:"));
}

TEST_F(MechanismLibraryTest, refuses_a_folder_that_is_not_there) {
  try {
    MechanismLibrary({{"/no/such/folder"}, NumericMode::fast, {}}, {"pas"});
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(),
                 "error: mechanism folder '/no/such/folder' does not exist [mechanism-folder]\n"
                 "  fix: check the path; relative paths are relative to the file that names them");
  }
}

TEST_F(MechanismLibraryTest, builtins_need_neither_folder_nor_compiler) {
  const MechanismLibrary library({{}, NumericMode::strict, {.compiler = {"/no/such/compiler"}, .cache_folder = "/no"}},
                                 {"pas", "hh"});
  EXPECT_EQ(library.mechanisms().size(), 2U);
  EXPECT_EQ(library.at("hh").descriptor->numeric_mode, static_cast<std::uint32_t>(CW_STRICT));
  EXPECT_TRUE(library.warnings().empty());
}

TEST(ModFileScan, reads_the_name_and_nothing_else) {
  EXPECT_EQ(scan_mechanism_name(mod("Ih")), "Ih");
  EXPECT_EQ(scan_mechanism_name("TITLE NEURON { SUFFIX no }\nCOMMENT NEURON { SUFFIX no } ENDCOMMENT\n"
                                ": NEURON { SUFFIX no }\nNEURON { ? SUFFIX no\n THREADSAFE POINT_PROCESS Syn }"),
            "Syn");
  EXPECT_EQ(scan_mechanism_name("VERBATIM NEURON { SUFFIX no } ENDVERBATIM NEURON{ARTIFICIAL_CELL Net}"), "Net");
  EXPECT_EQ(scan_mechanism_name("NEURON { SUFFIX nothing }"), "");
  EXPECT_EQ(scan_mechanism_name("NEURON { RANGE g } PARAMETER { SUFFIX x }"), "");
  EXPECT_EQ(scan_mechanism_name("NEURON { SUFFIX"), "");
  EXPECT_EQ(scan_mechanism_name("COMMENT never ends"), "");
  EXPECT_EQ(scan_mechanism_name(std::string("\0\xff NEURON", 9)), "");
}

}  // namespace
}  // namespace cellwright::nmodl
