// NameSection: the content of the custom section "name", and its encoder.
//
// Entry points: NameSection (maps by index space), encode. Entries are written in the order of
// their indices; empty maps are left out. Spec: appendix/custom, name section;
// extended-name-section proposal for the subsections from labels on.
#pragma once

#include <string>
#include <vector>

#include "engine/encode/byte_writer.h"

namespace bls {

struct NameEntry {
  u32 index = 0;
  std::string name;
  friend bool operator==(const NameEntry&, const NameEntry&) = default;
};
using NameAssoc = std::vector<NameEntry>;  // ascending indices
struct IndirectNames {
  u32 index = 0;
  NameAssoc names;
  friend bool operator==(const IndirectNames&, const IndirectNames&) = default;
};

struct NameSection {
  bool hasModule = false;
  std::string module;
  NameAssoc funcs, types, tables, memories, globals, elems, datas, tags;
  std::vector<IndirectNames> locals;  // by function
  std::vector<IndirectNames> fields;  // by type

  bool empty() const;
  /// The section's content behind its own name.
  std::vector<u8> encode() const;
};

}  // namespace bls
