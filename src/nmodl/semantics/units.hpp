#pragma once
/// Unit texts of UNITS blocks: (mA/cm2), (k-mole), (10000 coulomb) and the factors between them.
///
/// Base values are NEURON's (2019 SI): e 1.602176634e-19 C, mole 6.02214076e23, k 1.380649e-23 J/K.

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cellwright::nmodl {

/// A factor to the base units and the powers of the base units.
struct UnitValue {
  double factor = 1;
  /// metre, kilogram, second, coulomb, candela, dollar (unused), bit, erlang (unused), kelvin, radian
  std::array<int, 10> powers{};
};

class UnitTable {
 public:
  /// The value of a unit text, or the part of it that is not known (in `unknown`).
  std::optional<UnitValue> parse(std::string_view text, std::string& unknown) const;
  /// Names a unit. A name that exists already keeps its meaning: returns whether both are the same.
  bool define(const std::string& name, const UnitValue& value);
  /// The known unit names nearest to a misspelt one, or "".
  std::string nearest(const std::string& name) const;

 private:
  std::optional<UnitValue> lookup(std::string_view name) const;
  std::map<std::string, UnitValue, std::less<>> own_;
};

}  // namespace cellwright::nmodl
