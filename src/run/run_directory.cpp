#include "cellwright/run/run_directory.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "cellwright/text/json_writer.hpp"
#include "csv_file.hpp"

namespace cellwright::run {
namespace {

namespace fs = std::filesystem;
using text::JsonStyle;
using text::JsonWriter;

constexpr std::array all_files = {files::run,         files::checkpoint, files::previous, files::logbook,
                                  files::timings,     files::population, files::history,  files::hall_of_fame,
                                  files::best_params, files::report,     files::journal};

int lock_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    throw ConfigError(Diagnostic{
        .code = "run-directory",
        .message = fmt::format("cannot use '{}' as run directory: {}", folder.string(), std::strerror(errno)),
        .fix = "give another folder with --out"});
  }
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(descriptor);
    throw ConfigError(Diagnostic{.code = "run-directory-locked",
                                 .message = fmt::format("another process is running in '{}'", folder.string()),
                                 .fix = "wait for it, or give another folder with --out"});
  }
  return descriptor;  // file systems without locks: go on without
}

std::string missing_rows(const char* file, std::int64_t found, std::int64_t expected) {
  return fmt::format("{} holds {} of the {} rows up to the checkpoint", file, found, expected);
}

CheckpointError files_error(const fs::path& path, const std::string& message) {
  return CheckpointError(Diagnostic{.code = "checkpoint-files",
                                    .message = message,
                                    .span = {.file = path.string()},
                                    .fix = "put the file back, or start anew in another folder with --out"});
}

/// A row of logbook.csv.
class RowReader {
 public:
  RowReader(const std::string& row, const fs::path& path) : rest_(row), path_(path) {}

  template <class Number>
  Number next() {
    const std::size_t comma = std::min(rest_.find(','), rest_.size());
    Number number{};
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + comma, number);
    if (error != std::errc() || end != rest_.data() + comma || comma == 0) {
      throw files_error(path_, fmt::format("'{}' is not a number", rest_.substr(0, comma)));
    }
    rest_.remove_prefix(std::min(comma + 1, rest_.size()));
    return number;
  }

 private:
  std::string_view rest_;
  const fs::path& path_;
};

optimise::LogbookRow read_logbook_row(const std::string& text, const fs::path& path) {
  RowReader row(text, path);
  optimise::LogbookRow result;
  result.gen = row.next<int>();
  result.nevals = row.next<std::int64_t>();
  result.avg = row.next<double>();
  result.std = row.next<double>();
  result.min = row.next<double>();
  result.max = row.next<double>();
  result.failed = row.next<std::int64_t>();
  return result;
}

void write_named(JsonWriter& json, std::string_view key, const std::vector<std::string>& names,
                 const std::vector<double>& values) {
  json.key(key).begin_object();
  for (std::size_t i = 0; i < names.size(); ++i) json.member(names[i], values[i]);
  json.end_object();
}

}  // namespace

RunDirectory::RunDirectory(fs::path folder) : folder_(std::move(folder)) {
  std::error_code code;
  fs::create_directories(folder_, code);  // a failure shows when the folder is opened
  lock_ = lock_folder(folder_);
}

RunDirectory::~RunDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

bool RunDirectory::holds_run() const {
  std::error_code code;
  return std::ranges::any_of(all_files, [&](const char* file) { return fs::exists(path(file), code); });
}

void RunDirectory::clear(bool with_journal) const {
  std::error_code code;
  for (const char* file : all_files) {
    if (with_journal || std::string_view(file) != files::journal) fs::remove(path(file), code);
  }
  remove_temporary_files();
}

void RunDirectory::remove_temporary_files() const {
  std::vector<fs::path> leftovers;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder_, code)) {
    const std::string name = entry.path().filename().string();
    const bool ours = std::ranges::any_of(
        all_files, [&](const char* file) { return name.starts_with(fmt::format("{}.tmp.", file)); });
    if (ours) leftovers.push_back(entry.path());
  }
  for (const fs::path& leftover : leftovers) fs::remove(leftover, code);
}

