// The 128-bit value type of the SIMD semantics, and the instructions that move lanes without
// computing: memory forms, splat, extract, replace, shuffle, swizzle, bitwise, any_true. Entry
// points: Vec (one vector register, passed by value), lanes<T>/vec to see it as lanes, toVec/toV128
// for immediates and storage; functors by instruction name, as in opcodes.def.
// Idea: compiler vector types everywhere, intrinsics only where those compile badly on a target.
// Lane numbers come from validated immediates; they are masked here all the same, never trusted.
// Functors with run-time lane numbers go through memory; these are plain functions, not constexpr.
#pragma once

#include <utility>

#include "engine/wasm/semantics_float.h"
#include "engine/wasm/semantics_memory.h"

#if !defined(BLS_SEM_GENERIC)
#if defined(__SSE2__)
#define BLS_SEM_SSE2 1
#include <emmintrin.h>
#endif
#if defined(__SSSE3__)
#define BLS_SEM_SSSE3 1
#include <tmmintrin.h>
#endif
#if defined(__SSE4_1__)
#define BLS_SEM_SSE41 1
#include <smmintrin.h>
#endif
#if defined(__aarch64__)
#define BLS_SEM_NEON 1
#include <arm_neon.h>
#endif
#endif

// Heads of a vector functor member and of a vector helper.
#define BLS_SEM_V [[gnu::always_inline]] static inline
#define BLS_SEM_V_FUNC [[gnu::always_inline]] inline

