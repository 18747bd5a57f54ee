// abi.h: how C++ parameters of host functions stand for wasm parameters, and the checked views of
// guest memory.
//
// Entry points: Caller (who calls), GuestPtr<T>, GuestSpan<T>, GuestString, and the Arg<> traits
// that bind.h reads. A view is only ever made by its trait: pointer and length are taken as
// unsigned, range and alignment checked in 64 bits before the host function runs, and a bad one is
// Trap::BadGuestPointer. Views are valid during the call they were made for, as long as the host
// function does not call back into the guest: memories never shrink, and only unshared ones move,
// in grow. Memory shared with other threads may change under a view: load once, validate the copy,
// use the copy.
#pragma once

#include <array>
#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "engine/object/instance.h"

namespace bls::host {

/// The caller's exported memory as it is now: no memory is a memory of no bytes.
struct GuestMemory {
  u8* base = nullptr;
  u64 size = 0;
  /// True when [address, address+length) lies inside; wrap free. A length of 0 is allowed up to the
  /// end.
  bool contains(u64 address, u64 length) const {
    return length <= size && address <= size - length;
  }
};

/// First parameter of every host function (or a class derived from it). Lives for one call.
class Caller {
 public:
  Caller(ExecCtx* cx, const FuncObj* self) : cx_(cx), self_(self) {}
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  ExecCtx* cx() const { return cx_; }
  const FuncObj* self() const { return self_; }
  GuestMemory memory() const {
    const MemoryObj* memory = cx_->instance != nullptr ? cx_->instance->exportedMemory : nullptr;
    if (memory == nullptr) return {};
    return {memory->base, memory->size.load(std::memory_order_acquire)};
  }

  /// False when the calling instance exports no memory. A class with `kNeedsMemory` makes that a
  /// trap (bind.h).
  bool hasMemory() const {
    return cx_->instance != nullptr && cx_->instance->exportedMemory != nullptr;
  }

  /// Ends the call with a trap whatever the function returns; the first one wins.
  void raise(Trap trap) {
    if (trap_ == Trap::None) trap_ = trap;
  }
  Trap trap() const { return trap_; }

 private:
  ExecCtx* cx_;
  const FuncObj* self_;
  Trap trap_ = Trap::None;
};

/// How a value lies in guest memory: kSize, kAlign, load, store. Scalars are here; structures
/// specialise it. Little endian.
template <class T>
struct Wire {
  static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>, "specialise Wire for structures");
  static constexpr u64 kSize = sizeof(T);
  static constexpr u64 kAlign = sizeof(T);
  static T load(const u8* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
  static void store(u8* at, T value) { std::memcpy(at, &value, sizeof value); }
};

/// A checked pointer to one T.
template <class T>
class GuestPtr {
 public:
  T load() const { return Wire<T>::load(at_); }
  void store(const T& value) const { Wire<T>::store(at_, value); }
  /// False when range or alignment is bad.
  static bool make(const GuestMemory& memory, u64 address, GuestPtr* out) {
    if (address % Wire<T>::kAlign != 0 || !memory.contains(address, Wire<T>::kSize)) return false;
    out->at_ = memory.base + address;
    return true;
  }

 private:
  u8* at_ = nullptr;
};

/// A checked pointer and element count: two wasm parameters.
template <class T>
class GuestSpan {
 public:
  u64 size() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// Precondition: i < size().
  T load(u64 i) const { return Wire<T>::load(data_ + i * Wire<T>::kSize); }
  void store(u64 i, const T& value) const { Wire<T>::store(data_ + i * Wire<T>::kSize, value); }
  u8* data() const { return data_; }
  std::span<u8> bytes() const { return {data_, static_cast<size_t>(count_ * Wire<T>::kSize)}; }
  static bool make(const GuestMemory& memory, u64 address, u64 count, GuestSpan* out) {
    if (address % Wire<T>::kAlign != 0 || count > memory.size / Wire<T>::kSize) return false;
    if (!memory.contains(address, count * Wire<T>::kSize)) return false;
    out->data_ = memory.base + address;
    out->count_ = count;
    return true;
  }

