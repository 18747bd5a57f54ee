// Makes small binary modules for tests: Code appends instructions (one method per immediate-free
// row of opcodes.def, named as its enumerator), ModuleBuilder puts types, functions, a memory, a
// table and globals around them. Nothing is checked: an invalid module is the test's bug and shows
// when it is compiled.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/wasm/opcodes.h"
#include "engine/wasm/types.h"
#include "tests/support/seed_modules.h"

namespace bls::test {

/// A function body under construction.
class Code {
 public:
  Code& op(Op op) {
    const OpInfo& info = opInfo(op);
    if (info.prefix != 0) {
      bytes.push_back(info.prefix);
      putU32(bytes, info.code);
    } else {
      bytes.push_back(static_cast<u8>(info.code));
    }
    return *this;
  }
  Code& op(Op o, u64 index) {
    op(o);
    putU32(bytes, index);
    return *this;
  }
  Code& op(Op o, u64 first, u64 second) {
    op(o, first);
    putU32(bytes, second);
    return *this;
  }
#define OP(name, prefix, code, text, imm, ...) BLS_TEST_##imm(name)
#define BLS_TEST_None(name) \
  Code& name() { return op(Op::name); }
#define BLS_TEST_NONE(name)
#define BLS_TEST_Block BLS_TEST_NONE
#define BLS_TEST_Label BLS_TEST_NONE
#define BLS_TEST_LabelTable BLS_TEST_NONE
#define BLS_TEST_Func BLS_TEST_NONE
#define BLS_TEST_Type BLS_TEST_NONE
#define BLS_TEST_TypeTable BLS_TEST_NONE
#define BLS_TEST_Local BLS_TEST_NONE
#define BLS_TEST_Global BLS_TEST_NONE
#define BLS_TEST_Table BLS_TEST_NONE
#define BLS_TEST_TableTable BLS_TEST_NONE
#define BLS_TEST_Memory BLS_TEST_NONE
#define BLS_TEST_MemoryMemory BLS_TEST_NONE
#define BLS_TEST_DataMemory BLS_TEST_NONE
#define BLS_TEST_ElemTable BLS_TEST_NONE
#define BLS_TEST_Data BLS_TEST_NONE
#define BLS_TEST_Elem BLS_TEST_NONE
#define BLS_TEST_Tag BLS_TEST_NONE
#define BLS_TEST_Mem BLS_TEST_NONE
#define BLS_TEST_MemLane BLS_TEST_NONE
#define BLS_TEST_Lane BLS_TEST_NONE
#define BLS_TEST_Shuffle BLS_TEST_NONE
#define BLS_TEST_I32 BLS_TEST_NONE
#define BLS_TEST_I64 BLS_TEST_NONE
#define BLS_TEST_F32 BLS_TEST_NONE
#define BLS_TEST_F64 BLS_TEST_NONE
#define BLS_TEST_V128 BLS_TEST_NONE
#define BLS_TEST_SelectTypes BLS_TEST_NONE
#define BLS_TEST_HeapType BLS_TEST_NONE
#define BLS_TEST_TryTable BLS_TEST_NONE
#define BLS_TEST_StructField BLS_TEST_NONE
#define BLS_TEST_TypeCount BLS_TEST_NONE
#define BLS_TEST_TypeData BLS_TEST_NONE
#define BLS_TEST_TypeElem BLS_TEST_NONE
#define BLS_TEST_TypeType BLS_TEST_NONE
#define BLS_TEST_CastLabel BLS_TEST_NONE
#define BLS_TEST_Fence BLS_TEST_NONE
#include "engine/wasm/opcodes.def"
#undef OP
  Code& I32Const(i32 value) {
    op(Op::I32Const);
    putI64(bytes, value);
    return *this;
  }
  Code& I64Const(i64 value) {
    op(Op::I64Const);
    putI64(bytes, value);
    return *this;
  }
  Code& F64Const(f64 value) { return op(Op::F64Const).raw(value); }
  Code& F32Const(f32 value) { return op(Op::F32Const).raw(value); }
  Code& LocalGet(u32 i) { return op(Op::LocalGet, i); }
  Code& LocalSet(u32 i) { return op(Op::LocalSet, i); }
  Code& LocalTee(u32 i) { return op(Op::LocalTee, i); }
  Code& GlobalGet(u32 i) { return op(Op::GlobalGet, i); }
  Code& GlobalSet(u32 i) { return op(Op::GlobalSet, i); }
  Code& Call(u32 i) { return op(Op::Call, i); }
  Code& ReturnCall(u32 i) { return op(Op::ReturnCall, i); }
  Code& CallIndirect(u32 type) { return op(Op::CallIndirect, type).byte(0); }
  Code& Br(u32 depth) { return op(Op::Br, depth); }
  Code& BrIf(u32 depth) { return op(Op::BrIf, depth); }
  Code& BrTable(const std::vector<u32>& targets) {  // the last one is the default
    op(Op::BrTable, targets.size() - 1);
    for (u32 t : targets) putU32(bytes, t);
    return *this;
  }
  /// 0x40 for no result, a value type's byte, or a type index.
  Code& Block(u8 type = 0x40) { return op(Op::Block).byte(type); }
  Code& Loop(u8 type = 0x40) { return op(Op::Loop).byte(type); }
  Code& If(u8 type = 0x40) { return op(Op::If).byte(type); }
  /// A load or store with no alignment hint, in memory `index`.
  Code& memory(Op o, u64 offset, u32 index = 0) {
    op(o).byte(index == 0 ? 0 : 0x40);
    if (index != 0) putU32(bytes, index);
    putU32(bytes, offset);
    return *this;
  }
  Code& byte(u8 value) {
    bytes.push_back(value);
    return *this;
  }
  template <class T>
  Code& raw(T value) {
    u8 image[sizeof(T)];
    std::memcpy(image, &value, sizeof value);
    bytes.insert(bytes.end(), image, image + sizeof value);
    return *this;
  }

