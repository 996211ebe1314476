#include "cellwright/numeric/python_format.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "cellwright/base/number_text.hpp"

namespace cellwright::numeric {

std::string python_repr(double value) { return shortest_number(value); }

std::string format_17g(double value) {
  if (std::isnan(value)) return "nan";  // to_chars would write -nan for a NaN with sign
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, 17);
  return {buffer.data(), end.ptr};
}

}  // namespace cellwright::numeric
