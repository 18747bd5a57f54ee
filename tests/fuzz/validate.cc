// libFuzzer target: any bytes through decoder and validator, with all features and with those
// of 1.0. A module that 1.0 accepts must be accepted with all features on as well.
#include <cstdlib>

#include "engine/decode/module_decoder.h"
#include "engine/validate/module_validator.h"

namespace {

bool accepts(const unsigned char* data, size_t size, bls::Features features) {
  using namespace bls;
  Diagnostics diag;
  std::unique_ptr<Module> module;
  Status status = decodeModule(ModuleBytes::copyOf({data, size}), features, diag, &module);
  ModuleMeta meta;
  if (status.ok()) status = validateModule(*module, ValidateOptions{}, &meta, diag);
  if (status.ok()) return true;
  const Error* error = status.error();
  bool oneLine = error->format("").find('\n') == std::string::npos;
  if (error->offset == kNoOffset || !oneLine || error->cls == ErrorClass::Internal) std::abort();
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  bool all = accepts(data, size, bls::Features::all());
  if (accepts(data, size, bls::Features::profile10()) && !all) std::abort();
  return 0;
}
