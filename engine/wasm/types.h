// Value, reference, function, memory, table and global types as a module declares them.
//
// ValType packs a type into 32 bits: the binary code for numbers, or Ref + nullability + heap type.
// Concrete heap types are indices into the type section of the module at hand; two types of
// different modules are compared through canonical ids (module/type_canon.h). Spec: syntax/types,
// binary/types.
#pragma once

#include <string>
#include <vector>

#include "engine/base/ints.h"

namespace bls {

/// Heap types below 0x80 are abstract and use their binary code; 0x80 + i is type index i.
class HeapType {
 public:
  enum Abstract : u32 {
    NoExn = 0x74,
    NoFunc = 0x73,
    NoExtern = 0x72,
    None = 0x71,
    Func = 0x70,
    Extern = 0x6f,
    Any = 0x6e,
    Eq = 0x6d,
    I31 = 0x6c,
    Struct = 0x6b,
    Array = 0x6a,
    Exn = 0x69,
  };
  constexpr HeapType() = default;
  constexpr HeapType(Abstract a) : bits_(a) {}  // NOLINT(google-explicit-constructor)
  static constexpr HeapType concrete(u32 typeIndex) { return HeapType(typeIndex + 0x80, 0); }
  static constexpr HeapType fromBits(u32 bits) { return HeapType(bits, 0); }
  constexpr bool isConcrete() const { return bits_ >= 0x80; }
  constexpr u32 typeIndex() const { return bits_ - 0x80; }
  constexpr u32 bits() const { return bits_; }
  /// True for the code of an abstract heap type of core 3.0.
  static constexpr bool isAbstractCode(u32 code) { return code >= 0x69 && code <= 0x74; }
  friend constexpr bool operator==(HeapType, HeapType) = default;

 private:
  constexpr HeapType(u32 bits, int) : bits_(bits) {}
  u32 bits_ = Any;
};

class ValType {
 public:
  enum Kind : u8 {
    Bottom = 0,  // unreachable code only
    Ref = 1,
    I16 = 0x77,  // packed storage only
    I8 = 0x78,   // packed storage only
    V128 = 0x7b,
    F64 = 0x7c,
    F32 = 0x7d,
    I64 = 0x7e,
    I32 = 0x7f,
  };
  constexpr ValType() = default;
  constexpr ValType(Kind kind) : bits_(kind) {}  // NOLINT(google-explicit-constructor)
  static constexpr ValType ref(HeapType heap, bool nullable) {
    return fromBits(Ref | (nullable ? 0x100u : 0u) | (heap.bits() << 9));
  }
  static constexpr ValType funcref() { return ref(HeapType::Func, true); }
  static constexpr ValType externref() { return ref(HeapType::Extern, true); }
  static constexpr ValType fromBits(u32 bits) {
    ValType t;
    t.bits_ = bits;
    return t;
  }
  /// Type of a letter of the opcode table ('i' 'l' 'f' 'd' 'v').
  static constexpr ValType fromLetter(char c) {
    return c == 'i'   ? I32
           : c == 'l' ? I64
           : c == 'f' ? F32
           : c == 'd' ? F64
           : c == 'v' ? V128
                      : Bottom;
  }
  constexpr Kind kind() const { return static_cast<Kind>(bits_ & 0xff); }
  constexpr bool isRef() const { return kind() == Ref; }
  constexpr bool isNumOrVec() const { return kind() >= V128; }
  constexpr bool isPacked() const { return kind() == I8 || kind() == I16; }
  constexpr bool nullable() const { return (bits_ & 0x100) != 0; }
  constexpr HeapType heap() const { return HeapType::fromBits(bits_ >> 9); }
  constexpr ValType asNonNull() const { return fromBits(bits_ & ~0x100u); }
  constexpr ValType asNullable() const { return fromBits(bits_ | 0x100u); }
  /// 64-bit slots a value of this type occupies in a frame: 2 for v128, else 1.
  constexpr u32 slots() const { return kind() == V128 ? 2 : 1; }
  constexpr bool isDefaultable() const { return !isRef() || nullable(); }
  constexpr u32 bits() const { return bits_; }
  friend constexpr bool operator==(ValType, ValType) = default;

 private:
  u32 bits_ = Bottom;
};

/// `i32`, `(ref null 3)`, `funcref` …: the text format's spelling.
std::string toString(ValType type);
std::string toString(HeapType heap);

/// Field or array element: storage type and mutability.
struct FieldType {
  ValType storage;
  bool isMutable = false;
  friend constexpr bool operator==(const FieldType&, const FieldType&) = default;
};

struct FuncType {
  std::vector<ValType> params;
  std::vector<ValType> results;
  friend bool operator==(const FuncType&, const FuncType&) = default;
};

enum class CompKind : u8 { Func, Struct, Array };

constexpr u32 kNoType = ~u32{0};

/// One entry of the type section, after abbreviations are undone.
struct SubType {
  CompKind kind = CompKind::Func;
  bool isFinal = true;
  u32 super = kNoType;    // declared supertype (type index), or kNoType
  u32 recGroupStart = 0;  // first type index of the recursion group
  u32 recGroupSize = 1;
  FuncType func;                  // kind Func
  std::vector<FieldType> fields;  // kind Struct; kind Array: exactly one
};

struct Limits {
  u64 min = 0;
  u64 max = 0;
  bool hasMax = false;
  bool is64 = false;    // address type i64
  bool shared = false;  // memories only
  friend constexpr bool operator==(const Limits&, const Limits&) = default;
};

struct MemoryType {
  Limits limits;     // in pages of 2^pageLog2 bytes
  u8 pageLog2 = 16;  // 16 or 0
  ValType addressType() const { return limits.is64 ? ValType::I64 : ValType::I32; }
};

struct TableType {
  ValType elem = ValType::funcref();
  Limits limits;
  ValType addressType() const { return limits.is64 ? ValType::I64 : ValType::I32; }
};

struct GlobalType {
  ValType type;
  bool isMutable = false;
};

}  // namespace bls
