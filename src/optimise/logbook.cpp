#include "cellwright/optimise/logbook.hpp"
#include "cellwright/numeric/statistics.hpp"

#include "cellwright/base/error.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace cellwright::optimise {
namespace {

using Column = double (*)(const LogbookRow&);
constexpr std::array<std::pair<const char*, Column>, 7> columns{{
    {"gen", [](const LogbookRow& row) { return static_cast<double>(row.gen); }},
    {"nevals", [](const LogbookRow& row) { return static_cast<double>(row.nevals); }},
    {"avg", [](const LogbookRow& row) { return row.avg; }},
    {"std", [](const LogbookRow& row) { return row.std; }},
    {"min", [](const LogbookRow& row) { return row.min; }},
    {"max", [](const LogbookRow& row) { return row.max; }},
    {"failed", [](const LogbookRow& row) { return static_cast<double>(row.failed); }},
}};

}  // namespace

LogbookRow summarise(int gen, std::int64_t nevals, std::int64_t failed, std::span<const double> sums) {
  const auto [min, max] = std::minmax_element(sums.begin(), sums.end());
  return {.gen = gen,
          .nevals = nevals,
          .avg = numeric::mean(sums),
          .std = numeric::standard_deviation(sums),
          .min = *min,
          .max = *max,
          .failed = failed};
}

std::vector<double> Logbook::select(const std::string& column) const {
  const auto* const found =
      std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return column == c.first; });
  if (found == columns.end()) {
    throw ConfigError(Diagnostic{.code = "logbook-column",
                                 .message = fmt::format("the logbook has no column '{}'", column),
                                 .fix = "its columns are gen, nevals, avg, std, min, max, failed"});
  }
  std::vector<double> values;
  for (const LogbookRow& row : rows_) values.push_back(found->second(row));
  return values;
}

}  // namespace cellwright::optimise
