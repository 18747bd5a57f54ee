// Random valid functions, run in every back end, metered and not: results, memory and fuel must
// agree. This is where a wrong renaming, a lost flush or a wrong fusion in the translator shows.
// Seeded, so that a failure repeats.
#include <gtest/gtest.h>

#include <random>

#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

constexpr u32 kLocals = 8;  // 0..3 i32, 4..5 i64, 6..7 f64; then loop counters
constexpr char kLetters[] = {'i', 'i', 'i', 'i', 'l', 'l', 'd', 'd'};

class Generator {
 public:
  explicit Generator(u32 seed) : random_(seed) {}

  Code body() {
    statements(4, 3);
    for (u32 i = 0; i < kLocals; ++i) {  // the state, folded into one number
      code_.LocalGet(i);
      if (kLetters[i] == 'i') code_.I64ExtendI32U();
      if (kLetters[i] == 'd') code_.I64ReinterpretF64();
      if (i != 0) code_.I64Const(7).I64Rotl().I64Xor();
    }
    return code_;
  }
  u32 loops() const { return loops_; }

 private:
  u32 below(u32 n) { return static_cast<u32>(random_() % n); }

  void statements(u32 count, u32 depth) {
    for (u32 i = 0; i < count; ++i) statement(depth);
  }
  void statement(u32 depth) {
    const u32 kind = below(depth == 0 ? 5 : 9);
    const u32 local = below(kLocals);
    switch (kind) {
      case 0:
      case 1:
      case 2:
        expression(kLetters[local], 3);
        code_.LocalSet(local);
        break;
      case 3:  // address in range by masking
        address();
        expression(kLetters[local], 2);
        code_.memory(kLetters[local] == 'i'   ? Op::I32Store
                     : kLetters[local] == 'l' ? Op::I64Store
                                              : Op::F64Store,
                     below(2) * 8);
        break;
      case 4:  // increments in a row
        for (u32 i = 0; i < 3; ++i) {
          const u32 l = below(4);
          code_.LocalGet(l).I32Const(static_cast<i32>(below(9))).I32Add().LocalSet(l);
        }
        break;
      case 5:
        condition();
        code_.If();
        statements(2, depth - 1);
        if (below(2) == 0) {
          code_.Else();
          statements(2, depth - 1);
        }
        code_.End();
        break;
      case 6:
        code_.Block();
        statements(1, depth - 1);
        condition();
        code_.BrIf(0);
        statements(1, depth - 1);
        code_.End();
        break;
      case 7: {  // a counted loop
        const u32 counter = kLocals + loops_++;
        code_.I32Const(0).LocalSet(counter).Loop();
        statements(2, depth - 1);
        code_.LocalGet(counter).I32Const(1).I32Add().LocalTee(counter).I32Const(
            3 + static_cast<i32>(below(5)));
        code_.I32Ne().BrIf(0).End();
        break;
      }
      default:
        code_.Block().Block().Block();
        expression('i', 2);
        code_.I32Const(3).I32And().BrTable({0, 1, 2, 0}).End();
        statements(1, depth - 1);
        code_.End();
        statements(1, depth - 1);
        code_.End();
        break;
    }
  }
  void address() {
    expression('i', 1);
    code_.I32Const(0xff8).I32And();
    if (below(2) == 0) code_.I32Const(static_cast<i32>(below(64)) * 8).I32Add();
  }
  void condition() {
    static const Op kInt[] = {Op::I32Eq, Op::I32Ne, Op::I32LtS, Op::I32LtU, Op::I32GeS, Op::I32And};
    static const Op kFloat[] = {Op::F64Lt, Op::F64Le, Op::F64Ne, Op::F64Ge};
    if (below(4) == 0) {
      expression('d', 1);
      expression('d', 1);
      code_.op(kFloat[below(std::size(kFloat))]);
    } else {
      expression('i', 2);
      expression('i', 1);
      code_.op(kInt[below(std::size(kInt))]);
    }
    if (below(3) == 0) code_.I32Eqz();
  }
  void expression(char letter, u32 depth) {
    const u32 first = letter == 'i' ? 0 : letter == 'l' ? 4 : 6;
    const u32 count = letter == 'i' ? 4 : 2;
    const u32 kind = depth == 0 ? below(2) : below(10);
    static const Op kI[] = {Op::I32Add, Op::I32Sub,  Op::I32Mul, Op::I32Xor,
                            Op::I32Shl, Op::I32ShrU, Op::I32And, Op::I32Rotl};
    static const Op kL[] = {Op::I64Add, Op::I64Sub,  Op::I64Mul, Op::I64Xor,
                            Op::I64Shl, Op::I64ShrS, Op::I64Or};
    static const Op kD[] = {Op::F64Add, Op::F64Sub, Op::F64Mul, Op::F64Min, Op::F64Copysign};
    switch (kind) {
      case 0: code_.LocalGet(first + below(count)); return;
      case 1:
        if (letter == 'i') code_.I32Const(static_cast<i32>(random_() >> (8 + below(24))));
        if (letter == 'l') code_.I64Const(static_cast<i64>(random_()) << below(33));
        if (letter == 'd') code_.F64Const(static_cast<f64>(below(1000)) / 8);
        return;
      case 2:  // tee: a value that is also a local from here on
        expression(letter, depth - 1);
        code_.LocalTee(first + below(count));
        return;
      case 3:
        expression(letter, depth - 1);
        expression(letter, depth - 1);
        condition();
        code_.Select();
        return;
      case 4:
        address();
        code_.memory(letter == 'i'   ? Op::I32Load
                     : letter == 'l' ? Op::I64Load
                                     : Op::F64Load,
                     below(2) * 16);
        return;
      case 5:  // scaled index
        if (letter == 'i') {
          expression('i', 0);
          expression('i', depth - 1);
          code_.I32Const(1 + static_cast<i32>(below(3))).I32Shl().I32Add();
        } else if (letter == 'l') {
          expression('i', depth - 1);
          code_.op(below(2) == 0 ? Op::I64ExtendI32S : Op::I64ExtendI32U);
        } else {
          expression('i', depth - 1);
          code_.F64ConvertI32S();
        }
        return;
      case 6:  // a block that yields the value, left early or not
        code_.Block(static_cast<u8>(ValType::fromLetter(letter).kind()));
        expression(letter, depth - 1);
        condition();
        code_.BrIf(0).Drop();
        expression(letter, depth - 1);
        code_.End();
        return;
      default:
        expression(letter, depth - 1);
        expression(letter, depth - 1);
        if (letter == 'i') code_.op(kI[below(std::size(kI))]);
        if (letter == 'l') code_.op(kL[below(std::size(kL))]);
        if (letter == 'd') code_.op(kD[below(std::size(kD))]);
        return;
    }
  }

