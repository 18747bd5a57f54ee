// Abilities: what only the program with big libraries can do (`bls-full`; RATIONALE.md, "Why is the
// program linked statically?"). Entry points: abilities, setAbilities.
//
// The runtime calls them through this table, so that the static `bls`, which never sets it, links
// nothing of what is behind it. Whoever needs one asks `abilities() != nullptr` first, and says
// Unsupported without.
#pragma once

#include "extensions/base/extension.h"
#include "extensions/digest.h"
#include "extensions/helper/helper_process.h"
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
  /// As extensions::libraryExtensions.
  std::span<const extensions::ExtensionInfo* const> (*extensions)() = nullptr;
  /// Forks the helper process of extensions with all services there are. Null with `why` when the
  /// system refuses. Thread rule: there is no other thread.
  std::unique_ptr<extensions::HelperProcess> (*startHelper)(const extensions::Settings& settings,
                                                            std::string* why) = nullptr;
};

/// Null where there are none.
const Abilities* abilities();
/// `table` outlives the process's use of it. Thread rule: called before other threads start.
void setAbilities(const Abilities* table);

}  // namespace bls
