// What the vector tests know of x86-64: the registers an operation may be given, code between their
// loads and stores, and sets of CPU features. Included by vector_code.h.
#pragma once

#include "codegen/op_semantics.h"
#include "tests/codegen/assembled.h"

namespace bls::codegen {

using namespace x64;
using Masm = MasmX64;
using sem::Vec;

/// Products of NaNs give the first operand.
inline constexpr bool kSignallingFirst = false;

/// All registers an operation may be given. xmm14, xmm15, r11 are scratch, rdi points here.
struct State {
  static constexpr u32 kVectors = 14;
  Vec v[kVectors];
  u64 g[16];
};

inline constexpr u32 kUsableG = 0xffff & ~(1u << kRdi.code | 1u << kRsp.code | 1u << kScratch.code);
inline constexpr Reg kScalars[] = {kRax, kRcx, kRsi, kR8, kR13};

class VectorCode {
 public:
  VectorCode(u32 cpu, const std::function<void(MasmX64&)>& operation)
      : code_([&](MasmX64& m) { emit(m, operation); }, cpu) {}

  State operator()(const State& in) const {
    Frame frame{in, in};
    code_(reinterpret_cast<u64>(&frame));
    return frame.out;
  }

 private:
  struct Frame {
    State in, out;
  };
  static Address at(size_t offset) { return Address::at(kRdi, static_cast<i32>(offset)); }
  static void emit(MasmX64& m, const std::function<void(MasmX64&)>& operation) {
    constexpr size_t kOut = offsetof(Frame, out);
    for (u8 i = 0; i < State::kVectors; ++i) {
      m.vectorLoad(Op::V128Load, FReg{i}, at(offsetof(State, v) + i * sizeof(Vec)));
    }
    for (u8 i = 0; i < 16; ++i) {
      if ((kUsableG >> i & 1) != 0) m.load(Access::U64, Reg{i}, at(offsetof(State, g) + i * 8u));
    }
    m.push(kRdi);
    operation(m);
    m.pop(kRdi);
    for (u8 i = 0; i < 16; ++i) {
      if ((kUsableG >> i & 1) != 0) m.store(8, at(kOut + offsetof(State, g) + i * 8u), Reg{i});
    }
    for (u8 i = 0; i < State::kVectors; ++i) {
      m.vectorStore(at(kOut + offsetof(State, v) + i * sizeof(Vec)), FReg{i});
    }
  }

  Assembled code_;
};

/// All the CPU has, the base alone, and what lies between.
inline std::vector<u32> vectorCpus() {
  using platform::Cpu;
  using platform::cpuBit;
  const u32 all = platform::cpuFeatures();
  return {all, cpuBit(Cpu::Sse41), all & ~cpuBit(Cpu::Avx2),
          all & (cpuBit(Cpu::Sse41) | cpuBit(Cpu::Sse42))};
}
inline bool canRunVectors() { return platform::cpuHas(platform::cpuBit(platform::Cpu::Sse41)); }

}  // namespace bls::codegen
