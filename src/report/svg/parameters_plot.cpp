#include <algorithm>

#include <fmt/format.h>

#include "report/svg/canvas.hpp"
#include "report/svg/plots.hpp"

namespace cellwright::report {
namespace {

constexpr double ranges_width = 460, bound_width = 80, right_margin = 190, row_height = 20, top = 44;

void draw_parameter(Canvas& canvas, const Frame& frame, double y, const ReportData& data, std::size_t index) {
  const run::ParameterRange& range = data.run.info->parameters[index];
  const optimise::HallOfFame& hall = data.run.checkpoint.state.hall_of_fame;
  const auto place = [&](double value) { return frame.x((value - range.lower) / (range.upper - range.lower)); };
  canvas.text(frame.left - 10 - bound_width, y + 4, range.name, {.anchor = Anchor::end});
  canvas.text(frame.left - 8, y + 4, fmt::format("{:.4g}", range.lower),
              {.anchor = Anchor::end, .fill = colour::muted});
  canvas.line(frame.left, y, frame.right(), y, {.colour = colour::faint, .width = 6});
  canvas.text(frame.right() + 8, y + 4, fmt::format("{:.4g}", range.upper), {.fill = colour::muted});
  for (std::size_t i = hall.size(); i-- > 1;)
    canvas.circle(place(hall[i].values[index]), y, 4, "#8fabcc",
                  fmt::format("{}: {:.6g}", i + 1, hall[i].values[index]));
  const double best = hall[0].values[index];
  canvas.circle(place(best), y, 5, colour::accent, fmt::format("best: {:.6g}", best));
  canvas.text(frame.right() + right_margin - 14, y + 4, fmt::format("{:.6g}", best),
              {.anchor = Anchor::end, .bold = true});
}

}  // namespace

std::string draw_parameters(const ReportData& data) {
  const std::size_t count = data.run.info->parameters.size();
  const double height = row_height * static_cast<double>(count);
  const double left = 24 + text_width(data.run.checkpoint.parameters) + bound_width;
  Canvas canvas(left + ranges_width + right_margin, top + height + 16);
  const Frame frame{left, top, ranges_width, height, 0, 1, 0, 1};
  canvas.text(14, 24, "Parameters of the hall of fame between their bounds", {.size = 14, .bold = true});
  canvas.text(frame.right() + right_margin - 14, 24, "best", {.anchor = Anchor::end, .fill = colour::accent});
  for (std::size_t i = 0; i < count; ++i)
    draw_parameter(canvas, frame, top + row_height * (static_cast<double>(i) + 0.5), data, i);
  return canvas.take();
}

}  // namespace cellwright::report
