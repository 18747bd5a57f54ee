// validate_speed REPEATS FILE: times complete decode and validation of a module from memory, on one
// thread, for bench/validate.py.
//
// After one warm-up, prints {"bytes", "valid", "error", "seconds": [CPU time of each repeat]} as
// one line of JSON. The time is CPU time of this thread, so that other load on the machine counts
// less.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/compile/measured.h"
#include "engine/decode/module_decoder.h"
#include "engine/validate/module_validator.h"

namespace bls {
namespace {

// The error line, empty when the module is valid.
std::string check(const std::vector<u8>& bytes) {
  Diagnostics diag;
  std::unique_ptr<Module> module;
  ModuleMeta meta;
  Status status = decodeModule(ModuleBytes(bytes.data(), bytes.size(), noFree, nullptr), Features(),
                               diag, &module);
  if (status.ok()) status = validateModule(*module, ValidateOptions(), &meta, diag);
  return status.ok() ? std::string() : status.error()->format("module");
}

int run(int repeats, const char* path) {
  std::vector<u8> bytes;
  if (!readFile(path, &bytes)) {
    std::fprintf(stderr, "validate_speed: cannot read %s\n", path);
    return 1;
  }
  std::string error = check(bytes);
  std::printf("{\"bytes\": %zu, \"valid\": %s, \"error\": \"", bytes.size(),
              error.empty() ? "true" : "false");
  for (char c : error) {
    if (c >= ' ' && c != '"' && c != '\\') std::putchar(c);
  }
  std::printf("\", \"seconds\": [");
  for (int i = 0; i < repeats; i++) {
    f64 start = threadSeconds();
    check(bytes);
    std::printf("%s%.6f", i == 0 ? "" : ", ", threadSeconds() - start);
  }
  std::printf("]}\n");
  return 0;
}

}  // namespace
}  // namespace bls

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: validate_speed REPEATS FILE\n");
    return 2;
  }
  return bls::run(std::atoi(argv[1]), argv[2]);
}
