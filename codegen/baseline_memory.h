// Baseline: linear memory, bulk instructions, globals. Included by the instantiating source.
#pragma once

#include "codegen/baseline.h"

namespace bls::codegen {

/// How the macro assembler loads a MemT into a To.
template <class To, class MemT>
constexpr Access accessFor() {
  constexpr bool kSigned = std::is_signed_v<MemT>;
  constexpr bool kWide = sizeof(To) == 8;
  switch (sizeof(MemT)) {
    case 1: return !kSigned ? Access::U8 : kWide ? Access::S8To64 : Access::S8To32;
    case 2: return !kSigned ? Access::U16 : kWide ? Access::S16To64 : Access::S16To32;
    case 4: return kSigned && kWide ? Access::S32To64 : Access::U32;
    default: return Access::U64;
  }
}

/// The operand of an access of `width` bytes at a popped index plus `offset`. Guarded accesses need
/// no check: what lies outside faults. Others compare the last byte's successor with the size.
/// False when this memory is not covered.
template <class M>
bool Baseline<M>::addressOf(Val& index, u64 offset, u32 width, u32 memory, Address* out) {
  const MemoryType& type = module_.memories[MemoryIndex{memory}];
  if (memory != 0 || type.limits.is64 || offset > ~u32{0}) return false;
  const bool guarded =
      in_.options.guardMemory && type.pageLog2 == 16 && offset + width <= kGuardBytes;
  if (guarded) {
    if (index.kind == Val::Const && static_cast<u32>(index.bits) + offset <= 0x7fffffff) {
      *out = Address::at(M::kMemory, static_cast<i32>(static_cast<u32>(index.bits) + offset));
      return true;
    }
    *out = Address::indexed(M::kMemory, general(v_.inReg(index)), static_cast<i32>(offset));
    return true;
  }
  if (type.limits.shared) return false;  // its size may lag
  const RegId reg = v_.inReg(index);
  const u64 end = offset + width;
  if (end <= 0x7fffffff) {
    m_.address(M::kScratch, Address::at(general(reg), static_cast<i32>(end)));
  } else {
    m_.loadConstant(M::kScratch, end);
    m_.intOp(IntOp::Add, Width::W64, M::kScratch, M::kScratch, general(reg));
  }
  m_.compareMemory(Width::W64, Address::at(M::kContext, layout::cx::mem0Size), M::kScratch);
  m_.branchOnFlags(Cond::LtU, trap(Trap::MemoryOutOfBounds));
  *out = Address::indexed(M::kMemory, M::kScratch, -static_cast<i32>(width));
  return true;
}

template <class M>
template <class T, class Mem>
void Baseline<M>::load(u64 offset, u32 memory) {
  constexpr char kType = letterFor<T>();
  Val index = v_.pop();
  Address at;
  if (!addressOf(index, offset, sizeof(Mem), memory, &at)) return unsupported();
  const RegId d = resultFor(kType, &index, nullptr);
  u32 place;
  if constexpr (isFloatType(kType)) {
    place = m_.loadF(widthOfType(kType), floating(d), at);
  } else {
    place = m_.load(accessFor<T, Mem>(), general(d), at);
  }
  accessSite(place);
  v_.pushReg(kType, d);
}

template <class M>
template <class T, class Mem>
void Baseline<M>::store(u64 offset, u32 memory) {
  constexpr char kType = letterFor<T>();
  Val value = v_.pop();
  Val index = v_.pop();
  const RegId reg = v_.inReg(value);
  Address at;
  if (!addressOf(index, offset, sizeof(Mem), memory, &at)) return unsupported();
  if constexpr (M::kStoresMayTear && sizeof(Mem) > 1) {
    // Nothing may be written by a store that runs into the guard (threat model JIT-3).
    if (in_.options.guardMemory) accessSite(m_.probe(sizeof(Mem), at));
  }
  u32 place;
  if constexpr (isFloatType(kType)) {
    place = m_.storeF(widthOfType(kType), at, floating(reg));
  } else {
    place = m_.store(sizeof(Mem), at, general(reg));
  }
  accessSite(place);
}

// ---- Globals

template <class M>
Address Baseline<M>::globalAddress(u32 index) {
  const bool shared =
      index < module_.importedGlobals && module_.globals[GlobalIndex{index}].type.isMutable;
  const i32 place = static_cast<i32>(index * sizeof(GlobalCell));
  m_.load(Access::U64, M::kScratch, Address::at(M::kContext, layout::cx::globals));
  if (!shared) return Address::at(M::kScratch, place);
  m_.load(Access::U64, M::kScratch, Address::at(M::kScratch, place));
  return Address::at(M::kScratch, 0);
}

template <class M>
void Baseline<M>::globalGet(u32 index) {
  const char type = letterOf(module_.globals[GlobalIndex{index}].type.type);
  if (type == 0) return unsupported();
  const RegId d = resultFor(type, nullptr, nullptr);
  const Address at = globalAddress(index);
  if (isFloatType(type)) {
    m_.loadF(widthOfType(type), floating(d), at);
  } else {
    m_.load(type == 'i' ? Access::U32 : Access::U64, general(d), at);
  }
  v_.pushReg(type, d);
}

template <class M>
void Baseline<M>::globalSet(u32 index) {
  const char type = letterOf(module_.globals[GlobalIndex{index}].type.type);
  if (type == 0) return unsupported();
  Val value = v_.pop();
  RegId reg = v_.inReg(value);
  if (type == 'f') {  // zero above, as in slots
    const RegId bits = v_.take(false);
    m_.moveFromF(Width::W32, general(bits), floating(reg));
    reg = bits;
  }
  const Address at = globalAddress(index);
  if (type == 'd') {
    m_.storeF(Width::W64, at, floating(reg));
  } else {
    m_.store(8, at, general(reg));
  }
}

// ---- Out of line

template <class M>
void Baseline<M>::memorySize(u32 memory) {
  const MemoryType& type = module_.memories[MemoryIndex{memory}];
  if (memory != 0 || type.limits.is64 || type.limits.shared) return unsupported();
  const RegId d = resultFor('i', nullptr, nullptr);
  m_.load(Access::U64, general(d), Address::at(M::kContext, layout::cx::mem0Size));
  m_.shiftImm(ShiftOp::ShrU, Width::W64, general(d), general(d), type.pageLog2);
  v_.pushReg('i', d);
}

/// `operands` stand on top; the instruction's own indices are `first` and `second`.
template <class M>
void Baseline<M>::bulk(Op op, RuntimeCall call, u32 operands, u32 first, u32 second, char result) {
  // Units by length, and checks before the work: only the interpreter's schedules of today need it.
  if (metered_ && (schedule_.bulkCheck || schedule_.unitCostOf(op) != 0)) return unsupported();
  chargeAll();
  v_.flushAll();
  const u32 frame = v_.homeOf(v_.height() - operands);
  v_.dropTo(v_.height() - operands);
  constantArgument(0, first);
  constantArgument(1, second);
  constantArgument(2, 0);
  moveFrame(static_cast<i32>(frame));
  callRuntime(call);
  moveFrame(-static_cast<i32>(frame));
  if (result != 'n') v_.pushSlot(result);
}

}  // namespace bls::codegen
