// Status: success or a pointer to an error; Diagnostics: where errors live; Result<T>: a value or
// an error.
//
// A Status is one pointer, so returning it from a per-instruction function costs one register and
// the failure path stays cold. The Error object is owned by the Diagnostics the caller passed in:
// the first error of a Diagnostics wins and stays valid as long as that object. Status carries no
// ownership. Kinds of errors and their printed form: docs of threat model section 5. Traps are not
// errors (exec/trap.h).
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/ints.h"

namespace bls {

enum class ErrorClass : u8 {
  Malformed,    // the bytes are not a module
  Invalid,      // a module that fails validation
  Unsupported,  // a feature that is switched off, or not executable by this build
  Limit,        // an implementation limit
  Link,         // imports do not match
  Config,       // option or configuration key
  Permission,   // a capability that was not granted
  Io,           // the operating system said no
  Internal,     // always a bug
};

/// Lower-case name as printed in error lines ("malformed", "invalid", …).
const char* errorClassName(ErrorClass cls);

constexpr u64 kNoOffset = ~u64{0};
constexpr u32 kNoFunc = ~u32{0};

struct Error {
  ErrorClass cls = ErrorClass::Internal;
  std::string message;            // spec wording first, detail after it; untrusted parts escaped
  u64 offset = kNoOffset;         // byte offset in the module file
  const char* section = nullptr;  // static string: "type", "code", …
  u32 func = kNoFunc;             // function index when inside one
  u32 line = 0;                   // place in a text module, from 1; 0: not in text
  u32 column = 0;

  /// `error: <class>: <message> [at offset 0x…, <section> section, function <n>] (<file>)`, one
  /// line; in a text module the file is followed by `:<line>:<column>`.
  std::string format(const std::string& file) const;
};

class [[nodiscard]] Status {
 public:
  constexpr Status() = default;
  constexpr explicit Status(const Error* error) : error_(error) {}
  constexpr bool ok() const { return error_ == nullptr; }
  constexpr const Error* error() const { return error_; }

 private:
  const Error* error_ = nullptr;
};

/// Owns the first error reported to it. Not thread safe: one per thread of work.
class Diagnostics {
 public:
  /// Records an error (only the first one is kept) and returns the failed Status.
  [[gnu::cold, gnu::noinline]] Status fail(ErrorClass cls, std::string message,
                                           u64 offset = kNoOffset);
  [[gnu::cold, gnu::noinline]] Status fail(Error error);
  const Error* first() const { return first_.get(); }
  /// The first error, for adding context (section, function) on the way out.
  Error* mutableFirst() { return first_.get(); }
  void clear() { first_.reset(); }

 private:
  std::unique_ptr<Error> first_;
};

/// A value or a failed Status. The value must be default constructible.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Status failed) : status_(failed) {
    DCHECK(!failed.ok());
  }  // NOLINT(google-explicit-constructor)
  bool ok() const { return status_.ok(); }
  Status status() const { return status_; }
  const Error* error() const { return status_.error(); }
  T& value() & {
    DCHECK(ok());
    return value_;
  }
  const T& value() const& {
    DCHECK(ok());
    return value_;
  }
  T&& take() {
    DCHECK(ok());
    return std::move(value_);
  }

 private:
  Status status_;
  T value_{};
};

/// Makes a byte string safe for one log line: control bytes, DEL, C1, bidi overrides and invalid
/// UTF-8 become \xNN / \u{…}; cut after `maxBytes` with "…" (threat model CLI-3).
std::string escapeForMessage(const char* data, size_t size, size_t maxBytes = 256);
inline std::string escapeForMessage(const std::string& s, size_t maxBytes = 256) {
  return escapeForMessage(s.data(), s.size(), maxBytes);
}

}  // namespace bls

#define BLS_CONCAT_INNER(a, b) a##b
#define BLS_CONCAT(a, b) BLS_CONCAT_INNER(a, b)

/// Returns the failed Status (or Result) of `expr` from the enclosing function.
#define TRY(expr)                                                                                  \
  do {                                                                                             \
    if (auto blsTry_ = (expr); BLS_UNLIKELY(!blsTry_.ok())) return ::bls::Status(blsTry_.error()); \
  } while (0)

/// `TRY_ASSIGN(u32 n, reader.u32Leb())`: declares or assigns on success, returns the Status on
/// failure.
#define TRY_ASSIGN(lhs, expr) BLS_TRY_ASSIGN_INNER(BLS_CONCAT(blsResult_, __LINE__), lhs, expr)
#define BLS_TRY_ASSIGN_INNER(tmp, lhs, expr)                      \
  auto tmp = (expr);                                              \
  if (BLS_UNLIKELY(!tmp.ok())) return ::bls::Status(tmp.error()); \
  lhs = tmp.take()
