// Frame shared by every benchmark kernel: integer aliases, a fixed random generator, a checksum
// mixer and `main`.
//
// A kernel defines one function `u64 run(u32 n)` and ends with KERNEL_MAIN(run). The program takes
// the amount of work as its only argument and prints one line, the checksum in hexadecimal.
// The same source is compiled natively and to wasm32, so nothing that reaches the checksum may
// depend on pointer size, on libm, or on floating-point contraction.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t i8;
typedef int16_t i16;
typedef int32_t i32;
typedef int64_t i64;
typedef float f32;
typedef double f64;

// One step of SplitMix64; the only source of input data.
static inline u64 rngNext(u64* state) {
  u64 z = (*state += 0x9e3779b97f4a7c15ull);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

// Uniform enough for test data: a value in [0, bound).
static inline u32 rngBelow(u64* state, u32 bound) {
  return (u32)(((rngNext(state) >> 32) * bound) >> 32);
}

// A multiple of 2^-32 in [0, 1), exact in both builds.
static inline f64 rngUnit(u64* state) { return (f64)(rngNext(state) >> 32) * (1.0 / 4294967296.0); }

// Order-dependent checksum step.
static inline u64 mix(u64 sum, u64 value) {
  sum ^= value;
  sum *= 0x100000001b3ull;
  return sum ^ (sum >> 29);
}

static inline u64 mixF64(u64 sum, f64 value) {
  u64 bits;
  memcpy(&bits, &value, sizeof bits);
  return mix(sum, bits);
}

static inline void* allocate(size_t bytes) {
  void* block = malloc(bytes);
  if (block == NULL) {
    fprintf(stderr, "kernel: out of memory\n");
    exit(2);
  }
  return block;
}

#define KERNEL_MAIN(runFunction)                                          \
  int main(int argc, char** argv) {                                       \
    if (argc != 2) {                                                      \
      fprintf(stderr, "usage: %s SIZE\n", argc > 0 ? argv[0] : "kernel"); \
      return 2;                                                           \
    }                                                                     \
    u32 size = (u32)strtoul(argv[1], NULL, 10);                           \
    printf("%016llx\n", (unsigned long long)runFunction(size));           \
    return 0;                                                             \
  }
