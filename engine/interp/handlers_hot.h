// Handlers of which the tail back end has several copies, by family: the most frequent ones of a
// census over the benchmark corpus.
//
// Why: a processor's predictor of indirect jumps has room for some hundred places in the code it
// runs; beyond that every dispatch is mispredicted. A copy used by one place only always jumps to
// the same target, which needs no such room. The translator deals copies out in turn
// (interpreter.cc).
#pragma once

// clang-format off
#define T0_HOT_CONTROL(X) \
  X(Copy) X(Const32) X(Jump) X(BrNz_A) X(CopyPair) X(BrZ_A) X(CallOwn) X(BrNz_S) X(Return_A) \
  X(FromAcc) X(BrTable_A) X(CallTable_A) X(Return_S) X(Select_A) X(Return32_I) X(BrTableAdd_A) \
  X(BrZ_S) X(Select_S) X(GlobalSet_A) X(Const128) X(BrTable_S) X(CopyVec) X(ConstPair) \
  X(CallTable_S) X(BrTest_SI) X(Return0) X(Const64) X(JumpM) X(BrNzM_A) X(BrZM_A) X(CallOwnM) \
  X(BrNzM_S) X(ReturnM_A) X(BrTableM_A) X(CallTableM_A) X(ReturnM_S) X(Return32M_I) \
  X(BrTableAddM_A) X(BrZM_S) X(BrTableM_S) X(CallTableM_S) X(BrTestM_SI) X(Return0M) X(Charge)
#define T0_HOT_INT(X) \
  X(I32Add_SI) X(I32Add_AS) X(I32Add_SS) X(I32Ne_Inc_I) X(I32And_AIa) X(I64Xor_ASa) \
  X(I32And_SIa) X(I32Add_SIa) X(I64Add_AS) X(I64ShrU_AIa) X(I32Add_AI) X(I32Add_ASa) \
  X(I32Add_AIa) X(I32And_AI) X(I64Mul_AW) X(IncPair) X(I32ShrU_SIa) X(I64Add_SI) X(I32Mul_SI) \
  X(I32Xor_AS) X(ShlAdd2_SAa) X(I32Mul_AIa) X(I32WrapI64_Aa) X(I32Sub_SAa) X(I32Mul_ASa) \
  X(I64Xor_AS) X(I32And_SI) X(I64ShrU_SIa) X(I64Mul_ASa) X(I32Shl_AIa) X(I32Ne_Inc_S) \
  X(I32LtS_AS) X(I32LtU_AI) X(I32Mul_SIa) X(I32Shl_SIa) X(I32Eq_Br_AS) X(I32Rotl_SIa) \
  X(I64And_ASa) X(I32Shl_AI) X(I32Shl_SI) X(I32Ne_Br_AI) X(I32Ne_AI) X(I32Or_ASa) X(I64ShrU_AI) \
  X(ShlAdd2_SS) X(I32Or_AS) X(ShlAdd3_SA) X(I64Popcnt_Aa) X(I32ShrU_AIa) X(I32Sub_SS) \
  X(I32GeU_Br_AS) X(I32ShrU_AI) X(I32Sub_SA) X(I64Mul_AWa) X(I32LeU_Br_AS) X(I64Add_SW) \
  X(I64Rotl_SAa) X(I32Eq_Br_AI) X(I32Ne_Br_AS) X(I64Ne_AI) X(I32ShrU_SI) X(I64ShrU_SI) \
  X(I64And_AS) X(I32GtU_Br_AS) X(I64Xor_SIa) X(ShlAdd3_SS) X(I32Sub_SSa) X(I64Xor_SSa) \
  X(I32Eq_Br_SI) X(I32Or_AI) X(I32WrapI64_A) X(I32LtU_Br_AI) X(I64And_SIa) X(I64Ne_Br_AI) \
  X(I64Add_ASa) X(I32And_SSa) X(I32Eqz_A) X(I32Xor_ASa) X(I32LtU_Br_AS) X(I32Mul_AI) \
  X(I32And_AS) X(I32DivU_SIa) X(ShlAdd1_SAa) X(I32GtS_Br_AI) X(I32Add_SSa) X(I32ShrS_AI) \
  X(I32Rotl_SI) X(I32GtU_Sel_SS) X(I64Rotl_AIa) X(I64RemU_AIa) X(ShlAdd2_SA) X(I32Eq_SI) \
  X(I32And_ASa) X(I32LtS_Br_AI) X(I32Sub_AI) X(I32Or_SSa) X(I32Eq_Br_SS) X(I64Add_AW) \
  X(I32GtU_Sel_AS) X(I32Mul_AS) X(I32Ne_SI) X(I32Rotl_AI) X(I64And_SWa) X(I32GeS_Br_AS) \
  X(I64Add_SS) X(I64Mul_AIa) X(I32LtU_Br_SI) X(I64LtU_Br_AS) X(I64Rotl_SIa) X(I32Ne_IncM_I) \
  X(I32Ne_IncM_S) X(I32Eq_BrM_AS) X(I32Ne_BrM_AI) X(I32GeU_BrM_AS) X(I32LeU_BrM_AS) \
  X(I32Eq_BrM_AI) X(I32Ne_BrM_AS) X(I32GtU_BrM_AS) X(I32Eq_BrM_SI) X(I32LtU_BrM_AI) \
  X(I64Ne_BrM_AI) X(I32LtU_BrM_AS) X(I32GtS_BrM_AI) X(I32LtS_BrM_AI) X(I32Eq_BrM_SS) \
  X(I32GeS_BrM_AS) X(I32LtU_BrM_SI) X(I64LtU_BrM_AS)
