#pragma once
/// Places on a cell, as `bluepyopt.ephys.locations`. What each one resolves to on a morphology is said at
/// model/location.hpp.
///
/// An argument that is left out has no value, as BluePyOpt's None; it is missed when the location is used.

#include <optional>
#include <string>
#include <variant>

#include "cellwright/base/error.hpp"
#include "cellwright/ephys/described.hpp"
#include "cellwright/model/location.hpp"

namespace cellwright::ephys {

class NrnMODPointProcessMechanism;

/// The cell has no such place, or the location does not say enough to look for one.
struct EPhysLocInstantiateException : ModelError {
  using ModelError::ModelError;
};

/// Any of the places that a model can name.
using LocationValue =
    std::variant<model::NrnSeclistCompLocation, model::NrnSectionCompLocation, model::NrnSomaDistanceCompLocation,
                 model::NrnSecSomaDistanceCompLocation, model::NrnTrunkSomaDistanceCompLocation,
                 model::NrnPointProcessLocation, model::NrnSeclistLocation, model::NrnSeclistSecLocation>;

/// Base of all locations.
class Location : public BaseEPhys {
 public:
  using BaseEPhys::BaseEPhys;
  /// The location as a value of the model.
  /// @throws ConfigError "ephys-argument" for a missing argument.
  virtual LocationValue snapshot() const = 0;
};

/// The location as one of the kinds of `Variant` (model::CompLocation, ParameterLocation, RecordingLocation).
/// @param user for the message: "parameter 'gna'".
/// @throws ConfigError "ephys-location" if there is none or it is of a kind that cannot be used there. (BluePyOpt sets
///   nothing then, or fails in NEURON.)
template <class Variant>
Variant location_as(const std::shared_ptr<Location>& location, const std::string& user);

struct NrnSeclistCompLocationArguments {
  std::optional<std::string> seclist_name;  ///< all, somatic, basal, apical, axonal, myelinated; soma, dend, ...
  std::optional<int> sec_index;             ///< from 0
  std::optional<double> comp_x;             ///< 0 to 1
  static void fields(auto& self, auto&& visit) {
    visit("seclist_name", self.seclist_name);
    visit("sec_index", self.sec_index);
    visit("comp_x", self.comp_x);
  }
};
/// The compartment at `comp_x` of section number `sec_index` of a list.
class NrnSeclistCompLocation : public NamedRecord<NrnSeclistCompLocation, Location, NrnSeclistCompLocationArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.locations.NrnSeclistCompLocation";
  using NamedRecord::NamedRecord;
  LocationValue snapshot() const override;
  /// "somatic[0](0.5)".
  std::string to_string() const override;
};

struct NrnSectionCompLocationArguments {
  std::optional<std::string> sec_name;  ///< "apic[3]"
  std::optional<double> comp_x;
  static void fields(auto& self, auto&& visit) {
    visit("sec_name", self.sec_name);
    visit("comp_x", self.comp_x);
  }
};
/// The compartment at `comp_x` of a section by its name, which is looked up, never evaluated.
class NrnSectionCompLocation : public NamedRecord<NrnSectionCompLocation, Location, NrnSectionCompLocationArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.locations.NrnSectionCompLocation";
  using NamedRecord::NamedRecord;
  LocationValue snapshot() const override;
  std::string to_string() const override;
};

struct NrnPointProcessLocationArguments {
  std::shared_ptr<NrnMODPointProcessMechanism> pprocess_mech;
  static void fields(auto& self, auto&& visit) { visit("pprocess_mech", self.pprocess_mech); }
};
/// The point processes that a mechanism makes.
class NrnPointProcessLocation
    : public NamedRecord<NrnPointProcessLocation, Location, NrnPointProcessLocationArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.locations.NrnPointProcessLocation";
  using NamedRecord::NamedRecord;
  LocationValue snapshot() const override;
  std::string to_string() const override;
};

