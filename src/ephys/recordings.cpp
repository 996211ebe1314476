#include "cellwright/ephys/recordings.hpp"

#include <fmt/format.h>

#include "ephys/text_of.hpp"

namespace cellwright::ephys {

CompRecording::CompRecording(std::string recording_name, CompRecordingArguments given)
    : Described(std::move(recording_name)), CompRecordingArguments(std::move(given)) {}

model::CompRecording CompRecording::snapshot() const {
  return {.name = name,
          .location = location_as<model::RecordingLocation>(location, fmt::format("recording '{}'", name)),
          .variable = variable};
}

std::string CompRecording::to_string() const { return fmt::format("{}: {} at {}", name, variable, text_of(location)); }

}  // namespace cellwright::ephys
