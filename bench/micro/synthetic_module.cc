// syntheticModule: sections written one after another into byte vectors.
#include "bench/micro/synthetic_module.h"

#include <initializer_list>
#include <string_view>

namespace bls {
namespace {

// Opcodes used below, by number: a benchmark does not depend on the table it measures.
enum Op : u8 {
  kUnreachable = 0x00,
  kBlock = 0x02,
  kLoop = 0x03,
  kIf = 0x04,
  kElse = 0x05,
  kEnd = 0x0b,
  kBr = 0x0c,
  kBrIf = 0x0d,
  kBrTable = 0x0e,
  kReturn = 0x0f,
  kCall = 0x10,
  kCallIndirect = 0x11,
  kGet = 0x20,
  kSet = 0x21,
  kTee = 0x22,
  kLoad32 = 0x28,
  kLoad64 = 0x29,
  kStore32 = 0x36,
  kConst32 = 0x41,
  kConst64 = 0x42,
  kEqz = 0x45,
  kLtU = 0x49,
  kGeU = 0x4f,
  kAdd = 0x6a,
  kSub = 0x6b,
  kMul = 0x6c,
  kAnd = 0x71,
  kXor = 0x73,
  kShl = 0x74,
  kAdd64 = 0x7c,
  kWrap = 0xa7,
  kI32 = 0x7f,
  kI64 = 0x7e,
  kEmpty = 0x40
};

class Bytes {
 public:
  void put(std::initializer_list<int> bytes) {
    for (int b : bytes) data_.push_back(static_cast<u8>(b));
  }
  void leb(u64 value) {
    for (; value >= 0x80; value >>= 7) data_.push_back(static_cast<u8>(value | 0x80));
    data_.push_back(static_cast<u8>(value));
  }
  void signedLeb(i64 value) {
    for (; value < -64 || value > 63; value >>= 7) data_.push_back(static_cast<u8>(value | 0x80));
    data_.push_back(static_cast<u8>(value & 0x7f));
  }
  void name(std::string_view text) {
    leb(text.size());
    data_.insert(data_.end(), text.begin(), text.end());
  }
  /// Appends `other` with its size in front.
  void sized(const Bytes& other) {
    leb(other.data_.size());
    data_.insert(data_.end(), other.data_.begin(), other.data_.end());
  }
  void section(u8 id, const Bytes& content) {
    data_.push_back(id);
    sized(content);
  }
  std::vector<u8> take() { return std::move(data_); }

