// Baseline: memory.copy and memory.fill of a few bytes in line. Compilers write them for
// structures, and a call of the library costs more than they do. Included by the instantiating
// source.
//
// Only in guarded memories, where no check is needed. Everything is read before anything is
// written, so ranges may overlap; the piece at the end is written first, so a range that runs out
// of the memory is found before anything has changed.
#pragma once

#include "codegen/baseline.h"
#include "codegen/check_site.h"

namespace bls::codegen {

/// The pieces of `length` bytes, at most kMostInLine: all of one width, the last may overlap the
/// one before it.
class Pieces {
 public:
  static constexpr u64 kMostInLine = 64;
  static constexpr u32 kMost = 4;

  explicit Pieces(u32 length) {
    while (width_ > length) width_ /= 2;
    for (u32 at = 0; at < length; at += width_)
      offsets_[count_++] = static_cast<i32>(at + width_ > length ? length - width_ : at);
  }
  u32 count() const { return count_; }
  u32 width() const { return width_; }
  Address of(Address whole, u32 i) const {
    whole.disp += offsets_[i];
    return whole;
  }

 private:
  u32 width_ = 16;
  u32 count_ = 0;
  i32 offsets_[kMost] = {};
};

/// Whether an instruction on the top three operands, the last of them a length, is done in line.
template <class M>
bool Baseline<M>::isInLine(u32 memory, bool secondIsIndex) {
  const Val& length = v_.top();
  const MemoryType& type = module_.memories[MemoryIndex{memory}];
  if (!M::kVectors || saves_ || length.kind != Val::Const) return false;
  if (length.bits == 0 || length.bits > Pieces::kMostInLine) return false;
  if (!in_.options.guardMemory || memory != 0 || type.limits.is64 || type.pageLog2 != 16)
    return false;
  // Constant addresses have the pieces' offsets added.
  const auto fits = [](const Val& index) {
    return index.kind != Val::Const || static_cast<u32>(index.bits) < 0x7fff0000;
  };
  return fits(v_.top(2)) && (!secondIsIndex || fits(v_.top(1)));
}

template <class M>
void Baseline<M>::storePiece(const Pieces& pieces, u32 i, const Address& whole, RegId value) {
  const Address at = pieces.of(whole, i);
  if constexpr (M::kStoresMayTear) {
    // The first store decides whether all of them succeed (threat model JIT-3).
    if (i + 1 == pieces.count() && pieces.width() > 1)
      CHECK_SITE(BulkProbe) accessSite(m_.probe(pieces.width(), at));
  }
  accessSite(isFloatReg(value) ? m_.vectorStore(at, floating(value))
                               : m_.store(pieces.width(), at, general(value)));
}

template <class M>
void Baseline<M>::memoryCopy(u32 to, u32 from) {
  const u64 cost = bulkCost(Op::MemoryCopy);
  if (cost != 0 || from != to || !isInLine(to, true))
    return runtimeOp(RuntimeCall::MemoryCopy, 3, to, from, cost, 'n');
  const u32 length = static_cast<u32>(v_.pop().bits);
  Val source = v_.pop();
  Val target = v_.pop();
  const Pieces pieces(length);
  const bool wide = pieces.width() == 16;
  RegId values[Pieces::kMost];
  for (u32 i = 0; i < pieces.count(); ++i) values[i] = v_.take(wide);
  const Address read = addressOf(source, 0, length, from);
  const Address written = addressOf(target, 0, length, to);
  constexpr Access kAccess[] = {Access::U8, Access::U16, Access::U32, Access::U64};
  for (u32 i = 0; i < pieces.count(); ++i) {
    const Address at = pieces.of(read, i);
    accessSite(wide ? m_.vectorLoad(Op::V128Load, floating(values[i]), at)
                    : m_.load(kAccess[std::countr_zero(pieces.width())], general(values[i]), at));
  }
  for (u32 i = pieces.count(); i-- > 0;) storePiece(pieces, i, written, values[i]);
}

template <class M>
void Baseline<M>::memoryFill(u32 memory) {
  const u64 cost = bulkCost(Op::MemoryFill);
  if (cost != 0 || !isInLine(memory, false))
    return runtimeOp(RuntimeCall::MemoryFill, 3, memory, 0, cost, 'n');
  constexpr u64 kEach = 0x0101010101010101;
  const u32 length = static_cast<u32>(v_.pop().bits);
  Val byte = v_.pop();
  Val target = v_.pop();
  const Pieces pieces(length);
  RegId value = v_.take(false);
  if (byte.kind == Val::Const) {
    m_.loadConstant(general(value), (byte.bits & 0xff) * kEach);
  } else {
    m_.intOpImm(IntOp::And, Width::W32, general(value), general(v_.inReg(byte)), 0xff);
    m_.loadConstant(M::kScratch, kEach);
    m_.intOp(IntOp::Mul, Width::W64, general(value), general(value), M::kScratch);
  }
  if (pieces.width() == 16) {
    const RegId vector = v_.take(true);
    m_.vectorSplat(Op::I64x2Splat, floating(vector), general(value));
    value = vector;
  }
  const Address written = addressOf(target, 0, length, memory);
  for (u32 i = pieces.count(); i-- > 0;) storePiece(pieces, i, written, value);
}

}  // namespace bls::codegen
