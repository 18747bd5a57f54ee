// Out-of-line readers of the rarer immediates, and error texts of the walk.
#include "engine/decode/walk.h"

#include <cstdio>

#include "engine/wasm/limits.h"

namespace bls {
namespace walk {

Status readMemSlow(ByteReader& in, Features features, MemImm* out) {
  u64 at = in.offset();
  u32 flags = 0;
  TRY(in.lebU32(&flags));
  if (flags >= 0x80) return in.diag().fail(ErrorClass::Malformed, "malformed memop flags", at);
  out->align = flags & 0x3f;
  out->memory = 0;
  if ((flags & 0x40) != 0) {
    if (!features.has(Feature::MultiMemory)) {
      return failFeatureOff(in.diag(), ErrorClass::Malformed, "malformed memop flags",
                            Feature::MultiMemory, at);
    }
    TRY(in.lebU32(&out->memory));
  }
  at = in.offset();
  TRY(in.lebU64(&out->offset));
  if (out->offset > 0xffffffffu && !features.has(Feature::Memory64)) {
    return failFeatureOff(in.diag(), ErrorClass::Malformed, "integer too large", Feature::Memory64,
                          at);
  }
  return {};
}

Status readZeroOrIndex(ByteReader& in, Features features, Feature feature, u32* out) {
  if (features.has(feature)) return in.lebU32(out);
  u64 at = in.offset();
  u8 zero = 0;
  TRY(in.byte(&zero));
  *out = 0;
  if (zero != 0)
    return failFeatureOff(in.diag(), ErrorClass::Malformed, "zero byte expected", feature, at);
  return {};
}

Status readLabelTable(ByteReader& in, Features, LabelTableImm* out) {
  u64 at = in.offset();
  TRY(in.lebU32(&out->count));
  if (out->count >= in.left())
    return in.diag().fail(ErrorClass::Malformed, "length out of bounds", at);
  const u8* start = in.pos();
  for (u64 i = 0; i <= out->count; ++i) {
    u32 label = 0;
    TRY(in.lebU32(&label));
  }
  out->bytes = {start, static_cast<size_t>(in.pos() - start)};
  return {};
}

Status readSelectTypes(ByteReader& in, Features features, SelectImm* out) {
  u64 at = in.offset();
  TRY(in.lebU32(&out->count));
  if (out->count > in.left())
    return in.diag().fail(ErrorClass::Malformed, "length out of bounds", at);
  for (u32 i = 0; i < out->count; ++i) {
    ValType type;
    TRY(readValType(in, features, &type));
    if (i == 0) out->first = type;
  }
  return {};
}

Status readTryTable(ByteReader& in, Features features, TryTableImm* out) {
  TRY(readBlockType(in, features, &out->block));
  u64 at = in.offset();
  TRY(in.lebU32(&out->count));
  if (out->count > in.left() / 2)
    return in.diag().fail(ErrorClass::Malformed, "length out of bounds", at);
  const u8* start = in.pos();
  for (u32 i = 0; i < out->count; ++i) {
    CatchClause clause;
    TRY(readCatchClause(in, &clause));
  }
  out->bytes = {start, static_cast<size_t>(in.pos() - start)};
  return {};
}

Status readCastLabel(ByteReader& in, Features features, CastLabelImm* out) {
  u64 at = in.offset();
  u8 flags = 0;
  TRY(in.byte(&flags));
  if (flags > 3) return in.diag().fail(ErrorClass::Malformed, "malformed br_on_cast flags", at);
  out->sourceNullable = (flags & 1) != 0;
  out->targetNullable = (flags & 2) != 0;
  TRY(in.lebU32(&out->label));
  TRY(readHeapType(in, features, &out->source));
  return readHeapType(in, features, &out->target);
}

Status readFence(ByteReader& in, Features, NoImm*) {
  u64 at = in.offset();
  u8 zero = 0;
  TRY(in.byte(&zero));
  if (zero != 0) return in.diag().fail(ErrorClass::Malformed, "zero byte expected", at);
  return {};
}

namespace {

std::string opcodeText(u8 prefix, u32 code) {
  char buffer[48];
  if (prefix == 0) {
    std::snprintf(buffer, sizeof buffer, "illegal opcode %02x", code);
  } else {
    std::snprintf(buffer, sizeof buffer, "illegal opcode %02x %02x", prefix, code);
  }
  return buffer;
}

u64 offsetOf(ByteReader& in, const u8* at) {
  in.setPos(at);
  return in.offset();
}

}  // namespace

// The wording is that of a reader which does not stop at the end of a body or section: what stands
// behind it decides whether the size before it was wrong, or an `end` is missing before an `else`.
Status failNoEnd(ByteReader& in) {
  constexpr u8 kElse = 0x05, kEnd = 0x0b;
  in.setPos(in.end());
  int next = in.leftOutside() == 0 ? -1 : *in.pos();
  if (next == kEnd) return in.malformed("section size mismatch");
  if (next == kElse) return in.malformed("END opcode expected");
  return in.malformed("unexpected end of section or function");
}

Status failOpcode(ByteReader& in, const u8* at, u8 prefix, u32 code) {
  return in.diag().fail(ErrorClass::Malformed, opcodeText(prefix, code), offsetOf(in, at));
}

Status failOpcodeOff(ByteReader& in, const u8* at, u8 prefix, u32 code, Feature feature) {
  return failFeatureOff(in.diag(), ErrorClass::Malformed, opcodeText(prefix, code).c_str(), feature,
                        offsetOf(in, at));
}

}  // namespace walk

Status readCatchClause(ByteReader& in, CatchClause* out) {
  u64 at = in.offset();
  u8 kind = 0;
  TRY(in.byte(&kind));
  if (kind > 3) return in.diag().fail(ErrorClass::Malformed, "malformed catch clause", at);
  out->kind = static_cast<CatchKind>(kind);
  out->tag = 0;
  if (out->kind == CatchKind::Catch || out->kind == CatchKind::CatchRef) TRY(in.lebU32(&out->tag));
  return in.lebU32(&out->label);
}

}  // namespace bls
