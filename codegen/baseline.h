// Baseline (T1): compiles one validated function in a single pass over its bytes, for one macro
// assembler. Architecture-neutral; no instruction of a CPU is named here.
//
// Entry point: compileBaseline (codegen/compiler.h) makes one and calls run(). The idea: `Values`
// tracks where every local and operand is, so most of `local.get`, `local.set` and constants cost
// nothing; comparisons wait for the branch or select that follows (one opcode of look-ahead); the
// first branch to a label decides where values are there; a loop header keeps the locals that the
// validator saw most in it in registers. Calls, and everything the run-time library does, write all
// values to their home slots first, which is the canonical frame (engine design 1.3, 2.1).
//
// Files: baseline_sink.h (an instruction to its member), baseline_numeric.h, baseline_wide.h,
// baseline_vector.h, baseline_memory.h, baseline_bulk.h, baseline_atomic.h, baseline_table.h,
// baseline_gc.h, baseline_exception.h, baseline_control.h, baseline_call.h, baseline_tail.h. What
// is not covered makes run() return false; the function then stays in the interpreter.
#pragma once

#include <deque>
#include <span>
#include <vector>

#include "codegen/compiler.h"
#include "codegen/op_semantics.h"
#include "codegen/values.h"
#include "engine/decode/body_decoder.h"
#include "engine/decode/walk.h"
#include "engine/exec/fuel.h"
#include "engine/exec/gc_ops.h"
#include "engine/module/module.h"
#include "engine/object/instance.h"
#include "engine/object/layout.h"
#include "engine/validate/func_meta.h"

namespace bls::codegen {

template <class M>
struct BaselineSink;
class Pieces;

template <class M>
class Baseline {
 public:
  Baseline(M& masm, const CompileInput& input, bool wantMaps)
      : m_(masm),
        in_(input),
        module_(*input.module),
        schedule_(kFuelSchedules[input.options.fuelSchedule]),
        metered_(input.options.metered),
        saves_(input.options.metered && input.options.savedFuel),
        wantMaps_(wantMaps),
        v_(masm, input.options.spillStress) {}

  /// False when the function holds something that is not covered, or memory ran out.
  bool run();
  CompiledCode take() { return std::move(out_); }

 private:
  template <class>
  friend struct BaselineSink;
  static constexpr u32 kNone = ~u32{0};

  struct Control {
    enum Kind : u8 { Func, Block, Loop, If, Else, TryTable, Try, Catch };
    Kind kind = Block;
    u32 height = 0;  // operands below the parameters
    u32 offset = 0;  // of the instruction
    std::span<const ValType> params;
    std::span<const ValType> results;
    ValType single;  // storage for a one-result block type
    bool hasSingle = false;
    Label label;  // end, or loop header
    Merge merge;
    Label elseLabel;
    Merge elseMerge;
    u32 region = kNone;  // try forms
    u32 tries = 0;       // legacy tries around and with this one
  };
  /// A condition whose operands are in registers; nothing is emitted for it yet.
  struct Condition {
    enum Kind : u8 { None, Int, IntImm, Float };
    Kind kind = None;
    bool negated = false;  // Float
    Cond cond = Cond::Ne;
    FCond fcond = FCond::Eq;
    Width width = Width::W32;
    RegId a = kNoReg;
    RegId b = kNoReg;
    i32 imm = 0;
  };
  /// Code out of the way: a trap.
  struct Cold {
    Label label;
    Trap trap;
    u32 offset;
    i32 pending;
  };

  /// A call of an import in line.
  struct ImportCall {
    Label notHost;
    Label back;
    u32 frame;
    CodeSite site;
  };

  /// A loop header, for frames that come from the interpreter there, or leave to it.
  struct Header {
    u32 bodyOffset;
    Merge merge;
    Label entry;  // who comes from the interpreter
    Label leave;  // CodeOptions::switchTiers
  };

