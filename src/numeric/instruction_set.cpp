#include "cellwright/numeric/instruction_set.hpp"

#include <array>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"

namespace cellwright::numeric {
namespace {

constexpr const char* variable = "CELLWRIGHT_INSTRUCTION_SET";

/// "" where it is not set.
std::string_view choice() {
  const char* const text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
  return text == nullptr ? "" : text;
}

InstructionSet of_processor() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                  __builtin_cpu_supports("bmi2");
  const bool v4 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                  __builtin_cpu_supports("avx512cd");
  if (v3 && v4) return InstructionSet::v4;
  if (v3) return InstructionSet::v3;
#endif
  return InstructionSet::baseline;
}

}  // namespace

bool instruction_set_is_chosen() { return !choice().empty(); }

InstructionSet best_instruction_set() {
  constexpr std::array<std::string_view, 3> names{"v2", "v3", "v4"};
  const InstructionSet best = of_processor();
  if (!instruction_set_is_chosen()) return best;
  for (std::size_t k = 0; k < names.size(); ++k) {
    if (choice() == names[k] && k <= static_cast<std::size_t>(best)) return static_cast<InstructionSet>(k);
  }
  throw ConfigError(Diagnostic{.code = "instruction-set",
                               .message = fmt::format("{} is '{}', and this processor has v2 to {}", variable, choice(),
                                                      names.at(static_cast<std::size_t>(best))),
                               .fix = "use one of those: v2 (the baseline), v3 (AVX2), v4 (AVX-512); or unset it"});
}

std::string instruction_set() {
#if defined(__x86_64__)
  const std::string chosen = instruction_set_is_chosen() ? fmt::format(" ({} says so)", variable) : "";
  switch (best_instruction_set()) {
    case InstructionSet::v4:
      return "x86-64 with AVX-512" + chosen;
    case InstructionSet::v3:
      return "x86-64 with AVX2 and FMA" + chosen;
    case InstructionSet::baseline:
      break;
  }
  return "x86-64" + chosen;
#elif defined(__aarch64__)
  return "aarch64";
#else
  return "other";
#endif
}

}  // namespace cellwright::numeric
