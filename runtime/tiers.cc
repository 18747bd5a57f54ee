// The tiers, made to order.
#include "runtime/tiers.h"

#include "engine/interp/interpreter.h"
#if BLS_HAS_COMPILER
#include "codegen/native_module.h"
#endif
#if BLS_VERIFIES_CODE
#include "codegen/verify/verify_access.h"
#endif

namespace bls {
namespace {

#if BLS_HAS_COMPILER
constexpr NativeFactory kNative = &codegen::makeNativeModule;
#else
constexpr NativeFactory kNative = nullptr;
#endif

Dispatch dispatchOf(Backend backend) {
  if (backend == Backend::Default) return Interpreter::defaultDispatch();
  return backend == Backend::Tail ? Dispatch::Tail : Dispatch::Loop;
}

}  // namespace

bool hasTailBackend() { return Interpreter::hasTail(); }

bool canUseGuardMemory(Backend backend, bool compiles) {
  // Compiled code can where the interpreter compares; instrumented builds, without tail, keep off.
  return Interpreter(dispatchOf(backend)).usesGuards() || (compiles && Interpreter::hasTail());
}

bool hasBaseline() { return BLS_HAS_COMPILER != 0; }

std::unique_ptr<Tier> makeTier(Backend backend, bool compiles) {
  if (backend == Backend::Tail && !Interpreter::hasTail()) return nullptr;
#if BLS_VERIFIES_CODE
  codegen::setCodeVerifier(&codegen::verifyAccesses);
#endif
  return std::make_unique<Interpreter>(dispatchOf(backend), compiles ? kNative : nullptr);
}

u64 nativeStackFor([[maybe_unused]] u64 slotBytes) {
#if BLS_HAS_COMPILER
  return codegen::nativeStackFor(slotBytes);
#else
  return 0;
#endif
}

bool observeCode([[maybe_unused]] CodeObserver observer) {
#if BLS_HAS_COMPILER
  codegen::setCodeObserver(observer);
#endif
  return hasBaseline();
}

const char* tierSummary() {
  if (hasBaseline()) return "interp (dispatch tail, loop), baseline, auto";
  return Interpreter::hasTail() ? "interp (dispatch tail, loop)" : "interp (dispatch loop)";
}

}  // namespace bls
