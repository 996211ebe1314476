#pragma once
/// From parameter values to scores, as `bluepyopt.ephys.evaluators`.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cellwright/ephys/models.hpp"
#include "cellwright/ephys/objectivescalculators.hpp"
#include "cellwright/ephys/protocols.hpp"
#include "cellwright/evaluate/cell_evaluator.hpp"
#include "cellwright/optimise/evaluator.hpp"

namespace cellwright::ephys {

struct CellEvaluatorArguments {
  std::shared_ptr<CellModel> cell_model;
  std::vector<std::string> param_names;  ///< of the free parameters, in the order of the optimisation vector
  OrderedMap<std::shared_ptr<Protocol>> fitness_protocols;
  std::shared_ptr<ObjectivesCalculator> fitness_calculator;
  std::shared_ptr<NrnSimulator> sim;
  bool use_params_for_seed = false;  ///< seed_from_param_dict is the random streams' global index
  std::optional<double> timeout;     ///< wall-clock limit of each simulation, s
  int threads = 0;                   ///< for populations; 0: all of the machine
  static void fields(auto& self, auto&& visit) {
    visit("cell_model", self.cell_model);
    visit("param_names", self.param_names);
    visit("fitness_protocols", self.fitness_protocols);
    visit("fitness_calculator", self.fitness_calculator);
    visit("sim", self.sim);
    visit("use_params_for_seed", self.use_params_for_seed);
    visit("timeout", self.timeout);
    visit("threads", self.threads);
  }
};

/// Runs protocols on a cell model and scores the responses.
///
/// evaluate() of a population is the quick way: the objects are made into values once and all individuals are simulated
/// side by side. The objects may be changed in between: what is compiled is thrown away when they are. Protocols,
/// features or objectives of one's own classes, and free MetaParameters of objects that stand in several places of the
/// problem or in none, are evaluated one individual after the other through the objects, with the same results.
class CellEvaluator : public Record<CellEvaluator, DictMixin, CellEvaluatorArguments>, public optimise::Evaluator {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.evaluators.CellEvaluator";
  /// @throws ConfigError "ephys-argument" without cell_model, fitness_calculator or sim, "ephys-parameter" for an
  /// unknown
  ///   parameter, and as optimise::Evaluator.
  explicit CellEvaluator(CellEvaluatorArguments arguments);
  ~CellEvaluator() override;

  /// @throws ConfigError "evaluator-parameters" if there are not as many values as param_names.
  ParamValues param_dict(std::span<const double> param_array) const;
  /// @throws ConfigError "evaluator-objectives" if there are not as many numbers as objectives.
  std::map<std::string, double> objective_dict(std::span<const double> objective_array) const;
  /// The numbers in the order of the objectives. @throws ConfigError "evaluator-objectives" if one is missing.
  std::vector<double> objective_list(const std::map<std::string, double>& objective_dict) const;
  /// tools.uint32_seed of all names and values in the order of the names: a seed that belongs to these values.
  static std::uint32_t seed_from_param_dict(const ParamValues& param_dict);

  /// @throws as Protocol::run.
  Responses run_protocol(const Protocol& protocol, const ParamValues& param_values) const;
  /// The responses of all protocols; of two recordings with one name the later one.
  Responses run_protocols(std::span<const std::shared_ptr<Protocol>> protocols, const ParamValues& param_values) const;

  /// Runs the fitness_protocols and gives each objective's score (`target` "scores") or the value of its feature
  /// ("values", NaN where there is none).
  /// @throws ConfigError "evaluator-target" for another target, and as run_protocol().
  std::map<std::string, double> evaluate_with_dicts(const ParamValues& param_dict,
                                                    const std::string& target = "scores") const;
  /// The same with lists, in the order of param_names and of the objectives.
  std::vector<double> evaluate_with_lists(std::span<const double> param_list,
                                          const std::string& target = "scores") const;
  /// The same: there is no simulator to initialise.
  std::vector<double> init_simulator_and_evaluate_with_lists(std::span<const double> param_list,
                                                             const std::string& target = "scores") const {
    return evaluate_with_lists(param_list, target);
  }
  std::vector<double> evaluate(std::span<const double> param_list, const std::string& target = "scores") const {
    return evaluate_with_lists(param_list, target);
  }

  /// A whole population: the scores of every row. An individual that cannot be simulated is marked as failed.
  /// @throws ConfigError "ephys-feature" if no protocol makes a recording that a feature needs, and what the making of
  ///   the model throws.
  optimise::ObjectiveTable evaluate(TableView<const double> parameters) override;

  std::string to_string() const;

 private:
  struct Compiled;

  Compiled& compiled();
  optimise::ObjectiveTable evaluate_one_by_one(TableView<const double> parameters) const;
  void evaluate_row(std::span<const double> values, optimise::ObjectiveTable& table, std::size_t row) const;

  std::unique_ptr<Compiled> compiled_;
};

}  // namespace cellwright::ephys
