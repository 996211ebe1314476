#pragma once
/// Settings, versions and timings of a run as rows of text, and the commands that reproduce it.

#include <string>
#include <utility>
#include <vector>

#include "cellwright/report/report_data.hpp"

namespace cellwright::report {

struct FactTable {
  std::string title;
  std::vector<std::pair<std::string, std::string>> rows;  ///< label and value
};

std::vector<FactTable> list_facts(const ReportData& data);

/// What a command does, and the command for a shell. Empty without run.json.
std::vector<std::pair<std::string, std::string>> list_commands(const ReportData& data);

}  // namespace cellwright::report
