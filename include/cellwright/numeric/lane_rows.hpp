#pragma once
/// All lanes of a row of floats in one AVX-512 register.
///
/// What GCC makes of `#pragma omp simd` loops never uses two instructions that exponentials gain most from: the part of
/// a number behind the point (vreduceps), and the product with a power of two (vscalefps), which has exp's limits for
/// nothing. Generated code that is a plain sequence of assignments computes with Row instead of float, and what it was
/// a loop over lanes for is one visit of EveryLane.
///
/// Self-contained, as lane_math.hpp. Largest errors in units of the last place (tests/unit/numeric/lane_rows_test.cpp
/// measures them): exp2 3; exp 9 for |x| <= 10, growing with x as the rounding of x/ln 2 does; one_minus_exp 2.8 for
/// x <= 0. exp and exp2 pass through denormal numbers.

#if defined(__AVX512F__) && defined(__AVX512DQ__)
#define CELLWRIGHT_HAS_ROWS 1

#define CELLWRIGHT_ROW_INLINE inline __attribute__((always_inline))

// Every function is always inlined: translation units with different instruction sets never share a copy.
namespace cellwright::lane_rows {

constexpr int lanes = 16;

struct Mask {
  using Vector __attribute__((vector_size(4 * lanes))) = int;
  Vector set;
};
static CELLWRIGHT_ROW_INLINE Mask operator&(Mask a, Mask b) { return {a.set & b.set}; }
static CELLWRIGHT_ROW_INLINE Mask operator|(Mask a, Mask b) { return {a.set | b.set}; }
static CELLWRIGHT_ROW_INLINE Mask operator!(Mask a) { return {~a.set}; }

struct Row {
  using Vector __attribute__((vector_size(4 * lanes))) = float;
  Vector x;

  Row() = default;
  CELLWRIGHT_ROW_INLINE Row(Vector values) : x(values) {}
  /// The same number in every lane.
  CELLWRIGHT_ROW_INLINE Row(double number) : x(static_cast<float>(number) - Vector{}) {}
};
static CELLWRIGHT_ROW_INLINE Row operator+(Row a, Row b) { return a.x + b.x; }
static CELLWRIGHT_ROW_INLINE Row operator-(Row a, Row b) { return a.x - b.x; }
static CELLWRIGHT_ROW_INLINE Row operator*(Row a, Row b) { return a.x * b.x; }
static CELLWRIGHT_ROW_INLINE Row operator/(Row a, Row b) { return a.x / b.x; }
static CELLWRIGHT_ROW_INLINE Row operator-(Row a) { return -a.x; }
static CELLWRIGHT_ROW_INLINE Mask operator<(Row a, Row b) { return {a.x < b.x}; }
static CELLWRIGHT_ROW_INLINE Mask operator<=(Row a, Row b) { return {a.x <= b.x}; }
static CELLWRIGHT_ROW_INLINE Mask operator>(Row a, Row b) { return {a.x > b.x}; }
static CELLWRIGHT_ROW_INLINE Mask operator>=(Row a, Row b) { return {a.x >= b.x}; }
static CELLWRIGHT_ROW_INLINE Mask operator==(Row a, Row b) { return {a.x == b.x}; }
static CELLWRIGHT_ROW_INLINE Mask operator!=(Row a, Row b) { return {a.x != b.x}; }
static CELLWRIGHT_ROW_INLINE Row select(Mask where, Row a, Row b) { return Row::Vector(where.set ? a.x : b.x); }

/// Stands where a loop over lanes has its counter.
struct EveryLane {};
/// The row that begins at an offset.
struct RowAt {
  long begin;
};
static CELLWRIGHT_ROW_INLINE RowAt operator+(long begin, EveryLane) { return {begin}; }

/// A row in memory.
struct Place {
  float* begin;

  CELLWRIGHT_ROW_INLINE operator Row() const { return *reinterpret_cast<const Row::Vector*>(begin); }
  CELLWRIGHT_ROW_INLINE void operator=(Row row) const { *reinterpret_cast<Row::Vector*>(begin) = row.x; }
  CELLWRIGHT_ROW_INLINE void operator+=(Row row) const { *this = Row(*this) + row; }
  CELLWRIGHT_ROW_INLINE void operator-=(Row row) const { *this = Row(*this) - row; }
};

/// What a pointer to rows is to loops over lanes. At the alignment of a row.
template <class Number>
struct Rows;
template <>
struct Rows<float> {
  float* begin;

