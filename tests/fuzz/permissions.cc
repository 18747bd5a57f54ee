// libFuzzer target: permission lists, URLs and questions; see permission_check.h.
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/permission_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bls::test::PermissionTally tally;
  std::string wrong = bls::test::checkPermissions(data, size, &tally);
  if (!wrong.empty()) {
    fprintf(stderr, "permissions: %s\n", wrong.c_str());
    abort();
  }
  return 0;
}
