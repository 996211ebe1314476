#include "optimise/score_check.hpp"

#include "cellwright/base/error.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace cellwright::optimise {

void refuse_unasked_scores() {
  throw ConfigError(Diagnostic{.code = "optimiser-order",
                               .message = "scores were told before any individuals were asked for",
                               .fix = "call ask() before each tell()"});
}

void check_score_shape(const ObjectiveTable& scores, std::size_t individuals, std::size_t objectives) {
  const Table<double>& values = scores.values;
  const bool fits = values.rows() == individuals && (individuals == 0 || values.columns() == objectives) &&
                    scores.failed.size() == individuals && scores.reasons.size() == individuals;
  if (fits) return;
  throw ConfigError(Diagnostic{
      .code = "evaluator-shape",
      .message = fmt::format(
          "the evaluator gave {} x {} scores ({} failure flags, {} reasons) for {} individuals and {} "
          "objectives",
          values.rows(), values.columns(), scores.failed.size(), scores.reasons.size(), individuals, objectives)});
}

std::int64_t count_failed(const ObjectiveTable& scores) {
  return std::count_if(scores.failed.begin(), scores.failed.end(), [](std::uint8_t flag) { return flag != 0; });
}

}  // namespace cellwright::optimise
