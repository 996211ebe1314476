// Damaged mod files through the whole compiler, up to C++ text: each ends in located messages or in code.
//   nmodl_fuzz --work DIR [--mutants N] [--compile N] [--seed N] FOLDER...
// A sample of the code (--compile) goes through the C++ compiler and is loaded. Exit status 1: something went wrong,
// which is printed; the mutant stays in DIR.

#include <exception>
#include <iostream>

#include "cellwright/nmodl/codegen.hpp"
#include "cellwright/nmodl/front_end.hpp"
#include "cellwright/nmodl/toolchain.hpp"
#include "fuzz_files.hpp"
#include "support/text_mutation.hpp"

namespace {

using namespace cellwright;
using namespace cellwright::nmodl;
using namespace cellwright::test;

constexpr std::string_view snippets[] = {
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "=",
    "'",
    "\"",
    ",",
    "<",
    ">",
    "^",
    "~",
    "-",
    "::",
    ":",
    "COMMENT\n",
    "ENDCOMMENT\n",
    "VERBATIM\n",
    "ENDVERBATIM\n",
    "LOCAL x",
    "IF (",
    "ELSE {",
    "SOLVE states METHOD cnexp\n",
    "METHOD sparse",
    "METHOD derivimplicit",
    "TABLE minf FROM -100 TO 100 WITH 200\n",
    "FROM i = 0 TO 3 {",
    "1e308",
    "1e999",
    "0",
    "v",
    "DEFINE N 3\n",
    "KINETIC k {\n",
    "INCLUDE \"units.inc\"\n",
    "WHILE (1) {",
    "\n",
    "<->",
    "<<",
    "->",
    "UNITS { (x) = (",
    "STATE {",
    "m' =",
    "\xff",
    "\x1b[31m",
    "NET_RECEIVE (w) {\n",
    "POINTER p\n",
    "RANDOM r\n",
    "USEION ca READ cai WRITE ica\n",
    "CONSERVE a + b = 1\n",
    "net_send(1, 1)\n",
    "at_time(5)",
    "INITIAL {\n",
    "BREAKPOINT {\n",
    "DERIVATIVE states {\n",
    "PROCEDURE rates() {\n",
    "FUNCTION f(x) {\n",
    "exp(",
    "a[N]",
};

/// One text that became code.
struct Accepted {
  std::string mutant;
  BuildRequest request;
};

class Fuzzer {
 public:
  explicit Fuzzer(const FuzzOptions& options)
      : options_(options), random_(options.seed), files_(find_seed_files(options, {".mod"})) {}

  bool run() {
    for (int i = 0; i < options_.mutants; ++i) try_mutant(files_[static_cast<std::size_t>(i) % files_.size()], i);
    const int before = failures_;
    for (const Accepted& accepted : sample_) compile(accepted);
    std::cout << files_.size() << " files, " << options_.mutants << " mutants: " << accepted_ << " became code (of "
              << sample_.size() << " compiled, " << failures_ - before << " failed), " << refused_ << " were refused, "
              << before << " went wrong\n";
    // Both must happen, or the mutations test nothing.
    const int few = options_.mutants / 50;
    if (accepted_ < few || refused_ < few) std::cout << "too few of one kind\n";
    return failures_ == 0 && accepted_ >= few && refused_ >= few;
  }

 private:
  void try_mutant(const SeedFile& file, int number) {
    const std::string text = mutated(file.text, snippets, random_);
    MutantWatch watch(options_.work / ("nmodl_mutant_" + std::to_string(number) + ".mod"), text);
    const std::string name = (file.path.parent_path() / "mutant.mod").string();
    const auto wrong = try_text(text, name);
    if (!wrong) return;
    ++failures_;
    watch.keep();
    std::cout << "mutant " << number << " of " << file.path.string() << ": " << *wrong << "\n";
  }

  /// What went wrong, if something did.
  std::optional<std::string> try_text(const std::string& text, const std::string& name) {
    try {
      const std::string printed = print_nmodl(parse_nmodl(text, name));
      if (print_nmodl(parse_nmodl(printed, "printed")) != printed) return "printing and parsing it again changes it";
      const MechanismDescription mechanism = compile_front_end(text, name);
      if (describe_json(mechanism).empty()) return "no description";
      accept({text, {mechanism.name, generate_cpp(mechanism), "mutant.mod"}});
    } catch (const NmodlError& error) {
      ++refused_;
      return wrong_message(error, true);
    } catch (const std::exception& error) {
      return std::string("another exception: ") + error.what();
    }
    return std::nullopt;
  }

  /// Every accepted mutant has the same chance to be in the sample.
  void accept(Accepted accepted) {
    const std::size_t size = static_cast<std::size_t>(options_.compile),
                      at = random_.below(static_cast<std::size_t>(++accepted_));
    if (sample_.size() < size) {
      sample_.push_back(std::move(accepted));
    } else if (at < size) {
      sample_[at] = std::move(accepted);
    }
  }

  void compile(const Accepted& accepted) {
    try {
      build_mechanisms({&accepted.request, 1}, NumericMode::fast,
                       {.compiler = {}, .cache_folder = options_.work / "cache", .jobs = 1});
    } catch (const Error& error) {
      ++failures_;
      const auto file = options_.work / ("nmodl_not_compiled_" + std::to_string(failures_) + ".mod");
      std::ofstream(file, std::ios::binary) << accepted.mutant;
      std::cout << file.string() << ": " << error.what() << "\n";
    }
  }

  const FuzzOptions& options_;
  MutationRandom random_;
  std::vector<SeedFile> files_;
  std::vector<Accepted> sample_;
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
