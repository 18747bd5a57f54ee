// Modules as bytes: hex text with comments, sections with computed sizes, and loading them through
// decoder and validator.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decode/module_decoder.h"
#include "engine/validate/module_validator.h"

namespace bls::testing_support {

using Bytes = std::vector<u8>;

/// "00 61 73" → bytes; white space is free.
inline Bytes hex(std::string_view text) {
  auto digit = [](char c) { return static_cast<u8>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10); };
  Bytes out;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == ' ' || text[i] == '\n') {
      ++i;
      continue;
    }
    out.push_back(static_cast<u8>(digit(text[i]) << 4 | digit(text[i + 1])));
    i += 2;
  }
  return out;
}

inline Bytes leb(u64 value) {
  Bytes out;
  do {
    u8 byte = value & 0x7f;
    value >>= 7;
    out.push_back(static_cast<u8>(value != 0 ? byte | 0x80 : byte));
  } while (value != 0);
  return out;
}

/// A type index as a heap type: a signed LEB, so bit 6 of the last byte stays clear.
inline Bytes heapIndex(u32 index) {
  Bytes out = leb(index);
  if ((out.back() & 0x40) != 0) {
    out.back() |= 0x80;
    out.push_back(0);
  }
  return out;
}

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline Bytes repeat(const Bytes& bytes, size_t times) {
  Bytes out;
  out.reserve(bytes.size() * times);
  for (size_t i = 0; i < times; ++i) out.insert(out.end(), bytes.begin(), bytes.end());
  return out;
}

inline Bytes section(u8 id, const Bytes& payload) {
  return Bytes{id} + leb(payload.size()) + payload;
}
/// A section that is a vector of equal entries.
inline Bytes vectorSection(u8 id, size_t count, const Bytes& entry) {
  return section(id, leb(count) + repeat(entry, count));
}
inline Bytes header() { return hex("00 61 73 6d 01 00 00 00"); }
inline Bytes sized(const Bytes& bytes) { return leb(bytes.size()) + bytes; }

/// A module with one function of type `type` (hex of a type entry) and `body` (hex: locals,
/// instructions, end); `extra` sections stand between function and code section.
inline Bytes oneFunction(std::string_view type, const Bytes& body, const Bytes& extra = {}) {
  return header() + section(1, leb(1) + hex(type)) + hex("03 02 01 00") + extra +
         section(10, leb(1) + sized(body));
}

struct Loaded {
  Diagnostics diag;
  std::unique_ptr<Module> module;
  ModuleMeta meta;
  Status status;
  /// "valid" or the whole error line for file "m".
  std::string line() const { return status.ok() ? "valid" : status.error()->format("m"); }
  bool ok() const { return status.ok(); }
};

inline std::unique_ptr<Loaded> load(const Bytes& bytes, Features features = {},
                                    const ValidateOptions& options = {}) {
  auto loaded = std::make_unique<Loaded>();
  loaded->status =
      decodeModule(ModuleBytes::copyOf(bytes), features, loaded->diag, &loaded->module);
  if (loaded->status.ok())
    loaded->status = validateModule(*loaded->module, options, &loaded->meta, loaded->diag);
  return loaded;
}

struct GoldenCase {
  const char* what;
  const char* hexBytes;
  const char* line;
};

}  // namespace bls::testing_support
