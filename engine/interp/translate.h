// Translator: rewrites one function body from stack form to register-form cells, in one pass over
// the (validated) bytes.
//
// Entry point: translateFunction. The idea: an operand stack of *places* is kept at translation
// time. local.get and constants emit nothing; local.set renames the destination of the instruction
// that made the value; comparisons, address sums and tests are taken back and fused into the
// instruction that consumes them. At control entries, merges, calls and loop headers every value is
// in its home slot (engine design 1.3). Fuel is a static potential: `pending_` is what has been
// executed but not charged; branches carry it, labels agree on a lag. Files: translate.cc (places,
// emission, locals), translate_control.cc, translate_numeric.cc, translate_memory.cc,
// translate_call.cc, translate_simd.cc, translate_refs.cc.
#pragma once

#include <span>
#include <vector>

#include "engine/interp/frame_tables.h"
#include "engine/interp/interpreter.h"
#include "engine/interp/variants.h"
#include "engine/wasm/immediates.h"

namespace bls::interp {

struct Translation {
  std::vector<Cell> cells;          // h: handler number, except in data cells
  std::vector<u8> isData;           // by cell
  std::vector<CellOrigin> origins;  // by cell; only when asked for
  std::vector<LoopCell> loops;      // ascending; only where compiled code may leave frames
  FrameTables tables;
};

/// Which handlers the translator may use.
struct VariantSet {
  bool accumulators = true;  // rows marked HT
  bool guard = false;        // unchecked accesses to memory 0
};

/// Translates a validated function. `wantOrigins` costs time and memory and is for traps only.
Translation translateFunction(const InterpModule& module, u32 funcIndex, const VariantSet& variants,
                              bool wantOrigins);

class Translator {
 public:
  Translator(const InterpModule& module, u32 funcIndex, const VariantSet& variants,
             bool wantOrigins, bool farBranches);
  /// False when a branch does not reach with 16 bits; then again with farBranches.
  bool run();
  Translation take() { return std::move(out_); }

  // Sink interface of the instruction dispatch in translate.cc.
  bool dead() const { return dead_; }

  struct Value {
    enum Kind : u8 { Home, Local, Const };
    Kind kind = Home;
    char type = 'i';  // 'i' 'l' 'f' 'd' 'v'; 'r' function, 'e' external, 'g' other reference
    u32 home = 0;     // slot
    u32 local = 0;    // Local
    u32 below = 0;    // Local: next older alias of the same local, by stack position, or kNone
    u32 root = 0;     // below mapped_: the last traced reference at or under this entry
    u64 bits = 0;     // Const
  };

 private:
  friend struct TranslateSink;
  static constexpr u32 kNone = ~u32{0};

