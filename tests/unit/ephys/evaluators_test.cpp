#include "cellwright/ephys/evaluators.hpp"

#include <cmath>

#include <gmock/gmock.h>

#include "cellwright/optimise/deap_optimisation.hpp"
#include "ephys/problem_compiler.hpp"
#include "error_text.hpp"
#include "simple_cell.hpp"

namespace cellwright::ephys {
namespace {

using testing::ElementsAre;

const ParamValues default_values = {{"gnabar_hh", 0.1}, {"gkbar_hh", 0.03}};

/// Scores of three individuals.
Table<double> scores_of(CellEvaluator& evaluator) {
  Table<double> rows(3, 2);
  rows.values() = {0.1, 0.03, 0.05, 0.075, 0.12, 0.01};
  return evaluator.evaluate(rows.view()).values;
}

/// The same, one by one through the objects.
Table<double> scores_one_by_one(const CellEvaluator& evaluator) {
  Table<double> table(3, evaluator.objectives().size());
  const std::vector<std::vector<double>> rows = {{0.1, 0.03}, {0.05, 0.075}, {0.12, 0.01}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::vector<double> scores = evaluator.evaluate_with_lists(rows[i]);
    std::copy(scores.begin(), scores.end(), table.row(i).begin());
  }
  return table;
}

TEST(CellEvaluator, ConvertsListsAndDicts) {
  const SimpleCell simple;
  const auto evaluator = CellEvaluator::make(simple.evaluator_arguments());

  EXPECT_EQ(evaluator->param_dict(std::vector{0.1, 0.03}), default_values);
  EXPECT_EQ(evaluator->objective_dict(std::vector{1.0, 2.0}),
            (std::map<std::string, double>{{"Step1.Spikecount", 1}, {"Step2.Spikecount", 2}}));
  EXPECT_THAT(evaluator->objective_list({{"Step2.Spikecount", 2}, {"Step1.Spikecount", 1}}), ElementsAre(1, 2));
  EXPECT_EQ(error_of([&] { evaluator->param_dict(std::vector{0.1}); }),
            "error: 1 values were given for 2 parameters [evaluator-parameters]");
  EXPECT_EQ(error_of([&] { evaluator->objective_dict(std::vector{0.1}); }),
            "error: 1 numbers were given for 2 objectives [evaluator-objectives]");
  EXPECT_EQ(error_of([&] {
              evaluator->objective_list({{"Step1.Spikecount", 1}});
            }),
            "error: objective 'Step2.Spikecount' has no number [evaluator-objectives]");
}

TEST(CellEvaluator, SeedsAreThoseOfBluePyOpt) {
  EXPECT_EQ(CellEvaluator::seed_from_param_dict(default_values), 571037054u);
  EXPECT_EQ(CellEvaluator::seed_from_param_dict({}), 3975692926u);
}

TEST(CellEvaluator, EvaluatesOneIndividual) {
  const SimpleCell simple;
  const auto evaluator = CellEvaluator::make(simple.evaluator_arguments());

  const auto values = evaluator->evaluate_with_dicts(default_values, "values");

  EXPECT_EQ(values.at("Step1.Spikecount"), 1) << "BluePyOpt's value";
  EXPECT_EQ(evaluator->evaluate_with_dicts(default_values).at("Step1.Spikecount"), 0);
  EXPECT_EQ(evaluator->evaluate(std::vector{0.1, 0.03}, "values")[0], 1);
  EXPECT_EQ(evaluator->init_simulator_and_evaluate_with_lists(std::vector{0.1, 0.03})[0], 0);
  EXPECT_EQ(error_of([&] { evaluator->evaluate_with_dicts(default_values, "traces"); }),
            "error: there is no target 'traces' [evaluator-target]\n  fix: use \"scores\" or \"values\"");
}

TEST(CellEvaluator, APopulationGetsTheScoresOfItsIndividuals) {
  const SimpleCell simple;
  const auto evaluator = CellEvaluator::make(simple.evaluator_arguments());

  EXPECT_EQ(scores_of(*evaluator), scores_one_by_one(*evaluator));
}

TEST(CellEvaluator, ObjectivesOfSeveralFeaturesAreEvaluatedInPopulationsToo) {
  const SimpleCell simple;
  CellEvaluatorArguments arguments = simple.evaluator_arguments();
  const std::vector<std::shared_ptr<EFeature>> both = {simple.spikecount("Step1", 2), simple.spikecount("Step2", 3)};
  arguments.fitness_calculator = ObjectivesCalculator::make(
      {.objectives = {MaxObjective::make("max", {.features = both}),
                      WeightedSumObjective::make("sum", {.features = both, .weights = {0.5, 3}}),
                      SingletonWeightObjective::make("one", {.feature = both[0], .weight = 0.1})}});
  arguments.fitness_protocols = {
      {"sequence", SequenceProtocol::make("sequence", {.protocols = {simple.step1, simple.step2}})}};
  const auto evaluator = CellEvaluator::make(arguments);

  EXPECT_EQ(scores_of(*evaluator), scores_one_by_one(*evaluator));
}

TEST(CellEvaluator, ParametersThatStandForOthersAreEvaluatedInPopulationsToo) {
  const SimpleCell simple;
  CellEvaluatorArguments arguments = simple.evaluator_arguments();
  const auto both = NrnMetaListEqualParameter::make(
      "both",
      {.bounds = optimise::Bounds{0.01, 0.125}, .sub_parameters = {simple.gnabar, simple.conductance("gl_hh", 0, 1)}});
  arguments.cell_model =
      CellModel::make("cell", {.morph = simple.morph, .mechs = {simple.hh}, .params = {both, simple.gkbar}});
  arguments.param_names = {"both", "gkbar_hh"};
  const auto evaluator = CellEvaluator::make(arguments);

  EXPECT_EQ(scores_of(*evaluator), scores_one_by_one(*evaluator));
}

/// The simple cell with a dendrite, on which the leak grows or falls with the distance.
struct Dendrite : SimpleCell {
  std::shared_ptr<NrnSegmentSomaDistanceScaler> slope = NrnSegmentSomaDistanceScaler::make(
      "slope", {.distribution = "{value}*math.exp({distance}*{steepness})", .dist_param_names = {"steepness"}});
  std::shared_ptr<NrnRangeParameter> leak = NrnRangeParameter::make(
      "g_pas", {.value = 1e-4, .frozen = true, .param_name = "g_pas", .value_scaler = slope, .locations = {basal()}});

