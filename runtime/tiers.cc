// The interpreter, made to order.
#include "runtime/tiers.h"

#include "engine/interp/interpreter.h"

namespace bls {
namespace {

Dispatch dispatchOf(Backend backend) {
  if (backend == Backend::Default) return Interpreter::defaultDispatch();
  return backend == Backend::Tail ? Dispatch::Tail : Dispatch::Loop;
}

}  // namespace

bool hasTailBackend() { return Interpreter::hasTail(); }

bool canUseGuardMemory(Backend backend) { return Interpreter(dispatchOf(backend)).usesGuards(); }

std::unique_ptr<Tier> makeInterpreter(Backend backend) {
  if (backend == Backend::Tail && !Interpreter::hasTail()) return nullptr;
  return std::make_unique<Interpreter>(dispatchOf(backend));
}

const char* tierSummary() {
  return Interpreter::hasTail() ? "interp (dispatch tail, loop)" : "interp (dispatch loop)";
}

}  // namespace bls
