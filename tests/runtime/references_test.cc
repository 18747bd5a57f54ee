// References and exceptions at the embedding API: how long they live, what they hold.
#include <gtest/gtest.h>

#include "engine/gc/heap.h"
#include "engine/text/text_module.h"
#include "runtime/runtime.h"

namespace bls::embed {
namespace {

constexpr char kGuest[] = R"((module
  (type $bytes (array (mut i8)))
  (type $box (struct (field (mut i32)) (field (ref null $bytes))))
  (tag $t (export "t") (param i32 v128 (ref null $box) f64 externref))
  (tag $u (export "u") (param i32 v128 (ref null $box) f64 externref))
  (func $new (export "new") (param i32) (result (ref $box))
    (struct.new $box (local.get 0) (array.new_default $bytes (i32.const 100000))))
  (func (export "get") (param (ref null $box)) (result i32) (struct.get $box 0 (local.get 0)))
  (func (export "as_extern") (param i32) (result externref) (extern.convert_any (call $new (local.get 0))))
  (func (export "number") (result anyref) (ref.i31 (i32.const 5)))
  (func (export "throw") (param i32 externref)
    (throw $t (local.get 0) (v128.const i64x2 7 8) (call $new (i32.const 41)) (f64.const 2.5) (local.get 1)))
  (func (export "none") (param i32) (if (local.get 0) (then (unreachable))))))";

class References : public ::testing::Test {
 protected:
  References() : engine_(Engine::make().value()), store_(engine_, limits()), linker_(store_) {
    Diagnostics diag;
    std::vector<u8> bytes;
    EXPECT_TRUE(text::parseText(kGuest, text::TextOptions(), diag, &bytes).ok());
    instance_ = linker_.instantiate(Module::compile(engine_, bytes).value()).value();
  }
  static StoreLimits limits() {
    StoreLimits limits;
    limits.memoryBytesTotal = u64{2} << 20;
    return limits;
  }
  Expected<std::vector<Value>> call(std::string_view name, std::initializer_list<Value> args) {
    return instance_.function(name).value().call(args);
  }

  Engine engine_;
  Store store_;
  Linker linker_;
  Instance instance_;
};

TEST_F(References, LiveUntilTheyAreReleased) {
  const Value kept = call("new", {Value::i32(17)}).value()[0];
  // 100 KB each under a limit of 2 MiB: possible only when what is released can be collected.
  for (i32 i = 0; i < 200; ++i) {
    for (const char* name : {"new", "as_extern"}) {
      auto made = call(name, {Value::i32(i)});
      ASSERT_TRUE(made.ok()) << i << made.failure().text();
      store_.release(made.value()[0]);
    }
  }
  EXPECT_EQ(call("get", {kept}).value()[0].asI32(), 17);
  store_.release(kept);
  store_.release(kept);  // no harm
  EXPECT_EQ(call("get", {kept}).failure().kind, Failure::Kind::Error);
}

TEST_F(References, ThatAreNotReleasedFillTheHeap) {
  Expected<std::vector<Value>> made = call("new", {Value::i32(0)});
  for (i32 i = 0; i < 200 && made.ok(); ++i) made = call("new", {Value::i32(i)});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.failure().trap, Trap::AllocationTooLarge);
}

TEST_F(References, OtherValuesNeedNoRelease) {
  const Value number = call("number", {}).value()[0];
  store_.release(number);
  store_.release(Value::i32(4));
  store_.release(Value::ref(ValType::ref(HeapType(HeapType::Extern), true), 1234));
  store_.release(Value::ref(ValType::ref(HeapType(HeapType::Any), true), 1000));  // no such handle
  EXPECT_EQ(call("get", {call("new", {Value::i32(3)}).value()[0]}).value()[0].asI32(), 3);
}

TEST_F(References, AnUncaughtExceptionTellsTagAndPayload) {
  EXPECT_FALSE(store_.takeException().ok());
  const Value host = Value::ref(ValType::ref(HeapType(HeapType::Extern), true), 99);
  auto failed = call("throw", {Value::i32(-3), host});
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.failure().trap, Trap::UncaughtException);
  // It is kept over other calls, also those that collect.
  for (i32 i = 0; i < 50; ++i) store_.release(call("new", {Value::i32(i)}).value()[0]);
  auto thrown = store_.takeException();
  ASSERT_TRUE(thrown.ok());
  EXPECT_TRUE(thrown.value().hasTag(instance_, "t"));
  EXPECT_FALSE(thrown.value().hasTag(instance_, "u"));
  EXPECT_FALSE(thrown.value().hasTag(instance_, "new"));
  EXPECT_FALSE(thrown.value().hasTag(instance_, "missing"));
  const std::vector<Value>& payload = thrown.value().payload;
  ASSERT_EQ(payload.size(), 5u);
  EXPECT_EQ(payload[0].asI32(), -3);
  EXPECT_EQ(payload[1].lo, 7u);
  EXPECT_EQ(payload[1].hi, 8u);
  EXPECT_EQ(call("get", {payload[2]}).value()[0].asI32(), 41);
  EXPECT_EQ(payload[3].asF64(), 2.5);
  EXPECT_EQ(payload[4].lo, 99u);
  store_.release(payload[2]);
  EXPECT_FALSE(store_.takeException().ok());
}

TEST_F(References, ATrapIsNoException) {
  EXPECT_EQ(call("none", {Value::i32(1)}).failure().trap, Trap::Unreachable);
  EXPECT_FALSE(store_.takeException().ok());
}

}  // namespace
}  // namespace bls::embed
