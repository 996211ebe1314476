#include "morphology/swc_points.hpp"

#include <array>
#include <cmath>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "cellwright/morphology/reader.hpp"
#include "morphology/text_lines.hpp"

namespace cellwright::morphology {
namespace {

constexpr std::size_t field_count = 7;
constexpr std::array<const char*, field_count> field_names = {"id", "type", "x", "y", "z", "radius", "parent"};
/// Above this, neighbouring whole numbers are one number in single precision, in which NEURON reads ids.
constexpr double largest_id = 16777216.0;

struct Field {
  std::string_view text;
  int column = 0;
};

std::vector<Field> split_fields(std::string_view line) {
  constexpr std::string_view blanks = " \t\v\f";
  std::vector<Field> fields;
  const std::string_view data = line.substr(0, line.find('#'));
  std::size_t begin = data.find_first_not_of(blanks);
  while (begin != data.npos) {
    const std::size_t end = std::min(data.find_first_of(blanks, begin), data.size());
    fields.push_back({data.substr(begin, end - begin), static_cast<int>(begin) + 1});
    begin = data.find_first_not_of(blanks, end);
  }
  return fields;
}

/// Reads the table and checks it as a tree; collects what is wrong.
class SwcPointParser {
 public:
  SwcPointParser(std::string_view text, const std::string& file_name)
      : file_name_(file_name), lines_(split_lines(text)) {}

  std::vector<SwcPoint> parse(std::vector<Diagnostic>& warnings) {
    for (std::size_t i = 0; i < lines_.size() && !problems_.full(); ++i) {
      parse_line(split_fields(lines_[i]), static_cast<int>(i) + 1);
    }
    check_tree();
    problems_.throw_if_errors<MorphologyError>();
    if (points_.empty()) {
      throw MorphologyError(Diagnostic{.code = "morphology-empty",
                                       .message = "the file holds no point",
                                       .span = {.file = file_name_},
                                       .fix = "an SWC file needs lines of: id type x y z radius parent"});
    }
    warn_about_roots(warnings);
    return std::move(points_);
  }

 private:
  void add(std::string code, std::string message, int line, Field field, std::string fix,
           std::vector<Note> notes = {}) {
    // The caret must point into the quoted line, which printable() may have cut.
    const int length = std::max<int>(1, static_cast<int>(field.text.size()));
    problems_.add({.code = std::move(code),
                   .message = std::move(message),
                   .span = {.file = file_name_, .line = line, .column = field.column, .length = length},
                   .source_line = printable(lines_[static_cast<std::size_t>(line) - 1]),
                   .fix = std::move(fix),
                   .notes = std::move(notes)});
  }

  void parse_line(const std::vector<Field>& fields, int line) {
    if (fields.empty()) return;
    if (fields.size() < field_count) {
      add("swc-fields", fmt::format("the line has {} of the 7 fields of an SWC point", fields.size()), line,
          fields.front(), "write: id type x y z radius parent; comments start with #");
      return;
    }
    const auto id = whole_number(fields[0], 0, line);
    const auto type = whole_number(fields[1], 1, line);
    std::array<std::optional<double>, 4> lengths;
    for (std::size_t k = 0; k < lengths.size(); ++k) lengths[k] = length(fields[2 + k], 2 + k, line);
    const auto parent = whole_number(fields[6], 6, line);
    if (!id || !type || !parent || !lengths[0] || !lengths[1] || !lengths[2] || !lengths[3]) return;
    check_id(*id, fields[0], line);
    if (*lengths[3] <= 0.0) {
      add("swc-radius", fmt::format("radius {} is not greater than 0", fields[5].text), line, fields[5],
          "give the point its radius in um, or remove it from the file");
    }
    index_.emplace(*id, points_.size());
    points_.push_back({.id = *id,
                       .type = *type,
                       .x = *lengths[0],
                       .y = *lengths[1],
                       .z = *lengths[2],
                       .diam = 2.0 * *lengths[3],
                       .parent = *parent,
                       .line = line});
    parent_fields_.push_back(fields[6]);
  }

  std::optional<int> whole_number(const Field& field, std::size_t which, int line) {
    const std::optional<double> value = parse_double(field.text);
    const double smallest = which == 0 ? 0.0 : -largest_id;
    if (value && std::floor(*value) == *value && *value >= smallest && *value <= largest_id) {
      return static_cast<int>(*value);
    }
    add("swc-number",
        fmt::format("{} '{}' is not a whole number{}", field_names[which], printable(field.text),
                    which == 0 ? " from 0 to 16777216" : ""),
        line, field, which == 6 ? "give the id of an earlier point, or -1 for the root" : "write a whole number");
    return std::nullopt;
  }

