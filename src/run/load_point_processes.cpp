/// The parts of the section `mechanisms` that need locations: point processes and what joins them.

#include <algorithm>

#include <fmt/format.h>

#include "loader_context.hpp"

namespace cellwright::run {
namespace {

using text::JsonValue;

constexpr std::int64_t largest_id = 4294967295;

/// The texts of a key that holds one or a list of them.
std::vector<const JsonValue*> texts(const JsonValue* value) {
  if (value == nullptr) return {};
  if (value->is_string()) return {value};
  std::vector<const JsonValue*> result;
  for (const JsonValue& item : value->as_array()) result.push_back(&item);
  return result;
}

/// Reads the lists one after the other; point processes become locations that recordings can name.
class PointProcessLoader {
 public:
  PointProcessLoader(const ObjectReader& section, model::CellModel& cell, LocationMap& locations,
                     LoaderContext& context)
      : section_(section), cell_(cell), locations_(locations), context_(context) {}

  void load() {
    each("point_processes", "point_process", [this](const ObjectReader& item) { load_point_process(item); });
    each("artificial_cells", "artificial_cell", [this](const ObjectReader& item) { load_artificial_cell(item); });
    each("connections", "connection", [this](const ObjectReader& item) { load_connection(item); });
    each("pointers", "pointer", [this](const ObjectReader& item) { load_pointer(item); });
    each("number_lists", "number_list", [this](const ObjectReader& item) { load_list(item); });
    each("random_streams", "random_stream", [this](const ObjectReader& item) { load_stream(item); });
  }

 private:
  template <class Load>
  void each(std::string_view key, std::string_view type, const Load& load) {
    const JsonValue* list = section_.get(key);
    if (list == nullptr) return;
    for (const JsonValue& value : list->as_array()) {
      const ObjectReader item(value, schema_of(type), context_.problems);
      if (item.usable()) load(item);
    }
  }

  void claim_name(const ObjectReader& item, const std::string& name) {
    const bool taken = std::ranges::count(names_, name) > 0;
    if (taken || name.empty()) {
      context_.problems.add(item.get("name")->diagnostic(
          "config-duplicate-name",
          taken ? fmt::format("the name '{}' is taken", name) : std::string("the name is empty"),
          "give each point process and artificial cell a name of its own"));
    }
    names_.push_back(name);
    locations_.try_emplace(name, model::NrnPointProcessLocation{name, name, item.value().span()});
  }

  void load_point_process(const ObjectReader& item) {
    const auto name = item.text("name"), suffix = item.text("suffix");
    if (!name || !suffix) return;
    model::NrnMODPointProcessMechanism process{*name, *suffix, {}, item.value().span()};
    for (const JsonValue* place : texts(item.get("location")))
      process.locations.push_back(find_compartment(place->as_string(), *place, locations_, context_));
    claim_name(item, *name);
    cell_.point_processes.push_back(std::move(process));
  }

  void load_artificial_cell(const ObjectReader& item) {
    const auto name = item.text("name"), suffix = item.text("suffix");
    if (!name || !suffix) return;
    claim_name(item, *name);
    cell_.artificial_cells.push_back({*name, *suffix, item.value().span()});
  }

  /// The name at a key if it is a point process or artificial cell.
  std::optional<std::string> known_name(const ObjectReader& item, std::string_view key) {
    const auto name = item.text(key);
    if (!name) return std::nullopt;
    if (std::ranges::count(names_, *name) > 0) return name;
    context_.problems.add(item.get(key)->diagnostic("config-point-process",
                                                    fmt::format("unknown point process or artificial cell '{}'", *name),
                                                    suggest(*name, names_, "the file's are")));
    return std::nullopt;
  }

  void load_connection(const ObjectReader& item) {
    model::NetCon connection{.span = item.value().span()};
    const bool has_source = item.value().find("source") != nullptr;
    const bool has_location = item.value().find("location") != nullptr;
    if (has_source == has_location) {
      context_.problems.add(item.value().diagnostic(
          "config-connection", has_source ? "'source' and 'location' exclude each other" : "there is no source",
          "give 'source' (a point process or artificial cell), or 'location' (and 'threshold') of a spike detector"));
    }
    if (has_source) connection.source = model::EventSource{known_name(item, "source").value_or("")};
    if (const auto location = item.text("location")) {
      connection.source =
          model::ThresholdSource{find_compartment(*location, *item.get("location"), locations_, context_),
                                 item.number("threshold").value_or(10.0)};
    }
    if (const auto target = known_name(item, "target")) connection.target = *target;
    if (const JsonValue* weights = item.get("weight")) {
      for (const JsonValue& weight : weights->as_array()) connection.weight.push_back(weight.as_number());
    }
    connection.delay_ms = item.number("delay").value_or(1.0);
    if (connection.delay_ms < 0) {
      context_.problems.add(item.get("delay")->diagnostic(
          "config-range", fmt::format("delay must not be negative, not {} ms", connection.delay_ms)));
    }
    cell_.connections.push_back(std::move(connection));
  }

  void load_pointer(const ObjectReader& item) {
    const auto owner = known_name(item, "point_process");
    const auto pointer = item.text("pointer"), location = item.text("location");
    if (!owner || !pointer || !location) return;
    cell_.pointers.push_back({*owner, *pointer,
                              find_recording_location(*location, *item.get("location"), locations_, context_),
                              item.text("var").value_or("v"), item.value().span()});
  }

  void load_list(const ObjectReader& item) {
    const auto owner = known_name(item, "point_process");
    const auto variable = item.text("variable");
    const JsonValue* values = item.get("values");
    if (!owner || !variable || values == nullptr) return;
    model::NumberList list{.owner = *owner, .variable = *variable, .span = item.value().span()};
    for (const JsonValue& value : values->as_array()) list.values.push_back(value.as_number());
    cell_.number_lists.push_back(std::move(list));
  }

  void load_stream(const ObjectReader& item) {
    const auto owner = known_name(item, "point_process");
    const auto variable = item.text("variable");
    const JsonValue* ids = item.get("ids");
    if (!owner || !variable || ids == nullptr) return;
    model::RandomStream stream{.owner = *owner, .variable = *variable, .span = item.value().span()};
    const auto as_id = [this](const JsonValue& value) -> std::uint32_t {
      if (value.is_integer() && value.as_integer() >= 0 && value.as_integer() <= largest_id)
        return static_cast<std::uint32_t>(value.as_integer());
      context_.problems.add(value.diagnostic("config-range", "must be a whole number from 0 to 4294967295"));
      return 0;
    };
    if (ids->as_array().empty() || ids->as_array().size() > stream.ids.size())
      context_.problems.add(ids->diagnostic("config-type", "must be a list of one to three numbers"));
    for (std::size_t k = 0; k < std::min(ids->as_array().size(), stream.ids.size()); ++k)
      stream.ids[k] = as_id(ids->as_array()[k]);
    if (const JsonValue* sequence = item.get("sequence")) stream.sequence = as_id(*sequence);
    cell_.random_streams.push_back(std::move(stream));
  }

  const ObjectReader& section_;
  model::CellModel& cell_;
  LocationMap& locations_;
  LoaderContext& context_;
  std::vector<std::string> names_;
};

}  // namespace

void load_point_processes(const Section& mechanisms, model::CellModel& cell, LocationMap& locations,
                          LoaderContext& context) {
  if (!mechanisms) return;
  DiagnosticList known;  // load_mechanisms_section reported what is wrong with the section itself
  const ObjectReader reader(*mechanisms.value, schema_of("mechanisms"), known);
  PointProcessLoader(reader, cell, locations, context).load();
}

}  // namespace cellwright::run
