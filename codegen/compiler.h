// What a compiler of this folder takes and gives, whatever the CPU.
//
// Compiled code is position independent: it reaches the run-time library through the table at
// ExecCtx::builtins (Builtin), other functions of its module through their FuncCode. A native frame
// is a return address and nothing else, of the size the CPU asks for (Stubs::frameWords): slots
// hold all values at calls, and the caller takes back what it added to the slot base. Between the
// gate and the innermost frame the native stack is therefore a list of return addresses, with a
// mark where the instance changes (Stubs::crossReturn), which frames.h walks.
#pragma once

#include <span>
#include <vector>

#include "engine/exec/tier.h"
#include "engine/validate/func_meta.h"

namespace bls::codegen {

/// Entries of the table at ExecCtx::builtins: code of stubs_x64.cc and its like.
enum class Builtin : u32 {
  Raise,          // by call: ends the run with the Trap in kStubArgument, at the return address
  EntryOverflow,  // by call: the frame of the function being entered does not fit; or go on
  EntryFuel,      // by call: the counter is at or below zero at entry; or go on
  LoopFuel,       // by call: the same at a loop header
  Runtime,        // by call: the RuntimeCall in kStubArgument; its arguments in kArguments
  CallFar,        // by call: the FuncObj in kArguments[0], whatever it is; its arguments in place
  // By call: the FuncObj in kCallee, an import of an instance whose memory 0 is not shared. Result
  // 0 is in its slot only, and a memory 0 that may move may have done so.
  CallImport,
  CallImportMetered,
  AfterHost,  // by jump: the function of a HostCall is back, its Trap in kResult
  CallTable,  // by call: arguments as RuntimeCall::LookUpTable; calls what it finds
  TailFar,    // by jump: tail call of the wasm FuncObj in kStubArgument, its arguments in place
  LeaveTier,  // by jump: a frame of the FuncCode in kStubArgument goes on interpreted, at
              // ExecCtx::switchAt
  kCount,
};

/// Functions of the run-time library: Trap f(ExecCtx*, u64* frame, u64 a, u64 b, u64 c), operands
/// and results in slots from `frame` upward. runtime_calls.def.
enum class RuntimeCall : u32 {
#define RUNTIME_CALL(name, meaning) name,
#include "codegen/runtime_calls.def"
#undef RUNTIME_CALL
  kCount,
};

/// The fuel cost of a bulk instruction (BulkCost) as an argument of a RuntimeCall.
constexpr u64 packCost(u32 perUnit, bool check) { return u64{check} << 32 | perUnit; }

struct CompileInput {
  const Module* module = nullptr;
  const ModuleMeta* meta = nullptr;
  CodeOptions options;
  u32 funcIndex = 0;
  u32 frameSlots = 0;        // FuncCode::frameSlots
  u32 cpu = 0;               // engine/base/cpu.h
  bool wantOrigins = false;  // CompiledCode::origins

  const FuncMeta& funcMeta() const;
};

/// Where a piece of code comes from: the key is a return address, or an access's address plus 1.
struct CodeSite {
  u32 at = 0;             // byte offset in the code
  u32 offset = 0;         // of the instruction in the body
  i32 pending = 0;        // fuel of what has been executed, itself included, and not charged
  u32 moved = 0;          // slots by which the slot base is ahead of the frame
  u32 root = ~u32{0};     // the first of its references: into FrameMaps::roots
  bool replaced = false;  // a tail call's: the frame holds its arguments and catches nothing
  u32 protectedAt = 0;  // `at`, or the site in line of one out of the way: where try forms count it
};

/// What is needed to walk the frames of a function: where its references are and who catches what.
/// Made by compiling the function again, when somebody walks.
struct FrameMaps {
  static constexpr u32 kNone = ~u32{0};
  /// A slot that holds a reference the collector follows.
  struct Root {
    u32 slot;
    u32 below = kNone;  // the next one of the same site; sites share tails
    bool isExtern;
  };
  /// One clause of a try form, in the order they are tried.
  struct Handler {
    u32 tag = kNone;         // index in the instance; kNone: any exception
    u32 landing = 0;         // offset in the code: payload and reference in slots, all paid
    u32 base = 0;            // slot of the payload, the reference behind it
    u32 exnSlot = kNone;     // legacy: where the exception is kept for rethrow
    u32 delegateTo = kNone;  // delegate: only tries at most this deep are asked further
    bool wantsRef = false;
  };
  /// Code that a try form protects: return addresses in (begin, end]. Inner ones come later.
  struct Region {
    u32 begin = 0;
    u32 end = 0;
    u32 depth = 0;  // of its label, counted from the function's
    std::vector<Handler> handlers;
  };

  std::vector<CodeSite> sites;  // ascending
  std::vector<Root> roots;
  std::vector<Root> locals;
  std::vector<Region> regions;
};

/// What from here on was emitted for an instruction, or for none: the entry, constants.
struct CodeOrigin {
  enum Kind : u8 { Code, Cold, Data };  // Cold: out of the way, the instruction's trap
  static constexpr u32 kNone = ~u32{0};
  u32 at = 0;      // byte offset in the code
  u32 offset = 0;  // of the instruction in the body, or kNone
  Kind kind = Code;
};

/// Where a frame of the interpreter goes on at a loop header.
struct LoopEntry {
  u32 bodyOffset = 0;  // of the loop
  u32 at = 0;          // offset in the code
};

struct CompiledCode {
  std::span<const u8> bytes;        // valid until the assembler is used again
  u32 bodyEntry = 0;                // offset of the entry for callers that have opened the frame
  std::vector<u32> accesses;        // offsets of memory accesses that may fault
  std::vector<LoopEntry> loops;     // ascending by offset in the body; if options say so
  FrameMaps maps;                   // only when asked for
  std::vector<CodeOrigin> origins;  // ascending; only when asked for (wantOrigins)

  /// As new; the vectors keep their memory.
  void clear() {
    bytes = {};
    bodyEntry = 0;
    accesses.clear();
    loops.clear();
    maps = {};
    origins.clear();
  }
};

}  // namespace bls::codegen
