#include "simulate/neuron/neuron_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <thread>

#include <unistd.h>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/text/located_json.hpp"
#include "simulate/neuron/mechanism_build.hpp"
#include "simulate/neuron/model_description.hpp"

namespace cellwright::simulate::neuron {
namespace {

using Kind = DriverReply::Kind;

template <class Number>
void append_bytes(std::string& text, Number number) {
  text.append(reinterpret_cast<const char*>(&number), sizeof number);
}

/// Reads numbers from the payload of a frame.
class PayloadReader {
 public:
  explicit PayloadReader(const std::string& payload) : rest_(payload) {}

  std::size_t count() {
    std::uint64_t number = 0;
    take(&number, 1);
    return static_cast<std::size_t>(number);
  }
  std::vector<double> numbers(std::size_t count) {
    std::vector<double> result(count);
    take(result.data(), count);
    return result;
  }

 private:
  template <class Number>
  void take(Number* target, std::size_t count) {
    if (rest_.size() / sizeof(Number) < count) throw InternalError("driver.py sent a frame that is too short");
    std::memcpy(target, rest_.data(), count * sizeof(Number));
    rest_.remove_prefix(count * sizeof(Number));
  }
  std::string_view rest_;
};

/// The traces of a frame "TRAC".
struct Traces {
  explicit Traces(const std::string& payload) {
    PayloadReader reader(payload);
    const std::size_t samples = reader.count(), count = reader.count();
    time_ms = reader.numbers(samples);
    for (std::size_t r = 0; r < count; ++r)
      recordings.push_back(reader.count() != 0 ? reader.numbers(samples) : std::vector<double>{});
  }

  LaneResponses responses() const {
    LaneResponses result{.time_ms = time_ms};
    for (const std::vector<double>& trace : recordings) {
      result.recordings.emplace_back(trace);
      const auto bad = std::ranges::find_if_not(trace, [](double x) { return std::isfinite(x); });
      if (bad == trace.end()) continue;
      const double at_ms = time_ms[static_cast<std::size_t>(bad - trace.begin())];
      result.failed_at_ms = result.status == LaneStatus::ok ? at_ms : std::min(at_ms, result.failed_at_ms);
      result.status = LaneStatus::non_finite;
    }
    return result;
  }

