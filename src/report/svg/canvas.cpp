#include "report/svg/canvas.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace cellwright::report {
namespace {

std::string_view to_string(Anchor anchor) {
  if (anchor == Anchor::middle) return "middle";
  return anchor == Anchor::end ? "end" : "start";
}

std::string stroke_attributes(const Stroke& stroke) {
  const std::string dashes = stroke.dashes.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", stroke.dashes);
  return fmt::format("stroke=\"{}\" stroke-width=\"{:.3g}\"{}", stroke.colour, stroke.width, dashes);
}

std::string title_element(std::string_view title) {
  return title.empty() ? "" : fmt::format("<title>{}</title>", xml_escaped(title));
}

std::string coordinates(const Polyline& points) {
  std::string text;
  for (std::size_t i = 0; i < points.x.size(); ++i)
    text += fmt::format("{}{:.1f},{:.1f}", i == 0 ? "" : " ", points.x[i], points.y[i]);
  return text;
}

}  // namespace

std::string_view series_colour(std::size_t index) {
  constexpr std::array<std::string_view, 6> colours = {"#1f5fa8", "#c8553d", "#2f8f5b",
                                                       "#8a5fb0", "#b7791f", "#0f8b8d"};
  return colours[index % colours.size()];
}

std::string_view score_colour(double score) {
  if (score <= 1) return colour::good;
  return score <= 3 ? colour::fair : colour::poor;
}

std::string_view section_colour(int type) {
  constexpr std::array<std::string_view, 5> colours = {"#829ab1", "#1f2933", "#3c9d9b", "#4a6fa5", "#a0569b"};
  return type >= 1 && type <= 4 ? colours[static_cast<std::size_t>(type)] : colours[0];
}

std::string xml_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        // Control characters are no XML, not even escaped.
        escaped += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return escaped;
}

void Canvas::line(double x1, double y1, double x2, double y2, const Stroke& stroke) {
  body_ += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1, x2, y2,
                       stroke_attributes(stroke));
}

void Canvas::polyline(const Polyline& points, const Stroke& stroke) {
  if (points.x.empty()) return;
  body_ +=
      fmt::format("<polyline points=\"{}\" fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\" {}/>\n",
                  coordinates(points), stroke_attributes(stroke));
}

void Canvas::area(const Polyline& outline, std::string_view fill, double opacity) {
  body_ += fmt::format("<polygon points=\"{}\" fill=\"{}\" fill-opacity=\"{:.2f}\"/>\n", coordinates(outline), fill,
                       opacity);
}

void Canvas::rect(double x, double y, double width, double height, std::string_view fill, double opacity) {
  const std::string see_through = opacity < 1 ? fmt::format(" fill-opacity=\"{:.2f}\"", opacity) : "";
  body_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"{}/>\n", x, y,
                       width, height, fill, see_through);
}

void Canvas::circle(double x, double y, double radius, std::string_view fill, std::string_view title,
                    std::string_view outline) {
  body_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"{}\" stroke=\"{}\">{}</circle>\n", x, y,
                       radius, fill, outline, title_element(title));
}

void Canvas::text(double x, double y, std::string_view content, const TextStyle& style) {
  body_ += fmt::format(
      "<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"{:g}\" text-anchor=\"{}\" fill=\"{}\"{}{}>{}</text>\n", x, y,
      style.size, to_string(style.anchor), style.fill, style.bold ? " font-weight=\"600\"" : "",
      style.halo ? " stroke=\"white\" stroke-width=\"3\" paint-order=\"stroke\"" : "", xml_escaped(content));
}

void Canvas::begin_group(std::string_view title) { body_ += fmt::format("<g>{}\n", title_element(title)); }

void Canvas::end_group() { body_ += "</g>\n"; }

std::string Canvas::take(std::string_view background) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "font-family=\"system-ui, 'Helvetica Neue', Arial, sans-serif\">\n"
      "<rect width=\"{0:.0f}\" height=\"{1:.0f}\" fill=\"{2}\"/>\n{3}</svg>\n",
      width_, height_, background, body_);
}

double text_width(const std::vector<std::string>& texts) {
  constexpr double character_width = 6.2;
  std::size_t longest = 0;
  for (const std::string& text : texts) longest = std::max(longest, text.size());
  return character_width * static_cast<double>(longest);
}

std::vector<double> round_ticks(double low, double high, int count) {
  if (!(high > low) || count < 1) return {low};
  const double rough = (high - low) / count;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double factor = rough / power;
  const double step = power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
  std::vector<double> ticks;
  const auto first = static_cast<long long>(std::ceil(low / step - 1e-9));
  const auto last = static_cast<long long>(std::floor(high / step + 1e-9));
  for (long long k = first; k <= last; ++k) ticks.push_back(static_cast<double>(k) * step);
  return ticks;
}

Polyline Frame::pixels(const Polyline& data) const {
  Polyline result;
  for (std::size_t i = 0; i < data.x.size(); ++i) {
    result.x.push_back(x(data.x[i]));
    result.y.push_back(y(data.y[i]));
  }
  return result;
}

void Frame::draw_y_axis(Canvas& canvas, int count) const {
  for (const double tick : round_ticks(y_low, y_high, count)) {
    canvas.line(left, y(tick), right(), y(tick), {.colour = colour::faint});
    canvas.text(left - 6, y(tick) + 4, fmt::format("{:.6g}", tick), {.anchor = Anchor::end, .fill = colour::muted});
  }
}

void Frame::draw_x_axis(Canvas& canvas, int count, std::string_view label) const {
  for (const double tick : round_ticks(x_low, x_high, count)) {
    canvas.line(x(tick), bottom(), x(tick), bottom() + 4, {.colour = colour::muted});
    canvas.text(x(tick), bottom() + 16, fmt::format("{:.6g}", tick), {.anchor = Anchor::middle, .fill = colour::muted});
  }
  canvas.text(right(), bottom() + 30, label, {.anchor = Anchor::end, .fill = colour::muted});
}

}  // namespace cellwright::report
