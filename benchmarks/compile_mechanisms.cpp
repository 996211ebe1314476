// How long the mechanisms of a model take from mod file to loaded code, in one process:
//   compile_mechanisms FOLDER CACHE fast|float|strict JOBS NAME...
// JOBS: compilers at a time, 0 for as many as there are hardware threads. Prints {"seconds": s, "from_cache": n,
// "compiled": n}.

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cellwright/nmodl/mechanism_library.hpp"

namespace {

using namespace cellwright::nmodl;

int measure(const MechanismLibrarySettings& settings, const std::vector<std::string>& names) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const MechanismLibrary library(settings, names);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  int from_cache = 0, compiled = 0;
  for (const auto& [name, mechanism] : library.mechanisms()) {
    from_cache += mechanism.origin == MechanismOrigin::cache;
    compiled += mechanism.origin == MechanismOrigin::compiled;
  }
  std::cout << nlohmann::json{{"seconds", seconds}, {"from_cache", from_cache}, {"compiled", compiled}} << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 5 || (words[2] != "fast" && words[2] != "float" && words[2] != "strict")) {
    std::cerr << "usage: compile_mechanisms FOLDER CACHE fast|float|strict JOBS NAME...\n";
    return 2;
  }
  try {
    const MechanismLibrarySettings settings{
        .directories = {words[0]},
        .numeric = words[2] == "strict"  ? NumericMode::strict
                   : words[2] == "float" ? NumericMode::single
                                         : NumericMode::fast,
        .toolchain = {.compiler = {}, .cache_folder = words[1], .jobs = std::stoi(words[3])}};
    return measure(settings, {words.begin() + 4, words.end()});
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
