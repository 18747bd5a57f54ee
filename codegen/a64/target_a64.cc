// The baseline compiler for AArch64.
#include "codegen/a64/masm_a64.h"
#include "codegen/baseline_atomic.h"
#include "codegen/baseline_bulk.h"
#include "codegen/baseline_call.h"
#include "codegen/baseline_control.h"
#include "codegen/baseline_exception.h"
#include "codegen/baseline_gc.h"
#include "codegen/baseline_memory.h"
#include "codegen/baseline_numeric.h"
#include "codegen/baseline_sink.h"
#include "codegen/baseline_table.h"
#include "codegen/baseline_tail.h"
#include "codegen/baseline_vector.h"
#include "codegen/baseline_wide.h"
#include "codegen/target.h"

namespace bls::codegen {
namespace {

class CompilerA64 final : public FunctionCompiler {
 public:
  explicit CompilerA64(u32 cpu) : masm_(cpu) {}
  bool compile(const CompileInput& input, bool wantMaps, CompiledCode* out) override {
    masm_.reset();
    Baseline<a64::MasmA64> baseline(masm_, input, wantMaps);
    if (!baseline.run()) return false;
    *out = baseline.take();
    return true;
  }

 private:
  a64::MasmA64 masm_;
};

}  // namespace

std::unique_ptr<FunctionCompiler> makeFunctionCompiler(u32 cpu) {
  return std::make_unique<CompilerA64>(cpu);
}

}  // namespace bls::codegen
