// Features from the declarations and from every instruction.
#include "runtime/used_features.h"

#include "engine/decode/body_decoder.h"
#include "engine/decode/walk.h"

namespace bls {
namespace {

constexpr u32 bit(Feature feature) { return u32{1} << static_cast<u32>(feature); }

// Collects the feature of each instruction's row.
struct FeatureSink {
  WalkPosition position;
  u32 bits = 0;

  template <Op O, class Imm>
  Status on(OpTag<O>, const Imm&) {
    bits |= bit(OpTag<O>::kInfo.feature);
    return {};
  }
};

u32 ofType(const Module& m, ValType type) {
  if (type == ValType::V128) return bit(Feature::Simd);
  if (!type.isRef()) return 0;
  HeapType heap = type.heap();
  if (heap.isConcrete()) {
    bool plain = m.type(heap.typeIndex()).kind == CompKind::Func;
    return plain ? bit(Feature::FuncRefs) : bit(Feature::Gc);
  }
  if (heap == HeapType::Exn || heap == HeapType::NoExn) return bit(Feature::Exceptions);
  if (heap != HeapType::Func && heap != HeapType::Extern) return bit(Feature::Gc);
  return type.nullable() ? bit(Feature::RefTypes) : bit(Feature::FuncRefs);
}

u32 ofDeclarations(const Module& m) {
  u32 bits = bit(Feature::Mvp);
  for (const SubType& type : m.types) {
    bool gc = type.kind != CompKind::Func || type.recGroupSize > 1 || !type.isFinal ||
              type.super != kNoType;
    if (gc) bits |= bit(Feature::Gc);
    if (type.func.results.size() > 1) bits |= bit(Feature::MultiValue);
    for (ValType t : type.func.params) bits |= ofType(m, t);
    for (ValType t : type.func.results) bits |= ofType(m, t);
  }
  for (const MemoryType& memory : m.memories) {
    if (memory.limits.is64) bits |= bit(Feature::Memory64);
    if (memory.limits.shared) bits |= bit(Feature::Threads);
    if (memory.pageLog2 != 16) bits |= bit(Feature::CustomPageSizes);
  }
  if (m.memories.size() > 1) bits |= bit(Feature::MultiMemory);
  for (const TableDecl& table : m.tables) {
    if (table.type.limits.is64) bits |= bit(Feature::Memory64);
    if (table.type.elem != ValType::funcref()) bits |= ofType(m, table.type.elem);
  }
  if (m.tables.size() > 1) bits |= bit(Feature::RefTypes);
  for (const GlobalDecl& global : m.globals) bits |= ofType(m, global.type.type);
  if (!m.tags.empty()) bits |= bit(Feature::Exceptions);
  for (const DataDecl& data : m.datas) {
    if (data.mode == SegmentMode::Passive) bits |= bit(Feature::BulkMemory);
  }
  return bits;
}

u32 ofBodies(const Module& m) {
  FeatureSink sink;
  for (const FuncDecl& func : m.funcs) {
    if (func.bodyOffset == 0) continue;
    Diagnostics diag;
    ByteReader in(m.body(func), func.bodyOffset, &diag);
    std::vector<ValType> locals;
    if (!readLocals(in, m.features, &locals).ok()) continue;
    for (ValType local : locals) sink.bits |= ofType(m, local);
    if (!walkBody<false>(in, sink, m.features).ok()) continue;
  }
  return sink.bits;
}

}  // namespace

std::vector<const char*> usedFeatures(const Module& m) {
  u32 bits = ofDeclarations(m) | ofBodies(m);
  std::vector<const char*> names;
  for (u32 i = 0; i < kFeatureCount; ++i) {
    if ((bits >> i & 1) != 0) names.push_back(kFeatureInfo[i].flag);
  }
  return names;
}

}  // namespace bls
