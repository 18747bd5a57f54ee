// What the processor can do beyond its architecture's base, asked once and cheaply. One list names
// the features for the code that chooses by them and for `bls --version`.
#pragma once

#include "engine/base/ints.h"

// X(architecture, enumerator, name printed)
#define BLS_CPU_FEATURES(X)     \
  X(x86_64, Sse41, "sse4.1")    \
  X(x86_64, Sse42, "sse4.2")    \
  X(x86_64, Popcnt, "popcnt")   \
  X(x86_64, Lzcnt, "lzcnt")     \
  X(x86_64, Bmi1, "bmi")        \
  X(x86_64, Bmi2, "bmi2")       \
  X(x86_64, Avx, "avx")         \
  X(x86_64, Avx2, "avx2")       \
  X(x86_64, Fma, "fma")         \
  X(x86_64, Avx512f, "avx512f") \
  X(aarch64, Lse, "lse")        \
  X(aarch64, Dotprod, "dotprod")

namespace bls::platform {

enum class Cpu : u32 {
#define BLS_CPU_ROW(arch, name, text) name,
  BLS_CPU_FEATURES(BLS_CPU_ROW)
#undef BLS_CPU_ROW
};

/// Bit of `feature` in cpuFeatures().
constexpr u32 cpuBit(Cpu feature) { return 1u << static_cast<u32>(feature); }

/// The features that exist and that the operating system has switched on. Any thread, any time.
u32 cpuFeatures();

/// True when the memory protection keys of user space are switched on, or when that is not known.
/// x86-64; false elsewhere. Async-signal-safe.
bool usesProtectionKeys();

/// True when all features of `mask` are there.
inline bool cpuHas(u32 mask) { return (cpuFeatures() & mask) == mask; }

}  // namespace bls::platform
