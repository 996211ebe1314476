#include "cellwright/features/trace_reader.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/base/file.hpp"

namespace cellwright::features {
namespace {

struct Cell {
  std::string_view text;
  int column;  // in the line, from 1
};

/// Cells between commas, or between runs of white space when the line has no comma.
std::vector<Cell> split(std::string_view line) {
  const bool commas = line.find(',') != std::string_view::npos;
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  std::vector<Cell> cells;
  std::size_t i = 0;
  while (i <= line.size()) {
    while (i < line.size() && is_space(line[i])) ++i;
    if (!commas && i == line.size()) break;
    std::size_t end = i;
    while (end < line.size() && (commas ? line[end] != ',' : !is_space(line[end]))) ++end;
    std::size_t text_end = end;
    while (text_end > i && is_space(line[text_end - 1])) --text_end;
    cells.push_back({line.substr(i, text_end - i), static_cast<int>(i) + 1});
    i = end + 1;
  }
  return cells;
}

std::optional<double> to_number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

class TraceParser {
 public:
  TraceParser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  TraceData parse() {
    while (next_line()) {
      const std::vector<Cell> cells = split(line_);
      if (columns_.empty() && !read_layout(cells)) continue;
      read_row(cells);
    }
    if (trace_.time_ms.empty()) fail("feature-trace-empty", "the file has no samples", {"", 0}, "");
    return std::move(trace_);
  }

 private:
  enum class Column { time, voltage, current, other };

  /// Moves on to the next line that is neither empty nor a comment.
  bool next_line() {
    while (!text_.empty()) {
      const std::size_t end = text_.find('\n');
      line_ = text_.substr(0, end);
      text_ = end == std::string_view::npos ? std::string_view{} : text_.substr(end + 1);
      ++line_number_;
      if (line_.ends_with('\r')) line_.remove_suffix(1);
      const std::size_t first = line_.find_first_not_of(" \t");
      if (first != std::string_view::npos && line_[first] != '#') return true;
    }
    line_ = {};
    return false;
  }

  /// Takes the columns from the first line. @returns true if that line is data already.
  bool read_layout(const std::vector<Cell>& cells) {
    if (to_number(cells.front().text)) {
      if (cells.size() < 2 || cells.size() > 3) {
        fail("feature-trace-columns", fmt::format("a trace has two or three columns, not {}", cells.size()),
             cells.front(), "give the columns names in a first line such as time,voltage");
      }
      columns_ = {Column::time, Column::voltage, Column::current};
      columns_.resize(cells.size());
      return true;
    }
    for (const Cell& cell : cells) columns_.push_back(column_of(cell));
    require(Column::time, "time", cells);
    require(Column::voltage, "voltage", cells);
    return false;
  }

  Column column_of(const Cell& cell) {
    const std::string name = lower_case(cell.text);
    Column column = Column::other;
    if (name == "time" || name == "t") column = Column::time;
    if (name == "voltage" || name == "v") column = Column::voltage;
    if (name == "current" || name == "i") column = Column::current;
    if (column != Column::other && std::find(columns_.begin(), columns_.end(), column) != columns_.end()) {
      fail("feature-trace-columns", fmt::format("column '{}' stands here a second time", cell.text), cell, "");
    }
    return column;
  }

  void require(Column column, const char* name, const std::vector<Cell>& cells) {
    if (std::find(columns_.begin(), columns_.end(), column) == columns_.end()) {
      fail("feature-trace-columns", fmt::format("the header has no column '{}'", name), cells.front(),
           "name the columns time, voltage and, if there is one, current");
    }
  }

  void read_row(const std::vector<Cell>& cells) {
    if (cells.size() != columns_.size()) {
      fail("feature-trace-row", fmt::format("this line has {} cells, the first one {}", cells.size(), columns_.size()),
           cells.front(), "");
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (columns_[i] == Column::time) add_time(cells[i]);
      if (columns_[i] == Column::voltage) trace_.voltage_mv.push_back(number(cells[i]));
      if (columns_[i] == Column::current) trace_.current_na.push_back(number(cells[i]));
    }
  }

  double number(const Cell& cell) {
    const std::optional<double> value = to_number(cell.text);
    if (!value) fail("feature-trace-number", fmt::format("'{}' is not a number", cell.text), cell, "");
    return *value;
  }

  void add_time(const Cell& cell) {
    const double time = number(cell);
    if (!std::isfinite(time)) fail("feature-time-order", fmt::format("time {} is not finite", cell.text), cell, "");
    if (!trace_.time_ms.empty() && time < trace_.time_ms.back()) {
      fail("feature-time-order", fmt::format("time decreases from {} to {} ms", trace_.time_ms.back(), time), cell,
           "sort the lines by time, or cut the file into one trace each");
    }
    trace_.time_ms.push_back(time);
  }

  [[noreturn]] void fail(const char* code, std::string message, const Cell& cell, std::string fix) {
    Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.message = std::move(message);
    diagnostic.span = {name_, cell.column > 0 ? line_number_ : 0, cell.column,
                       std::max(1, static_cast<int>(cell.text.size()))};
    diagnostic.source_line = std::string(line_);
    diagnostic.fix = std::move(fix);
    throw FeatureError(std::move(diagnostic));
  }

  std::string_view text_;
  const std::string& name_;
  std::string_view line_;
  int line_number_ = 0;
  std::vector<Column> columns_;
  TraceData trace_;
};

}  // namespace

TraceData parse_trace(std::string_view text, const std::string& name) { return TraceParser(text, name).parse(); }

TraceData read_trace(const std::filesystem::path& path) { return parse_trace(read_file(path), path.string()); }

}  // namespace cellwright::features
