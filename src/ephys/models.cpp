#include "cellwright/ephys/models.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "cellwright/hoc/create_hoc.hpp"
#include "ephys/text_of.hpp"

namespace cellwright::ephys {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::vector<std::shared_ptr<NrnParameter>> without_repeats(const std::vector<std::shared_ptr<NrnParameter>>& params) {
  std::vector<std::shared_ptr<NrnParameter>> result;
  for (const auto& param : params) {
    const auto same = std::ranges::find_if(result, [&](const auto& other) { return other->name() == param->name(); });
    if (same == result.end()) {
      result.push_back(param);
    } else {
      *same = param;
    }
  }
  return result;
}

template <class Object>
void check_objects(const std::vector<std::shared_ptr<Object>>& objects, const std::string& cell, const char* argument) {
  if (std::ranges::count(objects, nullptr) == 0) return;
  throw ConfigError(
      Diagnostic{.code = "ephys-argument",
                 .message = fmt::format("CellModel '{}' has a null pointer among its {}", cell, argument)});
}

}  // namespace

CellModel::CellModel(std::string model_name, CellModelArguments given)
    : Described(std::move(model_name)),
      gid(given.gid),
      morphology_(std::move(given.morph)),
      mechanisms_(std::move(given.mechs)),
      seclist_names_(std::move(given.seclist_names)),
      secarray_names_(std::move(given.secarray_names)) {
  check_name();
  check_objects(mechanisms_, name, "mechs");
  check_objects(given.params, name, "params");
  params_ = without_repeats(given.params);
}

CellModelArguments CellModel::arguments() const {
  return {.morph = morphology_,
          .mechs = mechanisms_,
          .params = params_,
          .gid = gid,
          .seclist_names = seclist_names_,
          .secarray_names = secarray_names_};
}

void CellModel::check_name() const {
  const bool good = !name.empty() && is_letter(name[0]) &&
                    std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
  if (good) return;
  throw ConfigError(
      Diagnostic{.code = "ephys-name",
                 .message = fmt::format("'{}' is no name for a CellModel", name),
                 .fix = "begin with a letter and use letters, digits and _ only: it names a hoc template"});
}

std::shared_ptr<NrnParameter> CellModel::param(const std::string& param_name) const {
  const auto found = std::ranges::find_if(params_, [&](const auto& param) { return param->name() == param_name; });
  if (found != params_.end()) return *found;
  std::vector<std::string> names;
  for (const auto& param : params_) names.push_back(param->name());
  const std::string near = nearest_name(param_name, names);
  throw ConfigError(Diagnostic{.code = "ephys-parameter",
                               .message = fmt::format("cell model '{}' has no parameter '{}'", name, param_name),
                               .fix = near.empty() ? "" : fmt::format("did you mean '{}'?", near)});
}

std::vector<std::shared_ptr<NrnParameter>> CellModel::params_by_names(std::span<const std::string> param_names) const {
  std::vector<std::shared_ptr<NrnParameter>> result;
  for (const std::string& param_name : param_names) result.push_back(param(param_name));
  return result;
}

void CellModel::freeze(const ParamValues& param_dict) {
  for (const auto& [param_name, value] : param_dict) param(param_name)->check_value(value);
  for (const auto& [param_name, value] : param_dict) param(param_name)->freeze(value);
}

void CellModel::unfreeze(std::span<const std::string> param_names) {
  for (const auto& param : params_by_names(param_names)) param->unfreeze();
}

void CellModel::check_nonfrozen_params(std::span<const std::string> /*param_names*/) const {
  for (const auto& param : params_) {
    if (param->frozen()) continue;
    throw ConfigError(
        Diagnostic{.code = "ephys-parameter",
                   .message = fmt::format("parameter '{}' of cell model '{}' is not frozen", param->name(), name),
                   .fix = "give a value for it"});
  }
}

morphology::Morphology CellModel::instantiate_morphology() const {
  if (!morphology_) throw_missing_argument(*this, name, "morph");
  return morphology_->instantiate();
}

model::CellModel CellModel::snapshot(std::span<const std::string> free_names, const NrnSimulator& sim) const {
  if (!morphology_) throw_missing_argument(*this, name, "morph");
  model::CellModel cell{.name = name, .morphology = morphology_->snapshot()};
  if (sim.mechanisms_directory) cell.mechanism_directories = {*sim.mechanisms_directory};
  if (gid < 0 || gid > 4294967295) {
    throw ConfigError(Diagnostic{
        .code = "ephys-argument",
        .message = fmt::format("the gid of cell model '{}' must be from 0 to 4294967295, not {}", name, gid)});
  }
  cell.gid = static_cast<std::uint32_t>(gid);
  cell.random123_globalindex = sim.random123_globalindex.value_or(0);
  for (const auto& mechanism : mechanisms_) mechanism->add_to(cell);
  for (const auto& param : params_) param->add_to(cell, std::ranges::count(free_names, param->name()) > 0);
  return cell;
}

