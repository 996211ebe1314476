#pragma once
/// Finds the sections and places that locations name on a morphology.

#include <optional>
#include <string>
#include <vector>

#include "cellwright/base/error.hpp"
#include "cellwright/model/location.hpp"
#include "cellwright/morphology/morphology.hpp"
#include "cellwright/morphology/path_distance.hpp"

namespace cellwright::compile {

class LocationResolver {
 public:
  /// @param diagnostics  receives what is wrong; both must outlive the resolver.
  /// @param thickest     of several sections at a distance the thickest there is taken, not the last.
  LocationResolver(const morphology::Morphology& morphology, DiagnosticList& diagnostics, bool thickest = false)
      : morphology_(morphology), diagnostics_(diagnostics), thickest_(thickest) {}

  /// The place of a location. Without one, `missing` tells why the cell does not reach so far (a recording there has no
  /// response); with both empty the location is wrong and an error was added.
  struct Result {
    std::optional<morphology::Place> place;
    std::string missing;
  };
  Result find(const model::CompLocation& location);
  /// The same where there must be a place: `missing` is an error, too.
  std::optional<morphology::Place> require(const model::CompLocation& location);
  /// The place of a location that find() or require() judged before; no message is added.
  Result found(const model::CompLocation& location);

  /// The sections of a list or array; an unknown name is an error.
  std::optional<std::vector<int>> find_sections(const std::string& list_name, const SourceSpan& span);
  /// One section of a list; an index that does not exist is an error.
  std::optional<int> find_section(const std::string& location_name, const std::string& list_name, int index,
                                  const SourceSpan& span);

 private:
  Result resolve(const model::NrnSeclistCompLocation& location);
  Result resolve(const model::NrnSectionCompLocation& location);
  Result resolve(const model::NrnSomaDistanceCompLocation& location);
  Result resolve(const model::NrnSecSomaDistanceCompLocation& location);
  Result resolve(const model::NrnTrunkSomaDistanceCompLocation& location);

  Result on_section(const std::string& location_name, int section, double x, const SourceSpan& span);
  Result at_distance(const std::string& location_name, const std::vector<int>& sections, double distance_um,
                     const SourceSpan& span);
  Result on_path(const std::string& location_name, int section, double distance_um, const SourceSpan& span);
  double diameter_at(const morphology::Place& place) const;
  std::optional<int> soma(const std::string& location_name, const SourceSpan& span);
  std::optional<int> farthest_section(const model::NrnTrunkSomaDistanceCompLocation& location,
                                      const std::vector<int>& sections);
  void error(std::string code, std::string message, const SourceSpan& span, std::string fix = "");

  const morphology::Morphology& morphology_;
  DiagnosticList& diagnostics_;
  bool thickest_;
};

}  // namespace cellwright::compile
