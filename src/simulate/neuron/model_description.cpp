#include "simulate/neuron/model_description.hpp"

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/morphology/modifiers.hpp"
#include "cellwright/text/json_writer.hpp"
#include "simulate/neuron/parameter_plan.hpp"

namespace cellwright::simulate::neuron {
namespace {

using text::JsonWriter;

void write_fields(JsonWriter& json, const model::NrnSeclistCompLocation& l) {
  json.member("type", "seclist_comp").member("list", l.seclist_name).member("index", l.sec_index).member("x", l.comp_x);
}
void write_fields(JsonWriter& json, const model::NrnSectionCompLocation& l) {
  json.member("type", "section_comp").member("section", l.sec_name).member("x", l.comp_x);
}
void write_fields(JsonWriter& json, const model::NrnSomaDistanceCompLocation& l) {
  json.member("type", "soma_distance").member("list", l.seclist_name).member("distance", l.soma_distance_um);
}
void write_fields(JsonWriter& json, const model::NrnSecSomaDistanceCompLocation& l) {
  json.member("type", "path_distance").member("list", l.seclist_name).member("index", l.sec_index);
  json.member("distance", l.soma_distance_um);
}
void write_fields(JsonWriter& json, const model::NrnTrunkSomaDistanceCompLocation& l) {
  json.member("type", "trunk_distance").member("list", l.seclist_name).member("distance", l.soma_distance_um);
  if (l.sec_index) {
    json.member("index", *l.sec_index);
  } else {
    json.member("index", nullptr);
  }
  if (const auto* vector = std::get_if<std::array<double, 3>>(&l.direction)) {
    json.key("direction").begin_array().value((*vector)[0]).value((*vector)[1]).value((*vector)[2]).end_array();
  } else {
    json.member("direction", nullptr);
  }
}
void write_fields(JsonWriter& json, const model::NrnPointProcessLocation& l) {
  json.member("type", "point_process").member("name", l.pprocess_mech);
}
void write_fields(JsonWriter& json, const model::NrnSeclistLocation& l) {
  json.member("type", "seclist").member("list", l.seclist_name);
}
void write_fields(JsonWriter& json, const model::NrnSeclistSecLocation& l) {
  json.member("type", "seclist_sec").member("list", l.seclist_name).member("index", l.sec_index);
}

/// A location of any of the variants.
template <class... Locations>
void write_location(JsonWriter& json, const std::variant<Locations...>& location) {
  json.begin_object();
  std::visit([&](const auto& l) { write_fields(json, l); }, location);
  json.end_object();
}

void write_numbers(JsonWriter& json, std::string_view key, std::span<const double> numbers) {
  json.key(key).begin_array();
  for (const double number : numbers) json.value(number);
  json.end_array();
}

template <class Items, class Write>
void write_list(JsonWriter& json, std::string_view key, const Items& items, const Write& write) {
  json.key(key).begin_array();
  for (const auto& item : items) {
    json.begin_object();
    write(item);
    json.end_object();
  }
  json.end_array();
}

void write_morphology(JsonWriter& json, const model::NrnFileMorphology& shape) {
  json.key("morphology").begin_object();
  json.member("file", std::filesystem::absolute(shape.morphology_path).string());
  if (shape.nseg_frequency_um) {
    json.member("nseg_frequency", *shape.nseg_frequency_um);
  } else {
    json.member("nseg_frequency", nullptr);
  }
  json.key("axon_stubs").begin_array();
  const auto stub = [&](double length_um, double frequency_um) {
    json.begin_array().value(length_um).value(frequency_um).end_array();
  };
  if (shape.do_replace_axon) stub(shape.axon_stub_length_um, shape.axon_nseg_frequency_um);
  const auto& kwargs = shape.morph_modifiers_kwargs;
  const auto argument = [&](const char* name, double otherwise) {
    return kwargs.contains(name) ? kwargs.at(name) : otherwise;
  };
  for (const std::string& modifier : shape.morph_modifiers) {
    morphology::check_modifier(modifier, kwargs);
    if (modifier != "replace_axon") {
      throw ModelError(
          Diagnostic{.code = "neuron-model",
                     .message = fmt::format("the engine neuron cannot run the morph_modifier '{}'", modifier),
                     .span = shape.span,
                     .fix = "it knows 'replace_axon'; functions added by a program need the native engine"});
    }
    stub(argument("axon_stub_length", 60), argument("axon_nseg_frequency", 40));
  }
  json.end_array().end_object();
}

void write_hoc(JsonWriter& json, const model::CellModel& cell) {
  if (!cell.hoc) {
    json.member("hoc", nullptr);
    return;
  }
  json.key("hoc").begin_object().member("text", cell.hoc->text).member("template", cell.hoc->template_name);
  json.member("folder", (std::filesystem::current_path() / cell.hoc->folder).string()).end_object();
}

void write_mechanisms(JsonWriter& json, const model::CellModel& cell) {
  write_list(json, "mechanisms", cell.mechanisms, [&](const model::NrnMODMechanism& m) {
    json.member("suffix", m.suffix).member("list", m.location.seclist_name);
    if (m.stochastic()) json.member("deterministic", m.deterministic);
  });
  write_list(json, "point_processes", cell.point_processes, [&](const model::NrnMODPointProcessMechanism& p) {
    json.member("name", p.name).member("suffix", p.suffix).key("locations").begin_array();
    for (const model::CompLocation& location : p.locations) write_location(json, location);
    json.end_array();
  });
  write_list(json, "artificial_cells", cell.artificial_cells,
             [&](const model::ArtificialCell& a) { json.member("name", a.name).member("suffix", a.suffix); });
}

void write_wiring(JsonWriter& json, const model::CellModel& cell) {
  write_list(json, "connections", cell.connections, [&](const model::NetCon& c) {
    json.member("target", c.target).member("delay", c.delay_ms);
    write_numbers(json, "weight", c.weight);
    if (const auto* source = std::get_if<model::EventSource>(&c.source)) {
      json.member("source", source->name);
    } else {
      const auto& threshold = std::get<model::ThresholdSource>(c.source);
      json.member("threshold", threshold.threshold_mv).key("location");
      write_location(json, threshold.location);
    }
  });
  write_list(json, "pointers", cell.pointers, [&](const model::PointerTarget& p) {
    json.member("owner", p.owner).member("pointer", p.pointer).member("variable", p.variable).key("location");
    write_location(json, p.location);
  });
  write_list(json, "random_streams", cell.random_streams, [&](const model::RandomStream& s) {
    json.member("owner", s.owner).member("variable", s.variable).member("sequence", s.sequence);
    json.key("ids").begin_array().value(s.ids[0]).value(s.ids[1]).value(s.ids[2]).end_array();
  });
  write_list(json, "number_lists", cell.number_lists, [&](const model::NumberList& l) {
    json.member("owner", l.owner).member("variable", l.variable);
    write_numbers(json, "values", l.values);
  });
}

std::string_view kind_text(const model::CellParameter& parameter) {
  using enum model::ParameterKind;
  if (parameter.kind == global) return "global";
  if (parameter.kind == section) return "section";
  if (parameter.kind == range) return "range";
  if (parameter.kind == point_process) return "point_process";
  throw ModelError(
      Diagnostic{.code = "neuron-model",
                 .message = fmt::format("the engine neuron has no parameters of the kind of '{}'", parameter.name),
                 .span = parameter.span,
                 .fix = "use the native engine"});
}

/// Where a distance scaler measures from; null for every other parameter.
void write_origin(JsonWriter& json, const model::CellParameter& parameter) {
  std::string section;
  double x = 0.5;
  if (parameter.value_scaler) {
    std::visit(
        [&](const auto& s) {
          if constexpr (requires { s.soma_ref_location; }) section = "soma[0]", x = s.soma_ref_location;
          if constexpr (requires { s.ref_section; }) section = s.ref_section, x = s.ref_location;
        },
        *parameter.value_scaler);
  }
  if (section.empty()) {
    json.member("origin", nullptr);
  } else {
    json.key("origin").begin_object().member("section", section).member("x", x).end_object();
  }
}

void write_parameters(JsonWriter& json, const model::CellModel& cell) {
  write_list(json, "parameters", assigned_parameters(cell), [&](const AssignedParameter& assigned) {
    const model::CellParameter& p = *assigned.parameter;
    json.member("param_name", p.param_name).member("kind", kind_text(p));
    write_origin(json, p);
    json.key("locations").begin_array();
    for (const model::ParameterLocation& location : p.locations) write_location(json, location);
    json.end_array();
  });
}

void write_fields(JsonWriter& json, const model::NrnSquarePulse& s) {
  json.member("type", "square").key("location");
  write_location(json, s.location);
}
void write_fields(JsonWriter& json, const model::NrnRampPulse& s) {
  json.member("type", "ramp").key("location");
  write_location(json, s.location);
}
void write_fields(JsonWriter& json, const model::NrnCurrentPlayStimulus& s) {
  json.member("type", "current_play").key("location");
  write_location(json, s.location);
  write_numbers(json, "times", s.time_points_ms);
  write_numbers(json, "currents", s.current_points_na);
}
void write_fields(JsonWriter& json, const model::NrnNetStimStimulus& s) {
  json.member("type", "netstim").key("point_processes").begin_array();
  for (const model::NrnPointProcessLocation& location : s.locations) json.value(location.pprocess_mech);
  json.end_array();
}

std::vector<double> numbers_of(const model::NrnSquarePulse& s) {
  return {s.step_amplitude_na, s.step_delay_ms, s.step_duration_ms};
}
std::vector<double> numbers_of(const model::NrnRampPulse& s) {
  return {s.ramp_amplitude_start_na, s.ramp_amplitude_end_na, s.ramp_delay_ms, s.ramp_duration_ms, s.total_duration_ms};
}
std::vector<double> numbers_of(const model::NrnCurrentPlayStimulus&) { return {}; }
std::vector<double> numbers_of(const model::NrnNetStimStimulus& s) {
  return {s.interval_ms, s.number, s.start_ms, s.noise, s.weight};
}

void write_protocols(JsonWriter& json, std::span<const model::SweepProtocol> protocols,
                     const NeuronSettings& settings) {
  write_list(json, "protocols", protocols, [&](const model::SweepProtocol& p) {
    json.member("variable_step", p.cvode_active.value_or(settings.variable_step))
        .member("n_numbers", stimulus_numbers(p.stimuli).size());
    json.member("deterministic", p.deterministic);
    write_list(json, "stimuli", p.stimuli, [&](const model::Stimulus& stimulus) {
      std::visit([&](const auto& s) { write_fields(json, s); }, stimulus);
    });
    write_list(json, "recordings", p.recordings, [&](const model::CompRecording& r) {
      json.member("variable", r.variable).key("location");
      write_location(json, r.location);
    });
  });
}

/// What a message calls an item, and where it stands.
struct Item {
  std::string label;
  SourceSpan span;
};

Item find_item(const model::CellModel& cell, const std::string& kind, std::size_t index) {
  if (kind == "mechanisms")
    return {fmt::format("mechanism '{}'", cell.mechanisms.at(index).suffix), cell.mechanisms.at(index).span};
  if (kind == "point_processes")
    return {fmt::format("point process '{}'", cell.point_processes.at(index).name),
            cell.point_processes.at(index).span};
  if (kind == "artificial_cells")
    return {fmt::format("artificial cell '{}'", cell.artificial_cells.at(index).name),
            cell.artificial_cells.at(index).span};
  if (kind == "connections")
    return {fmt::format("connection to '{}'", cell.connections.at(index).target), cell.connections.at(index).span};
  if (kind == "pointers")
    return {fmt::format("pointer '{}'", cell.pointers.at(index).pointer), cell.pointers.at(index).span};
  if (kind == "random_streams")
    return {fmt::format("random stream '{}'", cell.random_streams.at(index).variable),
            cell.random_streams.at(index).span};
  if (kind == "number_lists")
    return {fmt::format("number list '{}'", cell.number_lists.at(index).variable), cell.number_lists.at(index).span};
  if (kind == "parameters") {
    const model::CellParameter& parameter = *assigned_parameters(cell).at(index).parameter;
    return {fmt::format("parameter '{}'", parameter.name), parameter.span};
  }
  throw InternalError(fmt::format("driver.py knows of {} that are not in the model", kind));
}

}  // namespace

std::string describe_model(const model::CellModel& cell, std::span<const model::SweepProtocol> protocols,
                           const NeuronSettings& settings, const std::filesystem::path& library) {
  JsonWriter json(text::JsonStyle::compact);
  json.begin_object();
  json.member("library", library.string()).member("memory_bytes", settings.memory_bytes);
  json.member("dt", settings.dt_ms).member("gid", cell.gid).member("rebuild", cell.hoc.has_value());
  write_hoc(json, cell);
  write_morphology(json, cell.morphology);
  write_mechanisms(json, cell);
  write_wiring(json, cell);
  write_parameters(json, cell);
  write_protocols(json, protocols, settings);
  json.end_object();
  return json.take();
}

std::vector<double> stimulus_numbers(std::span<const model::Stimulus> stimuli) {
  std::vector<double> result;
  for (const model::Stimulus& stimulus : stimuli) {
    const std::vector<double> numbers = std::visit([](const auto& s) { return numbers_of(s); }, stimulus);
    result.insert(result.end(), numbers.begin(), numbers.end());
  }
  return result;
}

Diagnostic describe_problem(const model::CellModel& cell, std::span<const model::SweepProtocol> protocols,
                            const std::string& kind, std::size_t protocol, std::size_t index, const std::string& text) {
  Item item;
  if (kind == "recordings") {
    const model::CompRecording& recording = protocols[protocol].recordings.at(index);
    item = {fmt::format("recording '{}'", recording.name), recording.span};
  } else if (kind == "stimuli") {
    item.label = fmt::format("stimulus {} of protocol '{}'", index + 1, protocols[protocol].name);
    item.span = std::visit([](const auto& s) { return s.span; }, protocols[protocol].stimuli.at(index));
  } else {
    item = find_item(cell, kind, index);
  }
  return {.code = "neuron-model", .message = fmt::format("NEURON: {}: {}", item.label, text), .span = item.span};
}

}  // namespace cellwright::simulate::neuron
