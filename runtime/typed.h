// The templates behind typed calls in both directions: C++ signatures to wasm types, callables to
// host functions.
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

#include "engine/host/abi.h"
#include "engine/host/bind.h"

namespace bls::embed {

template <class Signature>
class TypedFunc;

/// Wasm types of `R(A...)` with scalar R and A; R may be void.
template <class Signature>
struct TypedTraits;

template <class R, class... A>
struct TypedTraits<R(A...)> {
  static_assert(((std::is_arithmetic_v<A> && sizeof(A) >= 4) && ...),
                "parameters are i32 u32 i64 u64 f32 f64");
  static bool matches(const FuncType& type) {
    std::vector<ValType> params = {ValType(host::kScalarType<A>)...};
    if (type.params != params) return false;
    if constexpr (std::is_void_v<R>) {
      return type.results.empty();
    } else {
      return type.results.size() == 1 && type.results[0] == ValType(host::kScalarType<R>);
    }
  }
};

/// A callable with state as a host function: the thunk finds it in FuncObj::hostData.
template <class F, class Call = decltype(&F::operator())>
struct CallableTraits;

template <class F, class R, class... A>
struct CallableBase {
  using Views = std::tuple<std::decay_t<A>...>;

  static FuncType type() {
    FuncType out;
    [[maybe_unused]] auto append = [&](const auto& part) {
      for (ValType::Kind kind : part) out.params.push_back(kind);
    };
    (append(host::Arg<std::decay_t<A>, false>::kTypes), ...);
    if constexpr (host::kHasResult<R>) out.results.push_back(host::resultType<R>());
    return out;
  }

  static Trap thunk(ExecCtx* cx, FuncObj* self, u64* slots) {
    host::Caller caller(cx, self);
    Views views;
    if (!read(caller, slots, &views, std::index_sequence_for<A...>())) return Trap::BadGuestPointer;
    auto call = [&](auto&... view) { return (*static_cast<F*>(self->hostData))(caller, view...); };
    if constexpr (std::is_void_v<R>) {
      std::apply(call, views);
    } else if constexpr (std::is_same_v<R, Trap>) {
      caller.raise(std::apply(call, views));
    } else {
      slots[0] = host::toSlot(std::apply(call, views));
    }
    return caller.trap();
  }

 private:
  template <size_t... I>
  static bool read(const host::Caller& caller, const u64* slots, Views* views,
                   std::index_sequence<I...>) {
    (void)caller, (void)slots, (void)views;
    [[maybe_unused]] u32 at = 0;
    [[maybe_unused]] auto next = [&](u32 width) { return slots + std::exchange(at, at + width); };
    return (host::Arg<std::decay_t<A>, false>::read(
                caller, next(static_cast<u32>(host::Arg<std::decay_t<A>, false>::kTypes.size())),
                &std::get<I>(*views)) &&
            ...);
  }
};

template <class F, class R, class... A>
struct CallableTraits<F, R (F::*)(host::Caller&, A...) const> : CallableBase<F, R, A...> {};
template <class F, class R, class... A>
struct CallableTraits<F, R (F::*)(host::Caller&, A...)> : CallableBase<F, R, A...> {};

}  // namespace bls::embed
