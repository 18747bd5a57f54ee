// Handlers of which the tail back end has several copies, by family: the most frequent ones of a census over the benchmark corpus.
//
// Why: a processor's predictor of indirect jumps has room for some hundred places in the code it runs; beyond that every
// dispatch is mispredicted. A copy used by one place only always jumps to the same target, which needs no such room. The
// translator deals copies out in turn (interpreter.cc).
#pragma once

#define T0_HOT_CONTROL(X) \
  X(Copy) X(Const32) X(Jump) X(BrNz_A) X(CopyPair) X(BrZ_A) X(CallOwn) X(BrNz_S) X(Return_A) \
  X(FromAcc) X(BrTable_A) X(CallTable_A) X(Return_S) X(Select_A) X(Return32_I) X(BrTableAdd_A) \
  X(BrZ_S)
#define T0_HOT_INT(X) \
  X(I32Add_SI) X(I32Add_AS) X(I32Add_SS) X(I32Ne_Inc_I) X(I32And_AIa) X(I64Xor_ASa) X(I32And_SIa) \
  X(I32Add_SIa) X(I64Add_AS) X(I64ShrU_AIa) X(I32Add_AI) X(I32Add_ASa) X(I32Add_AIa) X(I32And_AI) \
  X(I64Mul_AW) X(IncPair) X(I32ShrU_SIa) X(I64Add_SI) X(I32Mul_SI) X(I32Xor_AS) X(ShlAdd2_SAa) \
  X(I32Mul_AIa) X(I32WrapI64_Aa) X(I32Sub_SAa) X(I32Mul_ASa) X(I64Xor_AS) X(I32And_SI) \
  X(I64ShrU_SIa) X(I64Mul_ASa) X(I32Shl_AIa) X(I32Ne_Inc_S) X(I32LtS_AS)
#define T0_HOT_MEMORY(X) \
  X(I32Load_GS) X(I32Store_GSA) X(I32Load_GAa) X(I32Load_GSa) X(I64Store_GSA) X(I32Load_GA) \
  X(I32Load8U_GSa) X(I32Load_GXa) X(F64Load_GA) X(I32Load8U_GS) X(F64Store_GSA) X(I32Load8U_GXa) \
  X(I64Load_GS) X(F64Load_GXa) X(I32Store_GSS) X(I64Load_GSa) X(I32Load8U_GA) X(I64Load32U_GAa) \
  X(F64Store_GAA) X(I32Store_GAS) X(I64Store32_GSA) X(F64Load_GS) X(V128Load32Splat_GY) \
  X(V128Load32Zero_GY)
#define T0_HOT_FLOAT(X) \
  X(F64Mul_SAa) X(F64Sub_SAa) X(F64Add_SA) X(F64Mul_SSa) X(F64Sub_AS) X(F64Add_SAa) X(F64Mul_SS)
#define T0_HOT_SIMD(X) \
  X(F32x4Add_SA) X(I8x16Shuffle_X) X(I32x4Add_SA) X(F32x4Mul_SS) X(F32x4Mul_SA) \
  X(I16x8ExtendLowI8x16U_A) X(I32x4ExtendLowI16x8U_A) X(V128Xor_AS) X(I32x4Add_AS) X(V128And_AS)