  // Setting up (baseline_control.h).
  bool supportedTypes(std::span<const ValType> types);
  char letterOf(ValType type);
  char letterOf(HeapType heap);
  void prologue();
  void epilogue();
  void entryDetours();
  void loopEntries();
  void countSwitch(Label& leave);
  void leaveTier(u32 bodyOffset);
  void departures();

  // Fuel and sites.
  void cost(Op op) {
    if (metered_) pending_ += static_cast<i32>(schedule_.costOf(op));
  }
  void chargeFlagless(i32 units) {
    if (units != 0) m_.address(M::kFuel, Address::at(M::kFuel, -units));
  }
  /// Everything executed so far is paid.
  void chargeAll() {
    chargeFlagless(pending_);
    pending_ = 0;
  }
  /// Where traps report the last save point (fuel rules, section 5): one, `pending` not charged.
  void saveFuel(i32 pending);
  void saveIfAlwaysOutside(u64 offset, u32 width, u32 memory);
  /// The code at `at` (a return address, or inside an access) belongs to the present instruction.
  void site(u32 at) {
    if (wantMaps_) {
      out_.maps.sites.push_back({at, offset_, pending_, moved_, rootsHere(), replaced_, at});
    }
  }
  /// For listings: what follows belongs to the instruction at `offset`. `back`: bytes that do
  /// already.
  [[gnu::always_inline]] void origin(u32 offset, CodeOrigin::Kind kind = CodeOrigin::Code,
                                     size_t back = 0) {
    if (BLS_UNLIKELY(in_.wantOrigins)) noteOrigin(offset, kind, back);
  }
  [[gnu::noinline]] void noteOrigin(u32 offset, CodeOrigin::Kind kind, size_t back) {
    out_.origins.push_back({m_.position() - static_cast<u32>(back), offset, kind});
  }
  void accessSite(u32 at) {
    out_.accesses.push_back(at);
    site(at + 1);
  }
  Label& trap(Trap kind) {
    cold_.push_back({{}, kind, offset_, pending_});
    return cold_.back().label;
  }
  void unsupported() {
    failed_ = true;
    dead_ = true;
  }

  // Numeric (baseline_numeric.h).
  template <class S>
  void unary();
  template <class S>
  void binary();
  template <class S>
  void compare();
  void canonicalise(char type);
  void intBinary(IntOp op, char type);
  void shift(ShiftOp op, char type);
  void divide(DivOp op, char type);
  void floatBinary(FloatOp op, char type);
  template <class F>
  void unaryInt(char from, char to, F emit);
  void truncate(char from, char to, bool isSigned);
  void truncateSaturating(char from, char to, bool isSigned);
  void compareInt(Cond cond, Width w);
  void compareFloat(FCond cond, Width w);
  void select();
  void setCondition(const Condition& c);
  bool conditionIsConsumed() const;
  Condition popCondition();
  void emitCompare(const Condition& c);
  void emitBranch(const Condition& c, bool negate, Label& target);
  /// Where the result of this instruction goes.
  RegId resultFor(char type, const Val* a, const Val* b);
  u8 nextOpcode() const { return *next_; }

  // Memory and globals (baseline_memory.h).
  template <class T, class Mem>
  void load(u64 offset, u32 memory);
  template <class T, class Mem>
  void store(u64 offset, u32 memory);
  Address addressOf(Val& index, u64 offset, u32 width, u32 memory);
  Address checkedAddress(Val& index, u64 offset, u32 width, u32 memory);
  void loadMemory(Reg d, u32 memory);
  void globalGet(u32 index);
  void globalSet(u32 index);
  Address globalAddress(u32 index);
  void memorySize(u32 memory);
  u64 bulkCost(Op op);
  void bulk(Op op, RuntimeCall call, u32 operands, u32 first, u32 second, char result);
  void runtimeOp(RuntimeCall call, u32 operands, u64 a, u64 b, u64 c, char result);
  // Short memory.copy and memory.fill (baseline_bulk.h).
  void memoryCopy(u32 to, u32 from);
  void memoryFill(u32 memory);
  bool isInLine(u32 memory, bool secondIsIndex);
  void storePiece(const Pieces& pieces, u32 i, const Address& whole, RegId value);
  /// The type of a memory's or table's indices and sizes.
  static char indexLetter(const Limits& limits) { return limits.is64 ? 'l' : 'i'; }