  std::vector<double> time_ms;
  std::vector<std::vector<double>> recordings;
};

std::size_t share_of_memory() {
  constexpr std::size_t least = std::size_t{1} << 30;
  const auto total = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  return std::max(least, static_cast<std::size_t>(0.9 * total / static_cast<double>(parallel::hardware_threads())));
}

MechanismRequest mechanism_request(const model::CellModel& cell) {
  MechanismRequest request{.directories = cell.mechanism_directories, .all = cell.hoc.has_value()};
  for (const auto& mechanism : cell.mechanisms) {
    request.names.push_back(mechanism.suffix);
    if (mechanism.stochastic() && mechanism.deterministic) request.silenced.push_back(mechanism.suffix);
  }
  for (const auto& process : cell.point_processes) request.names.push_back(process.suffix);
  for (const auto& artificial : cell.artificial_cells) request.names.push_back(artificial.suffix);
  return request;
}

double usual_start_timeout_s() {
  constexpr const char* variable = "CELLWRIGHT_NEURON_START_TIMEOUT";
  const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nothing here changes the environment
  if (value == nullptr || *value == '\0') return 600;
  char* end = nullptr;
  const double seconds = std::strtod(value, &end);
  if (*end == '\0' && seconds > 0 && std::isfinite(seconds)) return seconds;
  throw ConfigError(Diagnostic{.code = "neuron-start-timeout",
                               .message = fmt::format("{} is '{}', not a number of seconds above 0", variable, value),
                               .fix = "set it to what NEURON may take to build the cell, or unset it"});
}

/// Whether something of the model itself draws random numbers.
bool is_noisy(const model::CellModel& cell) {
  const auto noisy = [](const model::NrnMODMechanism& m) { return m.stochastic() && !m.deterministic; };
  if (cell.hoc &&
      (cell.hoc->text.find("Random") != std::string::npos || cell.hoc->text.find("NetStim") != std::string::npos))
    return true;
  return std::ranges::any_of(cell.mechanisms, noisy) || !cell.random_streams.empty() || !cell.artificial_cells.empty();
}

/// Why a request failed. NEURON 8.2 tells Python only that hoc had an error; what it was stands in the log.
std::string reason_of(const DriverReply& reply, const DriverProcess& driver) {
  if (reply.kind != Kind::frame) return reply.text;
  if (reply.frame.payload != "hocobj_call error") return reply.frame.payload;
  const std::string complaint = driver.last_complaint();
  return complaint.empty() ? reply.frame.payload : complaint;
}

}  // namespace

NeuronModel::ProtocolPlan NeuronModel::plan_protocol(const model::CellModel& cell,
                                                     const model::SweepProtocol& protocol) {
  ProtocolPlan plan{protocol.total_duration_ms(), protocol.timeout_s, protocol.stimuli, {}};
  for (std::size_t k = 0; k < protocol.stimuli.size(); ++k) {
    for (const std::string& name : model::attribute_names(protocol.stimuli[k])) {
      if (const auto source = meta_source(cell, model::StimulusTarget{protocol.name, k}, name))
        plan.varied.push_back({k, name, *source});
    }
  }
  return plan;
}

NeuronModel::NeuronModel(const model::CellModel& cell, std::span<const model::SweepProtocol> protocols,
                         const NeuronSettings& settings)
    : neuron_(find_neuron()),
      start_timeout_s_(settings.start_timeout_s ? *settings.start_timeout_s : usual_start_timeout_s()),
      random123_globalindex_(cell.random123_globalindex),
      noisy_(is_noisy(cell)) {
  NeuronSettings complete = settings;
  if (complete.memory_bytes == 0) complete.memory_bytes = share_of_memory();
  const BuiltMechanisms built = build_mechanisms(mechanism_request(cell), neuron_, settings.cache_folder);
  noisy_ = noisy_ || built.draws_random_numbers;
  description_ = describe_model(cell, protocols, complete, built.library);
  for (const model::SweepProtocol& protocol : protocols) protocols_.push_back(plan_protocol(cell, protocol));
  std::string plan;
  Driver driver = start_driver(plan);
  read_plan(plan, cell, protocols);
  give_driver(std::move(driver));
}

NeuronModel::Driver NeuronModel::start_driver(std::string& plan) const {
  std::size_t number = 0;
  {
    const std::lock_guard lock(idle_mutex_);
    number = ++started_;
  }
  auto driver = std::make_unique<DriverProcess>(neuron_.command, logs_.path() / fmt::format("{}.log", number));
  DriverReply reply = driver->exchange("", "", start_timeout_s_);
  if (reply.kind == Kind::frame) reply = driver->exchange("MODL", description_, start_timeout_s_);
  if (reply.kind != Kind::frame || reply.frame.kind != "PLAN") {
    const bool late = reply.kind == Kind::late;
    const std::string why =
        late ? fmt::format("it is not done after {:g} s", start_timeout_s_) : reason_of(reply, *driver);
    throw SimulationError(
        Diagnostic{.code = "neuron-start",
                   .message = fmt::format("NEURON cannot build the cell: {}", why),
                   .fix = fmt::format("NEURON {} printed: {}", neuron_.version, driver->last_words())});
  }
  plan = std::move(reply.frame.payload);
  return driver;
}

void NeuronModel::read_plan(const std::string& plan, const model::CellModel& cell,
                            std::span<const model::SweepProtocol> protocols) {
  const text::JsonDocument document = text::parse_json(plan, "NEURON's answer");
  DiagnosticList problems;
  for (const text::JsonValue& problem : document.root().at("problems").as_array()) {
    const text::JsonValue* protocol = problem.find("protocol");
    Diagnostic diagnostic =
        describe_problem(cell, protocols, problem.at("kind").as_string(),
                         static_cast<std::size_t>(protocol != nullptr ? protocol->as_integer() : 0),
                         static_cast<std::size_t>(problem.at("index").as_integer()), problem.at("text").as_string());
    if (problem.find("warning") != nullptr) diagnostic.severity = Severity::warning;
    problems.add(std::move(diagnostic));
  }
  problems.throw_if_errors<ModelError>();
  warnings_ = problems.warnings();
  std::vector<std::vector<double>> distances;
  for (const text::JsonValue& list : document.root().at("distances").as_array()) {
    std::vector<double>& of_location = distances.emplace_back();
    for (const text::JsonValue& distance : list.as_array()) of_location.push_back(distance.as_number());
  }
  parameters_.emplace(cell, distances);
}

NeuronModel::Driver NeuronModel::take_driver() const {
  {
    const std::lock_guard lock(idle_mutex_);
    if (!idle_.empty()) {
      Driver driver = std::move(idle_.back());
      idle_.pop_back();
      return driver;
    }
  }
  std::string plan;
  return start_driver(plan);
}

void NeuronModel::give_driver(Driver driver) const {
  const std::lock_guard lock(idle_mutex_);
  idle_.push_back(std::move(driver));
}

std::vector<double> NeuronModel::protocol_durations_ms() const {
  std::vector<double> result;
  for (const ProtocolPlan& protocol : protocols_) result.push_back(protocol.duration_ms);
  return result;
}

void NeuronModel::run(const LaneBatch& batch, parallel::Executor& executor, const ResponseSink& sink) const {
  // Longest protocols first, so that no process starts a long one when the others are done.
  std::vector<std::size_t> order(batch.lanes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{},
                           [&](std::size_t lane) { return protocols_.at(batch.lanes[lane].protocol).duration_ms; });
  executor.for_each(order.size(), [&](std::size_t index, std::size_t) { run_lane(order[index], batch, sink); });
}

std::string NeuronModel::request(const Lane& lane, const LaneBatch& batch) const {
  const ProtocolPlan& protocol = protocols_[lane.protocol];
  const std::span<const double> individual = batch.parameters.row(lane.individual);
  std::vector<model::Stimulus> stimuli = protocol.stimuli;
  for (const VariedAttribute& varied : protocol.varied)
    model::set_attribute(stimuli[varied.stimulus], varied.name, varied.source.of(individual));
  std::vector<double> numbers = {0};
  for (const model::Stimulus& stimulus : stimuli) numbers[0] = std::max(numbers[0], model::total_duration_ms(stimulus));
  const std::vector<double> of_stimuli = stimulus_numbers(stimuli);
  numbers.insert(numbers.end(), of_stimuli.begin(), of_stimuli.end());
  parameters_->append(individual, numbers);
  std::string payload;
  append_bytes(payload, static_cast<std::uint32_t>(lane.protocol));
  append_bytes(payload, batch.random123_globalindex.empty() ? random123_globalindex_
                                                            : batch.random123_globalindex[lane.individual]);
  payload.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(double));
  return payload;
}

void NeuronModel::run_lane(std::size_t lane, const LaneBatch& batch, const ResponseSink& sink) const {
  const Lane where = batch.lanes[lane];
  LaneResponses failure{.status = LaneStatus::simulator_failed};
  std::string payload;
  try {
    payload = request(where, batch);
  } catch (const ConfigError& error) {  // a scaler without a value for these parameters
    failure.reason = error.diagnostics().front().message;
    return sink(lane, failure);
  }
  Driver driver = take_driver();
  const DriverReply reply = driver->exchange("RUNP", payload, protocols_[where.protocol].timeout_s);
  if (reply.kind == Kind::frame && reply.frame.kind == "TRAC") {
    if (!noisy_) give_driver(std::move(driver));
    const Traces traces(reply.frame.payload);
    return sink(lane, traces.responses());
  }
  // After an error NEURON's state is not to be relied upon: the process ends with `driver`, and another one is started.
  if (reply.kind == Kind::late) failure.status = LaneStatus::timed_out;
  failure.failed_at_ms = std::nan("");
  failure.reason = fmt::format("{}{}", reply.kind == Kind::frame ? "NEURON: " : "", reason_of(reply, *driver));
  sink(lane, failure);
}

}  // namespace cellwright::simulate::neuron