  CELLWRIGHT_ROW_INLINE Rows(float* rows) : begin(rows) {}
  CELLWRIGHT_ROW_INLINE Place operator[](RowAt at) const { return {begin + at.begin}; }
  CELLWRIGHT_ROW_INLINE Place operator[](EveryLane) const { return {begin}; }
  CELLWRIGHT_ROW_INLINE explicit operator bool() const { return begin != nullptr; }
};
template <>
struct Rows<const float> {
  const float* begin;

  CELLWRIGHT_ROW_INLINE Rows(const float* rows) : begin(rows) {}
  CELLWRIGHT_ROW_INLINE Row operator[](RowAt at) const {
    return *reinterpret_cast<const Row::Vector*>(begin + at.begin);
  }
  CELLWRIGHT_ROW_INLINE Row operator[](EveryLane lane) const { return (*this)[0L + lane]; }
};
/// One row of doubles: times. Read once, because nothing changes them.
template <>
struct Rows<const double> {
  Row row;

  CELLWRIGHT_ROW_INLINE Rows(const double* values) {
    using Doubles __attribute__((vector_size(8 * lanes), aligned(8))) = double;
    row.x = __builtin_convertvector(*reinterpret_cast<const Doubles*>(values), Row::Vector);
  }
  CELLWRIGHT_ROW_INLINE Row operator[](EveryLane) const { return row; }
};

static CELLWRIGHT_ROW_INLINE Row fabs(Row a) { return Row::Vector(Mask::Vector(a.x) & 0x7FFFFFFF); }

namespace detail {

/// x - floor(x) and x minus the nearest integer; 0 for infinity.
static CELLWRIGHT_ROW_INLINE Row::Vector behind_floor(Row::Vector x) {
  Row::Vector result;
  __asm__("vreduceps $1, %1, %0" : "=v"(result) : "v"(x));
  return result;
}
static CELLWRIGHT_ROW_INLINE Row::Vector behind_nearest(Row::Vector x) {
  Row::Vector result;
  __asm__("vreduceps $0, %1, %0" : "=v"(result) : "v"(x));
  return result;
}
/// y * 2^floor(k)
static CELLWRIGHT_ROW_INLINE Row::Vector scale(Row::Vector y, Row::Vector k) {
  Row::Vector result;
  __asm__("vscalefps %2, %1, %0" : "=v"(result) : "v"(y), "v"(k));
  return result;
}

/// The smaller one; x where it is NaN.
static CELLWRIGHT_ROW_INLINE Row::Vector at_most(Row::Vector limit, Row::Vector x) {
  Row::Vector result;
  __asm__("vminps %2, %1, %0" : "=v"(result) : "v"(limit), "v"(x));
  return result;
}

constexpr float log2e = 0x1.715476p+0F;

}  // namespace detail

/// 2^x. With f between 0 and 1, 2^f = 1 + f (...) with an error of 9.4e-8 (own minimax fit).
static CELLWRIGHT_ROW_INLINE Row exp2(Row a) {
  const Row::Vector f = detail::behind_floor(a.x), f2 = f * f;
  const Row::Vector p01 = 1.0F + f * 0x1.62e4bap-1F;
  const Row::Vector p23 = 0x1.ebdb56p-3F + f * 0x1.c91ce6p-5F;
  const Row::Vector p45 = 0x1.277856p-7F + f * 0x1.e974fap-10F;
  return detail::scale(p01 + f2 * (p23 + f2 * p45), a.x);
}
static CELLWRIGHT_ROW_INLINE Row exp(Row a) { return exp2(a.x * detail::log2e); }

/// 1 - exp(x) = (1 - 2^k) - 2^k (2^f - 1) with f between -1/2 and 1/2; 2^f - 1 with an error of 2^-25.5 of itself (own
/// minimax fit). Above 88 all are 1 - 2^127.
static CELLWRIGHT_ROW_INLINE Row one_minus_exp(Row a) {
  const Row::Vector x = detail::at_most(127.0F - Row::Vector{}, a.x * detail::log2e);
  const Row::Vector f = detail::behind_nearest(x), f2 = f * f;
  const Row::Vector power = detail::scale(1.0F - Row::Vector{}, x - f);
  const Row::Vector p01 = 0x1.62e43p-1F + f * 0x1.ebfbdep-3F;
  const Row::Vector p23 = 0x1.c6af6ep-5F + f * 0x1.3b2bap-7F;
  const Row::Vector p45 = 0x1.5f07b4p-10F + f * 0x1.4308fap-13F;
  const Row::Vector change = f * (p01 + f2 * (p23 + f2 * p45));
  return (1.0F - power) - power * change;
}

}  // namespace cellwright::lane_rows

#endif
