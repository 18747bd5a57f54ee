// Type readers; see type_reader.h.
#include "engine/decode/type_reader.h"

namespace bls {
namespace {

Feature featureOfHeap(u32 code) {
  switch (code) {
    case HeapType::Func:
    case HeapType::Extern: return Feature::RefTypes;
    case HeapType::Exn:
    case HeapType::NoExn: return Feature::Exceptions;
    default: return Feature::Gc;
  }
}

Status malformedAt(ByteReader& in, const char* text, u64 offset) {
  return in.diag().fail(ErrorClass::Malformed, text, offset);
}

Status need(ByteReader& in, Features features, Feature feature, const char* text, u64 offset) {
  if (BLS_LIKELY(features.has(feature))) return {};
  return failFeatureOff(in.diag(), ErrorClass::Malformed, text, feature, offset);
}

// The type that starts with `code`, which has been read at `at`; `text` is said of anything else.
Status refTypeFrom(ByteReader& in, Features features, u8 code, u64 at, const char* text,
                   ValType* out) {
  if (code == 0x63 || code == 0x64) {
    TRY(need(in, features, Feature::FuncRefs, text, at));
    HeapType heap;
    TRY(readHeapType(in, features, &heap));
    *out = ValType::ref(heap, code == 0x63);
    return {};
  }
  if (!HeapType::isAbstractCode(code)) return malformedAt(in, text, at);
  TRY(need(in, features, featureOfHeap(code), text, at));
  *out = ValType::ref(HeapType::fromBits(code), true);
  return {};
}

Status valTypeFrom(ByteReader& in, Features features, u8 code, u64 at, ValType* out) {
  if (code >= ValType::F64 && code <= ValType::I32) {
    *out = static_cast<ValType::Kind>(code);
    return {};
  }
  if (code == ValType::V128) {
    TRY(need(in, features, Feature::Simd, "malformed value type", at));
    *out = ValType::V128;
    return {};
  }
  return refTypeFrom(in, features, code, at, "malformed value type", out);
}

}  // namespace

Status failFeatureOff(Diagnostics& diag, ErrorClass cls, const char* text, Feature feature,
                      u64 offset) {
  std::string message = text;
  message += " (feature ";
  message += kFeatureInfo[static_cast<u32>(feature)].flag;
  message += " is off)";
  return diag.fail(cls, std::move(message), offset);
}

Status readHeapType(ByteReader& in, Features features, HeapType* out) {
  u64 at = in.offset();
  int first = in.peek();
  if (first >= 0 && (first & 0xc0) == 0x40) {  // one byte, negative: an abstract heap type
    u8 code = 0;
    TRY(in.byte(&code));
    if (!HeapType::isAbstractCode(code)) return malformedAt(in, "malformed heap type", at);
    TRY(need(in, features, featureOfHeap(code), "malformed heap type", at));
    *out = HeapType::fromBits(code);
    return {};
  }
  i64 index = 0;
  TRY(in.lebI33(&index));
  if (index < 0) return malformedAt(in, "malformed heap type", at);
  TRY(need(in, features, Feature::FuncRefs, "malformed heap type", at));
  *out =
      HeapType::concrete(index > kMaxHeapTypeIndex ? kMaxHeapTypeIndex : static_cast<u32>(index));
  return {};
}

Status readRefType(ByteReader& in, Features features, ValType* out) {
  u64 at = in.offset();
  u8 code = 0;
  TRY(in.byte(&code));
  if (code == HeapType::Func) {  // the element type of MVP tables
    *out = ValType::funcref();
    return {};
  }
  return refTypeFrom(in, features, code, at, "malformed reference type", out);
}

Status readValType(ByteReader& in, Features features, ValType* out) {
  u64 at = in.offset();
  u8 code = 0;
  TRY(in.byte(&code));
  return valTypeFrom(in, features, code, at, out);
}

Status readStorageType(ByteReader& in, Features features, ValType* out) {
  u64 at = in.offset();
  u8 code = 0;
  TRY(in.byte(&code));
  if (code == ValType::I8 || code == ValType::I16) {
    *out = static_cast<ValType::Kind>(code);
    return {};
  }
  return valTypeFrom(in, features, code, at, out);
}

Status readBlockType(ByteReader& in, Features features, BlockImm* out) {
  u64 at = in.offset();
  int first = in.peek();
  if (first == 0x40) {
    out->kind = BlockImm::Kind::Empty;
    return in.skip(1);
  }
  if (first >= 0 && (first & 0xc0) == 0x40) {
    TRY(in.skip(1));
    out->kind = BlockImm::Kind::Result;
    return valTypeFrom(in, features, static_cast<u8>(first), at, &out->result);
  }
  i64 index = 0;
  TRY(in.lebI33(&index));
  if (index < 0) return malformedAt(in, "malformed block type", at);
  TRY(need(in, features, Feature::MultiValue, "malformed block type", at));
  out->kind = BlockImm::Kind::Type;
  out->typeIndex = static_cast<u32>(index);
  return {};
}

}  // namespace bls
