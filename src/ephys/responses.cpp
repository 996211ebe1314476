#include "cellwright/ephys/responses.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "cellwright/base/number_text.hpp"
#include "cellwright/features/trace_reader.hpp"

namespace cellwright::ephys {
namespace {

ConfigError response_error(const std::string& name, const std::string& message) {
  return ConfigError(Diagnostic{.code = "ephys-response", .message = fmt::format("response '{}' {}", name, message)});
}

/// What goes from `lowest` to `highest` on an axis of `length` picture units.
struct Axis {
  double lowest, highest, length;
  double place(double value) const {
    return highest > lowest ? (value - lowest) / (highest - lowest) * length : length / 2;
  }
};

Axis axis_of(const std::vector<double>& values, double length) {
  const auto [lowest, highest] = std::ranges::minmax_element(values);
  return {*lowest, *highest, length};
}

/// Text in an XML file.
std::string xml_text(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '<') {
      result += "&lt;";
    } else if (c == '&') {
      result += "&amp;";
    } else {
      result += c;
    }
  }
  return result;
}

std::string label(double x, double y, const char* anchor, const std::string& text) {
  return fmt::format("  <text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor, xml_text(text));
}

}  // namespace

TimeVoltageResponse::TimeVoltageResponse(std::string response_name, TimeVoltageResponseArguments given)
    : Described(std::move(response_name)), TimeVoltageResponseArguments(std::move(given)) {
  if (time.size() != voltage.size())
    throw response_error(name, fmt::format("has {} times and {} voltages", time.size(), voltage.size()));
}

std::span<const double> TimeVoltageResponse::operator[](const std::string& column) const {
  if (column == "time") return time;
  if (column == "voltage") return voltage;
  throw response_error(name, fmt::format("has no column '{}', only 'time' and 'voltage'", column));
}

void TimeVoltageResponse::read_csv(const std::filesystem::path& filename) {
  features::TraceData data = features::read_trace(filename);
  time = std::move(data.time_ms);
  voltage = std::move(data.voltage_mv);
}

void TimeVoltageResponse::to_csv(const std::filesystem::path& filename) const {
  std::string text = "time,voltage\n";
  for (std::size_t i = 0; i < time.size(); ++i)
    text += shortest_number(time[i]) + "," + shortest_number(voltage.at(i)) + "\n";
  write_file_atomically(filename, text);
}

std::string TimeVoltageResponse::plot() const {
  if (time.size() < 2) throw response_error(name, "has fewer than two samples: there is nothing to draw");
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!std::ranges::all_of(time, finite) || !std::ranges::all_of(voltage, finite))
    throw response_error(name, "has a sample that is not finite");
  constexpr double left = 60, top = 30, width = 560, height = 300;
  const Axis x = axis_of(time, width), y = axis_of(voltage, height);
  std::string points;
  for (std::size_t i = 0; i < time.size(); ++i)
    points +=
        fmt::format("{}{:.2f},{:.2f}", i == 0 ? "" : " ", left + x.place(time[i]), top + height - y.place(voltage[i]));
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" font-family=\"sans-serif\" font-size=\"12\">\n",
      left + width + 20, top + height + 50);
  svg += fmt::format(
      "  <rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" fill=\"none\" "
      "stroke=\"#888\"/>\n",
      left, top, width, height);
  svg += fmt::format("  <polyline points=\"{}\" fill=\"none\" stroke=\"#1f4e9c\"/>\n", points);
  svg += label(left + width / 2, top - 10, "middle", name);
  svg += label(left, top + height + 18, "middle", fmt::format("{:.4g}", x.lowest));
  svg += label(left + width, top + height + 18, "middle", fmt::format("{:.4g}", x.highest));
  svg += label(left + width / 2, top + height + 38, "middle", "time (ms)");
  svg += label(left - 6, top + height, "end", fmt::format("{:.4g}", y.lowest));
  svg += label(left - 6, top + 12, "end", fmt::format("{:.4g}", y.highest));
  svg += label(left - 6, top + height / 2, "end", "voltage");
  return svg + "</svg>\n";
}

}  // namespace cellwright::ephys
