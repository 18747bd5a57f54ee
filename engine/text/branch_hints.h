// HintTable: the branch hints of a module, by function, for printing them at their instructions.
//
// Entry points: HintTable(module), of(func). Hints are printed only when the parser would write an
// equal section from them: one section, directly in front of the code, in order, on `if` and
// `br_if`. Any other is printed as it is, like a custom section nobody knows: see
// reproducesSection. Spec: branch hinting proposal.
#pragma once

#include <span>
#include <vector>

#include "engine/module/module.h"

namespace bls::text {

/// The name of the custom section.
inline constexpr std::string_view kBranchHints = "metadata.code.branch_hint";

class HintTable {
 public:
  struct Hint {
    u32 offset = 0;  // of the instruction, in the body
    u8 value = 0;    // 0 unlikely, 1 likely
  };
  explicit HintTable(const Module& m);

  bool reproducesSection() const { return !hints_.empty(); }
  /// In order; empty for most functions.
  std::span<const Hint> of(u32 func) const;

 private:
  struct Group {
    u32 func = 0;
    u32 first = 0;
    u32 count = 0;
  };
  bool read(const Module& m, const CustomSection& section);

  std::vector<Group> groups_;
  std::vector<Hint> hints_;
};

}  // namespace bls::text
