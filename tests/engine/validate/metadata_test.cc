// What the validator leaves behind: slots, loops with their locals, handlers, call sites; and that
// checking bodies in parallel changes nothing.
#include <gtest/gtest.h>

#include <thread>

#include "engine/wasm/immediates.h"
#include "tests/support/wasm_bytes.h"

namespace bls {
namespace {

using namespace testing_support;

std::unique_ptr<Loaded> fn(const char* type, const char* body, const Bytes& extra = {}) {
  auto loaded = load(oneFunction(type, hex(body), extra));
  EXPECT_EQ(loaded->line(), "valid") << body;
  return loaded;
}

TEST(FuncMeta, CountsSlotsWithV128AsTwo) {
  // (param i32 v128) (result v128 i64), locals f32 and v128
  auto m = fn("60 02 7f 7b 02 7b 7e", "02 01 7d 01 7b 20 01 20 03 1a 42 00 0b");
  const FuncMeta& meta = m->meta.funcs[0];
  EXPECT_EQ(meta.paramSlots, 3u);
  EXPECT_EQ(meta.localSlots, 6u);
  EXPECT_EQ(meta.resultSlots, 3u);
  EXPECT_EQ(meta.maxOperandSlots, 4u);  // two v128 at once
}

TEST(FuncMeta, TheHighestOperandStackCountsInDeadCodeAndBlocksToo) {
  EXPECT_EQ(fn("60 00 00", "00 41 00 41 00 41 00 6a 6a 1a 0b")->meta.funcs[0].maxOperandSlots, 3u);
  EXPECT_EQ(fn("60 00 00", "00 0b")->meta.funcs[0].maxOperandSlots, 0u);
  EXPECT_EQ(fn("60 00 00", "00 00 41 00 41 00 1a 1a 0b")->meta.funcs[0].maxOperandSlots, 2u);
  EXPECT_EQ(
      fn("60 00 00", "00 41 00 02 7f 41 00 41 00 6a 0b 6a 1a 0b")->meta.funcs[0].maxOperandSlots,
      3u);
}

TEST(FuncMeta, CountsCallSites) {
  auto m = fn("60 00 00", "00 10 00 10 00 41 00 11 00 00 12 00 0b", hex("04 04 01 70 00 01"));
  EXPECT_EQ(m->meta.funcs[0].callSites, 4u);
}

TEST(LoopMeta, ListsLocalsWithReadsAndWrites) {
  // (loop (local.set 0 (local.get 1)) (local.set 0 (local.get 0)) (call 0)) after a use of local 2
  // outside
  auto m = fn("60 03 7f 7f 7f 00",
              "00 20 02 1a 03 40 20 01 21 00 20 00 21 00 41 00 41 00 41 00 10 00 0b 0b");
  ASSERT_EQ(m->meta.loops.size(), 1u);
  const LoopMeta& loop = m->meta.loops[0];
  EXPECT_EQ(loop.offset, 4u);
  EXPECT_EQ(loop.calls, 1u);
  EXPECT_EQ(loop.depth, 0u);
  EXPECT_FALSE(loop.many);
  ASSERT_EQ(loop.localCount, 2u);
  const LoopLocal* locals = &m->meta.loopLocals[loop.firstLocal];
  EXPECT_EQ(locals[0].local, 1u);
  EXPECT_EQ(locals[0].reads, 1u);
  EXPECT_EQ(locals[0].writes, 0u);
  EXPECT_EQ(locals[1].local, 0u);
  EXPECT_EQ(locals[1].reads, 1u);
  EXPECT_EQ(locals[1].writes, 2u);
}

TEST(LoopMeta, AnInnerLoopCountsInTheOuterOneToo) {
  // outer: reads 0; inner: tees 0 and reads 1; behind the inner one: reads 0 again
  auto m = fn("60 02 7f 7f 00", "00 03 40 20 00 1a 03 40 20 01 22 00 1a 0b 20 00 1a 0b 0b");
  ASSERT_EQ(m->meta.loops.size(), 2u);
  const LoopMeta& outer = m->meta.loops[0];
  const LoopMeta& inner = m->meta.loops[1];
  EXPECT_EQ(outer.depth, 0u);
  EXPECT_EQ(inner.depth, 1u);
  auto counts = [&](const LoopMeta& loop, u32 local) -> std::pair<int, int> {
    for (u32 i = 0; i < loop.localCount; ++i) {
      const LoopLocal& l = m->meta.loopLocals[loop.firstLocal + i];
      if (l.local == local) return {l.reads, l.writes};
    }
    return {-1, -1};
  };
  EXPECT_EQ(counts(outer, 0), std::make_pair(2, 1));
  EXPECT_EQ(counts(outer, 1), std::make_pair(1, 0));
  EXPECT_EQ(counts(inner, 0), std::make_pair(0, 1));
  EXPECT_EQ(counts(inner, 1), std::make_pair(1, 0));
}

TEST(LoopMeta, MoreThanSixtyFourLocalsAreAnyLocalAndCountsSaturate) {
  Bytes gets;
  for (u8 i = 0; i < 65; ++i) gets = gets + Bytes{0x20, i, 0x1a};
  Bytes body =
      hex("01 41 7f 03 40") + gets + hex("0b 03 40") + repeat(hex("20 05 1a"), 300) + hex("0b 0b");
  auto m = load(oneFunction("60 00 00", body));
  ASSERT_EQ(m->line(), "valid");
  EXPECT_TRUE(m->meta.loops[0].many);
  EXPECT_EQ(m->meta.loops[0].localCount, 0u);
  ASSERT_EQ(m->meta.loops[1].localCount, 1u);
  EXPECT_EQ(m->meta.loopLocals[m->meta.loops[1].firstLocal].reads, 255u);
}

TEST(LoopMeta, AnInnerLoopOfManyMakesTheOuterOneMany) {
  Bytes gets;
  for (u8 i = 0; i < 65; ++i) gets = gets + Bytes{0x20, i, 0x1a};
  auto m = load(oneFunction("60 00 00", hex("01 41 7f 03 40 03 40") + gets + hex("0b 0b 0b")));
  ASSERT_EQ(m->line(), "valid");
  EXPECT_TRUE(m->meta.loops[0].many);
  EXPECT_TRUE(m->meta.loops[1].many);
}

TEST(CatchMeta, InnermostFirstWithPlacesOfTheTargets) {
  // (block (loop (try_table (catch_all 1) (try_table (catch_all_ref …
  //  0: locals  1: block  3: loop  5: try_table(block type, 1 clause: catch_all label 1)  a:
  //  try_table(catch_all 1)  f: end 10: end  11: end(loop)  12: end(block)  13: end
  auto m = fn("60 00 00", "00 02 40 03 40 1f 40 01 02 01 1f 40 01 02 01 0b 0b 0b 0b 0b");
  ASSERT_EQ(m->meta.catches.size(), 2u);
  const CatchMeta& inner = m->meta.catches[0];
  const CatchMeta& outer = m->meta.catches[1];
  EXPECT_EQ(inner.tryBegin, 0x0fu);
  EXPECT_EQ(inner.tryEnd, 0x0fu);
  EXPECT_EQ(inner.handler, 3u);  // label 1 from inside the outer try_table: the loop
  EXPECT_EQ(outer.tryBegin, 0x0au);
  EXPECT_EQ(outer.tryEnd, 0x10u);
  EXPECT_EQ(outer.handler, 0x13u);  // label 1 outside: the block; behind its end
  EXPECT_EQ(outer.tag, ~0u);
  EXPECT_EQ(outer.kind, static_cast<u8>(CatchKind::CatchAll));
}

TEST(CatchMeta, TagsAndHeights) {
  Bytes module =
      header() + hex("01 08 02 60 00 00 60 01 7f 00 03 02 01 00 0d 03 01 00 01") +
      section(10, leb(1) + sized(hex("00 42 00 02 7f 1f 40 01 00 00 00 0b 41 00 0b 1a 1a 0b")));
  auto m = load(module);
  ASSERT_EQ(m->line(), "valid");
  ASSERT_EQ(m->meta.catches.size(), 1u);
  EXPECT_EQ(m->meta.catches[0].tag, 0u);
  EXPECT_EQ(m->meta.catches[0].height, 1u);  // the i64 below the block
  EXPECT_EQ(m->meta.catches[0].handler, 15u);
}

TEST(CatchMeta, LegacyHandlersAndDelegate) {
  // 0: locals 1: try 3: nop 4: catch_all 5: nop 6: end 7: try 9: nop a: delegate 0 c: end
  auto m = fn("60 00 00", "00 06 40 01 19 01 0b 06 40 01 18 00 0b");
  ASSERT_EQ(m->meta.catches.size(), 2u);
  EXPECT_EQ(m->meta.catches[0].tryBegin, 3u);
  EXPECT_EQ(m->meta.catches[0].tryEnd, 4u);
  EXPECT_EQ(m->meta.catches[0].handler, 5u);
  EXPECT_EQ(m->meta.catches[1].kind, kCatchDelegate);
  EXPECT_EQ(m->meta.catches[1].tryEnd, 0x0au);
  EXPECT_EQ(m->meta.catches[1].handler, 0u);
}

class TestThreads : public Executor {
 public:
  u32 concurrency() const override { return 3; }
  void parallelFor(u32 n, void (*task)(void*, u32), void* context) override {
    std::vector<std::thread> threads;
    for (u32 i = n; i-- > 0;) threads.emplace_back([=] { task(context, i); });
    for (std::thread& t : threads) t.join();
    tasks += n;
  }
  u32 tasks = 0;
};

// Many bodies of different sizes, every seventh with a loop and a handler.
Bytes manyBodies(const std::vector<std::pair<u32, Bytes>>& replaced = {}) {
  constexpr u32 kCount = 3000;
  Bytes code = leb(kCount);
  for (u32 i = 0; i < kCount; ++i) {
    Bytes body = hex("01 02 7f") + repeat(hex("20 00 1a"), i % 97 + 30) + hex("0b");
    if (i % 7 == 0) body = hex("01 02 7f 03 40 20 01 21 00 10 00 0b 02 40 1f 40 01 02 00 0b 0b 0b");
    for (const auto& [index, bytes] : replaced) {
      if (index == i) body = bytes;
    }
    Bytes entry = sized(body);
    code.insert(code.end(), entry.begin(), entry.end());
  }
  return header() + hex("01 04 01 60 00 00") + section(3, leb(kCount) + Bytes(kCount, 0)) +
         section(10, code);
}

bool same(const FuncMeta& a, const FuncMeta& b) {
  return a.localSlots == b.localSlots && a.maxOperandSlots == b.maxOperandSlots &&
         a.firstLoop == b.firstLoop && a.loopCount == b.loopCount && a.firstCatch == b.firstCatch &&
         a.catchCount == b.catchCount && a.callSites == b.callSites;
}

TEST(ParallelValidation, GivesTheSameMetadata) {
  TestThreads threads;
  auto one = load(manyBodies());
  auto many = load(manyBodies(), {}, {&threads});
  ASSERT_EQ(one->line(), "valid");
  ASSERT_EQ(many->line(), "valid");
  EXPECT_GT(threads.tasks, 10u);
  ASSERT_EQ(one->meta.funcs.size(), many->meta.funcs.size());
  for (size_t i = 0; i < one->meta.funcs.size(); ++i)
    ASSERT_TRUE(same(one->meta.funcs[i], many->meta.funcs[i])) << i;
  ASSERT_EQ(one->meta.loops.size(), many->meta.loops.size());
  for (size_t i = 0; i < one->meta.loops.size(); ++i) {
    ASSERT_EQ(one->meta.loops[i].firstLocal, many->meta.loops[i].firstLocal);
    ASSERT_EQ(one->meta.loops[i].offset, many->meta.loops[i].offset);
  }
  EXPECT_EQ(one->meta.loopLocals.size(), many->meta.loopLocals.size());
  EXPECT_EQ(one->meta.catches.size(), many->meta.catches.size());
}

TEST(ParallelValidation, TheLowestFunctionsErrorWinsAndMalformedOutranksInvalid) {
  TestThreads threads;
  Bytes invalid = manyBodies({{2900, hex("00 1a 0b")}, {1500, hex("00 45 0b")}});
  auto one = load(invalid);
  auto many = load(invalid, {}, {&threads});
  EXPECT_EQ(one->line(), many->line());
  EXPECT_NE(one->line().find("function 1500"), std::string::npos) << one->line();
  Bytes mixed =
      manyBodies({{2900, hex("00 ff 0b")}, {1500, hex("00 45 0b")}, {2950, hex("00 16 0b")}});
  one = load(mixed);
  many = load(mixed, {}, {&threads});
  EXPECT_EQ(one->line(), many->line());
  EXPECT_NE(one->line().find("malformed: illegal opcode ff"), std::string::npos) << one->line();
}

TEST(ParallelValidation, ExceptionDesignsMustNotMixAcrossFunctions) {
  TestThreads threads;
  Bytes mixed = manyBodies({{2900, hex("00 06 40 0b 0b")}});
  EXPECT_NE(load(mixed)->line().find("module mixes legacy and new exception handling"),
            std::string::npos);
  EXPECT_EQ(load(mixed)->line(), load(mixed, {}, {&threads})->line());
}

}  // namespace
}  // namespace bls
