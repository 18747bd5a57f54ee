// Several memories and 64-bit memories in every back end and memory strategy: each access reaches
// its own memory and traps at its boundary, bulk operations between all kinds against a model,
// growth, imports under other numbers.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

TIER_SUITE(Memories);

constexpr u64 kPage = 65536;

std::vector<u8> contents(TierRun& tier, u32 memory) {
  auto handle =
      tier.instance().memory("memory" + (memory == 0 ? std::string() : std::to_string(memory)));
  std::vector<u8> out(handle.value().sizeBytes());
  EXPECT_TRUE(handle.value().read(0, out));
  return out;
}
void poke(TierRun& tier, u32 memory, u64 at, std::span<const u8> bytes) {
  auto handle =
      tier.instance().memory("memory" + (memory == 0 ? std::string() : std::to_string(memory)));
  EXPECT_TRUE(handle.value().write(at, bytes));
}
Value address(bool is64, u64 at) {
  return is64 ? Value::i64(static_cast<i64>(at)) : Value::i32(static_cast<i32>(at));
}

bool isAccess(Op op) {
  switch (opInfo(op).cls) {
    case OpClass::Load:
    case OpClass::Store:
    case OpClass::VLoad:
    case OpClass::VStore:
    case OpClass::VLoadLane:
    case OpClass::VStoreLane: return true;
    default: return false;
  }
}
// Function NAME: (address, x) → what the access gives; x is the stored value or the vector.
void addAccess(ModuleBuilder& module, const std::string& name, Op op, u32 memory, bool is64,
               u64 offset) {
  const OpInfo& info = opInfo(op);
  const bool lane = info.cls == OpClass::VLoadLane || info.cls == OpClass::VStoreLane;
  Code code;
  code.LocalGet(0);
  char letter = 'v';
  if (std::string_view(info.params).size() > 1) {
    letter = info.params[1];
    code.LocalGet(1);
  }
  code.memory(op, offset, memory);
  if (lane) code.byte(1);
  module.func(name, std::string(1, is64 ? 'l' : 'i') + letter, info.results, code);
}
Value operandOf(Op op, u64 pattern) {
  const OpInfo& info = opInfo(op);
  if (std::string_view(info.params).size() < 2) return Value{ValType::V128, 1, 2};
  const ValType type = ValType::fromLetter(info.params[1]);
  const u64 low = type == ValType::I32 || type == ValType::F32 ? pattern & 0xffffffff : pattern;
  return Value{type, low, type == ValType::V128 ? ~pattern : 0};
}

// Memories 0 and 1 have 32-bit addresses, 2 and 3 have 64-bit ones.
constexpr u32 kMemories = 4;
constexpr bool kIs64[kMemories] = {false, false, true, true};

