#include "unit/numeric/lane_rows_kernels.hpp"

#include "cellwright/numeric/lane_rows.hpp"

namespace cellwright::numeric {

#ifdef CELLWRIGHT_HAS_ROWS
namespace {

using lane_rows::Row;
using lane_rows::Rows;

template <class Function>
void each(float* result, const float* x, std::size_t count, const Function& function) {
  constexpr lane_rows::EveryLane lane;
  const Rows<float> to = result;
  const Rows<const float> from = x;
  for (long at = 0; at < static_cast<long>(count); at += lane_rows::lanes) to[at + lane] = function(from[at + lane]);
}

void exp_rows(float* result, const float* x, std::size_t count) {
  each(result, x, count, [](Row row) { return exp(row); });
}
void exp2_rows(float* result, const float* x, std::size_t count) {
  each(result, x, count, [](Row row) { return exp2(row); });
}
void one_minus_exp_rows(float* result, const float* x, std::size_t count) {
  each(result, x, count, [](Row row) { return one_minus_exp(row); });
}
void selected_rows(float* result, const float* x, std::size_t count) {
  each(result, x, count, [](Row row) {
    const auto where = (((row > Row(0.0)) & (row <= Row(1.0))) | (row == Row(5.0))) & !(fabs(row) >= Row(1.0));
    return select(where, row, -(row * Row(2.0)) / Row(3.0));
  });
}
void moved_rows(float* result, const float* x, const double* times, std::size_t count) {
  constexpr lane_rows::EveryLane lane;
  const Rows<float> to = result;
  const Rows<const float> from = x;
  const Rows<const double> time = times;
  for (long at = 0; at < static_cast<long>(count); at += lane_rows::lanes) {
    to[at + lane] += from[at + lane];
    to[at + lane] -= time[lane];
  }
}

}  // namespace

const RowKernels* row_kernels() {
  static const RowKernels kernels{exp_rows, exp2_rows, one_minus_exp_rows, selected_rows, moved_rows};
  return &kernels;
}
#else
const RowKernels* row_kernels() { return nullptr; }
#endif

}  // namespace cellwright::numeric
