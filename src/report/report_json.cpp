#include "report/report_json.hpp"

#include <algorithm>
#include <cmath>

#include "cellwright/text/json_writer.hpp"
#include "report/facts.hpp"

namespace cellwright::report {
namespace {

using text::JsonWriter;

/// Rounds to a ten-thousandth of a range or finer: enough for a picture at any zoom, and short text.
class Rounding {
 public:
  explicit Rounding(double range)
      : factor_(range > 0 ? std::max(1.0, std::pow(10, std::ceil(-std::log10(range / 1e4)))) : 1000.0) {}
  double operator()(double value) const { return std::round(value * factor_) / factor_; }

 private:
  double factor_;
};

constexpr double time_factor = 1000;  // microseconds

template <class Range>
void write_list(JsonWriter& json, std::string_view key, const Range& values) {
  json.key(key).begin_array();
  for (const auto& value : values) json.value(value);
  json.end_array();
}

void write_names(JsonWriter& json, std::string_view key, const std::vector<std::string>& names) {
  write_list(json, key, std::vector<std::string_view>(names.begin(), names.end()));
}

void write_pairs(JsonWriter& json, std::string_view key, const std::vector<std::pair<std::string, std::string>>& rows) {
  json.key(key).begin_array();
  for (const auto& [label, value] : rows) {
    json.begin_array().value(std::string_view(label)).value(std::string_view(value)).end_array();
  }
  json.end_array();
}

void write_facts(JsonWriter& json, const ReportData& data) {
  json.key("facts").begin_array();
  for (const FactTable& table : list_facts(data)) {
    json.begin_object().member("title", std::string_view(table.title));
    write_pairs(json, "rows", table.rows);
    json.end_object();
  }
  json.end_array();
  write_pairs(json, "commands", list_commands(data));
}

void write_parameters(JsonWriter& json, const ReportData& data) {
  json.key("parameters").begin_array();
  if (data.run.info) {
    for (const run::ParameterRange& range : data.run.info->parameters) {
      json.begin_object().member("name", std::string_view(range.name));
      json.member("lower", range.lower).member("upper", range.upper).end_object();
    }
  }
  json.end_array();
}

void write_individuals(JsonWriter& json, const optimise::HallOfFame& hall_of_fame) {
  json.key("individuals").begin_array();
  for (const optimise::Individual& individual : hall_of_fame) {
    json.begin_object();
    write_list(json, "params", individual.values);
    write_list(json, "scores", individual.fitness.values());
    json.member("sum", individual.fitness.sum()).member("generation", individual.generation).end_object();
  }
  json.end_array();
}

/// `low` and `high` are a standard deviation around the mean, inside what occurred.
void write_convergence(JsonWriter& json, const run::RunRecord& run) {
  const std::vector<optimise::LogbookRow>& rows = run.logbook.rows();
  const auto column = [&](std::string_view key, const auto& value) {
    json.key(key).begin_array();
    for (const optimise::LogbookRow& row : rows) json.value(value(row));
    json.end_array();
  };
  json.key("convergence").begin_object();
  column("gen", [](const auto& row) { return row.gen; });
  write_list(json, "best", best_so_far(run.logbook));
  column("avg", [](const auto& row) { return row.avg; });
  column("low", [](const auto& row) { return std::max(row.min, row.avg - row.std); });
  column("high", [](const auto& row) { return std::min(row.max, row.avg + row.std); });
  column("failed", [](const auto& row) { return row.failed; });
  json.key("seconds").begin_array();
  for (const run::GenerationTiming& timing : run.timings) json.value(timing.seconds);
  json.end_array().end_object();
}

void write_line(JsonWriter& json, const Polyline& line, std::string_view y_key) {
  const auto [low, high] = std::ranges::minmax(line.y);
  const Rounding rounded(high - low);
  json.key("t").begin_array();
  for (const double t : line.x) json.value(std::round(t * time_factor) / time_factor);
  json.end_array().key(y_key).begin_array();
  for (const double y : line.y) json.value(rounded(y));
  json.end_array();
}

void write_protocol(JsonWriter& json, const ProtocolView& protocol) {
  json.begin_object().member("name", std::string_view(protocol.name)).member("duration", protocol.duration_ms);
  json.key("recordings").begin_array();
  for (const RecordingView& recording : protocol.recordings) {
    json.begin_object().member("name", std::string_view(recording.name));
    json.member("unit", std::string_view(recording.unit)).end_object();
  }
  json.end_array().key("stimuli").begin_array();
  for (const StimulusView& stimulus : protocol.stimuli) {
    if (stimulus.current.x.empty()) continue;
    json.begin_object().member("label", std::string_view(stimulus.label));
    write_line(json, stimulus.current, "i");
    json.end_object();
  }
  json.end_array().end_object();
}

std::string_view name_of(TargetMark mark) {
  if (mark == TargetMark::level) return "level";
  return mark == TargetMark::time ? "time" : "";
}

void write_feature(JsonWriter& json, const FeatureView& feature) {
  json.begin_object().member("name", std::string_view(feature.name));
  json.member("label", std::string_view(feature.efel_name)).member("unit", std::string_view(feature.unit));
  json.member("protocol", feature.protocol).member("recording", feature.recording);
  json.member("mean", feature.mean).member("std", feature.std);
  json.member("start", feature.stim_start_ms).member("end", feature.stim_end_ms);
  json.member("mark", name_of(feature.mark)).end_object();
}

void write_result(JsonWriter& json, const IndividualView& individual) {
  json.begin_object().key("values").begin_array();
  for (const std::optional<double>& value : individual.feature_values) value ? json.value(*value) : json.value(nullptr);
  json.end_array();
  write_list(json, "scores", individual.feature_scores);
  write_names(json, "errors", individual.errors);
  json.key("traces").begin_array();
  for (const std::vector<Polyline>& protocol : individual.traces) {
    json.begin_array();
    for (const Polyline& trace : protocol) {
      if (trace.x.empty()) {
        json.value(nullptr);
        continue;
      }
      json.begin_object();
      write_line(json, trace, "v");
      json.end_object();
    }
    json.end_array();
  }
  json.end_array().end_object();
}

template <class Item, class Write>
void write_objects(JsonWriter& json, std::string_view key, const std::vector<Item>& items, const Write& write) {
  json.key(key).begin_array();
  for (const Item& item : items) write(json, item);
  json.end_array();
}

/// Inside a script element `<` could begin an end tag or a comment; in JSON it may be written as an escape, since it
/// occurs in strings only.
std::string without_angle_brackets(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return safe;
}

}  // namespace

std::string format_report_json(const ReportData& data) {
  const CellView cell = data.cell.value_or(CellView{});
  JsonWriter json(text::JsonStyle::compact);
  json.begin_object().member("name", std::string_view(data.run.checkpoint.identity.problem_name));
  write_names(json, "notices", data.notices);
  write_facts(json, data);
  write_names(json, "objectives", data.run.checkpoint.objectives);
  write_parameters(json, data);
  write_individuals(json, data.run.checkpoint.state.hall_of_fame);
  write_convergence(json, data.run);
  write_objects(json, "protocols", cell.protocols, write_protocol);
  write_objects(json, "features", cell.features, write_feature);
  write_objects(json, "results", cell.individuals, write_result);
  json.end_object();
  return without_angle_brackets(json.take());
}

}  // namespace cellwright::report
