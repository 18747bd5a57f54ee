// Code from the macro assembler as a C++ function: `Assembled f([](MasmX64& m) { ... })` emits,
// adds the return, and keeps the region. The emitted code gets its arguments in the registers of
// the C calling convention and may use every register but the stack pointer.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "codegen/code_space.h"
#include "codegen/x64/masm_x64.h"
#include "engine/base/cpu.h"
#include "tests/codegen/expected.h"

namespace bls::codegen::x64 {

/// The text of all instructions, one a line, by an independent disassembler (Zydis); "?" where it
/// finds none.
std::string disassemble(std::span<const u8> code);

class Assembled {
 public:
  explicit Assembled(const std::function<void(MasmX64&)>& emit, u32 cpu = platform::cpuFeatures(),
                     bool oneView = false)
      : masm_(cpu) {
    static constexpr Reg kSaved[] = {kRbx, kRbp, kR12, kR13, kR14, kR15};
    masm_.landingPad();
    for (Reg r : kSaved) masm_.push(r);
    emit(masm_);
    for (size_t i = std::size(kSaved); i-- > 0;) masm_.pop(kSaved[i]);
    masm_.ret();
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
  MasmX64 masm_;
  std::unique_ptr<CodeSpace> space_;
  const u8* entry_ = nullptr;
};

}  // namespace bls::codegen::x64
