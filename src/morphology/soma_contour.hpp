#pragma once
/// Outlines of somas to stacks of discs.

#include <optional>
#include <vector>

#include "morphology/import_section.hpp"

namespace cellwright::morphology {

using Contour = std::vector<RawPoint>;

/// Mean of 101 stations at equal distances along the open outline, measured in x and y only.
RawPoint contour_centre(const Contour& contour);

/// The point half-way along the line through the centres of a stack's contours.
RawPoint stack_centre(const std::vector<const Contour*>& contours);

/// A single outline as 21 discs along its longest axis; nothing if it has no width.
/// Step by step in neuron-semantics.md section 1.6.
std::optional<std::vector<RawPoint>> discs_of_contour(const Contour& contour);

/// A stack of outlines as one disc each.
std::vector<RawPoint> discs_of_stack(const std::vector<const Contour*>& contours);

}  // namespace cellwright::morphology
