// Bytecode machine: an accumulator processor in the style of 8-bit home computers: opcode and
// addressing mode decoded separately, carry, zero and sign flags, a stack page. It runs a
// multi-byte decimal counter, a block fill with checksum, and a 16-bit shift-and-add multiplier.
//
// Size: number of program runs.
#include "bench/programs/kernels/kernel.h"

enum Operation {
  kLda,
  kLdx,
  kLdy,
  kSta,
  kStx,
  kSty,
  kAdc,
  kSbc,
  kAnd,
  kOra,
  kEor,
  kCmp,
  kCpx,
  kInc,
  kDec,
  kInx,
  kDex,
  kIny,
  kDey,
  kAsl,
  kLsr,
  kRol,
  kRor,
  kTax,
  kTay,
  kTxa,
  kTya,
  kClc,
  kSec,
  kBeq,
  kBne,
  kBcs,
  kBcc,
  kBmi,
  kBpl,
  kJmp,
  kJsr,
  kRts,
  kPha,
  kPla,
  kBrk
};
enum Mode {
  kImplied,
  kImmediate,
  kZeroPage,
  kZeroPageX,
  kAbsolute,
  kAbsoluteX,
  kAbsoluteY,
  kIndirectY
};

typedef struct {
  u8 operation, mode;
} Decoded;

typedef struct {
  u16 pc;
  u8 a, x, y, sp, carry, zero, sign;
} Cpu;

static u8 ram[65536];
static Decoded decode[256];
static u8 encode[64][8];
static u16 here;
static u64 cycles;

static void buildDecoder(void) {
  u32 next = 0;
  for (u32 o = 0; o <= kBrk; o++) {
    for (u32 m = 0; m < 8; m++) {
      u32 implied = o >= kInx && o != kJmp && o != kJsr && !(o >= kBeq && o <= kBpl);
      u32 shift = o >= kAsl && o <= kRor;
      u32 wanted = implied && !shift        ? m == kImplied
                   : shift                  ? m == kImplied || m == kZeroPage
                   : o >= kBeq && o <= kBpl ? m == kImmediate
                   : o >= kJmp && o <= kJsr ? m == kAbsolute
                   : o >= kInc && o <= kDec ? m == kZeroPage || m == kZeroPageX
                   : o >= kSta && o <= kSty ? m >= kZeroPage
                                            : m >= kImmediate;
      if (!wanted) continue;
      // An odd multiplier spreads the opcodes over the byte.
      u8 byte = (u8)(next++ * 37);
      decode[byte] = (Decoded){(u8)o, (u8)m};
      encode[o][m] = byte;
    }
  }
}

static void e0(u32 o) { ram[here++] = encode[o][kImplied]; }
static void e1(u32 o, u32 mode, u32 v) {
  ram[here++] = encode[o][mode];
  ram[here++] = (u8)v;
}
static void e2(u32 o, u32 mode, u32 v) {
  e1(o, mode, v);
  ram[here++] = (u8)(v >> 8);
}
static void branchTo(u32 o, u16 target) { e1(o, kImmediate, (u32)(target - here - 2)); }

// Little-endian 16x16 -> 32 multiply: $10,$11 times $12,$13 into $14-$17.
static u16 assembleMultiply(void) {
  u16 entry = here;
  e1(kLda, kImmediate, 0);
  e1(kSta, kZeroPage, 0x16);
  e1(kSta, kZeroPage, 0x17);
  e1(kLdx, kImmediate, 16);
  u16 loop = here;
  e1(kLsr, kZeroPage, 0x11);
  e1(kRor, kZeroPage, 0x10);
  u16 skip = here;
  e1(kBcc, kImmediate, 0);
  e0(kClc);
  e1(kLda, kZeroPage, 0x16);
  e1(kAdc, kZeroPage, 0x12);
  e1(kSta, kZeroPage, 0x16);
  e1(kLda, kZeroPage, 0x17);
  e1(kAdc, kZeroPage, 0x13);
  e1(kSta, kZeroPage, 0x17);
  ram[skip + 1] = (u8)(here - skip - 2);
  e1(kRor, kZeroPage, 0x17);
  e1(kRor, kZeroPage, 0x16);
  e1(kRor, kZeroPage, 0x15);
  e1(kRor, kZeroPage, 0x14);
  e0(kDex);
  branchTo(kBne, loop);
  e0(kRts);
  return entry;
}

