#include "cellwright/ephys/protocols.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/parallel/executor.hpp"

namespace cellwright::ephys {
namespace {

ConfigError protocol_error(const std::string& name, const std::string& message) {
  return ConfigError(Diagnostic{.code = "ephys-protocol", .message = fmt::format("protocol '{}' {}", name, message)});
}

Responses no_responses(const model::SweepProtocol& protocol) {
  Responses result;
  for (const model::CompRecording& recording : protocol.recordings) result[recording.name] = nullptr;
  return result;
}

Responses responses_of(const model::SweepProtocol& protocol, const simulate::LaneResponses& lane) {
  Responses result = no_responses(protocol);
  if (lane.status != simulate::LaneStatus::ok) return result;
  for (std::size_t r = 0; r < protocol.recordings.size(); ++r) {
    if (lane.recordings[r].empty()) continue;
    const std::string& name = protocol.recordings[r].name;
    result[name] = TimeVoltageResponse::make(name, {.time = {lane.time_ms.begin(), lane.time_ms.end()},
                                                    .voltage = {lane.recordings[r].begin(), lane.recordings[r].end()}});
  }
  return result;
}

Responses simulate_once(const simulate::Simulator& simulator, const model::CellModel& cell,
                        const model::SweepProtocol& protocol) {
  const auto prepared = simulator.prepare(cell, std::span(&protocol, 1));
  const auto executor = parallel::make_executor(1);
  Responses result;
  simulate::LaneBatch batch{.parameters = {nullptr, 1, 0}, .lanes = {{.individual = 0, .protocol = 0}}};
  prepared->run(batch, *executor,
                [&](std::size_t, const simulate::LaneResponses& lane) { result = responses_of(protocol, lane); });
  return result;
}

}  // namespace

double SingleSweep::total_duration() const {
  double longest = 0;
  const auto stimuli = all_stimuli();
  if (stimuli.empty()) throw protocol_error(name, "has no stimuli: nobody knows how long it lasts");
  for (const auto& stimulus : stimuli) {
    if (!stimulus) throw protocol_error(name, "has a null pointer among its stimuli");
    longest = std::max(longest, stimulus->duration());
  }
  return longest;
}

model::SweepProtocol SingleSweep::snapshot(std::optional<double> timeout) const {
  total_duration();  // throws where it has no stimuli
  if (timeout && !(*timeout > 0))
    throw protocol_error(name, fmt::format("cannot have a timeout of {} s: it must be above 0", *timeout));
  model::SweepProtocol result{.name = name, .timeout_s = timeout, .deterministic = is_deterministic()};
  for (const auto& stimulus : all_stimuli()) result.stimuli.push_back(stimulus->snapshot());
  for (const auto& recording : all_recordings()) {
    if (!recording) throw protocol_error(name, "has a null pointer among its recordings");
    result.recordings.push_back(recording->snapshot());
  }
  return result;
}

Responses SingleSweep::run(CellModel& cell_model, const ParamValues& param_values, const NrnSimulator& sim,
                           std::optional<double> timeout) const {
  if (timeout && !(*timeout > 0))
    throw protocol_error(name, fmt::format("cannot have a timeout of {} s: it must be above 0", *timeout));
  try {
    const FrozenParameters frozen(cell_model, param_values);
    const model::SweepProtocol protocol = snapshot(timeout);
    return simulate_once(*sim.simulator(wants_cvode()), cell_model.snapshot({}, sim), protocol);
  } catch (const Error& error) {
    throw SweepProtocolException(error.diagnostics());
  }
}

std::string SingleSweep::to_string() const {
  std::string text = name + ":\n  stimuli:\n";
  for (const auto& stimulus : all_stimuli()) text += fmt::format("    {}\n", stimulus->to_string());
  text += "  recordings:\n";
  for (const auto& recording : all_recordings()) text += fmt::format("    {}\n", recording->to_string());
  return text;
}

SweepProtocol::SweepProtocol(std::string protocol_name, SweepProtocolArguments given)
    : Described(std::move(protocol_name)), SweepProtocolArguments(std::move(given)) {}

StepProtocol::StepProtocol(std::string protocol_name, StepProtocolArguments given)
    : Described(std::move(protocol_name)), StepProtocolArguments(std::move(given)) {
  if (!step_stimulus) throw_missing_argument(*this, name, "step_stimulus");
}

std::vector<std::shared_ptr<Stimulus>> StepProtocol::all_stimuli() const {
  if (holding_stimulus) return {step_stimulus, holding_stimulus};
  return {step_stimulus};
}

const NrnSquarePulse& StepProtocol::pulse() const {
  const auto* pulse = dynamic_cast<const NrnSquarePulse*>(step_stimulus.get());
  if (pulse == nullptr)
    throw protocol_error(name,
                         fmt::format("has a {} as its step, not a NrnSquarePulse", step_stimulus->short_class_name()));
  return *pulse;
}

double StepProtocol::step_delay() const { return required(pulse().step_delay, *step_stimulus, "", "step_delay"); }

double StepProtocol::step_duration() const {
  return required(pulse().step_duration, *step_stimulus, "", "step_duration");
}

SequenceProtocol::SequenceProtocol(std::string protocol_name, SequenceProtocolArguments given)
    : Described(std::move(protocol_name)), SequenceProtocolArguments(std::move(given)) {
  if (std::ranges::count(protocols, nullptr) > 0) throw protocol_error(name, "has a null pointer among its protocols");
}

Responses SequenceProtocol::run(CellModel& cell_model, const ParamValues& param_values, const NrnSimulator& sim,
                                std::optional<double> timeout) const {
  Responses result;
  for (const auto& protocol : protocols) {
    for (auto& [recording, response] : protocol->run(cell_model, param_values, sim, timeout)) {
      if (!result.emplace(recording, std::move(response)).second)
        throw protocol_error(name, fmt::format("has two recordings called '{}'", recording));
    }
  }
  return result;
}

std::vector<std::pair<std::string, const Protocol*>> SequenceProtocol::subprotocols() const {
  std::vector<std::pair<std::string, const Protocol*>> result = {{name, this}};
  for (const auto& protocol : protocols) {
    const auto below = protocol->subprotocols();
    result.insert(result.end(), below.begin(), below.end());
  }
  return result;
}

std::string SequenceProtocol::to_string() const {
  std::string text = fmt::format("Sequence protocol {}:\n{} subprotocols:\n", name, protocols.size());
  for (const auto& protocol : protocols) text += protocol->to_string() + "\n";
  return text;
}

}  // namespace cellwright::ephys
