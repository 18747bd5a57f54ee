// What a macro assembler offers the compilers, and the types it offers it in. One class per CPU
// (x64/masm_x64.h, a64/masm_a64.h) has the same members; the compilers take it as a template
// parameter, so that a member that is missing fails to compile and nothing is virtual.
//
// Reading guide to a macro assembler: operations take three operands (result first) whatever the
// CPU; `w` is the width of an integer operation; the result of a 32-bit operation has its upper
// half zero (threat model JIT-1); an operation may clobber kScratch and kFScratch, a vector
// operation kFScratch2 too, which are never given to the register allocator, and nothing else
// unless its comment says so; the result may be in the register of any operand. Positions are byte
// offsets from the start of the buffer.
//
// Vector operations are named by the wasm instruction: a member takes the instructions of one class
// of opcodes.def and gives the bits of their functors, NaN payloads included.
#pragma once

#include "engine/base/check.h"
#include "engine/base/ints.h"

namespace bls::codegen {

/// A general register by its hardware number.
struct Reg {
  u8 code = 0;
  friend constexpr bool operator==(Reg, Reg) = default;
};
/// A floating-point and vector register.
struct FReg {
  u8 code = 0;
  friend constexpr bool operator==(FReg, FReg) = default;
};

enum class Width : u8 { W32, W64 };

class Label;
/// A call of an import in line, if it is a host function (MacroAssembler::callHost).
struct HostCall {
  i32 frame;         // slots from the slot base to the arguments
  bool metered;      // the counter is published, and read again
  Label* notHost;    // for wasm functions, and requests to stop; nothing has been done then
  Label* afterHost;  // where to go with a trap or another floating-point state
  Label* back;       // unbound: behind the call
};

/// Integer conditions; neighbours are each other's negation.
enum class Cond : u8 { Eq, Ne, LtS, GeS, LeS, GtS, LtU, GeU, LeU, GtU };
constexpr Cond negate(Cond cond) { return static_cast<Cond>(static_cast<u8>(cond) ^ 1); }
/// The condition that holds for (b, a) when `cond` holds for (a, b).
constexpr Cond swapOperands(Cond cond) {
  switch (cond) {
    case Cond::LtS: return Cond::GtS;
    case Cond::GtS: return Cond::LtS;
    case Cond::GeS: return Cond::LeS;
    case Cond::LeS: return Cond::GeS;
    case Cond::LtU: return Cond::GtU;
    case Cond::GtU: return Cond::LtU;
    case Cond::GeU: return Cond::LeU;
    case Cond::LeU: return Cond::GeU;
    default: return cond;
  }
}

/// Conditions on floats as wasm compares; all but Ne are false when an operand is NaN.
enum class FCond : u8 { Eq, Ne, Lt, Gt, Le, Ge };

enum class IntOp : u8 { Add, Sub, Mul, And, Or, Xor };
enum class ShiftOp : u8 { Shl, ShrS, ShrU, Rotl, Rotr };
enum class BitOp : u8 { Clz, Ctz, Popcnt, Extend8S, Extend16S, Extend32S, ZeroExtend32 };
enum class DivOp : u8 { DivS, DivU, RemS, RemU };
enum class FloatOp : u8 { Add, Sub, Mul, Div, Min, Max, Copysign };
enum class FloatUnary : u8 { Abs, Neg, Sqrt, Ceil, Floor, Trunc, Nearest };

/// Atomic read-modify-write.
enum class AtomicOp : u8 { Add, Sub, And, Or, Xor, Exchange };

/// A memory access: bytes, and what becomes of the rest of the register.
enum class Access : u8 { U8, S8To32, S8To64, U16, S16To32, S16To64, U32, S32To64, U64 };

/// base + (index << shift) + disp. The index register, if any, is used with all its 64 bits.
struct Address {
  Reg base;
  Reg index;
  bool hasIndex = false;
  u8 shift = 0;
  i32 disp = 0;

  static constexpr Address at(Reg base, i32 disp) { return {base, {}, false, 0, disp}; }
  static constexpr Address indexed(Reg base, Reg index, i32 disp = 0, u8 shift = 0) {
    return {base, index, true, shift, disp};
  }
};

/// A place in the code. Jumps to a label that is not bound yet are chained through their own
/// distance fields, so a label is two words and needs no allocation. Every used label must be bound
/// before the code is taken.
class Label {
 public:
  bool bound() const { return bound_; }
  bool used() const { return bound_ || at_ != kNone; }
  u32 position() const {
    DCHECK(bound_);
    return at_;
  }

 private:
  template <class>
  friend class LabelChain;
  static constexpr u32 kNone = ~u32{0};
  u32 at_ = kNone;  // bound: the place; else the last jump to it, or kNone
  bool bound_ = false;
};

/// How a macro assembler reads and writes the chain. `Patcher` has
///   u32 readLink(u32 site)   the raw field of the jump at `site`
///   void writeLink(u32 site, u32 link)
///   void writeTarget(u32 site, u32 target)
template <class Patcher>
class LabelChain {
 public:
  /// Notes a jump at `site` to a label that is not bound.
  static void add(Patcher& patcher, Label& label, u32 site) {
    DCHECK(!label.bound_);
    patcher.writeLink(site, label.at_);
    label.at_ = site;
  }
  static void bind(Patcher& patcher, Label& label, u32 here) {
    DCHECK(!label.bound_);
    for (u32 site = label.at_; site != Label::kNone;) {
      const u32 before = patcher.readLink(site);
      patcher.writeTarget(site, here);
      site = before;
    }
    label.at_ = here;
    label.bound_ = true;
  }
  /// Who goes to `label`, which is not bound, goes to `target` instead.
  static void forward(Patcher& patcher, Label& label, Label& target) {
    if (target.bound_) return bind(patcher, label, target.at_);
    for (u32 site = label.at_; site != Label::kNone;) {
      const u32 before = patcher.readLink(site);
      add(patcher, target, site);
      site = before;
    }
    label.at_ = Label::kNone;
  }
};

}  // namespace bls::codegen
