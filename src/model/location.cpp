#include "cellwright/model/location.hpp"

namespace cellwright::model {

RecordingLocation to_recording_location(const CompLocation& location) {
  return std::visit([](const auto& l) { return RecordingLocation(l); }, location);
}

}  // namespace cellwright::model
