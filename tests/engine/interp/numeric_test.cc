// Every numeric instruction in every combination of operand places, against the semantics functors
// and across back ends.
#include <gtest/gtest.h>

#include "engine/interp/variants.h"
#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

TIER_SUITE(InterpNumeric);

const u64 kSamples[] = {0,
                        1,
                        2,
                        5,
                        31,
                        63,
                        0x7f,
                        0x80,
                        0xffff,
                        0x7fffffff,
                        0x80000000,
                        0xffffffff,
                        0x123456789abcdef0,
                        0x7fffffffffffffff,
                        0x8000000000000000,
                        ~u64{0},
                        0x3ff0000000000000,
                        0xbff8000000000000,
                        0x40f86a0000000000,
                        0x7ff0000000000000,
                        0x3f800000,
                        0xc1200000,
                        0x41dfffffffc00000};

Value valueOf(char letter, u64 bits) {
  if (letter == 'i' || letter == 'f') bits = static_cast<u32>(bits);
  return {ValType::fromLetter(letter), bits, letter == 'v' ? bits * 0x9e3779b97f4a7c15u : 0};
}
void constant(Code& code, char letter, u64 bits) {
  switch (letter) {
    case 'i': code.I32Const(static_cast<i32>(bits)); break;
    case 'l': code.I64Const(static_cast<i64>(bits)); break;
    case 'f': code.op(Op::F32Const).raw(static_cast<u32>(bits)); break;
    case 'd': code.op(Op::F64Const).raw(bits); break;
    default: code.op(Op::V128Const).raw(bits).raw(bits * 0x9e3779b97f4a7c15u); break;
  }
}
/// Leaves a local's value as a temporary: with an instruction that keeps the bits.
void temporary(Code& code, char letter, u32 local) {
  code.LocalGet(local);
  switch (letter) {
    case 'i': code.I32Const(0).I32Or(); break;
    case 'l': code.I64Const(0).I64Or(); break;
    case 'f': code.F32Neg().F32Neg(); break;
    case 'd': code.F64Neg().F64Neg(); break;
    default: code.V128Not().V128Not(); break;
  }
}
enum Place : u8 { Local, Temp, Const, Places };

void operandAt(Code& code, Place place, char letter, u32 local, u64 bits) {
  if (place == Local) code.LocalGet(local);
  if (place == Temp) temporary(code, letter, local);
  if (place == Const) constant(code, letter, bits);
}

bool isNan(char letter, const Value& v) {
  if (letter == 'f') return v.asF32() != v.asF32();
  return letter == 'd' && v.asF64() != v.asF64();
}

// All instructions with one or two operands and one result, not counting those with lane immediates
// or memory.
bool isPlain(const OpInfo& info) {
  switch (info.cls) {
    case OpClass::Binary:
    case OpClass::Compare:
    case OpClass::Unary:
    case OpClass::Test:
    case OpClass::VUnary:
    case OpClass::VBinary:
    case OpClass::VTest:
    case OpClass::VSplat:
    case OpClass::VShift: return info.feature != Feature::RelaxedSimd;
    default: return false;
  }
}

// The same operands through parameters, temporaries and constants must give the same result, in
// each back end; results are compared between places, and with the loop back end's plain form.
TIER_TEST(InterpNumeric, AllOperandPlacesAgree) {
  TierRun reference(tierKinds()[0]);
  for (u32 i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    const OpInfo& info = opInfo(op);
    if (!isPlain(info)) continue;
    for (u64 sample = 0; sample < 6; ++sample) {
      const u64 x = kSamples[(i * 7 + sample * 5) % std::size(kSamples)];
      const u64 y = kSamples[(i * 3 + sample * 11 + 1) % std::size(kSamples)];
      const std::string params(info.params, info.paramCount);
      const std::string results(1, info.results[0]);
      ModuleBuilder module;
      std::vector<std::string> names;
      for (u8 px = 0; px < Places; ++px) {
        for (u8 py = 0; py < (info.paramCount == 2 ? Places : 1); ++py) {
          for (bool named : {false, true}) {
            Code code;
            operandAt(code, static_cast<Place>(px), info.params[0], 0, x);
            if (info.paramCount == 2) operandAt(code, static_cast<Place>(py), info.params[1], 1, y);
            code.op(op);
            const u32 extra = info.paramCount;
            if (named) code.LocalSet(extra).LocalGet(extra);
            names.push_back("f" + std::to_string(names.size()));
            module.func(names.back(), params, results, code, {{1, info.results[0]}});
          }
        }
      }
      std::vector<Value> args{valueOf(info.params[0], x)};
      if (info.paramCount == 2) args.push_back(valueOf(info.params[1], y));
      // NaN lanes may differ between back ends, as the spec allows, unless they are made canonical.
      tier.deterministic = reference.deterministic =
          info.results[0] == 'v' && interp::kNanBits[i] != 0;
      tier.load(module);
      reference.load(module);
      const Outcome expected = reference.call("f0", args);
      for (const std::string& name : names) {
        const Outcome got = tier.call(name, args);
        ASSERT_EQ(got.trap, expected.trap) << info.text << " " << name;
        if (got.trap != Trap::None || isNan(info.results[0], expected.values[0])) continue;
        ASSERT_EQ(got.values[0], expected.values[0])
            << info.text << " " << name << " " << x << " " << y;
      }
    }
  }
}

