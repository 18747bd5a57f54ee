// References, structures and arrays, exceptions. See random_generator.h.
#include "tests/support/random_generator.h"

namespace bls::test {
namespace {
constexpr u32 kLeastArray = 4;  // elements every array has
ValType nullable(HeapType heap) { return ValType::ref(heap, true); }
}  // namespace

void Generator::heapType(HeapType heap) {
  if (heap.isConcrete()) return putI64(code_, heap.typeIndex());
  code_.push_back(static_cast<u8>(heap.bits()));
}

u32 Generator::compositeOf(bool isArray) {
  u32 arrays = static_cast<u32>(composites_.size()) - 3;
  return isArray ? 3 + e_.below(arrays) : e_.below(3);
}

// A type below `any`.
HeapType Generator::anyHeap() {
  switch (e_.below(7)) {
    case 0: return HeapType::I31;
    case 1: return HeapType::Eq;
    case 2: return HeapType::Struct;
    case 3: return HeapType::Array;
    default: return HeapType::concrete(e_.below(static_cast<u32>(composites_.size())));
  }
}

bool Generator::canMake(HeapType heap) const {
  if (heap == HeapType::Func) return true;
  if (heap == HeapType::Exn) return has(Feature::Exceptions);
  if (!heap.isConcrete() || heap.typeIndex() < composites_.size()) return has(Feature::Gc);
  for (u32 f : callable_) {
    if (funcs_[f].type == heap.typeIndex()) return true;
  }
  return false;
}

// Leaves a reference that is not null. Only where canMake().
void Generator::newRef(HeapType heap, u32 depth) {
  u32 inner = depth == 0 ? 0 : depth - 1;
  if (heap.isConcrete()) {
    u32 type = heap.typeIndex();
    if (type < composites_.size()) {
      return composites_[type].isArray ? newArray(type, inner) : newStruct(type, inner);
    }
    u32 count = static_cast<u32>(callable_.size()), start = e_.below(count);
    for (u32 i = 0; i < count; ++i) {
      u32 f = callable_[(start + i) % count];
      if (funcs_[f].type == type) return op(Op::RefFunc, f);
    }
  }
  switch (heap.bits()) {
    case HeapType::Func:
      return op(Op::RefFunc, callable_[e_.below(static_cast<u32>(callable_.size()))]);
    case HeapType::Extern: newRef(anyHeap(), inner); return op(Op::ExternConvertAny);
    case HeapType::Exn: return newException(inner);
    case HeapType::I31: expr(ValType::I32, inner); return op(Op::RefI31);
    case HeapType::Struct: return newStruct(compositeOf(false), inner);
    case HeapType::Array: return newArray(compositeOf(true), inner);
    case HeapType::Any:
      if (depth != 0 && e_.below(5) == 4) {
        newRef(HeapType::Extern, inner);
        return op(Op::AnyConvertExtern);
      }
      [[fallthrough]];
    default: {
      static constexpr HeapType::Abstract kKinds[] = {HeapType::I31, HeapType::Struct,
                                                      HeapType::Array};
      newRef(kKinds[e_.below(3)], inner);
    }
  }
}

void Generator::newStruct(u32 type, u32 depth) {
  if (depth == 0 || left_ == 0 || e_.below(4) == 0) return op(Op::StructNewDefault, type);
  for (const Field& f : composites_[type].fields) {
    expr(f.type.isPacked() ? ValType(ValType::I32) : f.type, depth - 1);
  }
  op(Op::StructNew, type);
}

void Generator::newArray(u32 type, u32 depth) {
  ValType element = composites_[type].fields[0].type;
  bool packed = element.isPacked();
  ValType value = packed ? ValType(ValType::I32) : element;
  u32 kind = depth == 0 || left_ == 0 ? 0 : e_.below(5);
  if (kind == 1) {
    expr(value, depth - 1);
    constI32(kLeastArray + e_.below(20));
    return op(Op::ArrayNew, type);
  }
  if (kind == 2) {
    for (u32 i = 0; i < kLeastArray; ++i) expr(value, depth - 1);
    return op(Op::ArrayNewFixed, type, kLeastArray);
  }
  if (kind >= 3 && (packed || !element.isRef())) {
    bool wide = element.kind() == ValType::V128;  // 4 of them are the whole segment
    constI32(risk() ? 63 : wide ? 0 : e_.below(2));
    constI32(kLeastArray + (wide ? 0 : e_.below(3)));
    return op(Op::ArrayNewData, type, 1);
  }
  if (kind >= 3 && element == ValType::funcref()) {
    constI32(risk() ? 7 : 0);
    constI32(kLeastArray + e_.below(4));
    return op(Op::ArrayNewElem, type, 1);
  }
  constI32(kLeastArray + e_.below(12));
  op(Op::ArrayNewDefault, type);
}

// Thrown and caught on the spot.
void Generator::newException(u32 depth) {
  block(Op::Block, {ValType::ref(HeapType::Exn, false)});
  op(Op::TryTable);
  u32 tag = e_.below(static_cast<u32>(tags_.size()));
  code_.push_back(0x40);
  if (signatureOf(tags_[tag]).params.empty() && e_.below(2)) {
    for (u64 v : {u64{1}, u64{1}, u64{tag}, u64{0}}) putU32(code_, v);  // catch_ref
  } else {
    code_.insert(code_.end(), {1, 3, 0});  // catch_all_ref
  }
  open({{}, false});
  TypeList params = signatureOf(tags_[tag]).params;
  exprs(params, depth);
  op(Op::Throw, tag);
  close();
  op(Op::Unreachable);
  close();
}

// A reference that is not null, from one that may be.
void Generator::nonNull(HeapType heap, u32 depth) {
  if (risk()) {
    expr(nullable(heap), depth);
    return op(Op::RefAsNonNull);
  }
  switch (e_.below(4)) {
    case 1: newRef(heap, depth); return op(Op::RefAsNonNull);
    case 2:
      block(Op::Block, {ValType::ref(heap, false)});
      expr(nullable(heap), depth);
      op(Op::BrOnNonNull, 0);
      newRef(heap, depth);
      return close();
    default: return newRef(heap, depth);
  }
}

void Generator::refExpr(ValType type, u32 depth) {
  HeapType heap = type.heap();
  bool isFunc = heap == HeapType::Func;
  if (isFunc && e_.below(2)) {
    u32 t = e_.below(3) ? stableTable_ : scratchTable_;
    smallIndex(8, depth, tables_[t].is64);
    return op(Op::TableGet, t);
  }
  if (heap == HeapType::Extern && e_.below(2)) {
    smallIndex(8, depth, tables_[externTable_].is64);
    return op(Op::TableGet, externTable_);
  }
  if (!canMake(heap) || e_.below(8) == 7) return leaf(type);
  if (!isFunc && e_.below(3) == 1) return refOther(heap, depth);
  newRef(heap, depth);
}

// Out of fields and tables, or by a cast.
void Generator::refOther(HeapType heap, u32 depth) {
  ValType type = nullable(heap);
  if (typedTable_ >= 0 && tables_[static_cast<u32>(typedTable_)].elem == type) {
    smallIndex(8, depth);
    return op(Op::TableGet, static_cast<u32>(typedTable_));
  }
  bool below =
      has(Feature::Gc) && (heap.isConcrete() ? heap.typeIndex() < composites_.size()
                                             : heap != HeapType::Exn && heap != HeapType::Extern);
  if (!below) return newRef(heap, depth);
  if (e_.below(3) == 0 && fieldOf(type, depth)) return;
  if (e_.below(2)) {  // a cast that succeeds
    newRef(heap, depth);
    bool null = e_.below(2) != 0;
    op(null ? Op::RefCastNull : Op::RefCast);
    return heapType(heap);
  }
  if (risk(6)) {
    expr(nullable(HeapType::Any), depth);
    op(Op::RefCastNull);
    return heapType(heap);
  }
  newRef(heap, depth);
}

// A field or element of this type, out of any structure or array.
bool Generator::fieldOf(ValType type, u32 depth) {
  if (!has(Feature::Gc) || composites_.empty()) return false;
  u32 count = static_cast<u32>(composites_.size()), start = e_.below(count);
  for (u32 i = 0; i < count; ++i) {
    u32 c = (start + i) % count;
    u32 fields = static_cast<u32>(composites_[c].fields.size()), first = e_.below(fields);
    for (u32 j = 0; j < fields; ++j) {
      u32 at = (first + j) % fields;
      ValType field = composites_[c].fields[at].type;
      bool packed = field.isPacked();
      if ((packed ? ValType(ValType::I32) : field) != type) continue;
      bool isSigned = e_.below(2) != 0;
      nonNull(HeapType::concrete(c), depth);
      if (composites_[c].isArray) {
        smallIndex(kLeastArray, depth);
        op(!packed ? Op::ArrayGet : isSigned ? Op::ArrayGetS : Op::ArrayGetU, c);
      } else {
        op(!packed ? Op::StructGet : isSigned ? Op::StructGetS : Op::StructGetU, c, at);
      }
      return true;
    }
  }
  return false;
}

// An i32 about a reference.
void Generator::i32FromRef(u32 depth) {
  u32 kinds = !has(Feature::Gc) || w_[Group::Gc] == 0 ? 1 : 8;
  switch (e_.below(kinds)) {
    case 1: nonNull(HeapType::I31, depth); return op(e_.below(2) ? Op::I31GetS : Op::I31GetU);
    case 2:
      expr(nullable(HeapType::Eq), depth);
      expr(nullable(HeapType::Eq), depth);
      return op(Op::RefEq);
    case 3:
    case 4:
      expr(nullable(HeapType::Any), depth);
      op(e_.below(2) ? Op::RefTest : Op::RefTestNull);
      return heapType(anyHeap());
    case 5: nonNull(HeapType::Array, depth); return op(Op::ArrayLen);
    case 6:
      if (fieldOf(ValType::I32, depth)) return;
      [[fallthrough]];
    default: {
      ValType type = anyType();
      if (!type.isRef()) type = ValType::funcref();
      expr(type, depth);
      op(Op::RefIsNull);
    }
  }
}

// call_ref of any function that leaves these results; false when there is none.
bool Generator::callRef(bool tail, const TypeList* results, u32 depth) {
  if (!has(Feature::FuncRefs)) return false;
  u32 count = static_cast<u32>(callable_.size()), start = e_.below(count);
  for (u32 i = 0; i < count; ++i) {
    u32 type = funcs_[callable_[(start + i) % count]].type;
    if (signatureOf(type).results != *results) continue;
    TypeList params = signatureOf(type).params;
    exprs(params, depth);
    nonNull(HeapType::concrete(type), depth);
    op(tail ? Op::ReturnCallRef : Op::CallRef, type);
    return true;
  }
  return false;
}

void Generator::refStatement(u32 depth) {
  ValType type = anyType();
  if (!type.isRef() || !canMake(type.heap())) type = ValType::funcref();
  switch (e_.below(4)) {
    case 0: {  // br_on_null
      block(Op::Block, {});
      expr(type, depth);
      op(Op::BrOnNull, 0);
      sink(type.asNonNull());
      return close();
    }
    case 1: {
      u32 func = callable_[e_.below(static_cast<u32>(callable_.size()))];
      TypeList results = signatureOfFunc(func).results;
      if (callRef(false, &results, depth)) sinkAll(results);
      return;
    }
    default: nonNull(type.heap(), depth); return sink(type.asNonNull());
  }
}

// br_on_cast and br_on_cast_fail, each way.
void Generator::castBranch(u32 depth) {
  HeapType target = anyHeap();
  bool fail = e_.below(2) != 0, null = e_.below(2) != 0;
  ValType any = nullable(HeapType::Any);
  ValType cast = ValType::ref(target, null);
  ValType rest = ValType::ref(HeapType::Any, !null);  // the difference of the two types
  block(Op::Block, {fail ? rest : cast});
  expr(any, depth);
  op(fail ? Op::BrOnCastFail : Op::BrOnCast);
  code_.push_back(static_cast<u8>(1 | (null ? 2 : 0)));
  putU32(code_, 0);
  heapType(HeapType::Any);
  heapType(target);
  op(Op::RefIsNull);
  sink(ValType::I32);
  newRef(fail ? HeapType(HeapType::Any) : target, depth);
  close();
  sink(fail ? rest : cast);
}

void Generator::arrayStatement(u32 depth) {
  u32 type = compositeOf(true);
  ValType element = composites_[type].fields[0].type;
  HeapType heap = HeapType::concrete(type);
  ValType value = element.isPacked() ? ValType(ValType::I32) : element;
  nonNull(heap, depth);
  smallIndex(2, depth);
  switch (e_.below(4)) {
    case 0:
      expr(value, depth);
      constI32(risk() ? 100 : e_.below(3));
      return op(Op::ArrayFill, type);
    case 1:
      nonNull(heap, depth);
      smallIndex(2, depth);
      constI32(risk() ? 100 : e_.below(3));
      return op(Op::ArrayCopy, type, type);
    case 2:
      if (element.isRef() && element != ValType::funcref()) break;
      constI32(risk() ? 63 : 0);
      constI32(e_.below(3));
      return op(element.isRef() ? Op::ArrayInitElem : Op::ArrayInitData, type, 1);
    default: break;
  }
  expr(value, depth);
  op(Op::ArraySet, type);
}

void Generator::gcStatement(u32 depth) {
  switch (e_.below(5)) {
    case 0: {
      u32 type = compositeOf(false), fields = static_cast<u32>(composites_[type].fields.size());
      u32 at = e_.below(fields);
      const Field field = composites_[type].fields[at];
      if (!field.isMutable) return;
      nonNull(HeapType::concrete(type), depth);
      expr(field.type.isPacked() ? ValType(ValType::I32) : field.type, depth);
      return op(Op::StructSet, type, at);
    }
    case 1:
    case 2: return arrayStatement(depth);
    case 3: return castBranch(depth);
    default: {
      HeapType heap = anyHeap();
      newRef(heap, depth);
      return op(Op::LocalSet, localOf(nullable(heap)));
    }
  }
}

// The handler block takes what the clause brings; both ways meet behind the outer block.
void Generator::tryTable(const TypeList& results, u32 depth) {
  if (!has(Feature::Exceptions)) return legacyTry(results, depth);
  u32 kind = e_.below(4), tag = e_.below(static_cast<u32>(tags_.size()));
  TypeList brought;
  if (kind < 2) brought = signatureOf(tags_[tag]).params;
  if (kind % 2 == 1) brought.push_back(nullable(HeapType::Exn));
  op(Op::Block);
  blockType({}, results);
  open({results});
  op(Op::Block);
  blockType({}, brought);
  open({brought});
  op(Op::TryTable);
  blockType({}, results);
  bool two = results.empty() && e_.below(2);
  code_.push_back(two ? 2 : 1);
  code_.push_back(static_cast<u8>(kind));
  if (kind < 2) putU32(code_, tag);
  putU32(code_, 0);
  if (two) code_.insert(code_.end(), {2, 1});  // catch_all, to the outer block
  open({results});
  statements(3, depth);
  throwStatement(depth);
  exprs(results, depth);
  close();
  op(Op::Br, 1);
  close();
  if (kind % 2 == 1 && e_.below(3) == 0) {
    u32 local = localOf(nullable(HeapType::Exn));
    op(Op::LocalSet, local);
    brought.pop_back();
    guarded(depth);
    op(Op::LocalGet, local);
    op(Op::ThrowRef);
    close();
  }
  sinkAll(brought);
  exprs(results, depth);
  close();
}

void Generator::legacyTry(const TypeList& results, u32 depth) {
  if (!has(Feature::LegacyExceptions)) return tryTable(results, depth);
  op(Op::Try);
  blockType({}, results);
  open({results});
  statements(3, depth);
  throwStatement(depth);
  exprs(results, depth);
  u32 kind = e_.below(4);
  if (kind == 0) {
    labels_.pop_back();
    u32 target = e_.below(static_cast<u32>(labels_.size()));
    return op(Op::Delegate, target);
  }
  if (kind != 1) {
    u32 tag = e_.below(static_cast<u32>(tags_.size()));
    op(Op::Catch, tag);
    TypeList brought = signatureOf(tags_[tag]).params;
    sinkAll(brought);
    if (e_.below(4) == 0) {
      guarded(depth);
      op(Op::Rethrow, 1);
      close();
    }
    statements(1, depth);
    exprs(results, depth);
  }
  if (kind != 2) {
    op(Op::CatchAll);
    if (e_.below(4) == 0) {
      guarded(depth);
      op(Op::Rethrow, 1);
      close();
    }
    exprs(results, depth);
  }
  close();
}

void Generator::throwStatement(u32 depth) {
  if (e_.below(2)) return;
  guarded(depth);
  if (has(Feature::Exceptions) && e_.below(4) == 1) {
    nonNull(HeapType::Exn, depth);
    op(Op::ThrowRef);
  } else {
    u32 tag = e_.below(static_cast<u32>(tags_.size()));
    TypeList params = signatureOf(tags_[tag]).params;
    exprs(params, depth);
    op(Op::Throw, tag);
  }
  close();
}

}  // namespace bls::test
