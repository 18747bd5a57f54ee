// Baseline: structures, arrays, i31, casts. Included by the instantiating source.
//
// A reference is an offset from the heap's base, which is read anew for each access: the collector
// changes it. Fields are accessed in place; small objects are allocated in place, with all values
// in their slots, so that the way out to the library, which may collect, needs nothing more. Bulk
// instructions, big objects and casts that need the type registry are the library's
// (exec/gc_ops.h). Design: engine design 4.6.
#pragma once

#include "codegen/baseline.h"
#include "codegen/check_site.h"

namespace bls::codegen {

// ---- The library

/// `operands` stand on top; the result, if any, replaces them. May collect: everything is in slots.
template <class M>
void Baseline<M>::gcRuntime(RuntimeCall call, u32 operands, u64 a, u64 b, u64 c, char result) {
  v_.flushAll();
  const u32 bottom = v_.height() - operands;
  const i32 frame = static_cast<i32>(v_.homeOf(bottom));
  constantArgument(0, a);
  constantArgument(1, b);
  constantArgument(2, c);
  moveFrame(frame);
  callRuntime(call);
  moveFrame(-frame);
  v_.dropTo(bottom);
  if (result != 'n') v_.pushReg(result, idOf(M::kResult), true);
}

/// One that charges for its length. `type`: of the array.
template <class M>
void Baseline<M>::gcBulk(Op op, RuntimeCall call, u32 operands, u32 type, u64 second, char result) {
  const u64 cost = bulkCost(op);
  chargeAll();
  gcRuntime(call, operands, reinterpret_cast<u64>(&gc::layoutOf(module_.canonTypes[type])), second,
            cost, result);
}

// ---- New objects

/// An object of a few small fields. Whole slots are stored at ascending offsets: what is too much
/// of one is overwritten by the next or belongs to nobody. `slow`: with the layout and `word1`.
template <class M>
bool Baseline<M>::newInline(const gc::GcLayout& layout, u32 operands, bool isDefault, u32 word1,
                            u64 bytes, RuntimeCall slow) {
  constexpr u32 kMostFields = 8;
  constexpr u64 kMostBytes = 256;
  const bool isArray = layout.kind == CompKind::Array;
  if (operands > kMostFields || bytes > kMostBytes) return false;
  for (u32 i = 0; i < operands; ++i) {
    if (layout.fields[isArray ? 0 : i].storage == gc::Storage::V128) return false;
  }
  v_.flushAll();
  const u32 bottom = v_.height() - operands;
  const u32 frame = v_.homeOf(bottom);
  const Reg ref = M::kResult;
  const Reg end = M::kArguments[0];
  const Reg object = M::kArguments[1];
  Label full;
  Label done;
  m_.load(Access::U64, ref, Address::at(M::kContext, layout::cx::heapTop));
  m_.address(end, Address::at(ref, static_cast<i32>(bytes)));
  m_.compareMemory(Width::W64, Address::at(M::kContext, layout::cx::heapEnd), end);
  CHECK_SITE(HeapRoom) m_.branchOnFlags(Cond::LtU, full);
  m_.store(8, Address::at(M::kContext, layout::cx::heapTop), end);
  m_.load(Access::U64, object, Address::at(M::kContext, layout::cx::heapBase));
  m_.intOp(IntOp::Add, Width::W64, object, object, ref);
  m_.loadConstant(M::kScratch, layout.word0 | u64{word1} << 32);
  m_.store(8, Address::at(object, 0), M::kScratch);
  if (isDefault) {
    for (u64 at = gc::kHeaderBytes; at < bytes; at += 8) {
      m_.storeConstant(Address::at(object, static_cast<i32>(at)), 0);
    }
  }
  for (u32 i = 0; i < operands; ++i) {
    const u64 offset =
        isArray ? gc::kHeaderBytes + (u64{i} << layout.elementLog2) : layout.fields[i].offset;
    m_.load(Access::U64, M::kScratch, v_.slot(frame + i));
    m_.store(8, Address::at(object, static_cast<i32>(offset)), M::kScratch);
  }
  m_.jump(done);
  m_.bind(full);
  constantArgument(0, reinterpret_cast<u64>(&layout));
  constantArgument(1, word1);
  moveFrame(static_cast<i32>(frame));
  callRuntime(slow);
  moveFrame(-static_cast<i32>(frame));
  m_.bind(done);
  v_.dropTo(bottom);
  v_.pushReg('g', idOf(ref));
  return true;
}

template <class M>
void Baseline<M>::structNew(u32 type, bool hasOperands) {
  const gc::GcLayout& layout = gc::layoutOf(module_.canonTypes[type]);
  const u32 count = hasOperands ? static_cast<u32>(module_.type(type).fields.size()) : 0;
  const RuntimeCall slow = hasOperands ? RuntimeCall::StructNew : RuntimeCall::StructNewDefault;
  if (newInline(layout, count, !hasOperands, 0, layout.bytes, slow)) return;
  gcRuntime(slow, count, reinterpret_cast<u64>(&layout), 0, 0, 'g');
}

template <class M>
void Baseline<M>::arrayNewFixed(u32 type, u32 count) {
  const gc::GcLayout& layout = gc::layoutOf(module_.canonTypes[type]);
  const u64 bytes = gc::Heap::arrayBytes(layout, count);
  if (newInline(layout, count, false, count, bytes, RuntimeCall::ArrayNewFixed)) return;
  gcRuntime(RuntimeCall::ArrayNewFixed, count, reinterpret_cast<u64>(&layout), count, 0, 'g');
}

// ---- Fields and elements

template <class M>
void Baseline<M>::notNull(RegId ref, Trap otherwise) {
  m_.test(Width::W64, general(ref), general(ref));
  m_.branchOnFlags(Cond::Eq, trap(otherwise));
}

template <class M>
void Baseline<M>::loadField(char type, gc::Storage storage, bool isSigned, RegId d,
                            const Address& at) {
  using gc::Storage;
  switch (storage) {
    case Storage::I8: m_.load(isSigned ? Access::S8To32 : Access::U8, general(d), at); break;
    case Storage::I16: m_.load(isSigned ? Access::S16To32 : Access::U16, general(d), at); break;
    case Storage::I32:
    case Storage::Ref: m_.load(Access::U32, general(d), at); break;
    case Storage::I64:
    case Storage::Extern:
    case Storage::Func: m_.load(Access::U64, general(d), at); break;
    case Storage::F32:
    case Storage::F64: m_.loadF(widthOfType(type), floating(d), at); break;
    case Storage::V128:
      if constexpr (M::kVectors) m_.vectorLoad(Op::V128Load, floating(d), at);
      break;
  }
}

template <class M>
void Baseline<M>::storeField(gc::Storage storage, RegId value, const Address& at) {
  using gc::Storage;
  if (storage == Storage::V128) {
    if constexpr (M::kVectors) m_.vectorStore(at, floating(value));
  } else if (storage == Storage::F32 || storage == Storage::F64) {
    m_.storeF(storage == Storage::F32 ? Width::W32 : Width::W64, at, floating(value));
  } else {
    m_.store(u32{1} << gc::log2Of(storage), at, general(value));
  }
}

template <class M>
void Baseline<M>::structGet(u32 type, u32 field, bool isSigned) {
  const ValType storage = module_.type(type).fields[field].storage;
  const gc::FieldLayout& layout = gc::layoutOf(module_.canonTypes[type]).fields[field];
  const char result = storage.isPacked() ? 'i' : letterOf(storage);
  if (result == 0) return unsupported();
  Val object = v_.pop();
  const RegId ref = v_.inReg(object);
  CHECK_SITE(StructGetNull) notNull(ref, Trap::NullStructRef);
  const RegId d = resultFor(result, &object, nullptr);
  m_.load(Access::U64, M::kScratch, Address::at(M::kContext, layout::cx::heapBase));
  loadField(result, layout.storage, isSigned, d,
            Address::indexed(M::kScratch, general(ref), static_cast<i32>(layout.offset)));
  v_.pushReg(result, d);
}

template <class M>
void Baseline<M>::structSet(u32 type, u32 field) {
  const gc::FieldLayout& layout = gc::layoutOf(module_.canonTypes[type]).fields[field];
  Val value = v_.pop();
  Val object = v_.pop();
  const RegId from = v_.inReg(value);
  const RegId ref = v_.inReg(object);
  CHECK_SITE(StructSetNull) notNull(ref, Trap::NullStructRef);
  m_.load(Access::U64, M::kScratch, Address::at(M::kContext, layout::cx::heapBase));
  storeField(layout.storage, from,
             Address::indexed(M::kScratch, general(ref), static_cast<i32>(layout.offset)));
}

/// The place of an element after both checks.
template <class M>
void Baseline<M>::elementBase(Val& array, RegId index, gc::Storage storage, Address* out) {
  const RegId ref = v_.inReg(array);
  CHECK_SITE(ArrayNull) notNull(ref, Trap::NullArrayRef);
  const u32 log2 = gc::log2Of(storage);
  // Wider elements than an address can scale.
  const RegId scaled = log2 > 3 ? v_.take(false) : kNoReg;
  m_.load(Access::U64, M::kScratch, Address::at(M::kContext, layout::cx::heapBase));
  m_.intOp(IntOp::Add, Width::W64, M::kScratch, M::kScratch, general(ref));
  m_.compareMemory(Width::W32, Address::at(M::kScratch, 4), general(index));
  CHECK_SITE(ArrayBounds) m_.branchOnFlags(Cond::LeU, trap(Trap::ArrayOutOfBounds));
  constexpr i32 kFirst = static_cast<i32>(gc::kHeaderBytes);
  if (scaled == kNoReg) {
    *out = Address::indexed(M::kScratch, general(index), kFirst, static_cast<u8>(log2));
  } else {
    m_.shiftImm(ShiftOp::Shl, Width::W64, general(scaled), general(index), log2);
    *out = Address::indexed(M::kScratch, general(scaled), kFirst);
  }
}

template <class M>
void Baseline<M>::arrayGet(u32 type, bool isSigned) {
  const ValType storage = module_.type(type).fields[0].storage;
  const gc::FieldLayout& layout = gc::layoutOf(module_.canonTypes[type]).fields[0];
  const char result = storage.isPacked() ? 'i' : letterOf(storage);
  if (result == 0) return unsupported();
  Val index = v_.pop();
  Val array = v_.pop();
  const RegId at = v_.inReg(index);
  v_.inReg(array);
  const RegId d = resultFor(result, &index, &array);  // before kScratch is in use
  Address place;
  elementBase(array, at, layout.storage, &place);
  loadField(result, layout.storage, isSigned, d, place);
  v_.pushReg(result, d);
}

template <class M>
void Baseline<M>::arraySet(u32 type) {
  const gc::FieldLayout& layout = gc::layoutOf(module_.canonTypes[type]).fields[0];
  Val value = v_.pop();
  Val index = v_.pop();
  Val array = v_.pop();
  const RegId from = v_.inReg(value);
  const RegId at = v_.inReg(index);
  Address place;
  elementBase(array, at, layout.storage, &place);
  storeField(layout.storage, from, place);
}

template <class M>
void Baseline<M>::arrayLen() {
  Val array = v_.pop();
  const RegId ref = v_.inReg(array);
  CHECK_SITE(ArrayLenNull) notNull(ref, Trap::NullArrayRef);
  const RegId d = resultFor('i', &array, nullptr);
  m_.load(Access::U64, M::kScratch, Address::at(M::kContext, layout::cx::heapBase));
  m_.load(Access::U32, general(d), Address::indexed(M::kScratch, general(ref), 4));
  v_.pushReg('i', d);
}

// ---- i31

template <class M>
void Baseline<M>::refI31() {
  Val value = v_.pop();
  const RegId from = v_.inReg(value);
  const RegId d = resultFor('g', &value, nullptr);
  m_.shiftImm(ShiftOp::Shl, Width::W32, general(d), general(from), 1);
  m_.intOpImm(IntOp::Or, Width::W32, general(d), general(d), 1);
  v_.pushReg('g', d);
}

template <class M>
void Baseline<M>::i31Get(bool isSigned) {
  Val value = v_.pop();
  const RegId ref = v_.inReg(value);
  CHECK_SITE(I31Null) notNull(ref, Trap::NullI31Ref);
  const RegId d = resultFor('i', &value, nullptr);
  m_.shiftImm(isSigned ? ShiftOp::ShrS : ShiftOp::ShrU, Width::W32, general(d), general(ref), 1);
  v_.pushReg('i', d);
}

// ---- Casts

/// Goes on when the reference is of the type, to `no` when not.
template <class M>
void Baseline<M>::castOrJump(const CastPlan& plan, bool nullable, RegId ref, Label& no) {
  // All registers before the first branch: making room for one may store.
  const Reg word = general(v_.take(false));
  const Reg part = general(plan.by == CastBy::Type ? v_.take(false) : idOf(word));
  Label yes;
  m_.test(Width::W64, general(ref), general(ref));
  CHECK_SITE(CastNull) m_.branchOnFlags(Cond::Eq, nullable ? yes : no);
  const bool byKind = plan.by == CastBy::Kind;
  if (byKind && plan.word == 0) {
    m_.jump(no);
    m_.bind(yes);
    return;
  }
  const bool i31 = byKind && (plan.word >> gc::kI31Kind & 1) != 0;
  m_.intOpImm(IntOp::And, Width::W32, word, general(ref), 1);
  m_.test(Width::W32, word, word);
  CHECK_SITE(CastSmall) m_.branchOnFlags(Cond::Ne, i31 ? yes : no);
  m_.load(Access::U64, M::kScratch, Address::at(M::kContext, layout::cx::heapBase));
  m_.load(Access::U32, word, Address::indexed(M::kScratch, general(ref)));
  if (byKind) {
    const u32 kinds = plan.word & ((1u << gc::kI31Kind) - 1);
    const u32 last = static_cast<u32>(31 - __builtin_clz(kinds | 1));
    m_.shiftImm(ShiftOp::ShrU, Width::W32, word, word, gc::kKindShift);
    m_.compareImm(Width::W32, word, static_cast<i32>(last));
    // One kind, or all up to it; kinds may be none: only i31.
    if (kinds == 0) {
      m_.jump(no);
    } else if (kinds == 1u << last) {
      CHECK_SITE(CastKind) m_.branchOnFlags(Cond::Ne, no);
    } else {
      DCHECK(kinds == (2u << last) - 1);
      CHECK_SITE(CastKinds) m_.branchOnFlags(Cond::GtU, no);
    }
  } else {
    m_.compareImm(Width::W32, word, static_cast<i32>(plan.word));
    m_.branchOnFlags(Cond::Eq, yes);
    // The object's own layout has the ancestor in its display. The top bit: no struct and no array.
    m_.compareImm(Width::W32, word, 0);
    CHECK_SITE(CastOther) m_.branchOnFlags(Cond::LtS, no);
    static_assert(std::is_standard_layout_v<gc::GcLayout>);
    constexpr i32 kDisplay = offsetof(gc::GcLayout, display);
    constexpr i32 kTypes = static_cast<i32>(gc::typeOfWord(~u32{0}));
    constexpr i32 kInChunk = static_cast<i32>((u32{1} << gc::kLayoutChunkBits) - 1);
    m_.intOpImm(IntOp::And, Width::W32, word, word, kTypes);
    m_.shiftImm(ShiftOp::ShrU, Width::W32, part, word, gc::kLayoutChunkBits);
    m_.intOpImm(IntOp::And, Width::W32, word, word, kInChunk);
    m_.loadConstant(M::kScratch, reinterpret_cast<u64>(&gc::layoutChunks[0]));
    m_.load(Access::U64, part, Address::indexed(M::kScratch, part, 0, 3));
    m_.load(Access::U64, part, Address::indexed(part, word, 0, 3));
    m_.compareMemoryImm(Width::W32, Address::at(part, kDisplay + static_cast<i32>(plan.depth * 4)),
                        static_cast<i32>(gc::typeOfWord(plan.word)));
    CHECK_SITE(CastType) m_.branchOnFlags(Cond::Ne, no);
  }
  m_.bind(yes);
}

/// The same as 0 or 1.
template <class M>
RegId Baseline<M>::castAnswer(const CastPlan& plan, bool nullable, RegId ref) {
  const RegId d = v_.take(false);
  Label no;
  m_.loadConstant(general(d), 0);
  castOrJump(plan, nullable, ref, no);
  m_.loadConstant(general(d), 1);
  m_.bind(no);
  return d;
}

/// Asks the library about the reference on top, which stays there; the answer is in kResult.
template <class M>
void Baseline<M>::askRegistry(RuntimeCall call, const CastPlan& plan, bool nullable) {
  v_.flushAll();
  // A slot of its own for the answer: those of the link, which compiled frames do not use.
  const i32 frame = static_cast<i32>(in_.funcMeta().localSlots + in_.funcMeta().exceptionSlots);
  constantArgument(0, plan.target.bits());
  constantArgument(1, nullable ? 1 : 0);
  m_.load(Access::U64, M::kArguments[2], v_.slot(v_.top().home));
  moveFrame(frame);
  callRuntime(call);
  moveFrame(-frame);
}

template <class M>
void Baseline<M>::refTest(HeapType target, bool nullable) {
  const CastPlan plan = planCast(module_, target);
  if (plan.by == CastBy::Registry) {
    askRegistry(RuntimeCall::RefTest, plan, nullable);
    v_.pop();
    v_.pushReg('i', idOf(M::kResult));
    return;
  }
  Val value = v_.pop();
  v_.pushReg('i', castAnswer(plan, nullable, v_.inReg(value)));
}

template <class M>
void Baseline<M>::refCast(HeapType target, bool nullable) {
  const CastPlan plan = planCast(module_, target);
  const char type = v_.top().type;
  if (plan.by == CastBy::Registry) {
    askRegistry(RuntimeCall::RefCast, plan, nullable);
    return;
  }
  Val value = v_.pop();
  const RegId ref = v_.inReg(value);
  castOrJump(plan, nullable, ref, trap(Trap::CastFailure));
  v_.pushReg(type, ref);
}

/// A test, then a branch; the reference stays on the stack.
template <class M>
void Baseline<M>::brOnCast(const CastLabelImm& imm, bool onFail) {
  const CastPlan plan = planCast(module_, imm.target);
  const char type = v_.top().type;
  RegId answer = idOf(M::kResult);
  if (plan.by == CastBy::Registry) {
    askRegistry(RuntimeCall::RefTest, plan, imm.targetNullable);
    v_.hold(answer);
  } else {
    Val value = v_.pop();
    const RegId ref = v_.inReg(value);
    v_.pushReg(type, ref, value.stored);
    answer = castAnswer(plan, imm.targetNullable, ref);
  }
  condition_.kind = Condition::IntImm;
  condition_.cond = onFail ? Cond::Eq : Cond::Ne;
  condition_.width = Width::W32;
  condition_.a = answer;
  condition_.b = kNoReg;
  condition_.imm = 0;
  brIf(imm.label);
}

}  // namespace bls::codegen
