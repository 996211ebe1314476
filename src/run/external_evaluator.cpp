#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "cellwright/run/external_problem.hpp"
#include "cellwright/text/json_writer.hpp"
#include "cellwright/text/located_json.hpp"

namespace cellwright::run {
namespace {

using optimise::ObjectiveTable;
using text::JsonStyle;
using text::JsonValue;
using text::JsonWriter;

std::vector<optimise::Parameter> free_parameters(const ExternalProblem& problem) {
  std::vector<optimise::Parameter> free;
  for (const KnownParameter& parameter : problem.parameters) {
    if (!parameter.value) free.emplace_back(parameter.name, (*parameter.bounds)[0], (*parameter.bounds)[1]);
  }
  return free;
}

std::vector<optimise::Objective> objectives_of(const ExternalProblem& problem) {
  std::vector<optimise::Objective> objectives;
  for (const std::string& name : problem.objectives) objectives.emplace_back(name);
  return objectives;
}

ProcessPoolSettings pool_settings(const ExternalProblem& problem, std::optional<std::filesystem::path> log_folder,
                                  bool append_logs, std::size_t first_worker) {
  return {.command = problem.command,
          .folder = problem.folder.empty() ? problem.file.parent_path() : problem.folder,
          .workers = problem.workers,
          .timeout_s = problem.timeout_s,
          .log_folder = std::move(log_folder),
          .append_logs = append_logs,
          .first_worker = first_worker};
}

/// Python, among others, writes NaN and Infinity, which JSON does not have: outside of texts they become null and
/// 1e999, so that what is meant can be told from a broken line.
std::string with_json_numbers(const std::string& line) {
  std::string result;
  bool in_text = false;
  for (std::size_t i = 0; i < line.size();) {
    const std::string_view rest = std::string_view(line).substr(i);
    if (in_text && rest.size() > 1 && rest.front() == '\\') {
      result += rest.substr(0, 2);
      i += 2;
    } else if (!in_text && rest.starts_with("NaN")) {
      result += "null";
      i += 3;
    } else if (!in_text && rest.starts_with("Infinity")) {
      result += "1e999";
      i += 8;
    } else {
      if (rest.front() == '"') in_text = !in_text;
      result += rest.front();
      ++i;
    }
  }
  return result;
}

std::string shortened(const std::string& line) {
  constexpr std::size_t shown = 80;
  return line.size() <= shown ? line : line.substr(0, shown) + "...";
}

/// An answer as it should be, with the id of its request.
struct Answer {
  std::optional<std::string> error;
  const std::vector<JsonValue>* objectives = nullptr;
};

/// @throws std::runtime_error what is wrong with the line.
Answer read_answer(const JsonValue& root, std::int64_t id, const std::string& line) {
  const auto broken = [&] { return std::runtime_error(fmt::format("the answer is broken: {}", shortened(line))); };
  if (!root.is_object()) throw broken();
  const JsonValue* answered = root.find("id");
  if (answered == nullptr || !answered->is_number()) throw broken();
  if (answered->as_number() != static_cast<double>(id)) {
    throw std::runtime_error(fmt::format("the answer has the id {:g}, not that of the request", answered->as_number()));
  }
  const JsonValue* error = root.find("error");
  if (error != nullptr && !error->is_null()) {
    if (!error->is_string()) throw broken();
    return {.error = error->as_string()};
  }
  const JsonValue* objectives = root.find("objectives");
  if (objectives == nullptr || !objectives->is_array()) throw broken();
  for (const JsonValue& value : objectives->as_array()) {
    if (!value.is_number() && !value.is_null()) throw broken();
  }
  return {.error = std::nullopt, .objectives = &objectives->as_array()};
}

}  // namespace

ExternalEvaluator::ExternalEvaluator(ExternalProblem problem, std::optional<std::filesystem::path> log_folder,
                                     bool append_logs, std::size_t first_worker)
    : Evaluator(free_parameters(problem), objectives_of(problem)),
      problem_(std::move(problem)),
      pool_(pool_settings(problem_, std::move(log_folder), append_logs, first_worker)) {}

std::string ExternalEvaluator::request(std::int64_t id, std::span<const double> values) const {
  JsonWriter json(JsonStyle::one_line);
  json.begin_object().member("id", id).key("params").begin_object();
  std::size_t column = 0;
  for (const KnownParameter& parameter : problem_.parameters)
    json.member(parameter.name, parameter.value ? *parameter.value : values[column++]);
  json.end_object().end_object();
  return json.take();
}

bool ExternalEvaluator::receive(std::int64_t id, const std::string& line, ObjectiveTable& table,
                                std::size_t row) const {
  std::optional<text::JsonDocument> document;
  try {
    document = text::parse_json(with_json_numbers(line), "answer");
  } catch (const ConfigError&) {
    table.fail(row, fmt::format("the answer is broken: {}", shortened(line)), problem_.failed_score);
    return false;
  }
  Answer answer;
  try {
    answer = read_answer(document->root(), id, line);
  } catch (const std::runtime_error& wrong) {
    table.fail(row, wrong.what(), problem_.failed_score);
    return false;
  }
  if (answer.error) {
    table.fail(row, answer.error->empty() ? "the program reported an error" : *answer.error, problem_.failed_score);
  } else if (answer.objectives->size() != objectives().size()) {
    table.fail(
        row, fmt::format("the answer has {} scores for {} objectives", answer.objectives->size(), objectives().size()),
        problem_.failed_score);
  } else {
    std::ranges::transform(*answer.objectives, table.values.row(row).begin(), [](const JsonValue& value) {
      return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.as_number();
    });
  }
  return true;
}

/// What the answer makes of a row besides the scores that receive() read.
void ExternalEvaluator::judge(const WorkerAnswer& answer, ObjectiveTable& table, std::size_t row) const {
  if (answer.kind != WorkerAnswer::Kind::line) table.fail(row, answer.text, problem_.failed_score);
  const std::span<double> scores = table.values.row(row);
  const auto wrong = std::ranges::find_if_not(scores, [](double score) { return std::isfinite(score); });
  if (wrong == scores.end()) return;
  const std::string& name = problem_.objectives[static_cast<std::size_t>(wrong - scores.begin())];
  table.fail(row, fmt::format("objective '{}' is {}", name, std::isnan(*wrong) ? "NaN" : "infinite"),
             problem_.failed_score);
}

ObjectiveTable ExternalEvaluator::evaluate(TableView<const double> parameters) {
  return evaluate_batch(parameters, {});
}

ObjectiveTable ExternalEvaluator::evaluate_batch(TableView<const double> parameters,
                                                 const optimise::BatchHooks& hooks) {
  const std::vector<std::size_t> order = optimise::costliest_first(parameters.rows(), hooks.expected_costs);
  const std::int64_t first_id = requests_ + 1;
  std::vector<std::string> requests;
  for (const std::size_t row : order) requests.push_back(request(++requests_, parameters.row(row)));
  ObjectiveTable table(parameters.rows(), objectives().size());
  std::size_t finished = 0;
  const auto check_stop = [&] {
    if (finished < order.size() && hooks.stop && hooks.stop()) throw optimise::EvaluationStopped();
  };
  check_stop();
  pool_.exchange(
      requests,
      [&](std::size_t sent, const std::string& line) {
        return receive(first_id + static_cast<std::int64_t>(sent), line, table, order[sent]);
      },
      [&](std::size_t sent, const WorkerAnswer& answer, double seconds) {
        judge(answer, table, order[sent]);
        ++finished;
        if (hooks.arrived) hooks.arrived({&order[sent], 1}, table, seconds);
        check_stop();
      });
  for (const std::string& reason : table.reasons) {
    if (first_failure_.empty()) first_failure_ = reason;
  }
  return table;
}

std::unique_ptr<evaluate::Crew> make_external_crew(const ExternalProblem& problem,
                                                   std::optional<std::filesystem::path> log_folder, bool append_logs,
                                                   std::size_t first_worker) {
  ExternalProblem one = problem;
  one.workers = 1;
  std::vector<std::shared_ptr<optimise::Evaluator>> evaluators;
  for (std::size_t worker = 0; worker < problem.workers; ++worker)
    evaluators.push_back(std::make_shared<ExternalEvaluator>(one, log_folder, append_logs, first_worker + worker));
  return evaluate::make_local_crew(std::move(evaluators),
                                   {.rows_at_once = problem.workers, .independent_chunks = problem.workers});
}

std::string format_external_evaluation(const ParameterSets& sets, const ObjectiveTable& table,
                                       const ExternalEvaluator& evaluator, double seconds) {
  JsonWriter json;
  if (sets.is_list) json.begin_array();
  for (std::size_t row = 0; row < table.values.rows(); ++row) {
    json.begin_object().key("params").begin_object();
    for (const auto& [name, value] : sets.given[row]) json.member(name, value);
    json.end_object().key("objectives").begin_object();
    for (std::size_t k = 0; k < table.values.columns(); ++k)
      json.member(evaluator.objectives()[k].name, table.values(row, k));
    json.end_object().key("errors").begin_object();
    if (table.failed[row] != 0) json.member("evaluator", table.reasons[row]);
    json.end_object().key("seconds").begin_object(JsonStyle::one_line);
    json.member("evaluate", seconds / static_cast<double>(table.values.rows())).end_object().end_object();
  }
  if (sets.is_list) json.end_array();
  return json.take() + "\n";
}

}  // namespace cellwright::run
