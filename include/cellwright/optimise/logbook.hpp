#pragma once
/// The course of an optimisation: one row per generation.

#include "cellwright/optimise/individual.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cellwright::optimise {

/// Statistics of one generation over the sums of the objectives of its pool (parents and offspring; at generation 1
/// the initial population). avg, std (of the population, not of a sample), min and max equal NumPy's bit for bit.
struct LogbookRow {
  int gen = 0;              ///< counted from 1
  std::int64_t nevals = 0;  ///< evaluations in this generation
  double avg = 0.0;
  double std = 0.0;
  double min = 0.0;
  double max = 0.0;
  std::int64_t failed = 0;  ///< how many of these evaluations failed

  bool operator==(const LogbookRow&) const = default;
};

/// The statistics of one pool. @param sums at least one.
LogbookRow summarise(int gen, std::int64_t nevals, std::int64_t failed, std::span<const double> sums);

class Logbook {
 public:
  Logbook() = default;
  explicit Logbook(std::vector<LogbookRow> rows) : rows_(std::move(rows)) {}

  void append(const LogbookRow& row) { rows_.push_back(row); }
  const std::vector<LogbookRow>& rows() const { return rows_; }
  std::size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }
  const LogbookRow& operator[](std::size_t row) const { return rows_[row]; }
  /// One column: "gen", "nevals", "avg", "std", "min", "max" or "failed".
  /// @throws ConfigError "logbook-column" for another name.
  std::vector<double> select(const std::string& column) const;
  bool operator==(const Logbook&) const = default;

 private:
  std::vector<LogbookRow> rows_;
};

}  // namespace cellwright::optimise
