#include "nmodl/semantics/units.hpp"

#include <charconv>
#include <cmath>
#include <functional>
#include <vector>

#include "cellwright/base/error.hpp"

namespace cellwright::nmodl {
namespace {

using Powers = std::array<int, 10>;
constexpr Powers none{};
constexpr Powers metre{1}, kilogram{0, 1}, second{0, 0, 1}, coulomb{0, 0, 0, 1}, candela{0, 0, 0, 0, 1},
    bit{0, 0, 0, 0, 0, 0, 1}, kelvin{0, 0, 0, 0, 0, 0, 0, 0, 1}, radian{0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr Powers hertz{0, 0, -1}, ampere{0, 0, -1, 1}, newton{1, 1, -2}, pascal{-1, 1, -2}, joule{2, 1, -2},
    watt{2, 1, -3}, volt{2, 1, -2, -1}, ohm{2, 1, -1, -2}, siemens{-2, -1, 1, 2}, farad{-2, -1, 2, 2},
    weber{2, 1, -1, -1}, tesla{0, 1, -1, -1}, henry{2, 1, 0, -2}, cubic_metre{3}, square_metre{2},
    per_kelvin_joule{2, 1, -2, 0, 0, 0, 0, 0, -1}, speed{1, 0, -1}, acceleration{1, 0, -2}, planck_unit{2, 1, -1};

constexpr double elementary_charge = 1.602176634e-19;
constexpr double avogadro = 6.02214076e23;
constexpr double boltzmann = 1.380649e-23;

struct Row {
  std::string_view name;
  double factor;
  Powers powers;
};

/// Units that mod files use, in SI base units with the coulomb in place of the ampere.
const std::vector<Row>& rows() {
  static const std::vector<Row> table = {
      {"m", 1, metre},
      {"meter", 1, metre},
      {"metre", 1, metre},
      {"micron", 1e-6, metre},
      {"angstrom", 1e-10, metre},
      {"inch", 0.0254, metre},
      {"foot", 0.3048, metre},
      {"kg", 1, kilogram},
      {"gram", 1e-3, kilogram},
      {"gm", 1e-3, kilogram},
      {"g", 1e-3, kilogram},
      {"sec", 1, second},
      {"second", 1, second},
      {"s", 1, second},
      {"minute", 60, second},
      {"min", 60, second},
      {"hour", 3600, second},
      {"hr", 3600, second},
      {"day", 86400, second},
      {"year", 31556925.97474, second},
      {"coul", 1, coulomb},
      {"coulomb", 1, coulomb},
      {"C", 1, coulomb},
      {"candela", 1, candela},
      {"bit", 1, bit},
      {"byte", 8, bit},
      {"K", 1, kelvin},
      {"kelvin", 1, kelvin},
      {"degC", 1, kelvin},
      {"degK", 1, kelvin},
      {"degree", 1.0 / 360, none},
      {"radian", 1, radian},
      {"rad", 1, radian},
      {"deg", 0.017453292519943295, radian},
      {"Hz", 1, hertz},
      {"hertz", 1, hertz},
      {"hz", 1, hertz},
      {"amp", 1, ampere},
      {"ampere", 1, ampere},
      {"A", 1, ampere},
      {"newton", 1, newton},
      {"N", 1, newton},
      {"dyne", 1e-5, newton},
      {"pascal", 1, pascal},
      {"Pa", 1, pascal},
      {"atm", 101325, pascal},
      {"atmosphere", 101325, pascal},
      {"joule", 1, joule},
      {"J", 1, joule},
      {"erg", 1e-7, joule},
      {"cal", 4.1868, joule},
      {"calorie", 4.1868, joule},
      {"watt", 1, watt},
      {"W", 1, watt},
      {"volt", 1, volt},
      {"V", 1, volt},
      {"ohm", 1, ohm},
      {"mho", 1, siemens},
      {"siemens", 1, siemens},
      {"S", 1, siemens},
      {"farad", 1, farad},
      {"F", 1, farad},
      {"weber", 1, weber},
      {"tesla", 1, tesla},
      {"henry", 1, henry},
      {"liter", 1e-3, cubic_metre},
      {"litre", 1e-3, cubic_metre},
      {"l", 1e-3, cubic_metre},
      {"cc", 1e-6, cubic_metre},
      {"hectare", 1e4, square_metre},
      {"mole", avogadro, none},
      {"mol", avogadro, none},
      {"e", elementary_charge, coulomb},
      {"k", boltzmann, per_kelvin_joule},
      {"faraday", elementary_charge * avogadro, coulomb},
      {"gasconstant", boltzmann * avogadro, per_kelvin_joule},
      {"R", boltzmann * avogadro, per_kelvin_joule},
      {"pi", 3.14159265358979323846, none},
      {"c", 299792458, speed},
      {"h", 6.62607015e-34, planck_unit},
      {"electronvolt", elementary_charge, joule},
      {"ev", elementary_charge, joule},
      {"gravity", 9.80665, acceleration},
      {"percent", 0.01, none},
      {"avogadro", avogadro, none},
  };
  return table;
}

struct Prefix {
  std::string_view name;
  double factor;
};
const std::vector<Prefix>& prefixes() {
  static const std::vector<Prefix> table = {
      {"yotta", 1e24}, {"zetta", 1e21},  {"exa", 1e18},    {"peta", 1e15},  {"tera", 1e12},
      {"giga", 1e9},   {"mega", 1e6},    {"myria", 1e4},   {"kilo", 1e3},   {"hecto", 1e2},
      {"hekto", 1e2},  {"deca", 10},     {"deka", 10},     {"deci", 1e-1},  {"centi", 1e-2},
      {"milli", 1e-3}, {"micro", 1e-6},  {"nano", 1e-9},   {"pico", 1e-12}, {"femto", 1e-15},
      {"atto", 1e-18}, {"zopto", 1e-21}, {"yocto", 1e-24}, {"semi", 0.5},   {"demi", 0.5}};
  return table;
}

const Row* find_row(std::string_view name) {
  for (const Row& row : rows()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads the factors of one unit text.
class UnitReader {
 public:
  UnitReader(std::string_view text, const std::function<std::optional<UnitValue>(std::string_view)>& lookup)
      : text_(text), lookup_(lookup) {}

  std::optional<UnitValue> read(std::string& unknown) {
    while (position_ < text_.size()) {
      const char c = text_[position_];
      if (c == ' ' || c == '-' || c == '*' || c == '\t') {
        ++position_;
      } else if (c == '/') {
        // Everything behind a slash divides, as in NEURON's units program.
        denominator_ = true;
        ++position_;
      } else if (!factor(unknown)) {
        return std::nullopt;
      }
    }
    return value_;
  }

 private:
  bool factor(std::string& unknown) {
    if (is_digit(text_[position_]) || text_[position_] == '.') return number(unknown);
    const std::size_t begin = position_;
    while (position_ < text_.size() &&
           std::string_view(" -*/\t0123456789").find(text_[position_]) == std::string_view::npos)
      ++position_;
    const std::string_view name = text_.substr(begin, position_ - begin);
    const auto unit = lookup_(name);
    if (!unit) {
      unknown = name;
      return false;
    }
    int power = 1;
    if (position_ < text_.size() && is_digit(text_[position_])) power = text_[position_++] - '0';
    apply(*unit, power);
    return true;
  }

  bool number(std::string& unknown) {
    double number = 0;
    const auto [end, error] = std::from_chars(text_.data() + position_, text_.data() + text_.size(), number);
    if (error != std::errc() || !(number > 0)) {
      unknown = text_.substr(position_);
      return false;
    }
    position_ = static_cast<std::size_t>(end - text_.data());
    apply({number, {}}, 1);
    return fraction(unknown);
  }

  /// The `/2` of `1/2 volt` belongs to the number.
  bool fraction(std::string& unknown) {
    if (position_ + 1 >= text_.size() || text_[position_] != '/' || !is_digit(text_[position_ + 1])) return true;
    const bool denominator = denominator_;
    denominator_ = !denominator;
    ++position_;
    const bool good = number(unknown);
    denominator_ = denominator;
    return good;
  }

  void apply(const UnitValue& unit, int power) {
    for (int i = 0; i < power; ++i) {
      value_.factor = denominator_ ? value_.factor / unit.factor : value_.factor * unit.factor;
      for (std::size_t d = 0; d < value_.powers.size(); ++d)
        value_.powers[d] += denominator_ ? -unit.powers[d] : unit.powers[d];
    }
  }

  std::string_view text_;
  const std::function<std::optional<UnitValue>(std::string_view)>& lookup_;
  std::size_t position_ = 0;
  bool denominator_ = false;
  UnitValue value_;
};

}  // namespace

std::optional<UnitValue> UnitTable::parse(std::string_view text, std::string& unknown) const {
  const std::function<std::optional<UnitValue>(std::string_view)> find = [this](std::string_view name) {
    return lookup(name);
  };
  return UnitReader(text, find).read(unknown);
}

/// A name as it is, without a plural s, or behind one or more prefixes.
std::optional<UnitValue> UnitTable::lookup(std::string_view name) const {
  double factor = 1;
  while (!name.empty()) {
    for (const std::string_view candidate : {name, name.back() == 's' ? name.substr(0, name.size() - 1) : name}) {
      if (const auto own = own_.find(candidate); own != own_.end())
        return UnitValue{factor * own->second.factor, own->second.powers};
      if (const Row* row = find_row(candidate)) return UnitValue{factor * row->factor, row->powers};
    }
    const Prefix* found = nullptr;
    for (const Prefix& prefix : prefixes()) {
      if (name.size() >= prefix.name.size() && name.substr(0, prefix.name.size()) == prefix.name) found = &prefix;
    }
    if (found == nullptr) return std::nullopt;
    factor *= found->factor;
    name.remove_prefix(found->name.size());
    if (name.empty()) return UnitValue{factor, {}};  // (milli/liter)
  }
  return std::nullopt;
}

bool UnitTable::define(const std::string& name, const UnitValue& value) {
  const auto known = own_.find(name);
  if (known == own_.end()) {
    own_[name] = value;
    return true;
  }
  return known->second.powers == value.powers && std::abs(known->second.factor / value.factor - 1) < 1e-9;
}

std::string UnitTable::nearest(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& [own, value] : own_) names.push_back(own);
  for (const Row& row : rows()) {
    names.emplace_back(row.name);
    for (const std::string_view prefix : {"milli", "micro", "nano", "kilo"})
      names.push_back(std::string(prefix) + std::string(row.name));
  }
  return nearest_name(name, names);
}

}  // namespace cellwright::nmodl
