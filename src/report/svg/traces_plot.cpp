#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "report/svg/canvas.hpp"
#include "report/svg/plots.hpp"

namespace cellwright::report {
namespace {

constexpr double width = 900, left = 60, right_margin = 20, trace_height = 240, stimulus_height = 60;

/// The least range that holds everything, a little wider; never empty.
struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();

  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  Range padded() const {
    if (!(high >= low)) return {0, 1};
    const double pad = high > low ? 0.06 * (high - low) : 1;
    return {low - pad, high + pad};
  }
};

bool is_drawn(const FeatureView& feature, std::size_t protocol, TargetMark mark) {
  return feature.protocol == protocol && feature.mark == mark;
}

Range trace_range(const CellView& cell, std::size_t protocol) {
  Range range;
  for (const Polyline& trace : cell.individuals.front().traces[protocol])
    std::ranges::for_each(trace.y, [&](double v) { range.include(v); });
  for (const FeatureView& feature : cell.features) {
    if (!is_drawn(feature, protocol, TargetMark::level)) continue;
    range.include(feature.mean - feature.std);
    range.include(feature.mean + feature.std);
  }
  return range.padded();
}

void draw_level(Canvas& canvas, const Frame& frame, const FeatureView& feature) {
  const std::string_view fill = series_colour(feature.recording);
  const double from = frame.x(std::clamp(feature.stim_start_ms, frame.x_low, frame.x_high));
  const double to = frame.x(std::clamp(feature.stim_end_ms, frame.x_low, frame.x_high));
  const double top = frame.y(feature.mean + feature.std), bottom = frame.y(feature.mean - feature.std);
  canvas.rect(from, top, to - from, bottom - top, fill, 0.15);
  canvas.line(from, frame.y(feature.mean), to, frame.y(feature.mean), {.colour = fill, .width = 0.8, .dashes = "4 3"});
}

void draw_time(Canvas& canvas, const Frame& frame, const FeatureView& feature) {
  const double mean = feature.stim_start_ms + feature.mean;
  const double from = frame.x(std::clamp(mean - feature.std, frame.x_low, frame.x_high));
  const double to = frame.x(std::clamp(mean + feature.std, frame.x_low, frame.x_high));
  canvas.rect(from, frame.top, to - from, frame.height, series_colour(feature.recording), 0.15);
}

void draw_legend(Canvas& canvas, const ProtocolView& protocol) {
  double x = width - right_margin;
  for (std::size_t r = protocol.recordings.size(); r-- > 0;) {
    const std::string& name = protocol.recordings[r].name;
    canvas.text(x, 24, name, {.anchor = Anchor::end, .fill = series_colour(r)});
    x -= 7 * static_cast<double>(name.size()) + 18;
  }
}

void draw_stimuli(Canvas& canvas, const Frame& traces, const ProtocolView& protocol) {
  Range range;
  range.include(0);
  for (const StimulusView& stimulus : protocol.stimuli)
    std::ranges::for_each(stimulus.current.y, [&](double i) { range.include(i); });
  const auto [low, high] = range.padded();
  Frame frame{left, traces.bottom() + 18, traces.width, stimulus_height, traces.x_low, traces.x_high, low, high};
  frame.draw_y_axis(canvas, 2);
  canvas.text(12, frame.top + stimulus_height / 2, "nA", {.fill = colour::muted});
  for (const StimulusView& stimulus : protocol.stimuli)
    canvas.polyline(frame.pixels(stimulus.current), {.colour = colour::stimulus, .width = 1.2});
  frame.draw_x_axis(canvas, 8, "ms");
}

}  // namespace

std::string draw_traces(const CellView& cell, std::size_t protocol) {
  const ProtocolView& view = cell.protocols[protocol];
  const auto [low, high] = trace_range(cell, protocol);
  Canvas canvas(width, trace_height + stimulus_height + 100);
  Frame frame{left, 40, width - left - right_margin, trace_height, 0, std::max(view.duration_ms, 1e-3), low, high};
  canvas.text(left, 24, view.name, {.size = 14, .bold = true});
  draw_legend(canvas, view);
  for (const FeatureView& feature : cell.features) {
    if (is_drawn(feature, protocol, TargetMark::level)) draw_level(canvas, frame, feature);
    if (is_drawn(feature, protocol, TargetMark::time)) draw_time(canvas, frame, feature);
  }
  frame.draw_y_axis(canvas, 8);
  canvas.text(12, frame.top + trace_height / 2, view.recordings.empty() ? "" : view.recordings.front().unit,
              {.fill = colour::muted});
  const std::vector<Polyline>& traces = cell.individuals.front().traces[protocol];
  for (std::size_t r = 0; r < traces.size(); ++r)
    canvas.polyline(frame.pixels(traces[r]), {.colour = series_colour(r), .width = 1.1});
  draw_stimuli(canvas, frame, view);
  return canvas.take();
}

}  // namespace cellwright::report
