// CodeSpace: where compiled code lives. One region per module, written once, executed from another
// view; code never moves, so code of one function may call another by distance.
//
// Entry points: create, add; reserve and fill. Code is finished elsewhere and copied in: whatever
// is in the region is complete. Thread rule: add and reserve from one thread at a time; contains
// from any thread and from a signal handler. Design: engine design 2.3, threat model JIT-5.
#pragma once

#include <memory>
#include <span>

#include "codegen/platform_code_pages.h"

namespace bls::codegen {

class CodeSpace {
 public:
  /// A region of at least `bytes`; null when the system refuses. `oneView`: for tests of the
  /// fallback.
  static std::unique_ptr<CodeSpace> create(u64 bytes, bool oneView = false);
  ~CodeSpace();
  CodeSpace(const CodeSpace&) = delete;
  CodeSpace& operator=(const CodeSpace&) = delete;

  /// Copies finished code in and makes it executable; its address, aligned to `align` (a power of
  /// two, at most the page size), or null when there is no room or the system refuses.
  const u8* add(std::span<const u8> code, u32 align = 16);
  /// Room for code that is put there by fill; its address, or null. What is there until then must
  /// not be run.
  const u8* reserve(u64 size, u32 align = 16);
  /// Copies finished code to where reserve has made room for it and makes it executable; false when
  /// the system refuses. Thread safe.
  bool fill(const u8* at, std::span<const u8> code);
  /// The address the next add of that alignment will give.
  const u8* next(u32 align = 16) const { return pages_.run + place(align); }

  bool contains(const void* pc) const {
    const u8* at = static_cast<const u8*>(pc);
    return at >= pages_.run && at < pages_.run + pages_.size;
  }
  const u8* base() const { return pages_.run; }
  u64 used() const { return used_; }
  u64 size() const { return pages_.size; }
  bool twoViews() const { return pages_.twoViews(); }

 private:
  explicit CodeSpace(const CodePages& pages) : pages_(pages) {}
  u64 place(u32 align) const;

  CodePages pages_;
  u64 used_ = 0;
};

}  // namespace bls::codegen