  Bytes bytes;
};

/// Limits of a memory (pages) or table (elements).
struct Limits {
  u64 min = 0;
  std::optional<u64> max;
  bool is64 = false;
};

/// One module. Functions are exported under their names, memories as memory, memory1 …, tables as
/// table, table1 …; letters are those of opcodes.def. Imports come before what is defined.
class ModuleBuilder {
 public:
  u32 type(std::string_view params, std::string_view results) {
    Bytes t{0x60};
    for (std::string_view list : {params, results}) {
      putU32(t, list.size());
      for (char c : list) t.push_back(static_cast<u8>(ValType::fromLetter(c).kind()));
    }
    types_.push_back(t);
    return static_cast<u32>(types_.size()) - 1;
  }
  u32 importFunc(std::string_view module, std::string_view name, std::string_view params,
                 std::string_view results) {
    const u32 t = type(params, results);
    import(module, name, 0);
    putU32(imports_, t);
    return importedFuncs_++;
  }
  u32 importMemory(std::string_view module, std::string_view name, const Limits& limits) {
    import(module, name, 2);
    putLimits(imports_, limits);
    return memoryCount_++;
  }
  u32 importTable(std::string_view module, std::string_view name, const Limits& limits) {
    import(module, name, 1);
    imports_.push_back(0x70);
    putLimits(imports_, limits);
    return tableCount_++;
  }
  /// Locals are groups of (count, letter).
  u32 func(std::string_view name, std::string_view params, std::string_view results,
           const Code& code, const std::vector<std::pair<u32, char>>& locals = {}) {
    u32 t = type(params, results);
    Bytes body;
    putU32(body, locals.size());
    for (auto [count, letter] : locals) {
      putU32(body, count);
      body.push_back(static_cast<u8>(ValType::fromLetter(letter).kind()));
    }
    body.insert(body.end(), code.bytes.begin(), code.bytes.end());
    body.push_back(0x0b);
    funcs_.push_back({std::string(name), t, body});
    return importedFuncs_ + static_cast<u32>(funcs_.size()) - 1;
  }
  u32 memory(const Limits& limits) {
    putLimits(memories_, limits);
    ++ownMemories_;
    return memoryCount_++;
  }
  u32 memory(u32 pages) { return memory(Limits{pages, {}, false}); }
  /// A table of functions, null at first.
  u32 emptyTable(const Limits& limits) {
    tables_.push_back(0x70);
    putLimits(tables_, limits);
    ++ownTables_;
    return tableCount_++;
  }
  /// A table that holds these functions.
  u32 table(const std::vector<u32>& funcs) {
    const u32 index = emptyTable({funcs.size(), {}, false});
    CHECK(index == 0);
    Bytes e{0, 0x41, 0, 0x0b};
    putFuncs(e, funcs);
    elems_.push_back(e);
    return index;
  }
  /// Passive segments.
  u32 elem(const std::vector<u32>& funcs) {
    Bytes e{1, 0};
    putFuncs(e, funcs);
    elems_.push_back(e);
    return static_cast<u32>(elems_.size()) - 1;
  }
  u32 data(std::string_view bytes) {
    Bytes d{1};
    putText(d, bytes);
    datas_.push_back(d);
    return static_cast<u32>(datas_.size()) - 1;
  }
  /// Bytes that stand in a memory from the start.
  u32 data(std::string_view bytes, u32 memory, i64 offset, bool is64 = false) {
    Bytes d{2};
    putU32(d, memory);
    d.push_back(is64 ? 0x42 : 0x41);
    putI64(d, offset);
    d.push_back(0x0b);
    putText(d, bytes);
    datas_.push_back(d);
    return static_cast<u32>(datas_.size()) - 1;
  }
  void global(char letter) { globals_.push_back(letter); }

