#include "cellwright/ephys/stimuli.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "ephys/text_of.hpp"

namespace cellwright::ephys {
namespace {

std::string fixed_text(const std::optional<double>& number) { return number ? fmt::format("{:f}", *number) : "None"; }

ConfigError stimulus_error(const std::string& message) {
  return ConfigError(Diagnostic{.code = "ephys-stimulus", .message = message});
}

}  // namespace

double NrnSquarePulse::duration() const { return required(total_duration, *this, "", "total_duration"); }

Envelope NrnSquarePulse::envelope() const {
  const double amplitude = required(step_amplitude, *this, "", "step_amplitude");
  const double begin = required(step_delay, *this, "", "step_delay");
  const double end = begin + required(step_duration, *this, "", "step_duration");
  return {{0, 0}, {begin, 0}, {begin, amplitude}, {end, amplitude}, {end, 0}, {duration(), 0}};
}

model::Stimulus NrnSquarePulse::snapshot() const {
  return model::NrnSquarePulse{.step_amplitude_na = required(step_amplitude, *this, "", "step_amplitude"),
                               .step_delay_ms = required(step_delay, *this, "", "step_delay"),
                               .step_duration_ms = required(step_duration, *this, "", "step_duration"),
                               .total_duration_ms = duration(),
                               .location = location_as<model::CompLocation>(location, "a NrnSquarePulse")};
}

std::string NrnSquarePulse::to_string() const {
  return fmt::format("Square pulse amp {} delay {} duration {} totdur {} at {}", fixed_text(step_amplitude),
                     fixed_text(step_delay), fixed_text(step_duration), fixed_text(total_duration), text_of(location));
}

double NrnRampPulse::duration() const { return required(total_duration, *this, "", "total_duration"); }

Envelope NrnRampPulse::envelope() const {
  const double first = required(ramp_amplitude_start, *this, "", "ramp_amplitude_start");
  const double last = required(ramp_amplitude_end, *this, "", "ramp_amplitude_end");
  const double begin = required(ramp_delay, *this, "", "ramp_delay");
  const double end = begin + required(ramp_duration, *this, "", "ramp_duration");
  return {{0, 0}, {begin, 0}, {begin, first}, {end, last}, {end, 0}, {duration(), 0}};
}

model::Stimulus NrnRampPulse::snapshot() const {
  return model::NrnRampPulse{
      .ramp_amplitude_start_na = required(ramp_amplitude_start, *this, "", "ramp_amplitude_start"),
      .ramp_amplitude_end_na = required(ramp_amplitude_end, *this, "", "ramp_amplitude_end"),
      .ramp_delay_ms = required(ramp_delay, *this, "", "ramp_delay"),
      .ramp_duration_ms = required(ramp_duration, *this, "", "ramp_duration"),
      .total_duration_ms = duration(),
      .location = location_as<model::CompLocation>(location, "a NrnRampPulse")};
}

std::string NrnRampPulse::to_string() const {
  return fmt::format("Ramp pulse amp_start {} amp_end {} delay {} duration {} totdur {} at {}",
                     fixed_text(ramp_amplitude_start), fixed_text(ramp_amplitude_end), fixed_text(ramp_delay),
                     fixed_text(ramp_duration), fixed_text(total_duration), text_of(location));
}

NrnCurrentPlayStimulus::NrnCurrentPlayStimulus(NrnCurrentPlayStimulusArguments given) : Record(std::move(given)) {
  if (time_points.empty()) throw stimulus_error("a NrnCurrentPlayStimulus has no time_points");
  if (time_points.size() != current_points.size())
    throw stimulus_error(fmt::format("a NrnCurrentPlayStimulus has {} time_points and {} current_points",
                                     time_points.size(), current_points.size()));
}

double NrnCurrentPlayStimulus::duration() const { return std::ranges::max(time_points); }

Envelope NrnCurrentPlayStimulus::envelope() const {
  Envelope result;
  for (std::size_t i = 0; i < time_points.size(); ++i) result.emplace_back(time_points[i], current_points.at(i));
  return result;
}

model::Stimulus NrnCurrentPlayStimulus::snapshot() const {
  return model::NrnCurrentPlayStimulus{
      .time_points_ms = time_points,
      .current_points_na = current_points,
      .location = location_as<model::CompLocation>(location, "a NrnCurrentPlayStimulus")};
}

std::string NrnCurrentPlayStimulus::to_string() const { return "Current play at " + text_of(location); }

Envelope SynapticStimulus::envelope() const {
  throw stimulus_error(fmt::format("a {} has no envelope: events are no current", short_class_name()));
}

NrnNetStimStimulus::NrnNetStimStimulus(NrnNetStimStimulusArguments given) : Record(std::move(given)) { duration(); }

double NrnNetStimStimulus::duration() const { return required(total_duration, *this, "", "total_duration"); }

model::Stimulus NrnNetStimStimulus::snapshot() const {
  model::NrnNetStimStimulus result{.total_duration_ms = duration(),
                                   .interval_ms = required(interval, *this, "", "interval"),
                                   .number = required(number, *this, "", "number"),
                                   .start_ms = required(start, *this, "", "start"),
                                   .noise = noise,
                                   .weight = weight};
  for (const auto& location : locations) {
    const auto target = location_as<model::ParameterLocation>(location, "a NrnNetStimStimulus");
    if (!std::holds_alternative<model::NrnPointProcessLocation>(target))
      throw_wrong_location(location.get(), "a NrnNetStimStimulus");
    result.locations.push_back(std::get<model::NrnPointProcessLocation>(target));
  }
  return result;
}

std::string NrnNetStimStimulus::to_string() const {
  std::string places;
  for (const auto& location : locations) places += (places.empty() ? " at " : ",") + text_of(location);
  return "Netstim" + places;
}

}  // namespace cellwright::ephys
