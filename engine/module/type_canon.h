// TypeRegistry: canonical ids for types, equal across modules exactly when the types are equal after rolling up their
// recursion groups (iso-recursive equality), and O(1) subtype tests between canonical ids by displays of ancestors.
//
// One registry per process (`TypeRegistry::global()`); ids are stable while any holder of the group is alive. Guarded by a
// lock inside; id lookups on hot paths read immutable records. Spec: valid/conventions, rolling and unrolling; valid/matching.
#pragma once

#include <span>

#include "engine/wasm/types.h"

namespace bls {

struct Module;

constexpr u32 kNoCanonType = ~u32{0};

class TypeRegistry {
 public:
  static TypeRegistry& global();

  /// Canonicalises the group types[start, start+size) of a module whose earlier groups are done: writes ids to
  /// `canon[start…]`. `canon[i]` for i < start are earlier results. Declared supertypes have been range checked.
  void canonicalise(std::span<const SubType> types, u32 start, u32 size, std::span<u32> canon);

  /// Canonical id of a plain final function type (host functions). The types name no concrete heap types.
  u32 canonicalFunc(const FuncType& type);

  /// True when canonical type `sub` is `super` or declares it as an ancestor. O(1), lock free.
  bool isSubtype(u32 sub, u32 super) const;

  /// The type behind an id; concrete heap types inside are canonical ids, not module indices. Valid for the process's life.
  const SubType& type(u32 canonId) const;
};

/// Subtyping of value and heap types inside one module (concrete heap types are type indices of `m`). Spec: valid/matching.
bool isSubtype(const Module& m, ValType sub, ValType super);
bool isHeapSubtype(const Module& m, HeapType sub, HeapType super);
/// Top of the hierarchy of `heap`: any, func, extern or exn.
HeapType topOf(const Module& m, HeapType heap);

/// A module's type with concrete heap types replaced by canonical ids: comparable across modules.
ValType canonical(const Module& m, ValType type);
/// Subtyping between two results of `canonical`.
bool isCanonicalSubtype(ValType sub, ValType super);

}  // namespace bls
