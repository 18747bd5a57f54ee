// Judging values.
#include "runtime/script_values.h"

#include "engine/gc/values.h"
#include "runtime/values.h"

namespace bls::embed {
namespace {

using text::LaneMatch;
using text::Pattern;

// Host objects are opaque references: odd multiples keep them apart from addresses and from null.
u64 hostReference(u64 number) { return (number + 1) << 4; }

bool laneMatches(u64 got, u64 wanted, u32 bits, LaneMatch match) {
  if (match == LaneMatch::Exact) return got == wanted;
  u32 mantissa = bits == 32 ? 23 : 52;
  u64 sign = u64{1} << (bits - 1);
  u64 quiet = u64{1} << (mantissa - 1);
  u64 exponent = (sign - 1) & ~((u64{1} << mantissa) - 1);
  u64 magnitude = got & ~sign;
  if (match == LaneMatch::CanonicalNan) return magnitude == (exponent | quiet);
  return (magnitude & exponent) == exponent && (magnitude & quiet) != 0;
}

u64 laneAt(const V128& vector, u32 lane, u32 bits) {
  u64 value = 0;
  for (u32 b = 0; b < bits / 8; ++b)
    value |= static_cast<u64>(vector.bytes[lane * (bits / 8) + b]) << (8 * b);
  return value;
}

bool vectorMatches(const Value& value, const Pattern& pattern) {
  V128 got;
  std::memcpy(got.bytes, &value.lo, 8);
  std::memcpy(got.bytes + 8, &value.hi, 8);
  u32 bits = pattern.laneBits;
  for (u32 i = 0; i < 128 / bits; ++i) {
    if (!laneMatches(laneAt(got, i, bits), laneAt(pattern.vector, i, bits), bits, pattern.lanes[i]))
      return false;
  }
  return true;
}

bool refMatches(bls::Store& store, const Value& value, const Pattern& pattern) {
  if (!value.type.isRef()) return false;
  const gc::Description got = gc::describe(&store, value.type, value.lo);
  using gc::Referent;
  const bool isExtern = gc::refKindOf(value.type) == gc::RefKind::Extern;
  const bool isEq =
      got.what == Referent::I31 || got.what == Referent::Struct || got.what == Referent::Array;
  const bool isHost = got.what == Referent::Host && got.host == hostReference(pattern.bits);
  switch (pattern.kind) {
    case Pattern::Kind::RefNull: return got.what == Referent::Null;
    case Pattern::Kind::RefFunc: return got.what == Referent::Func;
    case Pattern::Kind::RefExtern:
      return isExtern && got.what != Referent::Null && (!pattern.exact || isHost);
    case Pattern::Kind::RefHost: return isHost;
    case Pattern::Kind::RefExn: return got.what == Referent::Exception;
    case Pattern::Kind::RefI31: return got.what == Referent::I31;
    case Pattern::Kind::RefStruct: return got.what == Referent::Struct;
    case Pattern::Kind::RefArray: return got.what == Referent::Array;
    case Pattern::Kind::RefEq: return isEq;
    default: return got.what != Referent::Null && got.what != Referent::Func;
  }
}

}  // namespace

Value argumentValue(bls::Store& store, const Pattern& constant, ValType wanted) {
  switch (constant.kind) {
    case Pattern::Kind::Number: return {constant.type, constant.bits, 0};
    case Pattern::Kind::Vector: return Value::v128(constant.vector);
    case Pattern::Kind::RefExtern:
      return Value::ref(ValType::ref(HeapType::Extern, false), hostReference(constant.bits));
    case Pattern::Kind::RefHost:
      return Value::ref(ValType::ref(HeapType::Any, false),
                        gc::hostAsAny(&store, hostReference(constant.bits)));
    default: return Value::ref(wanted.isRef() ? wanted : ValType::funcref(), 0);
  }
}

bool matches(bls::Store& store, const Value& value, const Pattern& pattern) {
  switch (pattern.kind) {
    case Pattern::Kind::Number: {
      if (value.type != pattern.type) return false;
      bool wide = value.type == ValType::I64 || value.type == ValType::F64;
      u64 got = wide ? value.lo : value.lo & 0xffffffff;
      return laneMatches(got, pattern.bits, wide ? 64 : 32, pattern.lanes[0]);
    }
    case Pattern::Kind::Vector: return value.type == ValType::V128 && vectorMatches(value, pattern);
    case Pattern::Kind::Either:
      for (const Pattern& choice : pattern.choices) {
        if (matches(store, value, choice)) return true;
      }
      return false;
    default: return refMatches(store, value, pattern);
  }
}

std::string show(const Value& value) { return toString(value.type) + " " + cli::printValue(value); }

std::string show(const Pattern& pattern) {
  switch (pattern.kind) {
    case Pattern::Kind::Number:
      if (pattern.lanes[0] == LaneMatch::CanonicalNan)
        return toString(pattern.type) + " nan:canonical";
      if (pattern.lanes[0] == LaneMatch::ArithmeticNan)
        return toString(pattern.type) + " nan:arithmetic";
      return show(Value{pattern.type, pattern.bits, 0});
    case Pattern::Kind::Vector: {
      bool classes = false;
      for (LaneMatch lane : pattern.lanes) classes |= lane != LaneMatch::Exact;
      return show(Value::v128(pattern.vector)) + (classes ? " (some lanes any NaN)" : "");
    }
    case Pattern::Kind::RefNull: return "null";
    case Pattern::Kind::RefFunc: return "ref.func";
    case Pattern::Kind::RefExtern: return "ref.extern " + std::to_string(pattern.bits);
    case Pattern::Kind::RefHost: return "ref.host " + std::to_string(pattern.bits);
    case Pattern::Kind::RefAny: return "ref";
    case Pattern::Kind::RefEq: return "ref.eq";
    case Pattern::Kind::RefI31: return "ref.i31";
    case Pattern::Kind::RefStruct: return "ref.struct";
    case Pattern::Kind::RefArray: return "ref.array";
    case Pattern::Kind::RefExn: return "ref.exn";
    case Pattern::Kind::Either: {
      std::string out = "one of";
      for (const Pattern& choice : pattern.choices) out += " [" + show(choice) + "]";
      return out;
    }
  }
  return "?";
}

}  // namespace bls::embed
