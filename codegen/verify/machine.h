// Machine instructions as the verifier sees them, whatever the CPU: what an instruction does to
// general registers and flags, where it goes on, which memory it touches. A CPU's file
// (machine_x64.cc) makes them from bytes with a decoder that is not the macro assembler's.
//
// What a file does not recognise it reports as Other with the registers that are written: that
// only loses knowledge, it never makes any.
#pragma once

#include <span>

#include "engine/base/ints.h"

namespace bls::codegen::verify {

constexpr u32 kRegs = 32;
constexpr u32 kNoReg = kRegs;

/// Registers with a fixed meaning in compiled code, as ARCHITECTURE.md gives them; not taken from
/// the compiler's headers.
struct Roles {
  u32 slots;
  u32 context;
  u32 memory;
  u32 fuel;
  u32 stack;
  u32 scratch;
  u32 result;
};

/// An operand in memory.
struct Place {
  u32 base = kNoReg;
  u32 index = kNoReg;
  u32 scale = 1;
  i64 disp = 0;
  u32 bytes = 0;
  bool inCode = false;  // the pool: disp is an offset in the function's code
};

struct Inst {
  enum Flow : u8 {
    Next,
    Branch,  // to target, or on
    Jump,    // to target
    JumpReg,
    Leave,  // a jump through memory: a tail call
    Call,   // through places[0], or to the function itself
    Return,
    Stop
  };
  enum Effect : u8 {
    Other,
    Constant,    // d = n
    Copy,        // d = a
    CopyLow,     // d = the low half of a
    Load,        // d = 64 bits from places[0]
    Address,     // d = the address of `address`
    Sum,         // d = a + b
    ShiftRight,  // d = a >> n, zeros from above
    CompareReg,  // flags of a - b
    CompareMem,  // flags of [places[0]] - b, 64 bits
    Push,        // a
    Pop,         // d
    Pick         // d = a or b
  };
  /// A general register that is written.
  struct Write {
    u32 reg;
    enum High : u8 { Zero, Kept, Any } high;  // its upper 32 bits
  };

  u32 at = 0;
  u32 next = 0;
  Flow flow = Next;
  Effect effect = Other;
  bool onBelow = false;  // Branch: taken when the comparison said below
  bool setsFlags = false;
  u32 target = 0;
  u32 d = kNoReg;
  u32 a = kNoReg;
  u32 b = kNoReg;
  u64 n = 0;
  Place address;
  u32 placeCount = 0;
  Place places[3];
  u32 writeCount = 0;
  Write writes[6];
};

extern const Roles kRoles;

/// The instruction at `at`. False: it is none, or of a form that compiled code never has.
bool decode(std::span<const u8> code, u32 at, Inst* out);

}  // namespace bls::codegen::verify
