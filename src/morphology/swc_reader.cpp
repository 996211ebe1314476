/// SWC points to sections. The rules are NEURON's (Import3d_SWC_read); neuron-semantics.md sections 1.2 to 1.5.

#include <cmath>

#include "cellwright/morphology/reader.hpp"
#include "morphology/import_section.hpp"
#include "morphology/swc_points.hpp"
#include "morphology/text_lines.hpp"

namespace cellwright::morphology {
namespace {

constexpr double extra_child = 0.01;  // makes a child count differ from 1, which ends the section

class SwcSections {
 public:
  explicit SwcSections(std::vector<SwcPoint> points) : points_(std::move(points)) {}

  std::vector<ImportSection> build() {
    count_children();
    count_soma_children();
    sphere_soma_ = is_three_point_sphere();
    if (sphere_soma_) points_[2].parent = 1;  // one section instead of two; only its first point is kept
    join_soma_points();
    split();
    return std::move(sections_);
  }

 private:
  struct Extent {
    std::size_t first = 0;
    std::size_t count = 0;
  };

  std::size_t size() const { return points_.size(); }
  bool is_soma(std::size_t i) const { return points_[i].type == SectionType::soma; }
  /// NEURON reads "the point before the first" as the first one: a further root is treated as attached to point 0.
  std::size_t parent_or_first(std::size_t i) const {
    return points_[i].parent < 0 ? 0 : static_cast<std::size_t>(points_[i].parent);
  }

  /// Only a plain run of lines counts exactly 1; jumps and changes of type count a little more and so end a section.
  void count_children() {
    child_count_.assign(size(), 0.0);
    at_proximal_end_.assign(size(), false);
    for (std::size_t i = 0; i < size(); ++i) {
      if (points_[i].parent < 0) continue;
      const auto p = static_cast<std::size_t>(points_[i].parent);
      child_count_[p] += 1.0;
      if (p + 1 != i) {
        child_count_[p] += extra_child;
        const bool first_of_neurite = p > 1 && !is_soma(p) && is_soma(parent_or_first(p));
        if (first_of_neurite || (p == 0 && !is_soma(0))) {
          at_proximal_end_[i] = true;
          child_count_[p] = 1.0;
        }
      }
      if (points_[p].type != points_[i].type) child_count_[p] += extra_child;
    }
  }

  void count_soma_children() {
    soma_child_count_.assign(size(), 0);
    for (std::size_t i = 0; i < size(); ++i) {
      if (!is_soma(i)) continue;
      ++soma_point_count_;
      if (points_[i].parent >= 0 && is_soma(parent_or_first(i))) ++soma_child_count_[parent_or_first(i)];
    }
  }

  /// neuromorpho.org's form of a sphere: two further points beside the first, at its radius.
  bool is_three_point_sphere() const {
    if (soma_point_count_ != 3 || points_[1].parent != 0 || points_[2].parent != 0) return false;
    if (child_count_[1] != 0.0 || child_count_[2] != 0.0) return false;
    const SwcPoint& centre = points_[0];
    double length = 0.0;
    for (std::size_t i = 1; i <= 2; ++i) {
      if (!hoc_equal(points_[i].diam, centre.diam)) return false;
      const double dx = points_[i].x - centre.x;
      const double dy = points_[i].y - centre.y;
      const double dz = points_[i].z - centre.z;
      length += std::sqrt(dx * dx + dy * dy + dz * dz);
    }
    return hoc_less(std::abs(length / centre.diam - 1.0), 0.01);
  }

  void join_soma_points() {
    for (std::size_t i = 0; i + 1 < size(); ++i) {
      if (!is_soma(i) || !is_soma(i + 1) || points_[i + 1].parent != static_cast<int>(i)) continue;
      if (i == 0 || soma_child_count_[i] <= 1) child_count_[i] = 1.0;
    }
  }

  void split() {
    section_of_.assign(size(), 0);
    std::size_t first = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      section_of_[i] = extents_.size();
      if (hoc_equal(child_count_[i], 1.0) && i + 1 < size()) continue;
      add_section({first, i + 1 - first});
      first = i + 1;
    }
  }

  RawPoint raw(std::size_t i) const { return {points_[i].x, points_[i].y, points_[i].z, points_[i].diam}; }

  void add_section(Extent extent) {
    ImportSection section{.type = points_[extent.first].type, .line = points_[extent.first].line};
    if (extents_.empty()) {
      if (sphere_soma_) extent.count = 1;
    } else {
      attach(section, extent);
    }
    for (std::size_t i = 0; i < extent.count; ++i) section.points.push_back(raw(extent.first + i));
    const bool neurite_on_soma =
        section.parent >= 0 && section.type != SectionType::soma && parent_type(section) == SectionType::soma;
    // Otherwise a thin dendrite would start as a cone as wide as the soma.
    if (neurite_on_soma) section.points[0].diam = section.points[1].diam;
    extents_.push_back(extent);
    sections_.push_back(std::move(section));
  }

  int parent_type(const ImportSection& section) const {
    return sections_[static_cast<std::size_t>(section.parent)].type;
  }

  /// Parent, place on it, wire or not, and the copy of the parent's point.
  void attach(ImportSection& section, const Extent& extent) const {
    const std::size_t first = extent.first;
    const std::size_t parent_point = parent_or_first(first);
    section.parent = static_cast<int>(section_of_[parent_point]);
    if (!attach_to_root_section(section, extent)) attach_to_soma(section, extent);
    section.points.push_back(raw(parent_point));
    if (at_proximal_end_[first]) section.parent_x = 0.0;
  }

  bool attach_to_root_section(ImportSection& section, const Extent& extent) const {
    if (section.parent != 0) return false;
    const bool neurite_on_soma = parent_type(section) == SectionType::soma && section.type != SectionType::soma;
    if (neurite_on_soma && extents_[0].count == 1) {
      section.parent_x = 0.5;
      section.wire = extent.count > 1;
      return true;
    }
    if (points_[extent.first].parent != 0) return false;
    section.parent_x = 0.0;
    section.wire = section.type != SectionType::soma && soma_child_count_[0] > 1;
    return true;
  }

  void attach_to_soma(ImportSection& section, const Extent& extent) const {
    if (parent_type(section) != SectionType::soma) return;
    const Extent& soma = extents_[static_cast<std::size_t>(section.parent)];
    const bool neurite = section.type != SectionType::soma;
    const int last_soma_point = static_cast<int>(soma.first + soma.count) - 1;
    if (points_[extent.first].parent < last_soma_point) {
      section.parent_x = 0.5;
      section.wire = neurite && extent.count > 1;
    } else {
      section.wire = neurite && extent.count > 1 && soma_child_count_[parent_or_first(extent.first)] > 1;
    }
  }

  std::vector<SwcPoint> points_;
  std::vector<double> child_count_;
  std::vector<bool> at_proximal_end_;
  std::vector<int> soma_child_count_;
  int soma_point_count_ = 0;
  bool sphere_soma_ = false;
  std::vector<std::size_t> section_of_;  ///< per point
  std::vector<Extent> extents_;          ///< per section, its own points (without the copied one)
  std::vector<ImportSection> sections_;
};

}  // namespace

Morphology read_swc(std::string_view text, const std::string& file_name) {
  text = without_byte_order_mark(text);
  refuse_non_text(text, file_name);
  std::vector<Diagnostic> warnings;
  std::vector<SwcPoint> points = parse_swc_points(text, file_name, warnings);
  return build_morphology(SwcSections(std::move(points)).build(), std::move(warnings), file_name);
}

}  // namespace cellwright::morphology