  std::mt19937_64 random_;
  Code code_;
  u32 loops_ = 0;
};

struct Seen {
  Outcome outcome;
  std::vector<u8> memory;
  u64 fuel = 0;
};

Seen run(const TierKind& kind, bool metered, const ModuleBuilder& module) {
  TierRun tier(kind);
  tier.metered = metered;
  tier.deterministic = true;
  tier.load(module);
  Seen seen;
  seen.outcome = tier.call("f", {Value::i32(3), Value::i32(-70000), Value::i64(1234567890123)});
  auto memory = tier.instance().memory("memory");
  seen.memory.resize(8192);
  EXPECT_TRUE(memory.value().read(0, seen.memory));
  if (metered) seen.fuel = tier.fuel();
  return seen;
}

TEST(InterpAgreement, RandomFunctionsAgreeInEveryBackEnd) {
  const std::vector<TierKind> kinds = tierKinds();
  for (u32 seed = 1; seed <= 400; ++seed) {
    Generator generator(seed);
    const Code body = generator.body();
    ModuleBuilder module;
    module.memory(1);
    Code spread;  // f's three parameters become the eight locals the generator works on
    spread.LocalGet(0)
        .LocalGet(1)
        .LocalGet(1)
        .LocalGet(0)
        .LocalGet(2)
        .LocalGet(2)
        .LocalGet(2)
        .F64ConvertI64S();
    spread.LocalGet(0).F64ConvertI32S().Call(1);
    module.func("f", "iil", "l", spread);
    module.func("g", "iiiilldd", "l", body, {{generator.loops(), 'i'}});
    for (bool metered : {false, true}) {
      const Seen expected = run(kinds[0], metered, module);
      for (size_t k = 1; k < kinds.size(); ++k) {
        const Seen got = run(kinds[k], metered, module);
        ASSERT_EQ(got.outcome, expected.outcome)
            << "seed " << seed << " " << kinds[k].name << " metered " << metered;
        ASSERT_EQ(got.memory == expected.memory, true) << "seed " << seed << " " << kinds[k].name;
        ASSERT_EQ(got.fuel, expected.fuel) << "seed " << seed << " " << kinds[k].name;
      }
    }
  }
}

}  // namespace
}  // namespace bls::test
