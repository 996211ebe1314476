#pragma once
/// The low end of two signals' spectra.

#include <cstddef>
#include <span>
#include <vector>

namespace cellwright::features {

/// Absolute value of the ratio of two signals' Fourier components, for the multiples 1 to `count` of the base
/// frequency. Both signals have the same length n > 0. The components are as exact as a fast Fourier transform's: where
/// the spectrum of a step current is 0 but for rounding, that matters.
std::vector<double> spectrum_ratio(std::span<const double> numerator, std::span<const double> denominator,
                                   std::size_t count);

}  // namespace cellwright::features