std::optional<Checkpoint> RunDirectory::load_checkpoint(std::vector<Diagnostic>& warnings) const {
  std::error_code code;
  const bool has_current = fs::exists(path(files::checkpoint), code),
             has_previous = fs::exists(path(files::previous), code);
  if (!has_current && !has_previous) return std::nullopt;
  try {
    return parse_checkpoint(read_file(path(files::checkpoint)), path(files::checkpoint).string());
  } catch (const Error& error) {
    if (!has_previous) throw CheckpointError(error.diagnostics());
    Diagnostic warning = error.diagnostics().front();
    warning.severity = Severity::warning;
    warning.fix = "going on from checkpoint.previous";
    warnings.push_back(std::move(warning));
  }
  const std::string text = read_file(path(files::previous));
  Checkpoint checkpoint = parse_checkpoint(text, path(files::previous).string());
  write_file_atomically(path(files::checkpoint), text);  // a bad checkpoint must not become the previous one
  return checkpoint;
}

void RunDirectory::save_checkpoint(const Checkpoint& checkpoint, Durability durability) {
  const fs::path current = path(files::checkpoint), previous = path(files::previous);
  const fs::path link = previous.string() + fmt::format(".tmp.{}", ::getpid());
  std::error_code code;
  if (checkpoint_is_durable_ && fs::exists(current, code)) {
    // A link, not a rename: at no moment is there no file called checkpoint.
    fs::remove(link, code);
    if (::link(current.c_str(), link.c_str()) == 0) {
      fs::rename(link, previous);
    } else {
      replace_file(previous, read_file(current), durability);  // file systems without links
    }
  }
  replace_file(current, format_checkpoint(checkpoint), durability);
  checkpoint_is_durable_ = durability == Durability::machine;
}

optimise::Logbook read_logbook(const fs::path& path) {
  optimise::Logbook logbook;
  for (const std::string& row : read_csv_rows(path)) logbook.append(read_logbook_row(row, path));
  return logbook;
}

void replace_file(const fs::path& path, std::string_view content, Durability durability) {
  if (durability == Durability::machine) return write_file_atomically(path, content);
  const fs::path temporary = path.string() + fmt::format(".tmp.{}", ::getpid());
  std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  if (!stream) {
    throw Error(Diagnostic{.code = "file-write",
                           .message = fmt::format("cannot write '{}'", path.string()),
                           .fix = "check that the folder is writable and has space"});
  }
  fs::rename(temporary, path);
}

optimise::Logbook RunDirectory::cut_back(const Checkpoint& checkpoint) const {
  const optimise::OptimiserState& state = checkpoint.state;
  const auto count = [](const std::vector<std::string>& rows) { return static_cast<std::int64_t>(rows.size()); };
  const auto require_rows = [&](const char* file, std::int64_t found, std::int64_t expected) {
    if (found != expected) throw files_error(path(file), missing_rows(file, found, expected));
  };
  optimise::Logbook logbook;
  const std::vector<std::string> rows = cut_back_csv(path(files::logbook), state.generation, true);
  require_rows(files::logbook, count(rows), state.generation);
  for (const std::string& row : rows) logbook.append(read_logbook_row(row, path(files::logbook)));
  require_rows(files::history, count(cut_back_csv(path(files::history), state.generation, false)), state.evaluations);
  if (checkpoint.identity.save_population) {
    require_rows(files::population, count(cut_back_csv(path(files::population), state.generation, false)),
                 state.evaluations);
  }
  cut_back_csv(path(files::timings), state.generation, false);
  return logbook;
}

std::string format_hall_of_fame(const optimise::HallOfFame& hall_of_fame, const std::vector<std::string>& parameters,
                                const std::vector<std::string>& objectives) {
  JsonWriter json;
  json.begin_array();
  for (const optimise::Individual& individual : hall_of_fame) {
    json.begin_object();
    write_named(json, "params", parameters, individual.values);
    write_named(json, "objectives", objectives, individual.fitness.values());
    json.member("sum", individual.fitness.sum()).member("generation", individual.generation);
    json.end_object();
  }
  json.end_array();
  return json.take() + "\n";
}

std::string format_best_params(const optimise::HallOfFame& hall_of_fame, const std::vector<std::string>& parameters) {
  JsonWriter json;
  json.begin_object();
  if (!hall_of_fame.empty()) {
    for (std::size_t i = 0; i < parameters.size(); ++i) json.member(parameters[i], hall_of_fame[0].values[i]);
  }
  json.end_object();
  return json.take() + "\n";
}

}  // namespace cellwright::run
