// Operand values of the vector tests, and the functors behind one function type.
#include "tests/codegen/vector_code.h"

#include <array>
#include <cstdio>

namespace bls::codegen {
namespace {

const u64 kEdges8[] = {0,    1,    2,    7,    8,    0x0f, 0x10, 0x55,
                       0x7e, 0x7f, 0x80, 0x81, 0xaa, 0xf0, 0xfe, 0xff};
const u64 kEdges16[] = {0,      1,      2,      0x7f,   0x80,   0xff,   0x100,  0x3fff, 0x4000,
                        0x5555, 0x7ffe, 0x7fff, 0x8000, 0x8001, 0xff7f, 0xff80, 0xfffe, 0xffff};
const u64 kEdges32[] = {0,          1,          2,          0x7fff,     0x8000,     0xffff,
                        0x10000,    0x00ffffff, 0x01000001, 0x7fffff7f, 0x7fffffbf, 0x7ffffffe,
                        0x7fffffff, 0x80000000, 0x80000001, 0x80000080, 0xffff7fff, 0xffff8000,
                        0xfffffe7f, 0xfffffe80, 0xffffff7f, 0xffffff80, 0xfffffffe, 0xffffffff};
const u64 kEdges64[] = {0,
                        1,
                        2,
                        0x7fffffff,
                        0x80000000,
                        0xffffffff,
                        0x100000000,
                        0x7fffffff00000000,
                        0x7ffffffffffffffe,
                        0x7fffffffffffffff,
                        0x8000000000000000,
                        0x8000000000000001,
                        0x80000000ffffffff,
                        0xffffffff00000000,
                        0xffffffff80000000,
                        0xfffffffffffffffe,
                        0xffffffffffffffff};
const u64 kEdgesF32[] = {0,          0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0xbf000000,
                         0x3fc00000, 0x40200000, 0xc0600000, 0x00000001, 0x80000001, 0x007fffff,
                         0x00800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000,
                         0xffc00000, 0x7f800001, 0x7fa12345, 0xff812345, 0x7fc54321, 0xffc00123,
                         0x7fffffff, 0xffffffff, 0x4effffff, 0x4f000000, 0x4f000001, 0x4f7fffff,
                         0x4f800000, 0xceffffff, 0xcf000000, 0xcf000001, 0xcf800000, 0xbf7fffff,
                         0x3f7fffff, 0x3effffff, 0x4b000001, 0x4a800001, 0xca800003, 0x5f000000};
const u64 kEdgesF64[] = {0,
                         0x8000000000000000,
                         0x3ff0000000000000,
                         0xbff0000000000000,
                         0x3fe0000000000000,
                         0xbfe0000000000000,
                         0x3fdfffffffffffff,
                         0x4004000000000000,
                         0xc00c000000000000,
                         0x0000000000000001,
                         0x800fffffffffffff,
                         0x0010000000000000,
                         0x7fefffffffffffff,
                         0xffefffffffffffff,
                         0x7ff0000000000000,
                         0xfff0000000000000,
                         0x7ff8000000000000,
                         0xfff8000000000000,
                         0x7ff0000000000001,
                         0x7ff4123456789abc,
                         0xfff2123456789abc,
                         0x7ff8fedcba987654,
                         0xfff8000000000123,
                         0xffffffffffffffff,
                         0x41dfffffffbfffff,
                         0x41dfffffffc00000,
                         0x41dfffffffffffff,
                         0x41e0000000000000,
                         0x41efffffffdfffff,
                         0x41efffffffe00000,
                         0x41efffffffffffff,
                         0x41f0000000000000,
                         0xc1e0000000000000,
                         0xc1e00000001fffff,
                         0xc1e0000000200000,
                         0xbfefffffffffffff,
                         0x3fefffffffffffff,
                         0x4330000000000001,
                         0x47efffffe0000000,
                         0x47efffffefffffff,
                         0x47effffff0000000,
                         0x36a0000000000000,
                         0x380fffffffffffff};

struct Edges {
  std::span<const u64> values;
  u32 bits;
};
const Edges kEdges[] = {{kEdges8, 8},   {kEdges16, 16},  {kEdges32, 32},
                        {kEdges64, 64}, {kEdgesF32, 32}, {kEdgesF64, 64}};
static_assert(std::size(kEdges) + 1 == VectorValues::kKinds);

template <Op O, class R, class... Args>
[[gnu::noinline]] R evaluate(Args... args) {
  return SemOf<O>::eval(args...);
}

// Which of two NaNs a sum or product gives is left open by C++, and g++ exchanges the operands as
// it likes. The macro assembler gives the one that the CPU does for operands in that order: the
// first of two (AArch64: of two quiet or two signalling ones; a signalling one goes before). In
// lanes where the operand is it, the functor's result is replaced.
template <class T>
Vec withNanOf(Vec result, Vec first, Vec second) {
  using Format = sem::detail::FloatFormat<T>;
  const Vec quiet = sem::vec(sem::splat<typename Format::Bits>(Format::kQuiet));
  const auto isNan = [](Vec v) { return sem::vec(sem::lanes<T>(v) != sem::lanes<T>(v)); };
  const auto isSignalling = [&](Vec v) {
    const Vec bit = v & quiet;
    return isNan(v) & sem::vec(sem::lanes<typename Format::Bits>(bit) == 0);
  };
  const Vec taken =
      isNan(first) & (kSignallingFirst ? ~isSignalling(second) | isSignalling(first) : ~Vec{});
  result = (taken & (first | quiet)) | (~taken & result);
  const Vec other = isNan(first) & ~taken;
  return (other & (second | quiet)) | (~other & result);
}

template <class S, template <class> class F>
constexpr bool kIsFloat = std::is_same_v<S, F<f32>> || std::is_same_v<S, F<f64>>;

template <Op O>
Vec evaluateBinary(Vec a, Vec b) {
  using S = SemOf<O>;
  const Vec result = evaluate<O, Vec>(a, b);
  if constexpr (kIsFloat<S, sem::FloatLaneAdd> || kIsFloat<S, sem::FloatLaneMul>) {
    if constexpr (S::kNanBits == 32) return withNanOf<f32>(result, a, b);
    if constexpr (S::kNanBits == 64) return withNanOf<f64>(result, a, b);
  }
  return result;
}

/// Multiply-add in its two steps, for the same reason.
template <Op O>
Vec evaluateTernary(Vec a, Vec b, Vec c) {
  using S = SemOf<O>;
  if constexpr (std::is_same_v<S, sem::RelaxedMadd<f32>>) {
    return evaluateBinary<Op::F32x4Add>(evaluateBinary<Op::F32x4Mul>(a, b), c);
  } else if constexpr (std::is_same_v<S, sem::RelaxedMadd<f64>>) {
    return evaluateBinary<Op::F64x2Add>(evaluateBinary<Op::F64x2Mul>(a, b), c);
  } else if constexpr (std::is_same_v<S, sem::RelaxedNmadd<f32>>) {
    return evaluateBinary<Op::F32x4Sub>(c, evaluateBinary<Op::F32x4Mul>(a, b));
  } else if constexpr (std::is_same_v<S, sem::RelaxedNmadd<f64>>) {
    return evaluateBinary<Op::F64x2Sub>(c, evaluateBinary<Op::F64x2Mul>(a, b));
  } else {
    return evaluate<O, Vec>(a, b, c);
  }
}

template <class T>
u64 scalarBits(T value) {
  if constexpr (std::is_same_v<T, f32>) return std::bit_cast<u32>(value);
  if constexpr (std::is_same_v<T, f64>) return std::bit_cast<u64>(value);
  if constexpr (std::is_integral_v<T>) return value;
}
template <class T>
T scalarOf(u64 bits) {
  if constexpr (std::is_same_v<T, f32>) return std::bit_cast<f32>(static_cast<u32>(bits));
  if constexpr (std::is_same_v<T, f64>) return std::bit_cast<f64>(bits);
  if constexpr (std::is_integral_v<T>) return static_cast<T>(bits);
}

template <Op O>
Outcome outcome(const Operands& in) {
  constexpr OpClass kClass = OpTag<O>::kInfo.cls;
  Outcome out{};
  if constexpr (kClass == OpClass::VUnary) {
    out.v = evaluate<O, Vec>(in.v[0]);
  } else if constexpr (kClass == OpClass::VBinary) {
    out.v = evaluateBinary<O>(in.v[0], in.v[1]);
  } else if constexpr (kClass == OpClass::VTernary) {
    out.v = evaluateTernary<O>(in.v[0], in.v[1], in.v[2]);
  } else if constexpr (kClass == OpClass::VShift) {
    out.v = evaluate<O, Vec>(in.v[0], static_cast<u32>(in.scalar));
  } else if constexpr (kClass == OpClass::VTest) {
    out.scalar = evaluate<O, u32>(in.v[0]);
  } else if constexpr (kClass == OpClass::VSplat) {
    out.v = evaluate<O, Vec>(scalarOf<sem::ParamSlot<O, 0>>(in.scalar));
  } else if constexpr (kClass == OpClass::VExtract) {
    out.scalar = scalarBits(evaluate<O, sem::ResultSlot<O, 0>>(in.v[0], in.lane));
  } else if constexpr (kClass == OpClass::VReplace) {
    out.v = evaluate<O, Vec>(in.v[0], scalarOf<sem::ParamSlot<O, 1>>(in.scalar), in.lane);
  }
  return out;
}

template <Op O>
void addCase(std::array<std::vector<VectorCase>, 64>& cases) {
  constexpr OpClass kClass = OpTag<O>::kInfo.cls;
  if constexpr (kClass >= OpClass::VSplat && kClass <= OpClass::VShift &&
                kClass != OpClass::VShuffle) {
    cases[static_cast<size_t>(kClass)].push_back({O, &outcome<O>});
  }
}

}  // namespace

const std::vector<VectorCase>& vectorCases(OpClass cls) {
  static const auto all = [] {
    std::array<std::vector<VectorCase>, 64> cases;
#define OP(name, ...) addCase<Op::name>(cases);
#include "engine/wasm/opcodes.def"
#undef OP
    return cases;
  }();
  return all[static_cast<size_t>(cls)];
}

VectorValues::VectorValues(u64 seed) : random_(seed) {
  for (u32 kind = 0; kind < kKinds; ++kind) {
    for (u32 i = 0; i < kEach; ++i) made_[kind].push_back(make(kind));
  }
}

Vec VectorValues::make(u32 kind) {
  if (kind == std::size(kEdges)) return Vec{random_(), random_()};
  const auto& [values, bits] = kEdges[kind];
  u64 words[2] = {};
  for (u64& word : words) {
    for (u32 at = 0; at < 64; at += bits) word |= values[random_() % values.size()] << at;
  }
  return Vec{words[0], words[1]};
}

State VectorValues::state() {
  State state;
  for (Vec& v : state.v) v = vector(kind());
  for (u64& g : state.g) g = random_();
  return state;
}

std::string text(Vec value) {
  char out[48];
  std::snprintf(out, sizeof out, "%016llx:%016llx", static_cast<unsigned long long>(value[1]),
                static_cast<unsigned long long>(value[0]));
  return out;
}

}  // namespace bls::codegen
