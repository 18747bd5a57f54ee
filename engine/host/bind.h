// bind<F>(name, capability, spec): turns a C++ function into a row of a host module. The wasm
// signature, the slot reads, the pointer checks and the result write are all derived from F's type;
// nothing is decided at run time.
//
//   Errno clockTimeGet(Call& call, u32 clockId, u64 precisionNs, GuestPtr<u64> out);      // (i32
//   i64 i32) -> i32
//
// F's first parameter is a Caller or derived from one and constructible from (ExecCtx*, FuncObj*).
// Results: void, a scalar, an enumeration (an i32, for errno types), or Trap (no wasm result). Spec
// anchor: exec/modules, host functions.
#pragma once

#include <tuple>
#include <utility>

#include "engine/host/abi.h"
#include "engine/host/host_module.h"

namespace bls::host {

template <class R>
constexpr bool kHasResult = !std::is_void_v<R> && !std::is_same_v<R, Trap>;

template <class R>
constexpr ValType::Kind resultType() {
  if constexpr (std::is_enum_v<R>) {
    return ValType::I32;
  } else {
    return kScalarType<R>;
  }
}

template <auto F, bool Is64>
struct Bound;

template <class R, class C, class... A, R (*F)(C&, A...), bool Is64>
struct Bound<F, Is64> {
  static constexpr u32 kParams = (0u + ... + static_cast<u32>(Arg<A, Is64>::kTypes.size()));
  static constexpr u32 kResults = kHasResult<R> ? 1 : 0;

  static constexpr std::array<ValType, kParams> makeParams() {
    std::array<ValType, kParams> types{};
    [[maybe_unused]] u32 n = 0;
    [[maybe_unused]] auto append = [&](const auto& part) {
      for (ValType::Kind kind : part) types[n++] = kind;
    };
    (append(Arg<A, Is64>::kTypes), ...);
    return types;
  }
  static constexpr std::array<ValType, kResults> makeResults() {
    std::array<ValType, kResults> types{};
    if constexpr (kHasResult<R>) types[0] = resultType<R>();
    return types;
  }
  static constexpr std::array<ValType, kParams> kParamTypes = makeParams();
  static constexpr std::array<ValType, kResults> kResultTypes = makeResults();

  static Trap thunk(ExecCtx* cx, FuncObj* self, u64* slots) {
    C caller(cx, self);
    if constexpr (requires { C::kNeedsMemory; }) {
      if (!caller.hasMemory()) return Trap::MissingMemory;
    }
    std::tuple<A...> args;
    if (!readAll(caller, slots, &args, std::index_sequence_for<A...>())) [[unlikely]] {
      return Trap::BadGuestPointer;
    }
    auto call = [&](const A&... a) { return F(caller, a...); };
    if constexpr (std::is_void_v<R>) {
      std::apply(call, args);
    } else if constexpr (std::is_same_v<R, Trap>) {
      caller.raise(std::apply(call, args));
    } else if constexpr (std::is_enum_v<R>) {
      R result = std::apply(call, args);
      slots[0] = toSlot(static_cast<u32>(result));
    } else {
      R result = std::apply(call, args);
      slots[0] = toSlot(result);
    }
    return caller.trap();
  }

 private:
  template <size_t I>
  static constexpr u32 offsetOf() {
    constexpr std::array<size_t, sizeof...(A) + 1> sizes = {Arg<A, Is64>::kTypes.size()..., 0};
    size_t at = 0;
    for (size_t i = 0; i < I; ++i) at += sizes[i];
    return static_cast<u32>(at);
  }
  template <size_t... I>
  static bool readAll(const Caller& caller, const u64* slots, std::tuple<A...>* args,
                      std::index_sequence<I...>) {
    (void)caller, (void)slots, (void)args;
    return (Arg<A, Is64>::read(caller, slots + offsetOf<I>(), &std::get<I>(*args)) && ...);
  }
};

/// The row for F. `name` and `spec` are static strings. Is64 makes pointers and lengths i64, for
/// guests with a 64-bit memory.
template <auto F, bool Is64 = false>
constexpr HostFunc bind(const char* name, Capability capability, const char* spec = "") {
  using B = Bound<F, Is64>;
  return {name, &B::thunk, B::kParamTypes, B::kResultTypes, capability, spec};
}

}  // namespace bls::host
