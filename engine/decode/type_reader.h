// Readers of value types, heap types and block types, shared by the section decoder and the
// instruction walk.
//
// Entry points: readValType, readHeapType, readRefType, readStorageType, readBlockType. They decide
// only what is malformed: a type index that does not exist is the validator's business. Types of a
// feature that is switched off are malformed, with the feature named. Spec: binary/types.
#pragma once

#include "engine/base/byte_reader.h"
#include "engine/wasm/features.h"
#include "engine/wasm/immediates.h"

namespace bls {

/// Indices above this are stored as this: no module may have as many types, so both are unknown
/// types.
constexpr u32 kMaxHeapTypeIndex = (u32{1} << 22) - 1;

Status readHeapType(ByteReader& in, Features features, HeapType* out);
/// Error text for anything else: "malformed reference type".
Status readRefType(ByteReader& in, Features features, ValType* out);
Status readValType(ByteReader& in, Features features, ValType* out);
/// Value types and the packed i8, i16.
Status readStorageType(ByteReader& in, Features features, ValType* out);
Status readBlockType(ByteReader& in, Features features, BlockImm* out);

/// Fails with `text` and "(feature <name> is off)" at file offset `offset`.
[[gnu::cold, gnu::noinline]] Status failFeatureOff(Diagnostics& diag, ErrorClass cls,
                                                   const char* text, Feature feature, u64 offset);

}  // namespace bls
