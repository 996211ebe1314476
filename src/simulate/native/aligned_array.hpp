#pragma once
/// A zero-initialised array at the alignment that the lane code relies on.

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

#include <sys/mman.h>

#include "cellwright/abi/mechanism_abi.h"
#include "simulate/native/precision.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

template <class Number>
class AlignedArrayOf {
 public:
  AlignedArrayOf() = default;
  explicit AlignedArrayOf(std::size_t size)
      : size_(size), data_(static_cast<Number*>(allocate(std::max<std::size_t>(size, 1) * sizeof(Number)))) {
    fill(0);
  }
  Number* data() { return data_.get(); }
  const Number* data() const { return data_.get(); }
  /// Row `r` of W lanes.
  Number* row(std::size_t r) { return data_.get() + r * pack_lanes; }
  const Number* row(std::size_t r) const { return data_.get() + r * pack_lanes; }
  std::size_t size() const { return size_; }
  void fill(Number value) { std::fill_n(data_.get(), size_, value); }
  /// Copies one lane of all rows of an array of the same size.
  void copy_lane(const AlignedArrayOf& from, std::size_t from_lane, std::size_t to_lane) {
    for (std::size_t r = 0; r < size_ / pack_lanes; ++r) row(r)[to_lane] = from.row(r)[from_lane];
  }

 private:
  /// Pages of 2 MiB for what would be many small ones: their translation costs a cell of 10,000 compartments a fifth of
  /// the time.
  static constexpr std::size_t huge_page = std::size_t{2} << 20;

  static void* allocate(std::size_t bytes) {
    const bool large = bytes >= huge_page / 4;
    const std::size_t page = large ? huge_page : CELLWRIGHT_ALIGNMENT, whole = round_up(bytes, page);
    void* const memory = std::aligned_alloc(page, whole);
    if (memory == nullptr) throw std::bad_alloc();
    if (large) ::madvise(memory, whole, MADV_HUGEPAGE);  // a hint: without it all works as well
    return memory;
  }
  static std::size_t round_up(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }
  struct Deleter {
    void operator()(Number* p) const { std::free(p); }
  };
  std::size_t size_ = 0;
  std::unique_ptr<Number[], Deleter> data_;
};

/// Rows of a pack's lanes.
using AlignedArray = AlignedArrayOf<Real>;
/// One number for each lane that is double in both precisions: times.
using TimeArray = AlignedArrayOf<double>;

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
