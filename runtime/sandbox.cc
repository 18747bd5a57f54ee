// Words of a sandbox report.
#include "runtime/sandbox.h"

namespace bls::cli {

const char* sandboxPartName(SandboxPart part) {
  static constexpr const char* kNames[kSandboxPartCount] = {"no-new-privileges", "landlock",
                                                            "system-calls", "core-dumps"};
  return kNames[static_cast<u8>(part)];
}

bool SandboxReport::allActive() const {
  for (const SandboxVerdict& verdict : parts) {
    if (!verdict.active) return false;
  }
  return true;
}

std::string SandboxReport::line() const {
  std::string out;
  for (u32 i = 0; i < kSandboxPartCount; ++i) {
    if (i != 0) out += "; ";
    out += std::string(sandboxPartName(static_cast<SandboxPart>(i))) + ": ";
    out += (parts[i].active ? "on, " : "off, ") + parts[i].text;
  }
  return out;
}

}  // namespace bls::cli
