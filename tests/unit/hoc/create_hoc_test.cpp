#include "cellwright/hoc/create_hoc.hpp"

#include <gmock/gmock.h>

#include "cellwright/base/error.hpp"
#include "cellwright/text/hoc_function.hpp"

namespace cellwright::hoc {
namespace {

using model::CellParameter;
using model::NrnSeclistLocation;
using model::NrnSeclistSecLocation;
using model::ParameterKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

CellParameter parameter(const std::string& name, const std::string& list, std::optional<double> value,
                        ParameterKind kind = ParameterKind::section) {
  CellParameter result{.name = name + "." + list, .param_name = name, .kind = kind, .value = value};
  if (kind == ParameterKind::global) {
    result.name = name;
  } else {
    result.locations = {NrnSeclistLocation{list, list}};
  }
  if (!value) result.bounds = {0.0, 1.0};
  return result;
}

model::CellModel simple_cell() {
  model::CellModel cell{.name = "simple"};
  cell.morphology.morphology_path = "shapes/cell.swc";
  cell.mechanisms = {{.suffix = "pas", .location = {"all", "all"}}, {.suffix = "hh", .location = {"soma", "soma"}}};
  cell.parameters = {parameter("celsius", "", 34.0, ParameterKind::global), parameter("cm", "apical", 2.0),
                     parameter("cm", "all", 1.0), parameter("g_pas", "all", std::nullopt)};
  return cell;
}

/// The lines between a line that holds `begin` and the next that is `end`, without indentation.
std::vector<std::string> lines_of(const std::string& text, const std::string& begin, const std::string& end) {
  std::vector<std::string> result;
  std::size_t at = text.find('\n', text.find(begin)) + 1;
  while (at < text.size()) {
    const std::size_t stop = text.find('\n', at);
    std::string line = text.substr(at, stop - at);
    if (line == end) break;
    result.push_back(line.substr(std::min(line.find_first_not_of(' '), line.size())));
    at = stop + 1;
  }
  return result;
}

std::vector<std::string> problems_of(const model::CellModel& cell, const std::vector<NamedValue>& values,
                                     const HocSettings& settings = {}) {
  try {
    create_hoc(cell, values, settings);
  } catch (const ConfigError& error) {
    std::vector<std::string> result;
    for (const Diagnostic& d : error.diagnostics()) result.push_back(d.code + ": " + d.message + "; " + d.fix);
    return result;
  }
  return {};
}

TEST(CreateHoc, SetsParametersInTheOrderOfTheModel) {
  const std::string text = create_hoc(simple_cell(), {{"g_pas.all", 0.1}});
  EXPECT_THAT(lines_of(text, "proc biophys()", "  }"), ElementsAre("forsec apical {", "cm = 2", "}", "forsec all {",
                                                                   "cm = 1", "g_pas = 0.10000000000000001", "}"));
  EXPECT_THAT(lines_of(text, "proc insert_channels()", "  }"),
              ElementsAre("forsec all {", "insert pas", "}", "forsec somatic {", "insert hh", "}"));
  EXPECT_THAT(text, HasSubstr("begintemplate simple\n"));
  EXPECT_THAT(text, HasSubstr("morphology = \"cell.swc\"\n"));
  EXPECT_THAT(text, HasSubstr("geom_nseg_fixed(40)"));
  EXPECT_THAT(text, Not(HasSubstr("replace_axon")));
}

TEST(CreateHoc, ChecksAndSetsGlobals) {
  const std::string text = create_hoc(simple_cell(), {{"g_pas.all", 0.1}});
  EXPECT_THAT(text, HasSubstr("proc check_simulator() {\n  check_parameter(\"celsius\", 34, celsius)\n}\n"));
  EXPECT_THAT(text, HasSubstr("proc set_simulator() {\n  celsius = 34\n}\n"));
  const std::string ignored = create_hoc(simple_cell(), {{"g_pas.all", 0.1}}, {.ignored_globals = {"celsius"}});
  EXPECT_THAT(ignored, Not(HasSubstr("set_simulator")));
  EXPECT_THAT(ignored, HasSubstr("// The global parameter celsius = 34 is left to whoever loads this file.\n"));
}

TEST(CreateHoc, WritesDistributionsAsFunctionsOfTheDistance) {
  model::CellModel cell = simple_cell();
  CellParameter ih = parameter("gIhbar_Ih", "apical", 8e-5, ParameterKind::range);
  ih.param_dependencies = {"g_pas.all"};
  ih.value_scaler = model::NrnSegmentSomaDistanceScaler{
      text::PythonExpression("math.exp({distance}*0.003)*{value} + {g_pas.all}",
                             model::NrnSegmentSomaDistanceScaler::placeholders(ih.param_dependencies)),
      0.25};
  cell.parameters.insert(cell.parameters.begin(), ih);
  const std::string text = create_hoc(cell, {{"g_pas.all", 0.5}});
  EXPECT_THAT(text,
              HasSubstr("  func distribution_1() {\n"
                        "    return ((exp(($1 * 0.0030000000000000001)) * 8.0000000000000007e-05) + 0.5)\n  }\n"));
  EXPECT_THAT(text, HasSubstr("    soma[0] distance(0, 0.25)\n    forsec apical {\n"
                              "      for (x, 0) gIhbar_Ih(x) = distribution_1(distance(x))\n      cm = 2\n    }\n"));
}

TEST(CreateHoc, SetsOneSectionOfAList) {
  model::CellModel cell = simple_cell();
  cell.parameters[1].locations = {NrnSeclistSecLocation{"second", "apical", 1}};
  const std::string text = create_hoc(cell, {{"g_pas.all", 0.1}});
  EXPECT_THAT(text,
              HasSubstr("    i = 0\n    forsec apical {\n      if (i == 1) {\n        cm = 2\n      }\n      i += 1\n"
                        "    }\n    if (i <= 1) execerror(\"apical\", \"has no section 1\")\n"));
}

TEST(CreateHoc, ReplacesTheAxonByTheModelsRuleOrTheUsersText) {
  model::CellModel cell = simple_cell();
  cell.morphology.do_replace_axon = true;
  EXPECT_THAT(create_hoc(cell, {{"g_pas.all", 0.1}}), HasSubstr("soma[0] distance(0, 0.5)"));
  cell.morphology.replace_axon_hoc = "proc replace_axon() {\n  nothing()\n}\n";
  const std::string own = create_hoc(cell, {{"g_pas.all", 0.1}});
  EXPECT_THAT(own, HasSubstr("  proc replace_axon() {\n    nothing()\n  }\n"));
  EXPECT_THAT(own, Not(HasSubstr("create axon[2]")));
}

TEST(CreateHoc, WritesTheHocOfModifiersAfterThatOfTheAxon) {
  model::CellModel cell = simple_cell();
  cell.morphology.morph_modifiers = {"replace_axon"};
  cell.morphology.morph_modifiers_hoc = {"proc replace_axon() {\n  modify()\n}"};

  const std::string text = create_hoc(cell, {{"g_pas.all", 0.1}});
  cell.morphology.do_replace_axon = true;
  const std::string both = create_hoc(cell, {{"g_pas.all", 0.1}});

  EXPECT_THAT(text, HasSubstr("    geom_nseg()\n    replace_axon()\n"));
  EXPECT_THAT(text, HasSubstr("  proc replace_axon() {\n    modify()\n  }\n"));
  EXPECT_LT(both.find("add_stub_section(1, d1)"), both.find("modify()"));
}

TEST(CreateHoc, HasTheNumberOfTheCellAndTheIndexOfItsStreams) {
  model::CellModel cell = simple_cell();
  cell.gid = 7;
  EXPECT_THAT(create_hoc(cell, {{"g_pas.all", 0.1}}), Not(HasSubstr("new Random()")));
  cell.random123_globalindex = 5;

  const std::string text = create_hoc(cell, {{"g_pas.all", 0.1}});

  EXPECT_THAT(text, HasSubstr("    gid = 7\n"));
  EXPECT_THAT(text, HasSubstr("proc check_simulator() { localobj rng\n  rng = new Random()\n"
                              "  check_parameter(\"celsius\", 34, celsius)\n"
                              "  check_parameter(\"Random123_globalindex\", 5, rng.Random123_globalindex())\n}\n"));
  EXPECT_THAT(text, HasSubstr("proc set_simulator() { localobj rng\n  rng = new Random()\n  celsius = 34\n"
                              "  rng.Random123_globalindex(5)\n}\n"));
}

TEST(CreateHoc, DropsNothingWithoutAWord) {
  const std::vector<NamedValue> values = {{"g_pas.all", 0.1}};
  const auto refused = [](const std::string& what) {
    return ElementsAre("hoc-unsupported: a hoc template cannot have " + what +
                       " of the cell model; connect them in NEURON to the cell that the template makes");
  };
  model::CellModel cells[5] = {simple_cell(), simple_cell(), simple_cell(), simple_cell(), simple_cell()};
  cells[0].artificial_cells = {{.name = "source", .suffix = "NetStim"}};
  cells[1].connections = {{.source = model::ThresholdSource{}, .target = "far"}};
  cells[2].pointers = {{.owner = "gap", .pointer = "vgap"}};
  cells[3].random_streams = {{.owner = "noise", .variable = "rng"}};
  cells[4].number_lists = {{.owner = "times", .variable = "space"}};

  EXPECT_THAT(problems_of(cells[0], values), refused("the artificial cells"));
  EXPECT_THAT(problems_of(cells[1], values), refused("the connections"));
  EXPECT_THAT(problems_of(cells[2], values), refused("the pointers"));
  EXPECT_THAT(problems_of(cells[3], values), refused("the random streams"));
  EXPECT_THAT(problems_of(cells[4], values), refused("the lists of numbers"));
  model::CellModel cell = simple_cell();
  cell.morphology.morph_modifiers = {"replace_axon"};
  EXPECT_THAT(problems_of(cell, values),
              ElementsAre("hoc-unsupported: nothing says what the morph_modifiers of the cell model are in hoc; give "
                          "both morph_modifiers and morph_modifiers_hoc"));
}

TEST(CreateHoc, FillsATemplateOfTheUsersOwn) {
  const std::string text =
      create_hoc(simple_cell(), {{"g_pas.all", 0.1}},
                 {.banner = false,
                  .template_name = "Mine",
                  .template_text = "{{banner}}\n{{ template_name }} {{morphology}}\n  {{insert}}\n"});
  EXPECT_EQ(text, "Mine cell.swc\n  forsec all {\n    insert pas\n  }\n  forsec somatic {\n    insert hh\n  }\n");
  EXPECT_THAT(problems_of(simple_cell(), {{"g_pas.all", 0.1}}, {.template_text = "a\n {{insrt}} {{x"}),
              ElementsAre("hoc-template: unknown placeholder '{{insrt}}'; did you mean '{{insert}}'?",
                          "hoc-template: '{{' without '}}' on the same line; write {{name}}"));
}

TEST(CreateHoc, TellsAllThatItCannotExport) {
  model::CellModel cell = simple_cell();
  cell.point_processes = {{.name = "syn", .suffix = "ExpSyn"}};
  CellParameter steep = parameter("g_pas", "dendrites", 1.0, ParameterKind::range);
  CellParameter far = parameter("e_pas", "all", 1.0, ParameterKind::range);
  far.value_scaler = model::NrnSegmentSectionDistanceScaler{
      text::PythonExpression("{distance}", model::NrnSegmentSomaDistanceScaler::placeholders()), "apic"};
  cell.parameters.push_back(steep);
  cell.parameters.push_back(far);
  EXPECT_THAT(
      problems_of(cell, {{"g_pas.al", 0.1}}, {.ignored_globals = {"celsus"}}),
      ElementsAre("hoc-params: 'g_pas.al' is no free parameter of the cell; did you mean 'g_pas.all'?",
                  "hoc-params: there is no value for the parameter 'g_pas.all'; give a value for each free parameter",
                  "hoc-unsupported: a hoc template cannot have the point processes of the cell model; connect them in "
                  "NEURON to the cell that the template makes",
                  "hoc-global: the model has no global parameter 'celsus' to ignore; did you mean 'celsius'?",
                  "hoc-unsupported: the hoc template has no section list 'dendrites'; use one of: all, somatic, basal, "
                  "apical, axonal, myelinated",
                  "hoc-unsupported: parameter 'e_pas.all': 'apic' is not the full name of a section; hoc needs a name "
                  "such as soma[0], and a parameter of type range"));
}

/// hoc for an expression in {distance} and {value} with the value -2.
std::string function(const std::string& expression) {
  const double values[] = {0, -2};
  return text::hoc_function("f", expression, {"distance", "value"}, 0, values);
}

TEST(HocFunction, WritesOperatorsAndFunctions) {
  EXPECT_EQ(function("{distance}**2 + pow({distance}, 0.5)"), "func f() {\n  return (($1 ^ 2) + (($1) ^ (0.5)))\n}\n");
  EXPECT_EQ(function("({distance} > 3) & ({distance} <= 5)"), "func f() {\n  return (($1 > 3) && ($1 <= 5))\n}\n");
  EXPECT_EQ(function("-math.log({distance}) * {value}"), "func f() {\n  return ((-log($1)) * (-2))\n}\n");
}

TEST(HocFunction, KeepsThatANegativeNumberIsText) {
  EXPECT_EQ(function("{value}**2"), "func f() {\n  return (-(2 ^ 2))\n}\n");
  EXPECT_EQ(function("({value})**2"), "func f() {\n  return ((-2) ^ 2)\n}\n");
}

TEST(HocFunction, WritesConditionsAsStatements) {
  EXPECT_EQ(
      function("1 if {distance} > 3 else 2"),
      "func f() { local t1, t2\n  t1 = ($1 > 3)\n  if (t1 != 0) {\n    t2 = 1\n  }\n  if (t1 == 0) {\n    t2 = 2\n"
      "  }\n  return t2\n}\n");
  EXPECT_EQ(
      function("math.floor({distance})"),
      "func f() { local t1, t2\n  t1 = $1\n  t2 = int(t1)\n  if (t2 > t1) {\n    t2 = t2 - 1\n  }\n  return t2\n}\n");
}

TEST(HocFunction, RefusesWhatHocLacks) {
  EXPECT_THROW(function("math.sinh({distance})"), ConfigError);
  EXPECT_THROW(function("{distance} % 3"), ConfigError);
  EXPECT_THROW(function("int({distance}) & 3"), ConfigError);
}

}  // namespace
}  // namespace cellwright::hoc
