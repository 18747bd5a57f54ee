// Guest results do not depend on the rounding mode, on flushing of subnormal numbers or on unmasked
// exceptions that host code set, before the call or in a host function; and the host finds its own
// settings again (threat model JIT-11).
#include <gtest/gtest.h>

#include <limits>

#include "engine/exec/float_env.h"
#include "tests/support/tier_test.h"

#if defined(__x86_64__) || defined(__aarch64__)

namespace bls::test {
namespace {

TIER_SUITE(FloatEnv);

#if defined(__x86_64__)
constexpr FloatState kDown = 0x2000, kUp = 0x4000, kZero = 0x6000, kFlush = 0x8040;
constexpr FloatState kUnmasked = 0x1f80;  // to be taken out
FloatState with(FloatState bits) { return kGuestFloatState | bits; }
#else
constexpr FloatState kUp = 1 << 22, kDown = 2 << 22, kZero = 3 << 22, kFlush = 1 << 24;
FloatState with(FloatState bits) { return kGuestFloatState | bits; }
#endif

std::vector<FloatState> hostStates() {
  std::vector<FloatState> out = {with(kDown), with(kUp), with(kZero), with(kFlush),
                                 with(kDown | kFlush)};
#if defined(__x86_64__)
  out.push_back(kGuestFloatState & ~kUnmasked);
  out.push_back((kGuestFloatState & ~kUnmasked) | kZero | kFlush);
  for (FloatState bit = 0x80; bit <= 0x1000; bit *= 2) out.push_back(kGuestFloatState & ~bit);
  for (FloatState flush : {0x40, 0x8000}) out.push_back(with(flush));
#endif
  return out;
}

// One number that depends on rounding in each direction, on subnormal operands and results, and on
// conversions; scalar and vector.
Code mixture() {
  Code code;
  auto fold = [&] { code.I64ReinterpretF64().I64Xor().I64Const(7).I64Rotl(); };
  code.I64Const(0);
  code.F64Const(1).F64Const(3).F64Div();
  fold();
  code.F64Const(-1).F64Const(3).F64Div();
  fold();
  code.F64Const(2).F64Sqrt();
  fold();
  code.F64Const(0.1).F64Const(0.2).F64Add();
  fold();
  code.F64Const(std::numeric_limits<f64>::min()).F64Const(3).F64Div();  // a subnormal result
  fold();
  code.F64Const(std::numeric_limits<f64>::denorm_min()).F64Const(3).F64Mul();  // and operand
  fold();
  code.F64Const(0.1).op(Op::F32DemoteF64).op(Op::F64PromoteF32);
  fold();
  code.I64Const(0x7ffffffffffffe01).F64ConvertI64S();
  fold();
  code.F64Const(1).F64Const(0).F64Div();
  fold();
  code.F64Const(2.5).op(Op::F64Nearest).F64Const(-0.5).op(Op::F64Nearest).F64Sub();
  fold();
  code.F64Const(0).F64Const(0).F64Div().F64Const(1).F64Const(0).F64Div().F64Min().Drop();
  code.F32Const(1).op(Op::F32x4Splat).F32Const(3).op(Op::F32x4Splat).op(Op::F32x4Div);
  code.op(Op::I64x2ExtractLane).byte(1).I64Xor();
  code.F64Const(-1).op(Op::F64x2Splat).F64Const(3).op(Op::F64x2Splat).op(Op::F64x2Div);
  code.op(Op::I64x2ExtractLane).byte(0).I64Xor();
  return code;
}

TIER_TEST(FloatEnv, HostSettingsChangeNoResult) {
  ModuleBuilder module;
  module.importFunc("h", "dirty", "", "");
  Code after = mixture();
  Code dirtied;
  dirtied.Call(0);
  dirtied.bytes.insert(dirtied.bytes.end(), after.bytes.begin(), after.bytes.end());
  module.func("plain", "", "l", mixture());
  module.func("dirtied", "", "l", dirtied);
  Code tail;
  tail.ReturnCall(0);
  module.func("tail", "", "", tail);
  Code behindTail;
  behindTail.Call(3);
  behindTail.bytes.insert(behindTail.bytes.end(), after.bytes.begin(), after.bytes.end());
  module.func("behind", "", "l", behindTail);
  FloatState set = kGuestFloatState, seen = 0;
  tier.open();
  tier.linker().function("h", "dirty", [&](host::Caller&) {
    seen = floatState() & kFloatStateBits;
    setFloatState(set);
  });
  tier.add(module);
  const FloatState mine = floatState();
  const Outcome expected = tier.call("plain");
  ASSERT_EQ(expected.trap, Trap::None);
  for (FloatState state : hostStates()) {
    for (const char* name : {"plain", "dirtied", "behind"}) {
      // A state to come from, and the one a host function leaves.
      for (auto [before, inside] : {std::pair{state, kGuestFloatState},
                                    std::pair{kGuestFloatState, state}, std::pair{state, state}}) {
        set = inside;
        auto function = tier.instance().function(name).value();
        setFloatState(before);
        auto result = function.call(std::span<const Value>());
        const FloatState left = floatState();
        setFloatState(mine);
        ASSERT_TRUE(result.ok());
        EXPECT_EQ(result.value(), expected.values) << name << std::hex << " host " << state;
        EXPECT_EQ(left & kFloatStateBits, before & kFloatStateBits) << name;
        if (std::string_view(name) != "plain") {
          EXPECT_EQ(seen, kGuestFloatState);
        }
      }
    }
  }
}

// Also when the call ends in a trap.
TIER_TEST(FloatEnv, TheHostHasItsSettingsBackAfterATrap) {
  ModuleBuilder module;
  Code trap;
  trap.I32Const(-1).memory(Op::I32Load, 0).Drop();
  module.memory(1);
  module.func("trap", "", "", trap);
  tier.load(module);
  auto function = tier.instance().function("trap").value();
  const FloatState mine = floatState();
  setFloatState(with(kUp | kFlush));
  auto result = function.call(std::span<const Value>());
  const FloatState left = floatState();
  setFloatState(mine);
  EXPECT_EQ(result.failure().trap, Trap::MemoryOutOfBounds);
  EXPECT_EQ(left & kFloatStateBits, with(kUp | kFlush));
}

}  // namespace
}  // namespace bls::test
#endif
