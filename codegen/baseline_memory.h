// Baseline: linear memory, bulk instructions, globals. Included by the instantiating source.
#pragma once

#include "codegen/baseline.h"
#include "codegen/check_site.h"

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

/// An access whose offset alone lies beyond all the memory can ever have is a save point.
template <class M>
void Baseline<M>::saveIfAlwaysOutside(u64 offset, u32 width, u32 memory) {
  if (!saves_) return;
  const MemoryType& type = module_.memories[MemoryIndex{memory}];
  const u64 most = type.limits.hasMax ? type.limits.max
                   : type.limits.is64 ? u64{1} << (64 - type.pageLog2)
                                      : u64{1} << (32 - type.pageLog2);
  const u64 bytes = most >> (63 - type.pageLog2) != 0 ? ~u64{0} : most << type.pageLog2;
  if (width > bytes || offset > bytes - width) saveFuel(pending_);
}

template <class M>
void Baseline<M>::loadMemory(Reg d, u32 memory) {
  m_.load(Access::U64, d, Address::at(M::kContext, layout::cx::instance));
  m_.load(Access::U64, d, Address::at(d, layout::instance::memories));
  m_.load(Access::U64, d, Address::at(d, static_cast<i32>(memory * 8)));
}

/// The operand of an access of `width` bytes at a popped index plus `offset`. Guarded accesses need
/// no check: what lies outside faults. The address may use kScratch, which a register taken behind
/// this may clobber (a spill): take floating registers before.
template <class M>
Address Baseline<M>::addressOf(Val& index, u64 offset, u32 width, u32 memory) {
  const MemoryType& type = module_.memories[MemoryIndex{memory}];
  const bool guarded = in_.options.guardMemory && CHECK_SITE_OR(GuardFirst, memory == 0, true) &&
                       CHECK_SITE_OR(GuardIndex, !type.limits.is64, true) &&
                       CHECK_SITE_OR(GuardPage, type.pageLog2 == 16, true) &&
                       CHECK_SITE_OR(GuardReach, offset + width <= kGuardBytes, true);
  if (!guarded) return checkedAddress(index, offset, width, memory);
  const bool reaches =
      CHECK_SITE_OR(GuardConstant, static_cast<u32>(index.bits) + offset <= 0x7fffffff, true);
  if (index.kind == Val::Const && reaches) {
    return Address::at(M::kMemory, static_cast<i32>(static_cast<u32>(index.bits) + offset));
  }
  return Address::indexed(M::kMemory, general(v_.inReg(index)), static_cast<i32>(offset));
}

/// The same with a check: the last byte's successor, which may not wrap, against the memory's size.
/// Memory 0 is known to the context; of others, and of shared ones that other threads may grow,
/// base and size are read each time.
template <class M>
Address Baseline<M>::checkedAddress(Val& index, u64 offset, u32 width, u32 memory) {
  const Limits& limits = module_.memories[MemoryIndex{memory}].limits;
  const u64 past = offset + CHECK_SITE_OR(AccessWidth, width, 0);
  Label& outside = trap(Trap::MemoryOutOfBounds);
  if (CHECK_SITE_OR(OffsetWrap, past < offset, false)) {  // no index reaches it
    m_.jump(outside);
    return Address::at(M::kMemory, 0);
  }
  const Reg at = general(v_.inReg(index));
  const bool known = memory == 0 && !limits.shared;
  const Reg object = known ? M::kMemory : general(v_.take(false));
  if (past <= 0x7fffffff) {
    m_.address(M::kScratch, Address::at(at, static_cast<i32>(past)));
  } else {
    m_.loadConstant(M::kScratch, past);
    m_.intOp(IntOp::Add, Width::W64, M::kScratch, M::kScratch, at);
  }
  if (limits.is64 || past > u64{1} << 33) {  // else the sum of two 32-bit numbers
    m_.compare(Width::W64, M::kScratch, at);
    CHECK_SITE(SumWrap) m_.branchOnFlags(Cond::LtU, outside);
  }
  Address size = Address::at(M::kContext, layout::cx::mem0Size);
  if (!known) {
    loadMemory(object, memory);
    size = Address::at(object, layout::memory::size);
  }
  m_.compareMemory(Width::W64, size, M::kScratch);
  CHECK_SITE(MemoryBounds) m_.branchOnFlags(Cond::LtU, outside);
  if (!known) m_.load(Access::U64, object, Address::at(object, layout::memory::base));
  return Address::indexed(object, M::kScratch, -static_cast<i32>(width));
}

