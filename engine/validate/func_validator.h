// FuncValidator: the typing rules of function bodies and constant expressions, and the metadata
// that falls off.
//
// validateBody (func_walk.cc) drives it: the walk hands instructions to a small sink that does the
// common cases on registers and calls the `on` overloads here for everything else. The operand
// stack is a flat array of ValType bits, one entry per 64-bit slot (a v128 fills two equal
// entries), so heights are slot heights. Pushes are not bounds checked: the array always has room
// for one entry per byte of body that is left, and whoever pushes more (lists of types) calls
// reserve() first. Locals that are not yet set carry kind kUnset. Errors: Invalid with the spec's
// wording, Malformed for misplaced `else`, `catch`, Limit. One object serves many functions, one at
// a time. Spec: valid/instructions, appendix/algorithm.
#pragma once

#include <memory>
#include <vector>

#include "engine/decode/walk.h"
#include "engine/module/module.h"
#include "engine/module/type_canon.h"
#include "engine/validate/func_meta.h"
#include "engine/validate/loop_tracker.h"

namespace bls {

/// Facts about a module that its bodies are checked against, made once and shared by all threads.
struct BodyContext {
  const Module* module = nullptr;
  std::vector<bool> declaredFuncs;  // by function index: may be named by ref.func in a body
};

/// What a run of functions produced; indices are relative to this object's own vectors.
struct BodyResults {
  std::vector<FuncMeta> funcs;
  std::vector<LoopMeta> loops;
  std::vector<LoopLocal> loopLocals;
  std::vector<CatchMeta> catches;
  // First instruction of each exception design, for the rule that a module must not mix them.
  u64 firstTryTable = kNoOffset;
  u64 firstLegacyTry = kNoOffset;
};

class FuncValidator {
 public:
  using TypeSpan = std::span<const ValType>;
  /// First byte of the bits of a reference local that has not been set.
  static constexpr u32 kUnset = 2;
  /// addressBits_ when there is no memory: equals no entry of the operand stack.
  static constexpr u32 kNoMemory = ~u32{0};

  struct Frame {
    const FuncType* sig =
        nullptr;         // null: no parameters, and `single` as result if labelCount or hasResult
    ValType single;      // Bottom: no result (when sig is null)
    u32 labelCount = 0;  // values a branch to it takes
    u32 height = 0;      // operand slots below the block's parameters
    u32 initHeight = 0;  // locals that were set when the block began
    u32 firstTry = 0;    // open handlers below this frame (try forms)
    u32 patches = kNoPatch;  // handlers that jump to this frame's label
    u32 tries = 0;           // legacy tries around and with this frame
    u32 startOffset = 0;     // of the opcode, relative to the body
    u32 checkedTable =
        0;  // offset of the last br_table that was checked against this label (never 0)
    Op kind = Op::Block;
    bool unreachable = false;
  };
  static constexpr u32 kNoPatch = ~u32{0};

  FuncValidator(const BodyContext& context, BodyResults& results, Diagnostics& diag);

  /// Checks the body of function `index` and appends its metadata.
  Status validateBody(u32 index);
  /// Checks a constant expression of the given type. Globals from `visibleGlobals` on do not exist.
  /// `declared`, when given, collects the functions it names.
  Status validateConstExpr(const ConstExpr& expr, ValType type, u32 visibleGlobals,
                           std::vector<bool>* declared);

  // State the register sink mirrors.
  WalkPosition position;
  u32* sp = nullptr;        // one past the top entry
  u32* floor = nullptr;     // bottom of the innermost frame
  u32* high = nullptr;      // highest sp so far
  std::vector<u32> locals;  // ValType bits, or with kind kUnset
  std::vector<Frame> frames;
  LoopTracker loops;
  u32 callSites = 0;
  u32 addressBits = kNoMemory;  // entry of memory 0's address type

  /// Fixed-signature instructions, after the fast path has missed. `mem` is the memory immediate or
  /// null.
  Status simple(Op op, const MemImm* mem);
  [[gnu::cold, gnu::noinline]] Status failLane();

