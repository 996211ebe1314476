#pragma once
/// Cell models, as `bluepyopt.ephys.models`.

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cellwright/ephys/create_hoc.hpp"
#include "cellwright/ephys/mechanisms.hpp"
#include "cellwright/ephys/morphologies.hpp"
#include "cellwright/ephys/parameters.hpp"
#include "cellwright/ephys/simulators.hpp"
#include "cellwright/model/cell_model.hpp"

namespace cellwright::ephys {

/// Parameter values by name.
using ParamValues = std::map<std::string, double>;

/// Base of all models.
class Model : public DictMixin {
 public:
  explicit Model(std::string model_name) : name(std::move(model_name)) {}
  std::string name;
};

struct CellModelArguments {
  std::shared_ptr<Morphology> morph;
  std::vector<std::shared_ptr<Mechanism>> mechs;
  std::vector<std::shared_ptr<NrnParameter>> params;  ///< in order of assignment: later ones win
  std::int64_t gid = 0;                               ///< number of the cell, part of the identity of random streams
  /// What an exported hoc template declares besides the lists that are used.
  std::vector<std::string> seclist_names = {"all", "somatic", "basal", "apical", "axonal", "myelinated"};
  std::vector<std::string> secarray_names = {"soma", "dend", "apic", "axon", "myelin"};
  static void fields(auto& self, auto&& visit) {
    visit("morph", self.morph);
    visit("mechs", self.mechs);
    visit("params", self.params);
    visit("gid", self.gid);
    visit("seclist_names", self.seclist_names);
    visit("secarray_names", self.secarray_names);
  }
};

/// A cell: morphology, mechanisms and parameters.
class CellModel : public Described<CellModel, Model, CellModelArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.models.CellModel";
  /// @throws ConfigError "ephys-name" unless the name begins with a letter and has only letters, digits and _.
  explicit CellModel(std::string name, CellModelArguments arguments = {});
  CellModelArguments arguments() const;

  /// @throws ConfigError "ephys-name".
  void check_name() const;
  /// @throws ConfigError "ephys-parameter" for an unknown name, with the nearest one.
  std::vector<std::shared_ptr<NrnParameter>> params_by_names(std::span<const std::string> param_names) const;
  std::shared_ptr<NrnParameter> param(const std::string& param_name) const;
  /// Freezes parameters at values. An error leaves all as they were.
  /// @throws ConfigError "ephys-parameter" for an unknown name; as NrnParameter::freeze.
  void freeze(const ParamValues& param_dict);
  /// @throws ConfigError "ephys-parameter" for an unknown name.
  void unfreeze(std::span<const std::string> param_names);
  /// @throws ConfigError "ephys-parameter" naming the first parameter of the cell that is not frozen. (The names are
  ///   not looked at, as in BluePyOpt.)
  void check_nonfrozen_params(std::span<const std::string> param_names = {}) const;
  /// The sections as they are simulated. @throws ConfigError "ephys-argument" without a morphology.
  morphology::Morphology instantiate_morphology() const;

  /// The cell as a value.
  /// @param free_names    parameters that vary; all others need a value.
  /// @param sim           where mechanisms are looked for, and the random streams' global index.
  /// @throws ConfigError as the parts' snapshot().
  virtual model::CellModel snapshot(std::span<const std::string> free_names, const NrnSimulator& sim) const;

  /// The cell with values for its free parameters as a hoc template of its name, which NEURON loads by itself. The
  /// parameters are free again afterwards.
  /// @throws CreateHocException with all problems as hoc::create_hoc, ConfigError as freeze() and snapshot(), and
  ///   "file-missing" for a template of one's own.
  std::string create_hoc(const ParamValues& param_values, const CreateHocArguments& arguments = {});

  const std::shared_ptr<Morphology>& morphology() const { return morphology_; }
  const std::vector<std::shared_ptr<Mechanism>>& mechanisms() const { return mechanisms_; }
  /// In order of assignment. Of several with one name there is the last one, at the place of the first.
  const std::vector<std::shared_ptr<NrnParameter>>& params() const { return params_; }
  virtual std::string to_string() const;

