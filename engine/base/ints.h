// Fixed-width integer and float aliases used everywhere, plus the 128-bit vector payload type.
// Entry points: u8 … i64, f32, f64, V128. No behaviour lives here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace bls {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i8 = std::int8_t;
using i16 = std::int16_t;
using i32 = std::int32_t;
using i64 = std::int64_t;
using f32 = float;
using f64 = double;

/// 16 raw bytes in wasm (little-endian lane) order. Storage and immediates only: arithmetic happens
/// on the vector types of wasm/semantics_simd.h.
struct alignas(8) V128 {
  u8 bytes[16];
  friend bool operator==(const V128& a, const V128& b) {
    return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
  }
};

}  // namespace bls
