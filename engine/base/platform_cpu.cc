// cpu.h for every system we build for. On x86-64 the C library's record of the processor is read:
// CPUID itself leaves the virtual machine, and a start would pay for a dozen of them.
#include "engine/base/cpu.h"

#if defined(__x86_64__)
#include <features.h>
#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 33)
#define BLS_CPU_FROM_LIBC 1
#if defined(__clang__)
#define _Bool bool  // the header is C; g++ knows the word in C++ too, clang does not
#endif
#include <sys/platform/x86.h>
#undef _Bool
#endif
#endif
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace bls::platform {

u32 cpuFeatures() {
  u32 mask = 0;
#if defined(BLS_CPU_FROM_LIBC)
  const auto add = [&mask](Cpu feature, u32 index) {
    if (x86_cpu_active(index)) mask |= cpuBit(feature);
  };
  add(Cpu::Sse41, x86_cpu_SSE4_1);
  add(Cpu::Sse42, x86_cpu_SSE4_2);
  add(Cpu::Popcnt, x86_cpu_POPCNT);
  add(Cpu::Lzcnt, x86_cpu_LZCNT);
  add(Cpu::Bmi1, x86_cpu_BMI1);
  add(Cpu::Bmi2, x86_cpu_BMI2);
  add(Cpu::Avx, x86_cpu_AVX);
  add(Cpu::Avx2, x86_cpu_AVX2);
  add(Cpu::Fma, x86_cpu_FMA);
  add(Cpu::Avx512f, x86_cpu_AVX512F);
#elif defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("sse4.1")) mask |= cpuBit(Cpu::Sse41);
  if (__builtin_cpu_supports("sse4.2")) mask |= cpuBit(Cpu::Sse42);
  if (__builtin_cpu_supports("popcnt")) mask |= cpuBit(Cpu::Popcnt);
  if (__builtin_cpu_supports("lzcnt")) mask |= cpuBit(Cpu::Lzcnt);
  if (__builtin_cpu_supports("bmi")) mask |= cpuBit(Cpu::Bmi1);
  if (__builtin_cpu_supports("bmi2")) mask |= cpuBit(Cpu::Bmi2);
  if (__builtin_cpu_supports("avx")) mask |= cpuBit(Cpu::Avx);
  if (__builtin_cpu_supports("avx2")) mask |= cpuBit(Cpu::Avx2);
  if (__builtin_cpu_supports("fma")) mask |= cpuBit(Cpu::Fma);
  if (__builtin_cpu_supports("avx512f")) mask |= cpuBit(Cpu::Avx512f);
#elif defined(__aarch64__)
  const unsigned long hwcap = getauxval(AT_HWCAP);
  if ((hwcap & HWCAP_ATOMICS) != 0) mask |= cpuBit(Cpu::Lse);
  if ((hwcap & HWCAP_ASIMDDP) != 0) mask |= cpuBit(Cpu::Dotprod);
#endif
  return mask;
}

bool usesProtectionKeys() {
#if defined(BLS_CPU_FROM_LIBC)
  return x86_cpu_present(x86_cpu_OSPKE);
#elif defined(__x86_64__)
  return true;
#else
  return false;
#endif
}

}  // namespace bls::platform