  // Instructions with rules of their own.
  Status on(OpTag<Op::Unreachable>, NoImm);
  Status on(OpTag<Op::Block>, const BlockImm& imm) { return enterBlock(Op::Block, imm); }
  Status on(OpTag<Op::Loop>, const BlockImm& imm);
  Status on(OpTag<Op::If>, const BlockImm& imm);
  Status on(OpTag<Op::Else>, NoImm);
  Status on(OpTag<Op::End>, NoImm);
  Status on(OpTag<Op::Br>, IndexImm imm);
  Status on(OpTag<Op::BrIf>, IndexImm imm);
  Status on(OpTag<Op::BrTable>, const LabelTableImm& imm);
  Status on(OpTag<Op::Return>, NoImm);
  Status on(OpTag<Op::Call>, IndexImm imm);
  Status on(OpTag<Op::CallIndirect>, IndexPairImm imm);
  Status on(OpTag<Op::CallRef>, IndexImm imm);
  Status on(OpTag<Op::ReturnCall>, IndexImm imm);
  Status on(OpTag<Op::ReturnCallIndirect>, IndexPairImm imm);
  Status on(OpTag<Op::ReturnCallRef>, IndexImm imm);
  Status on(OpTag<Op::Drop>, NoImm);
  Status on(OpTag<Op::Select>, NoImm);
  Status on(OpTag<Op::SelectTyped>, const SelectImm& imm);
  Status on(OpTag<Op::LocalGet>, IndexImm imm);
  Status on(OpTag<Op::LocalSet>, IndexImm imm);
  Status on(OpTag<Op::LocalTee>, IndexImm imm);
  Status on(OpTag<Op::GlobalGet>, IndexImm imm);
  Status on(OpTag<Op::GlobalSet>, IndexImm imm);
  // func_exceptions.cc
  Status on(OpTag<Op::TryTable>, const TryTableImm& imm);
  Status on(OpTag<Op::Throw>, IndexImm imm);
  Status on(OpTag<Op::ThrowRef>, NoImm);
  Status on(OpTag<Op::Try>, const BlockImm& imm);
  Status on(OpTag<Op::Catch>, IndexImm imm);
  Status on(OpTag<Op::CatchAll>, NoImm);
  Status on(OpTag<Op::Delegate>, IndexImm imm);
  Status on(OpTag<Op::Rethrow>, IndexImm imm);
  // func_storage.cc: memories and tables
  Status on(OpTag<Op::MemorySize>, IndexImm imm);
  Status on(OpTag<Op::MemoryGrow>, IndexImm imm);
  Status on(OpTag<Op::MemoryInit>, IndexPairImm imm);
  Status on(OpTag<Op::DataDrop>, IndexImm imm);
  Status on(OpTag<Op::MemoryCopy>, IndexPairImm imm);
  Status on(OpTag<Op::MemoryFill>, IndexImm imm);
  Status on(OpTag<Op::TableGet>, IndexImm imm);
  Status on(OpTag<Op::TableSet>, IndexImm imm);
  Status on(OpTag<Op::TableInit>, IndexPairImm imm);
  Status on(OpTag<Op::ElemDrop>, IndexImm imm);
  Status on(OpTag<Op::TableCopy>, IndexPairImm imm);
  Status on(OpTag<Op::TableGrow>, IndexImm imm);
  Status on(OpTag<Op::TableSize>, IndexImm imm);
  Status on(OpTag<Op::TableFill>, IndexImm imm);
  // func_refs.cc: references, casts, i31
  Status on(OpTag<Op::RefNull>, HeapTypeImm imm);
  Status on(OpTag<Op::RefIsNull>, NoImm);
  Status on(OpTag<Op::RefFunc>, IndexImm imm);
  Status on(OpTag<Op::RefEq>, NoImm);
  Status on(OpTag<Op::RefAsNonNull>, NoImm);
  Status on(OpTag<Op::BrOnNull>, IndexImm imm);
  Status on(OpTag<Op::BrOnNonNull>, IndexImm imm);
  Status on(OpTag<Op::RefTest>, HeapTypeImm imm) { return refTest(imm.heap, false); }
  Status on(OpTag<Op::RefTestNull>, HeapTypeImm imm) { return refTest(imm.heap, true); }
  Status on(OpTag<Op::RefCast>, HeapTypeImm imm) { return refCast(imm.heap, false); }
  Status on(OpTag<Op::RefCastNull>, HeapTypeImm imm) { return refCast(imm.heap, true); }
  Status on(OpTag<Op::BrOnCast>, const CastLabelImm& imm) { return branchOnCast(imm, false); }
  Status on(OpTag<Op::BrOnCastFail>, const CastLabelImm& imm) { return branchOnCast(imm, true); }
  Status on(OpTag<Op::AnyConvertExtern>, NoImm) { return convert(HeapType::Extern, HeapType::Any); }
  Status on(OpTag<Op::ExternConvertAny>, NoImm) { return convert(HeapType::Any, HeapType::Extern); }
  Status on(OpTag<Op::RefI31>, NoImm);
  Status on(OpTag<Op::I31GetS>, NoImm) { return i31Get(); }
  Status on(OpTag<Op::I31GetU>, NoImm) { return i31Get(); }
  // func_gc.cc: structs and arrays
  Status on(OpTag<Op::StructNew>, IndexImm imm);
  Status on(OpTag<Op::StructNewDefault>, IndexImm imm);
  Status on(OpTag<Op::StructGet>, IndexPairImm imm) { return structGet(imm, false); }
  Status on(OpTag<Op::StructGetS>, IndexPairImm imm) { return structGet(imm, true); }
  Status on(OpTag<Op::StructGetU>, IndexPairImm imm) { return structGet(imm, true); }
  Status on(OpTag<Op::StructSet>, IndexPairImm imm);
  Status on(OpTag<Op::ArrayNew>, IndexImm imm);
  Status on(OpTag<Op::ArrayNewDefault>, IndexImm imm);
  Status on(OpTag<Op::ArrayNewFixed>, IndexPairImm imm);
  Status on(OpTag<Op::ArrayNewData>, IndexPairImm imm);
  Status on(OpTag<Op::ArrayNewElem>, IndexPairImm imm);
  Status on(OpTag<Op::ArrayGet>, IndexImm imm) { return arrayGet(imm.index, false); }
  Status on(OpTag<Op::ArrayGetS>, IndexImm imm) { return arrayGet(imm.index, true); }
  Status on(OpTag<Op::ArrayGetU>, IndexImm imm) { return arrayGet(imm.index, true); }
  Status on(OpTag<Op::ArraySet>, IndexImm imm);
  Status on(OpTag<Op::ArrayLen>, NoImm);
  Status on(OpTag<Op::ArrayFill>, IndexImm imm);
  Status on(OpTag<Op::ArrayCopy>, IndexPairImm imm);
  Status on(OpTag<Op::ArrayInitData>, IndexPairImm imm);
  Status on(OpTag<Op::ArrayInitElem>, IndexPairImm imm);

