#include "evaluate/rank_message.hpp"

#include <cstring>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"

namespace cellwright::evaluate {
namespace {

/// Numbers as they stand in memory: all ranks run the same program.
class Packer {
 public:
  explicit Packer(RankMessageKind kind) : bytes_(1, static_cast<char>(kind)) {}

  template <class Number>
  requires std::is_arithmetic_v<Number> Packer& add(Number number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof(number));
    return *this;
  }
  Packer& add(std::string_view text) {
    add(static_cast<std::uint64_t>(text.size()));
    bytes_.append(text);
    return *this;
  }
  Packer& add(const Table<double>& table) {
    add(static_cast<std::uint64_t>(table.rows())).add(static_cast<std::uint64_t>(table.columns()));
    bytes_.append(reinterpret_cast<const char*>(table.values().data()), table.values().size() * sizeof(double));
    return *this;
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

DistributionError broken() {
  return DistributionError(Diagnostic{.code = "rank-message", .message = "a message from another rank is broken"});
}

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes.substr(1)) {}

  template <class Number>
  Number number() {
    Number value{};
    std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
    return value;
  }
  std::string text() { return std::string(take(number<std::uint64_t>())); }
  Table<double> table() {
    const auto rows = number<std::uint64_t>(), columns = number<std::uint64_t>();
    if (columns != 0 && rows > rest_.size() / columns / sizeof(double)) throw broken();
    Table<double> table(rows, columns);
    const std::string_view bytes = take(rows * columns * sizeof(double));
    if (!bytes.empty()) std::memcpy(table.values().data(), bytes.data(), bytes.size());
    return table;
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) throw broken();
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

  std::string_view rest_;
};

Diagnostic diagnostic_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error.diagnostics().front();
  } catch (const std::exception& error) {
    return {.code = "internal", .message = error.what()};
  }
}

}  // namespace

RankMessageKind kind_of(std::string_view bytes) {
  if (bytes.empty() || std::string_view("CRFAE").find(bytes.front()) == std::string_view::npos) throw broken();
  return static_cast<RankMessageKind>(bytes.front());
}

std::string pack_chunk(const Chunk& chunk) {
  return Packer(RankMessageKind::chunk).add(chunk.number).add(chunk.parameters).take();
}

Chunk unpack_chunk(std::string_view bytes) {
  Unpacker unpacker(bytes);
  const auto number = unpacker.number<std::int64_t>();
  return {.number = number, .parameters = unpacker.table()};
}

std::string pack_result(const FinishedChunk& result) {
  if (result.failure) {
    const Diagnostic diagnostic = diagnostic_of(result.failure);
    return Packer(RankMessageKind::failure)
        .add(result.number)
        .add(std::string_view(diagnostic.code))
        .add(std::string_view(diagnostic.message))
        .add(std::string_view(diagnostic.fix))
        .take();
  }
  Packer packer(RankMessageKind::result);
  packer.add(result.number).add(result.seconds).add(result.scores.values);
  for (std::size_t row = 0; row < result.scores.failed.size(); ++row) {
    packer.add(result.scores.failed[row]);
    if (result.scores.failed[row] != 0) packer.add(std::string_view(result.scores.reasons[row]));
  }
  return packer.take();
}

FinishedChunk unpack_result(std::string_view bytes, std::size_t place, const std::string& place_name) {
  Unpacker unpacker(bytes);
  FinishedChunk result{.number = unpacker.number<std::int64_t>(), .place = place};
  if (kind_of(bytes) == RankMessageKind::failure) {
    Diagnostic diagnostic{.code = unpacker.text()};
    diagnostic.message = fmt::format("{}: {}", place_name, unpacker.text());
    diagnostic.fix = unpacker.text();
    result.failure = std::make_exception_ptr(DistributionError(diagnostic));
    return result;
  }
  result.seconds = unpacker.number<double>();
  Table<double> values = unpacker.table();
  result.scores = optimise::ObjectiveTable(values.rows(), 0);
  result.scores.values = std::move(values);
  for (std::size_t row = 0; row < result.scores.values.rows(); ++row) {
    result.scores.failed[row] = unpacker.number<std::uint8_t>();
    if (result.scores.failed[row] != 0) result.scores.reasons[row] = unpacker.text();
  }
  return result;
}

std::string pack_alive() { return Packer(RankMessageKind::alive).take(); }

std::string pack_end(int status) { return Packer(RankMessageKind::end).add(status).take(); }

int unpack_end(std::string_view bytes) { return Unpacker(bytes).number<int>(); }

}  // namespace cellwright::evaluate
