#pragma once
/// Numbers as text, independent of the locale.

#include <string>

namespace cellwright {

/// The shortest decimal text that reads back as exactly `value`, in the form of Python's repr(float): 0.1, 1.0, 1e-05,
/// 1e+16, -0.0, inf, -inf, nan. Fixed notation for decimal exponents from -4 to 15, else scientific.
std::string shortest_number(double value);

}  // namespace cellwright
