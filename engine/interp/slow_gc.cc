// Out-of-line instructions on garbage-collected objects: the interpreter's way to exec/gc_ops.h.
// Operands stand in consecutive slots from imm32; the data cell behind holds the type's layout and
// an index.
#include "engine/exec/gc_ops.h"

#include "engine/gc/values.h"
#include "engine/interp/bodies_gc.h"
#include "engine/interp/slow.h"

namespace bls::interp {
namespace {

using gc::GcLayout;

struct Operands {
  u64* at;
  const GcLayout& layout;
  u32 index;
};
Operands operandsOf(const State& s) {
  return {s.fp + s.pc->imm32(), *reinterpret_cast<const GcLayout*>(s.pc[1].h),
          static_cast<u32>(s.pc[1].word())};
}
u64 finish(State& s) {
  s.pc += 2;
  return kContinue;
}
/// Runs what may collect, with this cell as the frame's safepoint; its result, if it has one, is in
/// the first operand's slot.
template <class F>
u64 atSafepoint(State& s, F work) {
  const Operands in = operandsOf(s);
  s.cx->gcPc = s.pc;
  s.cx->gcFp = s.fp;
  const Trap trap = work(in);
  s.cx->gcPc = nullptr;
  if (trap != Trap::None) return raise(s, trap);
  s.acc = *in.at;
  return finish(s);
}
/// The same for one that does not.
u64 done(State& s, Trap trap) { return trap == Trap::None ? finish(s) : raise(s, trap); }

}  // namespace

u64 structNewDefault(State& s) {
  return atSafepoint(
      s, [&](const Operands& in) { return bls::structNewDefault(s.cx, in.at, in.layout); });
}
u64 structNew(State& s) {
  return atSafepoint(s, [&](const Operands& in) { return bls::structNew(s.cx, in.at, in.layout); });
}

// What the inline path had no room for. The same stores, which may go 7 bytes too far: a space has
// that room behind its last object.
u64 objectNewSlow(State& s) {
  const u64 header = s.pc[1].h, offsets = s.pc[1].word();
  const u32 ref =
      allocateObject(s, static_cast<u32>(header), static_cast<u32>(header >> 32), u64{s.pc->a} * 8);
  if (ref == 0) return raise(s, whyNoObject(s.cx));
  u64* slots = s.fp + s.pc->imm32();
  u32 count = 0;
  while (count < 8 && (offsets >> (8 * count) & 0xff) != 0) ++count;
  storeFields(s.cx->heapBase + ref, offsets, slots, count);
  *slots = ref;
  s.acc = ref;
  return finish(s);
}

u64 arrayNew(State& s) {
  return atSafepoint(
      s, [&](const Operands& in) { return bls::arrayNew(s.cx, in.at, in.layout, bulkCostOf(s)); });
}
u64 arrayNewDefault(State& s) {
  return atSafepoint(s, [&](const Operands& in) {
    return bls::arrayNewDefault(s.cx, in.at, in.layout, bulkCostOf(s));
  });
}
u64 arrayNewFixed(State& s) {
  return atSafepoint(
      s, [&](const Operands& in) { return bls::arrayNewFixed(s.cx, in.at, in.layout, in.index); });
}
u64 arrayNewData(State& s) {
  return atSafepoint(s, [&](const Operands& in) {
    return bls::arrayNewData(s.cx, in.at, in.layout, in.index, bulkCostOf(s));
  });
}
u64 arrayNewElem(State& s) {
  return atSafepoint(s, [&](const Operands& in) {
    return bls::arrayNewElem(s.cx, in.at, in.layout, in.index, bulkCostOf(s));
  });
}

u64 arrayFill(State& s) {
  const Operands in = operandsOf(s);
  return done(s, bls::arrayFill(s.cx, in.at, in.layout, bulkCostOf(s)));
}
u64 arrayCopy(State& s) {
  const Operands in = operandsOf(s);
  return done(s, bls::arrayCopy(s.cx, in.at, in.layout, bulkCostOf(s)));
}
u64 arrayInitData(State& s) {
  const Operands in = operandsOf(s);
  return done(s, bls::arrayInitData(s.cx, in.at, in.layout, in.index, bulkCostOf(s)));
}
u64 arrayInitElem(State& s) {
  const Operands in = operandsOf(s);
  return done(s, bls::arrayInitElem(s.cx, in.at, in.layout, in.index, bulkCostOf(s)));
}

u64 refTestSlow(State& s) {
  const u64 ref = s.fp[s.pc->b];
  const HeapType target = HeapType::fromBits(static_cast<u32>(s.pc[1].h));
  s.acc = gc::isInstanceOf(s.cx->heapBase, ref, target) ? 1 : 0;
  s.fp[s.pc->a] = s.acc;
  return finish(s);
}

u64 refCastSlow(State& s) {
  const u64 ref = s.fp[s.pc->b];
  const HeapType target = HeapType::fromBits(static_cast<u32>(s.pc[1].h));
  if (!gc::isInstanceOf(s.cx->heapBase, ref, target)) return raise(s, Trap::CastFailure);
  s.acc = ref;
  s.fp[s.pc->a] = ref;
  return finish(s);
}

u64 externConvertAny(State& s) {
  return atSafepoint(s, [&](const Operands& in) { return bls::externConvertAny(s.cx, in.at); });
}
u64 anyConvertExtern(State& s) {
  return atSafepoint(s, [&](const Operands& in) { return bls::anyConvertExtern(s.cx, in.at); });
}

}  // namespace bls::interp
