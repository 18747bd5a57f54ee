// Abilities: what only the program with big libraries can do (`bls-full`; RATIONALE.md, "Why is the
// program linked statically?"). Entry points: abilities, setAbilities.
//
// The runtime calls them through this table, so that the static `bls`, which never sets it, links
// nothing of what is behind it. Whoever needs one asks `abilities() != nullptr` first, and says
// Unsupported without.
#pragma once

#include "extensions/digest.h"
#include "extensions/native_library.h"

namespace bls {

struct Abilities {
  /// As Digest::make.
  std::unique_ptr<Digest> (*newDigest)(DigestKind kind);
  /// As bls::digestOf.
  bool (*digestOf)(DigestKind kind, std::span<const u8> bytes, u8* out);
  /// As bls::callNativeLibrary.
  NativeCall (*callNativeLibrary)(const std::string& path, const char* symbol,
                                  std::string_view text, int* result, std::string* why);
};

/// Null where there are none.
const Abilities* abilities();
/// `table` outlives the process's use of it. Thread rule: called before other threads start.
void setAbilities(const Abilities* table);

}  // namespace bls
