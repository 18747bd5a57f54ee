// Stores: tables, fuel, stacks, interrupts, taking back.
#include "engine/object/store.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "engine/base/platform.h"

namespace bls {
namespace {

TableType tableType(u64 min, u64 max) {
  TableType type;
  type.limits = {min, max, true, false, false};
  return type;
}

TEST(Table, EntriesOfFunctionTablesAreEmptyOrComplete) {
  Store store({});
  std::string why;
  TableObj* table = store.newTable(tableType(3, 10), ValType::funcref(), 0, &why);
  ASSERT_NE(table, nullptr) << why;
  EXPECT_TRUE(table->isFunc);
  EXPECT_EQ(table->entries[2].canonType, kEmptyEntryType);
  EXPECT_EQ(table->get(2), 0u);
  FuncObj* func = store.newHostFunc(5, 0, 0, nullptr, nullptr, "f");
  table->set(1, reinterpret_cast<u64>(func));
  EXPECT_EQ(table->entries[1].canonType, 5u);
  EXPECT_EQ(table->entries[1].code, nullptr);
  EXPECT_EQ(table->get(1), reinterpret_cast<u64>(func));
  EXPECT_EQ(table->grow(4, reinterpret_cast<u64>(func)), 3);
  EXPECT_EQ(table->get(1), reinterpret_cast<u64>(func));
  EXPECT_EQ(table->entries[6].canonType, 5u);
  EXPECT_EQ(table->grow(4, 0), -1);
  EXPECT_EQ(table->grow(~u64{0}, 0), -1);
  EXPECT_EQ(table->grow(3, 0), 7);
}

TEST(Table, OtherReferencesAreWords) {
  Store store({});
  std::string why;
  TableObj* table = store.newTable(tableType(2, 4), ValType::externref(), 42, &why);
  ASSERT_NE(table, nullptr) << why;
  EXPECT_FALSE(table->isFunc);
  EXPECT_EQ(table->get(1), 42u);
}

TEST(Table, LimitsAndRefusalsAreValues) {
  StoreConfig config;
  config.limits.tableElements = 100;
  config.limits.memoryBytesTotal = 8 * 50;
  Store store(config);
  std::string why;
  EXPECT_EQ(store.newTable(tableType(101, 1000), ValType::funcref(), 0, &why), nullptr);
  EXPECT_EQ(why, "table minimum size of 101 elements exceeds table limits");
  TableObj* table = store.newTable(tableType(10, 1000), ValType::funcref(), 0, &why);
  EXPECT_EQ(table->grow(41, 0), -1);
  EXPECT_EQ(table->grow(40, 0), 10);
  EXPECT_EQ(store.usedBytes(), 400u);
  platform::failNthCall(1);
  StoreConfig wide;
  Store other(wide);
  EXPECT_EQ(other.newTable(tableType(10, 1000), ValType::funcref(), 0, &why), nullptr);
  platform::failNthCall(0);
  EXPECT_EQ(other.usedBytes(), 0u);
}

// Spec of the numbers: fuel contract, section 2.
TEST(Fuel, SaturatesAndNeverGoesBelowZero) {
  Store store({});
  EXPECT_EQ(store.remainingFuel(), 0u);
  for (u64 units : {u64{0}, u64{1}, kFuelSlice, kFuelSlice + 1, u64{1} << 63, ~u64{0}}) {
    store.setFuel(units);
    EXPECT_EQ(store.remainingFuel(), units);
    EXPECT_LE(store.cx()->fuel, static_cast<i64>(kFuelSlice));
  }
  store.setFuel(10);
  store.cx()->fuel -= 12;
  EXPECT_EQ(store.remainingFuel(), 0u);
  store.setFuel(kFuelSlice + 5);
  store.cx()->fuel = -3;
  EXPECT_EQ(store.remainingFuel(), 2u);
  store.cx()->fuel = 7;
  store.cx()->fuelReserve = ~u64{0};
  EXPECT_EQ(store.remainingFuel(), ~u64{0});
}

TEST(Stacks, SizedByTheBudgetAndRefusedByValue) {
  StoreConfig config;
  config.limits.slotStackBytes = 1 << 20;
  {
    Store store(config);
    std::string why;
    ExecCtx* cx = store.mainCtx(&why);
    ASSERT_NE(cx, nullptr) << why;
    EXPECT_EQ(cx->slotEnd - cx->slotBase, (1 << 20) / 8);
    EXPECT_GE(cx->ctlLimit - cx->ctlBase, (1 << 20) / 16);
    EXPECT_EQ(cx->slotLimit.load(), cx->slotEnd);
    EXPECT_EQ(store.mainCtx(&why), cx);
  }
  for (u64 n = 1; n <= 4; ++n) {
    Store store(config);
    std::string why;
    platform::failNthCall(n);
    EXPECT_EQ(store.mainCtx(&why), nullptr) << n;
    platform::failNthCall(0);
    EXPECT_FALSE(why.empty());
    EXPECT_NE(store.mainCtx(&why), nullptr);
  }
}

TEST(Interrupts, RequestIsSeenBeforeAndAfterTheStacksExist) {
  Store store({});
  ASSERT_TRUE(store.enableInterrupts());
  store.requestInterrupt(Trap::TimeLimit);
  std::string why;
  ExecCtx* cx = store.mainCtx(&why);
  EXPECT_EQ(cx->slotLimit.load(), nullptr);
  pollfd waiting{store.interrupt().wakeFd, POLLIN, 0};
  EXPECT_EQ(poll(&waiting, 1, 0), 1);
  store.clearInterrupt();
  EXPECT_EQ(cx->slotLimit.load(), cx->slotEnd);
  EXPECT_EQ(poll(&waiting, 1, 0), 0);
  EXPECT_EQ(store.interrupt().requested.load(), 0);
}

TEST(Rollback, TakesBackWhatCameAfterTheMark) {
  Store store({});
  std::string why;
  MemoryType memory;
  memory.limits.min = 1;
  ASSERT_NE(store.newMemory(memory, &why), nullptr);
  u64 used = store.usedBytes();
  Store::Mark mark = store.mark();
  ASSERT_NE(store.newMemory(memory, &why), nullptr);
  ASSERT_NE(store.newTable(tableType(5, 5), ValType::funcref(), 0, &why), nullptr);
  store.newTag(1);
  store.newFunc();
  ASSERT_NE(store.allocate(100), nullptr);
  store.rollback(mark);
  EXPECT_EQ(store.usedBytes(), used);
}

}  // namespace
}  // namespace bls
