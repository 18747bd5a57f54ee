// FuncNames: function names of the custom "name" section, for traces and listings.
//
// Made on demand (a module that never traps never pays). The section is a hint: whatever is
// ill-formed in it ends the reading and what was read until then counts; it never fails a load.
// Names are guest text: escape them before printing. Spec: appendix/custom, name section.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/module/module.h"

namespace bls {

class FuncNames {
 public:
  /// Reads the section of `m`, which outlives this object. Linear in the section's size.
  explicit FuncNames(const Module& m);

  /// The name of a function of the index space, or an empty view.
  std::string_view find(u32 funcIndex) const;
  /// find(), else the name of its first function export, else the names of its import; escaped.
  /// Empty when it has none.
  std::string display(u32 funcIndex) const;
  /// Name of the module itself, may be empty.
  std::string_view moduleName() const { return moduleName_; }

 private:
  struct Entry {
    u32 func;
    std::string_view name;
  };
  void readFunctions(class ByteReader& in);

  const Module& m_;
  std::vector<Entry> entries_;  // by function index, first name wins
  std::string_view moduleName_;
};

}  // namespace bls
