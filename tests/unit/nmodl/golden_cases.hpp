#pragma once
/// Text files of cases: "=== name", the input's lines, "---", the expected lines.

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace cellwright::nmodl::test {

inline const std::string data_folder = std::string(CELLWRIGHT_SOURCE_DIR) + "/tests/unit/nmodl/data/";

struct GoldenCase {
  std::string name, input, expected;
};

inline std::vector<GoldenCase> read_cases(const std::string& file) {
  std::ifstream stream(data_folder + file);
  if (!stream) throw std::runtime_error("cannot read " + file);
  std::vector<GoldenCase> cases;
  bool in_expected = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("=== ")) {
      cases.push_back({line.substr(4), "", ""});
      in_expected = false;
    } else if (line == "---") {
      in_expected = true;
    } else {
      (in_expected ? cases.back().expected : cases.back().input) += line + "\n";
    }
  }
  return cases;
}

}  // namespace cellwright::nmodl::test
