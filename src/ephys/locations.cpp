#include "cellwright/ephys/locations.hpp"

#include <fmt/format.h>

#include "cellwright/ephys/mechanisms.hpp"
#include "ephys/text_of.hpp"

namespace cellwright::ephys {
namespace {

std::string distance_text(const std::optional<double>& distance, const std::optional<std::string>& seclist_name) {
  return fmt::format("{} micron from soma in {}", distance ? fmt::format("{:f}", *distance) : "None",
                     text_of(seclist_name));
}

}  // namespace

LocationValue NrnSeclistCompLocation::snapshot() const {
  return model::NrnSeclistCompLocation{.name = name,
                                       .seclist_name = required(seclist_name, *this, name, "seclist_name"),
                                       .sec_index = required(sec_index, *this, name, "sec_index"),
                                       .comp_x = required(comp_x, *this, name, "comp_x")};
}

std::string NrnSeclistCompLocation::to_string() const {
  return fmt::format("{}[{}]({})", text_of(seclist_name), text_of(sec_index), text_of(comp_x));
}

LocationValue NrnSectionCompLocation::snapshot() const {
  return model::NrnSectionCompLocation{.name = name,
                                       .sec_name = required(sec_name, *this, name, "sec_name"),
                                       .comp_x = required(comp_x, *this, name, "comp_x")};
}

std::string NrnSectionCompLocation::to_string() const {
  return fmt::format("{}({})", text_of(sec_name), text_of(comp_x));
}

LocationValue NrnPointProcessLocation::snapshot() const {
  if (!pprocess_mech) throw_missing_argument(*this, name, "pprocess_mech");
  return model::NrnPointProcessLocation{.name = name, .pprocess_mech = pprocess_mech->name};
}

std::string NrnPointProcessLocation::to_string() const { return pprocess_mech ? pprocess_mech->name : "None"; }

LocationValue NrnSeclistLocation::snapshot() const {
  return model::NrnSeclistLocation{.name = name, .seclist_name = required(seclist_name, *this, name, "seclist_name")};
}

std::string NrnSeclistLocation::to_string() const { return text_of(seclist_name); }

LocationValue NrnSeclistSecLocation::snapshot() const {
  return model::NrnSeclistSecLocation{.name = name,
                                      .seclist_name = required(seclist_name, *this, name, "seclist_name"),
                                      .sec_index = required(sec_index, *this, name, "sec_index")};
}

std::string NrnSeclistSecLocation::to_string() const {
  return fmt::format("{}[{}]", text_of(seclist_name), text_of(sec_index));
}

LocationValue NrnSomaDistanceCompLocation::snapshot() const {
  return model::NrnSomaDistanceCompLocation{.name = name,
                                            .soma_distance_um = required(soma_distance, *this, name, "soma_distance"),
                                            .seclist_name = required(seclist_name, *this, name, "seclist_name")};
}

std::string NrnSomaDistanceCompLocation::to_string() const { return distance_text(soma_distance, seclist_name); }

LocationValue NrnSecSomaDistanceCompLocation::snapshot() const {
  if (!sec_index) {
    throw EPhysLocInstantiateException(
        Diagnostic{.code = "ephys-argument",
                   .message = fmt::format("NrnSecSomaDistanceCompLocation '{}' has no sec_index", name),
                   .fix = "give it to the constructor: {.sec_index = ...}"});
  }
  return model::NrnSecSomaDistanceCompLocation{
      .name = name,
      .soma_distance_um = required(soma_distance, *this, name, "soma_distance"),
      .sec_index = *sec_index,
      .seclist_name = required(seclist_name, *this, name, "seclist_name")};
}

std::string NrnSecSomaDistanceCompLocation::to_string() const { return distance_text(soma_distance, seclist_name); }

LocationValue NrnTrunkSomaDistanceCompLocation::snapshot() const {
  model::NrnTrunkSomaDistanceCompLocation result{
      .name = name,
      .soma_distance_um = required(soma_distance, *this, name, "soma_distance"),
      .sec_index = sec_index,
      .seclist_name = required(seclist_name, *this, name, "seclist_name")};
  if (direction) result.direction = *direction;
  return result;
}

std::string NrnTrunkSomaDistanceCompLocation::to_string() const { return distance_text(soma_distance, seclist_name); }

void throw_wrong_location(const Location* location, const std::string& user) {
  if (location == nullptr) {
    throw ConfigError(
        Diagnostic{.code = "ephys-location", .message = fmt::format("{} has no location", user), .fix = "give it one"});
  }
  throw ConfigError(Diagnostic{.code = "ephys-location",
                               .message = fmt::format("{} cannot be at location '{}', which is a {}", user,
                                                      location->name, location->short_class_name())});
}

}  // namespace cellwright::ephys
