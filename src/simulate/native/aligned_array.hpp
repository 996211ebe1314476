#pragma once
/// A zero-initialised array of doubles at the alignment that the lane code relies on.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

#include "cellwright/abi/mechanism_abi.h"

namespace cellwright::simulate::native {

class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(std::size_t size)
      : size_(size),
        data_(static_cast<double*>(::operator new[](std::max<std::size_t>(size, 1) * sizeof(double), alignment))) {
    fill(0.0);
  }
  double* data() { return data_.get(); }
  const double* data() const { return data_.get(); }
  /// Row `r` of W lanes.
  double* row(std::size_t r) { return data_.get() + r * CELLWRIGHT_LANES; }
  const double* row(std::size_t r) const { return data_.get() + r * CELLWRIGHT_LANES; }
  std::size_t size() const { return size_; }
  void fill(double value) { std::fill_n(data_.get(), size_, value); }
  /// Copies one lane of all rows of an array of the same size.
  void copy_lane(const AlignedArray& from, std::size_t from_lane, std::size_t to_lane) {
    for (std::size_t r = 0; r < size_ / CELLWRIGHT_LANES; ++r) row(r)[to_lane] = from.row(r)[from_lane];
  }

 private:
  static constexpr std::align_val_t alignment{CELLWRIGHT_ALIGNMENT};
  struct Deleter {
    void operator()(double* p) const { ::operator delete[](p, alignment); }
  };
  std::size_t size_ = 0;
  std::unique_ptr<double[], Deleter> data_;
};

}  // namespace cellwright::simulate::native
