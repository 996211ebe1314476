#pragma once
/// Everything that a report shows, as plain values.

#include <optional>
#include <string>
#include <vector>

#include "cellwright/report/simplify.hpp"
#include "cellwright/run/run_record.hpp"

namespace cellwright::report {

/// What a target says about the trace itself, if it does: a voltage that the trace should reach, or a time.
enum class TargetMark {
  none,
  level,  ///< mean and std are values of the recorded variable
  time    ///< mean and std are times since the stimulus started
};

struct FeatureView {
  std::string name;  ///< protocol.location.feature
  std::string efel_name;
  std::string unit;  ///< "" for a pure number
  std::size_t protocol = 0;
  std::size_t recording = 0;  ///< of that protocol
  double mean = 0, std = 1;   ///< the target
  double stim_start_ms = 0, stim_end_ms = 0;
  TargetMark mark = TargetMark::none;
};

struct RecordingView {
  std::string name;
  std::string unit;  ///< "mV" for voltages, else ""
};

/// The current of one stimulus, nA over ms.
struct StimulusView {
  std::string label;
  Polyline current;
};

struct ProtocolView {
  std::string name;
  double duration_ms = 0;
  std::vector<RecordingView> recordings;
  std::vector<StimulusView> stimuli;
};

/// What an individual of the hall of fame does when it is simulated.
struct IndividualView {
  std::vector<std::optional<double>> feature_values;  ///< [n_features]
  std::vector<double> feature_scores;                 ///< [n_features], without weights
  std::vector<std::string> errors;                    ///< [n_protocols], "" where the protocol ran
  std::vector<std::vector<Polyline>> traces;          ///< [n_protocols][n_recordings]; no points: no response
};

/// A section in the plane of the picture (um), y upwards.
struct DrawnSection {
  std::string name;
  int type = 3;  ///< SWC type
  Polyline path;
  std::vector<double> diameter_um;  ///< per point
};

/// A place at which something is recorded or injected.
struct DrawnSite {
  std::string label;
  double x = 0, y = 0;
  bool stimulus = false;
};

struct MorphologyView {
  std::vector<DrawnSection> sections;
  std::vector<DrawnSite> sites;
};

/// What needs the cell: empty for a problem with an evaluator of its own.
struct CellView {
  std::vector<ProtocolView> protocols;
  std::vector<FeatureView> features;
  std::vector<IndividualView> individuals;  ///< of the hall of fame, best first
  MorphologyView morphology;
};

struct ReportData {
  run::RunRecord run;
  std::string version;               ///< of the program that made the report
  std::string made;                  ///< date and time in UTC, ISO 8601
  std::optional<CellView> cell;      ///< none: `notices` tells why
  std::vector<std::string> notices;  ///< what the reader should know: files that moved, protocols that failed
};

/// The best sum of scores up to each generation of the logbook.
std::vector<double> best_so_far(const optimise::Logbook& logbook);

/// Indices of the objectives, the worst score first; equal ones in their order.
std::vector<std::size_t> worst_first(const std::vector<double>& scores);

}  // namespace cellwright::report
