// compile_speed REPEATS FILE...: times the baseline compiler on whole modules from memory, decoding
// and validation included, on one thread, for bench/compile.py.
//
// The code is that of a run with guard memory and without fuel. For each file, after one pass that
// is not counted, prints one line of JSON: {"bytes", "code_section" (bytes of function bodies),
// "functions", "compiled", "machine_code", "tables" (bytes of what is kept beside it), "validate":
// [CPU seconds of decoding and validating, each repeat], "compile": [of compiling all functions]}.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "bench/compile/measured.h"
#include "codegen/native_module.h"
#include "engine/decode/module_decoder.h"
#include "engine/interp/interpreter.h"
#include "engine/validate/module_validator.h"

namespace bls {
namespace {

struct Pass {
  f64 validateSeconds = 0;
  f64 compileSeconds = 0;
  u64 bodyBytes = 0;
  u64 codeBytes = 0;
  u64 tableBytes = 0;
  u32 functions = 0;
  u32 compiled = 0;
};

Pass pass(const std::vector<u8>& bytes) {
  Pass out;
  Diagnostics diag;
  std::unique_ptr<Module> module;
  ModuleMeta meta;
  const f64 start = threadSeconds();
  Status status = decodeModule(ModuleBytes(bytes.data(), bytes.size(), noFree, nullptr), Features(),
                               diag, &module);
  if (status.ok()) status = validateModule(*module, ValidateOptions(), &meta, diag);
  if (!status.ok()) {
    std::fprintf(stderr, "compile_speed: %s\n", status.error()->format("module").c_str());
    std::exit(1);
  }
  const f64 validated = threadSeconds();
  CodeOptions options;
  options.guardMemory = true;
  Interpreter tier(Interpreter::defaultDispatch(), &codegen::makeNativeModule);
  const std::unique_ptr<CodeModule> code = tier.prepare(*module, meta, options);
  NativeCode* native = static_cast<interp::InterpModule*>(code.get())->native();
  if (native == nullptr) {
    std::fprintf(stderr, "compile_speed: no compiler here\n");
    std::exit(1);
  }
  for (u32 i = module->importedFuncs; i < module->funcs.size(); ++i) {
    native->compile(code->cells() + i);
  }
  out.validateSeconds = validated - start;
  out.compileSeconds = threadSeconds() - validated;
  for (u32 i = module->importedFuncs; i < module->funcs.size(); ++i) {
    out.bodyBytes += module->body(module->funcs[FuncIndex{i}]).size();
  }
  out.functions = module->funcs.size() - module->importedFuncs;
  out.compiled = native->compiledFunctions();
  out.codeBytes = native->codeBytes();
  out.tableBytes = native->tableBytes();
  return out;
}

bool run(int repeats, const char* path) {
  std::vector<u8> bytes;
  if (!readFile(path, &bytes)) {
    std::fprintf(stderr, "compile_speed: cannot read %s\n", path);
    return false;
  }
  const Pass first = pass(bytes);
  std::printf("{\"bytes\": %zu, \"code_section\": %llu, \"functions\": %u, \"compiled\": %u, ",
              bytes.size(), static_cast<unsigned long long>(first.bodyBytes), first.functions,
              first.compiled);
  std::printf("\"machine_code\": %llu, \"tables\": %llu, ",
              static_cast<unsigned long long>(first.codeBytes),
              static_cast<unsigned long long>(first.tableBytes));
  std::vector<Pass> passes;
  for (int i = 0; i < repeats; i++) passes.push_back(pass(bytes));
  const auto list = [&](const char* name, f64 Pass::* seconds) {
    std::printf("\"%s\": [", name);
    for (size_t i = 0; i < passes.size(); i++) {
      std::printf("%s%.6f", i == 0 ? "" : ", ", passes[i].*seconds);
    }
    std::printf("]");
  };
  list("validate", &Pass::validateSeconds);
  std::printf(", ");
  list("compile", &Pass::compileSeconds);
  std::printf("}\n");
  return true;
}

}  // namespace
}  // namespace bls

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: compile_speed REPEATS FILE...\n");
    return 2;
  }
  for (int i = 2; i < argc; i++) {
    if (!bls::run(std::atoi(argv[1]), argv[i])) return 1;
  }
  return 0;
}
