// libFuzzer target: the check FUZZ_TARGET of text_inputs.h on any bytes.
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/text_inputs.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  static const bls::test::TextTarget* target = bls::test::textTarget(FUZZ_TARGET);
  bool accepted = false;
  const std::string wrong = target->check({reinterpret_cast<const char*>(data), size}, &accepted);
  if (!wrong.empty()) {
    std::fprintf(stderr, FUZZ_TARGET ": %s\n", wrong.c_str());
    std::abort();
  }
  return 0;
}
