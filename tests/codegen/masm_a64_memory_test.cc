// Memory accesses, labels, calls and tables of the AArch64 macro assembler; what was emitted is
// read back by an independent disassembler.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "tests/codegen/assembled_a64.h"

namespace bls::codegen::a64 {

std::string disassemble(std::span<const u8> code) {
#if defined(BLS_EMULATED)
  const std::string program = "aarch64-linux-gnu-objdump";
#else
  const std::string program = "objdump";
#endif
  char name[] = "/tmp/masm_a64_XXXXXX";
  const int fd = mkstemp(name);
  if (fd < 0) return "";
  const bool written = write(fd, code.data(), code.size()) == static_cast<ssize_t>(code.size());
  close(fd);
  std::string out;
  const std::string command = program + " -D -b binary -m aarch64 -z " + name + " 2>/dev/null";
  FILE* pipe = written ? popen(command.c_str(), "r") : nullptr;
  if (pipe != nullptr) {
    char line[256];
    while (std::fgets(line, sizeof line, pipe) != nullptr) {
      // "   0:\t52800020 \tmov\tw0, #0x1                   \t// #1"
      const std::string text = line;
      const size_t word = text.find(":\t");
      const size_t at = word == std::string::npos ? word : text.find('\t', word + 2);
      if (at == std::string::npos) continue;
      std::string instruction = text.substr(at + 1, text.find("//") - at - 1);
      while (!instruction.empty() && std::isspace(static_cast<u8>(instruction.back())) != 0) {
        instruction.pop_back();
      }
      for (char& c : instruction) c = c == '\t' ? ' ' : c;
      out += instruction + "\n";
    }
    pclose(pipe);
  }
  unlink(name);
  return out;
}

namespace {

struct Case {
  Access access;
  u64 (*expected)(u64);
};
const Case kCases[] = {
    {Access::U8, [](u64 v) { return v & 0xff; }},
    {Access::S8To32, [](u64 v) { return u64{static_cast<u32>(i32{static_cast<i8>(v)})}; }},
    {Access::S8To64, [](u64 v) { return static_cast<u64>(i64{static_cast<i8>(v)}); }},
    {Access::U16, [](u64 v) { return v & 0xffff; }},
    {Access::S16To32, [](u64 v) { return u64{static_cast<u32>(i32{static_cast<i16>(v)})}; }},
    {Access::S16To64, [](u64 v) { return static_cast<u64>(i64{static_cast<i16>(v)}); }},
    {Access::U32, [](u64 v) { return v & 0xffffffff; }},
    {Access::S32To64, [](u64 v) { return static_cast<u64>(i64{static_cast<i32>(v)}); }},
    {Access::U64, [](u64 v) { return v; }},
};

// Every way of addressing: the base is moved the other way, so that the same cell is meant.
TEST(MasmA64MemoryTest, LoadsAndAddresses) {
  const u64 cells[] = {0x1111111111111111, 0x8899aabbccddeeff, 0x7766554433221100};
  const i32 displacements[] = {0,        1,         8,          255,      256,   -1,
                               -256,     -257,      4095,       32760,    32761, 0x10000,
                               0xfff000, 0x1ffffff, 0x7fffffff, -0x123456};
  for (const Case& c : kCases) {
    for (i32 disp : displacements) {
      for (Reg base : {kX0, kX21, kX16}) {
        u32 site = 0;
        u32 end = 0;
        const Assembled plain([&](MasmA64& m) {
          m.move(Width::W64, base, kX0);
          site = m.load(c.access, kX5, Address::at(base, disp));
          end = m.position();
          m.move(Width::W64, kX0, kX5);
        });
        EXPECT_EQ(end - site, 4u);
        const Assembled indexed([&](MasmA64& m) {
          m.move(Width::W64, base, kX0);
          site = m.load(c.access, kX1, Address::indexed(base, kX1, disp));
          end = m.position();
          m.move(Width::W64, kX0, kX1);
        });
        EXPECT_EQ(end - site, 4u);
        const Assembled made([&](MasmA64& m) {
          m.address(kX6, Address::indexed(kX0, kX1, disp, 3));
          m.load(c.access, kX0, Address::at(kX6, 0));
        });
        for (u64 i = 0; i < 3; ++i) {
          const u64 at = reinterpret_cast<u64>(cells + i) - static_cast<u64>(i64{disp});
          ASSERT_EQ(plain(at), c.expected(cells[i])) << disp;
          ASSERT_EQ(indexed(at - 0xfffffff0, 0xfffffff0), c.expected(cells[i])) << disp;
          ASSERT_EQ(made(at - 8 * i, i), c.expected(cells[i])) << disp;
        }
      }
    }
    for (u8 shift : {0, 1, 2, 3}) {
      for (i32 disp : {0, -8, 4096}) {
        const Assembled f(
            [&](MasmA64& m) { m.load(c.access, kX0, Address::indexed(kX0, kX1, disp, shift)); });
        const u64 at = reinterpret_cast<u64>(cells + 1) - static_cast<u64>(i64{disp});
        ASSERT_EQ(f(at - (u64{5} << shift), 5), c.expected(cells[1]));
      }
    }
  }
}

TEST(MasmA64MemoryTest, Stores) {
  for (u32 bytes : {1u, 2u, 4u, 8u}) {
    for (Reg s : {kX0, kX2, kX16, kX28}) {
      for (i32 disp : {0, 3, -5, 300, 5000}) {
        u32 probed = 0;
        const Assembled f([&](MasmA64& m) {
          m.intOpImm(IntOp::Sub, Width::W64, kX6, kX0, disp);
          m.move(Width::W64, s, kX1);
          probed = m.probe(bytes, Address::at(kX6, disp));
          m.store(bytes, Address::at(kX6, disp), s);
        });
        EXPECT_NE(probed, 0u);
        u8 memory[16];
        std::memset(memory, 0xee, sizeof memory);
        const u64 value = 0x8182838485868788;
        f(reinterpret_cast<u64>(memory + 3), value);
        for (u32 i = 0; i < sizeof memory; ++i) {
          const bool written = i >= 3 && i < 3 + bytes;
          ASSERT_EQ(memory[i], written ? static_cast<u8>(value >> 8 * (i - 3)) : 0xee);
        }
      }
    }
  }
  const u64 cell = 0x8899aabbccddeeff;
  for (Width w : kWidths) {
    for (i32 disp : {0, 16, -8, 70000}) {
      const Assembled f([&](MasmA64& m) {
        m.intOpImm(IntOp::Sub, Width::W64, kX0, kX0, disp);
        m.loadF(w, FReg{30}, Address::at(kX0, disp));
        m.loadConstant(kX3, 8);
        m.intOpImm(IntOp::Sub, Width::W64, kX1, kX1, 8);
        m.storeF(w, Address::indexed(kX1, kX3), FReg{30});
        m.moveF(FReg{2}, FReg{30});
        m.moveFromF(Width::W64, kX0, FReg{2});
      });
      u64 to = ~u64{0};
      const u64 seen = f(reinterpret_cast<u64>(&cell), reinterpret_cast<u64>(&to));
      EXPECT_EQ(to, w == Width::W32 ? 0xffffffffccddeeff : cell);
      EXPECT_EQ(seen, cut(w, cell));  // nothing above a narrow value
    }
  }
}

TEST(MasmA64MemoryTest, FlagsFromMemory) {
  u64 cell = 5;
  const Assembled f([&](MasmA64& m) {
    m.subtractMemory(Width::W64, Address::at(kX0, 0), 3);
    m.setOnFlags(Cond::LeS, kX5);
    m.compareMemory(Width::W64, Address::at(kX0, 0), kX1);
    m.setOnFlags(Cond::LtU, kX6);
    m.shiftImm(ShiftOp::Shl, Width::W64, kX6, kX6, 8);
    m.intOp(IntOp::Or, Width::W64, kX0, kX5, kX6);
  });
  EXPECT_EQ(f(reinterpret_cast<u64>(&cell), 2), 0u);  // 2: positive, not below 2
  EXPECT_EQ(f(reinterpret_cast<u64>(&cell), 2), 1u);  // -1: above any
  EXPECT_EQ(cell, ~u64{0});
  EXPECT_EQ(f(reinterpret_cast<u64>(&cell), ~u64{0}), 0x101u);
  // What is checked before an access stays in kScratch.
  const Assembled kept([&](MasmA64& m) {
    m.address(kScratch, Address::at(kX1, 0x12345678));
    m.compareMemory(Width::W64, Address::at(kX0, 0), kScratch);
    m.move(Width::W64, kX0, kScratch);
  });
  EXPECT_EQ(kept(reinterpret_cast<u64>(&cell), 0xffffffff), 0x112345677u);
  for (i32 imm : {5, -1, 0, 4096, INT32_MIN}) {
    for (u64 value : {u64{0}, u64{5}, u64{6}, u64{4096}, ~u64{0}, u64{0xffffffff}}) {
      const Assembled equal([&](MasmA64& m) {
        m.compareMemoryImm(Width::W64, Address::at(kX0, 0), imm);
        m.setOnFlags(Cond::Eq, kX0);
      });
      EXPECT_EQ(equal(reinterpret_cast<u64>(&value)),
                value == static_cast<u64>(i64{imm}) ? 1u : 0u);
    }
  }
}

TEST(MasmA64MemoryTest, WordsToSlots) {
  for (u64 value : kInts) {
    u64 slot = 0x1122334455667788;
    const Assembled f([&](MasmA64& m) { m.storeConstant(Address::at(kX0, 8), value); });
    f(reinterpret_cast<u64>(&slot) - 8);
    EXPECT_EQ(slot, value);
    const Assembled far([&](MasmA64& m) { m.storeConstant(Address::at(kX0, 1 << 20), value); });
    slot = ~value;
    far(reinterpret_cast<u64>(&slot) - (1 << 20));
    EXPECT_EQ(slot, value);
  }
  for (u32 count : {0u, 1u, 2u, 7u, 63u, 64u, 65u, 200u, 100001u}) {
    std::vector<u64> slots(count + 2, 7);
    const Assembled f([&](MasmA64& m) { m.clearSlots(Address::at(kX0, 8), count); });
    f(reinterpret_cast<u64>(slots.data()));
    EXPECT_EQ(slots.front(), 7u);
    EXPECT_EQ(slots.back(), 7u);
    for (u32 i = 1; i <= count; ++i) EXPECT_EQ(slots[i], 0u) << count << " " << i;
  }
}

TEST(MasmA64MemoryTest, ClampIndexStaysBelowTheSize) {
  const Assembled f([](MasmA64& m) { m.clampIndex(kX0, kX0, Address::at(kX1, 0)); });
  const u64 size = 5;
  for (u64 index : kInts) {
    EXPECT_EQ(f(index, reinterpret_cast<u64>(&size)), index < size ? index : 0) << index;
  }
}

// Backward and forward, a chain of jumps to one label, far ones too.
TEST(MasmA64MemoryTest, LabelsNearAndFar) {
  for (u32 filler : {0u, 20u, 4000u, 200000u}) {
    const Assembled f([&](MasmA64& m) {
      Label loop;
      Label end;
      Label out;
      m.loadConstant(kX2, 0);
      m.bind(loop);
      m.compareImm(Width::W64, kX0, 0);
      m.branchOnFlags(Cond::Eq, end);
      m.compareImm(Width::W64, kX2, 1000);
      m.branchOnFlags(Cond::GtS, out);
      for (u32 i = 0; i < filler; ++i) m.intOpImm(IntOp::Xor, Width::W64, kX3, kX3, 1);
      m.intOp(IntOp::Add, Width::W64, kX2, kX2, kX0);
      m.intOpImm(IntOp::Sub, Width::W64, kX0, kX0, 1);
      m.branchOnFlags(Cond::Eq, end);
      m.jump(loop);
      m.bind(out);
      m.loadConstant(kX2, 77);
      m.bind(end);
      m.move(Width::W64, kX0, kX2);
    });
    EXPECT_EQ(f(10), 55u);
    EXPECT_EQ(f(0), 0u);
    EXPECT_EQ(f(2000), 77u);
  }
}

// Beyond 1 MiB a conditional branch may not reach: the function is refused, not miscompiled.
TEST(MasmA64MemoryTest, WhatDoesNotReachIsRefused) {
  const auto sizeOf = [](u32 filler) {
    MasmA64 m(0);
    Label end;
    m.compareImm(Width::W64, kX0, 0);
    m.branchOnFlags(Cond::Eq, end);
    for (u32 i = 0; i < filler; ++i) m.intOpImm(IntOp::Xor, Width::W64, kX3, kX3, 1);
    m.bind(end);
    m.ret();
    return m.finish().size();
  };
  EXPECT_EQ(sizeOf((1 << 18) - 4), size_t{1} << 20);
  EXPECT_EQ(sizeOf((1 << 18) - 3), 0u);
}

TEST(MasmA64MemoryTest, CallsAndJumpsThroughMemoryAndRegisters) {
  const Assembled f([&](MasmA64& m) {
    Label callee;
    Label over;
    m.jump(over);
    m.bind(callee);
    m.landingPad();
    m.enter();
    m.intOpImm(IntOp::Add, Width::W64, kX0, kX0, 5);
    m.ret();
    m.unreachable();
    m.bind(over);
    m.loadConstant(kX0, 1);
    m.call(callee);
    m.call(callee);
  });
  EXPECT_EQ(f(), 11u);
  const u64 target = reinterpret_cast<u64>(+[]() -> u64 { return 42; });
  const Assembled through([&](MasmA64& m) { m.callAt(Address::at(kX0, 0)); });
  EXPECT_EQ(through(reinterpret_cast<u64>(&target)), 42u);
  const Assembled jumps([&](MasmA64& m) {
    // The callee's return leads back behind the call.
    Label stub;
    Label over;
    m.jump(over);
    m.bind(stub);
    m.jumpAt(Address::at(kX0, 0));
    m.bind(over);
    m.call(stub);
  });
  EXPECT_EQ(jumps(reinterpret_cast<u64>(&target)), 42u);
}

TEST(MasmA64MemoryTest, JumpTables) {
  const Assembled f([](MasmA64& m) {
    Label targets[3];
    Label back;
    Label over;
    Label done;
    m.jump(over);
    m.bind(back);
    m.landingPad();
    m.loadConstant(kX0, 99);
    m.jump(done);
    m.bind(over);
    Label* const list[] = {&targets[0], &targets[2], &back, &targets[1]};
    m.jumpTable(kX0, kX9, list);
    for (u64 i = 0; i < 3; ++i) {
      m.bind(targets[i]);
      m.landingPad();
      m.loadConstant(kX0, 10 + i);
      m.jump(done);
    }
    m.bind(done);
  });
  EXPECT_EQ(f(0), 10u);
  EXPECT_EQ(f(1), 12u);
  EXPECT_EQ(f(2), 99u);
  for (u64 beyond : {u64{3}, u64{4}, u64{0x7fffffff}, u64{0xffffffff}}) EXPECT_EQ(f(beyond), 11u);
}

TEST(MasmA64MemoryTest, RewindForgetsWhatCameAfter) {
  const Assembled f([](MasmA64& m) {
    m.loadConstant(kX1, 1);
    const u32 here = m.position();
    Label skip;
    m.compareImm(Width::W32, kX0, 0);
    m.branchOnFlags(Cond::Eq, skip);
    m.rewind(here);
    m.intOpImm(IntOp::Add, Width::W64, kX0, kX1, 41);
  });
  EXPECT_EQ(f(), 42u);
}

// What cannot be encoded must not pass silently (threat model JIT-13).
TEST(MasmA64MemoryTest, AnEncodingErrorFailsTheFunction) {
  MasmA64 m(0);
  m.shiftImm(ShiftOp::Shl, Width::W32, kX0, kSp, 3);  // the stack pointer is no operand
  m.ret();
  EXPECT_TRUE(m.finish().empty());
  m.reset();
  m.leave();
  EXPECT_EQ(m.finish().size(), 4u);
}

// Wide constants a guest chooses must not stand between instructions (threat model JIT-5).
TEST(MasmA64MemoryTest, WideConstantsStandBehindTheCode) {
  MasmA64 m(0);
  m.loadConstant(kX0, 0x123456789abcdef0);
  m.loadConstant(kX7, 0x123456789abcdef0);
  m.loadConstantF(Width::W32, FReg{9}, 0x3f800000);
  m.leave();
  const u32 end = m.position();
  const std::span<const u8> code = m.finish();
  EXPECT_EQ(code.size(), 32u);
  EXPECT_EQ(disassemble(code.first(end)), "ldr x0, 0x10\nldr x7, 0x10\nldr s9, 0x18\nret\n");
}

TEST(MasmA64MemoryTest, TheDisassemblerAgrees) {
  MasmA64 m(0);
  Label zero;
  Label overflow;
  m.landingPad();
  m.enter();
  m.intOp(IntOp::Add, Width::W32, kX0, kX1, kX9);
  m.intOpImm(IntOp::Sub, Width::W64, kX22, kX22, 16);
  m.intOpImm(IntOp::And, Width::W32, kX3, kX3, 0xff00);
  m.intOpImm(IntOp::Add, Width::W64, kX3, kX3, 0x123456);
  m.shift(ShiftOp::Rotl, Width::W64, kX5, kX6, kX7);
  m.bitOp(BitOp::Popcnt, Width::W32, kX2, kX3);
  m.divide(DivOp::DivS, Width::W32, kX0, kX1, kX2, zero, overflow);
  m.divide(DivOp::RemU, Width::W64, kX0, kX1, kX2, zero, overflow);
  m.load(Access::S16To64, kX10, Address::indexed(kMemory, kX1, 12));
  m.load(Access::S8To32, kX10, Address::indexed(kMemory, kX1));
  m.storeF(Width::W64, Address::at(kSlots, 24), FReg{14});
  m.store(4, Address::at(kSlots, -4), kX1);
  m.probe(8, Address::indexed(kMemory, kX1));
  m.compareImm(Width::W32, kX2, -5);
  m.setOnFlags(Cond::LtU, kX1);
  m.selectOnFlags(Cond::GtS, Width::W64, kX1, kX2, kX3);
  m.clampIndex(kX1, kX2, Address::at(kX3, 8));
  m.floatOp(FloatOp::Copysign, Width::W64, FReg{1}, FReg{2}, FReg{3});
  m.canonicalNan(Width::W32, FReg{4});
  m.bind(zero);
  m.bind(overflow);
  m.jumpTo(kX16);
  m.unreachable();
  EXPECT_EQ(disassemble(m.finish()),
            "bti jc\n"
            "stp x30, xzr, [sp, #-16]!\n"
            "add w0, w1, w9\n"
            "subs x22, x22, #0x10\n"
            "and w3, w3, #0xff00\n"
            "add x3, x3, #0x123, lsl #12\n"
            "add x3, x3, #0x456\n"
            "neg x17, x7\n"
            "ror x5, x6, x17\n"
            "fmov s31, w3\n"
            "cnt v31.8b, v31.8b\n"
            "addv b31, v31.8b\n"
            "fmov w2, s31\n"
            "cbz w2, 0xac\n"
            "cmn w2, #0x1\n"
            "ccmp w1, #0x1, #0x0, eq\n"
            "b.vs 0xac\n"
            "sdiv w0, w1, w2\n"
            "cbz x2, 0xac\n"
            "udiv x17, x1, x2\n"
            "msub x0, x17, x2, x1\n"
            "add x17, x1, #0xc\n"
            "ldrsh x10, [x21, x17]\n"
            "ldrsb w10, [x21, x1]\n"
            "str d14, [x19, #24]\n"
            "stur w1, [x19, #-4]\n"
            "add x17, x1, #0x7\n"
            "ldrb wzr, [x21, x17]\n"
            "cmn w2, #0x5\n"
            "cset w1, cc\n"
            "csel x1, x2, x3, gt\n"
            "ldr x17, [x3, #8]\n"
            "cmp x17, x2\n"
            "csel x1, x2, xzr, hi\n"
            "csdb\n"
            "movi d31, #0x0\n"
            "fneg d31, d31\n"
            "bsl v31.8b, v3.8b, v2.8b\n"
            "fmov d1, d31\n"
            "mov w17, #0x7fc00000\n"
            "fmov s31, w17\n"
            "fcmp s4, s4\n"
            "fcsel s4, s31, s4, vs\n"
            "br x16\n"
            "udf #0\n");
}

}  // namespace
}  // namespace bls::codegen::a64