  std::optional<double> length(const Field& field, std::size_t which, int line) {
    const std::optional<float> value = parse_float(field.text);
    if (value && std::abs(*value) <= max_coordinate_um) return *value;
    add("swc-number",
        fmt::format("{} '{}' is not a {}", field_names[which], printable(field.text),
                    value ? "length below 1e9 um" : "number"),
        line, field, "write a decimal number of um, such as 12.5");
    return std::nullopt;
  }

  void check_id(int id, const Field& field, int line) {
    if (const auto first = index_.find(id); first != index_.end()) {
      const int first_line = points_[first->second].line;
      add("swc-duplicate", fmt::format("id {} is used twice", id), line, field, "give every point an id of its own",
          {{.text = "first used here", .span = {.file = file_name_, .line = first_line}}});
    } else if (!points_.empty() && id < points_.back().id) {
      add("swc-unsorted", fmt::format("id {} stands after id {}: ids must increase", id, points_.back().id), line,
          field, "sort the lines by id; NEURON does not read this file either");
    }
  }

  /// Turns parent ids into indices.
  void check_tree() {
    std::vector<int> parent_ids;
    for (const SwcPoint& point : points_) parent_ids.push_back(point.parent);
    for (std::size_t i = 0; i < points_.size() && !problems_.full(); ++i) check_parent(i, parent_ids);
  }

  void check_parent(std::size_t i, const std::vector<int>& parent_ids) {
    SwcPoint& point = points_[i];
    if (parent_ids[i] < 0) {
      point.parent = -1;
      return;
    }
    const auto found = index_.find(parent_ids[i]);
    if (found == index_.end()) {
      // A line that could not be read may have held the parent: do not blame the child for it.
      if (problems_.has_errors()) return;
      add("swc-unknown-parent", fmt::format("parent {} of point {} is not in the file", parent_ids[i], point.id),
          point.line, parent_fields_[i], "give the id of an earlier point, or -1 for the root");
    } else if (found->second >= i) {
      report_late_parent(i, found->second, parent_ids);
    }
    point.parent = found == index_.end() ? -1 : static_cast<int>(found->second);
  }

  void report_late_parent(std::size_t i, std::size_t parent, const std::vector<int>& parent_ids) {
    const SwcPoint& point = points_[i];
    if (leads_back(i, parent_ids)) {
      add("swc-cycle", fmt::format("point {} is its own ancestor", point.id), point.line, parent_fields_[i],
          "give it an earlier point as parent, or -1 for the root");
      return;
    }
    add("swc-unsorted", fmt::format("parent {} of point {} stands after it", parent_ids[i], point.id), point.line,
        parent_fields_[i], "write parents before their children; NEURON does not read this file either",
        {{.text = "the parent stands here", .span = {.file = file_name_, .line = points_[parent].line}}});
  }

  bool leads_back(std::size_t start, const std::vector<int>& parent_ids) const {
    std::size_t at = start;
    for (std::size_t steps = 0; steps < points_.size(); ++steps) {
      const auto next = index_.find(parent_ids[at]);
      if (parent_ids[at] < 0 || next == index_.end()) return false;
      at = next->second;
      if (at == start) return true;
    }
    return false;
  }

  void warn_about_roots(std::vector<Diagnostic>& warnings) const {
    for (std::size_t i = 1; i < points_.size(); ++i) {
      if (points_[i].parent >= 0) continue;
      warnings.push_back(
          {.severity = Severity::warning,
           .code = "swc-several-roots",
           .message = fmt::format("point {} is a further root; it was connected to the first section, as "
                                  "NEURON does",
                                  points_[i].id),
           .span = {.file = file_name_, .line = points_[i].line},
           .source_line = printable(lines_[static_cast<std::size_t>(points_[i].line) - 1]),
           .fix = "give it the parent that you mean"});
    }
  }

  const std::string& file_name_;
  std::vector<std::string_view> lines_;
  std::vector<SwcPoint> points_;
  std::vector<Field> parent_fields_;
  std::unordered_map<int, std::size_t> index_;
  DiagnosticList problems_{DiagnosticList::parser_limit};
};

}  // namespace

std::vector<SwcPoint> parse_swc_points(std::string_view text, const std::string& file_name,
                                       std::vector<Diagnostic>& warnings) {
  return SwcPointParser(text, file_name).parse(warnings);
}

}  // namespace cellwright::morphology
