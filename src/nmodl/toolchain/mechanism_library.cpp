#include "cellwright/nmodl/mechanism_library.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cellwright/base/error.hpp"
#include "cellwright/nmodl/front_end.hpp"
#include "nmodl/toolchain/mod_file_scan.hpp"

namespace cellwright::nmodl {
namespace {

namespace fs = std::filesystem;

std::string list_folders(const std::vector<fs::path>& folders) {
  if (folders.empty()) return "no mechanism folder is given";
  std::vector<std::string> names;
  for (const fs::path& folder : folders) names.push_back("'" + folder.string() + "'");
  return fmt::format("searched {}", fmt::join(names, ", "));
}

[[noreturn]] void throw_unknown(const std::string& name, const std::vector<ModFile>& files,
                                const std::vector<fs::path>& folders) {
  std::vector<std::string> known = builtin_mechanism_names();
  for (const ModFile& file : files) {
    if (!file.name.empty()) known.push_back(file.name);
  }
  const std::string nearest = nearest_name(name, known);
  Diagnostic diagnostic{.code = "mechanism-unknown",
                        .message = fmt::format("mechanism '{}' is not built in and no .mod file has it as SUFFIX or "
                                               "POINT_PROCESS ({})",
                                               name, list_folders(folders)),
                        .fix = nearest.empty() ? "add the folder of its .mod file to the mechanism folders"
                                               : fmt::format("did you mean '{}'?", nearest)};
  for (const ModFile& file : files) {
    if (file.path.stem() == name && !file.name.empty()) {
      diagnostic.notes.push_back({fmt::format("'{}' holds the mechanism '{}'", file.path.string(), file.name), {}});
    }
  }
  throw ModelError(diagnostic);
}

[[noreturn]] void throw_duplicate(const std::string& name, const fs::path& first, const std::string& second) {
  throw ModelError(Diagnostic{.code = "mechanism-duplicate",
                              .message = fmt::format("mechanism '{}' of '{}' is also {}", name, first.string(), second),
                              .fix = "rename one of them (its SUFFIX or POINT_PROCESS) or take one file away"});
}

/// The one file that has the mechanism, or nullptr if it is built in.
const ModFile* choose_file(const std::string& name, const std::vector<ModFile>& files,
                           const std::vector<fs::path>& folders, bool is_builtin) {
  const ModFile* chosen = nullptr;
  for (const ModFile& file : files) {
    if (file.name != name) continue;
    if (chosen) throw_duplicate(name, chosen->path, fmt::format("in '{}'", file.path.string()));
    chosen = &file;
  }
  if (chosen && is_builtin) throw_duplicate(name, chosen->path, "the name of a built-in mechanism");
  if (!chosen && !is_builtin) throw_unknown(name, files, folders);
  return chosen;
}

}  // namespace

MechanismLibrary::MechanismLibrary(const MechanismLibrarySettings& settings, const std::vector<std::string>& wanted) {
  load(settings, wanted);
  std::vector<Diagnostic> missing, wrong;
  for (const auto& [name, problems] : problems_) {
    const bool is_missing = problems.front().code.starts_with("mechanism-");
    (is_missing ? missing : wrong).insert((is_missing ? missing : wrong).end(), problems.begin(), problems.end());
  }
  if (!missing.empty()) throw ModelError(missing);
  if (!wrong.empty()) throw NmodlError(wrong);
}

MechanismLibrary MechanismLibrary::of_what_can_be_loaded(const MechanismLibrarySettings& settings,
                                                         const std::vector<std::string>& wanted) {
  MechanismLibrary library;
  library.load(settings, wanted);
  return library;
}

void MechanismLibrary::load(const MechanismLibrarySettings& settings, const std::vector<std::string>& wanted) {
  const std::vector<ModFile> files = scan_folders(settings.directories);
  std::vector<BuildRequest> requests;
  for (const std::string& name : std::set<std::string>(wanted.begin(), wanted.end())) {
    try {
      const cw_mechanism* builtin = find_builtin_mechanism(name, settings.numeric);
      const ModFile* file = choose_file(name, files, settings.directories, builtin != nullptr);
      if (!file) {
        mechanisms_[name] = {.library = nullptr, .descriptor = builtin, .origin = MechanismOrigin::builtin};
        continue;
      }
      const MechanismDescription description = compile_front_end(file->path);
      warnings_.insert(warnings_.end(), description.warnings.begin(), description.warnings.end());
      requests.push_back({name, generate_cpp(description), file->path.string()});
    } catch (const ModelError& error) {
      problems_[name] = error.diagnostics();
    } catch (const NmodlError& error) {
      problems_[name] = error.diagnostics();
    }
  }
  const std::vector<LoadedMechanism> built = build_mechanisms(requests, settings.numeric, settings.toolchain);
  for (std::size_t i = 0; i < built.size(); ++i) {
    LoadedMechanism& mechanism = mechanisms_[requests[i].name] = built[i];
    mechanism.source = requests[i].file;
  }
}

const LoadedMechanism* MechanismLibrary::find(const std::string& name) const {
  const auto found = mechanisms_.find(name);
  return found == mechanisms_.end() ? nullptr : &found->second;
}

const LoadedMechanism& MechanismLibrary::at(const std::string& name) const {
  const LoadedMechanism* found = find(name);
  if (!found) throw InternalError(fmt::format("mechanism '{}' was not loaded", name));
  return *found;
}

}  // namespace cellwright::nmodl
