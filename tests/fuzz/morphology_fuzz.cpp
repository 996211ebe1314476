// Damaged SWC and ASC files: each ends in messages or in a sound cell, also after set_nseg and replace_axon.
//   morphology_fuzz --work DIR [--mutants N] [--seed N] FOLDER...
// Exit status 1: something went wrong, which is printed; the mutant stays in DIR.

#include <exception>
#include <iostream>

#include "cellwright/morphology/reader.hpp"
#include "cellwright/morphology/transform.hpp"
#include "fuzz_files.hpp"
#include "support/sound_morphology.hpp"
#include "support/text_mutation.hpp"

namespace {

using namespace cellwright;
using namespace cellwright::morphology;
using namespace cellwright::test;
using namespace std::string_view_literals;

constexpr std::string_view snippets[] = {
    " ",
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
    "\0"sv,
    "\xff\xfe",
    "\x1b[31m",
    "(Color Red)",
    "(CellBody)",
    "(Axon)",
    "Normal\n",
    "(1 2 3 4)\n",
};

class Fuzzer {
 public:
  explicit Fuzzer(const FuzzOptions& options)
      : options_(options), random_(options.seed), files_(find_seed_files(options, {".swc", ".asc"})) {}

  bool run() {
    for (int i = 0; i < options_.mutants; ++i) try_mutant(files_[static_cast<std::size_t>(i) % files_.size()], i);
    std::cout << files_.size() << " files, " << options_.mutants << " mutants: " << accepted_ << " were read, "
              << refused_ << " were refused, " << failures_ << " went wrong\n";
    const int few = options_.mutants / 50;
    if (accepted_ < few || refused_ < few) std::cout << "too few of one kind\n";
    return failures_ == 0 && accepted_ >= few && refused_ >= few;
  }

 private:
  void try_mutant(const SeedFile& file, int number) {
    const std::string extension = file.path.extension();
    const std::string text = mutated(file.text, snippets, random_);
    MutantWatch watch(options_.work / ("morphology_mutant_" + std::to_string(number) + extension), text);
    const auto wrong = try_text(text, extension.ends_with("swc") ? read_swc : read_asc);
    if (!wrong) return;
    ++failures_;
    watch.keep();
    std::cout << "mutant " << number << " of " << file.path.string() << ": " << *wrong << "\n";
  }

  template <class Reader>
  std::optional<std::string> try_text(const std::string& text, const Reader& read) {
    try {
      const Morphology cell = set_nseg(read(text, "mutant"));
      ++accepted_;
      if (auto wrong = unsound(cell)) return wrong;
      if (cell.find_section("soma[0]") >= 0) return unsound(replace_axon(cell));
    } catch (const MorphologyError& error) {
      ++refused_;
      return wrong_message(error, false);
    } catch (const std::exception& error) {
      return std::string("another exception: ") + error.what();
    }
    return std::nullopt;
  }

  const FuzzOptions& options_;
  MutationRandom random_;
  std::vector<SeedFile> files_;
  int accepted_ = 0, refused_ = 0, failures_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    const FuzzOptions options = read_fuzz_options(argc, argv);
    return Fuzzer(options).run() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
}
