// CodeSpace: allocation is a counter. With one view each piece of code starts on a page of its own,
// because the pages of the pieces before it can no longer be written.
#include "codegen/code_space.h"

#include <cstring>

#include "engine/base/check.h"
#include "engine/base/platform.h"

namespace bls::codegen {
namespace {

u64 roundUp(u64 value, u64 unit) { return (value + unit - 1) & ~(unit - 1); }

}  // namespace

std::unique_ptr<CodeSpace> CodeSpace::create(u64 bytes, bool oneView) {
  constexpr u64 kMost = u64{2} << 30;  // every distance inside fits 32 bits
  if (bytes == 0 || bytes > kMost) return nullptr;
  CodePages pages;
  if (!mapCodePages(roundUp(bytes, platform::pageSize()), oneView, &pages)) return nullptr;
  return std::unique_ptr<CodeSpace>(new CodeSpace(pages));
}

CodeSpace::~CodeSpace() { unmapCodePages(pages_); }

u64 CodeSpace::place(u32 align) const {
  DCHECK(align != 0 && (align & (align - 1)) == 0 && align <= platform::pageSize());
  return roundUp(used_, pages_.twoViews() ? align : platform::pageSize());
}

const u8* CodeSpace::add(std::span<const u8> code, u32 align) {
  const u64 before = used_;
  const u8* at = reserve(code.size(), align);
  if (at == nullptr || fill(at, code)) return at;
  used_ = before;
  return nullptr;
}

const u8* CodeSpace::reserve(u64 size, u32 align) {
  const u64 at = place(align);
  if (size == 0 || at > pages_.size || size > pages_.size - at) return nullptr;
  used_ = at + size;
  return pages_.run + at;
}

bool CodeSpace::fill(const u8* to, std::span<const u8> code) {
  const u64 at = static_cast<u64>(to - pages_.run);
  std::memcpy(pages_.write + at, code.data(), code.size());
  if (!pages_.twoViews() &&
      !sealCodePages(pages_, at, roundUp(code.size(), platform::pageSize()))) {
    return false;
  }
  syncInstructions(to, code.size());
  return true;
}

}  // namespace bls::codegen
