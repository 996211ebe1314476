#pragma once
/// Comma-separated files that grow by whole rows and can be cut back.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cellwright::run {

/// A cell as it stands in the file: in quotes if it holds a comma, a quote or a line end.
std::string csv_cell(std::string_view text);

/// A file to which rows are appended. Each append is one write: a process that dies leaves whole rows and at most one
/// that is cut short.
class CsvFile {
 public:
  /// Opens the file; a new one gets the header line. @throws Error "file-write".
  CsvFile(std::filesystem::path path, const std::string& header);
  ~CsvFile();
  CsvFile(CsvFile&& other) noexcept;
  CsvFile& operator=(CsvFile&&) = delete;

  /// @param rows whole lines, line ends included. @throws Error "file-write".
  void append(std::string_view rows);
  /// Waits until the disk has everything.
  void sync();

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

/// The rows without header and line ends; one without a line end is still being written and is left out. A file that
/// does not exist has none.
std::vector<std::string> read_csv_rows(const std::filesystem::path& path);

/// Removes the rows of later generations and a row that was cut short. The first cell of a row is its generation.
/// @returns the rows that stay, without header and line ends; only their number matters where `keep_text` is false
///   (they are empty then). A file that does not exist has no rows.
std::vector<std::string> cut_back_csv(const std::filesystem::path& path, int generation, bool keep_text);

/// A double as it stands in CSV files: 17 significant digits.
std::string csv_number(double value);

}  // namespace cellwright::run
