#include <array>
#include <utility>

#include "cellwright/report/make_report.hpp"
#include "report/page_assets.hpp"
#include "report/report_json.hpp"
#include "report/svg/canvas.hpp"
#include "report/svg/plots.hpp"

namespace cellwright::report {
namespace {

/// Replaces each `{{name}}` of the page by its text. What is put in is not looked at again.
std::string fill(std::string_view page, const auto& texts) {
  std::string filled;
  while (true) {
    const std::size_t start = page.find("{{"), end = page.find("}}", start);
    if (start == std::string_view::npos || end == std::string_view::npos) return filled.append(page);
    filled.append(page.substr(0, start));
    const std::string_view name = page.substr(start + 2, end - start - 2);
    for (const auto& [key, text] : texts) {
      if (key == name) filled.append(text);
    }
    page.remove_prefix(end + 2);
  }
}

}  // namespace

std::string format_page(const ReportData& data) {
  const std::array<std::pair<std::string_view, std::string>, 8> texts = {{
      {"title", xml_escaped(data.run.checkpoint.identity.problem_name)},
      {"style", std::string(assets::style)},
      {"script", std::string(assets::script)},
      {"library", std::string(assets::dygraphs_script)},
      {"library_style", std::string(assets::dygraphs_style)},
      {"library_licence", xml_escaped(assets::dygraphs_licence)},
      {"data", format_report_json(data)},
      {"morphology", data.cell ? draw_morphology(data.cell->morphology, "none") : std::string()},
  }};
  return fill(assets::page, texts);
}

}  // namespace cellwright::report
