#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/svg/canvas.hpp"
#include "report/svg/plots.hpp"

namespace cellwright::report {
namespace {

constexpr double width = 760, height = 380, left = 70, right_margin = 20, top = 50, bottom_margin = 50;

/// Sums of scores span orders of magnitude: drawn by their logarithm if all are above 0.
class Scale {
 public:
  explicit Scale(bool logarithmic) : logarithmic_(logarithmic) {}
  double operator()(double value) const { return logarithmic_ ? std::log10(value) : value; }
  bool logarithmic() const { return logarithmic_; }

 private:
  bool logarithmic_;
};

void draw_spread(Canvas& canvas, const Frame& frame, const Scale& scale,
                 const std::vector<optimise::LogbookRow>& rows) {
  Polyline band;
  const auto add = [&](double generation, double value) {
    band.x.push_back(frame.x(generation));
    band.y.push_back(frame.y(scale(value)));
  };
  for (const optimise::LogbookRow& row : rows) add(row.gen, std::min(row.avg + row.std, row.max));
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) add(row->gen, std::max(row->avg - row->std, row->min));
  canvas.area(band, colour::muted, 0.18);
}

template <class Value>
Polyline over_generations(const std::vector<optimise::LogbookRow>& rows, const Value& value) {
  Polyline line;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    line.x.push_back(rows[i].gen);
    line.y.push_back(value(i));
  }
  return line;
}

void draw_decades(Canvas& canvas, const Frame& frame) {
  for (double power = std::floor(frame.y_low); power <= frame.y_high; ++power) {
    for (const double digit : {1.0, 2.0, 5.0}) {
      const double y = power + std::log10(digit);
      if (y < frame.y_low || y > frame.y_high) continue;
      canvas.line(left, frame.y(y), frame.right(), frame.y(y), {.colour = colour::faint});
      canvas.text(left - 6, frame.y(y) + 4, fmt::format("{:.6g}", digit * std::pow(10, power)),
                  {.anchor = Anchor::end, .fill = colour::muted});
    }
  }
}

}  // namespace

std::string draw_convergence(const ReportData& data) {
  const std::vector<optimise::LogbookRow>& rows = data.run.logbook.rows();
  Canvas canvas(width, height);
  canvas.text(14, 24, "Sum of scores over the generations", {.size = 14, .bold = true});
  canvas.text(width - right_margin, 24, "mean and spread", {.anchor = Anchor::end, .fill = colour::muted});
  canvas.text(width - right_margin - 105, 24, "best so far", {.anchor = Anchor::end, .fill = colour::accent});
  if (rows.empty()) return canvas.take();
  double low = rows[0].min, high = rows[0].avg + rows[0].std;
  for (const optimise::LogbookRow& row : rows) {
    low = std::min(low, row.min);
    high = std::max(high, std::min(row.avg + row.std, row.max));
  }
  const Scale scale(low > 0);
  const double pad = std::max(0.05 * (scale(high) - scale(low)), 1e-3);
  const Frame frame{left,
                    top,
                    width - left - right_margin,
                    height - top - bottom_margin,
                    static_cast<double>(rows.front().gen),
                    static_cast<double>(std::max(rows.back().gen, rows.front().gen + 1)),
                    scale(low) - pad,
                    scale(high) + pad};
  scale.logarithmic() ? draw_decades(canvas, frame) : frame.draw_y_axis(canvas, 6);
  frame.draw_x_axis(canvas, std::min<int>(10, static_cast<int>(rows.size())), "generation");
  draw_spread(canvas, frame, scale, rows);
  const std::vector<double> best = best_so_far(data.run.logbook);
  const Polyline mean = over_generations(rows, [&](std::size_t i) { return scale(rows[i].avg); });
  const Polyline least = over_generations(rows, [&](std::size_t i) { return scale(best[i]); });
  canvas.polyline(frame.pixels(mean), {.colour = colour::muted, .width = 1.5});
  canvas.polyline(frame.pixels(least), {.colour = colour::accent, .width = 2});
  return canvas.take();
}

}  // namespace cellwright::report