  static std::shared_ptr<Location> basal() { return NrnSeclistLocation::make("basal", {.seclist_name = "basal"}); }
  std::shared_ptr<MetaParameter> meta(std::shared_ptr<DictMixin> obj, const std::string& attribute, double lower,
                                      double upper) const {
    return MetaParameter::make(
        attribute, {.obj = std::move(obj), .attr_name = attribute, .bounds = optimise::Bounds{lower, upper}});
  }
  /// An evaluator that varies a MetaParameter beside gnabar.
  std::shared_ptr<CellEvaluator> evaluator(const std::shared_ptr<MetaParameter>& meta) {
    CellEvaluatorArguments arguments = evaluator_arguments();
    morph->morphology_path = folder.write("dendrite.swc",
                                          "1 1 -5 0 0 5 -1\n2 1 0 0 0 5 1\n3 1 5 0 0 5 2\n4 3 5 0 0 1 3\n"
                                          "5 3 305 0 0 1 4\n");
    gkbar->freeze(0.03);
    const auto pas = NrnMODMechanism::make("pas", {.suffix = "pas", .locations = {basal()}});
    arguments.cell_model =
        CellModel::make("cell", {.morph = morph, .mechs = {hh, pas}, .params = {gnabar, gkbar, leak, meta}});
    arguments.param_names = {"gnabar_hh", meta->name()};
    return CellEvaluator::make(arguments);
  }
};

/// Scores of two individuals as one batch and one by one; the batch must have been compiled.
void expect_the_same_both_ways(CellEvaluator& evaluator, double low, double high) {
  Table<double> rows(2, 2);
  rows.values() = {0.1, low, 0.12, high};
  ASSERT_TRUE(can_compile(evaluator));
  const Table<double> batch = evaluator.evaluate(rows.view()).values;
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_THAT(evaluator.evaluate_with_lists(rows.row(i)), testing::ElementsAreArray(batch.row(i))) << "row " << i;
  }
  EXPECT_NE(std::vector(batch.row(0).begin(), batch.row(0).end()),
            std::vector(batch.row(1).begin(), batch.row(1).end()));
}

TEST(CellEvaluator, MetaParametersOfStimuliVaryInPopulationsToo) {
  Dendrite cell;
  const auto meta = cell.meta(cell.step1->stimuli[0], "step_amplitude", 0, 1);
  cell.slope->set_attribute("steepness", 0);

  expect_the_same_both_ways(*cell.evaluator(meta), 0.0, 0.5);
}

TEST(CellEvaluator, MetaParametersOfScalersVaryInPopulationsToo) {
  Dendrite cell;
  const auto meta = cell.meta(cell.slope, "steepness", -0.1, 0.1);
  dynamic_cast<NrnSquarePulse&>(*cell.step1->stimuli[0]).step_amplitude = 0.1;

  expect_the_same_both_ways(*cell.evaluator(meta), -0.05, 0.02);
}

TEST(CellEvaluator, MetaParametersOfFeaturesVaryInPopulationsToo) {
  Dendrite cell;
  cell.slope->set_attribute("steepness", 0);
  const auto feature = cell.spikecount("Step1", 1);
  CellEvaluatorArguments arguments = cell.evaluator(cell.meta(feature, "exp_mean", 0, 9))->arguments();
  arguments.fitness_calculator =
      ObjectivesCalculator::make({.objectives = {SingletonObjective::make("count", {.feature = feature})}});

  expect_the_same_both_ways(*CellEvaluator::make(arguments), 1, 7);
}

TEST(CellEvaluator, AScalerThatTwoParametersShareIsVariedOneByOne) {
  Dendrite cell;
  const auto evaluator = cell.evaluator(cell.meta(cell.slope, "steepness", -0.1, 0.1));
  CellEvaluatorArguments arguments = evaluator->arguments();
  CellModelArguments model = evaluator->cell_model->arguments();
  model.params.push_back(NrnRangeParameter::make(
      "cm",
      {.value = 1, .frozen = true, .param_name = "cm", .value_scaler = cell.slope, .locations = {Dendrite::basal()}}));
  arguments.cell_model = CellModel::make("shared", model);

  EXPECT_FALSE(can_compile(*CellEvaluator::make(arguments)));
}

TEST(CellEvaluator, NoticesThatItsObjectsChange) {
  const SimpleCell simple;
  const auto evaluator = CellEvaluator::make(simple.evaluator_arguments());
  const Table<double> before = scores_of(*evaluator);

  dynamic_cast<NrnSquarePulse&>(*simple.step1->stimuli[0]).step_amplitude = 0.5;

  EXPECT_NE(scores_of(*evaluator), before);
  EXPECT_EQ(scores_of(*evaluator), scores_one_by_one(*evaluator));
}

TEST(CellEvaluator, AMetaParameterVariesWhatIsInjected) {
  const SimpleCell simple;
  CellEvaluatorArguments arguments = simple.evaluator_arguments();
  const auto amplitude = MetaParameter::make(
      "amplitude", {.obj = simple.step1->stimuli[0], .attr_name = "step_amplitude", .bounds = optimise::Bounds{0, 1}});
  simple.gkbar->freeze(0.03);
  arguments.cell_model = CellModel::make(
      "cell", {.morph = simple.morph, .mechs = {simple.hh}, .params = {simple.gnabar, simple.gkbar, amplitude}});
  arguments.param_names = {"gnabar_hh", "amplitude"};
  const auto evaluator = CellEvaluator::make(arguments);
  Table<double> rows(2, 2);
  rows.values() = {0.1, 0.01, 0.1, 0.0};

  const optimise::ObjectiveTable table = evaluator->evaluate(rows.view());

  EXPECT_EQ(table.values(0, 0), 0) << "one spike, as without the parameter";
  EXPECT_EQ(table.values(1, 0), 20) << "no spike without current";
}

/// A protocol of a user's own: the two steps, but the second one only if the first one gives a spike.
class TwoSteps : public Protocol {
 public:
  TwoSteps(const SimpleCell& simple) : Protocol("two_steps"), simple_(simple) {}
  Responses run(CellModel& cell, const ParamValues& values, const NrnSimulator& sim,
                std::optional<double> timeout) const override {
    Responses responses = simple_.step1->run(cell, values, sim, timeout);
    if (simple_.spikecount("Step1", 1)->calculate_feature(responses) > 0)
      responses.merge(simple_.step2->run(cell, values, sim, timeout));
    return responses;
  }
  std::vector<std::pair<std::string, const Protocol*>> subprotocols() const override { return {{name, this}}; }
  std::string to_string() const override { return name; }
  std::string class_name() const override { return "own.TwoSteps"; }
  Dict fields() const override { return {}; }

