// What this build is: version, tiers, CPU features, fuel presets, WebAssembly features.
#include "engine/base/platform.h"
#include "engine/exec/fuel.h"
#include "engine/wasm/features.h"
#include "runtime/cli.h"
#include "runtime/tiers.h"

#ifndef BLS_VERSION
#define BLS_VERSION "unknown"
#endif

namespace bls::cli {
namespace {

std::string cpuText() {
#if defined(__x86_64__)
  std::string out = "x86-64";
  __builtin_cpu_init();
#define BLS_CPU(name) \
  if (__builtin_cpu_supports(name)) out += " " name;
  BLS_CPU("sse4.1")
  BLS_CPU("sse4.2")
  BLS_CPU("popcnt")
  BLS_CPU("bmi")
  BLS_CPU("bmi2")
  BLS_CPU("avx")
  BLS_CPU("avx2")
  BLS_CPU("fma")
  BLS_CPU("avx512f")
#undef BLS_CPU
  return out;
#elif defined(__aarch64__)
  return "aarch64";
#elif defined(__wasm__)
  return "wasm32";
#else
  return "generic";
#endif
}

}  // namespace

u64 nowNs() { return platform::monotonicNs(); }

const char* versionNumber() { return BLS_VERSION; }

std::string versionText() {
  std::string out = std::string("bls ") + BLS_VERSION + "\ntiers: " + tierSummary() +
                    "\ncpu: " + cpuText() + "\nfuel: ";
  for (u32 i = 0; i < kFuelScheduleCount; ++i) {
    if (i != 0) out += ", ";
    out += kFuelSchedules[i].name;
    if (i == 0) out += " (default)";
  }
  out += "\nfeatures:";
  for (const FeatureInfo& info : kFeatureInfo) {
    out += std::string(" ") + (info.enabledByDefault ? "" : "-") + info.flag;
  }
  return out + "\n";
}

}  // namespace bls::cli