 private:
  std::vector<u8> data_;
};

void constant(Bytes* code, i64 value) {
  code->put({kConst32});
  code->signedLeb(value);
}

// A counted loop that reads, mixes and writes memory. Locals: 0, 1 parameters, 2 i32, 3 i32, 4 i64.
void memoryLoop(Bytes* code, u32 index) {
  constant(code, 0);
  code->put({kSet, 2, kBlock, kEmpty, kLoop, kEmpty});
  code->put({kGet, 2, kGet, 1, kGeU, kBrIf, 1});
  code->put({kGet, 0, kGet, 2, kAdd});
  constant(code, 0xfff8);
  code->put({kAnd, kTee, 3, kGet, 3, kLoad32, 2});
  code->leb(index % 300);
  constant(code, static_cast<i64>(index) * 2654435761 % 100000);
  code->put({kXor});
  constant(code, 5);
  code->put({kShl, kStore32, 2, 16, kGet, 4, kGet, 3, kLoad64, 3, 8, kAdd64, kSet, 4});
  code->put({kGet, 2});
  constant(code, 4);
  code->put({kAdd, kSet, 2, kBr, 0, kEnd, kEnd});
}

// A selection by br_table with three arms.
void selection(Bytes* code) {
  code->put({kBlock, kEmpty, kBlock, kEmpty, kBlock, kEmpty, kGet, 0});
  constant(code, 3);
  code->put({kAnd, kBrTable, 2, 0, 1, 2, kEnd});
  code->put({kGet, 3});
  constant(code, 77);
  code->put({kMul, kSet, 3, kBr, 1, kEnd, kGet, 3, kGet, 1, kSub, kSet, 3, kEnd});
}

Bytes functionBody(u32 index) {
  Bytes code;
  code.put({2, 2, kI32, 1, kI64});
  memoryLoop(&code, index);
  selection(&code);
  code.put({kGet, 1, kEqz, kIf, kI32});
  constant(&code, index);
  code.put({kElse});
  if (index == 0) {
    code.put({kGet, 3});
  } else {
    code.put({kGet, 3});
    constant(&code, 8);
    code.put({kAnd, kGet, 1, kGet, 1});
    constant(&code, 2);
    code.put({kLtU, kSub, kCall});  // a second argument of two or more reaches every function
    code.leb(index - 1);
  }
  code.put({kEnd, kGet, 4, kWrap, kAdd, kEnd});
  return code;
}

}  // namespace

std::vector<u8> syntheticModule(u32 functions) {
  Bytes module, types, funcs, memory, exports, code;
  types.put({1, 0x60, 2, kI32, kI32, 1, kI32});
  funcs.leb(functions);
  code.leb(functions);
  for (u32 i = 0; i < functions; i++) {
    funcs.leb(0);
    code.sized(functionBody(i));
  }
  memory.put({1, 0, 2});
  exports.leb(2);
  exports.name("memory");
  exports.put({2, 0});
  exports.name("run");
  exports.put({0});
  exports.leb(functions - 1);
  module.put({0, 'a', 's', 'm', 1, 0, 0, 0});
  module.section(1, types);
  module.section(3, funcs);
  module.section(5, memory);
  module.section(7, exports);
  module.section(10, code);
  return module.take();
}

std::vector<u8> callModule() {
  Bytes module, types, imports, funcs, tables, memory, exports, elems, code;
  types.put({1, 0x60, 1, kI32, 1, kI32});
  imports.put({1});
  imports.name("env");
  imports.name("step");
  imports.put({0, 0});
  funcs.put({7, 0, 0, 0, 0, 0, 0, 0});
  memory.put({1, 0, 1});
  tables.put({1, 0x70, 0, 2});
  exports.put({7});
  constexpr std::string_view kNames[] = {"leaf", "callLoop", "hostLoop", "indirectLoop",
                                         "stop", "outside",  "hostLoop4"};
  for (int i = 0; i < 7; i++) {
    exports.name(kNames[i]);
    exports.put({0, i + 1});
  }
  elems.put({1, 0, kConst32, 0, kEnd, 2, 1, 1});
  code.put({7});
  Bytes leaf;
  leaf.put({0, kGet, 0, kConst32, 1, kAdd, kEnd});
  code.sized(leaf);
  const auto addLoop = [&](std::initializer_list<int> calls) {
    Bytes loop;
    loop.put({1, 1, kI32, kLoop, kEmpty, kGet, 1});
    loop.put(calls);
    loop.put({kSet, 1, kGet, 0, kConst32, 1, kSub, kTee, 0, kBrIf, 0, kEnd, kGet, 1, kEnd});
    code.sized(loop);
  };
  addLoop({kCall, 1});
  addLoop({kCall, 0});
  addLoop({kGet, 1, kConst32, 1, kAnd, kCallIndirect, 0, 0});
  Bytes stop, outside;
  stop.put({0, kUnreachable, kEnd});
  outside.put({0, kConst32, 0x7f, kLoad32, 2, 0, kEnd});
  code.sized(stop);
  code.sized(outside);
  addLoop({kCall, 0, kCall, 0, kCall, 0, kCall, 0});
  module.put({0, 'a', 's', 'm', 1, 0, 0, 0});
  module.section(1, types);
  module.section(2, imports);
  module.section(3, funcs);
  module.section(4, tables);
  module.section(5, memory);
  module.section(7, exports);
  module.section(9, elems);
  module.section(10, code);
  return module.take();
}

}  // namespace bls
