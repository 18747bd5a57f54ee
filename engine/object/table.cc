// Tables: storage, growth and the layout of function entries.
//
// Elements are on the heap and may move when the table grows; code reads the pointer again after
// anything that may grow a table. Charged at 8 bytes an element (threat model MEM-3).
#include "engine/object/table.h"

#include <algorithm>

#include "engine/base/platform.h"
#include "engine/module/type_canon.h"
#include "engine/object/store.h"

namespace bls {

TableEntry makeTableEntry(FuncObj* func) {
  if (func == nullptr) return {nullptr, nullptr, kEmptyEntryType, nullptr};
  return {func->code, func->code != nullptr ? func->instance : nullptr, func->canonType, func};
}

bool TableObj::init(Store* owner, const TableType& tableType, ValType elemType, u64 initRef,
                    std::string* why) {
  store = owner;
  type = tableType;
  canonElem = elemType;
  isFunc = elemType.isRef() &&
           (elemType.heap() == HeapType::Func || elemType.heap() == HeapType::NoFunc);
  if (elemType.isRef() && elemType.heap().isConcrete()) {
    isFunc = TypeRegistry::global().type(elemType.heap().typeIndex()).kind == CompKind::Func;
  }
  maxElements = store->config().limits.tableElements;
  if (type.limits.hasMax) maxElements = std::min(maxElements, type.limits.max);
  if (type.limits.min > maxElements) {
    *why = "table minimum size of " + std::to_string(type.limits.min) +
           " elements exceeds table limits";
    return false;
  }
  if (grow(type.limits.min, initRef) < 0) {
    *why = "no memory for a table of " + std::to_string(type.limits.min) + " elements";
    return false;
  }
  return true;
}

TableObj::~TableObj() {
  platform::freeZeroed(entries);
  platform::freeZeroed(refs);
  if (store != nullptr) store->discharge(size * 8);
}

void TableObj::fill(u64 from, u64 to, u64 ref) {
  if (isFunc) {
    std::fill(entries + from, entries + to, makeTableEntry(reinterpret_cast<FuncObj*>(ref)));
  } else {
    std::fill(refs + from, refs + to, ref);
  }
}

void TableObj::set(u64 index, u64 ref) {
  if (isFunc) {
    entries[index] = makeTableEntry(reinterpret_cast<FuncObj*>(ref));
  } else {
    refs[index] = ref;
  }
}

bool TableObj::reallocate(u64 wanted) {
  u64 width = isFunc ? sizeof(TableEntry) : sizeof(u64);
  void* bigger = platform::allocZeroed(wanted * width);
  if (bigger == nullptr) return false;
  void* old = isFunc ? static_cast<void*>(entries) : static_cast<void*>(refs);
  if (size != 0) std::memcpy(bigger, old, static_cast<size_t>(size * width));
  platform::freeZeroed(old);
  if (isFunc) {
    entries = static_cast<TableEntry*>(bigger);
  } else {
    refs = static_cast<u64*>(bigger);
  }
  capacity = wanted;
  return true;
}

i64 TableObj::grow(u64 delta, u64 initRef) {
  if (delta > maxElements - size) return -1;
  u64 wanted = size + delta;
  if (!store->charge(delta * 8)) return -1;
  if (wanted > capacity) {
    u64 roomy = size == 0 ? wanted : std::max(wanted, std::min(capacity * 2, maxElements));
    if (!reallocate(roomy) && (roomy == wanted || !reallocate(wanted))) {
      store->discharge(delta * 8);
      return -1;
    }
  }
  fill(size, wanted, initRef);
  u64 old = size;
  size = wanted;
  return static_cast<i64>(old);
}

}  // namespace bls
