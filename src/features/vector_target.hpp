#pragma once
/// How the vector code of this layer is built: each kernel is an always-inlined function, compiled once for each
/// instruction set, without fused operations, so that every build gives the same bits.

#include <cstddef>

#if defined(__x86_64__) && defined(__GNUC__)
#define CELLWRIGHT_X86_TARGETS 1
#define CELLWRIGHT_AVX2 [[gnu::target("avx2")]]
#define CELLWRIGHT_AVX512 [[gnu::target("avx512f,avx512dq,avx512vl,prefer-vector-width=512")]]
#endif
#define CELLWRIGHT_ALWAYS_INLINE [[gnu::always_inline]] inline

namespace cellwright::features {

constexpr std::size_t lanes = 8;  // sums are taken in so many parts, whatever the width of the machine's vectors
typedef double Lanes __attribute__((vector_size(lanes * sizeof(double)), aligned(sizeof(double)), may_alias));

CELLWRIGHT_ALWAYS_INLINE const Lanes& lanes_at(const double* x) { return *reinterpret_cast<const Lanes*>(x); }

enum class VectorTarget { plain, avx2, avx512 };

/// The widest instruction set of this machine that the kernels are built for.
inline VectorTarget vector_target() {
#ifdef CELLWRIGHT_X86_TARGETS
  if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) return VectorTarget::avx512;
  if (__builtin_cpu_supports("avx2")) return VectorTarget::avx2;
#endif
  return VectorTarget::plain;
}

}  // namespace cellwright::features
