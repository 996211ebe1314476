#include <algorithm>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "report/svg/canvas.hpp"
#include "report/svg/plots.hpp"

namespace cellwright::report {
namespace {

constexpr double max_width = 440, max_height = 700, margin = 30;
constexpr int soma_type = 1;

/// From micrometres (y upwards) to pixels (y downwards), by the same scale in both directions.
struct Projection {
  double x_low = 0, y_high = 0, scale = 1;
  double width = 0, height = 0;  ///< of the whole picture

  double x(double um) const { return margin + (um - x_low) * scale; }
  double y(double um) const { return margin + (y_high - um) * scale; }
};

Projection fit(const MorphologyView& morphology) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  double x_low = infinity, x_high = -infinity, y_low = infinity, y_high = -infinity;
  for (const DrawnSection& section : morphology.sections) {
    for (std::size_t i = 0; i < section.path.x.size(); ++i) {
      const double radius = section.diameter_um[i] / 2;
      x_low = std::min(x_low, section.path.x[i] - radius);
      x_high = std::max(x_high, section.path.x[i] + radius);
      y_low = std::min(y_low, section.path.y[i] - radius);
      y_high = std::max(y_high, section.path.y[i] + radius);
    }
  }
  const double wide = std::max(x_high - x_low, 1.0), high = std::max(y_high - y_low, 1.0);
  const double scale = std::min((max_width - 2 * margin) / wide, (max_height - 2 * margin) / high);
  return {x_low - ((max_width - 2 * margin) / scale - wide) / 2, y_high, scale, max_width,
          high * scale + 2 * margin + 34};
}

void draw_section(Canvas& canvas, const Projection& to, const DrawnSection& section) {
  Polyline path;
  for (std::size_t i = 0; i < section.path.x.size(); ++i) {
    path.x.push_back(to.x(section.path.x[i]));
    path.y.push_back(to.y(section.path.y[i]));
  }
  canvas.begin_group(section.name);
  if (section.type == soma_type) {
    for (std::size_t i = 1; i < path.x.size(); ++i) {
      const double diameter = (section.diameter_um[i - 1] + section.diameter_um[i]) / 2;
      canvas.line(path.x[i - 1], path.y[i - 1], path.x[i], path.y[i],
                  {.colour = section_colour(section.type), .width = std::max(diameter * to.scale, 1.5)});
    }
  } else if (!path.x.empty()) {
    const double mean = std::accumulate(section.diameter_um.begin(), section.diameter_um.end(), 0.0) /
                        static_cast<double>(section.diameter_um.size());
    canvas.polyline(path, {.colour = section_colour(section.type), .width = std::max(mean * to.scale, 0.9)});
  }
  canvas.end_group();
}

void draw_site(Canvas& canvas, const Projection& to, const DrawnSite& site) {
  const double x = to.x(site.x), y = to.y(site.y);
  const std::string title = fmt::format("{}: {}", site.stimulus ? "stimulus" : "recording", site.label);
  site.stimulus ? canvas.circle(x, y, 7, "none", title, colour::site) : canvas.circle(x, y, 4, colour::site, title);
  if (!site.stimulus) canvas.text(x + 12, y + 4, site.label, {.fill = colour::site, .bold = true, .halo = true});
}

/// A bar of a round length.
void draw_scale(Canvas& canvas, const Projection& to) {
  const double um = round_ticks(0, (max_width - 2 * margin) / to.scale, 4)[1];
  const double y = to.height - 22;
  canvas.line(margin, y, margin + um * to.scale, y, {.width = 2});
  canvas.text(margin, y + 14, fmt::format("{:g} µm", um), {.fill = colour::muted});
}

}  // namespace

std::string draw_morphology(const MorphologyView& morphology, std::string_view background) {
  const Projection to = fit(morphology);
  Canvas canvas(to.width, to.height);
  for (const bool soma : {false, true}) {
    for (const DrawnSection& section : morphology.sections) {
      if ((section.type == soma_type) == soma) draw_section(canvas, to, section);
    }
  }
  for (const DrawnSite& site : morphology.sites) draw_site(canvas, to, site);
  draw_scale(canvas, to);
  return canvas.take(background);
}

}  // namespace cellwright::report