  // Atomic accesses (baseline_atomic.h).
  template <Op O>
  void atomic(const MemImm& imm);
  void atomicCompareExchange(const MemImm& imm, u32 width, char type);
  Reg atomicAddress(Val& index, const MemImm& imm, u32 width);
  RegId takeCompared(RegId* other);

  // Wide arithmetic (baseline_wide.h).
  template <class S>
  void wide();
  void addWide(IntOp op);
  void multiplyWide(bool isSigned);

  // Tables and references (baseline_table.h).
  template <Op O, class Imm>
  void reference(const Imm& imm);
  void refAsNonNull();
  void brOnNull(u32 depth);
  void brOnNonNull(u32 depth);
  void setNullCondition(Cond cond, RegId reg);
  template <Op O, class Imm>
  void tableOp(const Imm& imm);
  const Limits& tableLimits(u32 table) const {
    return module_.tables[TableIndex{table}].type.limits;
  }
  bool isFuncTable(u32 table) {
    return letterOf(module_.tables[TableIndex{table}].type.elem) == 'r';
  }
  void loadTable(Reg d, u32 table);
  Reg tableEntry(Val& index, u32 table);
  void tableGet(u32 table);
  void tableSet(u32 table);
  void tableSize(u32 table);

  // Vectors (baseline_vector.h).
  template <Op O, class Imm>
  void vector(const Imm& imm);
  template <Op O>
  void vectorLoad(const MemImm& imm);
  template <Op O>
  void vectorLoadLane(const MemLaneImm& imm);
  template <Op O>
  void vectorStore(const MemImm& imm, u32 lane);
  template <Op O>
  void vectorLane(u32 lane);
  template <Op O>
  void vectorShift();
  template <Op O>
  void vectorCompute();
  void vectorConstant(u64 low, u64 high);

  // Objects of the collector's (baseline_gc.h).
  void gcRuntime(RuntimeCall call, u32 operands, u64 a, u64 b, u64 c, char result);
  void gcBulk(Op op, RuntimeCall call, u32 operands, u32 type, u64 second, char result);
  bool newInline(const gc::GcLayout& layout, u32 operands, bool isDefault, u32 word1, u64 bytes,
                 RuntimeCall slow);
  void structNew(u32 type, bool hasOperands);
  void structGet(u32 type, u32 field, bool isSigned);
  void structSet(u32 type, u32 field);
  void arrayNewFixed(u32 type, u32 count);
  void arrayGet(u32 type, bool isSigned);
  void arraySet(u32 type);
  void arrayLen();
  void elementBase(Val& array, RegId index, gc::Storage storage, Address* out);
  void loadField(char type, gc::Storage storage, bool isSigned, RegId d, const Address& at);
  void storeField(gc::Storage storage, RegId value, const Address& at);
  void refI31();
  void i31Get(bool isSigned);
  void notNull(RegId ref, Trap otherwise);
  void castOrJump(const CastPlan& plan, bool nullable, RegId ref, Label& no);
  RegId castAnswer(const CastPlan& plan, bool nullable, RegId ref);
  void askRegistry(RuntimeCall call, const CastPlan& plan, bool nullable);
  void refTest(HeapType target, bool nullable);
  void refCast(HeapType target, bool nullable);
  void brOnCast(const CastLabelImm& imm, bool onFail);

  // Exceptions (baseline_exception.h).
  u32 openRegion();
  void closeRegion(u32 region) { out_.maps.regions[region].end = m_.position(); }
  void tryTable(const TryTableImm& imm);
  void legacyTry(const BlockImm& imm);
  void legacyCatch(u32 tag);
  void delegate(u32 label);
  void throwTag(u32 tag);
  void throwRef();
  void rethrow(u32 label);
  void raiseException(RuntimeCall call, u32 frame);
  u32 exceptionSlot(const Control& c) const;
  u32 rootsHere();
  void localRoots(const std::vector<char>& letters);

