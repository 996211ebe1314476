/// Mutations of own mod files: every one ends in a description or in an NmodlError, never in another way.

#include <array>
#include <cstdint>
#include <string>

#include <gmock/gmock.h>

#include "cellwright/base/file.hpp"
#include "cellwright/nmodl/front_end.hpp"
#include "golden_cases.hpp"
#include "support/fuzz_rounds.hpp"

namespace cellwright::nmodl {
namespace {

/// SplitMix64: the same mutations everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t bound) {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return static_cast<std::size_t>((z ^ (z >> 31)) % bound);
  }

 private:
  std::uint64_t state_;
};

constexpr auto snippets = std::to_array<std::string_view>({"{",        "}",           "(",
                                                           ")",        "[",           "]",
                                                           "=",        "'",           "\"",
                                                           ",",        "<",           ">",
                                                           "^",        "~",           "-",
                                                           "::",       "COMMENT",     "ENDCOMMENT",
                                                           "VERBATIM", "LOCAL x",     "IF (",
                                                           "ELSE",     "SOLVE",       "METHOD cnexp",
                                                           "TABLE",    "FROM",        "1e308",
                                                           "1e999",    "0",           "v",
                                                           "DEFINE",   "KINETIC k {", "INCLUDE \"units.inc\"",
                                                           "WHILE",    "\n",          "<->",
                                                           "<<",       "->",          "UNITS { (x) = (",
                                                           "STATE {",  "m' =",        "\xff"});

std::string mutated(std::string text, Random& random) {
  const std::size_t changes = 1 + random.below(2);
  for (std::size_t i = 0; i < changes && !text.empty(); ++i) {
    const std::size_t at = random.below(text.size());
    const std::size_t length = std::min(random.below(20) + 1, text.size() - at);
    switch (random.below(5)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, snippets[random.below(snippets.size())]);
        break;
      case 2:
        text.insert(random.below(text.size()), text.substr(at, length));
        break;
      case 3:
        text[at] = static_cast<char>(random.below(256));
        break;
      default:
        text.resize(at);
        break;
    }
  }
  return text;
}

/// What became of a text: 'd' description, 'e' errors; anything else escapes.
char outcome(const std::string& text) {
  try {
    const Module module = parse_nmodl(text, test::data_folder + "mutant.mod");
    const std::string printed = print_nmodl(module);
    if (print_nmodl(parse_nmodl(printed, "printed")) != printed) return 'p';
    const MechanismDescription mechanism = compile_front_end(text, test::data_folder + "mutant.mod");
    return describe_json(mechanism).empty() ? '?' : 'd';
  } catch (const NmodlError& error) {
    return error.diagnostics().empty() ? '?' : 'e';
  }
}

TEST(NmodlFuzz, MutatedFilesEndInADescriptionOrInMessages) {
  Random random(20240229);
  std::size_t descriptions = 0, errors = 0;
  for (const char* file : {"whole_language.mod", "potassium.mod", "calcium_pool.mod", "ramp_clamp.mod"}) {
    const std::string original = read_file(test::data_folder + file);
    for (int i = 0; i < cellwright::test::fuzz_rounds(1500); ++i) {
      const std::string text = mutated(original, random);
      const char result = outcome(text);
      ASSERT_TRUE(result == 'd' || result == 'e') << result << " for a mutant of " << file << ":\n" << text;
      ++(result == 'd' ? descriptions : errors);
    }
  }
  // Both must happen, or the mutations test nothing.
  EXPECT_GT(descriptions, 200U);
  EXPECT_GT(errors, 1000U);
}

}  // namespace
}  // namespace cellwright::nmodl
