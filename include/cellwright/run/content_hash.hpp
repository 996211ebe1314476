#pragma once
/// The identity of a problem: a hash of contents.

#include <memory>
#include <string>
#include <string_view>

namespace cellwright::run {

/// XXH3-128 over a sequence of texts; where one text ends and the next begins counts.
class ContentHash {
 public:
  ContentHash();
  ~ContentHash();
  ContentHash(ContentHash&&) noexcept;
  ContentHash& operator=(ContentHash&&) noexcept;

  void add(std::string_view content);
  /// 32 hexadecimal digits.
  std::string hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The hash of one text: 32 hexadecimal digits.
std::string hash_text(std::string_view content);

}  // namespace cellwright::run
