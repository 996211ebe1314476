/// Contours and trees to a cell: soma stacks, and which tree hangs on which soma. neuron-semantics.md
/// sections 1.6, 1.7.

#include <algorithm>
#include <cmath>

#include "cellwright/morphology/reader.hpp"
#include "morphology/asc_parser.hpp"
#include "morphology/soma_contour.hpp"
#include "morphology/text_lines.hpp"

namespace cellwright::morphology {
namespace {

/// A single contour takes in trees that start a little outside its bounding box.
constexpr double single_contour_margin_um = 0.5;

struct Box {
  double x_min = INFINITY;
  double x_max = -INFINITY;
  double y_min = INFINITY;
  double y_max = -INFINITY;

  void include(const Contour& contour) {
    for (const RawPoint& p : contour) {
      x_min = std::min(x_min, p.x);
      x_max = std::max(x_max, p.x);
      y_min = std::min(y_min, p.y);
      y_max = std::max(y_max, p.y);
    }
  }
  bool holds(const RawPoint& p, double margin) const {
    return p.x >= x_min - margin && p.x <= x_max + margin && p.y >= y_min - margin && p.y <= y_max + margin;
  }
  bool overlaps(const Box& other) const {
    return hoc_less_equal(x_min, other.x_max) && hoc_less_equal(other.x_min, x_max) &&
           hoc_less_equal(y_min, other.y_max) && hoc_less_equal(other.y_min, y_max);
  }
};

Box box_of(const Contour& contour) {
  Box box;
  box.include(contour);
  return box;
}

struct Soma {
  std::vector<const Contour*> contours;
  int line = 0;  ///< of its first point
  Box box;
  RawPoint centre;

  bool holds(const RawPoint& p) const { return box.holds(p, contours.size() > 1 ? 0.0 : single_contour_margin_um); }
};

/// Consecutive contours with overlapping boxes are one soma.
std::vector<Soma> group_contours(const AscContent& content) {
  std::vector<Soma> somas;
  const Contour* previous = nullptr;
  for (std::size_t i = 0; i < content.sections.size(); ++i) {
    if (!content.is_contour[i]) continue;
    const Contour& contour = content.sections[i].points;
    if (previous == nullptr || !box_of(*previous).overlaps(box_of(contour))) {
      somas.push_back({.contours = {}, .line = content.sections[i].line});
    }
    somas.back().contours.push_back(&contour);
    somas.back().box.include(contour);
    previous = &contour;
  }
  for (Soma& soma : somas) {
    soma.centre = soma.contours.size() > 1 ? stack_centre(soma.contours) : contour_centre(*soma.contours.front());
  }
  return somas;
}

ImportSection soma_section(const Soma& soma, const std::string& file_name) {
  ImportSection section{.type = SectionType::soma, .line = soma.line};
  if (soma.contours.size() > 1) {
    section.points = discs_of_stack(soma.contours);
    return section;
  }
  auto discs = discs_of_contour(*soma.contours.front());
  if (!discs) {
    throw MorphologyError(Diagnostic{.code = "asc-soma",
                                     .message = "the soma contour has no width in the xy plane",
                                     .span = {.file = file_name, .line = soma.line},
                                     .fix = "draw the outline of the soma as seen along z"});
  }
  section.points = std::move(*discs);
  return section;
}

double distance(const RawPoint& a, const RawPoint& b) { return std::hypot(a.x - b.x, a.y - b.y, a.z - b.z); }

class Assembly {
 public:
  Assembly(const AscContent& content, const std::string& file_name)
      : content_(content), file_name_(file_name), somas_(group_contours(content)), warnings_(content.warnings) {}

  Morphology build() {
    std::vector<ImportSection> sections;
    for (const Soma& soma : somas_) sections.push_back(soma_section(soma, file_name_));
    std::vector<int> new_index(content_.sections.size(), -1);
    for (std::size_t i = 0; i < content_.sections.size(); ++i) {
      if (content_.is_contour[i]) continue;
      new_index[i] = static_cast<int>(sections.size());
      ImportSection branch = content_.sections[i];
      if (branch.parent >= 0) {
        branch.parent = new_index[static_cast<std::size_t>(branch.parent)];
      } else if (!somas_.empty()) {
        hang_on_soma(branch);
      }
      sections.push_back(std::move(branch));
    }
    return build_morphology(std::move(sections), std::move(warnings_), file_name_);
  }

 private:
  /// By a wire without length from the soma's centre to the tree's first point.
  void hang_on_soma(ImportSection& root) {
    const RawPoint first = root.points.front();
    const auto holder = std::find_if(somas_.begin(), somas_.end(), [&](const Soma& soma) { return soma.holds(first); });
    root.parent = holder == somas_.end() ? nearest_soma(root) : static_cast<int>(holder - somas_.begin());
    root.parent_x = 0.5;
    root.wire = true;
    RawPoint centre = somas_[static_cast<std::size_t>(root.parent)].centre;
    centre.diam = 0.01;
    root.points.insert(root.points.begin(), centre);
  }

  int nearest_soma(const ImportSection& root) {
    warnings_.push_back({.severity = Severity::warning,
                         .code = "asc-root-outside",
                         .message =
                             "the tree starts outside the soma; it was connected to the middle of the nearest soma, "
                             "as NEURON does",
                         .span = {.file = file_name_, .line = root.line}});
    std::size_t nearest = 0;
    for (std::size_t k = 1; k < somas_.size(); ++k) {
      const RawPoint& first = root.points.front();
      if (hoc_less(distance(first, somas_[k].centre), distance(first, somas_[nearest].centre))) nearest = k;
    }
    return static_cast<int>(nearest);
  }

  const AscContent& content_;
  const std::string& file_name_;
  std::vector<Soma> somas_;
  std::vector<Diagnostic> warnings_;
};

}  // namespace

Morphology read_asc(std::string_view text, const std::string& file_name) {
  text = without_byte_order_mark(text);
  refuse_non_text(text, file_name);
  const AscContent content = parse_asc(text, file_name);
  return Assembly(content, file_name).build();
}

}  // namespace cellwright::morphology