// Comparisons decide branches and selects the same way as their value says.
TIER_TEST(InterpNumeric, ComparisonsBranchAndSelect) {
  for (u32 i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    const OpInfo& info = opInfo(op);
    if (info.cls != OpClass::Compare && info.cls != OpClass::Test) continue;
    const std::string params(info.params, info.paramCount);
    for (u8 px = 0; px < Places; ++px) {
      for (u8 py = 0; py < (info.paramCount == 2 ? Places : 1); ++py) {
        const u64 pairs[][2] = {{3, 5},       {5, 3}, {4, 4},     {~u64{0}, 1},
                                {1, ~u64{0}}, {0, 0}, {70000, 3}, {3, 70000}};
        for (const auto& pair : pairs) {
          auto condition = [&](Code& code) {
            operandAt(code, static_cast<Place>(px), info.params[0], 0, pair[0]);
            if (info.paramCount == 2)
              operandAt(code, static_cast<Place>(py), info.params[1], 1, pair[1]);
            code.op(op);
          };
          Code value, branch, negated, chosen, arms;
          condition(value);
          branch.Block();
          condition(branch);
          branch.BrIf(0).I32Const(0).op(Op::Return).End().I32Const(1);
          negated.Block();
          condition(negated);
          negated.I32Eqz().BrIf(0).I32Const(1).op(Op::Return).End().I32Const(0);
          chosen.I32Const(1).I32Const(0);
          condition(chosen);
          chosen.Select();
          condition(arms);
          arms.If(0x7f).I32Const(1).Else().I32Const(0).End();
          ModuleBuilder module;
          module.func("value", params, "i", value);
          module.func("branch", params, "i", branch);
          module.func("negated", params, "i", negated);
          module.func("chosen", params, "i", chosen);
          module.func("arms", params, "i", arms);
          tier.load(module);
          std::vector<Value> args{valueOf(info.params[0], pair[0])};
          if (info.paramCount == 2) args.push_back(valueOf(info.params[1], pair[1]));
          const Outcome expected = tier.call("value", args);
          for (const char* name : {"branch", "negated", "chosen", "arms"}) {
            ASSERT_EQ(tier.call(name, args), expected)
                << info.text << " " << name << " " << int{px} << int{py};
          }
        }
      }
    }
  }
}

TIER_TEST(InterpNumeric, DeterministicModeMakesNansCanonical) {
  Code code, lanes;
  code.LocalGet(0).LocalGet(0).F64Add();
  lanes.LocalGet(0).LocalGet(0).F32x4Mul();
  ModuleBuilder module;
  module.func("scalar", "d", "d", code);
  module.func("lanes", "v", "v", lanes);
  tier.deterministic = true;
  tier.load(module);
  const u64 payload = 0xfff8000000012345;
  EXPECT_EQ(tier.call("scalar", {Value{ValType::F64, payload, 0}}).values[0].lo,
            0x7ff8000000000000u);
  const Value vector{ValType::V128, 0xffc123457fc00001, 0x3f8000003f800000};
  EXPECT_EQ(tier.call("lanes", {vector}).values[0],
            (Value{ValType::V128, 0x7fc000007fc00000, 0x3f8000003f800000}));
}

// Row families are used by position: the first row of each must be where the tables say, the last
// where the forms end.
static_assert(interp::plus(interp::H::I32Add_SS, 9) == interp::H::I32Add_SAa);
static_assert(interp::plus(interp::H::I64Mul_SS, 2 * u32(interp::kFormAW) + 1) ==
              interp::H::I64Mul_AWa);
static_assert(interp::plus(interp::H::F64Sub_SS, 13) == interp::H::F64Sub_IAa);
static_assert(interp::plus(interp::H::I32LtS_Br_SS, 7) == interp::H::I32LtS_BrM_AI);
static_assert(interp::plus(interp::H::F32Lt_Br_SS, 15) == interp::H::F32Lt_BrNM_AI);
static_assert(interp::plus(interp::H::I32Load_GS, 16) == interp::H::I32Load_Far);
static_assert(interp::plus(interp::H::I32Load_GS, 30) == interp::H::I32Load_GP3a);
static_assert(interp::plus(interp::H::I32Store_GSS, 16) == interp::H::I32Store_CAI);
static_assert(interp::plus(interp::H::BrNz_S, 15) == interp::H::BrZ64M_A);
static_assert(interp::plus(interp::H::BrTest_SS, 15) == interp::H::BrTestNM_AI);
static_assert(interp::plus(interp::H::ShlAdd1_SS, 23) == interp::H::ShlAdd3_IAa);
static_assert(interp::plus(interp::H::BrTable_S, 7) == interp::H::BrTableAddM_A);

}  // namespace
}  // namespace bls::test
