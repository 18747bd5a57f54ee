// Atomic accesses and arithmetic on pairs: run on edge values in several register assignments and
// compared with C++; what must be locked is, by an independent disassembler.
#include <cstring>

#include "tests/codegen/assembled.h"

namespace bls::codegen::x64 {
namespace {

constexpr u32 kWidthsInBytes[] = {1, 2, 4, 8};
constexpr AtomicOp kOps[] = {AtomicOp::Add, AtomicOp::Sub, AtomicOp::And,
                             AtomicOp::Or,  AtomicOp::Xor, AtomicOp::Exchange};
constexpr bool needsCompared(AtomicOp op) {
  return op == AtomicOp::And || op == AtomicOp::Or || op == AtomicOp::Xor;
}
u64 mask(u32 bytes) { return bytes == 8 ? ~u64{0} : (u64{1} << bytes * 8) - 1; }
u64 applied(AtomicOp op, u64 old, u64 x) {
  switch (op) {
    case AtomicOp::Add: return old + x;
    case AtomicOp::Sub: return old - x;
    case AtomicOp::And: return old & x;
    case AtomicOp::Or: return old | x;
    case AtomicOp::Xor: return old ^ x;
    case AtomicOp::Exchange: return x;
  }
  return 0;
}

struct Placement {
  Reg d, at, s;
};
constexpr Placement kPlacements[] = {{kRax, kRdi, kRsi}, {kRax, kR13, kR8}, {kRax, kRbp, kRdx},
                                     {kRcx, kRdi, kRcx}, {kR9, kR10, kRax}, {kRsi, kRax, kRsi},
                                     {kRdi, kRsi, kRdx}};

// Arguments: address, operand. By way of the stack, for any placement.
Assembled withPlacement(const Placement& p, const std::function<void(MasmX64&)>& emit) {
  return Assembled([&](MasmX64& m) {
    m.push(kRdi);
    m.push(kRsi);
    m.pop(p.s);
    m.pop(p.at);
    emit(m);
    m.move(Width::W64, kRax, p.d);
  });
}
std::string textOf(const std::function<void(MasmX64&)>& emit) {
  MasmX64 m(platform::cpuFeatures());
  emit(m);
  return disassemble(m.finish());
}

TEST(MasmX64AtomicTest, ReadModifyWrite) {
  for (AtomicOp op : kOps) {
    for (u32 bytes : kWidthsInBytes) {
      for (const Placement& p : kPlacements) {
        if (needsCompared(op) && (p.d != kRax || p.s == kRax)) continue;
        const auto emit = [&](MasmX64& m) { m.atomicRmw(op, bytes, p.d, p.at, p.s); };
        const Assembled f = withPlacement(p, emit);
        for (u64 old : kInts) {
          for (u64 x : kInts) {
            u64 word = old;
            ASSERT_EQ(f(reinterpret_cast<u64>(&word), x), old & mask(bytes))
                << static_cast<int>(op) << " " << bytes << " " << x;
            const u64 expected = (old & ~mask(bytes)) | (applied(op, old, x) & mask(bytes));
            ASSERT_EQ(word, expected) << static_cast<int>(op) << " " << bytes << " " << x;
          }
        }
        const std::string text = textOf(emit);
        EXPECT_EQ(text.find('?'), std::string::npos) << text;
        if (op != AtomicOp::Exchange) {
          EXPECT_NE(text.find("lock "), std::string::npos) << text;
        } else {
          EXPECT_NE(text.find("xchg "), std::string::npos) << text;
        }
      }
    }
  }
}

TEST(MasmX64AtomicTest, LoadsAndStores) {
  for (u32 bytes : kWidthsInBytes) {
    for (const Placement& p : kPlacements) {
      const Assembled load = withPlacement(p, [&](MasmX64& m) { m.atomicLoad(bytes, p.d, p.at); });
      const Assembled inPlace = withPlacement(p, [&](MasmX64& m) {
        m.atomicLoad(bytes, p.at, p.at);
        m.move(Width::W64, p.d, p.at);
      });
      const Assembled store =
          withPlacement(p, [&](MasmX64& m) { m.atomicStore(bytes, p.at, p.s); });
      for (u64 old : kInts) {
        for (u64 x : kInts) {
          u64 word = old;
          ASSERT_EQ(load(reinterpret_cast<u64>(&word), x), old & mask(bytes));
          ASSERT_EQ(inPlace(reinterpret_cast<u64>(&word), x), old & mask(bytes));
          (void)store(reinterpret_cast<u64>(&word), x);
          ASSERT_EQ(word, (old & ~mask(bytes)) | (x & mask(bytes))) << bytes;
        }
      }
    }
    EXPECT_NE(textOf([&](MasmX64& m) { m.atomicStore(bytes, kRdi, kRsi); }).find("xchg "),
              std::string::npos);
  }
  EXPECT_EQ(textOf([](MasmX64& m) { m.fence(); }), "mfence\n");
}

TEST(MasmX64AtomicTest, CompareAndExchange) {
  for (u32 bytes : kWidthsInBytes) {
    for (const Placement& p : kPlacements) {
      if (p.at == kRax || p.s == kRax || p.at == p.s) continue;
      const Assembled f = Assembled([&](MasmX64& m) {  // address, expected, replacement
        m.push(kRdi);
        m.push(kRsi);
        m.push(kRdx);
        m.pop(p.s);
        m.pop(kRax);
        m.pop(p.at);
        m.atomicCompareExchange(bytes, kRax, p.at, p.s);
      });
      for (u64 old : kInts) {
        for (u64 x : kInts) {
          for (u64 expected : {old & mask(bytes), x & mask(bytes)}) {
            u64 word = old;
            ASSERT_EQ(f(reinterpret_cast<u64>(&word), expected, x), old & mask(bytes)) << bytes;
            const bool same = expected == (old & mask(bytes));
            ASSERT_EQ(word, same ? (old & ~mask(bytes)) | (x & mask(bytes)) : old) << bytes;
          }
        }
      }
    }
    EXPECT_NE(
        textOf([&](MasmX64& m) { m.atomicCompareExchange(bytes, kRax, kRdi, kRsi); }).find("lock "),
        std::string::npos);
  }
}

TEST(MasmX64AtomicTest, ArithmeticOnPairs) {
  __extension__ using U = unsigned __int128;
  __extension__ using I = __int128;
  for (IntOp op : {IntOp::Add, IntOp::Sub}) {
    for (bool high : {false, true}) {
      const Assembled f([&](MasmX64& m) {  // rsi:rdi op rdi:rdx
        m.move(Width::W64, kR8, kRdi);
        m.move(Width::W64, kR13, kRsi);
        m.addWide(op, kR8, kR13, kRdx, kRdi);
        m.move(Width::W64, kRax, high ? kR13 : kR8);
      });
      for (u64 a : kInts) {
        for (u64 b : kInts) {
          for (u64 c : kInts) {
            const U x = static_cast<U>(b) << 64 | a;
            const U y = static_cast<U>(a) << 64 | c;
            const U expected = op == IntOp::Add ? x + y : x - y;
            ASSERT_EQ(f(a, b, c), static_cast<u64>(high ? expected >> 64 : expected));
          }
        }
      }
    }
  }
  for (bool isSigned : {false, true}) {
    for (bool high : {false, true}) {
      for (Reg b : {kRsi, kR9, kRbp}) {
        const Assembled f([&](MasmX64& m) {
          m.move(Width::W64, kRax, kRdi);
          m.move(Width::W64, b, kRsi);
          m.multiplyWide(isSigned, kRax, kRdx, kRax, b);
          if (high) m.move(Width::W64, kRax, kRdx);
        });
        for (u64 x : kInts) {
          for (u64 y : kInts) {
            const U product =
                isSigned ? static_cast<U>(static_cast<I>(static_cast<i64>(x)) * static_cast<i64>(y))
                         : static_cast<U>(x) * y;
            ASSERT_EQ(f(x, y), static_cast<u64>(high ? product >> 64 : product));
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace bls::codegen::x64
