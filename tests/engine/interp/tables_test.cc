// Tables with 32-bit and 64-bit indices in every back end: random get, set, size, grow, fill, copy,
// init and indirect calls against a model, and 64-bit indices that only differ in their high half.
#include <gtest/gtest.h>

#include <random>

#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

TIER_SUITE(Tables);

// Table 0 holds the functions 0 … kFuncs-1 (function i returns i) behind kNull null entries; the
// tables 1 … 3 are the ones under test.
constexpr u32 kFuncs = 5, kTables = 4, kMax = 40;
constexpr bool kIs64[kTables] = {false, false, true, true};
constexpr i32 kNull = -1;

// Functions take i64 numbers; those for 32-bit tables wrap them.
ModuleBuilder tableModule() {
  ModuleBuilder module;
  for (u32 i = 0; i < kFuncs; ++i) {
    Code code;
    code.I32Const(static_cast<i32>(i));
    module.func("f" + std::to_string(i), "", "i", code);
  }
  module.table({0, 1, 2, 3, 4});
  for (u32 k = 1; k < kTables; ++k) module.emptyTable({4 + k, kMax, kIs64[k]});
  const u32 elem = module.elem({4, 3, 2, 1, 0});
  auto get = [](Code& c, u32 local, bool is64) {
    c.LocalGet(local);
    if (!is64) c.I32WrapI64();
  };
  auto func = [&](Code& c) {  // the function numbered by parameter 1, or null when that is -1
    c.LocalGet(1).I64Const(kNull).I64Eq().If(0x70).op(Op::RefNull).byte(0x70).Else();
    c.LocalGet(1).I32WrapI64().op(Op::TableGet, 0).End();
  };
  for (u32 k = 1; k < kTables; ++k) {
    const bool is64 = kIs64[k];
    const std::string number = std::to_string(k);
    Code isNull, set, size, grow, fill, init, call;
    get(isNull, 0, is64);
    isNull.op(Op::TableGet, k).op(Op::RefIsNull).I64ExtendI32U();
    module.func("null" + number, "lll", "l", isNull);
    get(set, 0, is64);
    func(set);
    set.op(Op::TableSet, k);
    module.func("set" + number, "lll", "", set);
    size.op(Op::TableSize, k);
    if (!is64) size.I64ExtendI32S();
    module.func("size" + number, "lll", "l", size);
    func(grow);
    get(grow, 0, is64);
    grow.op(Op::TableGrow, k);
    if (!is64) grow.I64ExtendI32S();
    module.func("grow" + number, "lll", "l", grow);
    get(fill, 0, is64);
    func(fill);
    get(fill, 2, is64);
    fill.op(Op::TableFill, k);
    module.func("fill" + number, "lll", "", fill);
    get(init, 0, is64);
    get(init, 1, false);
    get(init, 2, false);
    init.op(Op::TableInit, elem, k);
    module.func("init" + number, "lll", "", init);
    get(call, 0, is64);
    call.op(Op::CallIndirect, 0, k).I64ExtendI32S();
    module.func("call" + number, "lll", "l", call);
    Code tail;
    get(tail, 0, is64);
    tail.op(Op::ReturnCallIndirect, 0, k);
    module.func("tail" + number, "lll", "i", tail);
    for (u32 j = 1; j < kTables; ++j) {
      Code copy;
      get(copy, 0, is64);
      get(copy, 1, kIs64[j]);
      get(copy, 2, is64 && kIs64[j]);
      copy.op(Op::TableCopy, k, j);
      module.func("copy" + number + std::to_string(j), "lll", "", copy);
    }
  }
  return module;
}

