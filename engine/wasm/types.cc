// Text form of types.
#include "engine/wasm/types.h"

namespace bls {

std::string toString(HeapType heap) {
  if (heap.isConcrete()) return std::to_string(heap.typeIndex());
  switch (heap.bits()) {
    case HeapType::NoExn: return "noexn";
    case HeapType::NoFunc: return "nofunc";
    case HeapType::NoExtern: return "noextern";
    case HeapType::None: return "none";
    case HeapType::Func: return "func";
    case HeapType::Extern: return "extern";
    case HeapType::Any: return "any";
    case HeapType::Eq: return "eq";
    case HeapType::I31: return "i31";
    case HeapType::Struct: return "struct";
    case HeapType::Array: return "array";
    case HeapType::Exn: return "exn";
    default: return "?";
  }
}

namespace {

// `(ref null func)` and friends have one-word abbreviations.
const char* shortRefName(HeapType heap) {
  switch (heap.bits()) {
    case HeapType::NoExn: return "nullexnref";
    case HeapType::NoFunc: return "nullfuncref";
    case HeapType::NoExtern: return "nullexternref";
    case HeapType::None: return "nullref";
    case HeapType::Func: return "funcref";
    case HeapType::Extern: return "externref";
    case HeapType::Any: return "anyref";
    case HeapType::Eq: return "eqref";
    case HeapType::I31: return "i31ref";
    case HeapType::Struct: return "structref";
    case HeapType::Array: return "arrayref";
    case HeapType::Exn: return "exnref";
    default: return nullptr;
  }
}

}  // namespace

std::string toString(ValType type) {
  switch (type.kind()) {
    case ValType::Bottom: return "bot";
    case ValType::I8: return "i8";
    case ValType::I16: return "i16";
    case ValType::V128: return "v128";
    case ValType::F64: return "f64";
    case ValType::F32: return "f32";
    case ValType::I64: return "i64";
    case ValType::I32: return "i32";
    case ValType::Ref: break;
  }
  const char* word = type.nullable() ? shortRefName(type.heap()) : nullptr;
  if (word != nullptr) return word;
  return std::string("(ref ") + (type.nullable() ? "null " : "") + toString(type.heap()) + ")";
}

}  // namespace bls
