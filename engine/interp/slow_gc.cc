// Out-of-line instructions on garbage-collected objects: allocation, bulk array instructions, casts
// that need the type registry, conversions. Operands stand in consecutive slots from imm32; the
// data cell behind holds the type's layout and an index. After an allocation operands are read
// again: the collector may have moved what they refer to. Spec: exec/instructions, aggregates.
#include "engine/gc/values.h"
#include "engine/interp/bodies_gc.h"
#include "engine/interp/slow.h"

namespace bls::interp {
namespace {

using gc::GcLayout;
using gc::Storage;

struct Operands {
  u64* at;
  const GcLayout* layout;
  u64 index;
};
Operands operandsOf(const State& s) {
  return {s.fp + s.pc->imm32(), reinterpret_cast<const GcLayout*>(s.pc[1].h), s.pc[1].word()};
}
u64 finish(State& s) {
  s.pc += 2;
  return kContinue;
}
u64 finishWith(State& s, u64* at, u64 result) {
  *at = result;
  s.acc = result;
  return finish(s);
}
u8* objectAt(const State& s, u64 ref) { return s.cx->heapBase + ref; }
u32 lengthAt(const State& s, u64 ref) { return sem::readLe<u32>(objectAt(s, ref) + 4); }
bool inside(u64 size, u64 at, u64 length) { return length <= size && at <= size - length; }

// Writes a value from its slot (slots, for v128) to memory of this storage.
void storeField(u8* to, Storage storage, const u64* slot) {
  std::memcpy(to, slot, size_t{1} << gc::log2Of(storage));
}
u32 slotsOf(Storage storage) { return storage == Storage::V128 ? 2 : 1; }

u32 newArray(State& s, const GcLayout& layout, u32 length) {
  return allocateObject(s, layout.word0, length, gc::Heap::arrayBytes(layout, length));
}
u8* elementAt(const State& s, const GcLayout& layout, u64 ref, u64 index) {
  return objectAt(s, ref) + gc::kHeaderBytes + (index << layout.elementLog2);
}
void fillElements(const State& s, const GcLayout& layout, u64 ref, u64 from, u64 count,
                  const u64* value) {
  u8* to = elementAt(s, layout, ref, from);
  const Storage storage = layout.fields[0].storage;
  const size_t bytes = size_t{1} << layout.elementLog2;
  if (bytes == 1) {
    std::memset(to, static_cast<int>(*value & 0xff), static_cast<size_t>(count));
    return;
  }
  for (u64 i = 0; i < count; ++i) storeField(to + i * bytes, storage, value);
}
void copyFromSegment(const State& s, const GcLayout& layout, u64 ref, u64 to,
                     const ElemInstance& segment, u64 from, u64 count) {
  u8* at = elementAt(s, layout, ref, to);
  const Storage storage = layout.fields[0].storage;
  const size_t bytes = size_t{1} << layout.elementLog2;
  for (u64 i = 0; i < count; ++i)
    storeField(at + i * bytes, storage, &segment.refs[static_cast<size_t>(from + i)]);
}

}  // namespace

u64 structNewDefault(State& s) {
  Operands in = operandsOf(s);
  const u32 ref = allocateObject(s, in.layout->word0, 0, in.layout->bytes);
  if (ref == 0) return raise(s, whyNoObject(s));
  return finishWith(s, in.at, ref);
}

u64 structNew(State& s) {
  Operands in = operandsOf(s);
  const u32 ref = allocateObject(s, in.layout->word0, 0, in.layout->bytes);
  if (ref == 0) return raise(s, whyNoObject(s));
  u8* object = objectAt(s, ref);
  const u64* slot = in.at;
  for (const gc::FieldLayout& field : in.layout->fields) {
    storeField(object + field.offset, field.storage, slot);
    slot += slotsOf(field.storage);
  }
  return finishWith(s, in.at, ref);
}

// What the inline path had no room for. The same stores, which may go 7 bytes too far: a space has
// that room behind its last object.
u64 objectNewSlow(State& s) {
  const u64 header = s.pc[1].h, offsets = s.pc[1].word();
  const u32 ref =
      allocateObject(s, static_cast<u32>(header), static_cast<u32>(header >> 32), u64{s.pc->a} * 8);
  if (ref == 0) return raise(s, whyNoObject(s));
  u64* slots = s.fp + s.pc->imm32();
  u32 count = 0;
  while (count < 8 && (offsets >> (8 * count) & 0xff) != 0) ++count;
  storeFields(objectAt(s, ref), offsets, slots, count);
  return finishWith(s, slots, ref);
}

u64 arrayNew(State& s) {
  Operands in = operandsOf(s);  // value, length
  const u32 valueSlots = slotsOf(in.layout->fields[0].storage);
  const u32 length = static_cast<u32>(in.at[valueSlots]);
  const Trap trap = chargeBulk(s, length);
  if (trap != Trap::None) return raise(s, trap);
  const u32 ref = newArray(s, *in.layout, length);
  if (ref == 0) return raise(s, whyNoObject(s));
  fillElements(s, *in.layout, ref, 0, length, in.at);
  return finishWith(s, in.at, ref);
}

u64 arrayNewDefault(State& s) {
  Operands in = operandsOf(s);
  const u32 length = static_cast<u32>(in.at[0]);
  const Trap trap = chargeBulk(s, length);
  if (trap != Trap::None) return raise(s, trap);
  const u32 ref = newArray(s, *in.layout, length);
  if (ref == 0) return raise(s, whyNoObject(s));
  return finishWith(s, in.at, ref);
}

u64 arrayNewFixed(State& s) {
  Operands in = operandsOf(s);
  const u32 length = static_cast<u32>(in.index);
  const u32 ref = newArray(s, *in.layout, length);
  if (ref == 0) return raise(s, whyNoObject(s));
  const Storage storage = in.layout->fields[0].storage;
  const u64* slot = in.at;
  for (u32 i = 0; i < length; ++i, slot += slotsOf(storage))
    storeField(elementAt(s, *in.layout, ref, i), storage, slot);
  return finishWith(s, in.at, ref);
}

u64 arrayNewData(State& s) {
  Operands in = operandsOf(s);  // offset, length
  const u32 offset = static_cast<u32>(in.at[0]), length = static_cast<u32>(in.at[1]);
  const DataInstance& data = s.cx->instance->datas[in.index];
  const u64 bytes = static_cast<u64>(length) << in.layout->elementLog2;
  Trap trap = chargeBulk(s, length);
  if (trap == Trap::None && !inside(data.bytes.size(), offset, bytes))
    trap = Trap::MemoryOutOfBounds;
  if (trap != Trap::None) return raise(s, trap);
  const u32 ref = newArray(s, *in.layout, length);
  if (ref == 0) return raise(s, whyNoObject(s));
  if (bytes != 0)
    std::memcpy(elementAt(s, *in.layout, ref, 0), data.bytes.data() + offset,
                static_cast<size_t>(bytes));
  return finishWith(s, in.at, ref);
}

u64 arrayNewElem(State& s) {
  Operands in = operandsOf(s);  // offset, length
  const u32 offset = static_cast<u32>(in.at[0]), length = static_cast<u32>(in.at[1]);
  const ElemInstance& segment = s.cx->instance->elems[in.index];
  Trap trap = chargeBulk(s, length);
  if (trap == Trap::None && !inside(segment.refs.size(), offset, length))
    trap = Trap::TableOutOfBounds;
  if (trap != Trap::None) return raise(s, trap);
  const u32 ref = newArray(s, *in.layout, length);
  if (ref == 0) return raise(s, whyNoObject(s));
  copyFromSegment(s, *in.layout, ref, 0, segment, offset, length);
  return finishWith(s, in.at, ref);
}

u64 arrayFill(State& s) {
  Operands in = operandsOf(s);  // array, index, value, length
  const u32 index = static_cast<u32>(in.at[1]);
  const u32 length = static_cast<u32>(in.at[2 + slotsOf(in.layout->fields[0].storage)]);
  Trap trap = chargeBulk(s, length);
  if (trap == Trap::None && in.at[0] == 0) trap = Trap::NullArrayRef;
  if (trap == Trap::None && !inside(lengthAt(s, in.at[0]), index, length))
    trap = Trap::ArrayOutOfBounds;
  if (trap != Trap::None) return raise(s, trap);
  fillElements(s, *in.layout, in.at[0], index, length, in.at + 2);
  return finish(s);
}

u64 arrayCopy(State& s) {
  Operands in = operandsOf(s);  // destination, index, source, index, length
  const u32 to = static_cast<u32>(in.at[1]), from = static_cast<u32>(in.at[3]),
            length = static_cast<u32>(in.at[4]);
  Trap trap = chargeBulk(s, length);
  if (trap == Trap::None && (in.at[0] == 0 || in.at[2] == 0)) trap = Trap::NullArrayRef;
  if (trap == Trap::None && (!inside(lengthAt(s, in.at[0]), to, length) ||
                             !inside(lengthAt(s, in.at[2]), from, length))) {
    trap = Trap::ArrayOutOfBounds;
  }
  if (trap != Trap::None) return raise(s, trap);
  std::memmove(elementAt(s, *in.layout, in.at[0], to), elementAt(s, *in.layout, in.at[2], from),
               static_cast<size_t>(length) << in.layout->elementLog2);
  return finish(s);
}

u64 arrayInitData(State& s) {
  Operands in = operandsOf(s);  // array, index, offset, length
  const u32 index = static_cast<u32>(in.at[1]), offset = static_cast<u32>(in.at[2]),
            length = static_cast<u32>(in.at[3]);
  const DataInstance& data = s.cx->instance->datas[in.index];
  const u64 bytes = static_cast<u64>(length) << in.layout->elementLog2;
  Trap trap = chargeBulk(s, length);
  if (trap == Trap::None && in.at[0] == 0) trap = Trap::NullArrayRef;
  if (trap == Trap::None && !inside(lengthAt(s, in.at[0]), index, length))
    trap = Trap::ArrayOutOfBounds;
  if (trap == Trap::None && !inside(data.bytes.size(), offset, bytes))
    trap = Trap::MemoryOutOfBounds;
  if (trap != Trap::None) return raise(s, trap);
  if (bytes != 0)
    std::memcpy(elementAt(s, *in.layout, in.at[0], index), data.bytes.data() + offset,
                static_cast<size_t>(bytes));
  return finish(s);
}

u64 arrayInitElem(State& s) {
  Operands in = operandsOf(s);  // array, index, offset, length
  const u32 index = static_cast<u32>(in.at[1]), offset = static_cast<u32>(in.at[2]),
            length = static_cast<u32>(in.at[3]);
  const ElemInstance& segment = s.cx->instance->elems[in.index];
  Trap trap = chargeBulk(s, length);
  if (trap == Trap::None && in.at[0] == 0) trap = Trap::NullArrayRef;
  if (trap == Trap::None && !inside(lengthAt(s, in.at[0]), index, length))
    trap = Trap::ArrayOutOfBounds;
  if (trap == Trap::None && !inside(segment.refs.size(), offset, length))
    trap = Trap::TableOutOfBounds;
  if (trap != Trap::None) return raise(s, trap);
  copyFromSegment(s, *in.layout, in.at[0], index, segment, offset, length);
  return finish(s);
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
  Operands in = operandsOf(s);
  return finishWith(s, in.at, gc::externFromAny(s.cx->heapBase, in.at[0]));
}

u64 anyConvertExtern(State& s) {
  Operands in = operandsOf(s);
  u64 ref = 0;
  s.cx->gcPc = s.pc;
  s.cx->gcFp = s.fp;
  const bool ok = gc::anyFromExtern(s.cx->store, in.at[0], &ref);
  s.cx->gcPc = nullptr;
  if (!ok) return raise(s, whyNoObject(s));
  return finishWith(s, in.at, ref);
}

}  // namespace bls::interp
