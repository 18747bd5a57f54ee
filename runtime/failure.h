// Failure and Expected<T>: results of the embedding API, by value. A Failure is an error with its
// class and place, a guest trap with its backtrace, or the guest's wish to leave (proc_exit).
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "engine/base/status.h"
#include "engine/wasm/traps.h"

namespace bls::embed {

struct Failure {
  enum class Kind : u8 { Error, Trap, Exit };
  Kind kind = Kind::Error;
  Error error;                  // Kind::Error
  bls::Trap trap = Trap::None;  // Kind::Trap
  std::string
      trace;  // Kind::Trap: `trap: <kind> at function …` and the frames, without a final newline
  u32 exitCode = 0;  // Kind::Exit

  /// One line for errors, the trace for traps. `file` is named in errors when not empty.
  std::string text(const std::string& file = {}) const;

  static Failure of(const Error& error) {
    Failure out;
    out.error = error;
    return out;
  }
  static Failure of(ErrorClass cls, std::string message) {
    Failure out;
    out.error.cls = cls;
    out.error.message = std::move(message);
    return out;
  }
};

struct Nothing {};

/// A value or a Failure.
template <class T>
class [[nodiscard]] Expected {
 public:
  Expected(T value) : value_(std::move(value)), ok_(true) {}  // NOLINT(google-explicit-constructor)
  Expected(Failure failure)
      : failure_(std::make_unique<Failure>(std::move(failure))) {
  }  // NOLINT(google-explicit-constructor)
  bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  /// Precondition: ok().
  T& value() {
    CHECK(ok_);
    return value_;
  }
  const T& value() const {
    CHECK(ok_);
    return value_;
  }
  /// Precondition: !ok().
  const Failure& failure() const {
    CHECK(!ok_);
    return *failure_;
  }

 private:
  T value_{};
  std::unique_ptr<Failure> failure_;
  bool ok_ = false;
};

template <>
class [[nodiscard]] Expected<void> : public Expected<Nothing> {
 public:
  using Expected<Nothing>::Expected;
};

}  // namespace bls::embed
