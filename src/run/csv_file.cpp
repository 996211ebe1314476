#include "csv_file.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/numeric/python_format.hpp"

namespace cellwright::run {
namespace {

[[noreturn]] void throw_write_error(const std::filesystem::path& path) {
  throw Error(Diagnostic{.code = "file-write",
                         .message = fmt::format("cannot write '{}': {}", path.string(), std::strerror(errno)),
                         .fix = "check that the folder is writable and has space"});
}

/// The generation in the first cell, or -1 if there is none.
int first_cell(std::string_view row) {
  int value = -1;
  const auto [end, error] = std::from_chars(row.data(), row.data() + row.size(), value);
  return error == std::errc() && end != row.data() + row.size() && *end == ',' ? value : -1;
}

}  // namespace

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
  std::string cell = "\"";
  for (const char c : text) cell += c == '"' ? std::string("\"\"") : std::string(1, c);
  return cell + "\"";
}

std::string csv_number(double value) { return numeric::format_17g(value); }

CsvFile::CsvFile(std::filesystem::path path, const std::string& header) : path_(std::move(path)) {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw_write_error(path_);
  if (::lseek(descriptor_, 0, SEEK_END) == 0) append(header + "\n");
}

CsvFile::CsvFile(CsvFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

CsvFile::~CsvFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void CsvFile::append(std::string_view rows) {
  while (!rows.empty()) {
    const ssize_t written = ::write(descriptor_, rows.data(), rows.size());
    if (written < 0 && errno != EINTR) throw_write_error(path_);
    if (written > 0) rows.remove_prefix(static_cast<std::size_t>(written));
  }
}

void CsvFile::sync() {
  if (::fsync(descriptor_) != 0 && errno != EINVAL) throw_write_error(path_);  // EINVAL: a pipe or the like
}

std::vector<std::string> read_csv_rows(const std::filesystem::path& path) {
  std::vector<std::string> rows;
  std::ifstream stream(path, std::ios::binary);
  std::string line;
  for (bool is_header = true; std::getline(stream, line) && !stream.eof(); is_header = false) {
    if (!is_header) rows.push_back(line);
  }
  return rows;
}

std::vector<std::string> cut_back_csv(const std::filesystem::path& path, int generation, bool keep_text) {
  std::vector<std::string> rows;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return rows;
  std::string line;
  std::uintmax_t size = 0;  // of what stays
  for (bool is_header = true; std::getline(stream, line); is_header = false) {
    if (stream.eof()) break;  // no line end: the row was cut short
    if (!is_header) {
      const int row_generation = first_cell(line);
      if (row_generation < 0 || row_generation > generation) break;
      rows.push_back(keep_text ? line : std::string());
    }
    size += line.size() + 1;
  }
  stream.close();
  std::filesystem::resize_file(path, size);
  return rows;
}

}  // namespace cellwright::run
