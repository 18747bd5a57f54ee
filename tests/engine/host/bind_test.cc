// bind.h and abi.h: derived signatures, slot conversion, pointer checks, traps; host modules.
#include "engine/host/bind.h"

#include <new>
#include <vector>

#include <gtest/gtest.h>

namespace bls::host {
namespace {

struct Counter {
  int calls = 0;
};

class TestCall : public Caller {
 public:
  TestCall(ExecCtx* cx, const FuncObj* self)
      : Caller(cx, self), counter(*static_cast<Counter*>(self->hostData)) {
    ++counter.calls;
  }
  Counter& counter;
};

enum class Code : u16 { Good = 0, Bad = 28 };

Code everything(TestCall&, u32 a, i64 b, f32 c, f64 d, GuestPtr<u64> out) {
  out.store(a + static_cast<u64>(b) + static_cast<u64>(c) + static_cast<u64>(d));
  return a == 0 ? Code::Bad : Code::Good;
}
u64 addressOf(TestCall&, GuestAddress address) { return address.value; }
u32 sum(TestCall&, GuestSpan<u32> values, GuestString text) {
  u32 total = static_cast<u32>(text.copy().size());
  for (u64 i = 0; i < values.size(); ++i) total += values.load(i);
  return total;
}
i32 negative(TestCall&) { return -1; }
f32 halfFloat(TestCall&, f32 x) { return x / 2; }
f64 halfDouble(TestCall&, f64 x) { return x / 2; }
void nothing(TestCall&) {}
Trap leave(TestCall& call, u32 code) {
  call.cx()->exitCode = code;
  return Trap::Exit;
}
u32 raises(TestCall& call) {
  call.raise(Trap::HostError);
  call.raise(Trap::Interrupt);
  return 7;
}

class BindTest : public testing::Test {
 protected:
  BindTest() : bytes_(65536) {
    memory_ = new (storage_) MemoryObj();
    memory_->base = bytes_.data();
    memory_->size = bytes_.size();
    instance_.exportedMemory = memory_;
    cx_.instance = &instance_;
    self_.hostData = &counter_;
  }
  Trap call(const HostFunc& f, std::initializer_list<u64> args) {
    std::copy(args.begin(), args.end(), slots_);
    return f.thunk(&cx_, &self_, slots_);
  }
  std::vector<u8> bytes_;
  alignas(MemoryObj) u8 storage_[sizeof(MemoryObj)];
  MemoryObj* memory_;
  Instance instance_;
  ExecCtx cx_;
  FuncObj self_;
  Counter counter_;
  u64 slots_[8] = {};
};

constexpr HostFunc kEverything = bind<&everything>("everything", Capability::None, "here");
constexpr HostFunc kSum = bind<&sum>("sum", Capability::FileRead);
constexpr HostFunc kSum64 = bind<&sum, true>("sum", Capability::FileRead);

u64 bits(f32 x) {
  u32 b;
  std::memcpy(&b, &x, 4);
  return b;
}
u64 bits(f64 x) {
  u64 b;
  std::memcpy(&b, &x, 8);
  return b;
}

TEST_F(BindTest, SignatureComesFromTheFunction) {
  FuncType type = kEverything.type();
  EXPECT_EQ(type.params, (std::vector<ValType>{ValType::I32, ValType::I64, ValType::F32,
                                               ValType::F64, ValType::I32}));
  EXPECT_EQ(type.results, std::vector<ValType>{ValType::I32});
  EXPECT_EQ(kEverything.paramSlots(), 5u);
  EXPECT_EQ(kEverything.resultSlots(), 1u);
  EXPECT_EQ(kSum.type().params.size(), 4u);
  constexpr HostFunc kNothing = bind<&nothing>("nothing", Capability::None);
  EXPECT_TRUE(kNothing.type().params.empty() && kNothing.type().results.empty());
  constexpr HostFunc kLeave = bind<&leave>("leave", Capability::Exit);
  EXPECT_TRUE(kLeave.type().results.empty()) << "Trap is no wasm result";
}

TEST_F(BindTest, PointersOf64BitGuestsAreI64) {
  for (ValType type : kSum64.params) EXPECT_EQ(type, ValType(ValType::I64));
  constexpr HostFunc kAddress = bind<&addressOf, true>("a", Capability::None);
  EXPECT_EQ(call(kAddress, {0xffffffff00000001}), Trap::None);
  EXPECT_EQ(slots_[0], 0xffffffff00000001u);
  EXPECT_EQ(call(kSum64, {u64{1} << 32, 1, 0, 0}), Trap::BadGuestPointer);
  EXPECT_EQ(call(kSum64, {0, u64{1} << 62, 0, 0}), Trap::BadGuestPointer) << "count * 4 wraps";
  EXPECT_EQ(call(kSum64, {0, 0, ~u64{0}, 2}), Trap::BadGuestPointer);
}

TEST_F(BindTest, ArgumentsAndResultsConvert) {
  EXPECT_EQ(call(kEverything, {5, 10, bits(2.0f), bits(3.0), 64}), Trap::None);
  EXPECT_EQ(slots_[0], 0u);
  u64 stored;
  std::memcpy(&stored, bytes_.data() + 64, 8);
  EXPECT_EQ(stored, 20u);
  EXPECT_EQ(call(kEverything, {0, 0, 0, 0, 64}), Trap::None);
  EXPECT_EQ(slots_[0], 28u);
  EXPECT_EQ(call(bind<&negative>("n", Capability::None), {~u64{0}}), Trap::None);
  EXPECT_EQ(slots_[0], 0xffffffffu) << "i32 results are zero extended";
  EXPECT_EQ(call(bind<&halfFloat>("h", Capability::None), {bits(3.0f)}), Trap::None);
  EXPECT_EQ(slots_[0], bits(1.5f));
  EXPECT_EQ(call(bind<&halfDouble>("h", Capability::None), {bits(-1.0)}), Trap::None);
  EXPECT_EQ(slots_[0], bits(-0.5));
}

TEST_F(BindTest, PointersAreUnsigned32Bit) {
  constexpr HostFunc kAddress = bind<&addressOf>("a", Capability::None);
  EXPECT_EQ(call(kAddress, {0x12345678ffffffff}), Trap::None);
  EXPECT_EQ(slots_[0], 0xffffffffu);
}

TEST_F(BindTest, RangesAreCheckedBeforeTheCall) {
  counter_.calls = 0;
  EXPECT_EQ(call(kEverything, {1, 0, 0, 0, 65528}), Trap::None);
  for (u64 bad : {u64{65536}, u64{65529}, u64{65532}, u64{0xffffffff}, u64{0x80000000}, u64{12}}) {
    std::vector<u8> before = bytes_;
    EXPECT_EQ(call(kEverything, {1, 0, 0, 0, bad}), Trap::BadGuestPointer) << bad;
    EXPECT_EQ(bytes_, before);
  }
  EXPECT_EQ(call(kSum, {65532, 1, 65536, 0}), Trap::None) << "length 0 at the end of memory";
  EXPECT_EQ(call(kSum, {65536, 0, 0, 65536}), Trap::None);
  EXPECT_EQ(call(kSum, {65532, 2, 0, 0}), Trap::BadGuestPointer);
  EXPECT_EQ(call(kSum, {65540, 0, 0, 0}), Trap::BadGuestPointer) << "length 0 beyond it";
  EXPECT_EQ(call(kSum, {0, 0, 1, 65536}), Trap::BadGuestPointer);
  EXPECT_EQ(call(kSum, {0, 0x40000001, 0, 0}), Trap::BadGuestPointer)
      << "count * 4 wraps in 32 bits";
  EXPECT_EQ(call(kSum, {2, 1, 0, 0}), Trap::BadGuestPointer) << "misaligned";
  EXPECT_EQ(call(kSum, {0, 0, 0xffffffff, 0xffffffff}), Trap::BadGuestPointer);
}

TEST_F(BindTest, SpansReadInOrder) {
  u32 values[3] = {1, 20, 300};
  std::memcpy(bytes_.data() + 8, values, sizeof values);
  EXPECT_EQ(call(kSum, {8, 3, 0, 4}), Trap::None);
  EXPECT_EQ(slots_[0], 325u);
}

TEST_F(BindTest, MemoryIsReadAnewForEachCall) {
  EXPECT_EQ(call(kSum, {0, 0, 0, 65537}), Trap::BadGuestPointer);
  std::vector<u8> bigger(131072);
  memory_->base = bigger.data();
  memory_->size = bigger.size();
  EXPECT_EQ(call(kSum, {0, 0, 0, 65537}), Trap::None);
  instance_.exportedMemory = nullptr;
  EXPECT_EQ(call(kSum, {0, 0, 0, 1}), Trap::BadGuestPointer);
  EXPECT_EQ(call(kSum, {0, 0, 0, 0}), Trap::None);
  cx_.instance = nullptr;
  EXPECT_EQ(call(kSum, {0, 0, 0, 0}), Trap::None);
}

TEST_F(BindTest, TrapsLeaveTheFunction) {
  EXPECT_EQ(call(bind<&leave>("leave", Capability::Exit), {42}), Trap::Exit);
  EXPECT_EQ(cx_.exitCode, 42u);
  EXPECT_EQ(call(bind<&raises>("raises", Capability::None), {}), Trap::HostError)
      << "the first trap wins";
  EXPECT_EQ(call(bind<&nothing>("nothing", Capability::None), {}), Trap::None);
}

TEST(HostModule, FindsStaticAndAddedFunctions) {
  static constexpr HostFunc kTable[] = {kEverything, kSum};
  Counter counter;
  HostModule module("env", kTable, &counter);
  EXPECT_EQ(module.find("sum"), &kTable[1]);
  EXPECT_EQ(module.find("su"), nullptr);
  EXPECT_EQ(module.context(), &counter);
  module.add(bind<&nothing>("nothing", Capability::None));
  EXPECT_EQ(module.functions().size(), 3u);
  ASSERT_NE(module.find("nothing"), nullptr);
  EXPECT_EQ(module.find("sum")->capability, Capability::FileRead);
  HostModule empty("mine", nullptr);
  EXPECT_EQ(empty.find("x"), nullptr);
  empty.add(kSum);
  EXPECT_NE(empty.find("sum"), nullptr);
}

TEST(Capability, EveryOneHasAName) {
  EXPECT_STREQ(capabilityName(Capability::None), "none");
  EXPECT_STREQ(capabilityName(Capability::FileWrite), "file-write");
  EXPECT_STREQ(capabilityName(Capability::Exit), "exit");
  static_assert(kCapabilityCount == 12);
}

}  // namespace
}  // namespace bls::host
