// Guarded stores of AArch64 read their last byte first, so that one which runs into the guard
// writes nothing of what lies before it. Whether such a store tears differs from machine to
// machine, and an emulator's does not: what is looked at is the code that the compiler emits.
#include <gtest/gtest.h>

#include <cstring>

#include "codegen/target.h"
#include "engine/base/cpu.h"
#include "engine/decode/module_decoder.h"
#include "engine/validate/module_validator.h"
#include "tests/support/module_builder.h"

namespace bls::codegen {
namespace {

using test::Code;

/// The words of the instructions that may fault, in the function of one store.
std::vector<u32> accesses(const Code& code, std::string_view params, bool guard) {
  test::ModuleBuilder b;
  b.memory(1);
  b.func("store", params, "", code);
  Diagnostics diag;
  std::unique_ptr<Module> module;
  ModuleMeta meta;
  const test::Bytes bytes = b.build();
  EXPECT_TRUE(decodeModule(ModuleBytes::copyOf(bytes), Features::all(), diag, &module).ok());
  EXPECT_TRUE(validateModule(*module, ValidateOptions{}, &meta, diag).ok());
  CodeOptions options;
  options.guardMemory = guard;
  const CompileInput input{module.get(), &meta, options, 0, 16, platform::cpuFeatures()};
  const auto compiler = makeFunctionCompiler(input.cpu);
  CompiledCode out;
  EXPECT_TRUE(compiler->compile(input, false, &out));
  std::vector<u32> words;
  for (const u32 at : out.accesses) {
    words.emplace_back();
    std::memcpy(&words.back(), &out.bytes[at], sizeof(u32));
  }
  return words;
}

struct Store {
  const char* name;
  Op op;
  char type;
  bool lane = false;
};
const Store kStores[] = {
    {"i32.store", Op::I32Store, 'i'},
    {"i32.store16", Op::I32Store16, 'i'},
    {"i64.store", Op::I64Store, 'l'},
    {"i64.store16", Op::I64Store16, 'l'},
    {"i64.store32", Op::I64Store32, 'l'},
    {"f32.store", Op::F32Store, 'f'},
    {"f64.store", Op::F64Store, 'd'},
    {"v128.store", Op::V128Store, 'v'},
    {"v128.store16_lane", Op::V128Store16Lane, 'v', true},
    {"v128.store32_lane", Op::V128Store32Lane, 'v', true},
    {"v128.store64_lane", Op::V128Store64Lane, 'v', true},
};

Code storing(const Store& store, u32 offset) {
  Code code;
  code.LocalGet(0).LocalGet(1).op(store.op, 0, offset);
  if (store.lane) code.bytes.push_back(1);
  return code;
}

bool isByteLoadOfNothing(u32 word) { return (word & 0xfec0001f) == 0x3840001f; }
bool isStore(u32 word) { return (word & 0x00400000) == 0; }

TEST(StoreProbe, ReadsTheLastByteFirstWhereTheGuardIsTheCheck) {
  for (const Store& store : kStores) {
    const char params[] = {'i', store.type, 0};
    for (const u32 offset : {0u, 3u, 4096u, 0x1fffff0u}) {
      SCOPED_TRACE(testing::Message() << store.name << " offset " << offset);
      const std::vector<u32> words = accesses(storing(store, offset), params, true);
      ASSERT_EQ(words.size(), 2u);
      EXPECT_TRUE(isByteLoadOfNothing(words[0])) << std::hex << words[0];
      EXPECT_TRUE(isStore(words[1])) << std::hex << words[1];
    }
  }
}

TEST(StoreProbe, ShortCopiesAndFillsReadTheLastByteBeforeTheFirstStore) {
  for (const u32 length : {1u, 2u, 3u, 10u, 16u, 33u, 64u}) {
    SCOPED_TRACE(length);
    const u32 width = length >= 16 ? 16 : length >= 8 ? 8 : length >= 4 ? 4 : length >= 2 ? 2 : 1;
    const u32 pieces = (length + width - 1) / width;
    for (const Op op : {Op::MemoryCopy, Op::MemoryFill}) {
      Code code;
      code.LocalGet(0).LocalGet(1).I32Const(static_cast<i32>(length));
      op == Op::MemoryCopy ? code.op(op, 0, 0) : code.op(op, 0);
      const std::vector<u32> words = accesses(code, "ii", true);
      const u32 read = op == Op::MemoryCopy ? pieces : 0;
      const u32 probes = length > 1 ? 1 : 0;
      ASSERT_EQ(words.size(), read + probes + pieces);
      for (u32 i = 0; i < words.size(); i++)
        EXPECT_EQ(isByteLoadOfNothing(words[i]), probes == 1 && i == read) << i;
      EXPECT_TRUE(isStore(words[read + probes]));
      EXPECT_TRUE(accesses(code, "ii", false).empty());  // a call of the library
    }
  }
}

TEST(StoreProbe, OneByteNeedsNoneAndNeitherDoesACheckedMemory) {
  for (const Op op : {Op::I32Store8, Op::I64Store8}) {
    const Store store{"", op, op == Op::I32Store8 ? 'i' : 'l'};
    const char params[] = {'i', store.type, 0};
    const std::vector<u32> words = accesses(storing(store, 8), params, true);
    ASSERT_EQ(words.size(), 1u);
    EXPECT_TRUE(isStore(words[0]));
  }
  for (const Store& store : kStores) {
    const char params[] = {'i', store.type, 0};
    const std::vector<u32> words = accesses(storing(store, 8), params, false);
    for (const u32 word : words) EXPECT_FALSE(isByteLoadOfNothing(word)) << store.name;
  }
}

}  // namespace
}  // namespace bls::codegen
