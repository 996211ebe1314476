// derivative_check FILE.mod...: compiles mod files and compares their derivatives
// with finite differences (tests/unit/nmodl/derivative_check.hpp). One line per file and mode; exit status 1 if one is
// wrong. Files that the compiler refuses are told and do not count.
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "cellwright/base/file.hpp"
#include "cellwright/nmodl/front_end.hpp"
#include "cellwright/nmodl/toolchain.hpp"
#include "support/temporary_folder.hpp"
#include "unit/nmodl/derivative_check.hpp"

using namespace cellwright::nmodl;

namespace {

constexpr int n_rounds = 4;
constexpr double most_skipped = 0.1;

bool check(const LoadedMechanism& loaded, const char* mode) {
  const cw_mechanism& mechanism = *loaded.descriptor;
  if (!mechanism.derivatives) {
    fmt::print("{:20} {:6} none: {}\n", mechanism.name, mode, mechanism.no_derivatives);
    return mechanism.no_derivatives != nullptr && mechanism.fixed_step_only != 0;
  }
  const cellwright::nmodl::test::DerivativeReport report =
      cellwright::nmodl::test::DerivativeChecker(mechanism, 20240131).run(n_rounds);
  const bool few_skipped = report.skipped <= most_skipped * (report.compared + report.skipped);
  const bool good = report.failures.empty() && few_skipped;
  fmt::print("{:20} {:6} {} states, {} compared, {} skipped, worst {:.1e}; {} values, worst {:.1e} {}\n",
             mechanism.name, mode, mechanism.derivatives->n_states, report.compared, report.skipped, report.worst,
             report.values, report.worst_value, good ? "" : "WRONG");
  for (const std::string& failure : report.failures) fmt::print("    {}\n", failure);
  return good;
}

struct Files {
  std::vector<BuildRequest> requests;
  int refused = 0;
};

Files translate(int argc, char** argv) {
  Files files;
  for (int k = 1; k < argc; ++k) {
    try {
      const MechanismDescription description = compile_front_end(std::filesystem::path(argv[k]));
      files.requests.push_back({description.name, generate_cpp(description), argv[k]});
    } catch (const cellwright::Error& error) {
      ++files.refused;
      fmt::print("{:27} refused: {}\n", std::filesystem::path(argv[k]).filename().string(),
                 error.diagnostics().front().message);
    }
  }
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  cellwright::test::TemporaryFolder folder;
  const Files files = translate(argc, argv);
  bool good = true;
  for (const auto& [mode, name] : {std::pair{NumericMode::strict, "strict"}, {NumericMode::fast, "fast"}}) {
    const auto loaded = build_mechanisms(
        files.requests, mode, {.compiler = {}, .cache_folder = folder.path(), .jobs = 0, .derivatives = true});
    for (const LoadedMechanism& mechanism : loaded) good = check(mechanism, name) && good;
  }
  fmt::print("{} mechanisms, {} refused by the compiler: {}\n", files.requests.size(), files.refused,
             good ? "good" : "WRONG");
  return good ? 0 : 1;
}
