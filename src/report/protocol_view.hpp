#pragma once
/// Protocols and features as the report shows them.

#include "cellwright/evaluate/cell_evaluator.hpp"
#include "cellwright/report/report_data.hpp"

namespace cellwright::report {

ProtocolView view_protocol(const model::SweepProtocol& protocol);
/// @param protocols those of the evaluator: a view names protocol and recording by index.
FeatureView view_feature(const evaluate::eFELFeature& feature, const std::vector<model::SweepProtocol>& protocols);

}  // namespace cellwright::report
