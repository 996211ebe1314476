#pragma once
/// Morphologies of cell models, as `bluepyopt.ephys.morphologies`.

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/ephys/described.hpp"
#include "cellwright/model/cell_model.hpp"
#include "cellwright/morphology/modifiers.hpp"
#include "cellwright/morphology/morphology.hpp"

namespace cellwright::ephys {

/// Base of all morphologies.
class Morphology : public BaseEPhys {
 public:
  using BaseEPhys::BaseEPhys;
  /// The cell's shape as simulated: sections, numbers of segments, replaced axon.
  virtual morphology::Morphology instantiate() const = 0;
  /// The morphology as a value of the model.
  virtual model::NrnFileMorphology snapshot() const = 0;
};

struct NrnFileMorphologyArguments {
  std::filesystem::path morphology_path;        ///< .swc or .asc
  bool do_replace_axon = false;                 ///< a stub of two cylinders takes the place of the axon
  bool do_set_nseg = true;                      ///< nseg = 1 + 2 trunc(L / nseg_frequency), else 1
  std::optional<std::string> replace_axon_hoc;  ///< code of replace_axon in an exported hoc template
  double axon_stub_length = 60;                 ///< um
  double axon_nseg_frequency = 40;              ///< um
  double nseg_frequency = 40;                   ///< um
  /// Functions that change the cell afterwards, in order: "replace_axon" and those of morphology::add_modifier.
  std::vector<std::string> morph_modifiers;
  std::vector<std::string> morph_modifiers_hoc;  ///< their code in an exported hoc template, after that of replace_axon
  OrderedMap<double> morph_modifiers_kwargs;     ///< arguments of each of them
  static void fields(auto& self, auto&& visit) {
    visit("morphology_path", self.morphology_path);
    visit("do_replace_axon", self.do_replace_axon);
    visit("do_set_nseg", self.do_set_nseg);
    visit("replace_axon_hoc", self.replace_axon_hoc);
    visit("axon_stub_length", self.axon_stub_length);
    visit("axon_nseg_frequency", self.axon_nseg_frequency);
    visit("nseg_frequency", self.nseg_frequency);
    visit("morph_modifiers", self.morph_modifiers);
    visit("morph_modifiers_hoc", self.morph_modifiers_hoc);
    visit("morph_modifiers_kwargs", self.morph_modifiers_kwargs);
  }
};

/// A morphology from a file. Its name is that of the file.
class NrnFileMorphology : public Described<NrnFileMorphology, Morphology, NrnFileMorphologyArguments>,
                          public NrnFileMorphologyArguments {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.morphologies.NrnFileMorphology";
  explicit NrnFileMorphology(NrnFileMorphologyArguments arguments, std::string comment = "");
  const NrnFileMorphologyArguments& arguments() const { return *this; }

  /// Reads the file, sets the numbers of segments, replaces the axon, runs the morph_modifiers, in this order.
  /// @throws ConfigError "file-missing"; MorphologyError as morphology::load_morphology, set_nseg, replace_axon and
  ///   modify.
  morphology::Morphology instantiate() const override;
  model::NrnFileMorphology snapshot() const override;
  /// The path.
  std::string to_string() const override;

  /// A copy with the number of segments that this object's nseg_frequency gives.
  /// @throws MorphologyError as morphology::set_nseg.
  morphology::Morphology set_nseg(const morphology::Morphology& cell) const;
  /// A copy whose axon is a stub. @throws MorphologyError as morphology::replace_axon.
  static morphology::Morphology replace_axon(const morphology::Morphology& cell, double axon_stub_length = 60,
                                             double axon_nseg_frequency = 40);

 private:
  morphology::ModifierArguments kwargs() const;
};

}  // namespace cellwright::ephys