namespace bls::sem::inline BLS_SEM_ISA {

/// One v128 in a vector register.
typedef u64 Vec __attribute__((vector_size(16)));

namespace detail {
template <class T>
struct LanesOf {
  typedef T Type __attribute__((vector_size(16)));
};
}  // namespace detail

/// 16 / sizeof(T) lanes, lane 0 first.
template <class T>
using Lanes = typename detail::LanesOf<T>::Type;

template <class T>
constexpr u32 kLaneCount = 16 / sizeof(T);

/// The bits of `value` as lanes of T.
template <class T>
BLS_SEM_V_FUNC Lanes<T> lanes(Vec value) {
  return reinterpret_cast<Lanes<T>>(value);
}
/// The bits of any 16-byte vector as Vec.
template <class V>
BLS_SEM_V_FUNC Vec vec(V value) {
  static_assert(sizeof(V) == 16);
  return reinterpret_cast<Vec>(value);
}

BLS_SEM_V_FUNC Vec toVec(const V128& value) { return readLe<Vec>(value.bytes); }
BLS_SEM_V_FUNC V128 toV128(Vec value) {
  V128 result;
  writeLe(result.bytes, value);
  return result;
}

template <class T>
BLS_SEM_V_FUNC Lanes<T> splat(T value) {
  if constexpr (sizeof(T) == 1) {
    return Lanes<T>{value, value, value, value, value, value, value, value,
                    value, value, value, value, value, value, value, value};
  } else if constexpr (sizeof(T) == 2) {
    return Lanes<T>{value, value, value, value, value, value, value, value};
  } else if constexpr (sizeof(T) == 4) {
    return Lanes<T>{value, value, value, value};
  } else {
    return Lanes<T>{value, value};
  }
}

namespace detail {
/// a0 b0 a1 b1 .. of the low halves.
template <class T>
BLS_SEM_V_FUNC Vec interleaveLow(Vec lhs, Vec rhs) {
  const Lanes<T> a = lanes<T>(lhs), b = lanes<T>(rhs);
  if constexpr (sizeof(T) == 1) {
    return vec(
        __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
  } else if constexpr (sizeof(T) == 2) {
    return vec(__builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
  } else {
    return vec(__builtin_shufflevector(a, b, 0, 4, 1, 5));
  }
}
template <class T>
BLS_SEM_V_FUNC Vec interleaveHigh(Vec lhs, Vec rhs) {
  const Lanes<T> a = lanes<T>(lhs), b = lanes<T>(rhs);
  if constexpr (sizeof(T) == 1) {
    return vec(__builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30,
                                       15, 31));
  } else if constexpr (sizeof(T) == 2) {
    return vec(__builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15));
  } else {
    return vec(__builtin_shufflevector(a, b, 2, 6, 3, 7));
  }
}

/// One half of the lanes of type From, each extended to twice the width by From's signedness.
template <class From, bool kHigh>
BLS_SEM_V_FUNC Vec extendHalf(Vec value) {
  Vec filler = {};
  if constexpr (std::is_signed_v<From> && sizeof(From) == 4) {
    filler = vec(lanes<i32>(value) >> 31);
  } else if constexpr (std::is_signed_v<From>) {
    filler = value;  // any lane in the low place: shifted out again below
    const Vec wide =
        kHigh ? interleaveHigh<From>(filler, value) : interleaveLow<From>(filler, value);
    if constexpr (sizeof(From) == 1) {
      return vec(lanes<i16>(wide) >> 8);
    } else {
      return vec(lanes<i32>(wide) >> 16);
    }
  }
  return kHigh ? interleaveHigh<From>(value, filler) : interleaveLow<From>(value, filler);
}

template <class MemT>
struct VectorLoad : Functor<None, Vec> {
  using Mem = MemT;
  static constexpr u32 kWidth = sizeof(Mem);
};
template <class T>
struct LoadExtend : VectorLoad<u64> {
  BLS_SEM_V Vec fromMemory(u64 value) { return extendHalf<T, false>(Vec{value, 0}); }
  BLS_SEM_V Vec load(const u8* at) { return fromMemory(readLe<u64>(at)); }
};
template <class T>
struct LoadSplat : VectorLoad<T> {
  BLS_SEM_V Vec fromMemory(T value) { return vec(splat<T>(value)); }
  BLS_SEM_V Vec load(const u8* at) { return fromMemory(readLe<T>(at)); }
};
template <class T>
struct LoadZero : VectorLoad<T> {
  BLS_SEM_V Vec fromMemory(T value) { return Vec{value, 0}; }
  BLS_SEM_V Vec load(const u8* at) { return fromMemory(readLe<T>(at)); }
};

template <class T>
BLS_SEM_V_FUNC T laneAt(Vec value, u32 lane) {
  const Lanes<T> all = lanes<T>(value);
  return all[lane & (kLaneCount<T> - 1)];
}
template <class T>
BLS_SEM_V_FUNC Vec withLane(Vec value, u32 lane, T item) {
  Lanes<T> all = lanes<T>(value);
  all[lane & (kLaneCount<T> - 1)] = item;
  return vec(all);
}

template <class T>
struct LoadLane : Functor<Vec, Vec> {
  using Mem = T;
  static constexpr u32 kWidth = sizeof(T);
  static constexpr u32 kLanes = kLaneCount<T>;
  BLS_SEM_V Vec fromMemory(T value, Vec into, u32 lane) { return withLane<T>(into, lane, value); }
};
template <class T>
struct StoreLane : Functor<Vec, None> {
  using Mem = T;
  static constexpr u32 kWidth = sizeof(T);
  static constexpr u32 kLanes = kLaneCount<T>;
  BLS_SEM_V T toMemory(Vec value, u32 lane) { return laneAt<T>(value, lane); }
};

/// Slot: the scalar's slot type; T: the lane type.
template <class Slot, class T>
struct Splat : Functor<Slot, Vec> {
  BLS_SEM_V Vec eval(Slot value) { return vec(splat<T>(static_cast<T>(value))); }
};
template <class Slot, class T>
struct ExtractLane : Functor<Vec, Slot> {
  static constexpr u32 kLanes = kLaneCount<T>;
  BLS_SEM_V Slot eval(Vec value, u32 lane) { return static_cast<Slot>(laneAt<T>(value, lane)); }
};
template <class Slot, class T>
struct ReplaceLane : Functor<Vec, Vec> {
  using Item = Slot;
  static constexpr u32 kLanes = kLaneCount<T>;
  BLS_SEM_V Vec eval(Vec into, Slot item, u32 lane) {
    return withLane<T>(into, lane, static_cast<T>(item));
  }
};
}  // namespace detail

// Memory forms: Mem and kWidth as for the scalar ones.
struct V128Load : detail::VectorLoad<Vec> {
  BLS_SEM_V Vec fromMemory(Vec value) { return value; }
  BLS_SEM_V Vec load(const u8* at) { return readLe<Vec>(at); }
};
struct V128Store : Functor<Vec, None> {
  using Mem = Vec;
  static constexpr u32 kWidth = 16;
  BLS_SEM_V Vec toMemory(Vec value) { return value; }
  BLS_SEM_V void store(u8* at, Vec value) { writeLe(at, value); }
};
using V128Load8x8S = detail::LoadExtend<i8>;
using V128Load8x8U = detail::LoadExtend<u8>;
using V128Load16x4S = detail::LoadExtend<i16>;
using V128Load16x4U = detail::LoadExtend<u16>;
using V128Load32x2S = detail::LoadExtend<i32>;
using V128Load32x2U = detail::LoadExtend<u32>;
using V128Load8Splat = detail::LoadSplat<u8>;
using V128Load16Splat = detail::LoadSplat<u16>;
using V128Load32Splat = detail::LoadSplat<u32>;
using V128Load64Splat = detail::LoadSplat<u64>;
using V128Load32Zero = detail::LoadZero<u32>;
using V128Load64Zero = detail::LoadZero<u64>;
using V128Load8Lane = detail::LoadLane<u8>;
using V128Load16Lane = detail::LoadLane<u16>;
using V128Load32Lane = detail::LoadLane<u32>;
using V128Load64Lane = detail::LoadLane<u64>;
using V128Store8Lane = detail::StoreLane<u8>;
using V128Store16Lane = detail::StoreLane<u16>;
using V128Store32Lane = detail::StoreLane<u32>;
using V128Store64Lane = detail::StoreLane<u64>;

// Lanes to and from scalars.
using I8x16Splat = detail::Splat<u32, u8>;
using I16x8Splat = detail::Splat<u32, u16>;
using I32x4Splat = detail::Splat<u32, u32>;
using I64x2Splat = detail::Splat<u64, u64>;
using F32x4Splat = detail::Splat<f32, f32>;
using F64x2Splat = detail::Splat<f64, f64>;
using I8x16ExtractLaneS = detail::ExtractLane<u32, i8>;
using I8x16ExtractLaneU = detail::ExtractLane<u32, u8>;
using I16x8ExtractLaneS = detail::ExtractLane<u32, i16>;
using I16x8ExtractLaneU = detail::ExtractLane<u32, u16>;
using I32x4ExtractLane = detail::ExtractLane<u32, u32>;
using I64x2ExtractLane = detail::ExtractLane<u64, u64>;
using F32x4ExtractLane = detail::ExtractLane<f32, f32>;
using F64x2ExtractLane = detail::ExtractLane<f64, f64>;
using I8x16ReplaceLane = detail::ReplaceLane<u32, u8>;
using I16x8ReplaceLane = detail::ReplaceLane<u32, u16>;
using I32x4ReplaceLane = detail::ReplaceLane<u32, u32>;
using I64x2ReplaceLane = detail::ReplaceLane<u64, u64>;
using F32x4ReplaceLane = detail::ReplaceLane<f32, f32>;
using F64x2ReplaceLane = detail::ReplaceLane<f64, f64>;

namespace detail {
/// table[select[i]] for every byte i, put together in registers: a vector load of sixteen bytes
/// just stored one by one would stall.
BLS_SEM_V_FUNC Vec gatherBytes(const u8* table, Vec select) {
  // A fold, because g++ keeps a loop of eight at -O2.
  const auto half = [table]<u32... kByte>(u64 indices, std::integer_sequence<u32, kByte...>) {
    return ((u64{table[(indices >> (8 * kByte)) & 0xff]} << (8 * kByte)) | ...);
  };
  using AllBytes = std::make_integer_sequence<u32, 8>;
  return Vec{half(select[0], AllBytes{}), half(select[1], AllBytes{})};
}
}  // namespace detail

/// Byte i of the result is byte select[i] of lhs:rhs. select: the 16 lane numbers of the immediate,
/// < 32.
struct I8x16Shuffle : Functor<Vec, Vec> {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs, Vec select) {
#if defined(BLS_SEM_SSSE3)
    // pshufb gives 0 where the index has bit 7 set: numbers of the other operand are made to have
    // it.
    const __m128i index = reinterpret_cast<__m128i>(select);
    const __m128i low =
        _mm_shuffle_epi8(reinterpret_cast<__m128i>(lhs), _mm_adds_epu8(index, _mm_set1_epi8(0x70)));
    const __m128i high =
        _mm_shuffle_epi8(reinterpret_cast<__m128i>(rhs), _mm_sub_epi8(index, _mm_set1_epi8(16)));
    return vec(_mm_or_si128(low, high));
#elif defined(BLS_SEM_NEON)
    const uint8x16x2_t table = {{ vreinterpretq_u8_u64(lhs), vreinterpretq_u8_u64(rhs) }};
    return vec(vqtbl2q_u8(table, vreinterpretq_u8_u64(select)));
#else
    alignas(16) u8 table[32];
    writeLe(table, lhs);
    writeLe(table + 16, rhs);
    return detail::gatherBytes(table, select & vec(splat<u8>(31)));
#endif
  }
};

