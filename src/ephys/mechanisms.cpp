#include "cellwright/ephys/mechanisms.hpp"

#include <fmt/format.h>

#include "ephys/text_of.hpp"

namespace cellwright::ephys {
NrnMODMechanism::NrnMODMechanism(std::string object_name, NrnMODMechanismArguments given, std::string object_comment)
    : NamedRecord(std::move(object_name), std::move(given), std::move(object_comment)) {
  if (prefix && suffix) {
    throw ConfigError(Diagnostic{.code = "ephys-argument",
                                 .message = fmt::format("NrnMODMechanism '{}' has both a suffix and a prefix", name),
                                 .fix = "leave out prefix, the old name of suffix"});
  }
  if (prefix) suffix = std::exchange(prefix, std::nullopt);
}

bool NrnMODMechanism::stochastic() const { return suffix && suffix->find("Stoch") != std::string::npos; }

void NrnMODMechanism::add_to(model::CellModel& cell) const {
  const std::string& inserted = required(suffix, *this, name, "suffix");
  if (!deterministic && !stochastic()) {
    throw ConfigError(
        Diagnostic{.code = "ephys-mechanism",
                   .message = fmt::format("mechanism '{}' cannot be other than deterministic: there is no "
                                          "\"Stoch\" in its suffix '{}'",
                                          name, inserted)});
  }
  for (const auto& location : locations) {
    const auto place = location_as<model::ParameterLocation>(location, fmt::format("mechanism '{}'", name));
    if (!std::holds_alternative<model::NrnSeclistLocation>(place))
      throw_wrong_location(location.get(), fmt::format("mechanism '{}'", name));
    cell.mechanisms.push_back(
        {.suffix = inserted, .location = std::get<model::NrnSeclistLocation>(place), .deterministic = deterministic});
  }
}

std::string NrnMODMechanism::generate_reinitrng_hoc_block() const {
  constexpr const char* noisy =
      "    forsec {0} {{ for (x, 0) {{\n"
      "      setdata_{1}(x)\n"
      "      sf.tail(secname(), \"\\\\.\", name)\n"
      "      sprint(full_str, \"%s.%.19g\", name, x)\n"
      "      if (channel_seed_set) {{ setRNG_{1}(gid, hash_str(full_str), channel_seed) }}\n"
      "      if (!channel_seed_set) {{ setRNG_{1}(gid, hash_str(full_str)) }}\n"
      "    }} }}\n";
  if (!stochastic()) return "";
  model::CellModel cell;
  add_to(cell);
  std::string text;
  for (const model::NrnMODMechanism& mechanism : cell.mechanisms) {
    const std::string& list = mechanism.location.seclist_name;
    text += deterministic ? fmt::format("    forsec {} {{ deterministic_{} = 1 }}\n", list, *suffix)
                          : fmt::format(noisy, list, *suffix);
  }
  return text;
}

std::string NrnMODMechanism::to_string() const {
  return fmt::format("{}: {} at {}", name, text_of(suffix), list_text(locations));
}

void NrnMODPointProcessMechanism::add_to(model::CellModel& cell) const {
  model::NrnMODPointProcessMechanism result{.name = name, .suffix = required(suffix, *this, name, "suffix")};
  for (const auto& location : locations)
    result.locations.push_back(location_as<model::CompLocation>(location, fmt::format("point process '{}'", name)));
  cell.point_processes.push_back(std::move(result));
}

std::string NrnMODPointProcessMechanism::to_string() const {
  return fmt::format("{}: {} at {}", name, text_of(suffix), list_text(locations));
}

}  // namespace cellwright::ephys
