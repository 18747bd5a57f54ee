// Bytecode machine: a stack machine with variable-length instructions, locals, calls and an array,
// dispatched by one switch; it runs a sieve, a sort, a recursive function and a string hash.
//
// Size: number of rounds over the four bytecode programs.
#include "bench/programs/kernels/kernel.h"

enum {
  kPush,
  kPush8,
  kLoad,
  kStore,
  kTeeLocal,
  kAdd,
  kSub,
  kMul,
  kDiv,
  kRem,
  kAnd,
  kXor,
  kShr,
  kLess,
  kEqual,
  kNotZero,
  kJump,
  kJumpIfZero,
  kGetItem,
  kSetItem,
  kCall,
  kReturn,
  kDrop,
  kDup,
  kHalt
};

enum { kCodeMax = 1024, kStackMax = 4096, kItems = 4096, kFrameMax = 512 };

static u8 code[kCodeMax];
static u32 codeLength;
static u32 items[kItems];
static u64 executed;

static void op(u8 o) { code[codeLength++] = o; }
static void op1(u8 o, u8 a) {
  op(o);
  op(a);
}
static void push(u32 v) {
  if (v < 256) {
    op1(kPush8, (u8)v);
  } else {
    op(kPush);
    memcpy(code + codeLength, &v, 4);
    codeLength += 4;
  }
}
static u32 jump(u8 o) {
  op(o);
  codeLength += 2;
  return codeLength - 2;
}
static void patch(u32 at, u32 target) {
  code[at] = (u8)target;
  code[at + 1] = (u8)(target >> 8);
}
static void jumpTo(u8 o, u32 target) { patch(jump(o), target); }
static void binaryLocals(u8 o, u8 a, u8 b) {
  op1(kLoad, a);
  op1(kLoad, b);
  op(o);
}
static void addTo(u8 local, u32 v) {
  op1(kLoad, local);
  push(v);
  op(kAdd);
  op1(kStore, local);
}

// Sieve over items[0 .. argument): returns the number of primes.
static u32 assembleSieve(void) {
  u32 entry = codeLength;
  push(2);
  op1(kStore, 1);
  push(0);
  op1(kStore, 3);
  u32 outer = codeLength;
  binaryLocals(kLess, 1, 0);
  u32 end = jump(kJumpIfZero);
  op1(kLoad, 1);
  op(kGetItem);
  push(0);
  op(kEqual);
  u32 skip = jump(kJumpIfZero);
  addTo(3, 1);
  binaryLocals(kAdd, 1, 1);
  op1(kStore, 2);
  u32 inner = codeLength;
  binaryLocals(kLess, 2, 0);
  u32 innerEnd = jump(kJumpIfZero);
  op1(kLoad, 2);
  push(1);
  op(kSetItem);
  binaryLocals(kAdd, 2, 1);
  op1(kStore, 2);
  jumpTo(kJump, inner);
  patch(innerEnd, codeLength);
  patch(skip, codeLength);
  addTo(1, 1);
  jumpTo(kJump, outer);
  patch(end, codeLength);
  op1(kLoad, 3);
  op(kReturn);
  return entry;
}

// Insertion sort of items[0 .. argument); returns the middle element.
static u32 assembleSort(void) {
  u32 entry = codeLength;
  push(1);
  op1(kStore, 1);
  u32 outer = codeLength;
  binaryLocals(kLess, 1, 0);
  u32 end = jump(kJumpIfZero);
  op1(kLoad, 1);
  op(kGetItem);
  op1(kStore, 3);
  op1(kLoad, 1);
  op1(kStore, 2);
  u32 inner = codeLength;
  op1(kLoad, 2);
  u32 stopZero = jump(kJumpIfZero);
  op1(kLoad, 3);
  op1(kLoad, 2);
  push(1);
  op(kSub);
  op(kGetItem);
  op1(kTeeLocal, 4);
  op(kLess);
  u32 stopOrder = jump(kJumpIfZero);
  op1(kLoad, 2);
  op1(kLoad, 4);
  op(kSetItem);
  op1(kLoad, 2);
  push(1);
  op(kSub);
  op1(kStore, 2);
  jumpTo(kJump, inner);
  patch(stopZero, codeLength);
  patch(stopOrder, codeLength);
  op1(kLoad, 2);
  op1(kLoad, 3);
  op(kSetItem);
  addTo(1, 1);
  jumpTo(kJump, outer);
  patch(end, codeLength);
  op1(kLoad, 0);
  push(1);
  op(kShr);
  op(kGetItem);
  op(kReturn);
  return entry;
}

// f(n) = n < 2 ? n : f(n - 1) + f(n - 2) + 1
static u32 assembleRecursion(void) {
  u32 entry = codeLength;
  op1(kLoad, 0);
  push(2);
  op(kLess);
  u32 more = jump(kJumpIfZero);
  op1(kLoad, 0);
  op(kReturn);
  patch(more, codeLength);
  op1(kLoad, 0);
  push(1);
  op(kSub);
  jumpTo(kCall, entry);
  op1(kLoad, 0);
  push(2);
  op(kSub);
  jumpTo(kCall, entry);
  op(kAdd);
  push(1);
  op(kAdd);
  op(kReturn);
  return entry;
}

