#include <array>
#include <string_view>

#include "cellwright/nmodl/mechanism_library.hpp"
#include "nmodl/builtin/variants.hpp"

// Made at build time from mechanisms/*.mod by cellwright_nmodlc, one object per variant (src/nmodl/CMakeLists.txt).
#define CELLWRIGHT_DECLARE_BUILTIN(name)                                       \
  extern "C" const cw_mechanism* cellwright_builtin_##name##_strict(int32_t*); \
  extern "C" const cw_mechanism* cellwright_builtin_##name##_fast(int32_t*);   \
  extern "C" const cw_mechanism* cellwright_builtin_##name##_float(int32_t*);  \
  CELLWRIGHT_DECLARE_X86(name)
#ifdef CELLWRIGHT_X86_VARIANTS
#define CELLWRIGHT_DECLARE_X86(name)                                             \
  extern "C" const cw_mechanism* cellwright_builtin_##name##_fast_v3(int32_t*);  \
  extern "C" const cw_mechanism* cellwright_builtin_##name##_fast_v4(int32_t*);  \
  extern "C" const cw_mechanism* cellwright_builtin_##name##_float_v3(int32_t*); \
  extern "C" const cw_mechanism* cellwright_builtin_##name##_float_v4(int32_t*);
#define CELLWRIGHT_BUILTIN_ROW(name)                                                                                   \
  {                                                                                                                    \
#name, cellwright_builtin_##name##_strict,                                                                         \
        {cellwright_builtin_##name##_fast, cellwright_builtin_##name##_fast_v3, cellwright_builtin_##name##_fast_v4 }, \
    {                                                                                                                  \
      cellwright_builtin_##name##_float, cellwright_builtin_##name##_float_v3, cellwright_builtin_##name##_float_v4    \
    }                                                                                                                  \
  }
#else
#define CELLWRIGHT_DECLARE_X86(name)
#define CELLWRIGHT_BUILTIN_ROW(name)                                                                               \
  {                                                                                                                \
#name, cellwright_builtin_##name##_strict,                                                                     \
        {cellwright_builtin_##name##_fast, cellwright_builtin_##name##_fast, cellwright_builtin_##name##_fast }, { \
      cellwright_builtin_##name##_float, cellwright_builtin_##name##_float, cellwright_builtin_##name##_float      \
    }                                                                                                              \
  }
#endif

CELLWRIGHT_DECLARE_BUILTIN(Exp2Syn)
CELLWRIGHT_DECLARE_BUILTIN(ExpSyn)
CELLWRIGHT_DECLARE_BUILTIN(NetStim)
CELLWRIGHT_DECLARE_BUILTIN(SEClamp)
CELLWRIGHT_DECLARE_BUILTIN(hh)
CELLWRIGHT_DECLARE_BUILTIN(pas)

namespace cellwright::nmodl {
namespace {

struct Builtin {
  std::string_view name;
  cw_library_entry strict;
  std::array<cw_library_entry, 3> fast, single;  ///< by InstructionSet
};

constexpr auto builtins_by_name = std::to_array<Builtin>(
    {CELLWRIGHT_BUILTIN_ROW(Exp2Syn), CELLWRIGHT_BUILTIN_ROW(ExpSyn), CELLWRIGHT_BUILTIN_ROW(NetStim),
     CELLWRIGHT_BUILTIN_ROW(SEClamp), CELLWRIGHT_BUILTIN_ROW(hh), CELLWRIGHT_BUILTIN_ROW(pas)});

}  // namespace

const cw_mechanism* find_builtin_variant(const std::string& name, NumericMode mode, InstructionSet instruction_set) {
  for (const Builtin& builtin : builtins_by_name) {
    if (builtin.name != name) continue;
    int32_t count = 0;
    if (mode == NumericMode::strict) return builtin.strict(&count);
    const auto& variants = mode == NumericMode::single ? builtin.single : builtin.fast;
    return variants[static_cast<std::size_t>(instruction_set)](&count);
  }
  return nullptr;
}

const cw_mechanism* find_builtin_mechanism(const std::string& name, NumericMode mode) {
  return find_builtin_variant(name, mode, numeric::best_instruction_set());
}

std::vector<std::string> builtin_mechanism_names() {
  std::vector<std::string> names;
  for (const Builtin& builtin : builtins_by_name) names.emplace_back(builtin.name);
  return names;
}

}  // namespace cellwright::nmodl