#define T0_HOT_MEMORY(X) \
  X(I32Load_GS) X(I32Store_GSA) X(I32Load_GAa) X(I32Load_GSa) X(I64Store_GSA) X(I32Load_GA) \
  X(I32Load8U_GSa) X(I32Load_GXa) X(F64Load_GA) X(I32Load8U_GS) X(F64Store_GSA) \
  X(I32Load8U_GXa) X(I64Load_GS) X(F64Load_GXa) X(I32Store_GSS) X(I64Load_GSa) X(I32Load8U_GA) \
  X(I64Load32U_GAa) X(F64Store_GAA) X(I32Store_GAS) X(I64Store32_GSA) X(F64Load_GS) \
  X(V128Load32Splat_GY) X(V128Load32Zero_GY) X(I64Load32U_GXa) X(I32Store8_GAI) \
  X(I64Load8U_GXa) X(I32Load_GU) X(I32Load8U_GAa) X(F64Load_GX) X(I64Load_GA) X(F64Load_GAa) \
  X(I64Load_GAa) X(I32Load8U_GTa) X(V128Load_GS) X(I32Store8_GSA) X(V128Load_GX) \
  X(I64Load32U_GSa) X(V128Load64Zero_GX) X(I32Load16U_GSa) X(I32Load16U_GS) \
  X(V128Load32Splat_GA) X(I32Load_GX) X(F64Load_GSa) X(I64Store_GSS) X(I32Load8U_GX) \
  X(I32Load8U_GYa) X(I32Load8U_GUa) X(I32Load8S_GUa) X(I32Store16_GSA) X(I32Load_GTa)
#define T0_HOT_FLOAT(X) \
  X(F64Mul_SAa) X(F64Sub_SAa) X(F64Add_SA) X(F64Mul_SSa) X(F64Sub_AS) X(F64Add_SAa) \
  X(F64Mul_SS) X(F64Mul_SA) X(F64Mul_AS) X(F64Sub_SA) X(F64Mul_ASa) X(F64Le_Br_AI) \
  X(F64Sub_SSa) X(F64Add_SSa) X(F64Le_BrM_AI)
#define T0_HOT_SIMD(X) \
  X(F32x4Add_SA) X(I8x16Shuffle_X) X(I32x4Add_SA) X(F32x4Mul_SS) X(F32x4Mul_SA) \
  X(I16x8ExtendLowI8x16U_A) X(I32x4ExtendLowI16x8U_A) X(V128Xor_AS) X(I32x4Add_AS) \
  X(V128And_AS) X(I8x16MaxU_SA) X(I32x4ShrU_SI) X(V128Or_SA) X(I8x16MinU_SS) X(I8x16Sub_SA) \
  X(V128Bitselect_A) X(I32x4Shl_AI) X(I32x4Add_SS) X(I32x4ExtractLane_A) X(V128Bitselect_S) \
  X(I32x4Sub_SS) X(F32x4Le_AS) X(F32x4Sub_SS) X(F32x4Add_SS) X(F32x4Lt_SS) X(F32x4Mul_AS) \
  X(V128Xor_SA) X(I16x8Add_SA) X(V128Store64Lane_L)
#define T0_HOT_GC(X) \
  X(CallRef_S) X(CallRef_A) X(StructGet32_S) X(StructGet32_Sa) X(StructGet32_A) X(StructGet32_Aa) \
  X(ArrayGet32_S) X(ArrayGet32_Sa) X(RefCast_S) X(RefCast_Sa) X(StructSet32)
#define T0_HOT_ATOMIC(X) X(I32AtomicLoad_L)
// clang-format on
