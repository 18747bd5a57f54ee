// The outer WASI host gives descriptors; they are its affair.
#include "runtime/descriptors.h"

namespace bls::cli {

void noteInherited() {}
u32 dropInherited() { return 0; }
bool replaceStandardInput(std::span<const u8>) { return false; }

}  // namespace bls::cli
