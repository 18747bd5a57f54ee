// H: the number of every handler, and the bodies behind them. Rows live in handlers_*.def; there is
// one enumeration for both back ends. Row macros: HB(id, body) both back ends; HT(id, body) tail
// back end only.
#pragma once

#include "engine/interp/bodies_atomic.h"
#include "engine/interp/bodies_control.h"
#include "engine/interp/bodies_gc.h"
#include "engine/interp/bodies_memory.h"
#include "engine/interp/bodies_refs.h"
#include "engine/interp/bodies_simd.h"
#include "engine/interp/slow.h"

namespace bls::interp {

enum class H : u16 {
#define HB(id, body) id,
#define HT(id, body) id,
#include "engine/interp/handlers_all.def"
#undef HB
#undef HT
  Count
};
constexpr u32 kHandlerCount = static_cast<u32>(H::Count);

constexpr H plus(H base, u32 offset) { return static_cast<H>(static_cast<u32>(base) + offset); }

}  // namespace bls::interp
