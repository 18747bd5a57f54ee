// ExecCtx: the state of one execution that interpreter, compiled code and host calls share; made
// from exec_ctx.def.
//
// One ExecCtx per running call chain (a thread, a fiber). It owns nothing: stacks belong to the
// store that made it. Slot stack: 64-bit slots growing upward, wasm values and link areas only.
// Control stack: return records of T0 frames. Frame: [params][locals][link, 2 slots][operands…];
// i32 zero-extended, f32 in the low half with zero above, v128 in two slots, references in one. A
// callee's frame starts at its first argument in the caller's operands; results are written from
// the frame base upward.
#pragma once

#include <atomic>
#include <string>

#include "engine/base/ints.h"
#include "engine/wasm/traps.h"

namespace bls {

struct Instance;
struct MemoryObj;
struct FuncCode;
struct FuncObj;
struct Module;
class CodeModule;
class NativeCode;
class Store;
class Tier;

/// Slots between a frame's locals and its operands; contents are the tier's own.
constexpr u32 kLinkSlots = 2;

/// Most fuel that is handed to running code at once; the rest waits in fuelReserve. Short, because
/// an interrupt request is seen at the latest when the slice is used up.
constexpr u64 kFuelSlice = u64{1} << 20;

/// One T0 return record. `fp` is the caller's frame; a record whose pc is a restore cell carries an
/// Instance* instead.
struct ControlRecord {
  const void* pc;
  void* fp;
};

/// The pc of a record that stands for a stretch of native frames: the code between its gate and the
/// place where it called out. `fp` is then the Instance* current there; the record below holds the
/// stack pointer (pc; it points at the innermost return address) and the slot base at that place
/// (NativeStretch).
inline const void* const kNativeFrames = reinterpret_cast<const void*>(8);

/// Operands and answers of a probe, made and explained in exec/float_env.h.
struct alignas(16) FloatProbe {
  u32 left[4] = {};
  u32 right[4] = {};
  u32 sum[4] = {};
  u32 zero = 0;
  u32 state = 0;
};

/// Where the interpreter puts operands of frames with more than 65,536 slots, and the frame
/// meanwhile.
struct WideScratch {
  u64 slots[10];
  u64* fp;
};

/// A global's value: 16 bytes; scalars use `lo`. For an imported mutable global `lo` holds the
/// GlobalObj's cell address.
struct GlobalCell {
  u64 lo;
  u64 hi;
};

/// Asynchronous requests to end an execution. Lives as long as the store; every member may be used
/// from any thread.
struct InterruptState {
  std::atomic<u8> requested{
      0};  // a Trap value: Interrupt, TimeLimit, Exit (process wide exit), or 0
  int wakeFd =
      -1;  // readable once requested; blocking host calls poll it beside their own descriptors
};

/// Where a wasm frame is, for backtraces and fuel correction.
struct FramePlace {
  u32 funcIndex = 0;
  u32 bodyOffset = 0;  // offset of the instruction relative to the function's body
  const Module* module = nullptr;
};

/// The wasm frames of the last trap, innermost first; `total` may be more than are listed.
struct TrapTrace {
  static constexpr u32 kMaxFrames = 20;
  FramePlace frames[kMaxFrames];
  u32 count = 0;
  u32 total = 0;
  Trap trap = Trap::None;
};

struct ExecCtx;
/// Blocks until `fd` (if not negative) is readable, `timeoutNs` have passed (~0: never) or the
/// execution is asked to end.
enum class ParkEnd : u8 { Ready, TimedOut, Interrupted };
using ParkFn = ParkEnd (*)(ExecCtx* cx, int fd, u64 timeoutNs);

class RootVisitor;
/// Visits every reference in the wasm frames of an execution.
using FrameTracer = void (*)(ExecCtx* cx, RootVisitor& visitor);

struct ExecCtx {
#define CX_FIELD(name, type, meaning) type name{};
#include "engine/object/exec_ctx.def"
#undef CX_FIELD

  void saveFuel() {
    savedFuel = fuel;
    savedReserve = fuelReserve;
  }
};

}  // namespace bls