// Fills a page through a pointer with a running pattern and folds it into $20.
static u16 assembleFill(void) {
  u16 entry = here;
  e1(kLdy, kImmediate, 0);
  u16 fill = here;
  e0(kTya);
  e1(kEor, kZeroPage, 0x20);
  e0(kAsl);
  e1(kAdc, kImmediate, 13);
  e1(kSta, kIndirectY, 0x30);
  e0(kIny);
  branchTo(kBne, fill);
  e1(kLdx, kImmediate, 0xff);
  u16 fold = here;
  e2(kLda, kAbsoluteX, 0x4000);
  e0(kPha);
  e1(kAnd, kImmediate, 0x3f);
  e0(kSec);
  e1(kSbc, kZeroPage, 0x20);
  e1(kSta, kZeroPage, 0x20);
  e0(kPla);
  e2(kSta, kAbsoluteX, 0x4100);
  e0(kDex);
  branchTo(kBne, fold);
  e0(kRts);
  return entry;
}

// A six-digit counter at $40, one digit a byte, incremented until it wraps the low three digits.
static u16 assembleCounter(u16 multiply, u16 fill) {
  u16 entry = here;
  e2(kJsr, kAbsolute, multiply);
  e2(kJsr, kAbsolute, fill);
  u16 again = here;
  e1(kLdx, kImmediate, 0);
  u16 digit = here;
  e1(kInc, kZeroPageX, 0x40);
  e1(kLda, kZeroPageX, 0x40);
  e1(kCmp, kImmediate, 10);
  u16 done = here;
  e1(kBne, kImmediate, 0);
  e1(kLda, kImmediate, 0);
  e1(kSta, kZeroPageX, 0x40);
  e0(kInx);
  e1(kCpx, kImmediate, 6);
  branchTo(kBne, digit);
  ram[done + 1] = (u8)(here - done - 2);
  e1(kLda, kZeroPage, 0x40);
  e1(kOra, kZeroPage, 0x41);
  e1(kOra, kZeroPage, 0x42);
  branchTo(kBne, again);
  e0(kBrk);
  return entry;
}

static u16 read16(u16 address) { return (u16)(ram[address] | ram[(u16)(address + 1)] << 8); }

static void flags(Cpu* c, u8 v) {
  c->zero = v == 0;
  c->sign = v >> 7;
}

static void addWithCarry(Cpu* c, u8 v) {
  u32 t = (u32)c->a + v + c->carry;
  c->carry = (u8)(t >> 8);
  c->a = (u8)t;
  flags(c, c->a);
}

static void compareWith(Cpu* c, u8 reg, u8 v) {
  c->carry = reg >= v;
  flags(c, (u8)(reg - v));
}

static u16 operandAddress(Cpu* c, u32 mode) {
  u16 at = c->pc;
  switch (mode) {
    case kImmediate:
      c->pc++;
      return at;
    case kZeroPage:
      c->pc++;
      return ram[at];
    case kZeroPageX:
      c->pc++;
      return (u8)(ram[at] + c->x);
    case kAbsolute:
      c->pc += 2;
      return read16(at);
    case kAbsoluteX:
      c->pc += 2;
      return (u16)(read16(at) + c->x);
    case kAbsoluteY:
      c->pc += 2;
      return (u16)(read16(at) + c->y);
    case kIndirectY:
      c->pc++;
      return (u16)(read16(ram[at]) + c->y);
    default:
      return 0;
  }
}

static u8 shift(Cpu* c, u32 operation, u8 v) {
  u8 in = c->carry, out;
  switch (operation) {
    case kAsl:
      c->carry = v >> 7;
      out = (u8)(v << 1);
      break;
    case kLsr:
      c->carry = v & 1;
      out = v >> 1;
      break;
    case kRol:
      c->carry = v >> 7;
      out = (u8)(v << 1 | in);
      break;
    default:
      c->carry = v & 1;
      out = (u8)(v >> 1 | in << 7);
      break;
  }
  flags(c, out);
  return out;
}

static void branchIf(Cpu* c, int condition, u16 address) {
  if (condition) c->pc = (u16)(c->pc + (i8)ram[address]);
}

