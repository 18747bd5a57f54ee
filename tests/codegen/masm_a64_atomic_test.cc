// Atomic accesses and wide arithmetic of the AArch64 macro assembler against C++, and two threads
// at one cell.
#include <cstring>
#include <thread>
#include <vector>

#include "tests/codegen/assembled_a64.h"

namespace bls::codegen::a64 {
namespace {

constexpr u64 kCell = 0x8899aabbccddeeff;
constexpr u32 kSizes[] = {1, 2, 4, 8};

constexpr u32 kLse = platform::cpuBit(platform::Cpu::Lse);
/// What may be run here: exclusive pairs, single instructions.
std::vector<u32> runnable() {
  std::vector<u32> cpus = {0};
  if (platform::cpuHas(kLse)) cpus.push_back(kLse);
  return cpus;
}

u64 low(u32 bytes, u64 v) { return bytes == 8 ? v : v & ((u64{1} << 8 * bytes) - 1); }
u64 replaced(u32 bytes, u64 cell, u64 v) { return cell - low(bytes, cell) + low(bytes, v); }

TEST(MasmA64AtomicTest, LoadsAndStores) {
  for (u32 bytes : kSizes) {
    const Assembled load([&](MasmA64& m) { m.atomicLoad(bytes, kX0, kX0); });
    const Assembled store([&](MasmA64& m) {
      m.atomicStore(bytes, kX0, kX1);
      m.fence();
    });
    u64 cell = kCell;
    EXPECT_EQ(load(reinterpret_cast<u64>(&cell)), low(bytes, kCell));
    store(reinterpret_cast<u64>(&cell), 0x0102030405060708);
    EXPECT_EQ(cell, replaced(bytes, kCell, 0x0102030405060708));
  }
}

u64 expected(AtomicOp op, u64 x, u64 y) {
  switch (op) {
    case AtomicOp::Add: return x + y;
    case AtomicOp::Sub: return x - y;
    case AtomicOp::And: return x & y;
    case AtomicOp::Or: return x | y;
    case AtomicOp::Xor: return x ^ y;
    case AtomicOp::Exchange: return y;
  }
  return 0;
}

TEST(MasmA64AtomicTest, ReadModifyWrite) {
  for (AtomicOp op : {AtomicOp::Add, AtomicOp::Sub, AtomicOp::And, AtomicOp::Or, AtomicOp::Xor,
                      AtomicOp::Exchange}) {
    for (u32 cpu : runnable()) {
      for (u32 bytes : kSizes) {
        const Assembled f(
            [&](MasmA64& m) {
              m.atomicRmw(op, bytes, kX5, kX0, kX1);
              m.move(Width::W64, kX0, kX5);
            },
            false, cpu);
        for (u64 value : kInts) {
          u64 cell = kCell;
          EXPECT_EQ(f(reinterpret_cast<u64>(&cell), value), low(bytes, kCell));
          EXPECT_EQ(cell, replaced(bytes, kCell, expected(op, low(bytes, kCell), value)));
        }
      }
    }
  }
}

TEST(MasmA64AtomicTest, CompareAndExchange) {
  for (u32 cpu : runnable()) {
    for (u32 bytes : kSizes) {
      const Assembled f(
          [&](MasmA64& m) {
            m.atomicCompareExchange(bytes, kX1, kX0, kX2);
            m.move(Width::W64, kX0, kX1);
          },
          false, cpu);
      for (u64 wanted : {low(bytes, kCell), low(bytes, kCell) ^ 1, u64{0}}) {
        u64 cell = kCell;
        EXPECT_EQ(f(reinterpret_cast<u64>(&cell), wanted, 0x1234567812345678), low(bytes, kCell));
        const bool equal = wanted == low(bytes, kCell);
        EXPECT_EQ(cell, equal ? replaced(bytes, kCell, 0x1234567812345678) : kCell);
      }
    }
  }
}

TEST(MasmA64AtomicTest, NoAdditionIsLost) {
  for (u32 cpu : runnable()) {
    const Assembled f([](MasmA64& m) { m.atomicRmw(AtomicOp::Add, 4, kX5, kX0, kX1); }, false, cpu);
    u64 cell = 0;
    const auto count = [&] {
      for (u32 i = 0; i < 20000; ++i) f(reinterpret_cast<u64>(&cell), 1);
    };
    std::thread other(count);
    count();
    other.join();
    EXPECT_EQ(cell, 40000u);
  }
}

// As the GNU assembler encodes the text in the comments; these run only where the CPU has them.
TEST(MasmA64AtomicTest, SingleInstructions) {
  MasmA64 m(kLse);
  m.atomicRmw(AtomicOp::Add, 1, kX5, kX0, kX1);
  m.atomicRmw(AtomicOp::Add, 8, kX5, kX0, kX1);
  m.atomicRmw(AtomicOp::Sub, 2, kX5, kX0, kX1);
  m.atomicRmw(AtomicOp::And, 4, kX5, kX0, kX1);
  m.atomicRmw(AtomicOp::Or, 2, kX5, kX0, kX1);
  m.atomicRmw(AtomicOp::Xor, 4, kX5, kX0, kX1);
  m.atomicRmw(AtomicOp::Exchange, 8, kX28, kX15, kX23);
  m.atomicCompareExchange(1, kX5, kX0, kX1);
  m.atomicCompareExchange(8, kX5, kX0, kX1);
  const u32 expectedWords[] = {
      0x38e10005,              // ldaddalb w1, w5, [x0]
      0xf8e10005,              // ldaddal x1, x5, [x0]
      0xcb0103f0, 0x78f00005,  // neg x16, x1; ldaddalh w16, w5, [x0]
      0xaa2103f0, 0xb8f01005,  // mvn x16, x1; ldclral w16, w5, [x0]
      0x78e13005,              // ldsetalh w1, w5, [x0]
      0xb8e12005,              // ldeoral w1, w5, [x0]
      0xf8f781fc,              // swpal x23, x28, [x15]
      0x08e5fc01,              // casalb w5, w1, [x0]
      0xc8e5fc01,              // casal x5, x1, [x0]
  };
  const std::span<const u8> code = m.finish();
  ASSERT_EQ(code.size(), sizeof expectedWords);
  for (size_t i = 0; i < std::size(expectedWords); ++i) {
    u32 found;
    std::memcpy(&found, code.data() + i * 4, sizeof found);
    EXPECT_EQ(found, expectedWords[i]) << i;
  }
}

TEST(MasmA64AtomicTest, WideArithmetic) {
  __extension__ typedef __int128 i128;
  __extension__ typedef unsigned __int128 u128;
  for (IntOp op : {IntOp::Add, IntOp::Sub}) {
    u64 out[2];
    const Assembled f([&](MasmA64& m) {  // x0:x0 and x1:x2
      m.move(Width::W64, kX5, kX0);
      m.move(Width::W64, kX6, kX0);
      m.addWide(op, kX5, kX6, kX1, kX2);
      m.loadConstant(kX7, reinterpret_cast<u64>(out));
      m.store(8, Address::at(kX7, 0), kX5);
      m.store(8, Address::at(kX7, 8), kX6);
    });
    for (u64 x : kInts) {
      for (u64 y : kInts) {
        const u128 a = static_cast<u128>(x) << 64 | x;
        const u128 b = static_cast<u128>(y ^ 5) << 64 | y;
        const u128 want = op == IntOp::Add ? a + b : a - b;
        f(x, y, y ^ 5);
        ASSERT_EQ(out[0], static_cast<u64>(want));
        ASSERT_EQ(out[1], static_cast<u64>(want >> 64));
      }
    }
  }
  for (bool isSigned : {false, true}) {
    const Assembled f([&](MasmA64& m) {
      m.multiplyWide(isSigned, kX5, kX6, kX0, kX1);
      m.store(8, Address::at(kX2, 0), kX5);
      m.store(8, Address::at(kX2, 8), kX6);
    });
    for (u64 x : kInts) {
      for (u64 y : kInts) {
        const u128 want = isSigned
                              ? static_cast<u128>(i128{static_cast<i64>(x)} * static_cast<i64>(y))
                              : static_cast<u128>(x) * y;
        u64 out[2];
        f(x, y, reinterpret_cast<u64>(out));
        ASSERT_EQ(out[0], static_cast<u64>(want));
        ASSERT_EQ(out[1], static_cast<u64>(want >> 64));
      }
    }
  }
}

}  // namespace
}  // namespace bls::codegen::a64
