// Counts and nesting of hostile modules: nothing is allocated for a promise, nothing recurses on
// input depth (DEC-2, DEC-6).
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/support/wasm_bytes.h"

namespace {
std::atomic<size_t> largestRequest{0};
}

// Watches how much is asked for at once.
[[gnu::noinline]] void* operator new(size_t size) {
  if (size > largestRequest) largestRequest = size;
  void* p = std::malloc(size);
  if (p == nullptr) std::abort();
  return p;
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, size_t) noexcept { std::free(p); }

namespace bls {
namespace {

using namespace testing_support;

// Every vector of the format, promising more than there is.
TEST(HostileCounts, AVectorThatPromisesFourBillionElementsAllocatesNothing) {
  const Bytes type = hex("01 04 01 60 00 00");
  for (u64 promise : {u64{0xffffffff}, u64{0xfffffffc}, u64{0x10000000}, u64{999999}}) {
    Bytes n = leb(promise);
    const std::vector<Bytes> modules = {
        header() + section(1, n),                                        // types
        header() + section(1, hex("01 4e") + n),                         // group members
        header() + section(1, hex("01 50") + n),                         // supertypes
        header() + section(1, hex("01 60") + n),                         // parameters
        header() + section(1, hex("01 60 00") + n),                      // results
        header() + section(1, hex("01 5f") + n),                         // fields
        header() + section(2, n),                                        // imports
        header() + section(2, hex("01") + n),                            // name bytes
        header() + type + section(3, n),                                 // functions
        header() + section(4, n),                                        // tables
        header() + section(5, n),                                        // memories
        header() + type + section(13, n),                                // tags
        header() + section(6, n),                                        // globals
        header() + section(7, n),                                        // exports
        header() + section(9, n),                                        // element segments
        header() + section(9, hex("01 01 00") + n),                      // element functions
        header() + section(9, hex("01 05 70") + n),                      // element expressions
        header() + section(12, n) + section(11, n),                      // data segments
        header() + section(11, hex("01 01") + n),                        // data bytes
        header() + section(0, n),                                        // custom name
        oneFunction("60 00 00", n),                                      // local groups
        oneFunction("60 00 00", hex("00 0e") + n + hex("00 0b")),        // br_table
        oneFunction("60 00 00", hex("00 1c") + n + hex("7f 0b")),        // select types
        oneFunction("60 00 00", hex("00 1f 40") + n + hex("00 0b 0b")),  // catch clauses
    };
    for (size_t i = 0; i < modules.size(); ++i) {
      largestRequest = 0;
      auto loaded = load(modules[i]);
      EXPECT_FALSE(loaded->ok()) << i;
      EXPECT_LT(largestRequest, 2u << 20) << "module " << i << " promise " << promise;
    }
  }
}

struct Task {
  const Bytes* bytes;
  std::string line;
};

void* loadOnSmallStack(void* data) {
  Task* task = static_cast<Task*>(data);
  task->line = load(*task->bytes)->line();
  return nullptr;
}

// Loads on a thread whose stack is 256 KiB (1 MiB under a sanitizer, whose frames are several times
// larger).
std::string loadWithSmallStack(const Bytes& bytes) {
#if defined(BLS_SANITIZED)
  constexpr size_t kStack = 1 << 20;
#else
  constexpr size_t kStack = 256 << 10;
#endif
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStack);
  pthread_t thread;
  Task task{&bytes, {}};
  EXPECT_EQ(pthread_create(&thread, &attributes, &loadOnSmallStack, &task), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  return task.line;
}

TEST(HostileNesting, AHundredThousandBlocksLoopsAndIfsNeedNoHostStack) {
  constexpr size_t kDepth = 100000;
  for (const char* open : {"02 40", "03 40", "41 00 04 40", "1f 40 00"}) {
    Bytes body = hex("00") + repeat(hex(open), kDepth) + repeat(hex("0b"), kDepth + 1);
    EXPECT_EQ(loadWithSmallStack(oneFunction("60 00 00", body)), "valid") << open;
    // And on the way to an error, which decodes the body once more.
    Bytes broken = hex("00 1a") + repeat(hex(open), kDepth) + repeat(hex("0b"), kDepth + 1);
    EXPECT_NE(loadWithSmallStack(oneFunction("60 00 00", broken)).find("type mismatch"),
              std::string::npos)
        << open;
  }
}

TEST(HostileNesting, BlocksInConstantExpressions) {
  Bytes expr = repeat(hex("02 40"), 100000) + repeat(hex("0b"), 100001);
  Bytes module = header() + section(6, hex("01 7f 00") + expr);
  EXPECT_NE(loadWithSmallStack(module).find("constant expression required"), std::string::npos);
}

TEST(HostileTypes, TwoHundredDoublingTypesAreLinear) {
  // Type n is a struct of two references to type n - 1: 2^200 as a tree.
  Bytes types = leb(201) + hex("5f 00");
  for (u32 i = 0; i < 200; ++i)
    types = types + hex("5f 02 63") + heapIndex(i) + hex("00 63") + heapIndex(i) + hex("00");
  auto loaded = load(header() + section(1, types));
  EXPECT_EQ(loaded->line(), "valid");
  EXPECT_EQ(loaded->module->types.size(), 201u);
}

TEST(HostileTypes, AGroupOfAHundredThousandMembersIsLinear) {
  constexpr u32 kMembers = 100000;
  Bytes members;
  for (u32 i = 0; i < kMembers; ++i) {
    Bytes member = hex("5f 01 63") + heapIndex((i + 1) % kMembers) + hex("00");
    members.insert(members.end(), member.begin(), member.end());
  }
  auto loaded = load(header() + section(1, hex("01 4e") + leb(kMembers) + members));
  EXPECT_EQ(loaded->line(), "valid");
  auto again = load(header() + section(1, hex("01 4e") + leb(kMembers) + members));
  EXPECT_EQ(loaded->module->canonTypes, again->module->canonTypes);
}

TEST(HostileStack, CallsWithAThousandResultsAreLimited) {
  // 2000 calls of a function with 1000 results would leave two million values.
  Bytes type = hex("02 60 00") + leb(1000) + repeat(hex("7f"), 1000) + hex("60 00 00");
  Bytes import = hex("01 01 61 01 62 00 00");
  Bytes body = hex("00") + repeat(hex("10 00"), 2000) + hex("0b");
  Bytes module = header() + section(1, type) + section(2, import) + hex("03 02 01 01") +
                 section(10, leb(1) + sized(body));
  EXPECT_EQ(load(module)->line(),
            "error: limit: operand stack height 1001000 > 1000000 [at offset 0xbdf, code section, "
            "function 1] (m)");
}

TEST(HostileStack, UnreachableBlocksMayPromiseManyResults) {
  Bytes type = hex("02 60 00") + leb(1000) + repeat(hex("7b"), 1000) + hex("60 00 00");
  // Each block yields 1000 v128 out of nothing, then drops into unreachable code again.
  Bytes body = hex("00") + repeat(hex("02 00 00 0b 00"), 300) + hex("0b");
  Bytes module =
      header() + section(1, type) + hex("03 02 01 01") + section(10, leb(1) + sized(body));
  auto loaded = load(module);
  ASSERT_EQ(loaded->line(), "valid");
  EXPECT_EQ(loaded->meta.funcs[0].maxOperandSlots, 2000u);
}

}  // namespace
}  // namespace bls