template <class M>
template <class T, class Mem>
void Baseline<M>::load(u64 offset, u32 memory) {
  constexpr char kType = letterFor<T>();
  saveIfAlwaysOutside(offset, sizeof(Mem), memory);
  Val index = v_.pop();
  u32 place;
  RegId d;
  if constexpr (isFloatType(kType)) {
    d = resultFor(kType, nullptr, nullptr);
    place =
        m_.loadF(widthOfType(kType), floating(d), addressOf(index, offset, sizeof(Mem), memory));
  } else {
    const Address at = addressOf(index, offset, sizeof(Mem), memory);
    d = resultFor(kType, &index, nullptr);
    place = m_.load(accessFor<T, Mem>(), general(d), at);
  }
  accessSite(place);
  v_.pushReg(kType, d);
}

template <class M>
template <class T, class Mem>
void Baseline<M>::store(u64 offset, u32 memory) {
  constexpr char kType = letterFor<T>();
  saveIfAlwaysOutside(offset, sizeof(Mem), memory);
  Val value = v_.pop();
  Val index = v_.pop();
  const RegId reg = v_.inReg(value);
  const Address at = addressOf(index, offset, sizeof(Mem), memory);
  if constexpr (M::kStoresMayTear && sizeof(Mem) > 1) {
    // Nothing may be written by a store that runs into the guard (threat model JIT-3).
    if (CHECK_SITE_OR(StoreProbe, in_.options.guardMemory, false))
      accessSite(m_.probe(sizeof(Mem), at));
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
  if (type == 'v') {
    if constexpr (M::kVectors) m_.vectorLoad(Op::V128Load, floating(d), at);
  } else if (isFloatType(type)) {
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
  if (type == 'v') {
    if constexpr (M::kVectors) m_.vectorStore(at, floating(reg));
  } else if (type == 'd') {
    m_.storeF(Width::W64, at, floating(reg));
  } else {
    m_.store(8, at, general(reg));
  }
}

// ---- Out of line

template <class M>
void Baseline<M>::memorySize(u32 memory) {
  const MemoryType& type = module_.memories[MemoryIndex{memory}];
  const char letter = indexLetter(type.limits);
  const RegId d = resultFor(letter, nullptr, nullptr);
  if (memory == 0 && !type.limits.shared) {
    m_.load(Access::U64, general(d), Address::at(M::kContext, layout::cx::mem0Size));
  } else {
    loadMemory(general(d), memory);
    m_.load(Access::U64, general(d), Address::at(general(d), layout::memory::size));
  }
  m_.shiftImm(ShiftOp::ShrU, Width::W64, general(d), general(d), type.pageLog2);
  v_.pushReg(letter, d);
}

/// What the library charges for a bulk instruction, whose length is on top; a literal length is
/// charged here.
template <class M>
u64 Baseline<M>::bulkCost(Op op) {
  if (!metered_ || !FuelSchedule::isBulk(op)) return 0;
  const u32 perUnit = schedule_.unitCostOf(op);
  const Val& length = v_.top();
  const bool literal = length.kind == Val::Const && constantEnd_ == offset_;
  if (literal && static_cast<u64>(bulkCharge(length.bits, perUnit)) <= kUncheckedBulkUnits) {
    pending_ += static_cast<i32>(bulkCharge(length.bits, perUnit));
    return 0;
  }
  return schedule_.bulkCheck ? packCost(perUnit, true) : 0;
}

/// `operands` stand on top; the instruction's own indices are `first` and `second`.
template <class M>
void Baseline<M>::bulk(Op op, RuntimeCall call, u32 operands, u32 first, u32 second, char result) {
  const u64 cost = bulkCost(op);
  runtimeOp(call, operands, first, second, cost, result);
}

/// An instruction of the library, on operands in their home slots; a, b and c are its arguments.
/// The result, if any, is an integer or a reference.
template <class M>
void Baseline<M>::runtimeOp(RuntimeCall call, u32 operands, u64 a, u64 b, u64 c, char result) {
  chargeAll();
  v_.flushAll();
  const u32 frame = v_.homeOf(v_.height() - operands);
  v_.dropTo(v_.height() - operands);
  constantArgument(0, a);
  constantArgument(1, b);
  constantArgument(2, c);
  moveFrame(static_cast<i32>(frame));
  callRuntime(call);
  moveFrame(-static_cast<i32>(frame));
  if (result != 'n') v_.pushReg(result, idOf(M::kResult), true);
}

}  // namespace bls::codegen
