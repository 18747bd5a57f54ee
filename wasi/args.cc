// Arguments and environment: only what the operator passed. Pointers, then packed, terminated
// strings.
#include "wasi/functions.h"

namespace bls::wasi {
namespace {

u64 bytesOf(const std::vector<std::string>& strings) {
  u64 bytes = 0;
  for (const std::string& s : strings) bytes += s.size() + 1;
  return bytes;
}

Errno sizesGet(const std::vector<std::string>& strings, GuestPtr<u32> count, GuestPtr<u32> bytes) {
  u64 total = bytesOf(strings);
  if (total > 0xffffffff || strings.size() > 0xffffffff) return Errno::Overflow;
  count.store(static_cast<u32>(strings.size()));
  bytes.store(static_cast<u32>(total));
  return Errno::Success;
}

Errno copyOut(Call& call, const std::vector<std::string>& strings, GuestAddress pointers,
              GuestAddress buffer) {
  GuestSpan<u32> table;
  GuestSpan<u8> text;
  if (!GuestSpan<u32>::make(call.memory(), pointers.value, strings.size(), &table) ||
      !GuestSpan<u8>::make(call.memory(), buffer.value, bytesOf(strings), &text)) {
    return call.badPointer();
  }
  u64 at = 0;
  for (size_t i = 0; i < strings.size(); ++i) {
    table.store(i, static_cast<u32>(buffer.value + at));
    std::memcpy(text.data() + at, strings[i].c_str(), strings[i].size() + 1);
    at += strings[i].size() + 1;
  }
  return Errno::Success;
}

}  // namespace

Errno argsSizesGet(Call& call, GuestPtr<u32> count, GuestPtr<u32> bytes) {
  return sizesGet(call.ctx().args(), count, bytes);
}

Errno argsGet(Call& call, GuestAddress pointers, GuestAddress buffer) {
  return copyOut(call, call.ctx().args(), pointers, buffer);
}

Errno environSizesGet(Call& call, GuestPtr<u32> count, GuestPtr<u32> bytes) {
  return sizesGet(call.ctx().env(), count, bytes);
}

Errno environGet(Call& call, GuestAddress pointers, GuestAddress buffer) {
  return copyOut(call, call.ctx().env(), pointers, buffer);
}

}  // namespace bls::wasi
