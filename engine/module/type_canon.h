// TypeRegistry: canonical ids for types, equal across modules exactly when the types are equal
// after rolling up their recursion groups (iso-recursive equality), and O(1) subtype tests between
// canonical ids by displays of ancestors.
//
// One registry per process (`TypeRegistry::global()`); ids are never reused. Groups are hash-consed
// over their contents with references inside the group relative and outside it canonical, so the
// cost is linear in the type section. Guarded by a spin lock inside (the wasm build has no mutex);
// records are immutable and read without it. Spec: valid/conventions, rolling and unrolling;
// valid/matching.
#pragma once

#include <span>

#include "engine/wasm/types.h"

namespace bls {

struct Module;

constexpr u32 kNoCanonType = ~u32{0};
/// Canonical types a process may hold; beyond it canonicalise refuses.
constexpr u32 kMaxCanonTypes = u32{1} << 22;

class TypeRegistry {
 public:
  static TypeRegistry& global();
  TypeRegistry();
  ~TypeRegistry();
  TypeRegistry(const TypeRegistry&) = delete;
  TypeRegistry& operator=(const TypeRegistry&) = delete;

  /// Canonicalises the group types[start, start+size) of a module whose earlier groups are done:
  /// writes ids to `canon[start…]`. `canon[i]` for i < start are earlier results. False, and
  /// nothing written, when a type refers to an index outside [0, start+size) or to a group that
  /// failed, or when the registry is full.
  bool canonicalise(std::span<const SubType> types, u32 start, u32 size, std::span<u32> canon);

  /// Canonical id of a plain final function type (host functions). The types name no concrete heap
  /// types.
  u32 canonicalFunc(const FuncType& type);

  /// True when canonical type `sub` is `super` or declares it as an ancestor. O(1), lock free.
  bool isSubtype(u32 sub, u32 super) const;

  /// Number of declared ancestors. Lock free.
  u32 depth(u32 canonId) const;

  /// The type behind an id; concrete heap types and `super` inside are canonical ids, not module
  /// indices. Valid for the process's life.
  const SubType& type(u32 canonId) const;

  /// Number of canonical types.
  u32 size() const;

 private:
  struct Impl;
  Impl* impl_;
};

/// Subtyping of value and heap types inside one module (concrete heap types are type indices of
/// `m`). Spec: valid/matching.
bool isSubtype(const Module& m, ValType sub, ValType super);
bool isHeapSubtype(const Module& m, HeapType sub, HeapType super);
/// Top of the hierarchy of `heap`: any, func, extern or exn.
HeapType topOf(const Module& m, HeapType heap);

/// A module's type with concrete heap types replaced by canonical ids: comparable across modules.
ValType canonical(const Module& m, ValType type);
/// Subtyping between two results of `canonical`.
bool isCanonicalSubtype(ValType sub, ValType super);

}  // namespace bls
