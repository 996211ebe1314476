#pragma once
/// How far an optimisation is: a bar on a terminal, plain lines elsewhere.

#include <chrono>
#include <string>

#include "cellwright/evaluate/crew_evaluator.hpp"
#include "cellwright/run/optimisation_run.hpp"
#include "cli/console.hpp"

namespace cellwright::cli {

class ProgressDisplay {
 public:
  explicit ProgressDisplay(const Console& console) : console_(console) {}
  ~ProgressDisplay() { close(); }
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  /// Before the first generation, which may take long: an empty bar on a terminal.
  void begin(int generation, int generations);
  /// @param crew of several ranks: their number, idle share and the slowest individual are shown.
  void show(const run::RunProgress& progress, const evaluate::CrewStatistics& crew = {});
  /// Leaves the last bar on the screen and goes to a new line.
  void close();

 private:
  void show_bar(const run::RunProgress& progress, const std::string& ranks);
  void show_line(const run::RunProgress& progress, const std::string& ranks);
  void draw(std::string text);

  const Console& console_;
  bool bar_is_open_ = false;
  std::chrono::steady_clock::time_point last_shown_{};
};

/// "0:07", "12:03", "3:00:12".
std::string format_duration(double seconds);

}  // namespace cellwright::cli
