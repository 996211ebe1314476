#pragma once
/// The plots of a report, each as one picture of the best individual.

#include <string>

#include "cellwright/report/report_data.hpp"

namespace cellwright::report {

/// The traces of a protocol over the targets that are voltages or times, with the stimuli below.
std::string draw_traces(const CellView& cell, std::size_t protocol);
/// A bar for each objective, in standard deviations from the target, worst first.
std::string draw_objectives(const ReportData& data);
/// Best, mean and spread of the sums of scores over the generations.
std::string draw_convergence(const ReportData& data);
/// The parameters of the hall of fame between their bounds. Needs run.json.
std::string draw_parameters(const ReportData& data);
/// The cell with the places of recordings and stimuli.
/// @param background "white", or "none" inside the page.
std::string draw_morphology(const MorphologyView& morphology, std::string_view background = "white");

/// Where the axis of scores ends: the largest score, but between 3 and 10; longer bars are cut.
double score_axis_end(const std::vector<double>& scores);

}  // namespace cellwright::report