struct NrnSeclistLocationArguments {
  std::optional<std::string> seclist_name;
  static void fields(auto& self, auto&& visit) { visit("seclist_name", self.seclist_name); }
};
/// All sections of a list.
class NrnSeclistLocation : public NamedRecord<NrnSeclistLocation, Location, NrnSeclistLocationArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.locations.NrnSeclistLocation";
  using NamedRecord::NamedRecord;
  LocationValue snapshot() const override;
  std::string to_string() const override;
};

struct NrnSeclistSecLocationArguments {
  std::optional<std::string> seclist_name;
  std::optional<int> sec_index;
  static void fields(auto& self, auto&& visit) {
    visit("seclist_name", self.seclist_name);
    visit("sec_index", self.sec_index);
  }
};
/// Section number `sec_index` of a list.
class NrnSeclistSecLocation : public NamedRecord<NrnSeclistSecLocation, Location, NrnSeclistSecLocationArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.locations.NrnSeclistSecLocation";
  using NamedRecord::NamedRecord;
  LocationValue snapshot() const override;
  std::string to_string() const override;
};

struct NrnSomaDistanceCompLocationArguments {
  std::optional<double> soma_distance;  ///< path distance from soma[0](0.5), um
  std::optional<std::string> seclist_name;
  static void fields(auto& self, auto&& visit) {
    visit("soma_distance", self.soma_distance);
    visit("seclist_name", self.seclist_name);
  }
};
/// The compartment at a path distance from the soma.
class NrnSomaDistanceCompLocation
    : public NamedRecord<NrnSomaDistanceCompLocation, Location, NrnSomaDistanceCompLocationArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.locations.NrnSomaDistanceCompLocation";
  using NamedRecord::NamedRecord;
  LocationValue snapshot() const override;
  std::string to_string() const override;
};

struct NrnSecSomaDistanceCompLocationArguments {
  std::optional<double> soma_distance;
  std::optional<int> sec_index;
  std::optional<std::string> seclist_name;
  static void fields(auto& self, auto&& visit) {
    visit("soma_distance", self.soma_distance);
    visit("sec_index", self.sec_index);
    visit("seclist_name", self.seclist_name);
  }
};
/// The same on the way from the soma to section number `sec_index` of the list.
/// snapshot() throws EPhysLocInstantiateException "ephys-argument" without a sec_index.
class NrnSecSomaDistanceCompLocation
    : public NamedRecord<NrnSecSomaDistanceCompLocation, Location, NrnSecSomaDistanceCompLocationArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.locations.NrnSecSomaDistanceCompLocation";
  using NamedRecord::NamedRecord;
  LocationValue snapshot() const override;
  std::string to_string() const override;
};

struct NrnTrunkSomaDistanceCompLocationArguments {
  std::optional<double> soma_distance;
  std::optional<int> sec_index;
  std::optional<std::string> seclist_name;
  std::optional<model::TrunkDirection> direction;  ///< none: along y
  static void fields(auto& self, auto&& visit) {
    visit("soma_distance", self.soma_distance);
    visit("sec_index", self.sec_index);
    visit("seclist_name", self.seclist_name);
    visit("direction", self.direction);
  }
};
/// The same on the way to the section that ends farthest in a direction; `sec_index` overrules that search.
class NrnTrunkSomaDistanceCompLocation
    : public NamedRecord<NrnTrunkSomaDistanceCompLocation, Location, NrnTrunkSomaDistanceCompLocationArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.locations.NrnTrunkSomaDistanceCompLocation";
  using NamedRecord::NamedRecord;
  LocationValue snapshot() const override;
  std::string to_string() const override;
};

/// @throws ConfigError "ephys-location".
[[noreturn]] void throw_wrong_location(const Location* location, const std::string& user);

template <class Variant>
Variant location_as(const std::shared_ptr<Location>& location, const std::string& user) {
  if (!location) throw_wrong_location(nullptr, user);
  return std::visit(
      [&](auto&& value) -> Variant {
        if constexpr (std::is_constructible_v<Variant, decltype(value)>) {
          return Variant(std::forward<decltype(value)>(value));
        } else {
          throw_wrong_location(location.get(), user);
        }
      },
      location->snapshot());
}

}  // namespace cellwright::ephys
