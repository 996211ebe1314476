#include "cellwright/run/journal.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/base/file.hpp"
#include "cellwright/run/content_hash.hpp"
#include "cellwright/text/json_writer.hpp"
#include "cellwright/text/located_json.hpp"

namespace cellwright::run {
namespace {

using text::JsonStyle;
using text::JsonValue;
using text::JsonWriter;

constexpr std::size_t checksum_size = 32;

[[noreturn]] void throw_write_error(const std::filesystem::path& path) {
  throw Error(Diagnostic{.code = "file-write",
                         .message = fmt::format("cannot write '{}': {}", path.string(), std::strerror(errno)),
                         .fix = "check that the folder is writable and has space"});
}

/// A line: checksum, blank, one JSON object.
std::string line_of(const std::string& json) { return fmt::format("{} {}\n", hash_text(json), json); }

std::string header_json(const std::string& run_hash) {
  JsonWriter json(JsonStyle::one_line);
  json.begin_object().member("format", std::string_view("cellwright-journal")).member("version", 1);
  json.member("run", std::string_view(run_hash)).end_object();
  return json.take();
}

/// @throws ConfigError if the object is no entry.
JournalEntry parse_entry(const std::string& json) {
  const text::JsonDocument document = text::parse_json(json, "journal");
  const JsonValue& root = document.root();
  JournalEntry entry{.id = root.at("id").as_integer(), .values_hash = root.at("values").as_string(), .scores = {}};
  for (const JsonValue& score : root.at("objectives").as_array())
    entry.scores.push_back(score.is_null() ? std::numeric_limits<double>::quiet_NaN() : score.as_number());
  if (const JsonValue* error = root.find("error")) {
    entry.failed = true;
    entry.reason = error->as_string();
  }
  return entry;
}

/// The entry of a line without its end; nothing if the line is not as it was written.
std::optional<JournalEntry> read_line(std::string_view line) {
  if (line.size() <= checksum_size + 1 || line[checksum_size] != ' ') return std::nullopt;
  const std::string_view json = line.substr(checksum_size + 1);
  if (hash_text(json) != line.substr(0, checksum_size)) return std::nullopt;
  try {
    return parse_entry(std::string(json));
  } catch (const ConfigError&) {
    return std::nullopt;
  }
}

}  // namespace

std::string hash_values(std::span<const double> values) {
  return hash_text({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

Journal::Journal(std::filesystem::path path, const std::string& run_hash, double sync_seconds)
    : path_(std::move(path)), header_(line_of(header_json(run_hash))), sync_seconds_(sync_seconds) {
  read();
  open();
  if (lines_.empty()) begin_anew();
}

Journal::~Journal() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Journal::read() {
  std::error_code code;
  if (!std::filesystem::is_regular_file(path_, code)) return;
  const std::string content = read_file(path_);
  if (!content.starts_with(header_)) return;
  std::size_t begin = header_.size();
  for (std::size_t end = content.find('\n', begin); end != std::string::npos; end = content.find('\n', begin)) {
    const std::string_view line = std::string_view(content).substr(begin, end - begin);
    std::optional<JournalEntry> entry = read_line(line);
    begin = end + 1;
    if (!entry || !by_id_.emplace(entry->id, entries_.size()).second) continue;  // the others do not depend on it
    lines_[entry->id] = std::string(line) + "\n";
    entries_.push_back(std::move(*entry));
  }
  if (begin < content.size()) std::filesystem::resize_file(path_, begin);  // a line that was cut short
  file_size_ = begin;
}

void Journal::open() {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw_write_error(path_);
}

void Journal::begin_anew() {
  entries_.clear();
  by_id_.clear();
  pending_.clear();
  if (::ftruncate(descriptor_, 0) != 0) throw_write_error(path_);
  file_size_ = 0;
  write(header_);
}

void Journal::write(std::string_view text) {
  file_size_ += text.size();
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written < 0 && errno != EINTR) throw_write_error(path_);
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

const JournalEntry* Journal::find(std::int64_t id, std::span<const double> values) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  const JournalEntry& entry = entries_[found->second];
  return entry.values_hash == hash_values(values) ? &entry : nullptr;
}

void Journal::add(std::int64_t id, std::span<const double> values, std::span<const double> scores, bool failed,
                  const std::string& reason) {
  JsonWriter json(JsonStyle::one_line);
  json.begin_object().member("id", id).member("values", std::string_view(hash_values(values)));
  json.key("objectives").begin_array(JsonStyle::one_line);
  for (const double score : scores) json.value(score);
  json.end_array();
  if (failed) json.member("error", std::string_view(reason));
  json.end_object();
  const std::string line = line_of(json.take());
  pending_ += line;
  lines_[id] = line;
}

void Journal::flush() {
  if (pending_.empty()) return;
  write(pending_);
  pending_.clear();
  const auto now = std::chrono::steady_clock::now();
  if (std::chrono::duration<double>(now - last_sync_).count() < sync_seconds_) return;
  if (::fdatasync(descriptor_) != 0 && errno != EINVAL) throw_write_error(path_);  // EINVAL: a pipe or the like
  last_sync_ = now;
}

void Journal::forget(const std::function<bool(std::int64_t id)>& settled) {
  constexpr std::size_t tolerated_waste = 1 << 18;
  flush();
  std::erase_if(lines_, [&](const auto& line) { return settled(line.first); });
  if (lines_.empty()) {
    if (file_size_ > header_.size()) begin_anew();
    return;
  }
  std::string content = header_;
  for (const auto& [id, line] : lines_) content += line;
  if (file_size_ < 2 * content.size() + tolerated_waste) return;
  write_file_atomically(path_, content);
  ::close(descriptor_);
  open();
  file_size_ = content.size();
}

void Journal::close() {
  flush();
  ::close(descriptor_);
  descriptor_ = -1;
  std::error_code code;
  if (lines_.empty()) std::filesystem::remove(path_, code);
}

}  // namespace cellwright::run
