#pragma once
/// What is injected into a cell, as `bluepyopt.ephys.stimuli`.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cellwright/ephys/locations.hpp"
#include "cellwright/model/protocol.hpp"

namespace cellwright::ephys {

/// Corner points (time in ms, current in nA) of a stimulus.
using Envelope = std::vector<std::pair<double, double>>;

/// Base of all stimuli.
class Stimulus : public DictMixin {
 public:
  /// When the stimulus is over, ms. @throws ConfigError "ephys-argument" if it was not given.
  virtual double duration() const = 0;
  /// The corner points of its current. @throws ConfigError "ephys-argument", "ephys-stimulus" for one without current.
  virtual Envelope envelope() const = 0;
  /// The stimulus as a value of the model. @throws ConfigError "ephys-argument", "ephys-location".
  virtual model::Stimulus snapshot() const = 0;
  virtual std::string to_string() const = 0;
};

struct NrnSquarePulseArguments {
  std::optional<double> step_amplitude;  ///< nA
  std::optional<double> step_delay;      ///< ms
  std::optional<double> step_duration;   ///< ms
  std::optional<double> total_duration;  ///< ms
  std::shared_ptr<Location> location;
  static void fields(auto& self, auto&& visit) {
    visit("step_amplitude", self.step_amplitude);
    visit("step_delay", self.step_delay);
    visit("step_duration", self.step_duration);
    visit("total_duration", self.total_duration);
    visit("location", self.location);
  }
};
/// A current that is on for step_delay <= t < step_delay + step_duration. Several stimuli at one place add up: a
/// holding current is a second pulse.
class NrnSquarePulse : public Record<NrnSquarePulse, Stimulus, NrnSquarePulseArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.stimuli.NrnSquarePulse";
  using Record::Record;
  double duration() const override;
  Envelope envelope() const override;
  model::Stimulus snapshot() const override;
  std::string to_string() const override;
};

struct NrnRampPulseArguments {
  std::optional<double> ramp_amplitude_start;  ///< nA
  std::optional<double> ramp_amplitude_end;    ///< nA
  std::optional<double> ramp_delay;            ///< ms
  std::optional<double> ramp_duration;         ///< ms
  std::optional<double> total_duration;        ///< ms
  std::shared_ptr<Location> location;
  static void fields(auto& self, auto&& visit) {
    visit("ramp_amplitude_start", self.ramp_amplitude_start);
    visit("ramp_amplitude_end", self.ramp_amplitude_end);
    visit("ramp_delay", self.ramp_delay);
    visit("ramp_duration", self.ramp_duration);
    visit("total_duration", self.total_duration);
    visit("location", self.location);
  }
};
/// A current that goes linearly from start to end during the ramp, 0 before and after.
class NrnRampPulse : public Record<NrnRampPulse, Stimulus, NrnRampPulseArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.stimuli.NrnRampPulse";
  using Record::Record;
  double duration() const override;
  Envelope envelope() const override;
  model::Stimulus snapshot() const override;
  std::string to_string() const override;
};

struct NrnCurrentPlayStimulusArguments {
  std::vector<double> time_points;     ///< ms, at least one
  std::vector<double> current_points;  ///< nA, as many
  std::shared_ptr<Location> location;
  static void fields(auto& self, auto&& visit) {
    visit("time_points", self.time_points);
    visit("current_points", self.current_points);
    visit("location", self.location);
  }
};
/// A current through points, linear between them: the first value before the first point, 0 after the last.
class NrnCurrentPlayStimulus : public Record<NrnCurrentPlayStimulus, Stimulus, NrnCurrentPlayStimulusArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.stimuli.NrnCurrentPlayStimulus";
  /// @throws ConfigError "ephys-stimulus" without points, or if there are not as many currents as times.
  explicit NrnCurrentPlayStimulus(NrnCurrentPlayStimulusArguments arguments);
  double total_duration() const { return duration(); }
  double duration() const override;
  Envelope envelope() const override;
  model::Stimulus snapshot() const override;
  std::string to_string() const override;
};

/// Base of the stimuli that are events at synapses.
class SynapticStimulus : public Stimulus {
 public:
  /// @throws ConfigError "ephys-stimulus": events are no current.
  Envelope envelope() const override;
};

struct NrnNetStimStimulusArguments {
  std::vector<std::shared_ptr<Location>> locations;  ///< NrnPointProcessLocation
  std::optional<double> total_duration;              ///< ms
  std::optional<double> interval;                    ///< ms
  std::optional<double> number;                      ///< of events
  std::optional<double> start;                       ///< ms; the events arrive 1 ms later
  double noise = 0;                                  ///< 0: regular, 1: exponentially distributed intervals
  double weight = 1;
  static void fields(auto& self, auto&& visit) {
    visit("locations", self.locations);
    visit("total_duration", self.total_duration);
    visit("interval", self.interval);
    visit("number", self.number);
    visit("start", self.start);
    visit("noise", self.noise);
    visit("weight", self.weight);
  }
};
/// A train of events to every point process of the locations.
class NrnNetStimStimulus : public Record<NrnNetStimStimulus, SynapticStimulus, NrnNetStimStimulusArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.stimuli.NrnNetStimStimulus";
  /// @throws ConfigError "ephys-argument" without a total_duration.
  explicit NrnNetStimStimulus(NrnNetStimStimulusArguments arguments);
  double duration() const override;
  model::Stimulus snapshot() const override;
  std::string to_string() const override;
};

}  // namespace cellwright::ephys
