#pragma once
/// Doubles as text, in the two forms that cellwright's files use.

#include <string>

namespace cellwright::numeric {

/// Python's repr(float): the shortest text that reads back exactly (0.1, 1e-05, 1.0, 1e+16, inf, nan).
std::string python_repr(double value);

/// C's and Python's "%.17g" (0.10000000000000001, 1, 1.0000000000000001e-05): always reads back exactly.
std::string format_17g(double value);

}  // namespace cellwright::numeric
