// link_run NAME=FILE...: instantiates modules one after the other through the embedding API, each
// with the exports of those before it as imports, under their names; then calls `run` of the last,
// a function without parameters.
//
// What `run` returns is the number of UTF-16 units that `unit` (i32 → i32) gives; they are written
// to standard output as UTF-8. --gc-stress collects at every allocation, --loop takes the other
// back end of the interpreter. Exit status: 1 with a message on standard error when anything fails,
// a trap included.
#include <cstdio>
#include <cstring>
#include <string>

#include "runtime/runtime.h"

namespace bls::embed {
namespace {

int fail(const std::string& what, const Failure& failure) {
  std::fprintf(stderr, "link_run: %s: %s\n", what.c_str(), failure.text().c_str());
  return 1;
}

void putUtf8(u32 code, std::string* out) {
  auto put = [out](u32 byte) { out->push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code >= 0x800) {
    if (code >= 0x10000) {
      put(0xf0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3f));
    } else {
      put(0xe0 | code >> 12);
    }
    put(0x80 | (code >> 6 & 0x3f));
  } else {
    put(0xc0 | code >> 6);
  }
  put(0x80 | (code & 0x3f));
}

int run(int argc, char** argv) {
  EngineConfig config;
  int at = 1;
  for (; at < argc && argv[at][0] == '-'; ++at) {
    if (std::strcmp(argv[at], "--gc-stress") == 0) config.gcStress = true;
    if (std::strcmp(argv[at], "--loop") == 0) config.dispatch = Dispatch::Loop;
    if (std::strcmp(argv[at], "--baseline") == 0) config.tier = TierMode::Baseline;
  }
  if (at >= argc) {
    std::fprintf(stderr, "usage: link_run [--gc-stress] [--loop] [--baseline] NAME=FILE...\n");
    return 2;
  }
  Expected<Engine> engine = Engine::make(config);
  if (!engine.ok()) return fail("engine", engine.failure());
  Store store(engine.value());
  Linker linker(store);
  Instance last;
  for (; at < argc; ++at) {
    std::string name(argv[at]);
    size_t mark = name.find('=');
    if (mark == std::string::npos) {
      std::fprintf(stderr, "link_run: no = in %s\n", argv[at]);
      return 2;
    }
    std::string file = name.substr(mark + 1);
    name.resize(mark);
    Expected<Module> module = Module::fromFile(engine.value(), file);
    if (!module.ok()) return fail(file, module.failure());
    Expected<Instance> instance = linker.instantiate(module.value());
    if (!instance.ok()) return fail(file, instance.failure());
    last = instance.value();
    Expected<Nothing> named = linker.instance(name, last);
    if (!named.ok()) return fail(file, named.failure());
  }
  auto start = last.typed<i32()>("run");
  auto unit = last.typed<i32(i32)>("unit");
  if (!start.ok()) return fail("run", start.failure());
  if (!unit.ok()) return fail("unit", unit.failure());
  Expected<i32> count = start.value()();
  if (!count.ok()) return fail("run", count.failure());
  std::string out;
  u32 high = 0;
  for (i32 i = 0; i < count.value(); ++i) {
    Expected<i32> code = unit.value()(i);
    if (!code.ok()) return fail("unit", code.failure());
    u32 value = static_cast<u32>(code.value()) & 0xffff;
    if (value >= 0xd800 && value < 0xdc00) {
      high = value;
    } else if (high != 0) {
      putUtf8(0x10000 + ((high - 0xd800) << 10) + (value - 0xdc00), &out);
      high = 0;
    } else {
      putUtf8(value, &out);
    }
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}

}  // namespace
}  // namespace bls::embed

int main(int argc, char** argv) { return bls::embed::run(argc, argv); }
