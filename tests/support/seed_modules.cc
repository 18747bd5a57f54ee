// Builds the seed modules: see seed_modules.h. The environment module has one of everything, so
// that each recipe is only the body of one function.
#include "tests/support/seed_modules.h"

#include <map>

#include "engine/base/check.h"
#include "engine/wasm/opcodes.h"

namespace bls::test {

void putU32(Bytes& out, u64 value) {
  while (value >= 0x80) {
    out.push_back(static_cast<u8>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<u8>(value));
}

void putI64(Bytes& out, i64 value) {
  for (;;) {
    u8 byte = static_cast<u8>(value & 0x7f);
    value >>= 7;
    bool done = (value == 0 && (byte & 0x40) == 0) || (value == -1 && (byte & 0x40) != 0);
    out.push_back(done ? byte : static_cast<u8>(byte | 0x80));
    if (done) return;
  }
}

void putSection(Bytes& out, u8 id, const Bytes& content) {
  out.push_back(id);
  putU32(out, content.size());
  out.insert(out.end(), content.begin(), content.end());
}

namespace {

void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

Bytes operator+(Bytes a, const Bytes& b) {
  append(a, b);
  return a;
}

const Bytes kMagic = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00};
const Bytes kZero = {0x41, 0x00};  // i32.const 0

// Types of the environment module:
//  0 () -> ()            1 (i32) -> (i32)         2 struct { mut i32, i64 }   3 array mut i32
//  4 array mut i8        5 array mut funcref      6 (i32) -> ()               7 struct { mut i8 }
//  8 sub struct { }      9 sub 8 struct { i32 }
const Bytes kTypes = {10,   0x60, 0,    0,    0x60, 1, 0x7f, 1,    0x7f, 0x5f, 2, 0x7f, 1, 0x7e, 0,
                      0x5e, 0x7f, 1,    0x5e, 0x78, 1, 0x5e, 0x70, 1,    0x60, 1, 0x7f, 0, 0x5f, 1,
                      0x78, 1,    0x50, 0,    0x5f, 0, 0x50, 1,    8,    0x5f, 1, 0x7f, 0};

Bytes withCount(const std::vector<Bytes>& items) {
  Bytes out;
  putU32(out, items.size());
  for (const Bytes& item : items) append(out, item);
  return out;
}

Bytes sized(const Bytes& content) {
  Bytes out;
  putU32(out, content.size());
  return out + content;
}

// A module of the given sections in order; section contents as they stand.
Bytes moduleOf(const std::vector<std::pair<u8, Bytes>>& sections) {
  Bytes out = kMagic;
  for (const auto& [id, content] : sections) putSection(out, id, content);
  return out;
}

// The environment: only old constructs unless `gc`. Function 1 () -> () exported as "run" has the
// given body (one i32 local 0, one i64 local 1, without its `end`).
Bytes environment(const Bytes& body, bool gc) {
  Bytes types = gc ? kTypes : Bytes{2, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f};
  std::vector<Bytes> elems = {Bytes{1, 0x00, 2, 1, 2},         // passive, two functions
                              Bytes{3, 0x00, 1, 2},            // declarative: ref.func 2
                              Bytes{0, 0x41, 1, 0x0b, 1, 1}};  // active at 1
  std::vector<std::pair<u8, Bytes>> sections = {
      {1, types},
      {2, withCount({Bytes{1, 'm', 1, 'f', 0, 0}})},
      {3, Bytes{2, 0, 1}},
      {4, withCount({Bytes{0x70, 0, 10}, Bytes{0x6f, 0, 4}})},
      {5, withCount({Bytes{1, 1, 4}})}};
  if (gc) sections.push_back({13, Bytes{1, 0, 6}});
  sections.push_back(
      {6, withCount({Bytes{0x7f, 1, 0x41, 7, 0x0b}, Bytes{0x7e, 0, 0x42, 9, 0x0b}})});
  sections.push_back({7, withCount({Bytes{3, 'r', 'u', 'n', 0, 1}, Bytes{1, 'm', 2, 0}})});
  sections.push_back({9, withCount(elems)});
  sections.push_back({12, Bytes{2}});
  Bytes code = sized(Bytes{2, 1, 0x7f, 1, 0x7e} + body + Bytes{0x0b});
  sections.push_back({10, withCount({code, sized(Bytes{0, 0x20, 0, 0x0b})})});
  sections.push_back(
      {11, withCount({Bytes{1, 4, 'd', 'a', 't', 'a'}, Bytes{0, 0x41, 8, 0x0b, 2, 'h', 'i'}})});
  return moduleOf(sections);
}

// Bodies for instructions whose typing is special, by table name.
const std::map<Op, Bytes>& recipes() {
  static const Bytes kArr = {0x41, 1, 0xfb, 7, 3}, kArr8 = {0x41, 1, 0xfb, 7, 4},
                     kArrF = {0x41, 1, 0xfb, 7, 5};
  static const Bytes kZ3 = kZero + kZero + kZero;
  static const Bytes kDrop = {0x1a};
  static const std::map<Op, Bytes> kMap = {
      {Op::Unreachable, {0}},
      {Op::Nop, {1}},
      {Op::Block, {2, 0x40, 0x0b}},
      {Op::Loop, {3, 0x40, 0x0b}},
      {Op::If, kZero + Bytes{4, 0x40, 0x0b}},
      {Op::Else, kZero + Bytes{4, 0x40, 5, 0x0b}},
      {Op::Try, {6, 0x40, 0x0b}},
      {Op::Catch, {6, 0x40, 7, 0, 0x1a, 0x0b}},
      {Op::Throw, kZero + Bytes{8, 0}},
      {Op::Rethrow, {6, 0x40, 0x19, 9, 0, 0x0b}},
      {Op::ThrowRef, {0xd0, 0x69, 0x0a}},
      {Op::End, {2, 0x7f, 0x41, 0, 0x0b, 0x1a}},
      {Op::Br, {0x0c, 0}},
      {Op::BrIf, kZero + Bytes{0x0d, 0}},
      {Op::BrTable, {2, 0x40, 0x41, 1, 0x0e, 2, 0, 1, 0, 0x0b}},
      {Op::Return, {0x0f}},
      {Op::Call, {0x41, 5, 0x10, 2, 0x1a}},
      {Op::CallIndirect, {0x41, 5, 0x41, 1, 0x11, 0x81, 0x80, 0x80, 0x80, 0, 0x80, 0, 0x1a}},
      {Op::ReturnCall, {0x12, 0}},
      {Op::ReturnCallIndirect, kZero + Bytes{0x13, 0, 0}},
      {Op::CallRef, {0xd0, 0, 0x14, 0}},
      {Op::ReturnCallRef, {0xd0, 0, 0x15, 0}},
      {Op::Delegate, {6, 0x40, 0x18, 0}},
      {Op::CatchAll, {6, 0x40, 0x19, 0x0b}},
      {Op::TryTable, {0x1f, 0x40, 1, 2, 0, 0x0b}},
      {Op::Drop, kZero + kDrop},
      {Op::Select, kZ3 + Bytes{0x1b, 0x1a}},
      {Op::SelectTyped, kZ3 + Bytes{0x1c, 1, 0x7f, 0x1a}},
      {Op::LocalGet, {0x20, 0, 0x1a}},
      {Op::LocalSet, kZero + Bytes{0x21, 0}},
      {Op::LocalTee, kZero + Bytes{0x22, 0, 0x1a}},
      {Op::GlobalGet, {0x23, 0, 0x1a}},
      {Op::GlobalSet, kZero + Bytes{0x24, 0}},
      {Op::TableGet, kZero + Bytes{0x25, 0, 0x1a}},
      {Op::TableSet, kZero + Bytes{0xd0, 0x70, 0x26, 0}},
      {Op::MemorySize, {0x3f, 0, 0x1a}},
      {Op::MemoryGrow, kZero + Bytes{0x40, 0, 0x1a}},
      {Op::RefNull, {0xd0, 0x70, 0x1a}},
      {Op::RefIsNull, {0xd0, 0x70, 0xd1, 0x1a}},
      {Op::RefFunc, {0xd2, 2, 0x1a}},
      {Op::RefEq, {0xd0, 0x71, 0xd0, 0x71, 0xd3, 0x1a}},
      {Op::RefAsNonNull, {0xd0, 0x70, 0xd4, 0x1a}},
      {Op::BrOnNull, {0xd0, 0x70, 0xd5, 0, 0x1a}},
      {Op::BrOnNonNull, {2, 0x64, 0x70, 0xd0, 0x70, 0xd6, 0, 0, 0x0b, 0x1a}},
      {Op::StructNew, {0x41, 0, 0x42, 0, 0xfb, 0, 2, 0x1a}},
      {Op::StructNewDefault, {0xfb, 1, 2, 0x1a}},
      {Op::StructGet, {0xfb, 1, 2, 0xfb, 2, 2, 0, 0x1a}},
      {Op::StructGetS, {0xfb, 1, 7, 0xfb, 3, 7, 0, 0x1a}},
      {Op::StructGetU, {0xfb, 1, 7, 0xfb, 4, 7, 0, 0x1a}},
      {Op::StructSet, {0xfb, 1, 2, 0x41, 0, 0xfb, 5, 2, 0}},
      {Op::ArrayNew, {0x41, 0, 0x41, 1, 0xfb, 6, 3, 0x1a}},
      {Op::ArrayNewDefault, kArr + kDrop},
      {Op::ArrayNewFixed, kZero + kZero + Bytes{0xfb, 8, 3, 2, 0x1a}},
      {Op::ArrayNewData, kZero + kZero + Bytes{0xfb, 9, 4, 0, 0x1a}},
      {Op::ArrayNewElem, kZero + kZero + Bytes{0xfb, 10, 5, 0, 0x1a}},
      {Op::ArrayGet, kArr + kZero + Bytes{0xfb, 11, 3, 0x1a}},
      {Op::ArrayGetS, kArr8 + kZero + Bytes{0xfb, 12, 4, 0x1a}},
      {Op::ArrayGetU, kArr8 + kZero + Bytes{0xfb, 13, 4, 0x1a}},
      {Op::ArraySet, kArr + kZero + kZero + Bytes{0xfb, 14, 3}},
      {Op::ArrayLen, kArr + Bytes{0xfb, 15, 0x1a}},
      {Op::ArrayFill, kArr + kZ3 + Bytes{0xfb, 16, 3}},
      {Op::ArrayCopy, kArr + kZero + kArr + kZero + kZero + Bytes{0xfb, 17, 3, 3}},
      {Op::ArrayInitData, kArr8 + kZ3 + Bytes{0xfb, 18, 4, 0}},
      {Op::ArrayInitElem, kArrF + kZ3 + Bytes{0xfb, 19, 5, 0}},
      {Op::RefTest, {0xd0, 0x6e, 0xfb, 20, 0x6b, 0x1a}},
      {Op::RefTestNull, {0xd0, 0x6e, 0xfb, 21, 0x6b, 0x1a}},
      {Op::RefCast, {0xd0, 0x6e, 0xfb, 22, 8, 0x1a}},
      {Op::RefCastNull, {0xd0, 0x6e, 0xfb, 23, 9, 0x1a}},
      {Op::BrOnCast, {2, 0x6b, 0xd0, 0x6e, 0xfb, 24, 3, 0, 0x6e, 0x6b, 0x1a, 0, 0x0b, 0x1a}},
      {Op::BrOnCastFail, {2, 0x6e, 0xd0, 0x6e, 0xfb, 25, 3, 0, 0x6e, 0x6b, 0x0b, 0x1a}},
      {Op::AnyConvertExtern, {0xd0, 0x6f, 0xfb, 26, 0x1a}},
      {Op::ExternConvertAny, {0xd0, 0x6e, 0xfb, 27, 0x1a}},
      {Op::RefI31, kZero + Bytes{0xfb, 28, 0x1a}},
      {Op::I31GetS, kZero + Bytes{0xfb, 28, 0xfb, 29, 0x1a}},
      {Op::I31GetU, kZero + Bytes{0xfb, 28, 0xfb, 30, 0x1a}},
      {Op::MemoryInit, kZ3 + Bytes{0xfc, 8, 0, 0}},
      {Op::DataDrop, {0xfc, 9, 0}},
      {Op::MemoryCopy, kZ3 + Bytes{0xfc, 10, 0, 0}},
      {Op::MemoryFill, kZ3 + Bytes{0xfc, 11, 0}},
      {Op::TableInit, kZ3 + Bytes{0xfc, 12, 0, 0}},
      {Op::ElemDrop, {0xfc, 13, 0}},
      {Op::TableCopy, kZ3 + Bytes{0xfc, 14, 0, 0}},
      {Op::TableGrow, Bytes{0xd0, 0x70} + kZero + Bytes{0xfc, 15, 0, 0x1a}},
      {Op::TableSize, {0xfc, 16, 0, 0x1a}},
      {Op::TableFill, kZero + Bytes{0xd0, 0x70} + kZero + Bytes{0xfc, 17, 0}}};
  return kMap;
}

void putConstOf(Bytes& out, char letter) {
  switch (letter) {
    case 'a':
    case 'i': append(out, {0x41, 0x2a}); break;
    case 'l': append(out, {0x42, 0x13}); break;
    case 'f': append(out, {0x43, 0, 0, 0x20, 0x41}); break;
    case 'd': append(out, {0x44, 0, 0, 0, 0, 0, 0, 0x14, 0x40}); break;
    case 'v':
      append(out, {0xfd, 12});
      for (u8 i = 0; i < 16; ++i) out.push_back(static_cast<u8>(i * 13 + 1));
      break;
    default: UNREACHABLE("letter of the signature column");
  }
}

// A body that runs one instruction of the sig column's shape and drops its results.
Bytes simpleBody(const OpInfo& info) {
  Bytes out;
  for (u32 i = 0; i < info.paramCount; ++i) putConstOf(out, info.params[i]);
  if (info.imm == ImmKind::I32 || info.imm == ImmKind::I64 || info.imm == ImmKind::F32 ||
      info.imm == ImmKind::F64 || info.imm == ImmKind::V128) {
    putConstOf(out, info.results[0]);
    out.push_back(0x1a);
    return out;
  }
  if (info.prefix == 0) {
    out.push_back(static_cast<u8>(info.code));
  } else {
    out.push_back(info.prefix);
    putU32(out, info.code);
  }
  switch (info.imm) {
    case ImmKind::None: break;
    case ImmKind::Mem: append(out, {info.aux, 0x10}); break;
    case ImmKind::MemLane: append(out, {info.aux, 0x04, 0}); break;
    case ImmKind::Lane: out.push_back(static_cast<u8>(info.aux - 1)); break;
    case ImmKind::Shuffle:
      for (u8 i = 0; i < 16; ++i) out.push_back(static_cast<u8>(31 - 2 * i));
      break;
    case ImmKind::Fence: out.push_back(0); break;
    default: UNREACHABLE("immediate of a plain instruction");
  }
  for (u32 i = 0; i < info.resultCount; ++i) out.push_back(0x1a);
  return out;
}

bool isExecutable(const OpInfo& info) {
  switch (info.feature) {
    case Feature::FuncRefs:
    case Feature::Gc:
    case Feature::Exceptions:
    case Feature::LegacyExceptions:
    case Feature::RelaxedSimd:
    case Feature::Threads:
    case Feature::WideArithmetic: return false;
    default: return true;
  }
}

void addInstructionSeeds(std::vector<SeedModule>& out) {
  for (u32 i = 0; i < kOpCount; ++i) {
    Op op = static_cast<Op>(i);
    const OpInfo& info = opInfo(op);
    Bytes body;
    if (info.special) {
      auto recipe = recipes().find(op);
      CHECK(recipe != recipes().end());
      body = recipe->second;
    } else {
      body = simpleBody(info);
    }
    bool gc = !isExecutable(info);
    out.push_back({std::string("op ") + info.text, environment(body, gc), isExecutable(info)});
  }
}

// Modules around declarations rather than instructions; sections by id.
void addDeclarationSeeds(std::vector<SeedModule>& out) {
  auto add = [&](const char* name, const std::vector<std::pair<u8, Bytes>>& sections) {
    out.push_back({name, moduleOf(sections), false});
  };
  const Bytes kVoidType = {1, 0x60, 0, 0};
  const Bytes kEmptyCode = {1, 2, 0, 0x0b};
  add("empty", {});
  add("start", {{1, kVoidType}, {3, {1, 0}}, {8, {0}}, {10, kEmptyCode}});
  add("custom sections", {{0, {1, 'a', 1, 2, 3}},
                          {1, kVoidType},
                          {0, {0}},
                          {3, {1, 0}},
                          {10, kEmptyCode},
                          {0, {2, 'z', 'z'}}});
  add("name section",
      {{1, kVoidType},
       {3, {1, 0}},
       {10, kEmptyCode},
       {0, {4, 'n', 'a', 'm', 'e', 0, 2, 1, 'm', 1, 4, 1, 0, 1, 'f', 2, 3, 1, 0, 0}}});
  add("branch hints",
      {{1, kVoidType},
       {3, {1, 0}},
       {0, Bytes{25} + Bytes{'m', 'e', 't', 'a', 'd', 'a', 't', 'a', '.', 'c', 'o', 'd', 'e',
                             '.', 'b', 'r', 'a', 'n', 'c', 'h', '_', 'h', 'i', 'n', 't'} +
               Bytes{1, 0, 1, 3, 1, 0}},
       {10, {1, 7, 0, 0x41, 0, 4, 0x40, 0x0b, 0x0b}}});
  add("imports of every kind", {{1, {2, 0x60, 0, 0, 0x60, 1, 0x7f, 0}},
                                {2, withCount({{1, 'a', 1, 'f', 0, 0},
                                               {1, 'a', 1, 't', 1, 0x70, 1, 1, 9},
                                               {1, 'a', 1, 'm', 2, 0, 1},
                                               {1, 'a', 1, 'g', 3, 0x7e, 1},
                                               {1, 'a', 1, 'x', 4, 0, 1},
                                               {1, 'a', 0, 3, 0x6f, 0}})}});
  add("exports of every kind", {{1, {2, 0x60, 0, 0, 0x60, 1, 0x7f, 0}},
                                {3, {1, 0}},
                                {4, {1, 0x70, 0, 1}},
                                {5, {1, 0, 1}},
                                {13, {1, 0, 1}},
                                {6, {1, 0x7d, 0, 0x43, 0, 0, 0x80, 0x3f, 0x0b}},
                                {7, withCount({{1, 'f', 0, 0},
                                               {1, 't', 1, 0},
                                               {1, 'm', 2, 0},
                                               {1, 'g', 3, 0},
                                               {1, 'x', 4, 0},
                                               {2, 'f', 0, 0, 0}})},
                                {10, kEmptyCode}});
  add("globals of every type",
      {{6, withCount({{0x7f, 1, 0x41, 0x7f, 0x0b},
                      {0x7e, 1, 0x42, 0x80, 0x7f, 0x0b},
                      {0x7d, 0, 0x43, 0, 0, 0xc0, 0x7f, 0x0b},
                      {0x7c, 0, 0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f, 0x0b},
                      Bytes{0x7b, 0, 0xfd, 12} + Bytes(16, 7) + Bytes{0x0b},
                      {0x70, 1, 0xd0, 0x70, 0x0b},
                      {0x6f, 1, 0xd0, 0x6f, 0x0b}})}});
  add("extended constants", {{2, withCount({{1, 'a', 1, 'b', 3, 0x7f, 0}})},
                             {6, withCount({{0x7f, 0, 0x23, 0, 0x41, 4, 0x6c, 0x41, 1, 0x6a, 0x0b},
                                            {0x7e, 0, 0x42, 4, 0x42, 3, 0x7d, 0x0b},
                                            {0x7f, 0, 0x23, 1, 0x0b}})}});
  add("data segments", {{5, {1, 0, 2}},
                        {12, {3}},
                        {11, withCount({{0, 0x41, 0, 0x0b, 3, 'a', 'b', 'c'},
                                        {1, 2, 'p', 'q'},
                                        {2, 0, 0x41, 0x10, 0x0b, 0}})}});
  add("element segments of every form",
      {{1, kVoidType},
       {3, {1, 0}},
       {4, withCount({{0x70, 0, 8}, {0x70, 0, 8}})},
       {9, withCount({{0, 0x41, 0, 0x0b, 1, 0},
                      {1, 0, 1, 0},
                      {2, 1, 0x41, 0, 0x0b, 0, 1, 0},
                      {3, 0, 1, 0},
                      {4, 0x41, 1, 0x0b, 1, 0xd2, 0, 0x0b},
                      {5, 0x70, 1, 0xd0, 0x70, 0x0b},
                      {6, 1, 0x41, 1, 0x0b, 0x70, 1, 0xd2, 0, 0x0b},
                      {7, 0x70, 1, 0xd2, 0, 0x0b}})},
       {10, kEmptyCode}});
  add("two memories", {{1, kVoidType},
                       {3, {1, 0}},
                       {5, withCount({{0, 1}, {1, 1, 2}})},
                       {10, {1, 12, 0, 0x41, 0, 0x28, 0x42, 1, 4, 0x1a, 0x3f, 1, 0x1a, 0x0b}}});
  add("memory64", {{1, kVoidType},
                   {3, {1, 0}},
                   {5, {1, 5, 1, 2}},
                   {10, {1, 8, 0, 0x42, 0, 0x29, 3, 0, 0x1a, 0x0b}}});
  add("table64", {{1, kVoidType},
                  {3, {1, 0}},
                  {4, {1, 0x70, 4, 1}},
                  {10, {1, 8, 0, 0x42, 0, 0x25, 0, 0x1a, 1, 0x0b}}});
  add("shared memory", {{1, kVoidType},
                        {3, {1, 0}},
                        {5, {1, 3, 1, 1}},
                        {10, {1, 9, 0, 0x41, 0, 0xfe, 0x10, 2, 0, 0x1a, 0x0b}}});
  add("custom page size",
      {{5, {1, 8, 0x81, 1, 0}}, {12, {1}}, {11, {1, 0, 0x41, 0, 0x0b, 1, 'x'}}});
  add("table with initialiser", {{1, kVoidType},
                                 {3, {1, 0}},
                                 {4, {1, 0x40, 0, 0x64, 0x70, 0, 3, 0xd2, 0, 0x0b}},
                                 {10, kEmptyCode}});
  add("recursion group",
      {{1, {1, 0x4e, 2, 0x50, 0, 0x5f, 1, 0x63, 1, 1, 0x50, 1, 0, 0x5f, 2, 0x63, 1, 1, 0x7f, 0}}});
  add("multi-value",
      {{1, {2, 0x60, 2, 0x7f, 0x7e, 2, 0x7e, 0x7f, 0x60, 0, 0}},
       {3, {1, 0}},
       {10, {1, 15, 0, 0x20, 0, 0x20, 1, 2, 0, 0x1a, 0x1a, 0x20, 1, 0x20, 0, 0x0b, 0x0b}}});
  add("many locals", {{1, kVoidType},
                      {3, {1, 0}},
                      {10, {1, 12, 4, 0xe8, 7, 0x7f, 0, 0x7e, 3, 0x7b, 1, 0x70, 1, 0x0b}}});
  add("padded integers", {{1, {0x81, 0x80, 0, 0x60, 0x80, 0, 0x80, 0x80, 0}},
                          {3, {0x81, 0, 0x80, 0}},
                          {10, kEmptyCode}});
  add("gc globals", {{1, {2, 0x5f, 1, 0x7f, 0, 0x5e, 0x7f, 0}},
                     {6, withCount({{0x64, 0, 0, 0x41, 1, 0xfb, 0, 0, 0x0b},
                                    {0x64, 1, 0, 0x41, 1, 0x41, 2, 0xfb, 8, 1, 2, 0x0b},
                                    {0x6c, 0, 0x41, 5, 0xfb, 28, 0x0b}})}});
  add("non-nullable local",
      {{1, kVoidType},
       {3, {1, 0}},
       {9, {1, 3, 0, 1, 0}},
       {10, {1, 12, 1, 1, 0x64, 0x70, 0xd2, 0, 0x21, 0, 0x20, 0, 0x1a, 0x0b}}});
}

// Bodies whose shape matters to the walkers: deep nesting, long straight lines, large branch
// tables, dead code.
void addShapeSeeds(std::vector<SeedModule>& out) {
  auto add = [&](const char* name, const Bytes& body) {
    out.push_back({name, environment(body, false), true});
  };
  Bytes deep;
  for (int i = 0; i < 300; ++i) append(deep, {2, 0x40});
  deep.insert(deep.end(), 300, 0x0b);
  add("300 nested blocks", deep);
  Bytes table = {2, 0x40, 0x41, 7, 0x0e};
  putU32(table, 200);
  for (int i = 0; i <= 200; ++i) table.push_back(static_cast<u8>(i % 2));
  add("branch table of 200", table + Bytes{0x0b});
  Bytes line;
  for (int i = 0; i < 400; ++i)
    append(line, {0x20, 0, 0x41, static_cast<u8>(i & 0x3f), 0x6a, 0x21, 0});
  add("straight line of 400 additions", line);
  add("dead code",
      Bytes{0, 0x6a, 0x1a, 2, 0x7f, 0, 0x0c, 0, 0x6a, 0x0b, 0x1a, 0x0f, 0x41, 0, 0x1a});
  add("counted loop",
      Bytes{0x41, 10, 0x21, 0, 3, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b});
  add("loop with values",
      Bytes{0x41, 5, 3, 1, 0x41, 1, 0x6b, 0x22, 0, 0x20, 0, 0x0d, 0, 0x0b, 0x1a});
  add("recursion through a table", Bytes{0x41, 1, 0x41, 1, 0x11, 1, 0, 0x1a});
  add("nested if else", Bytes{0x20, 0,    4, 0x7f, 0x41, 1, 5,    0x20, 0,    4,
                              0x7f, 0x41, 2, 5,    0x41, 3, 0x0b, 0x0b, 0x21, 0});
  add("memory traffic", Bytes{0x41, 0, 0x20, 0,    0x36, 2, 0,    0x41, 0,    0x28, 2, 0,
                              0x21, 0, 0x41, 0xf0, 0xff, 3, 0x42, 1,    0x37, 3,    8});
}

}  // namespace

const std::vector<SeedModule>& seedModules() {
  static const std::vector<SeedModule> kSeeds = [] {
    std::vector<SeedModule> out;
    addInstructionSeeds(out);
    addDeclarationSeeds(out);
    addShapeSeeds(out);
    return out;
  }();
  return kSeeds;
}

}  // namespace bls::test
