// Code from the macro assembler as a C++ function: `Assembled f([](MasmA64& m) { ... })` emits,
// adds the return, and keeps the region. The emitted code gets its arguments in x0 to x2, answers
// in x0, and may use every register but the stack pointer and x18.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "codegen/a64/masm_a64.h"
#include "codegen/code_space.h"
#include "engine/base/cpu.h"
#include "tests/codegen/expected.h"

namespace bls::codegen::a64 {

/// The text of all instructions, one a line, by the GNU disassembler; empty when there is none
/// here. Numbers are as it prints them, places relative to the first instruction.
std::string disassemble(std::span<const u8> code);

class Assembled {
 public:
  explicit Assembled(const std::function<void(MasmA64&)>& emit, bool oneView = false,
                     u32 cpu = platform::cpuFeatures())
      : masm_(cpu) {
    static constexpr Reg kSaved[][2] = {{kX19, kX20}, {kX21, kX22}, {kX23, kX24},
                                        {kX25, kX26}, {kX27, kX28}, {kX29, kLink}};
    masm_.landingPad();
    for (const auto& two : kSaved) masm_.pushPair(two[0], two[1]);
    for (u8 i = 8; i < 16; i += 2) masm_.pushPairF(FReg{i}, FReg{static_cast<u8>(i + 1)});
    emit(masm_);
    for (u8 i = 16; i > 8; i -= 2) {
      masm_.popPairF(FReg{static_cast<u8>(i - 2)}, FReg{static_cast<u8>(i - 1)});
    }
    for (size_t i = std::size(kSaved); i-- > 0;) masm_.popPair(kSaved[i][0], kSaved[i][1]);
    masm_.leave();
    const std::span<const u8> code = masm_.finish();
    EXPECT_FALSE(code.empty());
    space_ = CodeSpace::create(code.size() + 1, oneView);
    EXPECT_NE(space_, nullptr);
    if (space_ != nullptr) entry_ = space_->add(code);
    EXPECT_NE(entry_, nullptr);
  }
  u64 operator()(u64 a = 0, u64 b = 0, u64 c = 0) const {
    return reinterpret_cast<u64 (*)(u64, u64, u64)>(const_cast<u8*>(entry_))(a, b, c);
  }

 private:
  MasmA64 masm_;
  std::unique_ptr<CodeSpace> space_;
  const u8* entry_ = nullptr;
};

struct Placement {
  Reg d, a, b;
};
/// Low and high registers, with the result as either operand or apart.
inline constexpr Placement kPlacements[] = {{kX0, kX1, kX2},   {kX1, kX1, kX9},   {kX9, kX10, kX9},
                                            {kX28, kX15, kX8}, {kX16, kX3, kX28}, {kX8, kX8, kX8},
                                            {kX2, kX0, kX2}};

/// Arguments (x0, x1) to the placement, then `emit`, then the result to x0.
inline Assembled binary(const Placement& p, const std::function<void(MasmA64&)>& emit) {
  return Assembled([&](MasmA64& m) {
    m.move(Width::W64, kX14, kX0);
    m.move(Width::W64, p.b, kX1);
    m.move(Width::W64, p.a, kX14);  // one register: the first argument in both
    emit(m);
    m.move(Width::W64, kX0, p.d);
  });
}

}  // namespace bls::codegen::a64
