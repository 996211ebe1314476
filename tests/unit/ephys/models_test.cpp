#include "cellwright/ephys/models.hpp"

#include <gmock/gmock.h>

#include "cellwright/simulate/neuron_simulator.hpp"
#include "error_text.hpp"
#include "simple_cell.hpp"

namespace cellwright::ephys {
namespace {

using testing::ElementsAre;

/// A soma, an axon of two sections (long and thick, then short and thin) and a basal dendrite.
const char* const axon_swc =
    "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n"
    "4 2 21 0 0 2 3\n5 2 121 0 0 2 4\n6 2 171 20 0 0.5 5\n7 2 171 -20 0 0.25 5\n"
    "8 3 -1 0 0 1 1\n9 3 -51 0 0 1 8\n";

TEST(NrnFileMorphology, HasTheNameOfItsFileAndBluePyOptsDefaults) {
  const auto morph = NrnFileMorphology::make({.morphology_path = "folder/cell.swc"}, "remark");

  EXPECT_EQ(morph->name, "cell.swc");
  EXPECT_EQ(morph->comment, "remark");
  EXPECT_EQ(morph->to_string(), "folder/cell.swc");
  EXPECT_FALSE(morph->do_replace_axon);
  EXPECT_TRUE(morph->do_set_nseg);
  EXPECT_EQ(morph->snapshot().nseg_frequency_um, 40);
  EXPECT_THROW(morph->instantiate(), ConfigError);
}

TEST(NrnFileMorphology, SetsTheNumberOfSegments) {
  const test::TemporaryFolder folder;
  auto morph = NrnFileMorphology::make({.morphology_path = folder.write("cell.swc", axon_swc)});

  const morphology::Morphology usual = morph->instantiate();
  morph->nseg_frequency = 20;
  const morphology::Morphology fine = morph->instantiate();
  morph->do_set_nseg = false;
  const morphology::Morphology coarse = morph->instantiate();

  const int axon = usual.find_section("axon[0]");
  EXPECT_EQ(usual.sections[axon].nseg, 1 + 2 * static_cast<int>(usual.sections[axon].length_um / 40));
  EXPECT_EQ(fine.sections[axon].nseg, 1 + 2 * static_cast<int>(usual.sections[axon].length_um / 20));
  EXPECT_EQ(coarse.sections[axon].nseg, 1);
}

TEST(NrnFileMorphology, ModifiersSeeTheReplacedAxon) {
  const test::TemporaryFolder folder;
  const auto morph = NrnFileMorphology::make({.morphology_path = folder.write("cell.swc", axon_swc),
                                              .do_replace_axon = true,
                                              .morph_modifiers = {"replace_axon"},
                                              .morph_modifiers_kwargs = {{"axon_stub_length", 100}}});

  const morphology::Morphology cell = morph->instantiate();

  EXPECT_EQ(cell.find_list("axonal")->sections.size(), 2);
  EXPECT_EQ(cell.sections[cell.find_section("axon[0]")].length_um, 50);
  EXPECT_DOUBLE_EQ(cell.sections[cell.find_section("axon[0]")].stylised_diam_um, 4) << "that of the first stub";
  EXPECT_EQ(morph->snapshot().morph_modifiers_kwargs.at("axon_stub_length"), 100);
  morph->morph_modifiers = {"replace_axons"};
  EXPECT_EQ(error_of([&] { morph->instantiate(); }),
            "error: there is no morph_modifier 'replace_axons' [morphology-modifier]\n"
            "  fix: did you mean 'replace_axon'?");
}

TEST(NrnFileMorphology, ReplacesTheAxonByAStub) {
  const test::TemporaryFolder folder;
  const auto morph =
      NrnFileMorphology::make({.morphology_path = folder.write("cell.swc", axon_swc), .do_replace_axon = true});

  const morphology::Morphology cell = morph->instantiate();

  const morphology::Section& first = cell.sections[cell.find_section("axon[0]")];
  const morphology::Section& second = cell.sections[cell.find_section("axon[1]")];
  EXPECT_EQ(cell.find_list("axonal")->sections.size(), 2);
  EXPECT_EQ(first.length_um, 30);
  EXPECT_EQ(second.length_um, 30);
  EXPECT_EQ(first.nseg, 1);
  EXPECT_DOUBLE_EQ(first.stylised_diam_um, 4) << "that of the old axon[0]";
  EXPECT_EQ(morph->snapshot().axon_stub_length_um, 60);
  morph->axon_stub_length = 80;
  EXPECT_EQ(morph->snapshot().axon_stub_length_um, 80);
  EXPECT_EQ(NrnFileMorphology::replace_axon(cell, 100).sections[cell.find_section("axon[0]")].length_um, 50);
}

TEST(CellModel, NeedsAName) {
  for (const char* name : {"", "1cell", "cell one", "cell-1", "zélle"}) {
    EXPECT_THAT(error_of([&] { CellModel::make(name); }),
                "error: '" + std::string(name) +
                    "' is no name for a CellModel [ephys-name]\n"
                    "  fix: begin with a letter and use letters, digits and _ only: it names a hoc template");
  }
  EXPECT_NO_THROW(CellModel::make("Cell_1"));
}

TEST(CellModel, FindsItsParameters) {
  SimpleCell simple;

  EXPECT_THAT(simple.cell->params_by_names(std::vector<std::string>{"gkbar_hh", "gnabar_hh"}),
              ElementsAre(simple.gkbar, simple.gnabar));
  EXPECT_EQ(error_of([&] { simple.cell->params_by_names(std::vector<std::string>{"gnabar_h"}); }),
            "error: cell model 'simple_cell' has no parameter 'gnabar_h' [ephys-parameter]\n"
            "  fix: did you mean 'gnabar_hh'?");
}

TEST(CellModel, FreezesAllOrNothing) {
  SimpleCell simple;

  EXPECT_THROW(simple.cell->freeze({{"gkbar_hh", 0.03}, {"gnabar_hh", 7}}), ConfigError);
  EXPECT_FALSE(simple.gkbar->frozen());
  EXPECT_EQ(error_of([&] { simple.cell->check_nonfrozen_params(); }),
            "error: parameter 'gnabar_hh' of cell model 'simple_cell' is not frozen [ephys-parameter]\n"
            "  fix: give a value for it");
  simple.cell->freeze({{"gkbar_hh", 0.03}, {"gnabar_hh", 0.1}});
  EXPECT_NO_THROW(simple.cell->check_nonfrozen_params());
  simple.cell->unfreeze(std::vector<std::string>{"gkbar_hh", "gnabar_hh"});
  EXPECT_FALSE(simple.gnabar->frozen());
}

TEST(CellModel, OfTwoParametersWithOneNameTheLastStandsInTheFirstsPlace) {
  const auto first = NrnGlobalParameter::make("a", {.param_name = "celsius"});
  const auto other = NrnGlobalParameter::make("b", {.param_name = "v_init"});
  const auto last = NrnGlobalParameter::make("a", {.param_name = "celsius"});

  EXPECT_THAT(CellModel::make("cell", {.params = {first, other, last}})->params(), ElementsAre(last, other));
}

TEST(CellModel, BecomesAValue) {
  SimpleCell simple;
  simple.sim->random123_globalindex = 7;
  simple.cell->gid = 3;
  simple.sim->mechanisms_directory = "mods";
  simple.gkbar->freeze(0.03);

  const model::CellModel value = simple.cell->snapshot(std::vector<std::string>{"gnabar_hh"}, *simple.sim);

  EXPECT_EQ(value.name, "simple_cell");
  EXPECT_THAT(value.mechanism_directories, ElementsAre("mods"));
  EXPECT_EQ(value.random123_globalindex, 7);
  EXPECT_EQ(value.gid, 3);
  ASSERT_EQ(value.free_parameters().size(), 1);
  EXPECT_EQ(value.free_parameters()[0]->name, "gnabar_hh");
  EXPECT_EQ(value.parameters[2].value, 0.03);
  EXPECT_THROW(CellModel::make("empty")->snapshot({}, *simple.sim), ConfigError);
}

TEST(CellModel, BecomesAHocTemplate) {
  SimpleCell simple;
  const ParamValues values = {{"gnabar_hh", 0.1}, {"gkbar_hh", 0.03}};

  const std::string text = simple.cell->create_hoc(values, {.disable_banner = true});

  EXPECT_THAT(text, testing::HasSubstr("begintemplate simple_cell"));
  EXPECT_THAT(text, testing::HasSubstr("gnabar_hh = 0.10000000000000001"));
  EXPECT_FALSE(simple.gnabar->frozen());
  EXPECT_THROW(simple.cell->create_hoc({{"gnabar_hh", 0.1}}), ConfigError);
}

TEST(CellModel, WhatHocCannotSayIsACreateHocException) {
  SimpleCell simple;
  const auto synapse = NrnMODPointProcessMechanism::make("syn", {.suffix = "ExpSyn", .locations = {simple.soma}});
  const auto cell = CellModel::make("cell", {.morph = simple.morph, .mechs = {synapse}});

  EXPECT_THROW(cell->create_hoc({}), CreateHocException);
}

TEST(CellModel, DescribesItself) {
  SimpleCell simple;
  simple.morph->morphology_path = "simple.swc";

  EXPECT_EQ(simple.cell->to_string(),
            "simple_cell:\n  morphology:\n    simple.swc\n  mechanisms:\n    hh: hh at ['somatic']\n  params:\n"
            "    cm: ['somatic'] cm = 1.0\n    gnabar_hh: ['somatic'] gnabar_hh = [0.05, 0.125]\n"
            "    gkbar_hh: ['somatic'] gkbar_hh = [0.01, 0.075]\n");
}

constexpr const char* hoc_template = "// a cell\nbegintemplate Ball\nproc init() {}\nendtemplate Ball\n";

TEST(HocCellModel, IsTheTextAndTheMorphologyForNeuron) {
  const SimpleCell simple;
  const auto file = simple.folder.write("ball.hoc", hoc_template);
  const auto cell = HocCellModel::make("ball", {.morphology_path = simple.morph->morphology_path, .hoc_path = file});

  const model::CellModel value = cell->snapshot({}, *simple.sim);

  ASSERT_TRUE(value.hoc);
  EXPECT_EQ(value.hoc->text, hoc_template);
  EXPECT_EQ(value.hoc->template_name, "Ball");
  EXPECT_EQ(value.hoc->folder, simple.folder.path());
  EXPECT_EQ(value.morphology.morphology_path, simple.morph->morphology_path);
  EXPECT_EQ(cell->hoc_string(), hoc_template);
  EXPECT_EQ(cell->to_string(),
            "bluepyopt.ephys.models.HocCellModel: ball of Ball(" + simple.morph->morphology_path.string() + ")");
  EXPECT_EQ(HocCellModel::get_template_name(hoc_template), "Ball");
}

TEST(HocCellModel, TheNativeEngineRefusesIt) {
  const SimpleCell simple;
  const auto cell =
      HocCellModel::make("ball", {.morphology_path = simple.morph->morphology_path, .hoc_string = hoc_template});

  EXPECT_EQ(error_of([&] { simple.step1->run(*cell, {}, *simple.sim); }),
            "error: the cell model exists as hoc: the native engine cannot run it [model-hoc]\n"
            "  fix: use the engine neuron: --engine neuron, or \"simulator\": {\"engine\": \"neuron\"}");
  EXPECT_EQ(error_of([&] { cell->instantiate_morphology(); }),
            "error: the hoc template of the cell builds its sections: they are known to NEURON only [model-hoc]\n"
            "  fix: use NrnFileMorphology to see what a morphology file gives");
}

TEST(HocCellModel, SaysWhatIsWrong) {
  const SimpleCell simple;
  const auto path = simple.morph->morphology_path;

  EXPECT_EQ(error_of([&] { HocCellModel("a", {.morphology_path = path, .hoc_path = path, .hoc_string = "x"}); }),
            "error: HocCellModel 'a' needs one of hoc_path and hoc_string [ephys-argument]\n  fix: leave one out");
  EXPECT_EQ(error_of([&] { HocCellModel("a", {.morphology_path = path}); }),
            "error: HocCellModel 'a' needs one of hoc_path and hoc_string [ephys-argument]\n"
            "  fix: give a file with a hoc template, or its text");
  EXPECT_EQ(error_of([&] { HocCellModel("a", {.morphology_path = "/no/cell.swc", .hoc_string = hoc_template}); }),
            "error: there is no morphology '/no/cell.swc' [file-missing]\n  fix: give the path of a file or folder");
  const auto cell = HocCellModel::make("a", {.morphology_path = path, .hoc_string = hoc_template});
  EXPECT_EQ(error_of([&] {
              cell->freeze({{"gnabar_hh", 0.1}});
            }),
            "error: cell model 'a' has no parameter 'gnabar_hh' [ephys-parameter]");
  EXPECT_NO_THROW(cell->check_nonfrozen_params());
}

TEST(NrnSimulator, ChoosesTheEngine) {
  EXPECT_NE(dynamic_cast<simulate::NeuronSimulator*>(NrnSimulator({.engine = "neuron"}).simulator().get()), nullptr);
  EXPECT_NE(dynamic_cast<simulate::NativeSimulator*>(NrnSimulator().simulator().get()), nullptr);
  EXPECT_EQ(error_of([] { NrnSimulator({.engine = "arbor"}); }),
            "error: there is no engine 'arbor' [ephys-simulator]\n  fix: use \"native\" or \"neuron\"");
}

}  // namespace
}  // namespace cellwright::ephys
