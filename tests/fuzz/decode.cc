// libFuzzer target: any bytes through the module decoder. Errors must be one line with an offset.
#include <cstdlib>

#include "engine/decode/module_decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace bls;
  Diagnostics diag;
  std::unique_ptr<Module> module;
  Status status = decodeModule(ModuleBytes::copyOf({data, size}), Features::all(), diag, &module);
  if (status.ok()) return 0;
  const Error* error = status.error();
  bool oneLine = error->format("").find('\n') == std::string::npos;
  if (error->offset == kNoOffset || !oneLine || error->cls == ErrorClass::Internal) std::abort();
  return 0;
}
