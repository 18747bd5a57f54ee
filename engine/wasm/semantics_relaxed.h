// Relaxed SIMD with one fixed outcome per instruction, the same in every tier and on every machine:
// the deterministic profile of the spec. multiply-add rounds twice (mul, then add), min and max are
// the strict ones, truncations and q15mulr saturate, swizzle gives 0 out of range, laneselect is
// bitselect, dot products take both operands as signed and saturate the one pair that overflows 16
// bits. Compilers (codegen/) must produce exactly these results. Rows of opcodes.def that are a
// strict instruction name its functor; here is the rest.
#pragma once

#include "engine/wasm/semantics_simd_float.h"

namespace bls::sem::inline BLS_SEM_ISA {

/// lhs * rhs + addend, rounded twice. The product is a value of its own, so that a compiler which
/// contracts expressions leaves it alone; -ffp-contract=off makes sure.
template <class T>
struct RelaxedMadd : VectorArithmetic<T> {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs, Vec addend) {
    const Lanes<T> product = lanes<T>(lhs) * lanes<T>(rhs);
    return vec(product + lanes<T>(addend));
  }
};
/// -(lhs * rhs) + addend, rounded twice.
template <class T>
struct RelaxedNmadd : VectorArithmetic<T> {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs, Vec addend) {
    const Lanes<T> product = lanes<T>(lhs) * lanes<T>(rhs);
    return vec(lanes<T>(addend) - product);
  }
};
using F32x4RelaxedMadd = RelaxedMadd<f32>;
using F32x4RelaxedNmadd = RelaxedNmadd<f32>;
using F64x2RelaxedMadd = RelaxedMadd<f64>;
using F64x2RelaxedNmadd = RelaxedNmadd<f64>;

struct I16x8RelaxedDotI8x16I7x16S : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) {
    const Vec even =
        vec(lanes<u16>(detail::evenLanes<i8>(lhs)) * lanes<u16>(detail::evenLanes<i8>(rhs)));
    const Vec odd =
        vec(lanes<u16>(detail::oddLanes<i8>(lhs)) * lanes<u16>(detail::oddLanes<i8>(rhs)));
    return LaneAddSat<i16>::eval(even, odd);
  }
};
struct I32x4RelaxedDotI8x16I7x16AddS : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs, Vec addend) {
    const Vec pairs = I16x8RelaxedDotI8x16I7x16S::eval(lhs, rhs);
    return LaneAdd<u32>::eval(ExtaddPairwise<i16>::eval(pairs), addend);
  }
};

}  // namespace bls::sem::inline BLS_SEM_ISA
