#pragma once
/// What is recorded, as `bluepyopt.ephys.recordings`.

#include <memory>
#include <string>

#include "cellwright/ephys/locations.hpp"
#include "cellwright/model/protocol.hpp"

namespace cellwright::ephys {

/// Base of all recordings.
class Recording : public DictMixin {
 public:
  explicit Recording(std::string recording_name) : name(std::move(recording_name)) {}
  /// The recording as a value of the model. @throws ConfigError "ephys-argument", "ephys-location".
  virtual model::CompRecording snapshot() const = 0;
  virtual std::string to_string() const = 0;
  std::string name;
};

struct CompRecordingArguments {
  std::shared_ptr<Location> location;
  std::string variable = "v";  ///< any range variable: v, cai, ina, m_hh, ...
  static void fields(auto& self, auto&& visit) {
    visit("location", self.location);
    visit("variable", self.variable);
  }
};
/// A variable at a compartment, at every time step from 0 on. Its responses come from the run of a protocol.
class CompRecording : public Described<CompRecording, Recording, CompRecordingArguments>,
                      public CompRecordingArguments {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.recordings.CompRecording";
  explicit CompRecording(std::string name, CompRecordingArguments arguments = {});
  const CompRecordingArguments& arguments() const { return *this; }
  model::CompRecording snapshot() const override;
  /// "name: variable at location".
  std::string to_string() const override;
};

}  // namespace cellwright::ephys