std::string CellModel::create_hoc(const ParamValues& param_values, const CreateHocArguments& given) {
  const FrozenParameters frozen(*this, param_values);
  const model::CellModel cell = snapshot({}, NrnSimulator());
  hoc::HocSettings settings{.ignored_globals = given.ignored_globals, .banner = !given.disable_banner};
  settings.template_name = name;
  if (given.hoc_template) {
    settings.template_text = read_file(*given.hoc_template);
    settings.template_file = given.hoc_template->string();
  }
  try {
    return hoc::create_hoc(cell, {}, settings);
  } catch (const ConfigError& error) {
    throw CreateHocException(error.diagnostics());
  }
}

std::string CellModel::to_string() const {
  std::string text = name + ":\n  morphology:\n";
  if (morphology_) text += fmt::format("    {}\n", morphology_->to_string());
  text += "  mechanisms:\n";
  for (const auto& mechanism : mechanisms_) text += fmt::format("    {}\n", mechanism->to_string());
  text += "  params:\n";
  for (const auto& param : params_) text += fmt::format("    {}\n", param->to_string());
  return text;
}

HocMorphology::HocMorphology(HocMorphologyArguments given, std::string object_comment)
    : Described(given.morphology_path.filename().string(), std::move(object_comment)),
      HocMorphologyArguments(std::move(given)) {
  std::error_code code;
  if (std::filesystem::exists(morphology_path, code)) return;
  throw ConfigError(Diagnostic{.code = "file-missing",
                               .message = fmt::format("there is no morphology '{}'", morphology_path.string()),
                               .fix = "give the path of a file or folder"});
}

morphology::Morphology HocMorphology::instantiate() const {
  throw ModelError(
      Diagnostic{.code = "model-hoc",
                 .message = "the hoc template of the cell builds its sections: they are known to NEURON only",
                 .fix = "use NrnFileMorphology to see what a morphology file gives"});
}

model::NrnFileMorphology HocMorphology::snapshot() const { return {.morphology_path = morphology_path}; }

HocCellModel::HocCellModel(std::string model_name, HocCellModelArguments given)
    : Described(std::move(model_name), CellModelArguments{.morph = HocMorphology::make({given.morphology_path}),
                                                          .mechs = std::move(given.mechs),
                                                          .params = std::move(given.params),
                                                          .gid = given.gid}),
      hoc_path_(std::move(given.hoc_path)) {
  if (hoc_path_.has_value() == given.hoc_string.has_value()) {
    throw ConfigError(Diagnostic{.code = "ephys-argument",
                                 .message = fmt::format("HocCellModel '{}' needs one of hoc_path and hoc_string", name),
                                 .fix = hoc_path_ ? "leave one out" : "give a file with a hoc template, or its text"});
  }
  hoc_.text = hoc_path_ ? read_file(*hoc_path_) : *given.hoc_string;
  if (hoc_path_) hoc_.folder = hoc_path_->parent_path();
  hoc_.template_name = get_template_name(hoc_.text);
}

HocCellModelArguments HocCellModel::arguments() const {
  return {.morphology_path = dynamic_cast<const HocMorphology&>(*morphology()).morphology_path,
          .hoc_path = hoc_path_,
          .hoc_string = hoc_path_ ? std::nullopt : std::optional(hoc_.text),
          .mechs = mechanisms(),
          .params = params(),
          .gid = gid};
}

model::CellModel HocCellModel::snapshot(std::span<const std::string> free_names, const NrnSimulator& sim) const {
  model::CellModel cell = CellModel::snapshot(free_names, sim);
  cell.hoc = hoc_;
  return cell;
}

std::string HocCellModel::get_template_name(const std::string& hoc_string) {
  return model::find_template_name(hoc_string);
}

std::string HocCellModel::to_string() const {
  return fmt::format("{}: {} of {}({})", class_name(), name, hoc_.template_name, morphology()->to_string());
}

FrozenParameters::FrozenParameters(CellModel& cell_model, const ParamValues& param_values) : cell_model_(cell_model) {
  cell_model.freeze(param_values);
  for (const auto& [name, value] : param_values) names_.push_back(name);
}

FrozenParameters::~FrozenParameters() { cell_model_.unfreeze(names_); }

}  // namespace cellwright::ephys