  /// What an accumulator is known to hold: a stack entry's value, a local's value, and the cell
  /// that made it if that has a twin row (the next number) that leaves the slot alone.
  struct AccState {
    u32 entry = kNone;
    u32 local = kNone;
    u32 cell = kNone;
    void clear() { *this = AccState{}; }
  };
  /// An instruction that may still be taken back: the last one emitted, its result on top of the
  /// stack.
  struct Last {
    u32 cell = kNone;   // first cell to take back
    u32 end = 0;        // cells_.size() behind it
    u32 entry = kNone;  // stack position of its result
    Op op = Op::Nop;
    Form form = Form::SS;
    u32 x = 0;  // slots
    u32 y = 0;
    u64 imm = 0;
    bool negated = false;  // float comparison under an eqz
    AccState acc, facc;    // before it
    u32 shift = 0;         // a scaled sum: base slot x, index slot y
  };
  struct Patch {
    u32 cell;
    u32 next;
    i32 pending;
    u8 kind;   // PatchKind; of PatchCatch `cell` is a place in regionHandlers_
    u32 base;  // Table: the br_table's cell
  };
  enum PatchKind : u8 { PatchCond, PatchJump, PatchTable, PatchCatch };
  struct Control {
    enum Kind : u8 { Func, Block, Loop, If, Else, TryTable, Try, Catch };
    Kind kind = Block;
    u32 height = 0;  // stack entries below the parameters
    u32 base = 0;    // slot of the first value above that height
    std::span<const ValType> params;
    std::span<const ValType> results;
    ValType single;  // storage for a one-result block type
    bool hasSingle = false;
    u32 header = 0;         // Loop: first cell
    u32 patches = kNone;    // branches to the label (forward)
    u32 region = 0;         // try forms
    u32 tries = 0;          // legacy tries around and with this one
    u32 elsePatch = kNone;  // If: the branch to the else arm
  };
  struct Operand {
    Src src = S;
    u32 slot = 0;
    u64 bits = 0;
    u32 entry = 0;
    u32 producer = kNone;  // src A: the cell whose own store becomes useless
    Value value;
  };
  /// A condition ready to be branched or selected on; nothing is emitted for it yet.
  struct Cond {
    enum Kind : u8 { Plain, Plain64, Compare, Test };
    Kind kind = Plain;
    bool negate = false;
    Op op = Op::Nop;
    Form form = Form::SS;
    u32 x = 0, y = 0;
    u64 imm = 0;
    bool inAcc = false;  // Plain
  };
  struct Field {
    enum Role : u8 { Number, Read, Write } role;
    u32 value;
  };
  static Field n(u32 v) { return {Field::Number, v}; }
  static Field r(u32 slot) { return {Field::Read, slot}; }
  static Field w(u32 slot) { return {Field::Write, slot}; }

  // Emission (translate.cc).
  u32 cellCount() const { return static_cast<u32>(out_.cells.size()); }
  u32 emit(H h, u32 a = 0, u32 b = 0, u32 c = 0, u32 d = 0);
  u32 emitImm(H h, u32 a, u32 b, u32 imm);
  u32 emitData(u64 first, u64 second = 0);
  /// An instruction on slots, wherever they are; `resultSlots` of the Write field. Returns its
  /// cell.
  u32 emitOp(H h, Field a, Field b, Field c, Field d, u32 resultSlots, const u64* data = nullptr,
             u64 data2 = 0);
  u32 emitOpImm(H h, Field a, Field b, u32 imm, u32 resultSlots, const u64* data = nullptr);
  void emitCopy(u32 to, u32 from, char type);
  void emitConst(u32 to, char type, u64 bits);
  /// Out-of-line instruction: first operand's slot and two indices.
  void emitSlow(H h, u32 slot, u64 data, u32 charge = 0, u32 flags = 0);
  void truncate(u32 cells);
  void barrier();
  Cell& at(u32 cell) { return out_.cells[cell]; }

  // Places (translate.cc).
  u32 height() const { return static_cast<u32>(stack_.size()); }
  u32 nextHome() const {
    return stack_.empty() ? operandBase_ : stack_.back().home + slotsOf(stack_.back().type);
  }
  static u32 slotsOf(char type) { return type == 'v' ? 2 : 1; }
  char letterOf(ValType type) const;
  char letterOf(HeapType heap) const;
  static bool isRefLetter(char type) { return type == 'r' || type == 'g' || type == 'e'; }
  /// References the collector follows.
  static bool isTraced(char type) { return type == 'g' || type == 'e'; }
  static bool isInt(char type) { return type == 'i' || type == 'l' || isRefLetter(type); }
  AccState& accFor(char type) { return isInt(type) ? acc_ : facc_; }
  Value& push(char type);
  void pushConst(char type, u64 bits);
  void pushAlias(u32 local);
  /// Pushes the result of the cells just emitted. `cell`: the one whose field a names the result
  /// slot (kNone: none).
  void pushResult(char type, u32 cell, bool hasAccTwin);
  Operand pop();
  void dropTo(u32 height);
  void unlink(const Value& value);
  /// The operand will be read from the accumulator: its own store, if nobody else needs it, is
  /// dropped.
  void takeFromAcc(const Operand& operand);
  /// Makes sure a popped operand can be read from a slot; returns the slot.
  u32 slotOf(Operand& operand);
  void flushEntry(u32 index);
  void flushTop(u32 count);
  void flushAll();
  void flushAliases(u32 local, u32 beforeCell);
  void undo(const Last& last);
  bool lastMakes(u32 entry) const {
    return last_.cell != kNone && last_.end == cellCount() && last_.entry == entry;
  }

