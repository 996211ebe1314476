// How long the features of some traces take, in one warm process on one thread:
//   features_rate [--each] NAME,NAME,...|all < traces
// The traces come as tests/parity/features/features_dump reads them: a line of JSON {"n": samples, "current": bool,
// "stim_start": ms, "stim_end": ms, "settings": {...}} each, followed by n times, n voltages and (if "current") n
// currents as raw doubles; "names": [...] in that line overrides the names for this trace. Each trace is done again and
// again, four seconds in all. Prints {"seconds": sum of the best processor times, "runs": n, "values": [{name: [...]
// or null}, ...]}; with --each one line per feature instead, with the time of it alone.

#include <time.h>

#include <algorithm>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cellwright/features/compute.hpp"
#include "cellwright/features/trace_context.hpp"
#include "cellwright/features/trace_reader.hpp"

namespace {

using namespace cellwright;
using namespace cellwright::features;

struct Request {
  TraceData data;
  TraceInput input;
  std::vector<const Feature*> wanted;
};

std::vector<double> read_doubles(std::size_t n) {
  std::vector<double> values(n);
  std::cin.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(n * sizeof(double)));
  return values;
}

std::vector<const Feature*> find_features(const std::vector<std::string>& names) {
  std::vector<const Feature*> found;
  for (const std::string& name : names) found.push_back(&find_feature(name));
  return found;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> names;
  if (text == "all") {
    for (const Feature& feature : all_features()) names.emplace_back(feature.name);
    return names;
  }
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    names.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return names;
}

std::vector<Request> read_requests(const std::vector<std::string>& names) {
  std::vector<Request> requests;
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto header = nlohmann::json::parse(line);
    const auto n = header.at("n").get<std::size_t>();
    Request request;
    request.data.time_ms = read_doubles(n);
    request.data.voltage_mv = read_doubles(n);
    if (header.at("current").get<bool>()) request.data.current_na = read_doubles(n);
    request.input.window = {header.at("stim_start").get<double>(), header.at("stim_end").get<double>()};
    for (const auto& [name, value] : header.at("settings").items()) {
      if (value.is_string())
        request.input.settings.set_text(name, value.get<std::string>());
      else
        request.input.settings.set(name, value.is_boolean() ? (value.get<bool>() ? 1.0 : 0.0) : value.get<double>());
    }
    request.wanted = find_features(header.value("names", names));
    requests.push_back(std::move(request));
  }
  for (Request& request : requests) request.input.trace = request.data.view();
  return requests;
}

/// Processor time of this thread in seconds: what other programs do on the core does not count.
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Seconds of the quickest of many runs, and how many.
template <class F>
std::pair<double, int> best_time(double budget, F&& run) {
  double best = std::numeric_limits<double>::infinity();
  double total = 0;
  int runs = 0;
  while (total < budget || runs < 3) {
    const double start = processor_seconds();
    run();
    const double seconds = processor_seconds() - start;
    best = std::min(best, seconds);
    total += seconds;
    ++runs;
  }
  return {best, runs};
}

nlohmann::json values_of(const Request& request, const Table<FeatureResult>& table) {
  nlohmann::json values = nlohmann::json::object();
  for (std::size_t j = 0; j < request.wanted.size(); ++j) {
    const FeatureResult& result = table(0, j);
    values[std::string(request.wanted[j]->name)] = result ? nlohmann::json(result.values()) : nlohmann::json();
  }
  return values;
}

void measure_each(const std::vector<Request>& requests) {
  for (const Feature* feature : requests.front().wanted) {
    double seconds = 0;
    for (const Request& request : requests) {
      seconds +=
          best_time(0.002, [&] { compute_features(std::span(&request.input, 1), std::span(&feature, 1)); }).first;
    }
    std::cout << seconds / static_cast<double>(requests.size()) * 1e6 << " us " << feature->name << "\n";
  }
}

}  // namespace

int main(int argc, char** argv) {
  const bool each = argc > 1 && std::string(argv[1]) == "--each";
  if (argc != (each ? 3 : 2)) {
    std::cerr << "usage: features_rate [--each] NAME,NAME,...|all < traces\n";
    return 2;
  }
  const std::vector<Request> requests = read_requests(split(argv[argc - 1]));
  if (each) {
    measure_each(requests);
    return 0;
  }
  nlohmann::json values = nlohmann::json::array();
  for (const Request& request : requests)
    values.push_back(values_of(request, compute_features(std::span(&request.input, 1), request.wanted)));
  double seconds = 0;
  int runs = 0;
  for (const Request& request : requests) {
    const auto [best, count] = best_time(4.0 / static_cast<double>(requests.size()),
                                         [&] { compute_features(std::span(&request.input, 1), request.wanted); });
    seconds += best;
    runs += count;
  }
  std::cout << nlohmann::json{{"seconds", seconds}, {"runs", runs}, {"values", values}} << "\n";
  return 0;
}