TIER_TEST(Memories, EveryAccessReachesItsOwnMemoryAndItsBoundary) {
  const std::array<u8, 24> pattern = {0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8,
                                      0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
                                      0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x10};
  u32 accesses = 0;
  for (u64 offset : {u64{0}, u64{9}, u64{0x12345}}) {
    ModuleBuilder module;
    for (u32 k = 0; k < kMemories; ++k) module.memory({k + 2, {}, kIs64[k]});
    for (u32 i = 0; i < kOpCount; ++i) {
      for (u32 k = 0; isAccess(static_cast<Op>(i)) && k < kMemories; ++k) {
        addAccess(module, std::to_string(i) + "/" + std::to_string(k), static_cast<Op>(i), k,
                  kIs64[k], offset);
      }
    }
    tier.load(module);
    for (u32 i = 0; i < kOpCount; ++i) {
      const Op op = static_cast<Op>(i);
      if (!isAccess(op)) continue;
      ++accesses;
      const u64 width = u64{1} << opInfo(op).aux;
      const Value operand = operandOf(op, 0x0123456789abcdef);
      Outcome expected;
      std::vector<u8> stored;
      for (u32 k = 0; k < kMemories; ++k) {
        const u64 size = (k + 2) * kPage, last = size - width - offset;
        for (u32 j = 0; j < kMemories; ++j)  // only this memory holds the pattern
          poke(tier, j, (j + 2) * kPage - 24, j == k ? pattern : std::array<u8, 24>{});
        const std::string name = std::to_string(i) + "/" + std::to_string(k);
        const std::string where = std::string(opInfo(op).text) + " memory " + std::to_string(k);
        const Outcome out = tier.call(name, {address(kIs64[k], last), operand});
        ASSERT_EQ(out.trap, Trap::None) << where;
        std::vector<u8> tail = contents(tier, k);
        tail.erase(tail.begin(), tail.end() - 24);
        if (k == 0) {
          expected = out;
          stored = tail;
        }
        EXPECT_EQ(out, expected) << where;
        EXPECT_EQ(tail, stored) << where;
        for (u32 j = 0; j < kMemories; ++j) {
          if (j == k) continue;
          std::vector<u8> other = contents(tier, j);
          EXPECT_EQ(std::count(other.end() - 24, other.end(), 0), 24) << where;
        }
        std::vector<u64> outside = {last + 1, size, 0xffffffff, 0xffffffff - offset};
        if (kIs64[k]) {
          for (u64 high : {u64{1} << 32, u64{1} << 33, u64{1} << 63, ~u64{0} << 32}) {
            outside.push_back(high);
            outside.push_back(high + last);
          }
          outside.insert(outside.end(), {~u64{0}, ~u64{0} - offset, ~u64{0} - offset - width + 1,
                                         ~u64{0} - offset + 1});
          if (offset == 0) outside.pop_back();  // address 0
        }
        for (u64 at : outside) {
          EXPECT_EQ(tier.call(name, {address(kIs64[k], at), operand}).trap, Trap::MemoryOutOfBounds)
              << where << " at " << at;
        }
        std::vector<u8> after = contents(tier, k);
        EXPECT_TRUE(std::equal(stored.begin(), stored.end(), after.end() - 24)) << where;
      }
    }
  }
  EXPECT_EQ(accesses, 3u * (14 + 9 + 13 + 1 + 4 + 4));
}

// Offsets up to 2^64 - 1 and sums that leave 64 bits, as memory 0 and as memory 1.
TIER_TEST(Memories, OffsetsOf64BitMemoriesDoNotWrap) {
  const u64 offsets[] = {0,          1,
                         0xffff,     0x10000,
                         0xfffffff8, 0xffffffff,
                         1ull << 32, (1ull << 32) + 8,
                         1ull << 63, ~0ull - 65535,
                         ~0ull - 16, ~0ull - 1,
                         ~0ull};
  const Op ops[] = {Op::I32Load8U, Op::I64Load,  Op::V128Load,
                    Op::I32Store8, Op::F64Store, Op::V128Store};
  for (u32 k : {0u, 1u}) {
    ModuleBuilder module;
    module.memory({1, {}, k == 0});
    module.memory({1, {}, true});
    for (Op op : ops) {
      for (u64 offset : offsets)
        addAccess(module, std::string(opInfo(op).text) + std::to_string(offset), op, k, true,
                  offset);
    }
    tier.load(module);
    for (Op op : ops) {
      const u64 width = u64{1} << opInfo(op).aux;
      for (u64 offset : offsets) {
        for (u64 at : {u64{0}, kPage - width, kPage - width - 1, kPage, u64{1} << 32, u64{1} << 63,
                       u64{0} - offset, kPage - offset - width, kPage - offset, ~u64{0}}) {
          const bool wraps = at + offset < at;
          const bool inside = !wraps && at + offset <= kPage - width;
          EXPECT_EQ(tier.call(std::string(opInfo(op).text) + std::to_string(offset),
                              {address(true, at), operandOf(op, 7)})
                        .trap,
                    inside ? Trap::None : Trap::MemoryOutOfBounds)
              << opInfo(op).text << " memory " << k << " at " << at << " +" << offset;
        }
      }
    }
  }
}

// ---- Bulk operations against a model

