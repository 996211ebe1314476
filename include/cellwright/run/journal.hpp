#pragma once
/// The journal: individuals that were evaluated since the last checkpoint, written as they arrive. The form is in
/// docs/reference/checkpoint.md.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cellwright::run {

/// The scores of one individual.
struct JournalEntry {
  std::int64_t id = 0;         ///< number of its evaluation, from 1
  std::string values_hash{};   ///< of its parameter values: an entry counts for these only
  std::vector<double> scores;  ///< as the evaluator gave them
  bool failed = false;
  std::string reason{};  ///< why it failed
};

/// An append-only file of entries, each with a checksum of its own: what was cut short or changed counts as not there.
class Journal {
 public:
  /// Opens the file and reads it; one of another run, or without a readable beginning, begins anew.
  /// @param run_hash tells runs apart. @param sync_seconds between two waits for the disk.
  /// @throws Error "file-write".
  Journal(std::filesystem::path path, const std::string& run_hash, double sync_seconds);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// What was read, in the order in which it was written; of two entries with the same id the first one.
  const std::vector<JournalEntry>& entries() const { return entries_; }
  /// The entry that was read of this individual, or nullptr. @param values its parameters.
  const JournalEntry* find(std::int64_t id, std::span<const double> values) const;

  /// Takes an entry for the next flush().
  void add(std::int64_t id, std::span<const double> values, std::span<const double> scores, bool failed,
           const std::string& reason);
  /// One write for all that was added. @throws Error "file-write".
  void flush();
  /// A checkpoint holds the individuals for which `settled(id)` is true: their entries may go. The file is
  /// emptied, or written anew where too much of it is of no use any more.
  void forget(const std::function<bool(std::int64_t id)>& settled);
  /// Entries that were not forgotten.
  std::size_t size() const { return lines_.size(); }
  /// Ends the journal; an empty one leaves no file.
  void close();

 private:
  void read();
  void open();
  void begin_anew();
  void write(std::string_view text);

  std::filesystem::path path_;
  std::string header_;
  double sync_seconds_;
  int descriptor_ = -1;
  std::vector<JournalEntry> entries_;
  std::map<std::int64_t, std::size_t> by_id_;  ///< index into entries_
  std::map<std::int64_t, std::string> lines_;  ///< of the entries that count
  std::size_t file_size_ = 0;
  std::string pending_;
  std::chrono::steady_clock::time_point last_sync_ = std::chrono::steady_clock::now();
};

/// The hash by which a journal knows parameter values: of their bits.
std::string hash_values(std::span<const double> values);

}  // namespace cellwright::run
