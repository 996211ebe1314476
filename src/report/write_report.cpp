#include <cctype>
#include <set>

#include <fmt/format.h>

#include "cellwright/report/make_report.hpp"
#include "cellwright/run/run_directory.hpp"
#include "report/svg/plots.hpp"

namespace cellwright::report {
namespace {

namespace fs = std::filesystem;

/// A protocol's name as part of a file's name; names that would become the same get a number.
class FileNames {
 public:
  std::string of(const std::string& name) {
    std::string safe;
    for (const char c : name) {
      const bool harmless = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
      safe += harmless ? c : '_';
    }
    std::string unique = safe;
    for (int k = 2; !used_.insert(unique).second; ++k) unique = fmt::format("{}_{}", safe, k);
    return unique;
  }

 private:
  std::set<std::string> used_;
};

}  // namespace

std::vector<Plot> draw_plots(const ReportData& data) {
  std::vector<Plot> plots;
  if (data.cell) {
    FileNames names;
    for (std::size_t p = 0; p < data.cell->protocols.size(); ++p) {
      const std::string name = names.of(data.cell->protocols[p].name);
      plots.push_back({fmt::format("traces_{}.svg", name), draw_traces(*data.cell, p)});
    }
    plots.push_back({"morphology.svg", draw_morphology(data.cell->morphology)});
  }
  plots.push_back({"objectives.svg", draw_objectives(data)});
  plots.push_back({"convergence.svg", draw_convergence(data)});
  if (data.run.info) plots.push_back({"parameters.svg", draw_parameters(data)});
  return plots;
}

fs::path write_report(const ReportData& data) {
  const fs::path folder = data.run.folder / run::files::plots;
  std::error_code code;
  fs::create_directories(folder, code);  // a failure shows when the first picture is written
  for (const Plot& plot : draw_plots(data))
    run::replace_file(folder / plot.file_name, plot.svg, run::Durability::process);
  const fs::path page = data.run.folder / run::files::report;
  run::replace_file(page, format_page(data), run::Durability::process);
  return page;
}

}  // namespace cellwright::report
