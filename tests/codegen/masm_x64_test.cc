// Every operation of the macro assembler is run on edge values in several register assignments,
// with the CPU's extensions and without, and compared with C++; what was emitted is read back by an
// independent disassembler.
#include "codegen/x64/masm_x64.h"

#include <Zydis/Zydis.h>

#include <bit>
#include <cstring>
#include <vector>

#include "tests/codegen/assembled.h"

namespace bls::codegen::x64 {

std::string disassemble(std::span<const u8> code) {
  ZydisDisassembledInstruction instruction;
  std::string out;
  for (size_t at = 0; at < code.size();) {
    if (!ZYAN_SUCCESS(ZydisDisassembleIntel(ZYDIS_MACHINE_MODE_LONG_64, at, code.data() + at,
                                            code.size() - at, &instruction))) {
      return out + "?\n";
    }
    out += std::string(instruction.text) + "\n";
    at += instruction.info.length;
  }
  return out;
}

namespace {

// All extensions the CPU has, and none: the fallbacks run everywhere.
std::vector<u32> featureSets() { return {platform::cpuFeatures(), 0}; }

struct Placement {
  Reg d, a, b;
};
// Low and high registers, with the result as either operand or apart; kShiftCount as b for shifts.
const Placement kPlacements[] = {
    {kRax, kRsi, kRdx}, {kRsi, kRsi, kR9}, {kR9, kR10, kR9},   {kR13, kR8, kRdi},
    {kRdi, kR13, kRax}, {kR8, kR8, kR8},   {kRdx, kRax, kRdx},
};

/// Arguments (rdi, rsi) to the placement, then `emit`, then the result to rax.
Assembled binary(const Placement& p, u32 cpu, const std::function<void(MasmX64&)>& emit) {
  return Assembled(
      [&](MasmX64& m) {
        m.push(kRdi);
        m.push(kRsi);
        m.pop(p.b);
        if (p.b == p.a) {  // one register: the first argument in both
          m.pop(p.a);
        } else {
          m.pop(p.a);
        }
        emit(m);
        m.move(Width::W64, kRax, p.d);
      },
      cpu);
}

TEST(MasmX64Test, IntegerOperations) {
  for (IntOp op : kIntOps) {
    for (Width w : kWidths) {
      for (const Placement& p : kPlacements) {
        const Assembled f = binary(p, 0, [&](MasmX64& m) { m.intOp(op, w, p.d, p.a, p.b); });
        for (u64 x : kInts) {
          for (u64 y : kInts) {
            const u64 right = p.a == p.b ? x : y;
            ASSERT_EQ(f(x, y), expectedInt(op, w, x, right))
                << static_cast<int>(op) << " " << static_cast<int>(w) << " " << x << " " << y;
          }
        }
      }
    }
  }
}

TEST(MasmX64Test, IntegerOperationsWithImmediates) {
  const i32 immediates[] = {0,    1,    -1,  2,       7,         127,      128,
                            -128, -129, 255, 1 << 20, INT32_MAX, INT32_MIN};
  for (IntOp op : kIntOps) {
    for (Width w : kWidths) {
      for (const Placement& p : kPlacements) {
        for (i32 imm : immediates) {
          const Assembled f = binary(p, 0, [&](MasmX64& m) { m.intOpImm(op, w, p.d, p.a, imm); });
          for (u64 x : kInts) {
            ASSERT_EQ(f(x, 5), expectedInt(op, w, x, static_cast<u64>(i64{imm})))
                << static_cast<int>(op) << " " << x << " " << imm;
          }
        }
      }
    }
  }
}

TEST(MasmX64Test, Shifts) {
  const Placement placements[] = {{kRax, kRsi, kRcx},
                                  {kRsi, kRsi, kRcx},
                                  {kRcx, kR10, kRcx},
                                  {kR13, kR8, kRcx},
                                  {kRcx, kRcx, kRcx}};
  for (u32 cpu : featureSets()) {
    for (ShiftOp op : {ShiftOp::Shl, ShiftOp::ShrS, ShiftOp::ShrU, ShiftOp::Rotl, ShiftOp::Rotr}) {
      for (Width w : kWidths) {
        for (const Placement& p : placements) {
          const Assembled f = binary(p, cpu, [&](MasmX64& m) { m.shift(op, w, p.d, p.a, p.b); });
          for (u64 x : kInts) {
            for (u64 y : kInts) {
              const u64 count = p.a == p.b ? x : y;
              ASSERT_EQ(f(x, y), expectedShift(op, w, x, count)) << static_cast<int>(op);
            }
          }
        }
        for (u32 count : {0u, 1u, 2u, 7u, 31u, 32u, 63u, 64u, 65u}) {
          for (const Placement& p : kPlacements) {
            const Assembled f =
                binary(p, cpu, [&](MasmX64& m) { m.shiftImm(op, w, p.d, p.a, count); });
            for (u64 x : kInts) ASSERT_EQ(f(x, 3), expectedShift(op, w, x, count)) << count;
          }
        }
      }
    }
  }
}

TEST(MasmX64Test, BitOperations) {
  for (u32 cpu : featureSets()) {
    for (BitOp op : {BitOp::Clz, BitOp::Ctz, BitOp::Popcnt, BitOp::Extend8S, BitOp::Extend16S,
                     BitOp::Extend32S, BitOp::ZeroExtend32}) {
      for (Width w : kWidths) {
        for (const Placement& p : kPlacements) {
          const Assembled f = binary(p, cpu, [&](MasmX64& m) { m.bitOp(op, w, p.d, p.a); });
          for (u64 x : kInts) {
            ASSERT_EQ(f(x, x), expectedBits(op, w, x)) << static_cast<int>(op) << " " << x;
          }
        }
      }
    }
  }
}

TEST(MasmX64Test, Division) {
  for (DivOp op : {DivOp::DivS, DivOp::DivU, DivOp::RemS, DivOp::RemU}) {
    for (Width w : kWidths) {
      for (Reg divisor : {kRcx, kRsi, kR9, kR13}) {
        const Assembled f([&](MasmX64& m) {
          Label zero;
          Label overflow;
          Label done;
          m.move(Width::W64, kRax, kRdi);
          m.move(Width::W64, divisor, kRsi);
          m.divide(op, w, divisor, zero, overflow);
          if (op == DivOp::RemS || op == DivOp::RemU) m.move(Width::W64, kRax, kRdx);
          m.jump(done);
          m.bind(zero);
          m.loadConstant(kRax, kDividedByZero);
          m.jump(done);
          m.bind(overflow);
          m.loadConstant(kRax, kDivideOverflow);
          m.bind(done);
        });
        for (u64 x : kInts) {
          for (u64 y : kInts) {
            const u64 want = expectedDivision(op, w, x, y);
            ASSERT_EQ(f(x, y), want) << static_cast<int>(op) << " " << x << " " << y;
          }
        }
      }
    }
  }
}

TEST(MasmX64Test, ConditionsSetBranchAndSelect) {
  for (Cond cond : kConds) {
    for (Width w : kWidths) {
      for (const Placement& p : kPlacements) {
        if (p.a == p.b) continue;
        const Assembled set = binary(p, 0, [&](MasmX64& m) {
          m.compare(w, p.a, p.b);
          m.setOnFlags(cond, p.d);
        });
        const Assembled select = binary(p, 0, [&](MasmX64& m) {
          m.compare(w, p.a, p.b);
          m.selectOnFlags(cond, Width::W64, p.d, p.a, p.b);
        });
        const Assembled branch = binary(p, 0, [&](MasmX64& m) {
          Label taken;
          Label done;
          m.compare(w, p.a, p.b);
          m.branchOnFlags(cond, taken);
          m.loadConstant(p.d, 0);
          m.jump(done);
          m.bind(taken);
          m.loadConstant(p.d, 1);
          m.bind(done);
        });
        const Assembled zero = binary(p, 0, [&](MasmX64& m) {
          m.compareImm(w, p.a, 0);
          m.setOnFlags(cond, p.d);
        });
        for (u64 x : kInts) {
          ASSERT_EQ(zero(x, 1), u64{holds(cond, w, x, 0)});
          for (u64 y : kInts) {
            const bool want = holds(cond, w, x, y);
            ASSERT_EQ(set(x, y), u64{want});
            ASSERT_EQ(branch(x, y), u64{want});
            ASSERT_EQ(select(x, y), want ? x : y);
            ASSERT_EQ(holds(negate(cond), w, x, y), !want);
            ASSERT_EQ(holds(swapOperands(cond), w, y, x), want);
          }
        }
      }
    }
  }
}

TEST(MasmX64Test, Constants) {
  for (u64 value : kInts) {
    for (Reg d : {kRax, kRcx, kR8, kR13}) {
      const Assembled f([&](MasmX64& m) {
        m.loadConstant(d, value);
        m.move(Width::W64, kRax, d);
      });
      ASSERT_EQ(f(), value);
    }
    for (FReg d : {FReg{0}, FReg{7}, FReg{8}, FReg{15}}) {
      for (Width w : kWidths) {
        const Assembled f([&](MasmX64& m) {
          m.loadConstantF(w, d, cut(w, value));
          m.moveFromF(w, kRax, d);
        });
        ASSERT_EQ(f(), cut(w, value));
      }
    }
  }
}

// Wide constants a guest chooses must not stand between instructions (threat model JIT-5).
TEST(MasmX64Test, WideConstantsStandBehindTheCode) {
  MasmX64 m(0);
  m.loadConstant(kRax, 0x123456789abcdef0);
  m.loadConstant(kRcx, 0x123456789abcdef0);
  m.ret();
  const u32 end = m.position();
  const std::span<const u8> code = m.finish();
  EXPECT_EQ(disassemble(code.first(end)),
            "mov rax, [0x0000000000000010]\nmov rcx, [0x0000000000000010]\nret\n");
  EXPECT_EQ(code.size(), 24u);
}

TEST(MasmX64Test, MemoryAccesses) {
  struct Case {
    Access access;
    u64 (*expected)(u64);
  };
  const Case cases[] = {
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
  const u64 cells[] = {0x1111111111111111, 0x8899aabbccddeeff, 0x7766554433221100};
  for (const Case& c : cases) {
    for (Reg base : {kRdi, kRsp, kR12, kR13, kRbp}) {
      for (Reg d : {kRax, kRsi, kR9}) {
        const Assembled plain([&](MasmX64& m) {
          if (base == kRsp) {
            m.push(kRdi);
            m.loadConstant(kRax, 0);
            m.pop(kRdi);
            m.load(c.access, d, Address::at(kRdi, 8));
          } else {
            m.move(Width::W64, base, kRdi);
            m.load(c.access, d, Address::at(base, 8));
          }
          m.move(Width::W64, kRax, d);
        });
        const Assembled indexed([&](MasmX64& m) {
          const Reg from = base == kRsp ? kRdi : base;
          m.move(Width::W64, from, kRdi);
          m.load(c.access, d, Address::indexed(from, kRdx, -8, 3));
          m.move(Width::W64, kRax, d);
        });
        for (u64 i = 0; i < 2; ++i) {
          ASSERT_EQ(plain(reinterpret_cast<u64>(cells + i)), c.expected(cells[i + 1]));
          ASSERT_EQ(indexed(reinterpret_cast<u64>(cells), 0, i + 1), c.expected(cells[i]));
        }
      }
    }
  }
  for (u32 bytes : {1u, 2u, 4u, 8u}) {
    for (Reg s : {kRax, kRcx, kRsi, kR8, kR13}) {
      const Assembled f([&](MasmX64& m) {
        m.move(Width::W64, kRdx, kRdi);
        m.move(Width::W64, s, kRsi);
        m.store(bytes, Address::at(kRdx, 3), s);
      });
      u8 memory[16];
      std::memset(memory, 0xee, sizeof memory);
      const u64 value = 0x8182838485868788;
      f(reinterpret_cast<u64>(memory), value);
      for (u32 i = 0; i < sizeof memory; ++i) {
        const bool written = i >= 3 && i < 3 + bytes;
        ASSERT_EQ(memory[i], written ? static_cast<u8>(value >> 8 * (i - 3)) : 0xee);
      }
    }
  }
  for (Width w : kWidths) {
    const Assembled f([&](MasmX64& m) {
      m.loadF(w, FReg{12}, Address::at(kRdi, 0));
      m.storeF(w, Address::at(kRsi, 0), FReg{12});
    });
    u64 to = ~u64{0};
    f(reinterpret_cast<u64>(cells + 1), reinterpret_cast<u64>(&to));
    EXPECT_EQ(to, w == Width::W32 ? 0xffffffffccddeeff : cells[1]);
  }
}

TEST(MasmX64Test, FlagsFromMemory) {
  u64 cell = 5;
  const Assembled f([&](MasmX64& m) {
    m.subtractMemory(Width::W64, Address::at(kRdi, 0), 3);
    m.setOnFlags(Cond::LeS, kRax);
    m.compareMemory(Width::W64, Address::at(kRdi, 0), kRsi);
    m.setOnFlags(Cond::LtU, kRcx);
    m.shiftImm(ShiftOp::Shl, Width::W64, kRcx, kRcx, 8);
    m.intOp(IntOp::Or, Width::W64, kRax, kRax, kRcx);
  });
  EXPECT_EQ(f(reinterpret_cast<u64>(&cell), 2), 0u);  // 2: positive, not below 2
  EXPECT_EQ(f(reinterpret_cast<u64>(&cell), 2), 1u);  // -1: above any
  EXPECT_EQ(cell, ~u64{0});
  EXPECT_EQ(f(reinterpret_cast<u64>(&cell), ~u64{0}), 0x101u);
}

// Backward and forward, near and far; a chain of jumps to one label.
TEST(MasmX64Test, LabelsNearAndFar) {
  for (u32 filler : {0u, 20u, 40u, 4000u}) {
    const Assembled f([&](MasmX64& m) {
      Label loop;
      Label end;
      Label out;
      m.loadConstant(kRax, 0);
      m.bind(loop);
      m.compareImm(Width::W64, kRdi, 0);
      m.branchOnFlags(Cond::Eq, end);
      m.compareImm(Width::W64, kRax, 1000);
      m.branchOnFlags(Cond::GtS, out);
      for (u32 i = 0; i < filler; ++i) m.intOpImm(IntOp::Xor, Width::W64, kRcx, kRcx, 1);
      m.intOp(IntOp::Add, Width::W64, kRax, kRax, kRdi);
      m.intOpImm(IntOp::Sub, Width::W64, kRdi, kRdi, 1);
      m.branchOnFlags(Cond::Eq, end);
      m.jump(loop);
      m.bind(out);
      m.loadConstant(kRax, 77);
      m.bind(end);
    });
    EXPECT_EQ(f(10), 55u);
    EXPECT_EQ(f(0), 0u);
    EXPECT_EQ(f(2000), 77u);
  }
}

TEST(MasmX64Test, CallsAndJumpsThroughMemoryAndRegisters) {
  const Assembled f([&](MasmX64& m) {
    Label callee;
    Label over;
    m.jump(over);
    m.bind(callee);
    m.landingPad();
    m.intOpImm(IntOp::Add, Width::W64, kRax, kRax, 5);
    m.ret();
    m.unreachable();
    m.bind(over);
    m.loadConstant(kRax, 1);
    m.call(callee);
    m.call(callee);
  });
  EXPECT_EQ(f(), 11u);
  const u64 target = reinterpret_cast<u64>(+[]() -> u64 { return 42; });
  const Assembled through([&](MasmX64& m) {
    m.push(kRdi);  // keeps the stack aligned for the callee
    m.callAt(Address::at(kRdi, 0));
    m.pop(kRdi);
  });
  EXPECT_EQ(through(reinterpret_cast<u64>(&target)), 42u);
  const Assembled jumps([&](MasmX64& m) {
    // The callee's return leads back behind the call.
    Label stub;
    Label over;
    m.jump(over);
    m.bind(stub);
    m.jumpAt(Address::at(kRdi, 0));
    m.bind(over);
    m.push(kRdi);
    m.call(stub);
    m.pop(kRdi);
  });
  EXPECT_EQ(jumps(reinterpret_cast<u64>(&target)), 42u);
}

TEST(MasmX64Test, JumpTables) {
  const Assembled f([](MasmX64& m) {
    Label targets[3];
    Label* const list[] = {&targets[0], &targets[2], &targets[1]};
    Label done;
    m.jumpTable(kRdi, kR9, list);
    for (u64 i = 0; i < 3; ++i) {
      m.bind(targets[i]);
      m.loadConstant(kRax, 10 + i);
      m.jump(done);
    }
    m.bind(done);
  });
  EXPECT_EQ(f(0), 10u);
  EXPECT_EQ(f(1), 12u);
  for (u64 beyond : {u64{2}, u64{3}, u64{0x7fffffff}, u64{0xffffffff}}) EXPECT_EQ(f(beyond), 11u);
}

TEST(MasmX64Test, ClampIndexStaysBelowTheSize) {
  const Assembled f([](MasmX64& m) { m.clampIndex(kRax, kRdi, Address::at(kRsi, 0)); });
  const u64 size = 5;
  for (u64 index : kInts) {
    EXPECT_EQ(f(index, reinterpret_cast<u64>(&size)), index < size ? index : 0) << index;
  }
}

TEST(MasmX64Test, WordsToSlots) {
  for (u64 value : kInts) {
    u64 slot = 0x1122334455667788;
    const Assembled f([&](MasmX64& m) { m.storeConstant(Address::at(kRdi, 8), value); });
    f(reinterpret_cast<u64>(&slot) - 8);
    EXPECT_EQ(slot, value);
  }
  for (u32 count : {0u, 1u, 2u, 7u, 64u, 65u, 200u}) {
    std::vector<u64> slots(count + 2, 7);
    const Assembled f([&](MasmX64& m) { m.clearSlots(Address::at(kRdi, 8), count); });
    f(reinterpret_cast<u64>(slots.data()));
    EXPECT_EQ(slots.front(), 7u);
    EXPECT_EQ(slots.back(), 7u);
    for (u32 i = 1; i <= count; ++i) EXPECT_EQ(slots[i], 0u) << count << " " << i;
  }
}

TEST(MasmX64Test, CompareMemoryWithAConstant) {
  for (u64 value : {u64{0}, u64{5}, u64{6}, ~u64{0}, u64{0xffffffff}}) {
    const Assembled f([](MasmX64& m) {
      m.compareMemoryImm(Width::W64, Address::at(kRdi, 0), 5);
      m.setOnFlags(Cond::Eq, kRax);
    });
    EXPECT_EQ(f(reinterpret_cast<u64>(&value)), value == 5 ? 1u : 0u);
  }
}

TEST(MasmX64Test, RewindForgetsWhatCameAfter) {
  const Assembled f([](MasmX64& m) {
    m.loadConstant(kRax, 1);
    const u32 here = m.position();
    Label skip;
    m.compareImm(Width::W32, kRdi, 0);
    m.branchOnFlags(Cond::Eq, skip);
    m.rewind(here);
    m.intOpImm(IntOp::Add, Width::W64, kRax, kRax, 41);
  });
  EXPECT_EQ(f(), 42u);
}

// What cannot be encoded must not pass silently (threat model JIT-13).
TEST(MasmX64Test, AnEncodingErrorFailsTheFunction) {
  MasmX64 m(0);
  m.load(Access::U32, kRax, Address::indexed(kRax, kRsp));  // rsp is no index
  m.ret();
  EXPECT_TRUE(m.finish().empty());
  m.reset();
  m.ret();
  EXPECT_EQ(m.finish().size(), 1u);
}

TEST(MasmX64Test, TheDisassemblerAgrees) {
  MasmX64 m(platform::cpuBit(platform::Cpu::Bmi2) | platform::cpuBit(platform::Cpu::Lzcnt));
  m.landingPad();
  m.intOp(IntOp::Add, Width::W32, kRax, kRcx, kR9);
  m.intOpImm(IntOp::Sub, Width::W64, kR13, kR13, 16);
  m.shift(ShiftOp::ShrU, Width::W64, kRsi, kRdx, kR8);
  m.bitOp(BitOp::Clz, Width::W32, kRdi, kRax);
  m.load(Access::S16To64, kR10, Address::indexed(kMemory, kRcx, 12));
  m.storeF(Width::W64, Address::at(kSlots, 24), FReg{14});
  m.compareImm(Width::W32, kRdx, -5);
  m.setOnFlags(Cond::LtU, kRsi);
  m.jumpTo(kR11);
  EXPECT_EQ(disassemble(m.finish()),
            "endbr64\n"
            "lea eax, [rcx+r9*1]\n"
            "add r13, 0xFFFFFFFFFFFFFFF0\n"
            "shrx rsi, rdx, r8\n"
            "xor edi, edi\n"
            "lzcnt edi, eax\n"
            "movsx r10, word ptr [r15+rcx*1+0x0C]\n"
            "movsd [rbx+0x18], xmm14\n"
            "cmp edx, 0xFFFFFFFB\n"
            "setb sil\n"
            "movzx esi, sil\n"
            "jmp r11\n");
}

}  // namespace
}  // namespace bls::codegen::x64
