#pragma once
/// What the parts of the loader share: the files read so far, their hash, and the problems found.

#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cellwright/base/error.hpp"
#include "cellwright/run/content_hash.hpp"
#include "cellwright/run/problem.hpp"
#include "cellwright/text/located_json.hpp"
#include "config_reader.hpp"

namespace cellwright::run {

/// A value and the folder to which paths in it are relative.
struct Section {
  const text::JsonValue* value = nullptr;
  std::filesystem::path folder;
  explicit operator bool() const { return value != nullptr; }
};

/// A meta parameter whose object is not found yet.
struct MetaObject {
  std::string parameter;  ///< its full name
  const text::JsonValue* object = nullptr;
};

struct LoaderContext {
  DiagnosticList problems;
  std::deque<text::JsonDocument> documents;  ///< a deque: values keep their addresses
  ContentHash hash;
  std::vector<MetaObject> meta_objects;
  bool corrected = false;                    ///< evaluation.compatibility
  std::vector<std::filesystem::path> files;  ///< whose contents are in the hash, mod files left out
  std::filesystem::path root{};              ///< below which absolute paths are looked for; "": "/"

  /// Reads and parses a JSON file; nothing if that failed (the problems were added).
  /// @param named_by where the path is written, for the message; null for the cell file itself.
  const text::JsonValue* load(const std::filesystem::path& path, const text::JsonValue* named_by);
  /// The section of that key: inline, or the content of the file whose path stands there.
  Section section(const ObjectReader& parent, const std::filesystem::path& folder, std::string_view key);
  /// Adds the content of a file to the hash; a missing file is reported at `named_by`.
  void hash_file(const std::filesystem::path& path, const text::JsonValue& named_by);
  /// The same of each file of a folder (not below), and its name.
  void hash_folder(const std::filesystem::path& folder, const text::JsonValue& named_by);

  /// A path written in a file that stands in `folder`, seen from the working directory.
  std::filesystem::path resolve(const std::filesystem::path& folder, const std::string& written) const;

  void warn(Diagnostic diagnostic);
};

/// Any location that a cell file may define.
using AnyLocation =
    std::variant<model::NrnSeclistCompLocation, model::NrnSectionCompLocation, model::NrnSomaDistanceCompLocation,
                 model::NrnSecSomaDistanceCompLocation, model::NrnTrunkSomaDistanceCompLocation,
                 model::NrnPointProcessLocation, model::NrnSeclistSecLocation>;
using LocationMap = std::map<std::string, AnyLocation>;

/// The location called `name`, written at `value`; an unknown name is a problem.
const AnyLocation* find_location(const std::string& name, const text::JsonValue& value, const LocationMap& locations,
                                 LoaderContext& context);
/// The same where it must be a compartment, or a compartment or point process; soma's location after a problem.
model::CompLocation find_compartment(const std::string& name, const text::JsonValue& value,
                                     const LocationMap& locations, LoaderContext& context);
model::RecordingLocation find_recording_location(const std::string& name, const text::JsonValue& value,
                                                 const LocationMap& locations, LoaderContext& context);

/// Stimuli of one protocol. @param folder  to which the paths of files in it are relative.
std::optional<model::Stimulus> load_stimulus(const text::JsonValue& value, const std::filesystem::path& folder,
                                             const LocationMap& locations, LoaderContext& context);

/// Section lists and arrays that a cell file may name.
const std::vector<std::string>& section_list_names();
/// True if `value` (a text) names one of them; otherwise the problem is added.
bool check_section_list(const text::JsonValue& value, LoaderContext& context);

// The parts, each of which adds its problems to the context.
std::optional<model::HocTemplate> load_hoc_model(const Section& section, LoaderContext& context);
model::NrnFileMorphology load_morphology_section(const Section& section, LoaderContext& context);
void load_mechanisms_section(const Section& section, model::CellModel& cell, LoaderContext& context);
/// The point processes, artificial cells, connections, pointers and random streams of the section `mechanisms`. Point
/// processes and artificial cells are added to the locations.
void load_point_processes(const Section& mechanisms, model::CellModel& cell, LocationMap& locations,
                          LoaderContext& context);
/// Adds the mod files of the mechanisms that the cell uses to the hash, in order of insertion.
void hash_mechanisms(const model::CellModel& cell, LoaderContext& context);
std::vector<model::CellParameter> load_parameters_section(const Section& section, LoaderContext& context);
LocationMap load_locations_section(const Section& section, LoaderContext& context);
void load_protocols_section(const Section& section, const LocationMap& locations, Problem& problem,
                            LoaderContext& context);
/// Finds the stimuli and parameters that meta parameters write to; frozen ones write to their stimulus at once.
void resolve_meta_parameters(Problem& problem, LoaderContext& context);
/// Finds the features that the other meta parameters write to; frozen ones write at once. What is not found is a
/// problem.
void resolve_feature_parameters(Problem& problem, LoaderContext& context);
/// The features of the problem, whose protocols and sequences are loaded.
std::vector<evaluate::eFELFeature> load_features_section(const Section& features, const Section& settings,
                                                         const Problem& problem, LoaderContext& context);
/// Features that stand in no group are objectives of their own.
evaluate::ObjectivesCalculator load_objectives_section(const Section& section,
                                                       const std::vector<evaluate::eFELFeature>& features,
                                                       LoaderContext& context);

}  // namespace cellwright::run
