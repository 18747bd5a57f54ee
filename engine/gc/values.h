// References at the border between wasm and host: handles, conversions between the any and extern
// hierarchies, run-time types.
//
// Host code never holds offsets into the heap, which move: values of the any and exn hierarchies
// are handles there (Heap::makeHandle), external ones are the host's own numbers (bit 63 clear) or
// kExternTag with a handle. Entry points: toHost, toSlot, describe, isInstanceOf. Thread rule: the
// store's thread. Spec: exec/instructions, ref.test; exec/runtime, external references.
#pragma once

#include "engine/gc/heap.h"

namespace bls::gc {

/// The host's form of a slot of this (canonical) type, and back. toSlot of a handle that is not
/// alive is null.
u64 toHost(Store* store, ValType type, u64 slot);
u64 toSlot(Store* store, ValType type, u64 value);

/// True when the host's `value`, of static type `given`, may be passed where `wanted` is expected.
bool fits(Store* store, ValType given, u64 value, ValType wanted);
/// The host's number as a value of the any hierarchy, in the host's form; 0 when the heap is full.
u64 hostAsAny(Store* store, u64 number);

/// What a value held by the host refers to, whatever its static type.
enum class Referent : u8 { Null, Func, I31, Struct, Array, Exception, Host };
struct Description {
  Referent what = Referent::Null;
  u64 host = 0;  // Host: the host's number
};
Description describe(Store* store, ValType type, u64 value);

/// extern.convert_any and back. anyFromExtern may allocate (collect); false when the heap is full.
u64 externFromAny(const u8* heapBase, u64 ref);
bool anyFromExtern(Store* store, u64 value, u64* out);

/// True when the non-null reference, in a slot, has heap type `target`, whose concrete types are
/// canonical ids. func and extern references answer for their own hierarchies.
bool isInstanceOf(const u8* heapBase, u64 ref, HeapType target);

}  // namespace bls::gc
