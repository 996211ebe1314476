// Damaged files: whatever a mutation does, the readers return a sound cell or throw a MorphologyError with a message.

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "cellwright/morphology/reader.hpp"
#include "cellwright/morphology/transform.hpp"
#include "support/fuzz_rounds.hpp"
#include "support/sound_morphology.hpp"

namespace cellwright::morphology {
namespace {

using Reader = std::function<Morphology(std::string_view, const std::string&)>;

/// SplitMix64: small, and the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(next() % n); }

 private:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  std::uint64_t state_;
};

const std::vector<std::string> swc_seeds = {
    "1 1 0 0 0 5 -1\n2 3 10 0 0 1 1\n3 3 20 0 0 1 2\n4 3 30 5 0 1 3\n5 3 30 -5 0 1 3\n6 2 0 -9 0 1 1\n7 2 0 -90 0 1 "
    "6\n",
    "# soma of three points\n1 1 0 0 0 5 -1\n2 1 0 -5 0 5 1\n3 1 0 5 0 5 1\n4 4 10 0 0 1 1\n5 4 200 0 0 1 4\n6 5 9 9 9 "
    "1 4\n",
    "0 1 0 0 0 5 -1\n1 1 10 0 0 6 0\n2 1 20 0 0 5 1\n3 3 10 20 0 1 1\n4 3 10 40 0 1 3\n5 0 0 20 0 1 0\n6 3 0 40 0 1 "
    "-1\n",
};

const std::vector<std::string> asc_seeds = {
    "(\"CellBody\" (Color Red) (CellBody)\n(-5 0 0 0) (-4 -3 0 0) (0 -4 0 0) (5 1 0 0) (2 4 0 0)\n)\n"
    "( (Color RGB (1, 2, 3)) (Axon)\n(0 5 0 1) (0 40 0 1)\n<(Class 2 \"S\") (1 40 0 1)>\n(0 60 0 0.8)\n"
    "(\n(10 80 0 0.5) (Dot (Color Red) (1 2 3 4))\nNormal\n|\n(-10 80 0 0.5 S1)\nIncomplete\n)\n)\n",
    "; two contours\n(\"Soma\" (3 0 0 0) (0 4 0 0) (-3 0 0 0) (0 -4 0 0))\n(\"Soma\" (4 0 2 0) (0 5 2 0) (-4 0 2 0) (0 "
    "-5 2 0))\n"
    "(Set \"one\" ( (Dendrite) (1 1 1 1) (50 1 1 1) ))\n( (Color Red) (1 2 3 4) \"text\" )\n"
    "( (Apical) (0 9 0 2) (0 300 0 1) ( (1 310 0 1) ( (2 320 0 1) | (0 320 0 1) ) | (0 300 0 1) (0 301 0 1) ) )\n",
};

const std::array<std::string, 22> fragments = {" ",
                                               "\n",
                                               "(",
                                               ")",
                                               "|",
                                               "<",
                                               ">",
                                               "\"",
                                               ";",
                                               "#",
                                               ",",
                                               "-1",
                                               "0",
                                               "1e9",
                                               "-1e38",
                                               "nan",
                                               "1e-50",
                                               "99999999999",
                                               "(Dot (1 2 3 4))",
                                               "(Set \"s\" ",
                                               std::string(1, '\0'),
                                               "\xff\xfe"};

std::string mutate(std::string text, const std::vector<std::string>& seeds, Random& random) {
  for (std::size_t count = 1 + random.below(4); count > 0; --count) {
    const std::size_t at = random.below(text.size() + 1);
    const std::size_t length = random.below(1 + std::min<std::size_t>(text.size() - at, 40));
    switch (random.below(7)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, text.substr(random.below(text.size() + 1), length));
        break;
      case 2:
        text.insert(at, fragments[random.below(fragments.size())]);
        break;
      case 3:
        text.replace(at, length, fragments[random.below(fragments.size())]);
        break;
      case 4:
        if (at < text.size()) text[at] = static_cast<char>(random.below(256));
        break;
      case 5:
        text.resize(at);
        break;
      default: {
        const std::string& other = seeds[random.below(seeds.size())];
        text = text.substr(0, at) + other.substr(random.below(other.size()));
      }
    }
  }
  return text;
}

void expect_sound(const Morphology& cell) {
  const auto wrong = cellwright::test::unsound(cell);
  ASSERT_FALSE(wrong.has_value()) << *wrong;
}

void expect_message(const Error& error, const std::string& file) {
  for (const Diagnostic& diagnostic : error.diagnostics()) {
    ASSERT_FALSE(diagnostic.code.empty());
    ASSERT_FALSE(diagnostic.message.empty());
    ASSERT_FALSE(diagnostic.span.file.empty() && diagnostic.code.starts_with(file.substr(5)));
    for (const char c : diagnostic.format()) ASSERT_TRUE(c == '\n' || (c >= ' ' && c <= '~'));
  }
}

struct Tally {
  int accepted = 0;
  int refused = 0;
};

Tally try_mutations(const Reader& read, const std::vector<std::string>& seeds, const std::string& file, int rounds) {
  Random random(20260101);
  Tally tally;
  for (int round = 0; round < rounds && !::testing::Test::HasFatalFailure(); ++round) {
    const std::string text = mutate(seeds[random.below(seeds.size())], seeds, random);
    SCOPED_TRACE("round " + std::to_string(round) + ":\n" + text);
    try {
      const Morphology cell = set_nseg(read(text, file));
      expect_sound(cell);
      if (cell.find_section("soma[0]") >= 0) expect_sound(replace_axon(cell));
      ++tally.accepted;
    } catch (const MorphologyError& error) {
      expect_message(error, file);
      ++tally.refused;
    }
  }
  return tally;
}

const int rounds = test::fuzz_rounds(5000);

TEST(Mutations, OfSwcFiles) {
  const Tally tally = try_mutations(read_swc, swc_seeds, "cell.swc", rounds);
  EXPECT_GT(tally.accepted, rounds / 50) << "mutations should leave some files readable";
  EXPECT_GT(tally.refused, rounds / 50);
}

TEST(Mutations, OfAscFiles) {
  const Tally tally = try_mutations(read_asc, asc_seeds, "cell.asc", rounds);
  EXPECT_GT(tally.accepted, rounds / 50);
  EXPECT_GT(tally.refused, rounds / 50);
}

}  // namespace
}  // namespace cellwright::morphology