  // Locals and globals (translate.cc).
  void localGet(u32 local);
  void localSet(u32 local, bool tee);
  void globalGet(u32 index);
  void globalSet(u32 index);

  // Numeric (translate_numeric.cc).
  void constant(char type, u64 bits) { pushConst(type, bits); }
  void binary(Op op);
  bool scaledSum();
  void compare(Op op);
  void test(Op op);
  void unary(Op op);
  void wide(Op op);
  void select();
  void refNull(HeapType heap);
  void emitTwo(Op op, H row, bool twin, Operand x, Operand y, char result);
  void canonicalise(Op op);
  void setLast(u32 cell, Op op, Form form, u32 x, u32 y, u64 imm, const AccState& acc,
               const AccState& facc);

  // Control (translate_control.cc).
  void block(Control::Kind kind, const BlockImm& imm);
  void elseArm();
  void end();
  void br(u32 depth);
  void brIf(u32 depth);
  void brTable(const LabelTableImm& imm);
  void returnOp();
  void unreachable();
  Cond popCond(bool forSelect);
  /// True when the last instruction can become part of a branch or select.
  bool fusable(const Last& last, bool forSelect) const;
  u32 emitCondBranch(const Cond& cond, bool negate);
  u32 incrementBranch(const Cond& cond, bool negate);
  bool isIncrement(u32 cell) const;
  void pairIncrements();
  void branchTo(const Cond& cond, bool negate, u32 depth);
  void link(u32 cell, PatchKind kind, Control& target, u32 base);
  void setBranch(u32 cell, PatchKind kind, u32 base, u32 to, i32 charge);
  void bind(u32& patches, bool fallsThrough);
  static std::span<const ValType> resultsOf(const Control& c) {
    return c.hasSingle ? std::span<const ValType>(&c.single, 1) : c.results;
  }
  static std::span<const ValType> labelTypes(const Control& c) {
    return c.kind == Control::Loop ? c.params : resultsOf(c);
  }
  bool inPlace(const Control& target) const;
  void moveTo(const Control& target);
  void emitJump(u32 depth);
  void emitReturn();
  void setDead();
  void pushTypes(std::span<const ValType> types);
  Control& control(u32 depth) { return controls_[controls_.size() - 1 - depth]; }

  // Exceptions and safepoints (translate_exceptions.cc).
  void safepoint(u32 cell, bool isReturn, u32 entries);
  u32 openRegion();
  void addHandler(u32 region, const FrameTables::Handler& handler);
  void closeRegion(u32 region);
  void finishTables();
  void tryTable(const TryTableImm& imm);
  void legacyTry(const BlockImm& imm);
  void legacyCatch(u32 tag);
  void delegate(u32 label);
  u32 exceptionSlot(const Control& c) const;
  void throwTag(u32 tag);
  void throwRef();
  void rethrow(u32 label);

  // Garbage-collected objects (translate_gc.cc).
  void structNew(u32 type, bool hasOperands);
  void structGet(Op op, u32 type, u32 field);
  void structSet(u32 type, u32 field);
  void arrayGet(Op op, u32 type);
  void arraySet(u32 type);
  void arrayNewFixed(u32 type, u32 count);
  /// Returns its cell.
  u32 gcSlow(Op op, H h, u32 operands, u64 first, u64 second, char result);
  bool objectNew(Op op, const gc::GcLayout& layout, u32 operands, u32 word1, u64 bytes);
  void arrayNew(Op op, u32 type);
  u32 emitCast(H row, HeapType target, bool nullable, u32 slot);
  void refUnary(H row, char result);
  void refTest(HeapType target, bool nullable, u32 slot);
  void refTestOp(HeapType target, bool nullable);
  void refCast(HeapType target, bool nullable);
  void brOnCast(const CastLabelImm& imm, bool onFail);
  u64 layoutAddress(u32 type) const;

