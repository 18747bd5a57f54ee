// mutation_corpus: feeds seeded mutated modules to decoder and validator and checks how they
// answer.
//
//   mutation_corpus [--count N] [--seed S] [--only I] [--dump FILE]
//
// Every input must be accepted, or rejected with a one-line message that carries a byte offset;
// nothing may crash (run it under the sanitizer presets), take over 10 s (an alarm kills the
// process after printing the input's number), or grow the process over 1 GiB. The run fails as well
// when too few inputs reach the validator (20 %) or are valid (5 %).
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "engine/decode/module_decoder.h"
#include "engine/validate/module_validator.h"
#include "tests/fuzz/mutate.h"

namespace bls::test {
namespace {

struct Tally {
  u64 total = 0, decoded = 0, valid = 0, failed = 0;
  std::map<std::string, u64> classes;
};

struct Current {
  u64 number;
  char seedName[64];
};
Current current;

constexpr unsigned kHangSeconds = 10;

void onAlarm(int) {
  char line[160];
  int n = std::snprintf(line, sizeof line, "mutation_corpus: input %llu (%s) ran over %u s\n",
                        static_cast<unsigned long long>(current.number), current.seedName,
                        kHangSeconds);
  if (n > 0 && write(2, line, static_cast<size_t>(n)) < 0) _exit(3);
  _exit(2);
}

void fail(Tally& tally, const char* why, const std::string& detail) {
  ++tally.failed;
  std::fprintf(stderr, "input %llu (%s): %s: %s\n", static_cast<unsigned long long>(current.number),
               current.seedName, why, detail.c_str());
}

void checkError(Tally& tally, const Error* error) {
  if (error == nullptr) return fail(tally, "rejected without an error object", "");
  ++tally.classes[errorClassName(error->cls)];
  std::string line = error->format("input.wasm");
  if (error->offset == kNoOffset) fail(tally, "no byte offset", line);
  if (line.find('\n') != std::string::npos) fail(tally, "more than one line", line);
  if (error->message.empty()) fail(tally, "empty message", line);
  if (error->cls == ErrorClass::Internal) fail(tally, "internal error", line);
}

void runOne(Tally& tally, const Bytes& input) {
  ++tally.total;
  Diagnostics diag;
  std::unique_ptr<Module> module;
  Status decoded = decodeModule(ModuleBytes::copyOf(input), Features::all(), diag, &module);
  if (!decoded.ok()) return checkError(tally, decoded.error());
  ++tally.decoded;
  ModuleMeta meta;
  Status valid = validateModule(*module, ValidateOptions{}, &meta, diag);
  if (!valid.ok()) return checkError(tally, valid.error());
  ++tally.valid;
}

int report(const Tally& tally) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  double all = static_cast<double>(tally.total);
  double decodedPercent = 100.0 * static_cast<double>(tally.decoded) / all;
  double validPercent = 100.0 * static_cast<double>(tally.valid) / all;
  std::printf(
      "seeds %zu, inputs %llu, reach the validator %.1f %%, valid %.1f %%, peak RSS %ld MiB\n",
      seedModules().size(), static_cast<unsigned long long>(tally.total), decodedPercent,
      validPercent, usage.ru_maxrss / 1024);
  for (const auto& [name, count] : tally.classes) {
    std::printf("  %-12s %llu\n", name.c_str(), static_cast<unsigned long long>(count));
  }
  bool enough = decodedPercent >= 20 && validPercent >= 5 && seedModules().size() >= 200;
  if (!enough) std::fprintf(stderr, "too few inputs reach the validator or are valid\n");
  bool small = usage.ru_maxrss < 1024 * 1024;
  if (!small) std::fprintf(stderr, "peak RSS over 1 GiB\n");
  u64 failed = tally.failed + (enough ? 0 : 1) + (small ? 0 : 1);
  std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(tally.total),
              static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace bls::test

int main(int argc, char** argv) {
  using namespace bls;
  using namespace bls::test;
  u64 count = 20000, seed = 1, only = 0;
  const char* dump = nullptr;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--count") == 0) count = std::strtoull(argv[i + 1], nullptr, 0);
    if (std::strcmp(argv[i], "--seed") == 0) seed = std::strtoull(argv[i + 1], nullptr, 0);
    if (std::strcmp(argv[i], "--only") == 0) only = std::strtoull(argv[i + 1], nullptr, 0);
    if (std::strcmp(argv[i], "--dump") == 0) dump = argv[i + 1];
  }
  std::signal(SIGALRM, onAlarm);
  std::printf("seed %llu, count %llu\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(count));
  Mutator mutator(seed);
  Tally tally;
  for (u64 i = 1; i <= count; ++i) {
    const char* seedName = "";
    Bytes input = mutator.next(&seedName);
    current.number = i;
    std::snprintf(current.seedName, sizeof current.seedName, "%s", seedName);
    if (only != 0 && only != i) continue;
    if (dump != nullptr && only == i) {
      std::FILE* out = std::fopen(dump, "wb");
      if (out == nullptr) return 1;
      std::fwrite(input.data(), 1, input.size(), out);
      std::fclose(out);
    }
    alarm(kHangSeconds);
    runOne(tally, input);
    alarm(0);
  }
  return only != 0 ? (tally.failed == 0 ? 0 : 1) : report(tally);
}
