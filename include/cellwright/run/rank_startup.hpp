#pragma once
/// How the ranks of a job come together: rank 0 says what is to be done, the others build it and say what they are, and
/// rank 0 refuses ranks that would compute something else.

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/base/error.hpp"
#include "cellwright/evaluate/crew.hpp"
#include "cellwright/parallel/ranks.hpp"
#include "cellwright/run/input_files.hpp"
#include "cellwright/run/problem.hpp"

namespace cellwright::run {

/// What rank 0 sends to all others.
struct Invitation {
  std::vector<std::string> arguments;  ///< of its command line, without the program's name
  std::filesystem::path problem_file;  ///< absolute
  bool external = false;               ///< a problem file with an evaluator of its own
  std::vector<InputFile> inputs;
};

/// What a rank says of itself.
struct RankReport {
  std::string version;  ///< of the program
  std::string build;    ///< hash of the program's file
  std::string host;
  std::string instruction_set;  ///< numeric::instruction_set()
  std::string engine;           ///< engine_name()
  std::string problem_hash;
  std::map<std::string, std::string> files;  ///< hash of each input file by its path on rank 0
  evaluate::Place place;
  std::size_t threads = 1;
  std::vector<Diagnostic> errors;  ///< why it cannot take part
};

/// "native", or the NEURON that is found and its version. @throws ToolchainError if there is none.
std::string engine_name(const SimulatorSettings& settings);

/// A report with what is known without a problem. @param host see Ranks::host.
RankReport report_of_this_process(const std::string& host);

/// The first thing that forbids `other` (rank number `rank`) to compute with rank 0, as a diagnostic that names it.
std::optional<Diagnostic> difference(const RankReport& first, const RankReport& other, int rank);
/// Compares two command lines: all but --threads and --out must be the same.
/// @returns what differs, for people; nothing if nothing does.
std::optional<std::string> different_arguments(const std::vector<std::string>& first,
                                               const std::vector<std::string>& other);

// For rank 0, in this order.
void send_invitation(parallel::Ranks& ranks, const Invitation& invitation);
/// Instead of the invitation: there will be no work.
void cancel_invitation(parallel::Ranks& ranks);
/// Waits for the reports of all others. @returns them by rank - 1.
/// @throws ConfigError "rank-differs" or what the ranks report, after it has told them to end.
std::vector<RankReport> gather_reports(parallel::Ranks& ranks, const RankReport& own);

// For the others.
/// Nothing: rank 0 cannot start.
std::optional<Invitation> receive_invitation(parallel::Ranks& ranks);
void send_report(parallel::Ranks& ranks, const RankReport& report);

/// Calls `build` on the first rank of each machine, then on its others: what the first one compiled is in the cache.
/// Exceptions pass through, on the rank where they arise.
void build_in_turn(parallel::Ranks& ranks, const std::function<void()>& build);

}  // namespace cellwright::run
