// All instruction semantics, and the compile-time check that every row of opcodes.def names a
// functor of the shape its class and signature demand: a missing or mistyped functor is a compile
// error here, with the instruction's name. For users that handle whole classes of instructions
// generically.
#pragma once

#include "engine/wasm/opcodes.h"
#include "engine/wasm/semantics.h"
#include "engine/wasm/semantics_convert.h"
#include "engine/wasm/semantics_float.h"
#include "engine/wasm/semantics_memory.h"
#include "engine/wasm/semantics_relaxed.h"
#include "engine/wasm/semantics_simd.h"
#include "engine/wasm/semantics_simd_float.h"
#include "engine/wasm/semantics_simd_int.h"

namespace bls::sem::inline BLS_SEM_ISA {

namespace detail {
/// Slot type of a letter of the `sig` column.
template <char Letter>
struct SlotOf;
template <>
struct SlotOf<'i'> {
  using Type = u32;
};
template <>
struct SlotOf<'l'> {
  using Type = u64;
};
template <>
struct SlotOf<'f'> {
  using Type = f32;
};
template <>
struct SlotOf<'d'> {
  using Type = f64;
};
template <>
struct SlotOf<'v'> {
  using Type = Vec;
};
}  // namespace detail

/// Slot type of operand or result number N of an instruction whose signature is not special.
template <Op O, u32 N>
using ParamSlot = typename detail::SlotOf<OpTag<O>::kInfo.params[N]>::Type;
template <Op O, u32 N>
using ResultSlot = typename detail::SlotOf<OpTag<O>::kInfo.results[N]>::Type;

namespace detail {
template <class S, class R, class... Args>
concept Evaluates = requires(Args... args) {
  { S::eval(args...) } -> std::same_as<R>;
};
template <class S, class... Args>
concept Traps = !S::kTraps || requires(Args... args) {
  { S::check(args...) } -> std::same_as<Trap>;
};
template <class S, class Slot, class... Rest>
concept LoadsFrom = requires(typename S::Mem mem, Rest... rest) {
  { S::fromMemory(mem, rest...) } -> std::same_as<Slot>;
} && S::kWidth == sizeof(typename S::Mem);
template <class S, class Slot, class... Rest>
concept StoresTo = requires(Slot value, Rest... rest) {
  { S::toMemory(value, rest...) } -> std::same_as<typename S::Mem>;
} && S::kWidth == sizeof(typename S::Mem);

template <class S, Op O>
constexpr bool hasMemoryShape() {
  constexpr OpClass kClass = OpTag<O>::kInfo.cls;
  constexpr u32 kWidth = 1u << OpTag<O>::kInfo.aux;
  if constexpr (kClass == OpClass::AtomicWait) {
    return std::is_same_v<S, ParamSlot<O, 1>> && sizeof(S) == kWidth;
  } else if constexpr (S::kWidth != kWidth) {
    return false;
  } else if constexpr (kClass == OpClass::Load || kClass == OpClass::VLoad ||
                       kClass == OpClass::AtomicLoad) {
    return LoadsFrom<S, ResultSlot<O, 0>> && std::is_same_v<typename S::Res, ResultSlot<O, 0>>;
  } else if constexpr (kClass == OpClass::Store || kClass == OpClass::VStore ||
                       kClass == OpClass::AtomicStore) {
    return StoresTo<S, ParamSlot<O, 1>> && std::is_same_v<typename S::Arg, ParamSlot<O, 1>>;
  } else if constexpr (kClass == OpClass::VLoadLane) {
    return LoadsFrom<S, Vec, Vec, u32> && S::kLanes * kWidth == 16;
  } else if constexpr (kClass == OpClass::VStoreLane) {
    return StoresTo<S, Vec, u32> && S::kLanes * kWidth == 16;
  } else if constexpr (kClass == OpClass::AtomicRmw) {
    using Mem = typename S::Mem;
    return LoadsFrom<S, ResultSlot<O, 0>> && StoresTo<S, ParamSlot<O, 1>> &&
           std::is_same_v<decltype(S::apply(Mem{}, Mem{})), Mem>;
  } else if constexpr (kClass == OpClass::AtomicCmpxchg) {
    using Mem = typename S::Mem;
    using Slot = ParamSlot<O, 1>;
    return LoadsFrom<S, Slot> && std::is_same_v<decltype(S::apply(Mem{}, Slot{}, Slot{})), Mem>;
  } else {
    return false;
  }
}

template <class S, Op O>
constexpr bool hasValueShape() {
  constexpr const OpInfo& kInfo = OpTag<O>::kInfo;
  constexpr OpClass kClass = kInfo.cls;
  if constexpr (kClass == OpClass::Wide) {
    constexpr bool kPairs = kInfo.paramCount == 4;
    return kPairs ? Evaluates<S, WideResult, u64, u64, u64, u64>
                  : Evaluates<S, WideResult, u64, u64>;
  } else if constexpr (!std::is_same_v<typename S::Res, ResultSlot<O, 0>> ||
                       !std::is_same_v<typename S::Arg, ParamSlot<O, 0>>) {
    return false;
  } else if constexpr (kClass == OpClass::VExtract) {
    return Evaluates<S, ResultSlot<O, 0>, Vec, u32> && S::kLanes == kInfo.aux;
  } else if constexpr (kClass == OpClass::VReplace) {
    return Evaluates<S, Vec, Vec, ParamSlot<O, 1>, u32> && S::kLanes == kInfo.aux;
  } else if constexpr (kClass == OpClass::VShuffle) {
    return Evaluates<S, Vec, Vec, Vec, Vec>;
  } else if constexpr (kInfo.paramCount == 1) {
    return Evaluates<S, ResultSlot<O, 0>, ParamSlot<O, 0>> && Traps<S, ParamSlot<O, 0>>;
  } else if constexpr (kInfo.paramCount == 2) {
    return Evaluates<S, ResultSlot<O, 0>, ParamSlot<O, 0>, ParamSlot<O, 1>> &&
           Traps<S, ParamSlot<O, 0>, ParamSlot<O, 1>>;
  } else {
    return Evaluates<S, ResultSlot<O, 0>, ParamSlot<O, 0>, ParamSlot<O, 1>, ParamSlot<O, 2>>;
  }
}

/// Classes whose rows must name a functor; the others must not, but for AtomicWait (a width).
constexpr bool isPure(OpClass cls) {
  return (cls >= OpClass::Load && cls <= OpClass::AtomicCmpxchg) || cls == OpClass::AtomicWait;
}

template <class S, Op O>
constexpr bool hasShape() {
  constexpr const OpInfo& kInfo = OpTag<O>::kInfo;
  if constexpr (!isPure(kInfo.cls)) {
    return std::is_same_v<S, None>;
  } else if constexpr (std::is_same_v<S, None> || kInfo.special) {
    return false;
  } else if constexpr (kInfo.params[0] == 'a') {
    return hasMemoryShape<S, O>();
  } else {
    return hasValueShape<S, O>();
  }
}
}  // namespace detail

#define OP(name, prefix, code, text, imm, sig, cls, aux, semantics, feature) \
  static_assert(detail::hasShape<BLS_UNPAREN semantics, Op::name>(), text);
#include "engine/wasm/opcodes.def"
#undef OP

}  // namespace bls::sem::inline BLS_SEM_ISA
