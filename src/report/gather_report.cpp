#include <algorithm>
#include <chrono>
#include <numeric>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "cellwright/base/version.hpp"
#include "cellwright/compile/cell_geometry.hpp"
#include "cellwright/report/make_report.hpp"
#include "cellwright/run/cell_evaluator.hpp"
#include "report/morphology_view.hpp"
#include "report/protocol_view.hpp"

namespace cellwright::report {
namespace {

namespace fs = std::filesystem;

/// Points of a trace of the best individual, and of the others.
constexpr std::size_t max_points_of_best = 6000, max_points = 2500;

ReportData start_report(run::RunRecord run) {
  ReportData data{.run = std::move(run), .version = version(), .made = {}, .cell = {}, .notices = {}};
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  data.made = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
  return data;
}

/// The parameters of the first individuals of a hall of fame.
Table<double> best_parameters(const optimise::HallOfFame& hall_of_fame, std::size_t columns) {
  Table<double> table(std::min(hall_of_fame.size(), max_individuals), columns);
  for (std::size_t i = 0; i < table.rows(); ++i) std::ranges::copy(hall_of_fame[i].values, table.row(i).begin());
  return table;
}

std::vector<IndividualView> simulate(evaluate::CellEvaluator& evaluator, const Table<double>& parameters) {
  const std::size_t n_protocols = evaluator.protocols().size();
  std::vector<IndividualView> views(parameters.rows());
  for (IndividualView& view : views) view.traces.resize(n_protocols);
  const auto keep_traces = [&](std::size_t lane, const simulate::LaneResponses& responses) {
    const std::size_t individual = lane / n_protocols;
    std::vector<Polyline>& traces = views[individual].traces[lane % n_protocols];
    if (responses.status != simulate::LaneStatus::ok) return;
    for (const std::span<const double> recording : responses.recordings) {
      traces.push_back(recording.empty() ? Polyline{}
                                         : simplify_to(responses.time_ms, recording,
                                                       individual == 0 ? max_points_of_best : max_points));
    }
  };
  const auto evaluations = evaluator.evaluate_in_detail(parameters.view(), nullptr, keep_traces);
  for (std::size_t i = 0; i < views.size(); ++i) {
    views[i].feature_values = evaluations[i].feature_values;
    views[i].feature_scores = evaluations[i].feature_scores;
    views[i].errors = evaluations[i].protocol_errors;
    for (std::size_t p = 0; p < n_protocols; ++p) views[i].traces[p].resize(evaluator.protocols()[p].recordings.size());
  }
  return views;
}

std::string first_message(const Error& error) {
  const auto& all = error.diagnostics();
  const auto found = std::ranges::find(all, Severity::error, &Diagnostic::severity);
  return (found == all.end() ? all.front() : *found).message;
}

run::Problem load_as_it_ran(const fs::path& file, const run::RunIdentity& identity) {
  run::Problem problem = run::load_problem(file);
  problem.simulator.engine = identity.engine;
  problem.simulator.step = identity.step;
  problem.simulator.dt_ms = identity.dt_ms;
  problem.simulator.atol = identity.atol;
  problem.simulator.numeric = numeric::numeric_mode(identity.numeric).value_or(numeric::NumericMode::fast);
  return problem;
}

std::string moved_notice(const run::RunRecord& run) {
  if (!run.info) return "The run directory has no run.json: it does not tell where the cell file is.";
  return fmt::format("The cell file '{}' is not there any more.", run.info->origin.problem_file.string());
}

constexpr std::string_view without_cell = "There are no traces and no morphology in this report.";

}  // namespace

std::vector<double> best_so_far(const optimise::Logbook& logbook) {
  std::vector<double> best;
  for (const optimise::LogbookRow& row : logbook.rows())
    best.push_back(best.empty() ? row.min : std::min(best.back(), row.min));
  return best;
}

std::vector<std::size_t> worst_first(const std::vector<double>& scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  return order;
}

ReportData gather_report(run::RunRecord run, const run::Problem& problem, evaluate::CellEvaluator& evaluator) {
  ReportData data = start_report(std::move(run));
  CellView& cell = data.cell.emplace();
  for (const model::SweepProtocol& protocol : evaluator.protocols()) cell.protocols.push_back(view_protocol(protocol));
  for (const evaluate::eFELFeature& feature : evaluator.features())
    cell.features.push_back(view_feature(feature, evaluator.protocols()));
  cell.individuals =
      simulate(evaluator, best_parameters(data.run.checkpoint.state.hall_of_fame, evaluator.parameters().size()));
  cell.morphology =
      view_morphology(compile::import_morphology(problem.cell.morphology), problem.cell, evaluator.protocols());
  return data;
}

ReportData gather_report(run::RunRecord run, const ReportOptions& options) {
  if (run.info && run.info->origin.external) return start_report(std::move(run));
  const auto file = options.cell_file ? options.cell_file : run.find_problem_file();
  std::string notice;
  if (!file) {
    notice = fmt::format("{} {} Give its place with `cellwright report RUN_DIR --cell CELL.json`.", moved_notice(run),
                         without_cell);
  } else {
    try {
      const run::Problem problem = load_as_it_ran(*file, run.checkpoint.identity);
      if (problem.hash == run.checkpoint.identity.problem_hash)
        return gather_report(run, problem, *run::make_cell_evaluator(problem, options.threads));
      notice = fmt::format("The cell file '{}' or a file that it names was changed since the run. {}", file->string(),
                           without_cell);
    } catch (const Error& error) {
      notice = fmt::format("The cell of '{}' cannot be simulated: {}. {}", file->string(), first_message(error),
                           without_cell);
    }
  }
  ReportData data = start_report(std::move(run));
  data.notices.push_back(std::move(notice));
  return data;
}

}  // namespace cellwright::report
