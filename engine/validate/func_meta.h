// Per-function metadata made by the validator in one pass, O(body bytes): what interpreter,
// compilers and snapshots need without walking the body again. Slots are 64-bit frame slots (v128
// takes two). Immutable after validation.
#pragma once

#include <span>
#include <vector>

#include "engine/base/ints.h"
#include "engine/wasm/opcodes.h"

namespace bls {

/// One local touched inside a loop; counts saturate at 255.
struct LoopLocal {
  u16 local = 0;
  u8 reads = 0;
  u8 writes = 0;
};

struct LoopMeta {
  u32 offset =
      0;  // of the `loop` opcode, relative to the body's first byte (its local declarations)
  u32 firstLocal = 0;  // into ModuleMeta::loopLocals
  u8 localCount = 0;   // at most 64
  bool many = false;   // more than 64 locals: treat as "any local"
  u16 calls = 0;       // call sites inside, saturating
  u32 depth = 0;       // loop nesting depth, 0 = outermost
};

/// One handler: try_table clause or legacy catch. Handlers of one try stand in the order they are
/// tried.
struct CatchMeta {
  u32 tryBegin = 0;  // offsets relative to the body: first instruction inside
  u32 tryEnd = 0;    // the `end`, or the first catch (legacy), or the delegate
  u32 handler =
      0;        // where execution goes on: behind the target block's `end`, or the target `loop`
                // (try_table); behind the catch instruction (legacy); the relative label (delegate)
  u32 tag = 0;  // ~0 for catch_all
  u32 height = 0;  // operand slots below the handler's values
  u8 kind = 0;     // CatchKind, or kCatchDelegate
};
constexpr u8 kCatchDelegate = 4;

struct FuncMeta {
  u32 paramSlots = 0;
  u32 localSlots = 0;  // params and locals
  u32 resultSlots = 0;
  u32 exceptionSlots = 0;   // behind the locals: deepest nesting of legacy tries
  u32 maxOperandSlots = 0;  // highest operand stack, in slots
  u32 callSites = 0;        // instructions of class Call
  u32 firstLoop = 0;        // into ModuleMeta::loops, in order of appearance
  u32 loopCount = 0;
  u32 firstCatch = 0;  // into ModuleMeta::catches, innermost first
  u32 catchCount = 0;
};

/// Metadata of all defined functions, indexed by (function index − imported functions).
struct ModuleMeta {
  std::vector<FuncMeta> funcs;
  std::vector<LoopMeta> loops;
  std::vector<LoopLocal> loopLocals;
  std::vector<CatchMeta> catches;
};

}  // namespace bls
