#include "cellwright/model/protocol.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace cellwright::model {

namespace {

double duration_ms(const NrnCurrentPlayStimulus& s) {
  return s.time_points_ms.empty() ? 0.0 : *std::max_element(s.time_points_ms.begin(), s.time_points_ms.end());
}

template <class Other>
double duration_ms(const Other& s) {
  return s.total_duration_ms;
}

/// A number of a stimulus by its argument name.
template <class Kind>
struct Attribute {
  const char* name;
  double Kind::*member;
};

constexpr Attribute<NrnSquarePulse> square_attributes[] = {{"step_amplitude", &NrnSquarePulse::step_amplitude_na},
                                                           {"step_delay", &NrnSquarePulse::step_delay_ms},
                                                           {"step_duration", &NrnSquarePulse::step_duration_ms},
                                                           {"total_duration", &NrnSquarePulse::total_duration_ms}};
constexpr Attribute<NrnRampPulse> ramp_attributes[] = {{"ramp_amplitude_start", &NrnRampPulse::ramp_amplitude_start_na},
                                                       {"ramp_amplitude_end", &NrnRampPulse::ramp_amplitude_end_na},
                                                       {"ramp_delay", &NrnRampPulse::ramp_delay_ms},
                                                       {"ramp_duration", &NrnRampPulse::ramp_duration_ms},
                                                       {"total_duration", &NrnRampPulse::total_duration_ms}};
constexpr Attribute<NrnNetStimStimulus> netstim_attributes[] = {
    {"total_duration", &NrnNetStimStimulus::total_duration_ms},
    {"interval", &NrnNetStimStimulus::interval_ms},
    {"number", &NrnNetStimStimulus::number},
    {"start", &NrnNetStimStimulus::start_ms},
    {"noise", &NrnNetStimStimulus::noise},
    {"weight", &NrnNetStimStimulus::weight}};

std::span<const Attribute<NrnSquarePulse>> attributes_of(const NrnSquarePulse&) { return square_attributes; }
std::span<const Attribute<NrnRampPulse>> attributes_of(const NrnRampPulse&) { return ramp_attributes; }
std::span<const Attribute<NrnNetStimStimulus>> attributes_of(const NrnNetStimStimulus&) { return netstim_attributes; }
/// Its numbers are lists.
std::span<const Attribute<NrnCurrentPlayStimulus>> attributes_of(const NrnCurrentPlayStimulus&) { return {}; }

}  // namespace

std::vector<std::string> attribute_names(const Stimulus& stimulus) {
  std::vector<std::string> names;
  std::visit(
      [&](const auto& s) {
        for (const auto& attribute : attributes_of(s)) names.emplace_back(attribute.name);
      },
      stimulus);
  return names;
}

void set_attribute(Stimulus& stimulus, std::string_view attr_name, double value) {
  std::visit(
      [&](auto& s) {
        for (const auto& attribute : attributes_of(s)) {
          if (attr_name == attribute.name) return void(s.*attribute.member = value);
        }
        throw InternalError(fmt::format("a stimulus has no attribute '{}'", attr_name));
      },
      stimulus);
}

double total_duration_ms(const Stimulus& stimulus) {
  return std::visit([](const auto& s) { return duration_ms(s); }, stimulus);
}

double SweepProtocol::total_duration_ms() const {
  double longest = 0;
  for (const Stimulus& stimulus : stimuli) longest = std::max(longest, model::total_duration_ms(stimulus));
  return longest;
}

}  // namespace cellwright::model
