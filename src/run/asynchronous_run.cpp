#include "asynchronous_run.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "cellwright/run/content_hash.hpp"

namespace cellwright::run {
namespace {

using optimise::AsynchronousResult;
using optimise::AsynchronousTask;

ConfigError schedule_error(const std::filesystem::path& file, int line, const std::string& message) {
  return ConfigError(Diagnostic{.code = "run-schedule",
                                .message = message,
                                .span = {.file = file.string(), .line = line},
                                .fix = "give the history.csv of an asynchronous run"});
}

}  // namespace

void ReplayedSlots::start(const AsynchronousTask& task) {
  asked_(task);
  const JournalEntry* entry = journal_.find(task.id, task.values);
  if (entry == nullptr) return inner_.start(task);
  const auto place = static_cast<std::size_t>(entry - journal_.entries().data());
  known_.emplace(place, AsynchronousResult{
                            .id = task.id, .scores = entry->scores, .failed = entry->failed, .reason = entry->reason});
}

AsynchronousResult ReplayedSlots::wait() {
  if (known_.empty()) return inner_.wait();
  return std::move(known_.extract(known_.begin()).mapped());
}

void AsynchronousWriter::told(const AsynchronousResult& result) {
  const AsynchronousTask task = std::move(tasks_.extract(result.id).mapped());
  const std::int64_t evaluations = algorithm_.evaluations();
  optimise::EvaluatedBatch batch{.generation = static_cast<int>((evaluations - 1) / per_generation_) + 1,
                                 .first_id = task.id,
                                 .parameters = Table<double>(1, task.values.size()),
                                 .objectives = optimise::ObjectiveTable(1, result.scores.size()),
                                 .parents = {task.parents}};
  std::ranges::copy(task.values, batch.parameters.row(0).begin());
  std::ranges::copy(result.scores, batch.objectives.values.row(0).begin());
  writer_.individuals_evaluated(batch);
  if (evaluations % per_generation_ != 0) return;
  const optimise::OptimiserState& state = algorithm_.state();
  writer_.generation_finished(state, state.logbook.rows().back(), generation_finished_(state));
  last_generation_ = state;
}

std::vector<std::int64_t> remaining_schedule(const std::string& name, const std::vector<std::int64_t>& given,
                                             std::int64_t first, std::int64_t total) {
  std::vector<std::int64_t> ids;
  if (name == arrival_schedule) return ids;
  if (name == in_order_schedule) {
    for (std::int64_t id = first + 1; id <= total; ++id) ids.push_back(id);
    return ids;
  }
  const auto skipped = std::min(first, static_cast<std::int64_t>(given.size()));
  ids.assign(given.begin() + static_cast<std::ptrdiff_t>(skipped), given.end());
  if (static_cast<std::int64_t>(ids.size()) > total - first) ids.resize(static_cast<std::size_t>(total - first));
  return ids;
}

std::vector<std::int64_t> load_schedule(const std::filesystem::path& file) {
  std::istringstream rows(read_file(file));
  std::string row;
  std::getline(rows, row);
  if (!row.starts_with("generation,id,")) throw schedule_error(file, 1, "it does not begin with 'generation,id,'");
  std::vector<std::int64_t> ids;
  for (int line = 2; std::getline(rows, row); ++line) {
    const std::size_t begin = row.find(',') + 1;
    const std::size_t end = std::min(row.find(',', begin), row.size());
    std::int64_t id = 0;
    const auto [stop, error] = std::from_chars(row.data() + begin, row.data() + end, id);
    if (begin == 0 || error != std::errc() || stop != row.data() + end)
      throw schedule_error(file, line, "the second cell is not the number of an individual");
    ids.push_back(id);
  }
  return ids;
}

std::string schedule_name(const std::vector<std::int64_t>& ids) {
  return hash_text({reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(ids[0])});
}

}  // namespace cellwright::run
