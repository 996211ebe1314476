#include "cellwright/run/evaluation_report.hpp"

#include <utility>

#include "cellwright/text/json_writer.hpp"

namespace cellwright::run {
namespace {

using evaluate::IndividualEvaluation;
using evaluate::ResponseSummary;
using text::JsonStyle;
using text::JsonWriter;

void write_response(JsonWriter& json, const ResponseSummary& response) {
  if (response.failed) {
    json.value(nullptr);
    return;
  }
  json.begin_object(JsonStyle::one_line);
  if (response.spikes) json.member("spikes", *response.spikes);
  json.end_object();
}

void write_features(JsonWriter& json, const IndividualEvaluation& individual,
                    const evaluate::CellEvaluator& evaluator) {
  json.key("features").begin_object();
  for (std::size_t i = 0; i < evaluator.features().size(); ++i) {
    json.key(evaluator.features()[i].name);
    individual.feature_values[i] ? json.value(*individual.feature_values[i]) : json.value(nullptr);
  }
  json.end_object();
}

void write_errors(JsonWriter& json, const IndividualEvaluation& individual, const evaluate::CellEvaluator& evaluator) {
  json.key("errors").begin_object();
  for (std::size_t i = 0; i < evaluator.protocols().size(); ++i) {
    if (!individual.protocol_errors[i].empty())
      json.member(evaluator.protocols()[i].name, individual.protocol_errors[i]);
  }
  json.end_object();
}

void write_individual(JsonWriter& json, const EvaluationReport& report, std::size_t i,
                      const evaluate::CellEvaluator& evaluator) {
  const IndividualEvaluation& individual = report.individuals[i];
  json.begin_object();
  json.key("params").begin_object();
  for (const auto& [name, value] : report.parameters.given[i]) json.member(name, value);
  json.end_object();
  json.key("objectives").begin_object();
  for (std::size_t k = 0; k < evaluator.objectives().size(); ++k) {
    json.member(evaluator.objectives()[k].name, individual.scores[k]);
  }
  json.end_object();
  write_features(json, individual, evaluator);
  json.key("responses").begin_object();
  const std::vector<std::string> recordings = evaluator.recording_names();
  for (std::size_t k = 0; k < recordings.size(); ++k) {
    json.key(recordings[k]);
    write_response(json, individual.responses[k]);
  }
  json.end_object();
  write_errors(json, individual, evaluator);
  const double share = 1.0 / static_cast<double>(report.individuals.size());
  json.key("seconds").begin_object(JsonStyle::one_line);
  json.member("simulate", report.seconds.simulate * share).member("features", report.seconds.features * share);
  json.end_object().end_object();
}

}  // namespace

EvaluationReport evaluate_parameters(evaluate::CellEvaluator& evaluator, ParameterSets parameters, bool profile) {
  EvaluationReport report{.parameters = std::move(parameters)};
  if (profile) report.seconds.steps.emplace();
  if (report.parameters.values.rows() == 0) return report;
  report.individuals = evaluator.evaluate_in_detail(std::as_const(report.parameters.values).view(), &report.seconds);
  return report;
}

std::string format_evaluation(const EvaluationReport& report, const evaluate::CellEvaluator& evaluator) {
  JsonWriter json;
  if (report.parameters.is_list) json.begin_array();
  for (std::size_t i = 0; i < report.individuals.size(); ++i) write_individual(json, report, i, evaluator);
  if (report.parameters.is_list) json.end_array();
  return json.take() + "\n";
}

}  // namespace cellwright::run