  // Atomic accesses (translate_atomic.cc).
  void atomicAccess(Op op, const MemImm& imm);
  void atomicWaitOrNotify(Op op, const MemImm& imm);
  void atomicFence();

  // Memory and tables (translate_memory.cc).
  void load(Op op, const MemImm& imm);
  void store(Op op, const MemImm& imm);
  void laneAccess(Op op, const MemLaneImm& imm);
  bool isFar(const MemImm& imm) const;
  bool foldsConstant(u32 offset) const;
  bool isGuarded(const MemImm& imm, Op op) const;
  void memoryOp(Op op, u32 first, u32 second);
  void tableOp(Op op, u32 first, u32 second);
  u32 bulkFlags(Op op, i64* extra);
  void slowOp(Op op, H h, u32 operands, u32 first, u32 second, char result);
  char addressLetter(u32 memory) const;
  char tableLetter(u32 table) const;

  // Calls (translate_call.cc).
  void call(u32 funcIndex);
  void callIndirect(u32 typeIndex, u32 table);
  void returnCall(u32 funcIndex);
  void returnCallIndirect(u32 typeIndex, u32 table);
  void refFunc(u32 funcIndex);

  // References (translate_refs.cc).
  void callRef(u32 typeIndex);
  void returnCallRef(u32 typeIndex);
  u32 topSlot();
  void flushConstantTop();
  void refAsNonNull();
  void brOnNull(u32 depth);
  void brOnNonNull(u32 depth);

  u32 argumentsStart(const FuncType& type);
  void afterCall(const FuncType& type);

  // Vectors (translate_simd.cc).
  void vectorBinary(Op op);
  void vectorUnary(Op op);
  void vectorTernary(Op op);
  void vectorShift(Op op);
  void extractLane(Op op, u32 lane);
  void replaceLane(Op op, u32 lane);
  void shuffle(Op op, const V128& lanes);
  void vectorConst(const V128& value);

  // Fuel.
  void cost(Op op) {
    if (metered_) pending_ += static_cast<i32>(schedule_.costOf(op));
  }
  void limitPending();
  /// Where traps report the last save point (fuel rules, section 5): one, with what is pending.
  void savePoint() {
    if (!saves_) return;
    emitSlow(H::SaveFuel, 0, 0, static_cast<u32>(pending_));
    barrier();
  }
  void saveIfAlwaysOutside(const MemImm& imm, Op op);

  const InterpModule& module_;
  const Module& m_;
  const u32 funcIndex_;
  const FuelSchedule& schedule_;
  const bool metered_;
  const bool saves_;
  const bool deterministic_;
  bool useAcc_;
  bool guard_;
  bool wide_ = false;  // slot numbers need more than 16 bits
  const bool farBranches_;
  const bool wantOrigins_;
  bool outOfReach_ = false;

  Translation out_;
  std::vector<char> localTypes_;
  std::vector<u32> localSlots_;
  std::vector<u32> aliases_;  // by local: newest stack position that is an alias, or kNone
  u32 operandBase_ = 0;
  std::vector<Value> stack_;
  u32 flushed_ = 0;  // entries below are all Home
  u32 mapped_ = 0;   // entries below have their `root`
  std::vector<Control> controls_;
  std::vector<Patch> patches_;
  std::vector<std::pair<u32, FrameTables::Handler>> regionHandlers_;  // with their region
  AccState acc_, facc_;
  Last last_;
  u32 producer_ = kNone;  // cell whose field a may still be renamed (its end is producerEnd_)
  u32 producerEnd_ = 0;
  u32 producerEntry_ = kNone;
  u32 barrier_ = 0;  // no looking back beyond this cell
  bool dead_ = false;
  u32 deadDepth_ = 0;  // blocks opened inside dead code
  i32 pending_ = 0;
  u32 position_ = 0;           // body offset of the current instruction
  u32 constantEnd_ = ~u32{0};  // body offset behind the last constant instruction
  const u8* bodyStart_ = nullptr;
};

}  // namespace bls::interp