  std::int64_t gid = 0;

 private:
  std::shared_ptr<Morphology> morphology_;
  std::vector<std::shared_ptr<Mechanism>> mechanisms_;
  std::vector<std::shared_ptr<NrnParameter>> params_;
  std::vector<std::string> seclist_names_, secarray_names_;
};

struct HocMorphologyArguments {
  std::filesystem::path morphology_path;
  static void fields(auto& self, auto&& visit) { visit("morphology_path", self.morphology_path); }
};

/// The morphology that a hoc template reads by itself: a file, or a folder that holds the template's own.
class HocMorphology : public Described<HocMorphology, Morphology, HocMorphologyArguments>,
                      public HocMorphologyArguments {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.models.HocMorphology";
  /// @throws ConfigError "file-missing".
  explicit HocMorphology(HocMorphologyArguments arguments, std::string comment = "");
  const HocMorphologyArguments& arguments() const { return *this; }
  /// @throws ModelError "model-hoc": only NEURON knows the shape.
  morphology::Morphology instantiate() const override;
  model::NrnFileMorphology snapshot() const override;
  std::string to_string() const override { return morphology_path.string(); }
};

struct HocCellModelArguments {
  std::filesystem::path morphology_path;          ///< a file, or a folder: then the template knows the file's name
  std::optional<std::filesystem::path> hoc_path;  ///< a file with the template
  std::optional<std::string> hoc_string;          ///< its text
  /// What is added to the cell that the template makes (BluePyOpt has none of it).
  std::vector<std::shared_ptr<Mechanism>> mechs;
  std::vector<std::shared_ptr<NrnParameter>> params;
  std::int64_t gid = 0;
  static void fields(auto& self, auto&& visit) {
    visit("morphology_path", self.morphology_path);
    visit("hoc_path", self.hoc_path);
    visit("hoc_string", self.hoc_string);
    visit("mechs", self.mechs);
    visit("params", self.params);
    visit("gid", self.gid);
  }
};

/// A cell that a hoc template builds by itself, with mechanisms and parameters of its own. Only NEURON can simulate it:
/// NrnSimulator{.engine = "neuron"}. It has the parameters that are given here; other than in BluePyOpt, values for
/// further ones are refused, since they would change nothing.
class HocCellModel : public Described<HocCellModel, CellModel, HocCellModelArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.models.HocCellModel";
  /// @throws ConfigError "ephys-argument" unless exactly one of hoc_path and hoc_string is given, "file-missing" for
  ///   the morphology or the hoc file, "hoc-template-name" as get_template_name(), and as CellModel.
  explicit HocCellModel(std::string name, HocCellModelArguments arguments = {});
  HocCellModelArguments arguments() const;

  model::CellModel snapshot(std::span<const std::string> free_names, const NrnSimulator& sim) const override;
  const std::string& hoc_string() const { return hoc_.text; }
  /// The second word of the first line that holds the word begintemplate.
  /// @throws ConfigError "hoc-template-name" if there is none, or the word does not stand first in its line.
  static std::string get_template_name(const std::string& hoc_string);
  std::string to_string() const override;

 private:
  std::optional<std::filesystem::path> hoc_path_;
  model::HocTemplate hoc_;
};

/// Values for the parameters of a cell while it lives; then they are free again, whatever happened.
class FrozenParameters {
 public:
  /// @throws ConfigError as CellModel::freeze.
  FrozenParameters(CellModel& cell_model, const ParamValues& param_values);
  ~FrozenParameters();
  FrozenParameters(const FrozenParameters&) = delete;
  FrozenParameters& operator=(const FrozenParameters&) = delete;

 private:
  CellModel& cell_model_;
  std::vector<std::string> names_;
};

}  // namespace cellwright::ephys