constexpr char kText[] = "the bytes of a passive segment";

// Every function takes i64 numbers; those for 32-bit memories wrap them, so that high bits must
// not matter there and must trap in the others.
struct BulkModule {
  ModuleBuilder module;
  BulkModule() {
    for (u32 k = 0; k < kMemories; ++k) module.memory({1 + k % 2, 5, kIs64[k]});
    const u32 data = module.data({kText, sizeof kText - 1});
    auto get = [](Code& c, u32 local, bool is64) {
      c.LocalGet(local);
      if (!is64) c.I32WrapI64();
    };
    auto result = [](Code& c, bool is64) {
      if (!is64) c.I64ExtendI32S();
    };
    for (u32 k = 0; k < kMemories; ++k) {
      const bool is64 = kIs64[k];
      const std::string number = std::to_string(k);
      Code fill, init, grow, size, store, load;
      get(fill, 0, is64);
      get(fill, 1, false);
      get(fill, 2, is64);
      fill.op(Op::MemoryFill, k);
      module.func("fill" + number, "lll", "", fill);
      get(init, 0, is64);
      get(init, 1, false);
      get(init, 2, false);
      init.op(Op::MemoryInit, data, k);
      module.func("init" + number, "lll", "", init);
      get(grow, 0, is64);
      grow.op(Op::MemoryGrow, k);
      result(grow, is64);
      module.func("grow" + number, "lll", "l", grow);
      size.op(Op::MemorySize, k);
      result(size, is64);
      module.func("size" + number, "lll", "l", size);
      get(store, 0, is64);
      store.LocalGet(1).memory(Op::I64Store16, 0, k);
      module.func("store" + number, "lll", "", store);
      get(load, 0, is64);
      load.memory(Op::I64Load32S, 0, k);
      module.func("load" + number, "lll", "l", load);
      for (u32 j = 0; j < kMemories; ++j) {
        Code copy;
        get(copy, 0, is64);
        get(copy, 1, kIs64[j]);
        get(copy, 2, is64 && kIs64[j]);
        copy.op(Op::MemoryCopy, k, j);
        module.func("copy" + number + std::to_string(j), "lll", "", copy);
      }
    }
  }
};

// The same operations on plain vectors.
class BulkModel {
 public:
  BulkModel() {
    for (u32 k = 0; k < kMemories; ++k) bytes[k].resize((1 + k % 2) * kPage);
  }
  Outcome run(const std::string& what, u32 k, u32 j, u64 a, u64 b, u64 c) {
    auto cut = [](u64 value, bool is64) { return is64 ? value : static_cast<u32>(value); };
    std::vector<u8>& m = bytes[k];
    const Outcome trap{{}, Trap::MemoryOutOfBounds};
    auto in = [](u64 size, u64 at, u64 n) { return n <= size && at <= size - n; };
    const u64 at = cut(a, kIs64[k]);
    if (what == "size") return {{Value::i64(static_cast<i64>(m.size() / kPage))}, Trap::None};
    if (what == "grow") {
      const i64 old = static_cast<i64>(m.size() / kPage);
      if (at > 5 - m.size() / kPage) return {{Value::i64(-1)}, Trap::None};
      m.resize(m.size() + at * kPage);
      return {{Value::i64(old)}, Trap::None};
    }
    if (what == "store") {
      if (!in(m.size(), at, 2)) return trap;
      m[at] = static_cast<u8>(b);
      m[at + 1] = static_cast<u8>(b >> 8);
      return {};
    }
    if (what == "load") {
      if (!in(m.size(), at, 4)) return trap;
      i32 value;
      std::memcpy(&value, &m[at], 4);
      return {{Value::i64(value)}, Trap::None};
    }
    if (what == "fill") {
      const u64 n = cut(c, kIs64[k]);
      if (!in(m.size(), at, n)) return trap;
      std::fill_n(m.begin() + static_cast<i64>(at), n, static_cast<u8>(b));
      return {};
    }
    if (what == "init") {
      const u64 from = static_cast<u32>(b), n = static_cast<u32>(c);
      if (!in(m.size(), at, n) || !in(sizeof kText - 1, from, n)) return trap;
      std::copy_n(kText + from, n, m.begin() + static_cast<i64>(at));
      return {};
    }
    const std::vector<u8>& source = bytes[j];
    const u64 from = cut(b, kIs64[j]), n = cut(c, kIs64[k] && kIs64[j]);
    if (!in(m.size(), at, n) || !in(source.size(), from, n)) return trap;
    const std::vector<u8> piece(source.begin() + static_cast<i64>(from),
                                source.begin() + static_cast<i64>(from + n));
    std::copy(piece.begin(), piece.end(), m.begin() + static_cast<i64>(at));
    return {};
  }
  std::vector<u8> bytes[kMemories];
};

