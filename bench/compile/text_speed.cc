// text_speed REPEATS FILE: times printing a binary module as text, flat and folded, and parsing
// that text back, on one thread, for bench/text.py.
//
// Printed text is handed over in pieces and dropped, as `bls wat` writes it; what is parsed is in
// memory. After one pass that is not counted, prints one line of JSON: {"bytes", "text", "folded"
// (bytes of each text), "same" (the text made the same module again), "print", "print_folded",
// "parse", "parse_folded": [CPU seconds of each repeat]}.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/compile/measured.h"
#include "engine/decode/module_decoder.h"
#include "engine/text/printer.h"
#include "engine/text/text_module.h"
#include "engine/validate/module_validator.h"

namespace bls {
namespace {

[[noreturn]] void give(const Status& status) {
  std::fprintf(stderr, "text_speed: %s\n", status.error()->format("").c_str());
  std::exit(1);
}

// The text as a whole.
std::string textOf(const Module& m, bool folded) {
  Diagnostics diag;
  text::PrintOptions options;
  options.folded = folded;
  std::string out;
  Status status = text::printModule(m, options, diag, &out);
  if (!status.ok()) give(status);
  return out;
}

f64 timePrint(const Module& m, bool folded) {
  Diagnostics diag;
  u64 written = 0;
  text::PrintOptions options;
  options.folded = folded;
  options.context = &written;
  options.take = [](void* context, std::string_view piece) {
    *static_cast<u64*>(context) += piece.size();
  };
  std::string out;
  f64 start = threadSeconds();
  Status status = text::printModule(m, options, diag, &out);
  if (!status.ok()) give(status);
  return threadSeconds() - start;
}

f64 timeParse(const std::string& source, std::vector<u8>* out) {
  Diagnostics diag;
  f64 start = threadSeconds();
  Status status = text::parseText(source, text::TextOptions(), diag, out);
  f64 end = threadSeconds();
  if (!status.ok()) give(status);
  return end - start;
}

template <class Fn>
void times(const char* name, int repeats, Fn fn) {
  std::printf(", \"%s\": [", name);
  for (int i = 0; i < repeats; i++) std::printf("%s%.6f", i == 0 ? "" : ", ", fn());
  std::printf("]");
}

int run(int repeats, const char* path) {
  std::vector<u8> bytes;
  if (!readFile(path, &bytes)) {
    std::fprintf(stderr, "text_speed: cannot read %s\n", path);
    return 1;
  }
  Diagnostics diag;
  std::unique_ptr<Module> module;
  ModuleMeta meta;
  Status status = decodeModule(ModuleBytes(bytes.data(), bytes.size(), noFree, nullptr), Features(),
                               diag, &module);
  if (status.ok()) status = validateModule(*module, ValidateOptions(), &meta, diag);
  if (!status.ok()) give(status);
  std::printf("{\"bytes\": %zu", bytes.size());
  std::vector<u8> flatBytes, foldedBytes;
  {
    std::string source = textOf(*module, false);
    timeParse(source, &flatBytes);
    std::printf(", \"text\": %zu", source.size());
    times("parse", repeats, [&] { return timeParse(source, &flatBytes); });
  }
  {
    std::string source = textOf(*module, true);
    std::printf(", \"folded\": %zu", source.size());
    times("parse_folded", repeats, [&] { return timeParse(source, &foldedBytes); });
  }
  times("print", repeats, [&] { return timePrint(*module, false); });
  times("print_folded", repeats, [&] { return timePrint(*module, true); });
  std::printf(", \"same\": %s}\n", flatBytes == foldedBytes ? "true" : "false");
  return 0;
}

}  // namespace
}  // namespace bls

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: text_speed REPEATS FILE\n");
    return 2;
  }
  return bls::run(std::atoi(argv[1]), argv[2]);
}
