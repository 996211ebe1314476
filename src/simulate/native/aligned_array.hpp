#pragma once
/// A zero-initialised array at the alignment that the lane code relies on.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

#include "cellwright/abi/mechanism_abi.h"
#include "simulate/native/precision.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

template <class Number>
class AlignedArrayOf {
 public:
  AlignedArrayOf() = default;
  explicit AlignedArrayOf(std::size_t size)
      : size_(size),
        data_(static_cast<Number*>(::operator new[](std::max<std::size_t>(size, 1) * sizeof(Number), alignment))) {
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
  static constexpr std::align_val_t alignment{CELLWRIGHT_ALIGNMENT};
  struct Deleter {
    void operator()(Number* p) const { ::operator delete[](p, alignment); }
  };
  std::size_t size_ = 0;
  std::unique_ptr<Number[], Deleter> data_;
};

/// Rows of a pack's lanes.
using AlignedArray = AlignedArrayOf<Real>;
/// One number for each lane that is double in both precisions: times.
using TimeArray = AlignedArrayOf<double>;

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
