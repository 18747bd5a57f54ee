// What the vector tests know of AArch64: the registers an operation may be given and code between
// their loads and stores. Included by vector_code.h.
#pragma once

#include "codegen/op_semantics.h"
#include "tests/codegen/assembled_a64.h"

namespace bls::codegen {

using namespace a64;
using Masm = MasmA64;
using sem::Vec;

/// Of two NaNs a signalling one comes out.
inline constexpr bool kSignallingFirst = true;

/// All registers an operation may be given. v30, v31, x16, x17 are scratch, x28 points here.
struct State {
  static constexpr u32 kVectors = 30;
  Vec v[kVectors];
  u64 g[16];
};

inline constexpr Reg kScalars[] = {kX0, kX1, kX7, kX10, kX15};

class VectorCode {
 public:
  VectorCode(u32, const std::function<void(MasmA64&)>& operation)
      : code_([&](MasmA64& m) { emit(m, operation); }) {}

  State operator()(const State& in) const {
    Frame frame{in, in};
    code_(reinterpret_cast<u64>(&frame));
    return frame.out;
  }

 private:
  struct Frame {
    State in, out;
  };
  static Address at(size_t offset) { return Address::at(kX28, static_cast<i32>(offset)); }
  static void emit(MasmA64& m, const std::function<void(MasmA64&)>& operation) {
    constexpr size_t kOut = offsetof(Frame, out);
    m.move(Width::W64, kX28, kX0);
    for (u8 i = 0; i < State::kVectors; ++i) {
      m.vectorLoad(Op::V128Load, FReg{i}, at(offsetof(State, v) + i * sizeof(Vec)));
    }
    for (u8 i = 0; i < 16; ++i) m.load(Access::U64, Reg{i}, at(offsetof(State, g) + i * 8u));
    operation(m);
    for (u8 i = 0; i < 16; ++i) m.store(8, at(kOut + offsetof(State, g) + i * 8u), Reg{i});
    for (u8 i = 0; i < State::kVectors; ++i) {
      m.vectorStore(at(kOut + offsetof(State, v) + i * sizeof(Vec)), FReg{i});
    }
  }

  Assembled code_;
};

/// There is one set of features.
inline std::vector<u32> vectorCpus() { return {platform::cpuFeatures()}; }
inline bool canRunVectors() { return true; }

}  // namespace bls::codegen
