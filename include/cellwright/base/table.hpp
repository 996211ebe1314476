#pragma once
/// Row-major two-dimensional arrays: the shape in which populations, objectives and feature values travel.

#include <cstddef>
#include <span>
#include <vector>

namespace cellwright {

/// A non-owning row-major view, `rows` × `columns`, NumPy-compatible (C order, no gaps).
template <class T>
class TableView {
 public:
  TableView() = default;
  TableView(T* data, std::size_t rows, std::size_t columns) : data_(data), rows_(rows), columns_(columns) {}
  /// A view of mutable values is also a view of constant ones.
  operator TableView<const T>() const { return {data_, rows_, columns_}; }
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  T* data() const { return data_; }
  std::span<T> row(std::size_t r) const { return {data_ + r * columns_, columns_}; }
  T& operator()(std::size_t r, std::size_t c) const { return data_[r * columns_ + c]; }

 private:
  T* data_ = nullptr;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
};

/// An owning row-major table, `rows` × `columns`.
template <class T>
class Table {
 public:
  Table() = default;
  Table(std::size_t rows, std::size_t columns, T value = T{}) : rows_(rows), columns_(columns), data_(rows * columns, value) {}
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  std::span<T> row(std::size_t r) { return {data_.data() + r * columns_, columns_}; }
  std::span<const T> row(std::size_t r) const { return {data_.data() + r * columns_, columns_}; }
  T& operator()(std::size_t r, std::size_t c) { return data_[r * columns_ + c]; }
  const T& operator()(std::size_t r, std::size_t c) const { return data_[r * columns_ + c]; }
  std::vector<T>& values() { return data_; }
  const std::vector<T>& values() const { return data_; }
  TableView<const T> view() const { return {data_.data(), rows_, columns_}; }
  TableView<T> view() { return {data_.data(), rows_, columns_}; }
  bool operator==(const Table&) const = default;

 private:
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::vector<T> data_;
};

}  // namespace cellwright
