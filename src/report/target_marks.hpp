#pragma once
/// Which features say something about the trace itself that can be drawn over it.

#include <string_view>

#include "cellwright/report/report_data.hpp"

namespace cellwright::report {

TargetMark mark_of(std::string_view efel_feature_name);

}  // namespace cellwright::report
