// Makes small binary modules for tests: Code appends instructions (one method per immediate-free
// row of opcodes.def, named as its enumerator), ModuleBuilder puts types, functions, a memory, a
// table and globals around them. Nothing is checked: an invalid module is the test's bug and shows
// when it is compiled.
#pragma once

#include <string>
#include <string_view>
#include <vector>

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
  Code& memory(Op o, u64 offset) {
    op(o).byte(0);
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

/// One module. Functions are exported under their names; letters are those of opcodes.def.
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
    return static_cast<u32>(funcs_.size()) - 1;
  }
  void memory(u32 pages) { memoryPages_ = static_cast<i32>(pages); }
  /// A table that holds these functions.
  void table(const std::vector<u32>& funcs) { table_ = funcs; }
  void global(char letter) { globals_.push_back(letter); }

  Bytes build() const {
    Bytes out{0, 'a', 's', 'm', 1, 0, 0, 0}, s;
    putU32(s, types_.size());
    for (const Bytes& t : types_) s.insert(s.end(), t.begin(), t.end());
    putSection(out, 1, s);
    s.clear();
    putU32(s, funcs_.size());
    for (const Func& f : funcs_) putU32(s, f.type);
    putSection(out, 3, s);
    if (!table_.empty()) {
      s = {1, 0x70, 0};
      putU32(s, table_.size());
      putSection(out, 4, s);
    }
    if (memoryPages_ >= 0) putSection(out, 5, {1, 0, static_cast<u8>(memoryPages_)});
    if (!globals_.empty()) {
      s.clear();
      putU32(s, globals_.size());
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
      putSection(out, 6, s);
    }
    s.clear();
    putU32(s, funcs_.size() + (memoryPages_ >= 0 ? 1 : 0));
    auto name = [&](std::string_view text, u8 kind, u32 index) {
      putU32(s, text.size());
      s.insert(s.end(), text.begin(), text.end());
      s.push_back(kind);
      putU32(s, index);
    };
    for (u32 i = 0; i < funcs_.size(); ++i) name(funcs_[i].name, 0, i);
    if (memoryPages_ >= 0) name("memory", 2, 0);
    putSection(out, 7, s);
    if (!table_.empty()) {
      s = {1, 0, 0x41, 0, 0x0b};
      putU32(s, table_.size());
      for (u32 f : table_) putU32(s, f);
      putSection(out, 9, s);
    }
    s.clear();
    putU32(s, funcs_.size());
    for (const Func& f : funcs_) {
      putU32(s, f.body.size());
      s.insert(s.end(), f.body.begin(), f.body.end());
    }
    putSection(out, 10, s);
    return out;
  }

 private:
  struct Func {
    std::string name;
    u32 type;
    Bytes body;
  };
  std::vector<Bytes> types_;
  std::vector<Func> funcs_;
  std::vector<u32> table_;
  std::vector<char> globals_;
  i32 memoryPages_ = -1;
};

}  // namespace bls::test