TIER_TEST(Memories, RandomBulkOperationsMatchTheModel) {
  static const char* kOps[] = {"fill",  "init", "copy", "copy", "copy",
                               "store", "load", "size", "grow"};
  for (u32 seed = 1; seed <= 4; ++seed) {
    BulkModule built;
    tier.load(built.module);
    BulkModel model;
    std::mt19937_64 random(seed);
    auto below = [&](u64 n) { return random() % n; };
    auto position = [&](u32 k) {  // mostly inside or at an edge, sometimes with high bits
      const u64 size = model.bytes[k].size();
      u64 at = below(3) == 0 ? size - below(40) : below(size);
      if (below(12) == 0) at += u64{1} << (32 + below(32));
      if (below(20) == 0) at = ~u64{0} - below(3);
      return at;
    };
    u32 traps = 0;
    for (u32 step = 0; step < 2000; ++step) {
      std::string what = kOps[below(std::size(kOps))];
      if (what == "grow" && below(8) != 0) what = "load";
      const u32 k = static_cast<u32>(below(kMemories)), j = static_cast<u32>(below(kMemories));
      const u64 a = what == "grow" ? (below(3) == 0 ? random() : below(2)) : position(k);
      const u64 b = what == "copy" ? position(j) : what == "init" ? below(40) : random();
      u64 c = what == "init" ? below(33) : below(4) == 0 ? below(3 * kPage) : below(100);
      if (below(30) == 0) c = u64{1} << (below(64));
      const std::string name = what + std::to_string(k) + (what == "copy" ? std::to_string(j) : "");
      const Outcome expected = model.run(what, k, j, a, b, c);
      const Outcome got =
          tier.call(name, {Value::i64(static_cast<i64>(a)), Value::i64(static_cast<i64>(b)),
                           Value::i64(static_cast<i64>(c))});
      ASSERT_EQ(got, expected) << "seed " << seed << " step " << step << " " << name << " " << a
                               << " " << b << " " << c;
      traps += expected.trap != Trap::None;
    }
    EXPECT_GT(traps, 100u);
    EXPECT_LT(traps, 1500u);
    for (u32 k = 0; k < kMemories; ++k)
      EXPECT_TRUE(contents(tier, k) == model.bytes[k]) << "seed " << seed << " memory " << k;
  }
}

