// Register roles of compiled code on AArch64. Pinned for the whole of a compiled function: the slot
// base of the frame, the execution context, memory 0's base, the fuel left. C++ keeps x19 to x28,
// so the pinned registers survive the run-time library. x18 belongs to the platform; x29 is the
// frame pointer of the C++ code around. v8 to v15 are C++'s too and are not used, so that no stub
// saves them.
//
// A native frame is the link register on the stack, which every function pushes first; the stack
// pointer stays a multiple of 16.
#pragma once

#include "codegen/masm.h"

namespace bls::codegen::a64 {

constexpr Reg kX0{0}, kX1{1}, kX2{2}, kX3{3}, kX4{4}, kX5{5}, kX6{6}, kX7{7}, kX8{8}, kX9{9};
constexpr Reg kX10{10}, kX11{11}, kX12{12}, kX13{13}, kX14{14}, kX15{15}, kX16{16}, kX17{17};
constexpr Reg kX19{19}, kX20{20}, kX21{21}, kX22{22}, kX23{23}, kX24{24}, kX25{25}, kX26{26};
constexpr Reg kX27{27}, kX28{28}, kX29{29}, kLink{30};
// One hardware number, by context; the encoder tells them apart by bit 5.
constexpr Reg kSp{31}, kZero{63};

constexpr Reg kSlots = kX19;    // base of the current wasm frame
constexpr Reg kContext = kX20;  // ExecCtx*
constexpr Reg kMemory = kX21;   // base of memory 0
constexpr Reg kFuel = kX22;     // fuel left in the slice, when metered
constexpr Reg kScratch = kX16;
constexpr Reg kTemp = kX17;  // within one operation of the macro assembler
constexpr FReg kFScratch{31};
constexpr FReg kFScratch2{30};  // of vector operations; the neighbour, for tables of two registers

/// Registers the allocator may give out, as bit sets: x0 to x15, x23 to x28; v0 to v7, v16 to v29.
constexpr u32 kAllocatable = 0x1f80ffff;
constexpr u32 kAllocatableF = 0x3fff00ff;

// Calls.
constexpr Reg kResult = kX0;  // first result, beside its slot
constexpr FReg kFResult{0};
constexpr Reg kStubArgument = kX9;              // FuncCode of a callee, argument of a stub
constexpr Reg kArguments[3] = {kX2, kX3, kX4};  // of the run-time library, behind cx and frame
constexpr u32 kFrameWords = 2;                  // from one return address to the next

}  // namespace bls::codegen::a64
