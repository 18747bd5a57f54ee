// Writers of types: value, heap and block types, limits, and entries of the type section.
//
// The counterpart of decode/type_reader.h. Abbreviations of the binary format are always used:
// `funcref` is one byte, a final type without supertypes has no 0x4f. Spec: binary/types.
#pragma once

#include "engine/encode/byte_writer.h"
#include "engine/wasm/immediates.h"
#include "engine/wasm/opcodes.h"
#include "engine/wasm/types.h"

namespace bls {

void writeHeapType(ByteWriter& out, HeapType heap);
/// Value types and the packed storage types.
void writeValType(ByteWriter& out, ValType type);
void writeBlockType(ByteWriter& out, const BlockImm& block);
void writeTableType(ByteWriter& out, const TableType& type);
/// `pageLog2` is written when it is not that of 64 KiB.
void writeMemoryType(ByteWriter& out, const MemoryType& type);
void writeGlobalType(ByteWriter& out, const GlobalType& type);
void writeFuncType(ByteWriter& out, const FuncType& type);
/// One member of a recursion group. `supers` has any number of entries (one at most is valid).
void writeSubType(ByteWriter& out, const SubType& type, std::span<const u32> supers);

/// The opcode bytes of an instruction, prefix included.
void writeOpcode(ByteWriter& out, Op op);

}  // namespace bls
