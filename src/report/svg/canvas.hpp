#pragma once
/// Drawing as SVG text.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cellwright/report/simplify.hpp"

namespace cellwright::report {

/// The colours that page and pictures share; page/page.css repeats them.
namespace colour {
inline constexpr std::string_view ink = "#1f2933", muted = "#616e7c", faint = "#e4e7eb", accent = "#1f5fa8",
                                  stimulus = "#52606d", site = "#c8102e";
inline constexpr std::string_view good = "#2f8f5b", fair = "#d9a514", poor = "#c8553d", failed = "#7b2d26";
}  // namespace colour

/// Colour number `index` of a series of lines.
std::string_view series_colour(std::size_t index);
/// Good up to 1 standard deviation, fair up to 3, poor beyond.
std::string_view score_colour(double score);
/// Of an SWC type: soma, axon, basal and apical dendrite.
std::string_view section_colour(int type);

/// Text for an element's content or attribute.
std::string xml_escaped(std::string_view text);

enum class Anchor { start, middle, end };

struct TextStyle {
  Anchor anchor = Anchor::start;
  double size = 11;
  std::string_view fill = colour::ink;
  bool bold = false;
  bool halo = false;  ///< a white rim, for text over a drawing
};

struct Stroke {
  std::string_view colour = colour::ink;
  double width = 1;
  std::string_view dashes = {};  ///< such as "4 3"; empty: a full line
};

/// Pixels, y downwards. What is drawn later lies on top.
class Canvas {
 public:
  Canvas(double width, double height) : width_(width), height_(height) {}

  void line(double x1, double y1, double x2, double y2, const Stroke& stroke);
  void polyline(const Polyline& points, const Stroke& stroke);
  void area(const Polyline& outline, std::string_view fill, double opacity);
  void rect(double x, double y, double width, double height, std::string_view fill, double opacity = 1);
  /// @param title shown when the pointer rests on it; "" for none.
  void circle(double x, double y, double radius, std::string_view fill, std::string_view title = {},
              std::string_view outline = "white");
  void text(double x, double y, std::string_view content, const TextStyle& style = {});
  /// A group whose parts show `title` when the pointer rests on them.
  void begin_group(std::string_view title);
  void end_group();

  /// The whole picture. @param background its fill; "none" for a picture inside a page.
  std::string take(std::string_view background = "white");

 private:
  double width_, height_;
  std::string body_;
};

/// Pixels that the longest of some texts takes in the usual size, as wide as common fonts are.
double text_width(const std::vector<std::string>& texts);

/// Round values that divide [low, high] into about `count` parts: 1, 2 or 5 times a power of ten apart.
std::vector<double> round_ticks(double low, double high, int count);

/// A rectangle of a canvas with data coordinates.
struct Frame {
  double left = 0, top = 0, width = 0, height = 0;
  double x_low = 0, x_high = 1, y_low = 0, y_high = 1;

  double x(double value) const { return left + (value - x_low) / (x_high - x_low) * width; }
  double y(double value) const { return top + (y_high - value) / (y_high - y_low) * height; }
  double right() const { return left + width; }
  double bottom() const { return top + height; }
  Polyline pixels(const Polyline& data) const;
  /// Lines across at the ticks with their values at the left.
  void draw_y_axis(Canvas& canvas, int count) const;
  /// Values below at the ticks, and a label under them.
  void draw_x_axis(Canvas& canvas, int count, std::string_view label) const;
};

}  // namespace cellwright::report
