#include "cli/progress.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace cellwright::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto bar_interval = std::chrono::milliseconds(100);
constexpr auto line_interval = std::chrono::seconds(10);

double rate(const run::RunProgress& progress) {
  return progress.session_seconds > 0 ? static_cast<double>(progress.session_evaluations) / progress.session_seconds
                                      : 0;
}

/// Seconds for the generations to come, at the speed of this session.
double seconds_left(const run::RunProgress& progress) {
  if (progress.evaluations == 0 || rate(progress) <= 0) return 0;
  const double per_generation = static_cast<double>(progress.evaluations) / progress.generation;
  return (progress.generations - progress.generation) * per_generation / rate(progress);
}

std::string rate_text(const run::RunProgress& progress) {
  const double value = rate(progress);
  return value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

std::string bar(int done, int total, int width) {
  const int filled = total > 0 ? static_cast<int>(static_cast<std::int64_t>(width) * done / total) : width;
  return fmt::format("[{}{}]", std::string(static_cast<std::size_t>(filled), '#'),
                     std::string(static_cast<std::size_t>(width - filled), '.'));
}

std::string ranks_text(const evaluate::CrewStatistics& crew) {
  if (crew.places <= 1) return {};
  return fmt::format(", {} ranks {:.0f}% idle, slowest individual {:.3g} s", crew.places, 100 * crew.idle_share,
                     crew.slowest_seconds);
}

}  // namespace

std::string format_duration(double seconds) {
  const auto total = static_cast<long long>(std::ceil(std::clamp(seconds, 0.0, 1e9)));
  const long long hours = total / 3600, minutes = total / 60 % 60;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, minutes, total % 60);
  return fmt::format("{}:{:02}", minutes, total % 60);
}

void ProgressDisplay::begin(int generation, int generations) {
  if (console_.quiet() || !console_.stderr_is_terminal() || generation >= generations) return;
  draw(fmt::format("{} generation {}/{}  evaluating", bar(generation, generations, 20), generation, generations));
}

void ProgressDisplay::show(const run::RunProgress& progress, const evaluate::CrewStatistics& crew) {
  if (console_.quiet()) return;
  const std::string ranks = ranks_text(crew);
  console_.stderr_is_terminal() ? show_bar(progress, ranks) : show_line(progress, ranks);
}

void ProgressDisplay::show_bar(const run::RunProgress& progress, const std::string& ranks) {
  const Clock::time_point now = Clock::now();
  const bool last = progress.generation == progress.generations;
  if (bar_is_open_ && !last && now - last_shown_ < bar_interval) return;
  last_shown_ = now;
  draw(fmt::format("{} generation {}/{}  best {:.4g}  {} eval/s  {} left{}",
                   bar(progress.generation, progress.generations, 20), progress.generation, progress.generations,
                   progress.best_sum, rate_text(progress), format_duration(seconds_left(progress)), ranks));
}

void ProgressDisplay::draw(std::string text) {
  text.resize(std::min(text.size(), static_cast<std::size_t>(std::max(console_.terminal_columns() - 1, 1))));
  console_.raw(fmt::format("\r{}\x1b[K", text));
  bar_is_open_ = true;
}

void ProgressDisplay::show_line(const run::RunProgress& progress, const std::string& ranks) {
  const Clock::time_point now = Clock::now();
  const int every = std::max(1, progress.generations / 20);
  const bool due = progress.generation % every == 0 || progress.generation == progress.generations;
  if (!due && now - last_shown_ < line_interval) return;
  last_shown_ = now;
  console_.note(fmt::format("generation {}/{}: best {:.4g}, {} evaluations/s, {} left{}", progress.generation,
                            progress.generations, progress.best_sum, rate_text(progress),
                            format_duration(seconds_left(progress)), ranks));
}

void ProgressDisplay::close() {
  if (bar_is_open_) console_.raw("\n");
  bar_is_open_ = false;
}

}  // namespace cellwright::cli