class TableModel {
 public:
  TableModel() {
    for (u32 k = 1; k < kTables; ++k) items[k].assign(4 + k, kNull);
  }
  Outcome run(const std::string& what, u32 k, u32 j, u64 a, u64 b, u64 c) {
    auto cut = [](u64 value, bool is64) { return is64 ? value : static_cast<u32>(value); };
    auto in = [](u64 size, u64 at, u64 n) { return n <= size && at <= size - n; };
    auto number = [](i64 value) { return Outcome{{Value::i64(value)}, Trap::None}; };
    const Outcome trap{{}, Trap::TableOutOfBounds};
    std::vector<i32>& table = items[k];
    const u64 at = cut(a, kIs64[k]);
    const i64 where = static_cast<i64>(at);
    const i32 item = static_cast<i32>(b);
    if (what == "size") return number(static_cast<i64>(table.size()));
    if (what == "grow") {
      if (at > kMax - table.size()) return number(-1);
      const i64 old = static_cast<i64>(table.size());
      table.resize(table.size() + at, item);
      return number(old);
    }
    if (what == "call" || what == "tail") {
      if (at >= table.size()) return {{}, Trap::UndefinedElement};
      if (table[at] == kNull) return {{}, Trap::UninitializedElement};
      return what == "call" ? number(table[at]) : Outcome{{Value::i32(table[at])}, Trap::None};
    }
    if (what == "null") return at < table.size() ? number(table[at] == kNull) : trap;
    if (what == "set") {
      if (at >= table.size()) return trap;
      table[at] = item;
      return {};
    }
    if (what == "fill") {
      const u64 n = cut(c, kIs64[k]);
      if (!in(table.size(), at, n)) return trap;
      std::fill_n(table.begin() + where, n, item);
      return {};
    }
    if (what == "init") {
      const u64 from = static_cast<u32>(b), n = static_cast<u32>(c);
      if (!in(table.size(), at, n) || !in(kFuncs, from, n)) return trap;
      for (u64 i = 0; i < n; ++i) table[at + i] = static_cast<i32>(kFuncs - 1 - from - i);
      return {};
    }
    const std::vector<i32> source = items[j];
    const u64 from = cut(b, kIs64[j]), n = cut(c, kIs64[k] && kIs64[j]);
    if (!in(table.size(), at, n) || !in(source.size(), from, n)) return trap;
    std::copy_n(source.begin() + static_cast<i64>(from), n, table.begin() + where);
    return {};
  }
  std::vector<i32> items[kTables];
};

TIER_TEST(Tables, RandomOperationsMatchTheModel) {
  static const char* kOps[] = {"null", "set",  "size", "grow", "fill", "init",
                               "call", "call", "tail", "copy", "copy"};
  for (u32 seed = 1; seed <= 4; ++seed) {
    tier.load(tableModule());
    TableModel model;
    std::mt19937_64 random(seed);
    auto below = [&](u64 n) { return random() % n; };
    auto position = [&](u32 k) {
      const u64 size = model.items[k].size();
      u64 at = below(4) == 0 ? size - below(3) : below(size + 1);
      if (below(10) == 0) at += u64{1} << (32 + below(32));
      if (below(20) == 0) at = ~u64{0} - below(3);
      return at;
    };
    u32 traps = 0;
    for (u32 step = 0; step < 3000; ++step) {
      const std::string what = kOps[below(std::size(kOps))];
      const u32 k = 1 + static_cast<u32>(below(kTables - 1)),
                j = 1 + static_cast<u32>(below(kTables - 1));
      const u64 a = what == "grow" ? (below(2) == 0 ? random() : below(3)) : position(k);
      const u64 b = what == "copy"   ? position(j)
                    : what == "init" ? below(7)
                                     : below(kFuncs + 1) - 1;
      u64 c = below(6);
      if (below(12) == 0) c = u64{1} << below(64);
      const std::string name = what + std::to_string(k) + (what == "copy" ? std::to_string(j) : "");
      const Outcome expected = model.run(what, k, j, a, b, c);
      const Outcome got =
          tier.call(name, {Value::i64(static_cast<i64>(a)), Value::i64(static_cast<i64>(b)),
                           Value::i64(static_cast<i64>(c))});
      ASSERT_EQ(got, expected) << "seed " << seed << " step " << step << " " << name << " " << a
                               << " " << b << " " << c;
      traps += expected.trap != Trap::None;
    }
    EXPECT_GT(traps, 300u);
    EXPECT_LT(traps, 2500u);
  }
}

// High bits of a 64-bit index count: none of these may reach entry 0 … 3.
TIER_TEST(Tables, IndicesOf64BitTablesAreNotCut) {
  tier.load(tableModule());
  ASSERT_EQ(tier.call("init2", {Value::i64(0), Value::i64(0), Value::i64(4)}).trap, Trap::None);
  for (i64 low : {0, 1, 3}) {
    EXPECT_EQ(tier.call("call2", {Value::i64(low), Value::i64(0), Value::i64(0)}).values[0],
              Value::i64(4 - low));
    for (u32 bit = 32; bit < 64; ++bit) {
      const Value at = Value::i64(static_cast<i64>(u64{1} << bit) + low);
      for (const char* name : {"call2", "tail2"}) {
        EXPECT_EQ(tier.call(name, {at, Value::i64(0), Value::i64(0)}).trap, Trap::UndefinedElement);
      }
      for (const char* name : {"null2", "set2", "fill2"}) {
        EXPECT_EQ(tier.call(name, {at, Value::i64(0), Value::i64(0)}).trap, Trap::TableOutOfBounds);
      }
    }
  }
}

}  // namespace
}  // namespace bls::test
