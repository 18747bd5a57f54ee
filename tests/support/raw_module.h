// RawModule: modules whose sections are given as bytes, for features that ModuleBuilder's letters
// cannot say (reference types, recursion groups, tags, segments). Functions name a type index;
// everything else is a section's entries, counted here. Nothing is checked.
#pragma once

#include <map>

#include "tests/support/module_builder.h"

namespace bls::test {

inline Bytes cat(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

class RawModule {
 public:
  enum Section : u8 { Type = 1, Import = 2, Func = 3, Table = 4, Memory = 5, Global = 6 };
  static constexpr u8 kExport = 7, kElem = 9, kCode = 10, kData = 11, kTag = 13;

  /// Appends an entry to a section; returns its number.
  u32 add(u8 section, const Bytes& entry) {
    Entries& e = sections_[section];
    e.bytes.insert(e.bytes.end(), entry.begin(), entry.end());
    return e.count++;
  }
  u32 type(const Bytes& entry) { return add(Type, entry); }
  /// A function type of value types given as bytes.
  u32 funcType(const Bytes& params, u32 paramCount, const Bytes& results, u32 resultCount) {
    Bytes t{0x60};
    putU32(t, paramCount);
    t.insert(t.end(), params.begin(), params.end());
    putU32(t, resultCount);
    t.insert(t.end(), results.begin(), results.end());
    return type(t);
  }
  /// Exported under `name` if that is not empty. `locals`: the encoded groups.
  u32 func(std::string_view name, u32 typeIndex, const Code& code, const Bytes& locals = {0}) {
    Bytes index;
    putU32(index, typeIndex);
    const u32 f = add(Func, index) + importedFuncs;
    Bytes body = cat({locals, code.bytes, {0x0b}}), entry;
    putU32(entry, body.size());
    add(kCode, cat({entry, body}));
    if (!name.empty()) exported(name, 0, f);
    return f;
  }
  void exported(std::string_view name, u8 kind, u32 index) {
    Bytes e;
    putU32(e, name.size());
    e.insert(e.end(), name.begin(), name.end());
    e.push_back(kind);
    putU32(e, index);
    add(kExport, e);
  }
  /// Makes ref.func of these valid.
  void declare(const std::vector<u32>& funcs) {
    Bytes e{3, 0};
    putU32(e, funcs.size());
    for (u32 f : funcs) putU32(e, f);
    add(kElem, e);
  }
  Bytes build() const {
    Bytes out{0, 'a', 's', 'm', 1, 0, 0, 0};
    for (u8 id : {u8{1}, u8{2}, u8{3}, u8{4}, u8{5}, kTag, u8{6}, kExport, u8{8}, kElem, u8{12},
                  kCode, kData}) {
      if (id == 8) {
        if (start >= 0) putSection(out, 8, {static_cast<u8>(start)});
        continue;
      }
      if (id == 12) {
        auto data = sections_.find(kData);
        if (data != sections_.end()) {
          Bytes count;
          putU32(count, data->second.count);
          putSection(out, 12, count);
        }
        continue;
      }
      auto it = sections_.find(id);
      if (it == sections_.end()) continue;
      Bytes s;
      putU32(s, it->second.count);
      putSection(out, id, cat({s, it->second.bytes}));
    }
    return out;
  }

  u32 importedFuncs = 0;
  i32 start = -1;  // the start function, below 128

 private:
  struct Entries {
    u32 count = 0;
    Bytes bytes;
  };
  std::map<u8, Entries> sections_;
};

}  // namespace bls::test
