// Bytecode machine: an emulator for the RV32IM base instructions, running two programs assembled
// in place: matrix multiplication with modular reduction, and a bit-by-bit CRC with a bubble pass.
//
// Size: number of runs of both programs.
#include "bench/programs/kernels/kernel.h"

enum {
  kMemoryBytes = 65536,
  kZero = 0,
  kRa = 1,
  kT0 = 5,
  kT1,
  kT2,
  kS0 = 8,
  kS1,
  kA0,
  kA1,
  kA2,
  kA3,
  kA4,
  kA5
};

static u8 memory[kMemoryBytes];
static u32 at;  // assembly position
static u64 retired;

static u32 load32(u32 address) {
  u32 v;
  memcpy(&v, memory + (address & (kMemoryBytes - 4)), 4);
  return v;
}

static void store32(u32 address, u32 v) { memcpy(memory + (address & (kMemoryBytes - 4)), &v, 4); }

static void word(u32 v) {
  store32(at, v);
  at += 4;
}

static void regOp(u32 funct7, u32 funct3, u32 rd, u32 a, u32 b) {
  word(funct7 << 25 | b << 20 | a << 15 | funct3 << 12 | rd << 7 | 0x33);
}
static void immOp(u32 funct3, u32 rd, u32 a, i32 imm) {
  word((u32)imm << 20 | a << 15 | funct3 << 12 | rd << 7 | 0x13);
}
static void addi(u32 rd, u32 a, i32 imm) { immOp(0, rd, a, imm); }
static void slli(u32 rd, u32 a, i32 n) { immOp(1, rd, a, n); }
static void srli(u32 rd, u32 a, i32 n) { immOp(5, rd, a, n); }
static void lui(u32 rd, u32 upper) { word(upper << 12 | rd << 7 | 0x37); }
static void lw(u32 rd, u32 base, i32 offset) {
  word((u32)offset << 20 | base << 15 | 2u << 12 | rd << 7 | 0x03);
}
static void sw(u32 value, u32 base, i32 offset) {
  u32 o = (u32)offset;
  word((o >> 5 & 127) << 25 | value << 20 | base << 15 | 2u << 12 | (o & 31) << 7 | 0x23);
}
static void branch(u32 funct3, u32 a, u32 b, u32 target) {
  u32 o = target - at;
  word((o >> 12 & 1) << 31 | (o >> 5 & 63) << 25 | b << 20 | a << 15 | funct3 << 12 |
       (o >> 1 & 15) << 8 | (o >> 11 & 1) << 7 | 0x63);
}
static void jal(u32 rd, u32 target) {
  u32 o = target - at;
  word((o >> 20 & 1) << 31 | (o >> 1 & 1023) << 21 | (o >> 11 & 1) << 20 | (o >> 12 & 255) << 12 |
       rd << 7 | 0x6f);
}
static void halt(void) { word(0x73); }

// C = A * B for 12x12 words at 0x4000, 0x5000, 0x6000, every element reduced modulo 65521.
static u32 assembleMatrix(void) {
  u32 entry = at;
  lui(kS0, 4);
  lui(kS1, 16);
  addi(kS1, kS1, -15);  // 65521
  addi(kA0, kZero, 0);  // row offset in bytes
  u32 rows = at;
  addi(kA1, kZero, 0);  // column offset in bytes
  u32 columns = at;
  regOp(0, 0, kT0, kS0, kA0);
  lui(kT1, 5);
  regOp(0, 0, kT1, kT1, kA1);
  addi(kA2, kZero, 12);
  addi(kA3, kZero, 0);
  u32 inner = at;
  lw(kA4, kT0, 0);
  lw(kA5, kT1, 0);
  regOp(1, 0, kA4, kA4, kA5);  // mul
  regOp(0, 0, kA3, kA3, kA4);
  regOp(1, 7, kA3, kA3, kS1);  // remu
  addi(kT0, kT0, 4);
  addi(kT1, kT1, 48);
  addi(kA2, kA2, -1);
  branch(1, kA2, kZero, inner);
  lui(kT2, 6);
  regOp(0, 0, kT2, kT2, kA0);
  regOp(0, 0, kT2, kT2, kA1);
  sw(kA3, kT2, 0);
  addi(kA1, kA1, 4);
  addi(kT0, kZero, 48);
  branch(4, kA1, kT0, columns);
  addi(kA0, kA0, 48);
  addi(kT0, kZero, 576);
  branch(4, kA0, kT0, rows);
  addi(kA0, kA3, 0);
  halt();
  return entry;
}