TIER_TEST(Memories, GrowthBeyondALimitIsRefused) {
  ModuleBuilder module;
  module.memory({1, 3, true});
  module.memory({1, {}, true});
  module.memory({1, {}, false});
  for (u32 k : {0u, 1u, 2u}) {
    Code grow;
    grow.LocalGet(0).op(Op::MemoryGrow, k);
    const char* letter = k == 2 ? "i" : "l";
    module.func("grow" + std::to_string(k), letter, letter, grow);
  }
  tier.limits.memoryBytesEach = 4 * kPage;
  tier.load(module);
  for (u64 delta :
       {u64{3}, u64{4}, u64{65536}, u64{1} << 32, u64{1} << 48, u64{1} << 63, ~u64{0}}) {
    EXPECT_EQ(tier.call("grow0", {address(true, delta)}).values[0], Value::i64(-1)) << delta;
    if (delta == 3) continue;
    EXPECT_EQ(tier.call("grow1", {address(true, delta)}).values[0], Value::i64(-1)) << delta;
  }
  for (i32 delta : {4, 65535, 65536, -1, -65536})
    EXPECT_EQ(tier.call("grow2", {Value::i32(delta)}).values[0], Value::i32(-1)) << delta;
  EXPECT_EQ(tier.call("grow0", {Value::i64(2)}).values[0], Value::i64(1));
  EXPECT_EQ(tier.call("grow0", {Value::i64(1)}).values[0], Value::i64(-1)) << "declared maximum";
  EXPECT_EQ(tier.call("grow0", {Value::i64(0)}).values[0], Value::i64(3));
  EXPECT_EQ(tier.call("grow1", {Value::i64(3)}).values[0], Value::i64(1));
  EXPECT_EQ(tier.call("grow1", {Value::i64(1)}).values[0], Value::i64(-1)) << "the store's limit";
  EXPECT_EQ(tier.call("grow2", {Value::i32(3)}).values[0], Value::i32(1));
  EXPECT_EQ(tier.call("grow2", {Value::i32(1)}).values[0], Value::i32(-1));
}

// One loop writes to memory 0, grows memory 1 and uses its newest byte, then reads memory 0 again.
TIER_TEST(Memories, OneGrowsWhileTheOtherIsInUse) {
  for (bool is64 : {false, true}) {
    ModuleBuilder module;
    module.memory(1);
    module.memory({1, {}, is64});
    Code code;  // (n): local 1 counts, local 2 sums
    auto top = [&](Code& c) -> Code& {
      c.op(Op::MemorySize, 1);
      if (is64) return c.I64Const(kPage).I64Mul().I64Const(8).I64Sub();
      return c.I32Const(kPage).I32Mul().I32Const(8).I32Sub();
    };
    code.Loop();
    code.LocalGet(1).I32Const(4).I32Mul().LocalGet(1).memory(Op::I32Store, 0);
    if (is64) {
      code.I64Const(1).op(Op::MemoryGrow, 1).Drop();
    } else {
      code.I32Const(1).op(Op::MemoryGrow, 1).Drop();
    }
    top(code).LocalGet(1).memory(Op::I32Store, 0, 1);
    top(code).memory(Op::I32Load, 0, 1);
    code.LocalGet(1).I32Const(4).I32Mul().memory(Op::I32Load, 0).I32Add();
    code.LocalGet(2).I32Add().LocalSet(2);
    code.LocalGet(1).I32Const(1).I32Add().LocalTee(1).LocalGet(0).I32Ne().BrIf(0).End();
    code.LocalGet(2);
    module.func("f", "i", "i", code, {{2, 'i'}});
    tier.load(module);
    EXPECT_EQ(tier.call("f", {Value::i32(50)}).values[0].asI32(), 2 * (49 * 50 / 2));
    EXPECT_EQ(contents(tier, 1).size(), 51 * kPage);
  }
}

