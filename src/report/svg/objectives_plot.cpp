#include <algorithm>

#include <fmt/format.h>

#include "report/svg/canvas.hpp"
#include "report/svg/plots.hpp"

namespace cellwright::report {
namespace {

constexpr double bars_width = 380, right_margin = 60, row_height = 18, top = 40;

void draw_bar(Canvas& canvas, const Frame& frame, double y, double score, const std::string& name) {
  const double end = std::min(score, frame.x_high);
  canvas.begin_group(fmt::format("{}: {:.6g}", name, score));
  canvas.text(frame.left - 8, y + 4, name, {.anchor = Anchor::end});
  canvas.rect(frame.left, y - 6, std::max(frame.x(end) - frame.left, 0.5), 12, score_colour(score));
  canvas.text(frame.x(end) + 5, y + 4, fmt::format("{:.3g}", score), {.fill = colour::muted});
  canvas.end_group();
}

}  // namespace

double score_axis_end(const std::vector<double>& scores) {
  return std::clamp(scores.empty() ? 0.0 : std::ranges::max(scores), 3.0, 10.0);
}

std::string draw_objectives(const ReportData& data) {
  const run::Checkpoint& checkpoint = data.run.checkpoint;
  const std::vector<double>& scores = checkpoint.state.hall_of_fame[0].fitness.values();
  const double height = row_height * static_cast<double>(scores.size());
  const double left = 24 + text_width(checkpoint.objectives);
  Canvas canvas(left + bars_width + right_margin, top + height + 45);
  const Frame frame{left, top, bars_width, height, 0, score_axis_end(scores), 0, 1};
  canvas.text(14, 24,
              data.cell ? "Scores of the best individual, standard deviations from the target"
                        : "Scores of the best individual",
              {.size = 14, .bold = true});
  for (const double guide : {1.0, 3.0})
    canvas.line(frame.x(guide), top, frame.x(guide), frame.bottom(), {.colour = colour::muted, .dashes = "2 3"});
  double y = top + row_height / 2;
  for (const std::size_t k : worst_first(scores)) {
    draw_bar(canvas, frame, y, scores[k], checkpoint.objectives[k]);
    y += row_height;
  }
  frame.draw_x_axis(canvas, 5, "score");
  return canvas.take();
}

}  // namespace cellwright::report