static void execute(Cpu* c) {
  for (;;) {
    Decoded d = decode[ram[c->pc++]];
    u16 address = operandAddress(c, d.mode);
    cycles++;
    switch (d.operation) {
      case kLda:
        c->a = ram[address];
        flags(c, c->a);
        break;
      case kLdx:
        c->x = ram[address];
        flags(c, c->x);
        break;
      case kLdy:
        c->y = ram[address];
        flags(c, c->y);
        break;
      case kSta:
        ram[address] = c->a;
        break;
      case kStx:
        ram[address] = c->x;
        break;
      case kSty:
        ram[address] = c->y;
        break;
      case kAdc:
        addWithCarry(c, ram[address]);
        break;
      case kSbc:
        addWithCarry(c, (u8)~ram[address]);
        break;
      case kAnd:
        c->a &= ram[address];
        flags(c, c->a);
        break;
      case kOra:
        c->a |= ram[address];
        flags(c, c->a);
        break;
      case kEor:
        c->a ^= ram[address];
        flags(c, c->a);
        break;
      case kCmp:
        compareWith(c, c->a, ram[address]);
        break;
      case kCpx:
        compareWith(c, c->x, ram[address]);
        break;
      case kInc:
        flags(c, ++ram[address]);
        break;
      case kDec:
        flags(c, --ram[address]);
        break;
      case kInx:
        flags(c, ++c->x);
        break;
      case kDex:
        flags(c, --c->x);
        break;
      case kIny:
        flags(c, ++c->y);
        break;
      case kDey:
        flags(c, --c->y);
        break;
      case kAsl:
      case kLsr:
      case kRol:
      case kRor:
        if (d.mode == kImplied) {
          c->a = shift(c, d.operation, c->a);
        } else {
          ram[address] = shift(c, d.operation, ram[address]);
        }
        break;
      case kTax:
        c->x = c->a;
        flags(c, c->x);
        break;
      case kTay:
        c->y = c->a;
        flags(c, c->y);
        break;
      case kTxa:
        c->a = c->x;
        flags(c, c->a);
        break;
      case kTya:
        c->a = c->y;
        flags(c, c->a);
        break;
      case kClc:
        c->carry = 0;
        break;
      case kSec:
        c->carry = 1;
        break;
      case kBeq:
        branchIf(c, c->zero, address);
        break;
      case kBne:
        branchIf(c, !c->zero, address);
        break;
      case kBcs:
        branchIf(c, c->carry, address);
        break;
      case kBcc:
        branchIf(c, !c->carry, address);
        break;
      case kBmi:
        branchIf(c, c->sign, address);
        break;
      case kBpl:
        branchIf(c, !c->sign, address);
        break;
      case kJmp:
        c->pc = address;
        break;
      case kJsr:
        ram[0x100 + c->sp--] = (u8)(c->pc >> 8);
        ram[0x100 + c->sp--] = (u8)c->pc;
        c->pc = address;
        break;
      case kRts:
        c->pc = ram[0x100 + ++c->sp];
        c->pc = (u16)(c->pc | ram[0x100 + ++c->sp] << 8);
        break;
      case kPha:
        ram[0x100 + c->sp--] = c->a;
        break;
      case kPla:
        c->a = ram[0x100 + ++c->sp];
        flags(c, c->a);
        break;
      default:
        return;
    }
  }
}

static u64 run(u32 n) {
  u64 seed = 137, sum = 0;
  buildDecoder();
  here = 0x0800;
  u16 multiply = assembleMultiply(), fill = assembleFill();
  u16 counter = assembleCounter(multiply, fill);
  ram[0x30] = 0x00;
  ram[0x31] = 0x40;
  for (u32 round = 0; round < n; round++) {
    u64 r = rngNext(&seed);
    memcpy(ram + 0x10, &r, 4);
    Cpu c = {.pc = counter, .sp = 0xff};
    execute(&c);
    u64 product;
    memcpy(&product, ram + 0x14, 4);
    sum = mix(mix(sum, product & 0xffffffffu), ram[0x20]);
    sum = mix(sum, ram[0x4100 + (round & 255)]);
  }
  return mix(sum, cycles);
}

KERNEL_MAIN(run)