  Bytes build() const {
    Bytes out{0, 'a', 's', 'm', 1, 0, 0, 0}, s;
    putVector(out, 1, types_);
    if (importCount_ != 0) putCounted(out, 2, importCount_, imports_);
    for (const Func& f : funcs_) putU32(s, f.type);
    putCounted(out, 3, funcs_.size(), s);
    if (ownTables_ != 0) putCounted(out, 4, ownTables_, tables_);
    if (ownMemories_ != 0) putCounted(out, 5, ownMemories_, memories_);
    if (!globals_.empty()) putCounted(out, 6, globals_.size(), globalBytes());
    putCounted(out, 7, funcs_.size() + memoryCount_ + tableCount_, exportBytes());
    if (!elems_.empty()) putVector(out, 9, elems_);
    if (!datas_.empty()) putCounted(out, 12, datas_.size(), {});
    s.clear();
    for (const Func& f : funcs_) {
      putU32(s, f.body.size());
      s.insert(s.end(), f.body.begin(), f.body.end());
    }
    putCounted(out, 10, funcs_.size(), s);
    if (!datas_.empty()) putVector(out, 11, datas_);
    return out;
  }

 private:
  struct Func {
    std::string name;
    u32 type;
    Bytes body;
  };

  static void putText(Bytes& out, std::string_view text) {
    putU32(out, text.size());
    out.insert(out.end(), text.begin(), text.end());
  }
  static void putLimits(Bytes& out, const Limits& limits) {
    out.push_back(static_cast<u8>((limits.max ? 1 : 0) | (limits.is64 ? 4 : 0)));
    putU32(out, limits.min);
    if (limits.max) putU32(out, *limits.max);
  }
  static void putFuncs(Bytes& out, const std::vector<u32>& funcs) {
    putU32(out, funcs.size());
    for (u32 f : funcs) putU32(out, f);
  }
  static void putCounted(Bytes& out, u8 id, u64 count, const Bytes& entries) {
    Bytes s;
    putU32(s, count);
    s.insert(s.end(), entries.begin(), entries.end());
    putSection(out, id, s);
  }
  static void putVector(Bytes& out, u8 id, const std::vector<Bytes>& entries) {
    Bytes s;
    for (const Bytes& e : entries) s.insert(s.end(), e.begin(), e.end());
    putCounted(out, id, entries.size(), s);
  }
  void import(std::string_view module, std::string_view name, u8 kind) {
    putText(imports_, module);
    putText(imports_, name);
    imports_.push_back(kind);
    ++importCount_;
  }
  Bytes globalBytes() const {
    Bytes s;
    for (char letter : globals_) {
      Code init;
      if (letter == 'i') init.I32Const(0);
      if (letter == 'l') init.I64Const(0);
      if (letter == 'f') init.F32Const(0);
      if (letter == 'd') init.F64Const(0);
      s.push_back(static_cast<u8>(ValType::fromLetter(letter).kind()));
      s.push_back(1);
      s.insert(s.end(), init.bytes.begin(), init.bytes.end());
      s.push_back(0x0b);
    }
    return s;
  }
  Bytes exportBytes() const {
    Bytes s;
    auto item = [&](std::string name, u8 kind, u32 index) {
      putText(s, name);
      s.push_back(kind);
      putU32(s, index);
    };
    for (u32 i = 0; i < funcs_.size(); ++i) item(funcs_[i].name, 0, importedFuncs_ + i);
    for (u32 i = 0; i < memoryCount_; ++i)
      item("memory" + (i == 0 ? std::string() : std::to_string(i)), 2, i);
    for (u32 i = 0; i < tableCount_; ++i)
      item("table" + (i == 0 ? std::string() : std::to_string(i)), 1, i);
    return s;
  }

  std::vector<Bytes> types_, elems_, datas_;
  std::vector<Func> funcs_;
  Bytes imports_, memories_, tables_;
  std::vector<char> globals_;
  u32 importCount_ = 0, importedFuncs_ = 0;
  u32 memoryCount_ = 0, ownMemories_ = 0, tableCount_ = 0, ownTables_ = 0;
};

}  // namespace bls::test
