#include "cellwright/ephys/base.hpp"

#include <fmt/format.h>

namespace cellwright::ephys {

std::string BaseEPhys::to_string() const { return fmt::format("{}: {} ({})", short_class_name(), name, comment); }

}  // namespace cellwright::ephys
