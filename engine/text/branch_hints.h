// BranchHints: the custom section metadata.code.branch_hint of a module, as annotations can say it.
//
// Entry points: the constructor reads the section; of() gives the hints of a function. There are
// none unless printing them as annotations and reading these back makes the same section: it
// stands directly before the code section, is the only one, every hint is 0 or 1 at an `if` or
// `br_if`, in ascending order and shortest encoding. Otherwise it stays a custom section like any
// other. Spec: branch hinting, binary format.
#pragma once

#include <map>
#include <vector>

#include "engine/module/module.h"

namespace bls::text {

inline constexpr char kBranchHints[] = "metadata.code.branch_hint";

struct BranchHint {
  u32 offset = 0;  // of the instruction, from the start of the function's body
  u8 value = 0;
};

class BranchHints {
 public:
  explicit BranchHints(const Module& m);
  const std::vector<BranchHint>& of(u32 func) const;
  /// True when of() says all that the custom section `index` holds.
  bool stands(u32 index) const { return index == section_; }

 private:
  bool read(const Module& m, const CustomSection& custom);

  std::map<u32, std::vector<BranchHint>> funcs_;
  u32 section_ = ~u32{0};
};

}  // namespace bls::text
