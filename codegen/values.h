// Values: where each local and operand of the function being compiled lives, and who owns which
// register. Part of the baseline compiler; knows nothing of wasm instructions.
//
// A value is in its home slot, in a register, or a constant; `stored` says that the home slot is up
// to date as well. A register's content never changes while anybody but one owner refers to it, so
// `local.get` and `local.set` only change this table. At most one local owns a register; any number
// of operands may. Registers of the instruction at hand are `busy` until done(). A v128 takes two
// slots, every other value one; references are integers; the only v128 constant is 0. The members
// are in values_impl.h and values_join.h. Design: engine design 2.1.
#pragma once

#include <algorithm>
#include <bit>
#include <span>
#include <vector>

#include "codegen/masm.h"

namespace bls::codegen {

/// A register of either bank: general ones are 0 to 31, floating ones 32 to 63.
using RegId = u8;
constexpr RegId kNoReg = 255;
constexpr RegId idOf(Reg r) { return r.code; }
constexpr RegId idOf(FReg r) { return static_cast<RegId>(32 + r.code); }
constexpr bool isFloatReg(RegId id) { return id >= 32; }
constexpr Reg general(RegId id) { return Reg{id}; }
constexpr FReg floating(RegId id) { return FReg{static_cast<u8>(id - 32)}; }
constexpr u64 bitOf(RegId id) { return u64{1} << id; }

/// Types are the letters of the opcode table: 'i' 'l' 'f' 'd' 'v', and for references 'r' (to
/// functions), 'e' (external) and 'g' (all others; the collector follows these and 'e'). Vectors
/// live in floating registers.
constexpr bool isFloatType(char type) { return type == 'f' || type == 'd' || type == 'v'; }
constexpr u32 slotsOf(char type) { return type == 'v' ? 2 : 1; }
constexpr bool isTraced(char type) { return type == 'g' || type == 'e'; }
constexpr Width widthOfType(char type) {
  return type == 'i' || type == 'f' ? Width::W32 : Width::W64;
}

struct Val {
  enum Kind : u8 { Slot, Reg, Const };
  Kind kind = Slot;
  char type = 'i';
  RegId reg = kNoReg;
  bool stored = true;
  u32 home = 0;  // its first slot
  u64 bits = 0;  // Const
};
static_assert(sizeof(Val) == 16);  // handed over in two registers

/// The operand stack: a vector whose every push is one comparison and one copy. What was above the
/// top stays readable until it is written over.
class Operands {
 public:
  u32 size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Val& operator[](size_t i) {
    DCHECK(i < size_);
    return at_[i];
  }
  const Val& operator[](size_t i) const {
    DCHECK(i < size_);
    return at_[i];
  }
  Val& back() { return (*this)[size_ - 1]; }
  const Val& back() const { return (*this)[size_ - 1]; }
  void clear() { size_ = 0; }
  void push(const Val& value) {
    if (BLS_UNLIKELY(size_ == capacity_)) grow();
    at_[size_++] = value;
  }
  /// Drops those from `to` on; the first slot of the lowest of them.
  u32 shrink(u32 to) {
    DCHECK(to < size_);
    size_ = to;
    return at_[to].home;
  }

 private:
  [[gnu::noinline, gnu::cold]] void grow() {
    room_.resize(size_ == 0 ? 64 : size_ * 2u);
    at_ = room_.data();
    capacity_ = static_cast<u32>(room_.size());
  }

  Val* at_ = nullptr;
  u32 size_ = 0;
  u32 capacity_ = 0;
  std::vector<Val> room_;
};

/// What all branches to a label agree on. The first one decides.
struct Merge {
  bool set = false;
  RegId result = kNoReg;  // register of the one value the label takes; else home slots
  i32 lag = 0;            // fuel executed and not charged there
  u32 first = 0;          // locals in registers: into Values::kept_
  u32 count = 0;
};

/// A local that a label keeps in a register.
struct Kept {
  u32 local;
  RegId reg;
  bool stored;
};

/// Memory of Values that is used for one function after the other.
struct ValuesRoom {
  std::vector<Val> locals;
  Operands stack;
  std::vector<u32> constLocals;
  std::vector<Kept> kept;
};

template <class M>
class Values {
 public:
  /// `stress`: few values in registers, so that tests see every way of spilling.
  Values(M& masm, ValuesRoom& room, bool stress)
      : m_(masm),
        stress_(stress),
        room_(room),
        stack_(std::move(room.stack)),
        constLocals_(room.constLocals),
        kept_(room.kept) {}
  ~Values() { room_.stack = std::move(stack_); }
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;

  /// Starts a function: parameters are in their slots; other locals are in their slots too
  /// (`zeroed`) or constants 0.
  void begin(std::span<const char> types, u32 params, u32 operandBase, bool zeroed);

  // Operands.
  u32 height() const { return stack_.size(); }
  const Val& top(u32 depth = 0) const { return stack_[stack_.size() - 1 - depth]; }
  /// The first slot of the operand at `position`, or of the next one.
  u32 homeOf(u32 position) const {
    return position < height() ? stack_[position].home : nextHome();
  }
  u32 nextHome() const { return nextHome_; }
  [[gnu::always_inline]] void pushReg(char type, RegId reg, bool stored = false);
  void pushConst(char type, u64 bits);
  void pushSlot(char type);
  /// The register of a popped value, if it has one, is busy.
  [[gnu::always_inline]] Val pop();
  void dropTo(u32 height);
  /// Operands below are as they were when this was last set to the height.
  u32 unchanged() const { return unchanged_; }
  void setUnchanged() { mark(unchanged_); }

