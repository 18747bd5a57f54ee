// NameMap: symbolic names of one index space → indices. Names are views that outlive the map.
//
// Few names are searched in order, many through an open-addressed table; clearing keeps the memory,
// so that a map per function costs nothing. Hash flooding is bounded by a seedless but well-mixed
// hash and by the size of the text.
#pragma once

#include <string_view>
#include <vector>

#include "engine/base/ints.h"
#include "engine/text/word_hash.h"

namespace bls::text {

class NameMap {
 public:
  static constexpr u32 kMissing = ~u32{0};

  /// False when the name is taken already.
  bool add(std::string_view name, u32 index) {
    u32 hash = wordHash(name);
    if (findHashed(name, hash) != kMissing) return false;
    entries_.push_back({name, hash, index});
    if (entries_.size() > kLinear) insertSlot(static_cast<u32>(entries_.size() - 1));
    return true;
  }
  u32 find(std::string_view name) const { return findHashed(name, wordHash(name)); }
  void clear() {
    entries_.clear();
    if (!slots_.empty()) slots_.assign(slots_.size() > 4096 ? 0 : slots_.size(), 0);
  }
  bool empty() const { return entries_.empty(); }

 private:
  static constexpr size_t kLinear = 8;
  struct Entry {
    std::string_view name;
    u32 hash;
    u32 index;
  };
  u32 findHashed(std::string_view name, u32 hash) const {
    if (entries_.size() <= kLinear) {
      for (const Entry& entry : entries_) {
        if (entry.hash == hash && entry.name == name) return entry.index;
      }
      return kMissing;
    }
    size_t mask = slots_.size() - 1;
    for (size_t at = hash & mask; slots_[at] != 0; at = (at + 1) & mask) {
      const Entry& entry = entries_[slots_[at] - 1];
      if (entry.hash == hash && entry.name == name) return entry.index;
    }
    return kMissing;
  }
  void insertSlot(u32 entry) {
    if (slots_.size() < entries_.size() * 2) {
      slots_.assign(entries_.size() * 4 < 64 ? 64 : roundUp(entries_.size() * 4), 0);
      for (u32 i = 0; i < entries_.size(); ++i) place(i);
      return;
    }
    if (entries_.size() == kLinear + 1) {
      for (u32 i = 0; i < entry; ++i) place(i);
    }
    place(entry);
  }
  static size_t roundUp(size_t n) {
    size_t power = 64;
    while (power < n) power *= 2;
    return power;
  }
  void place(u32 entry) {
    size_t mask = slots_.size() - 1;
    size_t at = entries_[entry].hash & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = entry + 1;
  }

  std::vector<Entry> entries_;
  std::vector<u32> slots_;  // entry number + 1; 0 is free
};

}  // namespace bls::text
