// Feature switches, from features.def. Features is a small value copied into every decoder and
// validator.
#pragma once

#include <string_view>

#include "engine/base/ints.h"

namespace bls {

enum class Feature : u8 {
#define FEATURE(name, flag, enabled, where) name,
#include "engine/wasm/features.def"
#undef FEATURE
};

struct FeatureInfo {
  const char* flag;
  bool enabledByDefault;
  const char* where;
};

inline constexpr FeatureInfo kFeatureInfo[] = {
#define FEATURE(name, flag, enabled, where) {flag, enabled, where},
#include "engine/wasm/features.def"
#undef FEATURE
};
constexpr u32 kFeatureCount = sizeof kFeatureInfo / sizeof kFeatureInfo[0];

class Features {
 public:
  /// The defaults of features.def.
  constexpr Features() {
    for (u32 i = 0; i < kFeatureCount; ++i) {
      if (kFeatureInfo[i].enabledByDefault) bits_ |= u32{1} << i;
    }
  }
  static constexpr Features all() {
    Features f;
    f.bits_ = (u32{1} << kFeatureCount) - 1;
    return f;
  }
  /// WebAssembly 1.0 and nothing newer (conformance 1.1, profile-1.0).
  static constexpr Features profile10() {
    Features f;
    f.bits_ = 0;
    f.set(Feature::Mvp, true);
    f.set(Feature::MutableGlobals, true);
    return f;
  }
  constexpr bool has(Feature f) const { return (bits_ >> static_cast<u32>(f)) & 1; }
  constexpr void set(Feature f, bool on) {
    u32 bit = u32{1} << static_cast<u32>(f);
    bits_ = on ? bits_ | bit : bits_ & ~bit;
  }
  constexpr u32 bits() const { return bits_; }
  friend constexpr bool operator==(Features, Features) = default;

  /// Feature by its flag name ("simd"); false when there is none.
  static bool byName(std::string_view flag, Feature* out) {
    for (u32 i = 0; i < kFeatureCount; ++i) {
      if (flag == kFeatureInfo[i].flag) {
        *out = static_cast<Feature>(i);
        return true;
      }
    }
    return false;
  }

 private:
  u32 bits_ = 0;
};

}  // namespace bls
