#pragma once
/// Statements that are carried out in all sections of a list.

#include <optional>
#include <string>

namespace cellwright::hoc {

/// Collects statements in order; neighbours for the same list share one `forsec`.
class SectionStatements {
 public:
  /// @param list   a section list of the template.
  /// @param index  only for section number `index` of the list.
  void add(const std::string& list, std::optional<int> index, const std::string& statement);
  /// A statement outside the lists.
  void add_alone(const std::string& statement);
  std::string text();

 private:
  void close();

  std::string text_, list_;
  std::optional<int> index_;
  bool open_ = false;
};

}  // namespace cellwright::hoc
