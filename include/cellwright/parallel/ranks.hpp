#pragma once
/// Processes on one or several machines that a launcher (mpirun, srun) started together. Knows bytes only.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cellwright::parallel {

/// A message from another rank.
struct RankMessage {
  int from = 0;
  std::string bytes;
};

/// This process as one of several. Used by one thread. All methods throw DistributionError "mpi" for what MPI reports.
class Ranks {
 public:
  Ranks() = default;
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;
  /// Waits until what was sent has left, and for the other ranks to end as well.
  virtual ~Ranks() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;
  /// Among the ranks of this machine; the first one is 0.
  virtual int node_rank() const = 0;
  virtual std::string host() const = 0;

  // Calls that all ranks (of the machine) make together, in the same order.
  /// Rank 0's text, in all ranks.
  virtual std::string broadcast(const std::string& text) = 0;
  /// The text of the machine's first rank, in all of its ranks. It also makes the others wait for the first one.
  virtual std::string node_broadcast(const std::string& text) = 0;
  /// Returns when all ranks of the machine have called it.
  virtual void node_barrier() = 0;
  /// This rank's part of the hardware threads that it may use, those that others may use too shared out: at least 1.
  virtual std::size_t fair_threads() = 0;

  /// Returns at once. Messages between two ranks keep their order.
  virtual void send(int to, std::string_view bytes) = 0;
  /// The next message that has come, if one has.
  virtual std::optional<RankMessage> receive() = 0;

  /// Ends the processes of all ranks.
  [[noreturn]] virtual void abort(int status) = 0;
};

/// The ranks, if a launcher started this process as one of several; else nullptr, and MPI is not even loaded.
/// @throws DistributionError "mpi-missing" if this installation has no MPI, "mpi-launch" if the launcher and MPI
///   disagree on the number of processes.
std::unique_ptr<Ranks> join_ranks();

/// For `cellwright doctor`: the MPI library that would be used, or why there is none.
struct RanksSupport {
  bool available = false;
  std::string text;
};
RanksSupport find_ranks_support();

}  // namespace cellwright::parallel