 private:
  friend class ConstSink;
  friend class BodySink;

  // Errors, at the current instruction.
  [[gnu::cold, gnu::noinline]] Status fail(ErrorClass cls, std::string text);
  [[gnu::cold, gnu::noinline]] Status invalid(const char* text) {
    return fail(ErrorClass::Invalid, text);
  }
  [[gnu::cold, gnu::noinline]] Status unknown(const char* space, u32 index);
  [[gnu::cold, gnu::noinline]] Status mismatch(const char* who, TypeSpan required,
                                               const u32* stackTop, bool showAll = false);
  std::string describeTop(size_t count, const u32* stackTop) const;

  // Operand stack.
  Status reserve(size_t slots);
  void push(ValType type) {
    *sp++ = type.bits();
    if (type == ValType::V128) *sp++ = type.bits();
    if (sp > high) high = sp;
  }
  Status pushList(TypeSpan types);
  Status pop(ValType type) {
    if (BLS_LIKELY(sp != floor && sp[-1] == type.bits())) {
      sp -= type.slots();
      return {};
    }
    return popSlow(type);
  }
  Status popSlow(ValType type);
  /// One value under the current top is acceptable as `type`: removes it. No error text.
  bool tryPop(ValType type);
  Status popList(TypeSpan types) { return popListFor("instruction", types); }
  Status popListFor(const char* who, TypeSpan types);
  Status popAny(ValType* out);
  /// Any reference, or Bottom.
  Status popRef(ValType* out);
  void setUnreachable();

