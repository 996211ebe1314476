#pragma once
/// What was recorded, as `bluepyopt.ephys.responses`.

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cellwright/ephys/described.hpp"

namespace cellwright::ephys {

/// Base of all responses.
class Response : public DictMixin {
 public:
  explicit Response(std::string response_name) : name(std::move(response_name)) {}
  std::string name;
};

struct TimeVoltageResponseArguments {
  std::vector<double> time;     ///< ms
  std::vector<double> voltage;  ///< [n_samples] mV, or the unit of whatever variable was recorded
  static void fields(auto& self, auto&& visit) {
    visit("time", self.time);
    visit("voltage", self.voltage);
  }
};

/// A recorded trace.
class TimeVoltageResponse : public Described<TimeVoltageResponse, Response, TimeVoltageResponseArguments>,
                            public TimeVoltageResponseArguments {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.responses.TimeVoltageResponse";
  /// @throws ConfigError "ephys-response" if there are not as many voltages as times.
  explicit TimeVoltageResponse(std::string name, TimeVoltageResponseArguments arguments = {});
  const TimeVoltageResponseArguments& arguments() const { return *this; }

  /// The column "time" or "voltage". @throws ConfigError "ephys-response" for another name.
  std::span<const double> operator[](const std::string& column) const;
  /// Takes the columns "time" and "voltage" of a file; further ones, such as the index that BluePyOpt writes, are left
  /// alone. @throws ConfigError, FeatureError as features::read_trace.
  void read_csv(const std::filesystem::path& filename);
  /// Writes the columns "time" and "voltage"; numbers read back exactly. @throws Error "file-write".
  void to_csv(const std::filesystem::path& filename) const;
  /// The trace as a drawing of its own: the text of an SVG file with axes in ms and mV.
  /// @throws ConfigError "ephys-response" if it has fewer than two samples or one of them is not finite.
  std::string plot() const;
};

/// Responses by the names of their recordings; nullptr where there is none.
using Responses = std::map<std::string, std::shared_ptr<TimeVoltageResponse>>;

}  // namespace cellwright::ephys
