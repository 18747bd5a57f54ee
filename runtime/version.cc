// What this build is: version, tiers, CPU features, fuel presets, WebAssembly features.
#include "engine/base/cpu.h"
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
#elif defined(__aarch64__)
  std::string out = "aarch64";
#elif defined(__wasm__)
  std::string out = "wasm32";
#else
  std::string out = "generic";
#endif
  const u32 features = platform::cpuFeatures();
#define BLS_CPU_ROW(arch, name, text) \
  if ((features & platform::cpuBit(platform::Cpu::name)) != 0) out += " " text;
  BLS_CPU_FEATURES(BLS_CPU_ROW)
#undef BLS_CPU_ROW
  return out;
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
