// The out-of-line parts of instructions: ordinary functions on State (cell.h: SlowFn), shared by
// both back ends. Files: slow_control.cc (fuel, calls, frames, traps), slow_memory.cc (memory and
// data), slow_table.cc (tables and references).
//
// Cells of instructions that are only out of line: charge a, flags b (kBulk…), imm32 the first
// operand's slot (operands stand in their home slots, results go there); the data cell behind: two
// 32-bit indices in its first word.
#pragma once

#include "engine/interp/cell.h"

namespace bls {
struct BulkCost;
struct CodeOptions;
}  // namespace bls

namespace bls::interp {

/// Ends the run with `trap` at s.pc.
u64 raise(State& s, Trap trap);
/// The same with the trap's number in s.acc.
u64 raiseAcc(State& s);

u64 loopFuelSlow(State& s);  // s.pc: the loop header reached with the counter at or below zero
u64 goOnSlow(State& s);      // nothing: goes on at s.pc
u64 entrySlow(State& s);     // a frame does not fit, or an interrupt is requested; s.pc: the call
u64 callFuelSlow(
    State& s);  // counter at or below zero after charging s.acc units for the call at s.pc
u64 callIndirectSlow(State& s);  // anything but a same-instance match; s.acc: the index
u64 callFar(State& s);           // frame slot imm32; behind: function index
u64 callTableFar(State& s);      // frame slot imm32; behind: type, table; then: index slot
u64 callImport(State& s);        // frame slot imm32; behind: function index
u64 returnCall(State& s);        // arguments at imm32; behind: function index, argument slots
u64 returnCallImport(State& s);
u64 returnCallIndirect(
    State& s);  // arguments at imm32; behind: type, table, argument slots; then: index slot
u64 callRefSlow(State& s);      // anything but a same-instance function; s.acc: the reference
u64 callRefFar(State& s);       // frame slot imm32; behind: slot of the reference
u64 returnCallRef(State& s);    // arguments at imm32; behind: slot of the reference
u64 returnMany(State& s);       // source slot imm32, charge b; behind: slots
u64 translateEntry(State& s);   // s.acc: the FuncCode
u64 enterNative(State& s);      // s.acc: the FuncCode, which has native code
u64 enterEither(State& s);      // the same, natively when a change of tiers is due
u64 resumeNative(State& s);     // a frame goes on natively (ReturnCells::resume)
u64 countCall(State& s);        // s.acc: the FuncCode, which is interpreted at first
u64 countLoop(State& s);        // at a loop header; behind: count; function, offset of the loop
u64 restoreInstance(State& s);  // s.fp: the Instance to go back to
u64 leave(State& s);
u64 trapUnreachable(State& s);
u64 saveFuel(State& s);  // charge a: what is pending here
u64 copyMany(State& s);  // slots to imm32; behind: from, count

// Exceptions (slow_exceptions.cc).
u64 throwTag(State& s);  // payload at imm32, charge a; behind: tag, payload slots
u64 throwRef(State& s);  // exception at imm32, charge a
/// A host function has returned Trap::UncaughtException: unwinds on, from the frame at s.fp or
/// (`ownFrame` false) from the one below. False when it is no wasm exception or nobody catches it.
bool rethrowPending(State& s, bool ownFrame, u64* result);
/// Compiled code has left for `callee`, an interpreted function of the current instance: its
/// arguments stand at cx->trapFp, the frames that wait for it are on the control stack, and its
/// caller has paid for everything.
u64 callFromNative(State& s, FuncCode* callee);
/// Fuel after a trap at a call that has been paid for, in a frame that is not interpreted.
void settleFuelAtCall(ExecCtx* cx, Trap trap, const CodeOptions& options);
/// bls::allocateObject with this frame at s.pc, which must be a safepoint: the collector may run.
u32 allocateObject(State& s, u32 word0, u32 word1, u64 bytes);

// Garbage-collected objects (slow_gc.cc): operands from imm32; behind: layout, then count or index.
u64 structNew(State& s);
u64 objectNewSlow(State& s);  // bodies_gc.h, objectNew
u64 structNewDefault(State& s);
u64 arrayNew(State& s);
u64 arrayNewDefault(State& s);
u64 arrayNewFixed(State& s);
u64 arrayNewData(State& s);
u64 arrayNewElem(State& s);
u64 arrayFill(State& s);
u64 arrayCopy(State& s);
u64 arrayInitData(State& s);
u64 arrayInitElem(State& s);
u64 refTestSlow(State& s);  // result a, reference b; behind: heap type with canonical ids
u64 refCastSlow(State& s);
u64 anyConvertExtern(State& s);
u64 externConvertAny(State& s);

u64 atomicWait(State& s);  // address, expected, timeout at imm32, width a; behind: as far accesses
u64 atomicNotify(State& s);  // address, count

/// An access beyond cx->mem0Size: goes on when the memory is shared and has grown, else traps.
u64 memorySlow(State& s);
/// Flags of metered bulk instructions (field b); the cost of a unit stands above them. Without
/// flags nothing is charged.
constexpr u16 kBulkCharge = 1;
constexpr u16 kBulkCheck = 2;
constexpr u16 kBulkCostShift = 8;
u64 memorySize(State& s);
u64 memoryGrow(State& s);
u64 memoryFill(State& s);
u64 memoryCopy(State& s);
u64 memoryInit(State& s);
u64 dataDrop(State& s);
u64 tableGet(State& s);
u64 tableSet(State& s);
u64 tableSize(State& s);
u64 tableGrow(State& s);
u64 tableFill(State& s);
u64 tableCopy(State& s);
u64 tableInit(State& s);
u64 elemDrop(State& s);
u64 refFunc(State& s);

/// The cost of the bulk instruction at s.pc, as its cell says.
BulkCost bulkCostOf(const State& s);
/// Charges a bulk instruction for `units` as its cell says. Spec: fuel rules 3 and 4.
Trap chargeBulk(State& s, u64 units);
/// Makes cx and s agree with memory 0 after it may have changed.
void reloadMemory(State& s);

}  // namespace bls::interp