  // Control (baseline_control.h).
  void block(typename Control::Kind kind, const BlockImm& imm);
  void enterLoop(Control& c);
  void elseArm();
  void end();
  void endIf(Control& c);
  void br(u32 depth);
  void brIf(u32 depth);
  void brTable(const LabelTableImm& imm);
  struct Run {
    u32 first, depth;  // indices from here to the next run go there
  };
  template <class LabelOf>
  void search(Reg index, std::span<const Run> runs, const LabelOf& labelOf);
  void returnOp();
  void unreachable();
  void jumpTo(Control& target);
  void loopEdge(Control& target);
  void prepare(Control& target);
  void emitReturn();
  void arrive(Control& c);
  void setDead() {
    dead_ = true;
    deadDepth_ = 0;
  }
  void pushSlots(std::span<const ValType> types);
  /// Result 0 of a call comes in a register beside its slot, unless it is a vector.
  static constexpr bool comesInRegister(char type) { return type != 'v'; }
  static constexpr RegId resultRegister(char type) {
    return isFloatType(type) ? idOf(M::kFResult) : idOf(M::kResult);
  }
  static std::span<const ValType> resultsOf(const Control& c) {
    return c.hasSingle ? std::span<const ValType>(&c.single, 1) : c.results;
  }
  static u32 arityOf(const Control& c) {
    return static_cast<u32>(c.kind == Control::Loop ? c.params.size() : resultsOf(c).size());
  }
  Control& control(u32 depth) { return controls_[controls_.size() - 1 - depth]; }

  // Calls (baseline_call.h).
  void call(u32 funcIndex);
  void callIndirect(u32 typeIndex, u32 table);
  void callRef(u32 typeIndex);
  u32 beginCall(const FuncType& type);
  void endCall(const FuncType& type, u32 frame);
  void callRuntime(RuntimeCall call);
  void callOwn(u32 funcIndex);
  void loadOwnCode(u32 funcIndex);
  void callFar();
  bool memoryMoves() const;
  void loadImport(Reg d, u32 funcIndex);
  void callImport(const FuncType& type, u32 funcIndex, u32 frame);
  void callImportBuiltin();
  void callHost(u32 frame);
  void finishImports();
  void findCallee(u32 table, u32 canon, Label& slow);
  void moveFrame(i32 slots);
  void constantArgument(u32 number, u64 value);

  // Tail calls (baseline_tail.h).
  void moveArguments(const FuncType& type);
  void jumpFar();
  void beginTail();
  void returnCall(u32 funcIndex);
  void returnCallIndirect(u32 typeIndex, u32 table);
  void returnCallRef(u32 typeIndex);

  M& m_;
  const CompileInput& in_;
  const Module& module_;
  const FuelSchedule& schedule_;
  const bool metered_;
  const bool saves_;
  const bool wantMaps_;

  CompiledCode out_;
  Values<M> v_;
  std::deque<Control> controls_;
  std::deque<Cold> cold_;
  std::deque<ImportCall> imports_;
  std::vector<Header> headers_;
  std::vector<typename Values<M>::Wanted> wanted_;
  Condition condition_;
  Label entry_;
  Label checkFrame_;
  Label overflow_;
  Label noFuel_;
  Label body_;
  Label afterHost_;           // HostCall::afterHost
  Label leave_;               // at the entry, as Header::leave
  const u8* next_ = nullptr;  // behind the current instruction
  u32 offset_ = 0;            // of the current instruction in the body
  u32 loop_ = 0;              // next of the function's loops, in order of appearance
  u32 constantEnd_ = kNone;   // where the last constant instruction ends in the body
  i32 pending_ = 0;           // fuel executed and not charged
  u32 moved_ = 0;             // slots by which the slot base is ahead of the frame
  bool replaced_ = false;     // CodeSite::replaced
  std::vector<u32> chains_;   // by operand: the last reference at or under it, in maps.roots
  bool dead_ = false;
  bool failed_ = false;
  u32 deadDepth_ = 0;
};

}  // namespace bls::codegen