/// Byte i of the result is byte select[i] of value, 0 if select[i] is 16 or more.
struct I8x16Swizzle : Functor<Vec, Vec> {
  BLS_SEM_V Vec eval(Vec value, Vec select) {
#if defined(BLS_SEM_SSSE3)
    return vec(
        _mm_shuffle_epi8(reinterpret_cast<__m128i>(value),
                         _mm_adds_epu8(reinterpret_cast<__m128i>(select), _mm_set1_epi8(0x70))));
#elif defined(BLS_SEM_NEON)
    return vec(vqtbl1q_u8(vreinterpretq_u8_u64(value), vreinterpretq_u8_u64(select)));
#else
    alignas(16) u8 table[32] = {};
    writeLe(table, value);
    const Lanes<u8> index = lanes<u8>(select), zero = splat<u8>(16);  // table[16] is 0
    return detail::gatherBytes(table, vec(index < zero ? index : zero));
#endif
  }
};

struct V128Not : Functor<Vec, Vec> {
  BLS_SEM_V Vec eval(Vec value) { return ~value; }
};
struct V128And : Functor<Vec, Vec> {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return lhs & rhs; }
};
struct V128Andnot : Functor<Vec, Vec> {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return lhs & ~rhs; }
};
struct V128Or : Functor<Vec, Vec> {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return lhs | rhs; }
};
struct V128Xor : Functor<Vec, Vec> {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return lhs ^ rhs; }
};
/// Bits of lhs where mask is 1, of rhs where it is 0.
struct V128Bitselect : Functor<Vec, Vec> {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs, Vec mask) { return (lhs & mask) | (rhs & ~mask); }
};
struct V128AnyTrue : Functor<Vec, u32> {
  BLS_SEM_V u32 eval(Vec value) { return (value[0] | value[1]) != 0; }
};

}  // namespace bls::sem::inline BLS_SEM_ISA
