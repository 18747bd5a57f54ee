// What the verifier knows of the registers at a place in the code.
#pragma once

#include <array>
#include <vector>

#include "codegen/verify/machine.h"

namespace bls::codegen::verify {

struct Value {
  enum Kind : u8 {
    Any,
    Const,     // n
    Instance,  // the running instance
    Memories,  // its array of memories
    Memory,    // MemoryObj n
    Base,      // of memory n's bytes
    Size,      // of memory n
    Builtins,  // the table of stubs
    Sum,       // the value `of` plus n
    Checked,   // an address in memory `memory`, with n bytes behind it
  };
  Kind kind = Any;
  bool low = false;      // the upper 32 bits are zero
  bool exact = false;    // Sum: has not wrapped
  bool checked = false;  // Sum: at most the size of memory `memory`
  u32 memory = 0;
  u64 id = 0;  // equal ids: the same value
  u64 of = 0;
  u64 n = 0;
  friend bool operator==(const Value&, const Value&) = default;
};

/// What the flags say: nothing, or the outcome of one of the comparisons of a check.
struct Flags {
  enum Kind : u8 { None, SizeWithSum, SumWithPart };
  Kind kind = None;
  u32 memory = 0;
  u64 sum = 0;
  friend bool operator==(const Flags&, const Flags&) = default;
};

struct State {
  std::array<Value, kRegs> regs;
  std::vector<Value> stack;  // pushed since the block began
  Flags flags;

  /// Ids of values that begin at a place, one for each register.
  static constexpr u64 made(u32 at, u32 reg) { return u64{at} << 8 | reg; }
  static constexpr u64 merged(u32 at, u32 reg) { return u64{1} << 62 | u64{at} << 8 | reg; }
  static constexpr u64 outdated(u32 at, u32 reg) { return u64{1} << 61 | u64{at} << 8 | reg; }

  /// A register is written by the instruction at `at`.
  void set(u32 reg, Value value, u32 at) {
    value.id = made(at, reg);
    // In a loop, what the instruction made the last time is another value.
    for (u32 i = 0; i < kRegs; ++i) {
      if (i != reg && regs[i].id == value.id) regs[i].id = outdated(at, i);
      if (regs[i].kind == Value::Sum && regs[i].of == value.id) regs[i].of = outdated(at, kRegs);
    }
    if (flags.sum == value.id) flags = {};
    regs[reg] = value;
  }
  /// The same value in another register.
  void copy(u32 reg, const Value& value) { regs[reg] = value; }

  /// Another way leads to the place `at`, with `other`. True when that takes knowledge away.
  bool merge(const State& other, u32 at) {
    bool changed = false;
    for (u32 i = 0; i < kRegs; ++i) {
      if (regs[i] == other.regs[i]) continue;
      // What a register is does not depend on which of them it is; sums are tied to a value.
      Value sameKind = other.regs[i];
      sameKind.id = regs[i].id;
      Value both;
      if (sameKind == regs[i] && sameKind.kind != Value::Sum) both = sameKind;
      both.low = regs[i].low && other.regs[i].low;
      both.id = merged(at, i);
      if (regs[i] == both) continue;
      regs[i] = both;
      changed = true;
    }
    if (!(flags == other.flags) && flags.kind != Flags::None) {
      flags = {};
      changed = true;
    }
    return changed;
  }
};

}  // namespace bls::codegen::verify
