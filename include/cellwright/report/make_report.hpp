#pragma once
/// The report on a run: one page that shows everything, and a picture of each plot.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/evaluate/cell_evaluator.hpp"
#include "cellwright/report/report_data.hpp"
#include "cellwright/run/problem.hpp"
#include "cellwright/run/run_record.hpp"

namespace cellwright::report {

/// At most so many individuals of the hall of fame are simulated: more would make the page large.
inline constexpr std::size_t max_individuals = 10;

/// Where a report finds the cell that a run directory speaks of.
struct ReportOptions {
  std::optional<std::filesystem::path> cell_file;  ///< default: as run.json tells
  std::size_t threads = 0;                         ///< 0: all hardware threads
};

/// Simulates the best of the hall of fame with an evaluator that is there already, and gathers what a report shows.
ReportData gather_report(run::RunRecord run, const run::Problem& problem, evaluate::CellEvaluator& evaluator);

/// The same with nothing but the run directory. A cell file that is gone, was changed since, or cannot be simulated any
/// more leaves the report without traces and morphology, and a notice tells why.
ReportData gather_report(run::RunRecord run, const ReportOptions& options = {});

/// The page: self-contained HTML that needs no network.
std::string format_page(const ReportData& data);

/// A picture as an SVG file.
struct Plot {
  std::string file_name;  ///< such as "objectives.svg"
  std::string svg;
};

/// One picture for each plot of the page, of the best individual.
std::vector<Plot> draw_plots(const ReportData& data);

/// Writes report.html and plots/*.svg into the run directory. @returns the path of the page. @throws Error
/// "file-write".
std::filesystem::path write_report(const ReportData& data);

}  // namespace cellwright::report
