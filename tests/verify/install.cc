// Linked into a program, this verifies all code that the program compiles (codegen/verify).
#include "codegen/native_module.h"
#include "codegen/verify/verify_access.h"

namespace {

struct Install {
  Install() { bls::codegen::setCodeVerifier(&bls::codegen::verifyAccesses); }
};
const Install install;

}  // namespace
