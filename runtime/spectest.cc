// spectest, written down.
#include "runtime/spectest.h"

#include "engine/text/text_module.h"

namespace bls::embed {
namespace {

constexpr const char* kCommon = R"((module $spectest
  (global (export "global_i32") i32 (i32.const 666))
  (global (export "global_i64") i64 (i64.const 666))
  (global (export "global_f32") f32 (f32.const 666.6))
  (global (export "global_f64") f64 (f64.const 666.6))
  (table (export "table") 10 20 funcref)
  (memory (export "memory") 1 2)
  (func (export "print"))
  (func (export "print_i32") (param i32))
  (func (export "print_i64") (param i64))
  (func (export "print_f32") (param f32))
  (func (export "print_f64") (param f64))
  (func (export "print_i32_f32") (param i32 f32))
  (func (export "print_f64_f64") (param f64 f64))
))";
constexpr const char* kTable64 = R"((module (table (export "table64") i64 10 20 funcref)))";
constexpr const char* kShared = R"((module (memory (export "shared_memory") 1 2 shared)))";

std::string define(const Engine& engine, Linker& linker, const char* source) {
  Diagnostics diag;
  std::vector<u8> bytes;
  text::TextOptions options;
  options.features = engine.config().features;
  Status parsed = text::parseText(source, options, diag, &bytes);
  if (!parsed.ok()) return parsed.error()->format("spectest");
  Expected<Module> module = Module::compile(engine, bytes);
  if (!module.ok()) return module.failure().text("spectest");
  Expected<Instance> instance = linker.instantiate(module.value());
  if (!instance.ok()) return instance.failure().text("spectest");
  Expected<Nothing> done = linker.instance("spectest", instance.value());
  return done.ok() ? "" : done.failure().text("spectest");
}

}  // namespace

std::string defineSpectest(const Engine& engine, Linker& linker) {
  const Features& features = engine.config().features;
  std::string error = define(engine, linker, kCommon);
  if (error.empty() && features.has(Feature::Memory64)) error = define(engine, linker, kTable64);
  if (error.empty() && features.has(Feature::Threads)) error = define(engine, linker, kShared);
  return error;
}

}  // namespace bls::embed
