// Writers of types.
#include "engine/encode/type_writer.h"

namespace bls {
namespace {

constexpr u8 kLimitsMax = 1, kLimitsShared = 2, kLimits64 = 4, kLimitsPage = 8;

void writeLimits(ByteWriter& out, const Limits& limits, u8 flags) {
  if (limits.hasMax) flags |= kLimitsMax;
  if (limits.shared) flags |= kLimitsShared;
  if (limits.is64) flags |= kLimits64;
  out.byte(flags);
  out.lebU64(limits.min);
  if (limits.hasMax) out.lebU64(limits.max);
}

void writeField(ByteWriter& out, const FieldType& field) {
  writeValType(out, field.storage);
  out.byte(field.isMutable ? 1 : 0);
}

void writeTypes(ByteWriter& out, std::span<const ValType> types) {
  out.lebU64(types.size());
  for (ValType type : types) writeValType(out, type);
}

}  // namespace

void writeHeapType(ByteWriter& out, HeapType heap) {
  if (heap.isConcrete()) {
    out.lebI64(heap.typeIndex());
  } else {
    out.byte(static_cast<u8>(heap.bits()));
  }
}

void writeValType(ByteWriter& out, ValType type) {
  if (!type.isRef()) {
    out.byte(type.kind());
    return;
  }
  bool isShort = type.nullable() && !type.heap().isConcrete();
  if (!isShort) out.byte(type.nullable() ? 0x63 : 0x64);
  writeHeapType(out, type.heap());
}

void writeBlockType(ByteWriter& out, const BlockImm& block) {
  switch (block.kind) {
    case BlockImm::Kind::Empty: out.byte(0x40); break;
    case BlockImm::Kind::Result: writeValType(out, block.result); break;
    case BlockImm::Kind::Type: out.lebI64(block.typeIndex); break;
  }
}

void writeTableType(ByteWriter& out, const TableType& type) {
  writeValType(out, type.elem);
  writeLimits(out, type.limits, 0);
}

void writeMemoryType(ByteWriter& out, const MemoryType& type) {
  bool custom = type.pageLog2 != 16;
  writeLimits(out, type.limits, custom ? kLimitsPage : 0);
  if (custom) out.lebU32(type.pageLog2);
}

void writeGlobalType(ByteWriter& out, const GlobalType& type) {
  writeValType(out, type.type);
  out.byte(type.isMutable ? 1 : 0);
}

void writeFuncType(ByteWriter& out, const FuncType& type) {
  writeTypes(out, type.params);
  writeTypes(out, type.results);
}

void writeSubType(ByteWriter& out, const SubType& type, std::span<const u32> supers) {
  if (!type.isFinal || !supers.empty()) {
    out.byte(type.isFinal ? 0x4f : 0x50);
    out.lebU64(supers.size());
    for (u32 super : supers) out.lebU32(super);
  }
  switch (type.kind) {
    case CompKind::Func:
      out.byte(0x60);
      writeFuncType(out, type.func);
      break;
    case CompKind::Struct:
      out.byte(0x5f);
      out.lebU64(type.fields.size());
      for (const FieldType& field : type.fields) writeField(out, field);
      break;
    case CompKind::Array:
      out.byte(0x5e);
      writeField(out, type.fields[0]);
      break;
  }
}

void writeOpcode(ByteWriter& out, Op op) {
  const OpInfo& info = opInfo(op);
  if (info.prefix == 0) {
    out.byte(static_cast<u8>(info.code));
  } else {
    out.byte(info.prefix);
    out.lebU32(info.code);
  }
}

}  // namespace bls
