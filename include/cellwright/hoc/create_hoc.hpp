#pragma once
/// A cell model with given parameter values as a hoc template that NEURON loads by itself (BluePyOpt's create_hoc).

#include <string>
#include <string_view>
#include <vector>

#include "cellwright/model/cell_model.hpp"

namespace cellwright::hoc {

/// A parameter's value by full name.
struct NamedValue {
  std::string name;
  double value = 0;
};

struct HocSettings {
  std::vector<std::string> ignored_globals;  ///< `param_name` of globals that are only named in a comment
  bool banner = true;                        ///< begin with a comment that names this program
  std::string template_name;                 ///< "": the cell's name with _ in place of what hoc does not allow
  std::string template_text;                 ///< "": default_template(); see there
  std::string template_file;                 ///< where template_text is from, for messages
};

/// The text that is filled in. A template of the user's own may have the same placeholders, as `{{name}}`:
/// - banner, template_name, morphology (the file's name), nseg_frequency (um; 0: nseg stays 1);
/// - check_globals: procedures check_simulator() and set_simulator() for the global parameters, and a comment with the
///   ignored ones;
/// - insert: statements that insert the mechanisms; biophysics: statements that set the parameters;
/// - distributions: the functions of the path distance that biophysics calls;
/// - replace_axon: the call, or nothing; replace_axon_procedure: its definition and morph_modifiers_hoc, or nothing;
/// - gid: the number of the cell;
/// - re_init_rng: statements that prepare stochastic mechanisms.
std::string_view default_template();

/// The hoc text of `cell` with the frozen values and those given for the free parameters.
///
/// The template is created with `new NAME(folder[, file])`. Unlike BluePyOpt's, it sets parameters in the order of the
/// model, whatever section lists they have; it keeps the origin of distance scalers (soma_ref_location, ref_section)
/// and the values of param_dependencies, has the model's nseg_frequency, and measures the replaced axon from soma(0.5),
/// as the simulation does. As in BluePyOpt, globals (celsius, v_init) are not set by the template: check_simulator()
/// stops where they differ from the model's, set_simulator() sets them. The same holds for the global index of random
/// streams, if it is not 0.
/// @param values  one for each free parameter; names of others are an error.
/// @throws ConfigError with all problems: "hoc-params" (a value is missing, unknown or of a frozen parameter),
///   "hoc-unsupported" (point processes, connections, pointers, random streams and lists of numbers, morph_modifiers
///   without hoc, ref_section that is no full section name),
///   "hoc-expression" (a distribution that hoc cannot say), "hoc-template" (unknown placeholder), "hoc-global".
std::string create_hoc(const model::CellModel& cell, const std::vector<NamedValue>& values,
                       const HocSettings& settings = {});

}  // namespace cellwright::hoc
