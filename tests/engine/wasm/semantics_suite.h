// The semantics tests themselves. A .cc file per instruction-set build defines SEM_SUITE (the name
// of its test suites) and, where the build needs more than the base machine, SEM_SUPPORTED, and
// includes this. Differential tests run the case tables; the rest are tables of borders and the
// shapes that the case checkers do not cover (memory, lanes by number, wide arithmetic, atomics,
// canonical NaNs).
#pragma once

#include <cmath>
#include <set>

#include "tests/engine/wasm/semantics_cases_scalar.h"
#include "tests/engine/wasm/semantics_cases_simd.h"

#ifndef SEM_SUPPORTED
#define SEM_SUPPORTED true
#endif
#define SEM_TEST_NAMED(suite, name) TEST(suite, name)
#define SEM_TEST(name) SEM_TEST_NAMED(SEM_SUITE, name)
#define SEM_REQUIRE_MACHINE() \
  if (!(SEM_SUPPORTED)) GTEST_SKIP() << "this machine lacks the instructions"

namespace bls {
namespace {

SEM_TEST(ScalarMatchesModel) {
  SEM_REQUIRE_MACHINE();
  for (const Case& item : kScalarCases) EXPECT_EQ(item.run(20000), "") << item.name;
}

SEM_TEST(SimdMatchesModel) {
  SEM_REQUIRE_MACHINE();
  for (const Case& item : kSimdCases) EXPECT_EQ(item.run(3000), "") << item.name;
}

SEM_TEST(EveryOperationHasACase) {
  std::set<std::string> tested;
  for (const Case& item : kScalarCases) EXPECT_TRUE(tested.insert(item.name).second) << item.name;
  for (const Case& item : kSimdCases) EXPECT_TRUE(tested.insert(item.name).second) << item.name;
  const auto expectTested = [&](const char* name, OpClass cls) {
    switch (cls) {
      case OpClass::Unary:
      case OpClass::Binary:
      case OpClass::Compare:
      case OpClass::Test:
      case OpClass::VUnary:
      case OpClass::VBinary:
      case OpClass::VTernary:
      case OpClass::VTest:
      case OpClass::VShift: EXPECT_EQ(tested.erase(name), 1u) << name; break;
      default: break;
    }
  };
#define OP(name, prefix, code, text, imm, sig, cls, ...) expectTested(#name, OpClass::cls);
#include "engine/wasm/opcodes.def"
#undef OP
  EXPECT_TRUE(tested.empty()) << *tested.begin() << " is no instruction";
}

// Borders, as numbers.

SEM_TEST(DivisionBorders) {
  SEM_REQUIRE_MACHINE();
  using Div32 = sem::DivS<i32>;
  using Rem64 = sem::RemS<i64>;
  constexpr u32 kMin = 0x80000000u;
  constexpr u64 kMin64 = 0x8000000000000000u;
  EXPECT_EQ(Div32::check(kMin, ~0u), Trap::IntegerOverflow);
  EXPECT_EQ(Div32::check(kMin + 1, ~0u), Trap::None);
  EXPECT_EQ(Div32::eval(kMin + 1, ~0u), 0x7fffffffu);
  EXPECT_EQ(Div32::check(kMin, 0), Trap::DivideByZero);
  EXPECT_EQ(Div32::eval(kMin, 1), kMin);
  EXPECT_EQ(Rem64::check(kMin64, ~u64{0}), Trap::None);
  EXPECT_EQ(Rem64::eval(kMin64, ~u64{0}), 0u);
  EXPECT_EQ(Rem64::check(1, 0), Trap::DivideByZero);
  EXPECT_EQ(sem::RemU<u32>::check(1, 0), Trap::DivideByZero);
  EXPECT_EQ(sem::DivU<u64>::eval(~u64{0}, ~u64{0}), 1u);
}

/// check() of the largest and smallest operands that convert, and of their outer neighbours.
template <class I, class F>
void expectTruncationBorders(F least, F greatest, I atLeast, I atGreatest) {
  using Trunc = sem::TruncTo<I, F>;
  const F infinity = std::numeric_limits<F>::infinity();
  EXPECT_EQ(Trunc::check(least), Trap::None);
  EXPECT_EQ(static_cast<I>(Trunc::eval(least)), atLeast);
  EXPECT_EQ(Trunc::check(std::nextafter(least, -infinity)), Trap::IntegerOverflow);
  EXPECT_EQ(Trunc::check(greatest), Trap::None);
  EXPECT_EQ(static_cast<I>(Trunc::eval(greatest)), atGreatest);
  EXPECT_EQ(Trunc::check(std::nextafter(greatest, infinity)), Trap::IntegerOverflow);
  EXPECT_EQ(Trunc::check(infinity), Trap::IntegerOverflow);
  EXPECT_EQ(Trunc::check(-std::numeric_limits<F>::quiet_NaN()), Trap::InvalidConversion);
}

SEM_TEST(TruncationBorders) {
  SEM_REQUIRE_MACHINE();
  constexpr i32 kMin = std::numeric_limits<i32>::min(), kMax = std::numeric_limits<i32>::max();
  constexpr i64 kMin64 = std::numeric_limits<i64>::min();
  expectTruncationBorders<i32, f32>(-0x1p31f, 0x1.fffffep30f, kMin, 2147483520);
  expectTruncationBorders<u32, f32>(-0x1.fffffep-1f, 0x1.fffffep31f, 0u, 4294967040u);
  expectTruncationBorders<i32, f64>(-0x1.00000001fffffp31, 0x1.fffffffffffffp30, kMin, kMax);
  expectTruncationBorders<u32, f64>(-0x1.fffffffffffffp-1, 0x1.fffffffffffffp31, 0u, ~0u);
  expectTruncationBorders<i64, f32>(-0x1p63f, 0x1.fffffep62f, kMin64, 0x7fffff8000000000);
  expectTruncationBorders<u64, f32>(-0x1.fffffep-1f, 0x1.fffffep63f, u64{0}, 0xffffff0000000000u);
  expectTruncationBorders<i64, f64>(-0x1p63, 0x1.fffffffffffffp62, kMin64, 0x7ffffffffffffc00);
  expectTruncationBorders<u64, f64>(-0x1.fffffffffffffp-1, 0x1.fffffffffffffp63, u64{0},
                                    0xfffffffffffff800u);
}

SEM_TEST(RoundingBorders) {
  SEM_REQUIRE_MACHINE();
  EXPECT_EQ(sem::Nearest<f64>::eval(4503599627370495.5), 4503599627370496.0);
  EXPECT_EQ(sem::Nearest<f64>::eval(4503599627370494.5), 4503599627370494.0);
  EXPECT_EQ(sem::Nearest<f64>::eval(0.49999999999999994), 0.0);
  EXPECT_EQ(sem::Floor<f64>::eval(-4503599627370495.5), -4503599627370496.0);
  EXPECT_EQ(sem::Ceil<f32>::eval(8388607.5f), 8388608.0f);
  EXPECT_EQ(sem::Trunc<f32>::eval(-8388607.5f), -8388607.0f);
  EXPECT_EQ(sem::Floor<f32>::eval(-0x1p-149f), -1.0f);
  EXPECT_TRUE(std::signbit(sem::Ceil<f32>::eval(-0.9f)));
  EXPECT_TRUE(std::signbit(sem::Trunc<f64>::eval(-0.9)));
  EXPECT_TRUE(std::signbit(sem::Nearest<f64>::eval(-0.5)));
  EXPECT_TRUE(std::signbit(sem::Floor<f64>::eval(-0.0)));
  EXPECT_FALSE(std::signbit(sem::Floor<f64>::eval(0.7)));
}

SEM_TEST(ConversionsRoundOnce) {
  SEM_REQUIRE_MACHINE();
  // Through f64 these would first round to a tie and then to even.
  EXPECT_EQ((sem::ConvertTo<f32, u64>::eval(0x8000008000000001u)), 0x1.000002p63f);
  EXPECT_EQ((sem::ConvertTo<f32, u64>::eval(0x8000008000000000u)), 0x1p63f);
  EXPECT_EQ((sem::ConvertTo<f32, i64>::eval(0x0020000020000001u)), 0x1.000002p53f);
  EXPECT_EQ((sem::ConvertTo<f64, u64>::eval(0xfffffffffffffbffu)), 0x1.fffffffffffffp63);
  EXPECT_EQ((sem::ConvertTo<f64, u64>::eval(0xfffffffffffffc00u)), 0x1p64);
}

SEM_TEST(MadAddRoundsTwice) {
  SEM_REQUIRE_MACHINE();
  // (1 + 2^-52)^2 - (1 + 2^-51) is 2^-104 exactly, 0 after the product was rounded.
  const sem::Vec a = sem::F64x2Splat::eval(0x1.0000000000001p0);
  const sem::Vec c = sem::F64x2Splat::eval(-0x1.0000000000002p0);
  EXPECT_EQ(sem::F64x2ExtractLane::eval(sem::F64x2RelaxedMadd::eval(a, a, c), 0), 0.0);
  const sem::Vec minusC = sem::F64x2Neg::eval(c);
  EXPECT_EQ(sem::F64x2ExtractLane::eval(sem::F64x2RelaxedNmadd::eval(a, a, minusC), 1), 0.0);
}

SEM_TEST(RelaxedDotSaturates) {
  SEM_REQUIRE_MACHINE();
  const sem::Vec least = sem::I8x16Splat::eval(0x80);
  const sem::Vec pairs = sem::I16x8RelaxedDotI8x16I7x16S::eval(least, least);
  EXPECT_EQ(sem::I16x8ExtractLaneU::eval(pairs, 3), 0x7fffu);
  const sem::Vec sums = sem::I32x4RelaxedDotI8x16I7x16AddS::eval(least, least, sem::Vec{});
  EXPECT_EQ(sem::I32x4ExtractLane::eval(sums, 0), 0xfffeu);
}

SEM_TEST(WideArithmetic) {
  SEM_REQUIRE_MACHINE();
  Random random;
  for (int i = 0; i < 20000; ++i) {
    const u64 a = random.integer<u64>(), b = random.integer<u64>(), c = random.integer<u64>(),
              d = random.integer<u64>();
    const U128 lhs = static_cast<U128>(b) << 64 | a, rhs = static_cast<U128>(d) << 64 | c;
    const auto wide = [](U128 value) {
      return sem::WideResult{static_cast<u64>(value), static_cast<u64>(value >> 64)};
    };
    const U128 product =
        static_cast<U128>(static_cast<I128>(static_cast<i64>(a)) * static_cast<i64>(b));
    ASSERT_EQ(sem::I64Add128::eval(a, b, c, d), wide(lhs + rhs)) << hex(a) << ' ' << hex(c);
    ASSERT_EQ(sem::I64Sub128::eval(a, b, c, d), wide(lhs - rhs)) << hex(a) << ' ' << hex(c);
    ASSERT_EQ(sem::I64MulWideU::eval(a, b), wide(static_cast<U128>(a) * b))
        << hex(a) << ' ' << hex(b);
    ASSERT_EQ(sem::I64MulWideS::eval(a, b), wide(product)) << hex(a) << ' ' << hex(b);
    ASSERT_EQ(sem::detail::mulWidePortable(a, b), wide(static_cast<U128>(a) * b));
  }
}

// Out of line, because the templates below compare in many instantiations.
[[gnu::noinline]] void expectSame(u64 actual, u64 expected, const char* what) {
  EXPECT_EQ(actual, expected) << what;
}
template <class T, std::size_t kLanes>
void expectSame(sem::Vec actual, const std::array<T, kLanes>& expected, const char* what) {
  const sem::Vec wanted = __builtin_bit_cast(sem::Vec, expected);
  expectSame(actual[0], wanted[0], what);
  expectSame(actual[1], wanted[1], what);
}

// Memory.

template <class S, class Slot, u32 kWidth, bool kSigned>
void expectLoad() {
  static_assert(S::kWidth == kWidth);
  u8 bytes[16];
  for (u32 i = 0; i < 16; ++i) bytes[i] = static_cast<u8>(0x71 + 0x1d * i);
  for (u32 at = 0; at + kWidth <= 16; ++at) {  // also unaligned
    u64 expected = 0;
    for (u32 i = 0; i < kWidth; ++i) expected |= u64{bytes[at + i]} << (8 * i);
    if (kSigned && bytes[at + kWidth - 1] >= 0x80) {
      for (u32 i = kWidth; i < sizeof(Slot); ++i) expected |= u64{0xff} << (8 * i);
    }
    const Slot actual = S::load(bytes + at);
    expectSame(toModel<Slot>(actual), static_cast<M<Slot>>(expected), "load");
  }
}

SEM_TEST(ScalarLoads) {
  SEM_REQUIRE_MACHINE();
  expectLoad<sem::Load<u32, u32>, u32, 4, false>();
  expectLoad<sem::Load<u64, u64>, u64, 8, false>();
  expectLoad<sem::Load<f32, f32>, f32, 4, false>();
  expectLoad<sem::Load<f64, f64>, f64, 8, false>();
  expectLoad<sem::Load<u32, i8>, u32, 1, true>();
  expectLoad<sem::Load<u32, u8>, u32, 1, false>();
  expectLoad<sem::Load<u32, i16>, u32, 2, true>();
  expectLoad<sem::Load<u32, u16>, u32, 2, false>();
  expectLoad<sem::Load<u64, i8>, u64, 1, true>();
  expectLoad<sem::Load<u64, u8>, u64, 1, false>();
  expectLoad<sem::Load<u64, i16>, u64, 2, true>();
  expectLoad<sem::Load<u64, u16>, u64, 2, false>();
  expectLoad<sem::Load<u64, i32>, u64, 4, true>();
  expectLoad<sem::Load<u64, u32>, u64, 4, false>();
}

template <class S, class Slot, u32 kWidth>
void expectStore(u64 pattern) {
  static_assert(S::kWidth == kWidth);
  for (u32 at = 0; at < 8; ++at) {
    u8 bytes[20];
    std::memset(bytes, 0xee, sizeof bytes);
    S::store(bytes + at, __builtin_bit_cast(Slot, static_cast<M<Slot>>(pattern)));
    for (u32 i = 0; i < sizeof bytes; ++i) {
      const bool written = i >= at && i < at + kWidth;
      expectSame(bytes[i], written ? static_cast<u8>(pattern >> (8 * (i - at))) : 0xee, "store");
    }
  }
}

SEM_TEST(ScalarStores) {
  SEM_REQUIRE_MACHINE();
  constexpr u64 kPattern = 0x8899aabbccddeeff;
  expectStore<sem::Store<u32, u32>, u32, 4>(kPattern);
  expectStore<sem::Store<u64, u64>, u64, 8>(kPattern);
  expectStore<sem::Store<f32, f32>, f32, 4>(0x7f800001);          // signalling
  expectStore<sem::Store<f64, f64>, f64, 8>(0xfff0000000000123);  // signalling
  expectStore<sem::Store<u32, u8>, u32, 1>(kPattern);
  expectStore<sem::Store<u32, u16>, u32, 2>(kPattern);
  expectStore<sem::Store<u64, u8>, u64, 1>(kPattern);
  expectStore<sem::Store<u64, u16>, u64, 2>(kPattern);
  expectStore<sem::Store<u64, u32>, u64, 4>(kPattern);
}

/// The pure rule, and the atomic form against it. Model: old, operand -> new.
template <template <class, class> class Rmw, class Value, class Mem, class Model>
void expectRmw(Model expect) {
  using S = Rmw<Value, Mem>;
  Random random;
  for (int i = 0; i < 2000; ++i) {
    const Mem old = random.integer<Mem>();
    const Value operand = random.integer<Value>();
    const Mem narrow = S::toMemory(operand);
    expectSame(narrow, static_cast<Mem>(operand), "toMemory");
    const Mem expected = static_cast<Mem>(expect(U128{old}, U128{operand}));
    expectSame(S::apply(old, narrow), expected, "apply");
    Mem cell = old;
    expectSame(S::fetch(&cell, narrow), old, "fetch");
    expectSame(cell, expected, "fetched cell");
    expectSame(S::fromMemory(old), Value{old}, "fromMemory");
  }
}
template <class Value, class Mem>
void expectAtomics() {
  expectRmw<sem::RmwAdd, Value, Mem>([](U128 a, U128 b) { return a + b; });
  expectRmw<sem::RmwSub, Value, Mem>([](U128 a, U128 b) { return a - b; });
  expectRmw<sem::RmwAnd, Value, Mem>([](U128 a, U128 b) { return a & b; });
  expectRmw<sem::RmwOr, Value, Mem>([](U128 a, U128 b) { return a | b; });
  expectRmw<sem::RmwXor, Value, Mem>([](U128 a, U128 b) { return (a | b) - (a & b); });
  expectRmw<sem::RmwXchg, Value, Mem>([](U128, U128 b) { return b; });
  using Cmpxchg = sem::RmwCmpxchg<Value, Mem>;
  Random random;
  for (int i = 0; i < 2000; ++i) {
    const Mem old = random.integer<Mem>();
    const Value expected = i % 3 == 0 ? random.integer<Value>() : Value{old};
    const Value replacement = random.integer<Value>();
    const Mem wanted = expected == old ? static_cast<Mem>(replacement) : old;
    expectSame(Cmpxchg::apply(old, expected, replacement), wanted, "apply");
    Mem cell = old;
    expectSame(Cmpxchg::fetch(&cell, expected, replacement), old, "fetch");
    expectSame(cell, wanted, "fetched cell");
  }
}

SEM_TEST(Atomics) {
  SEM_REQUIRE_MACHINE();
  expectAtomics<u32, u8>();
  expectAtomics<u32, u16>();
  expectAtomics<u32, u32>();
  expectAtomics<u64, u8>();
  expectAtomics<u64, u16>();
  expectAtomics<u64, u32>();
  expectAtomics<u64, u64>();
  u8 cell = 5;  // high bits of the expected value: no match, though the low byte is equal
  EXPECT_EQ((sem::RmwCmpxchg<u32, u8>::fetch(&cell, 0x105, 9)), 5);
  EXPECT_EQ(cell, 5);
}

/// Result lane i: bytes [i * kFrom, ..) of the input, extended to Out.
template <class S, class From, class Out>
void expectVectorLoad(bool splat, bool zero) {
  static_assert(S::kWidth == sizeof(typename S::Mem));
  Random random;
  for (int round = 0; round < 100; ++round) {
    u8 bytes[17];
    for (u8& byte : bytes) byte = static_cast<u8>(random.bits());
    const auto actual = split<Out>(S::load(bytes + 1));
    for (u32 lane = 0; lane < kCount<Out>; ++lane) {
      const u32 from = splat ? 0 : lane;
      const From item = sem::readLe<From>(bytes + 1 + (zero && lane > 0 ? 0 : from) * sizeof(From));
      expectSame(actual[lane], zero && lane > 0 ? Out{0} : static_cast<Out>(item), "lane");
    }
  }
}

SEM_TEST(VectorLoads) {
  SEM_REQUIRE_MACHINE();
  expectVectorLoad<sem::V128Load, u8, u8>(false, false);
  expectVectorLoad<sem::V128Load8x8S, i8, i16>(false, false);
  expectVectorLoad<sem::V128Load8x8U, u8, u16>(false, false);
  expectVectorLoad<sem::V128Load16x4S, i16, i32>(false, false);
  expectVectorLoad<sem::V128Load16x4U, u16, u32>(false, false);
  expectVectorLoad<sem::V128Load32x2S, i32, i64>(false, false);
  expectVectorLoad<sem::V128Load32x2U, u32, u64>(false, false);
  expectVectorLoad<sem::V128Load8Splat, u8, u8>(true, false);
  expectVectorLoad<sem::V128Load16Splat, u16, u16>(true, false);
  expectVectorLoad<sem::V128Load32Splat, u32, u32>(true, false);
  expectVectorLoad<sem::V128Load64Splat, u64, u64>(true, false);
  expectVectorLoad<sem::V128Load32Zero, u32, u32>(false, true);
  expectVectorLoad<sem::V128Load64Zero, u64, u64>(false, true);
  u8 bytes[18] = {};
  const sem::Vec value = {0x1122334455667788, 0x99aabbccddeeff00};
  sem::V128Store::store(bytes + 1, value);
  EXPECT_EQ(split<u8>(sem::V128Load::load(bytes + 1)), split<u8>(value));
  EXPECT_EQ(bytes[0], 0);
  EXPECT_EQ(bytes[1], 0x88);
  EXPECT_EQ(bytes[16], 0x99);
  EXPECT_EQ(bytes[17], 0);
  EXPECT_EQ(split<u8>(sem::toVec(sem::toV128(value))), split<u8>(value));
}

template <class T>
u64 bitsOfSlot(T slot) {
  return static_cast<u64>(toModel<T>(slot));
}

/// Extract, replace and the memory forms of one lane type.
template <class Lane, class Extract, class Replace, class LoadLane, class StoreLane>
void expectLanes() {
  using Slot = typename Extract::Res;
  Random random;
  for (int round = 0; round < 50; ++round) {
    const sem::Vec value = random.vector<Lane>();
    const Lane item = random.value<Lane>();
    for (u32 lane = 0; lane < kCount<Lane>; ++lane) {
      const Array<Lane> before = split<Lane>(value);
      expectSame(bitsOfSlot(Extract::eval(value, lane)),
                 bitsOfSlot(static_cast<Slot>(__builtin_bit_cast(Lane, before[lane]))), "extract");
      expectSame(bitsOfSlot(Extract::eval(value, lane + 16)),
                 bitsOfSlot(Extract::eval(value, lane)), "extract, large number");
      Array<Lane> after = before;
      after[lane] = __builtin_bit_cast(M<Lane>, item);
      expectSame(Replace::eval(value, static_cast<Slot>(item), lane), after, "replace");
      using Mem = typename LoadLane::Mem;
      const Mem memory = __builtin_bit_cast(Mem, item);
      expectSame(LoadLane::fromMemory(memory, value, lane), after, "load lane");
      expectSame(StoreLane::toMemory(value, lane), __builtin_bit_cast(Mem, before[lane]),
                 "store lane");
    }
  }
}

SEM_TEST(LanesByNumber) {
  SEM_REQUIRE_MACHINE();
  expectLanes<i8, sem::I8x16ExtractLaneS, sem::I8x16ReplaceLane, sem::V128Load8Lane,
              sem::V128Store8Lane>();
  expectLanes<u8, sem::I8x16ExtractLaneU, sem::I8x16ReplaceLane, sem::V128Load8Lane,
              sem::V128Store8Lane>();
  expectLanes<i16, sem::I16x8ExtractLaneS, sem::I16x8ReplaceLane, sem::V128Load16Lane,
              sem::V128Store16Lane>();
  expectLanes<u16, sem::I16x8ExtractLaneU, sem::I16x8ReplaceLane, sem::V128Load16Lane,
              sem::V128Store16Lane>();
  expectLanes<u32, sem::I32x4ExtractLane, sem::I32x4ReplaceLane, sem::V128Load32Lane,
              sem::V128Store32Lane>();
  expectLanes<u64, sem::I64x2ExtractLane, sem::I64x2ReplaceLane, sem::V128Load64Lane,
              sem::V128Store64Lane>();
  expectLanes<f32, sem::F32x4ExtractLane, sem::F32x4ReplaceLane, sem::V128Load32Lane,
              sem::V128Store32Lane>();
  expectLanes<f64, sem::F64x2ExtractLane, sem::F64x2ReplaceLane, sem::V128Load64Lane,
              sem::V128Store64Lane>();
}

template <class Lane, class Splat>
void expectSplat() {
  Random random;
  for (int round = 0; round < 100; ++round) {
    const auto value = random.value<typename Splat::Arg>();
    Array<Lane> expected;
    expected.fill(static_cast<M<Lane>>(toModel<typename Splat::Arg>(value)));
    expectSame(Splat::eval(value), expected, "splat");
  }
}

SEM_TEST(Splats) {
  SEM_REQUIRE_MACHINE();
  expectSplat<u8, sem::I8x16Splat>();
  expectSplat<u16, sem::I16x8Splat>();
  expectSplat<u32, sem::I32x4Splat>();
  expectSplat<u64, sem::I64x2Splat>();
  expectSplat<f32, sem::F32x4Splat>();
  expectSplat<f64, sem::F64x2Splat>();
}

SEM_TEST(Shuffle) {
  SEM_REQUIRE_MACHINE();
  Random random;
  for (int round = 0; round < 2000; ++round) {
    const sem::Vec a = random.vector<u8>(), b = random.vector<u8>();
    const sem::Vec select = random.vector<u8>() & sem::I8x16Splat::eval(31);
    Array<u8> expected;
    for (u32 i = 0; i < 16; ++i) {
      const u8 from = split<u8>(select)[i];
      expected[i] = from < 16 ? split<u8>(a)[from] : split<u8>(b)[from - 16];
    }
    ASSERT_EQ(split<u8>(sem::I8x16Shuffle::eval(a, b, select)), expected) << hex(select);
  }
}

SEM_TEST(CanonicalResults) {
  SEM_REQUIRE_MACHINE();
  const f32 odd = __builtin_bit_cast(f32, 0xffc00005u);
  EXPECT_EQ(toModel<f32>(sem::canonicalNan(odd)), 0x7fc00000u);
  EXPECT_EQ(toModel<f32>(sem::canonicalResult<sem::Add<f32>>(odd)), 0x7fc00000u);
  EXPECT_EQ(toModel<f32>(sem::canonicalResult<sem::Neg<f32>>(odd)), 0xffc00005u);
  EXPECT_EQ(sem::canonicalResult<sem::Add<u32>>(0xffc00005u), 0xffc00005u);
  EXPECT_EQ(sem::canonicalNan(-1.5), -1.5);
  EXPECT_EQ(toModel<f64>(sem::canonicalNan(__builtin_bit_cast(f64, u64{0xfff8000000000000u}))),
            0x7ff8000000000000u);
  const sem::Vec mixed =
      sem::vec(sem::Lanes<u32>{0xffc00005u, 0x3f800000u, 0x7f800001u, 0xff800000u});
  const Array<u32> wanted = {0x7fc00000u, 0x3f800000u, 0x7fc00000u, 0xff800000u};
  EXPECT_EQ(split<u32>(sem::canonicalResult<sem::F32x4Mul>(mixed)), wanted);
  EXPECT_EQ(split<u32>(sem::canonicalResult<sem::F32x4Pmin>(mixed)), split<u32>(mixed));
  const sem::Vec two = {0xfff0000000000001u, 0x4000000000000000u};
  const Array<u64> wantedTwo = {0x7ff8000000000000u, 0x4000000000000000u};
  EXPECT_EQ(split<u64>(sem::canonicalResult<sem::F64x2RelaxedMadd>(two)), wantedTwo);
  EXPECT_EQ(split<u64>(sem::canonicalResult<sem::V128Not>(two)), split<u64>(two));
}

}  // namespace
}  // namespace bls
