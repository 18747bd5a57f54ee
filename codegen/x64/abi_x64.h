// Register roles of compiled code on x86-64. Pinned for the whole of a compiled function: the slot
// base of the frame, the execution context, memory 0's base, the fuel left. r12, r13 and rbp cost a
// byte more as a base, so they are none. There is no frame pointer: a native frame is a return
// address.
#pragma once

#include "codegen/masm.h"

namespace bls::codegen::x64 {

constexpr Reg kRax{0}, kRcx{1}, kRdx{2}, kRbx{3}, kRsp{4}, kRbp{5}, kRsi{6}, kRdi{7};
constexpr Reg kR8{8}, kR9{9}, kR10{10}, kR11{11}, kR12{12}, kR13{13}, kR14{14}, kR15{15};

constexpr Reg kSlots = kRbx;    // base of the current wasm frame
constexpr Reg kContext = kR14;  // ExecCtx*
constexpr Reg kMemory = kR15;   // base of memory 0
constexpr Reg kFuel = kR12;     // fuel left in the slice, when metered
constexpr Reg kScratch = kR11;
constexpr FReg kFScratch{15};
constexpr FReg kFScratch2{14};  // of vector operations

/// Registers the allocator may give out, as bit sets.
constexpr u32 kAllocatable = (1u << 0) | (1u << 1) | (1u << 2) | (1u << 6) | (1u << 7) | (1u << 8) |
                             (1u << 9) | (1u << 10) | (1u << 13) | (1u << 5);
constexpr u32 kAllocatableF = 0x3fff;

// Where the CPU wants the operands of some instructions.
constexpr Reg kShiftCount = kRcx;  // of shifts by a register, unless BMI2 is there
constexpr Reg kDividend = kRax;    // dividend, then quotient
constexpr Reg kDivideRest = kRdx;  // clobbered, then remainder
constexpr Reg kCompared = kRax;    // of compare-and-exchange: expected, then found

// Calls.
constexpr Reg kResult = kRax;  // first result, beside its slot
constexpr FReg kFResult{0};
constexpr Reg kStubArgument = kRax;               // FuncCode of a callee, argument of a stub
constexpr Reg kArguments[3] = {kRdx, kRcx, kR8};  // of the run-time library, behind cx and frame
constexpr u32 kFrameWords = 1;                    // from one return address to the next

}  // namespace bls::codegen::x64
