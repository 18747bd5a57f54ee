// TableObj and GlobalObj, TagObj, and the dropped-able segments of an instance.
#pragma once

#include <span>
#include <vector>

#include "engine/base/status.h"
#include "engine/object/func.h"
#include "engine/wasm/types.h"

namespace bls {

/// An element of a function table, laid out so that call_indirect needs no further load than this
/// line half.
struct TableEntry {
  FuncCode* code;      // null for host functions and empty entries
  Instance* instance;  // null for host functions and empty entries
  u64 canonType;       // kEmptyEntryType when null
  FuncObj* func;       // the reference itself; null when empty
};
constexpr u64 kEmptyEntryType = ~u64{0};

/// Fills a table entry for a (possibly null) function reference.
TableEntry makeTableEntry(FuncObj* func);

struct TableObj {
  TableEntry* entries = nullptr;  // function tables
  u64* refs = nullptr;            // all other reference tables
  u64 size = 0;                   // elements
  u64 maxElements = 0;            // growth limit: declared maximum and run limits
  TableType type;
  ValType canonElem;  // element type with canonical ids
  bool isFunc = true;
  u64 capacity = 0;  // elements allocated
  Store* store = nullptr;

  TableObj() = default;
  TableObj(const TableObj&) = delete;
  TableObj& operator=(const TableObj&) = delete;
  ~TableObj();

  /// Sets up a fresh object of the type's minimum size. False when a limit or the system refuses;
  /// `why` then says so.
  bool init(Store* owner, const TableType& tableType, ValType elemType, u64 initRef,
            std::string* why);

  u64 get(u64 index) const {
    return isFunc ? reinterpret_cast<u64>(entries[index].func) : refs[index];
  }
  void set(u64 index, u64 ref);
  /// Old size, or -1 when a limit or the system refuses. Spec: exec/instructions, table.grow
  i64 grow(u64 delta, u64 initRef);

 private:
  bool reallocate(u64 wanted);
  void fill(u64 from, u64 to, u64 ref);
};

/// A global that belongs to no instance: made by the host for import.
struct GlobalObj {
  GlobalCell cell{};
  GlobalType type;
  ValType canonType;
};

struct TagObj {
  u32 canonType = 0;
};

/// A passive or active element segment of an instance; dropped means empty.
struct ElemInstance {
  std::vector<u64> refs;
};
struct DataInstance {
  std::span<const u8> bytes;
};

}  // namespace bls