// CRC-32 of 144 words at 0x6000 with a called bit loop, then one bubble pass over the same words.
static u32 assembleCrc(void) {
  u32 bits = at;  // in and out a0, uses t0-t2
  addi(kT0, kZero, 32);
  lui(kT1, 0xedb88);
  addi(kT1, kT1, 0x320);
  u32 bitLoop = at;
  immOp(7, kT2, kA0, 1);
  srli(kA0, kA0, 1);
  branch(0, kT2, kZero, at + 8);  // over the exclusive or
  regOp(0, 4, kA0, kA0, kT1);
  addi(kT0, kT0, -1);
  branch(1, kT0, kZero, bitLoop);
  word(0x00008067);  // jalr zero, ra, 0

  u32 entry = at;
  lui(kS0, 6);
  addi(kS1, kS0, 572);
  addi(kA0, kZero, -1);
  addi(kA1, kS0, 0);
  u32 loop = at;
  lw(kA2, kA1, 0);
  regOp(0, 4, kA0, kA0, kA2);
  jal(kRa, bits);
  addi(kA1, kA1, 4);
  branch(6, kA1, kS1, loop);
  u32 pass = at;
  lw(kA2, kS0, 0);
  lw(kA3, kS0, 4);
  branch(7, kA3, kA2, at + 12);  // already ordered
  sw(kA3, kS0, 0);
  sw(kA2, kS0, 4);
  slli(kT0, kA2, 3);
  regOp(0x20, 0, kA0, kA0, kT0);  // sub
  addi(kS0, kS0, 4);
  branch(6, kS0, kS1, pass);
  halt();
  return entry;
}

static u32 alu(u32 funct3, u32 a, u32 b, u32 alternate) {
  switch (funct3) {
    case 0:
      return alternate ? a - b : a + b;
    case 1:
      return a << (b & 31);
    case 2:
      return (i32)a < (i32)b;
    case 3:
      return a < b;
    case 4:
      return a ^ b;
    case 5:
      return alternate ? (u32)((i32)a >> (b & 31)) : a >> (b & 31);
    case 6:
      return a | b;
    default:
      return a & b;
  }
}

static u32 multiplyDivide(u32 funct3, u32 a, u32 b) {
  switch (funct3) {
    case 0:
      return a * b;
    case 1:
      return (u32)(((i64)(i32)a * (i32)b) >> 32);
    case 2:
      return (u32)(((i64)(i32)a * (i64)b) >> 32);
    case 3:
      return (u32)(((u64)a * b) >> 32);
    case 4:
      return b == 0 ? ~0u : b == ~0u ? 0u - a : (u32)((i32)a / (i32)b);
    case 5:
      return b == 0 ? ~0u : a / b;
    case 6:
      return b == 0 ? a : b == ~0u ? 0 : (u32)((i32)a % (i32)b);
    default:
      return b == 0 ? a : a % b;
  }
}

static int taken(u32 funct3, u32 a, u32 b) {
  switch (funct3) {
    case 0:
      return a == b;
    case 1:
      return a != b;
    case 4:
      return (i32)a < (i32)b;
    case 5:
      return (i32)a >= (i32)b;
    case 6:
      return a < b;
    default:
      return a >= b;
  }
}

static u32 loadSized(u32 funct3, u32 address) {
  u32 v = load32(address & ~3u) >> (address & 3) * 8;
  switch (funct3) {
    case 0:
      return (u32)(i8)v;
    case 1:
      return (u32)(i16)v;
    case 4:
      return (u8)v;
    case 5:
      return (u16)v;
    default:
      return v;
  }
}

// Runs from `pc` to an environment call; returns a0.
static u32 emulate(u32 pc) {
  u32 x[32] = {0};
  for (;;) {
    u32 in = load32(pc), rd = in >> 7 & 31, f3 = in >> 12 & 7;
    u32 a = x[in >> 15 & 31], b = x[in >> 20 & 31];
    u32 next = pc + 4, result = 0;
    i32 imm = (i32)in >> 20;
    retired++;
    switch (in & 127) {
      case 0x33:
        result = in >> 25 == 1 ? multiplyDivide(f3, a, b) : alu(f3, a, b, in >> 30 & 1);
        break;
      case 0x13:
        result = alu(f3, a, (u32)imm, f3 == 5 && (in >> 30 & 1));
        break;
      case 0x03:
        result = loadSized(f3, a + (u32)imm);
        break;
      case 0x23:
        store32(a + (u32)((imm & ~31) | (i32)rd), b);
        rd = 0;
        break;
      case 0x37:
        result = in & 0xfffff000u;
        break;
      case 0x17:
        result = pc + (in & 0xfffff000u);
        break;
      case 0x63: {
        u32 offset = ((u32)((i32)in >> 31) << 12) | (in >> 7 & 1) << 11 | (in >> 25 & 63) << 5 |
                     (in >> 8 & 15) << 1;
        if (taken(f3, a, b)) next = pc + offset;
        rd = 0;
        break;
      }
      case 0x6f: {
        u32 offset = ((u32)((i32)in >> 31) << 20) | (in >> 12 & 255) << 12 | (in >> 20 & 1) << 11 |
                     (in >> 21 & 1023) << 1;
        result = next;
        next = pc + offset;
        break;
      }
      case 0x67:
        result = next;
        next = (a + (u32)imm) & ~1u;
        break;
      default:
        return x[kA0];
    }
    if (rd) x[rd] = result;
    pc = next;
  }
}

static u64 run(u32 n) {
  u64 seed = 131, sum = 0;
  at = 0x100;
  u32 matrix = assembleMatrix(), crc = assembleCrc();
  for (u32 round = 0; round < n; round++) {
    for (u32 i = 0; i < 144; i++) {
      store32(0x4000 + i * 4, rngBelow(&seed, 65521));
      store32(0x5000 + i * 4, rngBelow(&seed, 65521));
    }
    sum = mix(sum, emulate(matrix));
    sum = mix(sum, emulate(crc));
    sum = mix(sum, load32(0x6000 + (round % 144) * 4));
  }
  return mix(sum, retired);
}

KERNEL_MAIN(run)