// The importer numbers the memories the other way round, has one of its own, and calls back into
// the exporter, which grows the memory the importer has as number 0.
TIER_TEST(Memories, ImportedUnderOtherNumbers) {
  ModuleBuilder owner, user;
  owner.memory({1, {}, false});
  owner.memory({1, 20, false});
  owner.memory({1, {}, true});
  Code grow;
  grow.I32Const(1).op(Op::MemoryGrow, 1);
  owner.func("grow", "", "i", grow);
  Code read;
  read.LocalGet(0).memory(Op::I32Load, 0, 1);
  owner.func("read1", "i", "i", read);
  user.importFunc("owner", "grow", "", "i");
  user.importMemory("owner", "memory1", {1, 20, false});
  user.importMemory("owner", "memory2", {1, {}, true});
  user.importMemory("owner", "memory", {1, {}, false});
  user.memory(1);
  Code across;  // store at the first byte of the page that the call adds; then one further traps
  across.LocalGet(0).Call(0).memory(Op::I32Store, 0);
  across.LocalGet(0).memory(Op::I32Load, 0);
  user.func("across", "i", "i", across);
  Code spread;  // each of the four gets its number
  for (i32 k : {0, 1, 2, 3}) {
    if (k == 1) {
      spread.I64Const(64);
    } else {
      spread.I32Const(64);
    }
    spread.I32Const(10 + k).memory(Op::I32Store8, 0, static_cast<u32>(k));
  }
  user.func("spread", "", "", spread);
  tier.open();
  tier.add(owner, "owner");
  embed::Instance exporter = tier.instance();
  tier.add(user);
  for (i32 pages = 1; pages < 20; ++pages) {
    const i32 at = pages * static_cast<i32>(kPage);
    EXPECT_EQ(tier.call("across", {Value::i32(at)}).values[0].asI32(), pages);
    auto seen = exporter.function("read1").value().call({Value::i32(at)});
    EXPECT_EQ(seen.value()[0].asI32(), pages);
  }
  EXPECT_EQ(tier.call("across", {Value::i32(20 * kPage)}).trap, Trap::MemoryOutOfBounds);
  EXPECT_EQ(tier.call("across", {Value::i32(0)}).values[0].asI32(), -1) << "no growth left";
  ASSERT_EQ(tier.call("spread").trap, Trap::None);
  for (u32 k : {0u, 1u, 2u, 3u}) EXPECT_EQ(contents(tier, k)[64], 10 + k);
  u8 byte[1];
  const std::pair<const char*, u8> owned[] = {{"memory", 12}, {"memory1", 10}, {"memory2", 11}};
  for (auto [name, expected] : owned) {
    EXPECT_TRUE(exporter.memory(name).value().read(64, byte));
    EXPECT_EQ(byte[0], expected) << name;
  }
}

// Fuel at a trap in a memory other than 0, and of bulk instructions under both schedules.
TIER_TEST(Memories, FuelCountsEveryMemoryAlike) {
  for (auto schedule : {embed::FuelSchedule::Wt31, embed::FuelSchedule::WtNext}) {
    const u64 perByte = schedule == embed::FuelSchedule::WtNext ? 1 : 0;
    ModuleBuilder module;
    module.memory(1);
    module.memory({1, {}, true});
    Code outside, copy, beyond, huge;
    outside.I64Const(65536).memory(Op::I32Load, 0, 1).Drop();
    copy.I64Const(0).I32Const(0).LocalGet(0).op(Op::MemoryCopy, 1, 0);
    beyond.I64Const(65000).I32Const(0).LocalGet(0).op(Op::MemoryCopy, 1, 0);
    huge.I64Const(0).I32Const(0).LocalGet(0).op(Op::MemoryFill, 1);
    module.func("outside", "", "", outside);
    module.func("copy", "i", "", copy);
    module.func("beyond", "i", "", beyond);
    module.func("huge", "l", "", huge);
    tier.metered = true;
    tier.schedule = schedule;
    tier.load(module);
    auto used = [&](const char* name, std::span<const Value> args, Trap trap) {
      const u64 before = tier.fuel();
      EXPECT_EQ(tier.call(name, args).trap, trap) << name;
      return before - tier.fuel();
    };
    const Value thousand[] = {Value::i32(1000)};
    EXPECT_EQ(used("outside", {}, Trap::MemoryOutOfBounds), 3u);
    EXPECT_EQ(used("copy", thousand, Trap::None), 5 + 1000 * perByte);
    EXPECT_EQ(used("beyond", thousand, Trap::MemoryOutOfBounds), 5 + 1000 * perByte);
    // A 64-bit length saturates: all fuel is gone before the bounds are looked at.
    const Value all[] = {Value::i64(-1)};
    if (perByte == 0) {
      EXPECT_EQ(used("huge", all, Trap::MemoryOutOfBounds), 5u);
    } else {
      used("huge", all, Trap::OutOfFuel);
      EXPECT_EQ(tier.fuel(), 0u);
    }
  }
}

}  // namespace
}  // namespace bls::test
