// The wasm build reads no archives: it has no digests to check them with.
#include <cerrno>

#include "runtime/car_archive.h"

namespace bls::car {

Status ByteSource::ofFile(const char*, Diagnostics& diag, std::unique_ptr<ByteSource>*) {
  return diag.fail(ErrorClass::Unsupported, "archives are not for the wasm build");
}

Status makeTreeWriter(const char*, const std::string&, Diagnostics& diag,
                      std::unique_ptr<TreeVisitor>*) {
  return diag.fail(ErrorClass::Unsupported, "archives are not for the wasm build");
}

int realPath(const char*, std::string*) { return ENOSYS; }
int realDirectory(const char*, std::string*) { return ENOSYS; }

}  // namespace bls::car
