#pragma once
/// Mechanisms that a cell gets, as `bluepyopt.ephys.mechanisms`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cellwright/ephys/locations.hpp"
#include "cellwright/model/cell_model.hpp"

namespace cellwright::ephys {

/// Base of all mechanisms.
class Mechanism : public BaseEPhys {
 public:
  using BaseEPhys::BaseEPhys;
  /// Adds the mechanism to a model.
  /// @throws ConfigError "ephys-argument", "ephys-location", "ephys-mechanism".
  virtual void add_to(model::CellModel& cell) const = 0;
};

struct NrnMODMechanismArguments {
  std::optional<std::string> mod_path;  ///< kept, not used: .mod files are looked for in NrnSimulator's folder
  std::optional<std::string> suffix;    ///< of the NEURON block
  std::vector<std::shared_ptr<Location>> locations;  ///< NrnSeclistLocation
  bool preloaded = true;                             ///< kept, not used
  bool deterministic = true;          ///< false only for a suffix with "Stoch" in it: its channels open at random
  std::optional<std::string> prefix;  ///< old name of suffix
  static void fields(auto& self, auto&& visit) {
    visit("mod_path", self.mod_path);
    visit("suffix", self.suffix);
    visit("locations", self.locations);
    visit("preloaded", self.preloaded);
    visit("deterministic", self.deterministic);
    visit("prefix", self.prefix);
  }
};

/// Inserts a mechanism into the sections of lists.
class NrnMODMechanism : public NamedRecord<NrnMODMechanism, Mechanism, NrnMODMechanismArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.mechanisms.NrnMODMechanism";
  /// @throws ConfigError "ephys-argument" if both suffix and prefix are given.
  explicit NrnMODMechanism(std::string name, NrnMODMechanismArguments arguments = {}, std::string comment = "");

  void add_to(model::CellModel& cell) const override;
  /// The statements that prepare its random streams in a procedure re_init_rng() of a hoc template: the switch of a
  /// deterministic mechanism, else a setRNG call in every segment; "" without "Stoch" in the suffix. They need what
  /// BluePyOpt's template has: `sf` (StringFunctions), the strings `name` and `full_str`, hash_str(), gid, channel_seed
  /// and channel_seed_set. @throws ConfigError as add_to().
  std::string generate_reinitrng_hoc_block() const;
  /// Whether its channels can open at random: "Stoch" is in its suffix.
  bool stochastic() const;
  std::string to_string() const override;

  /// The hash from which the random stream of a segment gets its identity: h = (31 h + character) mod (2^31 - 1) over
  /// the characters of a text such as "axon[0].0.5".
  static std::uint32_t hash_py(std::string_view text) { return model::hash_py(text); }
};

struct NrnMODPointProcessMechanismArguments {
  std::optional<std::string> mod_path;               ///< kept, not used
  std::optional<std::string> suffix;                 ///< name of the POINT_PROCESS
  std::vector<std::shared_ptr<Location>> locations;  ///< compartments, one point process at each
  bool preloaded = true;                             ///< kept, not used
  static void fields(auto& self, auto&& visit) {
    visit("mod_path", self.mod_path);
    visit("suffix", self.suffix);
    visit("locations", self.locations);
    visit("preloaded", self.preloaded);
  }
};

/// A point process at each of the locations. Its name must be unique in the cell.
class NrnMODPointProcessMechanism
    : public NamedRecord<NrnMODPointProcessMechanism, Mechanism, NrnMODPointProcessMechanismArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.mechanisms.NrnMODPointProcessMechanism";
  using NamedRecord::NamedRecord;
  void add_to(model::CellModel& cell) const override;
  std::string to_string() const override;
};

}  // namespace cellwright::ephys