 private:
  const SimpleCell& simple_;
};

TEST(CellEvaluator, AProtocolOfOnesOwnIsRunByItself) {
  const SimpleCell simple;
  CellEvaluatorArguments arguments = simple.evaluator_arguments();
  arguments.fitness_protocols = {{"two_steps", std::make_shared<TwoSteps>(simple)}};
  const auto evaluator = CellEvaluator::make(arguments);
  const Table<double> scores = scores_of(*evaluator);

  EXPECT_EQ(scores, scores_one_by_one(*evaluator));
  EXPECT_EQ(scores(0, 0), 0);
}

TEST(CellEvaluator, AnIndividualThatFailsIsMarked) {
  const SimpleCell simple;
  CellEvaluatorArguments arguments = simple.evaluator_arguments();
  simple.step1->recordings.push_back(CompRecording::make(
      "far", {.location = NrnSomaDistanceCompLocation::make("far", {.soma_distance = 999, .seclist_name = "apical"})}));
  const auto evaluator = CellEvaluator::make(arguments);
  Table<double> rows(1, 2);
  rows.values() = {0.1, 0.03};

  const optimise::ObjectiveTable table = evaluator->evaluate(rows.view());

  EXPECT_EQ(table.failed[0], 1);
  EXPECT_THAT(table.reasons[0], testing::HasSubstr("'far'"));
  EXPECT_EQ(table.values(0, 0), 0) << "the other recordings are scored as ever";
}

TEST(CellEvaluator, RefusesBadArguments) {
  const SimpleCell simple;
  const auto without = [&](auto&& change) {
    CellEvaluatorArguments arguments = simple.evaluator_arguments();
    change(arguments);
    return error_of([&] {
      const auto evaluator = CellEvaluator::make(arguments);
      scores_of(*evaluator);
    });
  };

  EXPECT_EQ(without([](auto& a) { a.sim = nullptr; }),
            "error: CellEvaluator has no sim [ephys-argument]\n  fix: give it to the constructor: {.sim = ...}");
  EXPECT_EQ(without([](auto& a) { a.cell_model = nullptr; }),
            "error: CellEvaluator has no cell_model [ephys-argument]\n"
            "  fix: give it to the constructor: {.cell_model = ...}");
  EXPECT_EQ(without([](auto& a) { a.param_names = {"gnabar_h"}; }),
            "error: cell model 'simple_cell' has no parameter 'gnabar_h' [ephys-parameter]\n"
            "  fix: did you mean 'gnabar_hh'?");
  EXPECT_EQ(without([](auto& a) {
              a.param_names = {"gnabar_hh", "gkbar_hh", "cm"};
            }),
            "error: parameter 'cm' is frozen: an evaluator cannot vary it [parameter-frozen]\n"
            "  fix: unfreeze it, or leave it out of param_names");
  EXPECT_EQ(without([&](auto& a) {
              a.fitness_protocols = {{"Step1", simple.step1}};
            }),
            "error: no protocol makes the recording 'Step2.soma.v' that feature 'Step2.Spikecount' needs "
            "[ephys-feature]");
}

TEST(CellEvaluator, IsOptimisedFromBluePyOptsFirstIndividual) {
  const SimpleCell simple;
  const auto evaluator = CellEvaluator::make(simple.evaluator_arguments());
  optimise::DEAPOptimisation optimisation(evaluator, {.seed = 1, .offspring_size = 1});

  const optimise::RunResult result = optimisation.run({.max_ngen = 1});

  EXPECT_THAT(result.population.individual(0).values, ElementsAre(0.06007731830843009, 0.06508319290092013));
}

TEST(CellEvaluator, ComesBackFromJson) {
  const SimpleCell simple;
  const auto evaluator = CellEvaluator::make(simple.evaluator_arguments());
  const std::string json = to_json(*evaluator);

  const auto copy = std::dynamic_pointer_cast<CellEvaluator>(from_json(text::parse_json(json, "test").root()));

  EXPECT_EQ(to_json(*copy), json);
  EXPECT_EQ(scores_of(*copy), scores_of(*evaluator));
}

}  // namespace
}  // namespace cellwright::ephys