  // Control.
  Status signature(const BlockImm& imm, Frame* frame);
  Status enterBlock(Op kind, const BlockImm& imm);
  Status enterFrame(Frame frame);
  TypeSpan params(const Frame& f) const {
    return f.sig != nullptr ? TypeSpan(f.sig->params) : TypeSpan();
  }
  TypeSpan results(const Frame& f) const {
    if (f.sig != nullptr) return f.sig->results;
    return TypeSpan(&f.single, f.single == ValType::Bottom ? 0 : 1);
  }
  TypeSpan labelTypes(const Frame& f) const { return f.kind == Op::Loop ? params(f) : results(f); }
  Status label(u32 depth, Frame** out);
  Status tableTarget(u32 depth, u32 arity);
  Status checkFrameEnd(const Frame& f);
  void restartFrame(Frame& f, Op kind);
  Status leaveFrame();
  void resetLocals(u32 initHeight);
  void markSet(u32 local);

  // Index checks.
  Status funcType(u32 typeIndex, const FuncType** out);
  Status compType(u32 typeIndex, CompKind kind, const SubType** out);
  Status field(IndexPairImm imm, const FieldType** out);
  Status arrayField(u32 typeIndex, const FieldType** out);
  Status memory(u32 index, ValType* addressType);
  Status table(u32 index, const TableType** out);
  Status dataSegment(u32 index);
  Status elemSegment(u32 index, ValType* type);
  Status heapType(HeapType heap);
  Status tag(u32 index, const FuncType** out);

  Status callType(const FuncType& type);
  Status returnCallType(const FuncType& type);
  Status indirectCallee(IndexPairImm imm, const FuncType** out);
  Status refTest(HeapType heap, bool nullable);
  Status refCast(HeapType heap, bool nullable);
  Status branchOnCast(const CastLabelImm& imm, bool onFail);
  Status convert(HeapType from, HeapType to);
  Status i31Get();
  Status structGet(IndexPairImm imm, bool packed);
  Status arrayGet(u32 typeIndex, bool packed);
  static ValType unpacked(ValType storage) {
    return storage.isPacked() ? ValType(ValType::I32) : storage;
  }
  static ValType refTo(u32 typeIndex, bool nullable) {
    return ValType::ref(HeapType::concrete(typeIndex), nullable);
  }

  // Exceptions.
  Status catchClause(const CatchClause& clause, u32 tryBegin);
  Status legacyCatch(Op kind, u32 tagIndex);
  void closeTry(const Frame& f, u32 tryEnd);
  void patchHandlers(const Frame& f, u32 offset);

  Status beginBody(u32 index, ByteReader& in);
  void finishBody(u32 index);
  u32 bodyOffset(const u8* at) const { return static_cast<u32>(at - begin_); }
  u32 heightOf(const u32* p) const { return static_cast<u32>(p - stack_.get()); }
  void startStack(size_t bodyBytes);

  const BodyContext& context_;
  const Module& m_;
  BodyResults& out_;
  Diagnostics& diag_;
  std::unique_ptr<u32[]> stack_;
  size_t capacity_ = 0;
  const u8* begin_ = nullptr;  // of the bytes being walked
  const u8* end_ = nullptr;
  u64 fileOffset_ = 0;  // of begin_
  u32 func_ = kNoFunc;
  const FuncType* type_ = nullptr;
  std::vector<ValType> declared_;  // scratch for local declarations
  std::vector<u32> setLocals_;     // locals that were unset and are set now, in order
  struct PendingCatch {
    CatchMeta meta;
    u32 frame = 0;  // index of the target frame; ~0: the handler is known
  };
  std::vector<PendingCatch> openCatches_;
  std::vector<u32>
      patchNext_;  // by index into out_.catches from firstCatch_: next handler of the same target
  u32 firstCatch_ = 0;
  u32 firstLoop_ = 0;
  u32 mostTries_ = 0;
  u32 handlerHeight_ = 0;  // highest stack that a handler leaves at its label
  // Constant expressions.
  u32 visibleGlobals_ = 0;
  std::vector<bool>* collect_ = nullptr;
};

}  // namespace bls
