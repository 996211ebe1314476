#pragma once
/// The data block of the page.

#include <string>

#include "cellwright/report/report_data.hpp"

namespace cellwright::report {

/// One JSON document that may stand inside a script element: no `<` is in it.
/// @code
/// {"name", "notices": [...], "facts": [{"title", "rows": [[label, value], ...]}], "commands": [[what, command], ...],
///  "objectives": [names], "parameters": [{"name", "lower", "upper"}],
///  "individuals": [{"params": [...], "scores": [...], "sum", "generation"}],
///  "convergence": {"gen": [...], "best", "avg", "low", "high", "seconds", "failed"},
///  "protocols": [{"name", "duration", "recordings": [{"name", "unit"}], "stimuli": [{"label", "t", "i"}]}],
///  "features": [{"name", "label", "unit", "protocol", "recording", "mean", "std", "start", "end", "mark"}],
///  "results": [{"values": [...], "scores": [...], "errors": [...], "traces": [[{"t": [...], "v": [...]} or null]]}]}
/// @endcode
/// Protocols, features and results are empty without a cell. Results are of the first individuals.
std::string format_report_json(const ReportData& data);

}  // namespace cellwright::report