// Folds items[0 .. argument) into a hash with multiplications, shifts and remainders.
static u32 assembleHash(void) {
  u32 entry = codeLength;
  push(5381);
  op1(kStore, 1);
  push(0);
  op1(kStore, 2);
  u32 loop = codeLength;
  binaryLocals(kLess, 2, 0);
  u32 end = jump(kJumpIfZero);
  op1(kLoad, 1);
  push(33);
  op(kMul);
  op1(kLoad, 2);
  op(kGetItem);
  op(kXor);
  op(kDup);
  push(13);
  op(kShr);
  op(kXor);
  op1(kTeeLocal, 1);
  push(7);
  op(kRem);
  op(kNotZero);
  u32 skip = jump(kJumpIfZero);
  addTo(1, 77777);
  patch(skip, codeLength);
  addTo(2, 1);
  jumpTo(kJump, loop);
  patch(end, codeLength);
  op1(kLoad, 1);
  op(kReturn);
  return entry;
}

static u32 fetch16(u32 pc) { return code[pc] | (u32)code[pc + 1] << 8; }

// Runs from `entry` with one argument; every frame has six locals, the argument is local 0.
static u32 interpret(u32 entry, u32 argument) {
  static u32 stack[kStackMax], locals[kFrameMax * 6], returns[kFrameMax];
  u32 pc = entry, sp = 0, frame = 0;
  u32* local = locals;
  local[0] = argument;
  for (;;) {
    executed++;
    switch (code[pc++]) {
      case kPush:
        memcpy(&stack[sp++], code + pc, 4);
        pc += 4;
        break;
      case kPush8:
        stack[sp++] = code[pc++];
        break;
      case kLoad:
        stack[sp++] = local[code[pc++]];
        break;
      case kStore:
        local[code[pc++]] = stack[--sp];
        break;
      case kTeeLocal:
        local[code[pc++]] = stack[sp - 1];
        break;
      case kAdd:
        sp--;
        stack[sp - 1] += stack[sp];
        break;
      case kSub:
        sp--;
        stack[sp - 1] -= stack[sp];
        break;
      case kMul:
        sp--;
        stack[sp - 1] *= stack[sp];
        break;
      case kDiv:
        sp--;
        stack[sp - 1] = stack[sp] ? stack[sp - 1] / stack[sp] : 0;
        break;
      case kRem:
        sp--;
        stack[sp - 1] = stack[sp] ? stack[sp - 1] % stack[sp] : 0;
        break;
      case kAnd:
        sp--;
        stack[sp - 1] &= stack[sp];
        break;
      case kXor:
        sp--;
        stack[sp - 1] ^= stack[sp];
        break;
      case kShr:
        sp--;
        stack[sp - 1] >>= stack[sp] & 31;
        break;
      case kLess:
        sp--;
        stack[sp - 1] = stack[sp - 1] < stack[sp];
        break;
      case kEqual:
        sp--;
        stack[sp - 1] = stack[sp - 1] == stack[sp];
        break;
      case kNotZero:
        stack[sp - 1] = stack[sp - 1] != 0;
        break;
      case kJump:
        pc = fetch16(pc);
        break;
      case kJumpIfZero:
        pc = stack[--sp] ? pc + 2 : fetch16(pc);
        break;
      case kGetItem:
        stack[sp - 1] = items[stack[sp - 1] % kItems];
        break;
      case kSetItem:
        sp -= 2;
        items[stack[sp] % kItems] = stack[sp + 1];
        break;
      case kCall:
        returns[frame++] = pc + 2;
        local += 6;
        local[0] = stack[--sp];
        pc = fetch16(pc);
        break;
      case kReturn:
        if (frame == 0) return stack[sp - 1];
        pc = returns[--frame];
        local -= 6;
        break;
      case kDrop:
        sp--;
        break;
      case kDup:
        stack[sp] = stack[sp - 1];
        sp++;
        break;
      default:
        return 0;
    }
  }
}

static u64 run(u32 n) {
  u64 seed = 127, sum = 0;
  u32 sieve = assembleSieve(), sort = assembleSort();
  u32 recursion = assembleRecursion(), hash = assembleHash();
  for (u32 round = 0; round < n; round++) {
    memset(items, 0, sizeof items);
    sum = mix(sum, interpret(sieve, 2000 + round % 100));
    for (u32 i = 0; i < 100; i++) items[i] = (u32)rngNext(&seed) >> 8;
    sum = mix(sum, interpret(hash, 2000));
    sum = mix(sum, interpret(sort, 100));
    sum = mix(sum, interpret(recursion, 14 + round % 3));
  }
  return mix(sum, executed);
}

KERNEL_MAIN(run)