  // Locals.
  void localGet(u32 local);
  void localSet(u32 local, bool tee);
  const Val& local(u32 index) const { return locals_[index]; }
  /// The register of a local that no operand shares: a new value of the local may go there.
  RegId ownRegister(u32 local) const {
    const Val& l = locals_[local];
    return l.kind == Val::Reg && uses_[l.reg] == 0 ? l.reg : kNoReg;
  }

  // Registers.
  RegId take(bool isFloat);
  /// This very register: its owners move out.
  void takeThis(RegId reg);
  /// A register that holds a popped value; it may have other owners.
  RegId inReg(Val& popped) {
    if (popped.kind != Val::Reg) {
      popped.reg = bring(popped);
      popped.kind = Val::Reg;
    }
    return popped.reg;
  }
  /// A register for the result of an instruction: an operand's if nobody else needs it.
  RegId resultReg(bool isFloat, const Val* a, const Val* b);
  bool isFree(RegId reg) const { return (owned_ & bitOf(reg)) == 0; }
  void hold(RegId reg) { busy_ |= bitOf(reg); }
  void done() { busy_ = 0; }

  // Safepoints and joins.
  /// Everything to its home slot; registers are free afterwards.
  void flushAll();
  /// The top `count` operands to their home slots; constants stay constants, but are stored.
  void flushTop(u32 count);
  /// Sets a label's state from the present one. `arity`: of the label; one value gets a register.
  void define(Merge& merge, u32 arity);
  /// A loop header's state: `wanted` (most wanted first) get registers as far as the budgets go.
  struct Wanted {
    u32 local;
    bool written;
  };
  void defineLoop(Merge& merge, std::span<const Wanted> wanted, u32 budget, u32 budgetF);
  /// Code that makes the present state the label's. The table is not changed.
  void emitEdge(const Merge& merge, u32 arity, u32 targetHeight);
  /// Code that brings the locals a label keeps from their slots.
  void emitLoads(const Merge& merge);
  /// Code that brings them back, where the slots do not have them.
  void emitStores(const Merge& merge);
  /// The present state is the label's from here on; the label's values are not pushed.
  void adopt(const Merge& merge, u32 height);

  // Code.
  Address slot(u32 index) const { return Address::at(M::kSlots, static_cast<i32>(index * 8)); }
  void emitMove(char type, RegId to, RegId from);
  void emitLoad(char type, RegId to, u32 slot);
  /// The value, which is not in a slot.
  void emitStore(const Val& value, u32 slot);
  /// The value, wherever it is.
  void emitCopy(const Val& value, u32 slot);
  void loadConstant(char type, RegId to, u64 bits);

 private:
  static constexpr u32 kNone = ~u32{0};
  struct Move {
    char type;
    RegId to, from;
  };
  void push(const Val& value) {
    stack_.push(value);
    nextHome_ += slotsOf(value.type);
  }
  void release(RegId reg) {
    if (uses_[reg] == 0) owned_ &= ~bitOf(reg) | ofLocals_;
  }
  /// The stack is `to` high now.
  void sink(u32 to) {
    if (BLS_LIKELY(to >= marked_)) return;
    floor_ = std::min(floor_, to);
    flushed_ = std::min(flushed_, to);
    unchanged_ = std::min(unchanged_, to);
    marked_ = to;
  }
  void mark(u32& which) {
    which = height();
    marked_ = std::max(marked_, which);
  }
  void disown(RegId reg) {
    ofLocals_ &= ~bitOf(reg);
    unstored_ &= ~bitOf(reg);
    localOf_[reg] = kNone;
  }
  void unbind(u32 local);
  void bind(u32 local, RegId reg, bool stored);
  void evict(RegId reg);
  RegId victim(u64 candidates);
  [[gnu::noinline]] RegId makeFree(bool isFloat);
  [[gnu::noinline]] RegId bring(Val popped);
  void flushRegisters(u32 fromHeight);
  void storeConstLocals();
  void emitMoves(std::span<Move> moves);
  void emitLocalStores(const Merge& merge);
  static constexpr u64 bank(bool isFloat) {
    return isFloat ? u64{M::kAllocatableF} << 32 : u64{M::kAllocatable};
  }
  static RegId lowest(u64 set) { return static_cast<RegId>(__builtin_ctzll(set)); }
  template <class F>
  void forEachLocalInReg(F fn) {
    for (u64 set = ofLocals_; set != 0; set &= set - 1) {
      const RegId reg = lowest(set);
      fn(localOf_[reg], reg);
    }
  }

  static constexpr int kStressRegisters = 2;  // of each bank, besides those of the instruction
  /// Under stress: makes room so that another register may be taken.
  void relieve(u64 ofBank);

  M& m_;
  const bool stress_;
  ValuesRoom& room_;
  Val* locals_ = nullptr;
  Operands stack_;
  std::vector<u32>& constLocals_;  // those that are constants; may list others too
  std::vector<Kept>& kept_;
  u32 nextHome_ = 0;
  u32 floor_ = 0;    // operands below are in no register
  u32 flushed_ = 0;  // operands below are stored
  u32 unchanged_ = 0;
  u32 marked_ = 0;  // the greatest of the three
  u64 owned_ = 0;
  u64 ofLocals_ = 0;  // of these: a local owns it
  u64 unstored_ = 0;  // of these: its slot is not up to date
  u64 busy_ = 0;
  u32 uses_[64] = {};  // operands in each register
  u32 localOf_[64] = {};
  RegId clock_ = 0;  // where the last search for a victim ended
};

}  // namespace bls::codegen

#include "codegen/values_impl.h"
#include "codegen/values_join.h"
