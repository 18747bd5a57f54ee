// Per-function metadata made by the validator in one pass, O(body bytes): what interpreter, compilers and snapshots need
// without walking the body again. Slots are 64-bit frame slots (v128 takes two). Immutable after validation.
#pragma once

#include <span>
#include <vector>

#include "engine/base/ints.h"

namespace bls {

/// One local touched inside a loop; counts saturate at 255.
struct LoopLocal {
  u16 local = 0;  // locals above 65534 make the set `many`
  u8 reads = 0;
  u8 writes = 0;
};

struct LoopMeta {
  u32 offset = 0;         // of the `loop` opcode, relative to the body's first byte
  u32 firstLocal = 0;     // into ModuleMeta::loopLocals
  u8 localCount = 0;      // at most 64
  bool many = false;      // more than 64 locals: treat as "any local"
  u16 calls = 0;          // call sites inside, saturating
  u32 depth = 0;          // loop nesting depth, 0 = outermost
};

/// One handler: try_table clause or legacy catch.
struct CatchMeta {
  u32 tryBegin = 0;       // offsets relative to the body
  u32 tryEnd = 0;
  u32 handler = 0;        // label target offset (try_table) or offset behind the catch (legacy)
  u32 tag = 0;            // ~0 for catch_all
  u32 height = 0;         // operand slots below the handler's values
  u8 kind = 0;            // CatchKind
};

struct FuncMeta {
  u32 paramSlots = 0;
  u32 localSlots = 0;       // params and locals
  u32 resultSlots = 0;
  u32 maxOperandSlots = 0;  // highest operand stack, in slots
  u32 callSites = 0;
  u32 firstLoop = 0;        // into ModuleMeta::loops, in order of appearance
  u32 loopCount = 0;
  u32 firstCatch = 0;       // into ModuleMeta::catches, innermost first
  u32 catchCount = 0;
  bool usesUnexecutable = false;  // names an instruction T0 does not run; see ModuleMeta::firstUnexecutable
};

/// Metadata of all defined functions, indexed by (function index − imported functions).
struct ModuleMeta {
  std::vector<FuncMeta> funcs;
  std::vector<LoopMeta> loops;
  std::vector<LoopLocal> loopLocals;
  std::vector<CatchMeta> catches;
};

}  // namespace bls