 private:
  u8* data_ = nullptr;
  u64 count_ = 0;
};

/// Bytes with a length, not terminated, of any content. Copy before validating the content.
class GuestString {
 public:
  u64 size() const { return bytes_.size(); }
  /// Precondition: the caller has compared size() with its own limit.
  std::string copy() const {
    return {reinterpret_cast<const char*>(bytes_.data()), static_cast<size_t>(size())};
  }
  static bool make(const GuestMemory& memory, u64 address, u64 length, GuestString* out) {
    return GuestSpan<u8>::make(memory, address, length, &out->bytes_);
  }

 private:
  GuestSpan<u8> bytes_;
};

/// An address that the function checks itself, because its length is not a parameter. See
/// Caller::memory.
struct GuestAddress {
  u64 value = 0;
};

/// Arg<T, Is64>: the wasm parameters T stands for, and reading it from the slots. Is64: pointers
/// and lengths are i64.
template <class T, bool Is64>
struct Arg;

template <class T>
constexpr ValType::Kind kScalarType = std::is_same_v<T, f32>   ? ValType::F32
                                      : std::is_same_v<T, f64> ? ValType::F64
                                      : sizeof(T) == 8         ? ValType::I64
                                                               : ValType::I32;

template <class T>
T slotTo(u64 slot) {
  if constexpr (std::is_floating_point_v<T>) {
    T value;
    std::memcpy(&value, &slot, sizeof value);
    return value;
  } else {
    return static_cast<T>(slot);
  }
}

template <class T>
u64 toSlot(T value) {
  u64 slot = 0;
  if constexpr (std::is_floating_point_v<T>) {
    std::memcpy(&slot, &value, sizeof value);
  } else if constexpr (sizeof(T) == 8) {
    slot = static_cast<u64>(value);
  } else {
    slot = static_cast<u32>(value);  // i32 results are zero extended
  }
  return slot;
}

// Only the full-width wasm scalars: a narrower C++ parameter would drop bits the guest sent.
template <class T, bool Is64>
  requires(std::is_arithmetic_v<T> && sizeof(T) >= 4)
struct Arg<T, Is64> {
  static constexpr std::array<ValType::Kind, 1> kTypes = {kScalarType<T>};
  static bool read(const Caller&, const u64* slots, T* out) {
    *out = slotTo<T>(slots[0]);
    return true;
  }
};

template <bool Is64>
constexpr ValType::Kind kAddressType = Is64 ? ValType::I64 : ValType::I32;

template <bool Is64>
u64 slotToAddress(u64 slot) {
  return Is64 ? slot : static_cast<u32>(slot);
}

template <bool Is64>
struct Arg<GuestAddress, Is64> {
  static constexpr std::array<ValType::Kind, 1> kTypes = {kAddressType<Is64>};
  static bool read(const Caller&, const u64* slots, GuestAddress* out) {
    out->value = slotToAddress<Is64>(slots[0]);
    return true;
  }
};

template <class T, bool Is64>
struct Arg<GuestPtr<T>, Is64> {
  static constexpr std::array<ValType::Kind, 1> kTypes = {kAddressType<Is64>};
  static bool read(const Caller& caller, const u64* slots, GuestPtr<T>* out) {
    return GuestPtr<T>::make(caller.memory(), slotToAddress<Is64>(slots[0]), out);
  }
};

template <class View, bool Is64>
struct PairArg {
  static constexpr std::array<ValType::Kind, 2> kTypes = {kAddressType<Is64>, kAddressType<Is64>};
  static bool read(const Caller& caller, const u64* slots, View* out) {
    return View::make(caller.memory(), slotToAddress<Is64>(slots[0]), slotToAddress<Is64>(slots[1]),
                      out);
  }
};

template <class T, bool Is64>
struct Arg<GuestSpan<T>, Is64> : PairArg<GuestSpan<T>, Is64> {};
template <bool Is64>
struct Arg<GuestString, Is64> : PairArg<GuestString, Is64> {};

}  // namespace bls::host
