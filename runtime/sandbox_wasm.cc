// Inside a WASI host the host is the sandbox.
#include "runtime/sandbox.h"

namespace bls::cli {

SandboxReport enterSandbox(const SandboxRequest&) {
  SandboxReport report;
  for (SandboxVerdict& verdict : report.parts) verdict.text = "the outer WASI host confines it";
  return report;
}

u32 landlockAbi() { return 0; }

}  // namespace bls::cli
