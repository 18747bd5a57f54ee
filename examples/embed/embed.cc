// Embedding Bless: a host function, a typed call, a limit, a trap. Prints what happens; exit status
// 0 when all went well.
#include <cstdio>

#include "runtime/runtime.h"

namespace {

using namespace bls;

// (module
//   (import "host" "print" (func $print (param i32)))
//   (memory (export "memory") 1)
//   (func (export "sum") (param $n i32) (result i32) (local $s i32)
//     (loop $l
//       (local.set $s (i32.add (local.get $s) (local.get $n)))
//       (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
//     (call $print (local.get $s)) (local.get $s))
//   (func (export "peek") (param i32) (result i32) (i32.load (local.get 0))))
constexpr u8 kModule[] = {
    0x00, 'a',  's',  'm',  0x01, 0x00, 0x00, 0x00,                          //
    0x01, 0x0a, 0x02, 0x60, 0x01, 0x7f, 0x00, 0x60, 0x01, 0x7f, 0x01, 0x7f,  // types
    0x02, 0x0e, 0x01, 0x04, 'h',  'o',  's',  't',  0x05, 'p',  'r',  'i',  'n',  't',  0x00,
    0x00,                                                                          // import
    0x03, 0x03, 0x02, 0x01, 0x01,                                                  // functions
    0x05, 0x03, 0x01, 0x00, 0x01,                                                  // memory
    0x07, 0x17, 0x03, 0x06, 'm',  'e',  'm',  'o',  'r',  'y',  0x02, 0x00,        // exports
    0x03, 's',  'u',  'm',  0x00, 0x01, 0x04, 'p',  'e',  'e',  'k',  0x00, 0x02,  //
    0x0a, 0x27, 0x02,                                                              // code
    0x1d, 0x01, 0x01, 0x7f, 0x03, 0x40, 0x20, 0x01, 0x20, 0x00, 0x6a, 0x21, 0x01, 0x20, 0x00,  //
    0x41, 0x01, 0x6b, 0x22, 0x00, 0x0d, 0x00, 0x0b, 0x20, 0x01, 0x10, 0x00, 0x20, 0x01, 0x0b,  //
    0x07, 0x00, 0x20, 0x00, 0x28, 0x02, 0x00, 0x0b,
};

int fail(const char* what, const embed::Failure& failure) {
  std::printf("%s: %s\n", what, failure.text().c_str());
  return 1;
}

}  // namespace

int main() {
  // Settings are made once; metered engines count fuel.
  embed::EngineConfig config;
  config.metered = true;
  auto engine = embed::Engine::make(config);
  if (!engine.ok()) return fail("engine", engine.failure());
  auto module = embed::Module::compile(engine.value(), kModule);
  if (!module.ok()) return fail("module", module.failure());

  // A store holds one guest world; a linker gives it its imports.
  embed::Store store(engine.value());
  if (auto fuelled = store.setFuel(10000); !fuelled.ok()) return fail("fuel", fuelled.failure());
  embed::Linker linker(store);
  i32 printed = 0;
  linker.function("host", "print", [&printed](host::Caller&, i32 value) {
    printed = value;
    std::printf("guest says %d\n", value);
  });
  auto instance = linker.instantiate(module.value());
  if (!instance.ok()) return fail("instance", instance.failure());

  // Types are checked once, here; calls are cheap afterwards.
  auto sum = instance.value().typed<i32(i32)>("sum");
  if (!sum.ok()) return fail("sum", sum.failure());
  auto result = sum.value()(10);
  if (!result.ok()) return fail("call", result.failure());
  std::printf("sum(10) = %d, fuel left %llu\n", result.value(),
              static_cast<unsigned long long>(store.fuel().value()));

  // A trap is a value with a backtrace. The store stays usable.
  auto peek = instance.value().typed<i32(i32)>("peek");
  if (!peek.ok()) return fail("peek", peek.failure());
  auto outside = peek.value()(-1);
  if (outside.ok()) return 1;
  std::printf("%s\n", outside.failure().text().c_str());
  auto memory = instance.value().memory("memory");
  if (!memory.ok()) return fail("memory", memory.failure());
  u8 bytes[4] = {42, 0, 0, 0};
  if (!memory.value().write(100, bytes)) return 1;
  auto inside = peek.value()(100);
  if (!inside.ok()) return fail("peek", inside.failure());
  std::printf("memory[100] = %d\n", inside.value());
  return printed == 55 && result.value() == 55 && inside.value() == 42 ? 0 : 1;
}
